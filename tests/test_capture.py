"""`capture` and `selectors check`: what leaves the phone in a file, and what is said of such files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from automator.atlas import load
from automator.capture import capture, replay, save
from automator.errors import AutomatorError
from automator.hierarchy import parse
from automator.masking import mask_picture, picture_of
from automator.practice.phone import Account, Latency
from automator.practice.rom import ROMS
from automator.practice.rom import load as load_rom
from tests.conftest import ATLAS, PHONES, MakePlugged, Plugged
from tests.test_atlas import EXPECTED, MAY_BE_TAKEN_FOR

SECRETS: dict[str, Any] = {
    "account": Account("7781904462", "Zinaida Prokofievna"),
    "email": "zina.prokof@example.org",
    "phone_number": "+998712345678",
    "imei": "861234059988771",
    "serialno": "9f8e7d6c5b4a",
}
OTHERS: dict[str, Any] = {
    "account": Account("5530017729", "Theodor Brandenburg"),
    "email": "t.brandenb@example.info",
    "phone_number": "+441632960960",
    "imei": "352099001761481",
    "serialno": "0a1b2c3d4e5f",
}
"""Another owner, whose names and numbers are as long: only what they say may differ."""
STILL = Latency(second=1e6)
"""On such a phone nothing goes on by itself."""
TYPED, OTHER_TYPED = "hunter2swordfish", "correcthorse2580"
FORBIDDEN = (
    *("7781904462", "7781***462", "Zinaida", "Prokofievna", "zina.prokof", "example.org"),
    *("998712345678", "712345678", "861234059988771", "9f8e7d6c5b4a", TYPED, "127.0.0.1"),
)


def taken(phone: Plugged, screen: str, typed: str, path: Path) -> Path:
    """A capture of that screen, with something typed where something can be."""
    phone.device.show(screen)
    if any(part.edit is not None for part in phone.device.rom.screens[screen].parts):
        phone.device.finger_type(typed)
    connected = phone.connect()
    try:
        save(capture(connected, connected.facts(), ATLAS), path)
    finally:
        connected.close()
    return path


def everything_in(path: Path) -> dict[str, bytes]:
    """The file's own bytes and those of all that is in it, the pictures' pixels and comments too."""
    found = {"": path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            found[name] = archive.read(name)
    if "screen.jpg" in found:
        picture = Image.open(io.BytesIO(found["screen.jpg"]))
        found["picture's notes"] = repr(picture.info).encode() + bytes(picture.getexif().tobytes())
        found["pixels"] = picture.tobytes()
    return found


SAMPLE = (("hyperos1", "en"), ("miui10", "ru"))
"""Together they have every screen there is."""
ONCE = {screen: (rom, language) for rom, language in SAMPLE for screen in load_rom(rom).screens}
PLACES = [
    pytest.param(rom, language, screen, marks=() if ONCE[screen] == (rom, language) else pytest.mark.full)
    for rom, language in dict.fromkeys((*SAMPLE, *PHONES))
    for screen in load_rom(rom).screens
]
# Of a web page everything is masked, and nothing is left to know it by.
KNOWN_AGAIN = [place for place in PLACES if not str(place.values[2]).startswith("web.")]


def test_the_sample_has_every_screen() -> None:
    every = {screen for rom in ROMS for screen in load_rom(rom).screens}
    assert {screen for rom, _ in SAMPLE for screen in load_rom(rom).screens} == every


@pytest.mark.parametrize(("rom", "language", "screen"), PLACES)
def test_a_capture_holds_nothing_of_the_owners(
    plug: MakePlugged, tmp_path: Path, rom: str, language: str, screen: str
) -> None:
    """Seeded and searched byte by byte; and, pictures included, the same bytes whoever the owner is."""
    seeds: tuple[Mapping[str, Any], ...] = (SECRETS, OTHERS)
    files = []
    for number, (seed, typed) in enumerate(zip(seeds, (TYPED, OTHER_TYPED), strict=True)):
        state = dict(seed)
        if screen == "account.login":
            state["account"] = None
        phone = plug(rom, language, latency=STILL, **state)
        files.append(taken(phone, screen, typed, tmp_path / f"{number}.zip"))
    mine, theirs = map(everything_in, files)
    for name, content in mine.items():
        for secret in FORBIDDEN:
            assert secret.encode() not in content, (name, secret)
            assert secret.encode("utf-16-le") not in content, (name, secret)
    assert mine == theirs


@pytest.mark.parametrize(("rom", "language", "screen"), KNOWN_AGAIN[::3])
def test_a_replayed_capture_is_the_screen_that_it_was(
    plug: MakePlugged, tmp_path: Path, rom: str, language: str, screen: str
) -> None:
    state = {"account": None} if screen == "account.login" else {}
    phone = plug(rom, language, latency=STILL, **state)
    path = taken(phone, screen, TYPED, tmp_path / "one.zip")
    name = replay(path).view(load()).name
    assert name in (EXPECTED[screen], MAY_BE_TAKEN_FOR.get(screen), None)
    assert name == replay(path).about["screen"]


def test_a_capture_names_the_labels_that_it_shows(plug: MakePlugged, tmp_path: Path) -> None:
    """What a new ROM needs to be learnt: which resources stand on a page that nobody knows."""
    path = taken(plug("miui12", "tr"), "settings.display", "", tmp_path / "one.zip")
    captured = replay(path)
    assert captured.about["screen"] is None
    assert {"display_settings", "dark_mode", "brightness"} <= captured.texts["com.android.settings"].keys()
    assert "volume" not in captured.texts["com.android.settings"]


# The commands.


def run(plugged: Plugged, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "ANDROID_ADB_SERVER_PORT": str(plugged.lab.port),
        "ANDROID_SERIAL": plugged.wire.serial,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "COLUMNS": "160",
    }
    command = [sys.executable, "-m", "automator", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


def test_capture_then_check(plug: MakePlugged, tmp_path: Path) -> None:
    phone = plug("miui11", "de")
    phone.device.show("reset.home")
    done = run(phone, "capture", "-o", "screen.zip", cwd=tmp_path)
    assert done.returncode == 0 and "Factory reset" in done.stdout, done.stderr
    assert (tmp_path / "screen.zip").stat().st_mode & 0o777 == 0o600
    again = run(phone, "capture", "-o", "screen.zip", cwd=tmp_path)
    assert again.returncode == 3 and "-o" in again.stderr
    checked = run(phone, "selectors", "check", "screen.zip", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "reset.home" in checked.stdout and "needs consent: reset.erase" in checked.stdout
    said = run(phone, "selectors", "check", "screen.zip", "--json", cwd=tmp_path)
    (line,) = map(json.loads, said.stdout.splitlines())
    assert line["screen"] == "reset.home" and line["ambiguous"] == []
    assert line["elements"]["erase_all_data"][0]["gates"] == ["reset.erase"]
    assert phone.device.log == []


def test_check_of_the_plugged_in_phone(plug: MakePlugged, tmp_path: Path) -> None:
    phone = plug("hyperos2", "es")
    said = run(phone, "selectors", "check", "--phone", "--json", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    apps = {line["package"]: line for line in lines if "package" in line}
    screens = {line["screen"]: line for line in lines if "screen" in line}
    assert apps["com.android.settings"]["origin"] == "phone"
    assert screens.keys() == ATLAS.screens.keys() and not any(line["blind"] for line in screens.values())
    assert "com.android.settings:master_clear_button_text" in screens["reset.home"]["missing"]
    assert phone.device.log == [] and not phone.device.requests["rpc.dumpWindowHierarchy"]


def test_check_says_what_is_ambiguous(plug: MakePlugged, tmp_path: Path) -> None:
    phone = plug("miui14")
    phone.device.show("settings.home")
    xml = phone.device.dump().replace('text="Bluetooth"', 'text="About phone"')
    (tmp_path / "twice.xml").write_text(xml, encoding="utf-8")
    checked = run(phone, "selectors", "check", "twice.xml", cwd=tmp_path)
    assert checked.returncode == 5 and "AMBIGUOUS" in checked.stdout


def _with_about(path: Path, about: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("capture.json", about)
        archive.writestr("hierarchy.xml", '<hierarchy><node bounds="[0,0][1,1]"/></hierarchy>')


@pytest.mark.parametrize("scale", [0.5, 0.67, 2.0])
def test_a_picture_of_another_size_is_not_kept(plug: MakePlugged, scale: float) -> None:
    phone = plug("hyperos1")
    hierarchy = parse(phone.device.dump())
    out = io.BytesIO()
    phone.device.picture(scale).save(out, "JPEG")
    assert picture_of(out.getvalue(), hierarchy, frozenset()) is None
    assert mask_picture(out.getvalue(), hierarchy.screen, []) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b"PK\x03\x04"),
        lambda path: None,
        lambda path: zipfile.ZipFile(path, "w").close(),
        lambda path: path.mkdir(),
        lambda path: _with_about(path, "7"),
        lambda path: _with_about(path, '{"format": 1, "facts": [], "texts": {}}'),
        lambda path: _with_about(path, "[" * 100_000),
    ],
    ids=["no zip", "no file", "empty", "folder", "a number", "a list", "deep"],
)
def test_what_is_no_capture_is_told(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "x.zip"
    make(path)
    with pytest.raises(AutomatorError) as caught:
        replay(path)
    assert caught.value.exit_code == 3


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_checked(
    plug: MakePlugged, tmp_path: Path
) -> None:
    phone = plug("miui14")
    phone.device.show("settings.home")
    (tmp_path / "good.xml").write_text(phone.device.dump(), encoding="utf-8")
    (tmp_path / "bad.xml").write_bytes(b"\xff\xd2")
    (tmp_path / "empty.xml").write_text("")
    checked = run(phone, "selectors", "check", "bad.xml", "empty.xml", "none.xml", "good.xml", cwd=tmp_path)
    assert checked.returncode == 3 and "settings.home" in checked.stdout
    assert all(name in checked.stderr for name in ("bad.xml", "empty.xml", "none.xml"))
    assert "Traceback" not in checked.stderr
