"""A phone's own words over adb: out of its apps' tables, kept, read anew when an app changes, and done without."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from automator.journeys import unlink
from automator.phone.remote import PAGE
from automator.phone.wordcache import words_folder
from automator.phone.words import AppWords
from automator.practice.rom import ROMS
from tests.build_tables import plain
from tests.conftest import ATLAS, PHONES, MakePlugged, Plugged, ScriptedOwner

WANTED = ATLAS.strings()
SETTINGS, ACCOUNT = "com.android.settings", "com.xiaomi.account"


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def words(phone: Plugged) -> dict[str, AppWords]:
    connected = phone.connect()
    return connected.words(WANTED, connected.facts())


def written(phone: Plugged) -> dict[str, dict[str, str]]:
    """What the ROM's file says of the wanted names, in the phone's language."""
    rom, language = phone.device.rom, phone.device.state.language
    return {
        package: {name: plain(text) for name, text in rom.labels(package, language).items() if name in names}
        for package, names in WANTED.items()
        if package in rom.packages
    }


def texts(read: dict[str, AppWords]) -> dict[str, dict[str, str]]:
    return {
        package: dict(app.texts)
        for package, app in read.items()
        if app.texts is not None and app.origin != "absent"
    }


@pytest.mark.parametrize(("rom", "language"), PHONES)
@pytest.mark.parametrize("dd", [True, False], ids=["in parts", "pulled"])
def test_the_words_are_those_of_the_phone(plug: MakePlugged, rom: str, language: str, dd: bool) -> None:
    phone = plug(rom, language, dd=dd)
    read = words(phone)
    assert texts(read) == written(phone)
    assert all(app.origin in ("phone", "absent") for app in read.values())
    assert bool(phone.device.requests["sync.recv"]) is not dd


def test_only_the_bytes_that_are_needed_are_read(plug: MakePlugged) -> None:
    phone = plug("hyperos2")
    words(phone)
    apps = [package for package in WANTED if package in phone.device.rom.packages]
    sizes = sum(phone.device.files.size(phone.device.rom.packages[package].apk) for package in apps)
    assert phone.device.requests["exec"] * PAGE < sizes / 2
    assert not phone.device.requests["sync.recv"]


@pytest.mark.parametrize("without", [(), ("com.xiaomi.finddevice",)], ids=["all there", "one absent"])
def test_what_was_read_once_is_kept(plug: MakePlugged, without: tuple[str, ...]) -> None:
    phone = plug("miui14", "ru")
    for package in without:
        del phone.device.packages[package]
    first = words(phone)
    streams = phone.device.requests["exec"]
    again = words(phone)
    assert texts(again) == texts(first)
    assert {app.origin for app in again.values()} <= {"cache", "absent"}
    assert phone.device.requests["exec"] == streams


def _update(phone: Plugged) -> None:
    phone.device.update_app(ACCOUNT, 999999, "2026-11-20 10:00:00")


def _german(phone: Plugged) -> None:
    phone.device.state.language = "de"


@pytest.mark.parametrize(("change", "anew"), [(_update, {ACCOUNT}), (_german, set(WANTED))])
def test_what_changed_is_read_anew(
    plug: MakePlugged, change: Callable[[Plugged], None], anew: set[str]
) -> None:
    phone = plug("miui14", "ru")
    words(phone)
    change(phone)
    read = words(phone)
    assert texts(read) == written(phone)
    for package in written(phone):
        assert read[package].origin == ("phone" if package in anew else "cache")


@pytest.mark.parametrize(
    "garbage", [b"", b"{", b"\xff\xfe\x00", b'{"stamp": 1}', b'{"stamp":"x","names":[],"texts":{}}']
)
def test_a_broken_cache_is_thrown_away(plug: MakePlugged, garbage: bytes) -> None:
    phone = plug("miui14", "ru")
    words(phone)
    files = sorted(words_folder().iterdir())
    assert files
    for file in files:
        file.write_bytes(garbage)
    assert texts(words(phone)) == written(phone)
    assert all(file.read_bytes() != garbage for file in files)


def test_an_app_in_several_apks_is_read_whole(plug: MakePlugged) -> None:
    phone = plug("hyperos3", "ru")
    apks = phone.connect()._shell(f"pm path {ACCOUNT}").split()
    assert len(apks) > 1
    assert texts(words(phone)) == written(phone)


def test_apps_show_the_first_language_that_they_have(plug: MakePlugged) -> None:
    phone = plug("hyperos2", "ru", more_locales=("de-DE",))
    phone.device.state.language = "ru"
    connected = phone.connect()
    facts = connected.facts()
    assert facts.locales == ("ru-RU", "de-DE")
    tatar = replace(facts, locale="tt-RU", locales=("tt-RU", "de-DE"))
    read = connected.words(WANTED, tatar)
    phone.device.state.language = "de"
    assert texts(read) == written(phone)


def _zip_of(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "apk",
    [
        b"PK\x03\x04 no archive" * 1000,
        _zip_of("resources.arsc", b"no table" * 100),
        _zip_of("classes.dex", b"x"),
        _zip_of("resources.arsc", b"x").replace(b"resources.arsc", b"resources.arsd", 1),
    ],
    ids=["no zip", "no table", "without one", "two names"],
)
def test_a_strange_apk_is_not_read(plug: MakePlugged, apk: bytes) -> None:
    phone = plug("miui14", "ru")
    phone.device.files[phone.device.rom.packages[ACCOUNT].apk] = apk
    read = words(phone)
    assert read[ACCOUNT].texts is None and read[ACCOUNT].why
    assert texts(read).keys() == written(phone).keys() - {ACCOUNT}


def test_an_app_that_is_not_there_is_absent_and_one_that_tells_nothing_is_read(plug: MakePlugged) -> None:
    phone = plug("miui14", "ru")
    del phone.device.packages["com.xiaomi.finddevice"]
    phone.device.update_app(ACCOUNT, 0, "")
    read = words(phone)
    assert read["com.xiaomi.finddevice"].origin == "absent"
    assert read[ACCOUNT].texts == written(phone)[ACCOUNT]


@pytest.mark.parametrize("nth", [1, 2, 4])
def test_a_cable_pulled_while_reading_ends_the_reading(plug: MakePlugged, nth: int) -> None:
    phone = plug("hyperos2")
    phone.device.at("amid:exec", nth, lambda _: phone.wire.unplug())
    read = words(phone)
    assert any(app.texts is None and app.why for app in read.values())


def test_without_the_phones_words_the_short_list_serves_and_the_owner_is_told(plug: MakePlugged) -> None:
    phone = plug("miui14", "ru", apks_readable=False)
    owner = ScriptedOwner(phone)
    assert phone.run(unlink(), owner).result == "signed_out"
    assert any("short list" in told for told in owner.told)
    assert {event.origin for event in phone.of("words")} == {"unread"}


@pytest.mark.parametrize(
    "rom",
    [pytest.param(r, marks=() if r in ("miui8", "hyperos3") else pytest.mark.full) for r in ROMS],
)
@pytest.mark.parametrize("journey", ["unlink", "reset"])
def test_a_phone_of_random_words_needs_no_list_at_all(tmp_path: Path, rom: str, journey: str) -> None:
    top = Path(__file__).parents[1]
    for folder in ("automator", "selectors"):
        shutil.copytree(
            top / folder, tmp_path / folder, ignore=shutil.ignore_patterns("words", "__pycache__")
        )
    assert not (tmp_path / "selectors" / "words").exists()
    command = [sys.executable, "-m", "automator", "rehearse", journey, "--rom", rom, "--phone-lang", "xx"]
    run = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "✓" in run.stdout and "short list" not in run.stdout
