"""The practice phones' compiled tables against the words of their ROMs, and the APKs that the tables come in."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import lru_cache

import pytest

from automator.phone.arsc import Table
from automator.practice import apk
from automator.practice.phone import Phone, State
from automator.practice.rom import LANGUAGES, MADE_UP, ROMS, load
from automator.practice.state import LOCALES
from tests import build_tables
from tests.build_tables import COMMAND, FRAMEWORK, SPARSE

OLDEST, NEWEST = ROMS[0], ROMS[-1]
every_rom = pytest.mark.parametrize("rom", ROMS)


@lru_cache
def table(rom: str, name: str) -> Table:
    tables = apk.tables(rom)
    assert name in tables, f"{rom} has no table of {name}: {COMMAND} {rom}"
    return Table(tables[name])


def texts(rom: str, name: str, language: str) -> dict[str, str]:
    """What a phone in that language reads out of the table."""
    locale, sdk = LOCALES[language], load(rom).sdk
    return table(rom, name).texts(None, [locale], sdk=sdk, framework=table(rom, FRAMEWORK))


def expected(rom: str, package: str, *languages: str) -> dict[str, str]:
    """What the ROM's file says, the last language foremost."""
    labels = [load(rom).labels(package, language) for language in languages]
    return {name: build_tables.plain(text) for said in labels for name, text in said.items()}


@every_rom
def test_the_tables_say_what_the_rom_says(rom: str) -> None:
    assert set(load(rom).words) <= set(apk.tables(rom)), f"build the tables anew: {COMMAND} {rom}"
    for package in load(rom).words:
        for language in LANGUAGES:
            wanted, found = expected(rom, package, "en", language), texts(rom, package, language)
            differ = {name for name in wanted | found if wanted.get(name) != found.get(name)}
            assert not differ, f"{package} in {language}; build the tables anew: {COMMAND} {rom}"


@pytest.mark.parametrize("rom", [OLDEST, NEWEST])
def test_tables_built_anew_are_the_same(rom: str) -> None:
    if missing := build_tables.missing_programs(load(rom)):
        pytest.skip(f"needs {', '.join(missing)}")
    built, again = build_tables.build(load(rom)), build_tables.build(load(rom))
    assert built == again
    assert built.keys() == apk.tables(rom).keys()
    for name, data in built.items():
        assert list(Table(data).entries()) == list(table(rom, name).entries()), f"{COMMAND} {rom}"


def test_the_tables_are_small() -> None:
    for rom in ROMS:
        assert (apk.TABLES / f"{rom}.zip").stat().st_size < 120_000


def pool_flags(data: bytes) -> tuple[int, int]:
    """How many styled strings a table has, and how its strings are written; its pool of them comes first."""
    styles, flags = struct.unpack_from("<12x8x4xII", data)[:2]
    return styles, flags


def test_the_tables_are_of_all_kinds() -> None:
    """As on real phones: references, to the framework too, styled text, UTF-8 and UTF-16, sparse languages."""
    values = [value for _, _, value in table(NEWEST, "com.android.settings").entries()]
    owners = {value >> 24 for value in values if isinstance(value, int)}
    assert owners == {0x01, 0x7F}
    utf8 = 1 << 8
    assert [pool_flags(apk.tables(rom)["com.android.settings"])[1] & utf8 for rom in (OLDEST, NEWEST)] == [
        0,
        utf8,
    ]
    assert pool_flags(apk.tables(NEWEST)["com.android.settings"])[0] > 5
    british = LOCALES["en"]
    own = [config for _, config, _ in table(NEWEST, SPARSE).entries() if config.locale.region == "GB"]
    assert 0 < len(own) < len(table(NEWEST, SPARSE).texts(None, [british]))
    sparse_type = struct.pack("<HH", 0x0201, 0x0054)
    data = apk.tables(NEWEST)[SPARSE]
    places = [at for at in range(0, len(data), 4) if data.startswith(sparse_type, at)]
    assert {data[at + 9] for at in places} == {0, 1}, "the flags of each language: one is sparse"


# the made-up language


@every_rom
def test_the_made_up_language_is_no_other_one(rom: str) -> None:
    for package, words in load(rom).words.items():
        made_up = load(rom).labels(package, MADE_UP)
        assert len(set(made_up.values())) == len(words)
        spoken = {text for word in words.values() for text in word.values()}
        assert not spoken.intersection(made_up.values())


def test_the_made_up_language_keeps_fields_and_rough_lengths() -> None:
    for rom in ROMS:
        for package, words in load(rom).words.items():
            for name, label in load(rom).labels(package, MADE_UP).items():
                english = words[name]["en"]
                assert label.count("%d") == english.count("%d")
                assert label.count("{") == english.count("{")
                assert 6 <= len(label) < len(english) * 2 + 12, (english, label)


# the APKs


@every_rom
def test_an_apk_is_a_whole_zip_with_its_table_in_the_middle(rom: str) -> None:
    phone = Phone(rom)
    whole = phone.files[phone.rom.packages[SPARSE].apk]
    splits = phone.rom.packages[SPARSE].splits
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert archive.read("resources.arsc") == apk.tables(rom)[f"{SPARSE}-base" if splits else SPARSE]
        entry = archive.getinfo("resources.arsc")
        stored = phone.rom.sdk >= 30
        assert entry.compress_type == (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        name, extra = struct.unpack_from("<26x2H", whole, entry.header_offset)
        if stored:
            assert (entry.header_offset + 30 + name + extra) % 4 == 0
        assert entry.header_offset > 1 << 20
        assert len(whole) - entry.header_offset > 1 << 20
        assert whole[archive.start_dir - 16 : archive.start_dir] == b"APK Sig Block 42"


def test_an_app_without_words_has_an_apk_too() -> None:
    phone = Phone(NEWEST)
    with zipfile.ZipFile(io.BytesIO(phone.files[phone.rom.packages["com.miui.backup"].apk])) as archive:
        assert "resources.arsc" not in archive.namelist()


def test_an_app_may_come_in_several_apks() -> None:
    (app,) = (name for name, package in load(NEWEST).packages.items() if package.splits)
    phone = Phone(NEWEST)
    listed = phone.shell(f"pm path {app}")[0].decode().split()
    assert listed[0].endswith("/base.apk")
    for language in phone.packages[app].splits:
        short = language.partition("-")[0]
        assert listed[0].replace("base.apk", f"split_config.{short}.apk") in listed
        assert texts(NEWEST, f"{app}-base", language) == expected(NEWEST, app, "en")
        split = texts(NEWEST, f"{app}-{language}", language)
        assert split
        assert split.items() <= expected(NEWEST, app, language).items()
        assert texts(NEWEST, f"{app}-{language}", "en") == {}
    for line in listed:
        assert phone.files[line.removeprefix("package:")].startswith(b"PK")
    phone.state.splits = False
    assert phone.shell(f"pm path {app}")[0].decode().split() == listed[:1]
    with zipfile.ZipFile(io.BytesIO(phone.files[listed[0].removeprefix("package:")])) as archive:
        assert archive.read("resources.arsc") == apk.tables(NEWEST)[app]


def test_an_update_moves_the_app() -> None:
    phone = Phone("hyperos2")
    before = phone.shell("pm path com.xiaomi.account")[0].decode()
    told = phone.shell("dumpsys package com.xiaomi.account")[0].decode()
    assert "Hidden system packages" not in told
    phone.update_app("com.xiaomi.account", 260101, "2026-01-02 03:04:05")
    after = phone.shell("pm path com.xiaomi.account")[0].decode()
    assert after.startswith("package:/data/app/~~")
    assert after.endswith("/base.apk\n")
    assert before.removeprefix("package:").strip() not in phone.files
    assert phone.files[after.removeprefix("package:").strip()].startswith(b"PK")
    told = phone.shell("dumpsys package com.xiaomi.account")[0].decode()
    for line in ("versionCode=260101 ", "lastUpdateTime=2026-01-02 03:04:05\n", f"codePath={after[8:-10]}\n"):
        assert line in told.partition("Hidden system packages:")[0]
    assert "versionCode=240506 " in told.partition("Hidden system packages:")[2]
    assert Phone("hyperos2").packages["com.xiaomi.account"].version == 240506


def test_apks_can_be_read_in_pieces_and_seen() -> None:
    phone = Phone("hyperos2")
    path = phone.rom.packages[SPARSE].apk
    whole = phone.files[path]
    assert (
        phone.shell(f"dd if={path} bs=4096 skip=300 count=80 2>/dev/null")[0]
        == whole[300 * 4096 :][: 80 * 4096]
    )
    assert phone.shell(f"tail -c 100 {path}; wc -c {path}") == (whole[-100:] + f"{len(whole)}\n".encode(), 0)
    assert f" {len(whole)} ".encode() in phone.shell(f"ls -l {path}")[0]
    assert phone.shell(f"rm {path}") == (f"rm: {path}: Permission denied\n".encode(), 1)
    phone.files[path] = b"no zip"
    assert phone.shell(f"cat {path}")[0] == b"no zip"
    del phone.files[path]
    assert phone.files[path] == whole


def test_apks_may_be_closed_to_the_shell() -> None:
    phone = Phone("hyperos2", state=State(apks_readable=False))
    path = phone.rom.packages[SPARSE].apk
    for command in (f"dd if={path} bs=4096", f"cat {path}", f"md5sum {path}"):
        program = command.partition(" ")[0]
        assert phone.shell(command) == (f"{program}: {path}: Permission denied\n".encode(), 1)
    assert phone.shell(f"stat -c %s {path}")[0] == f"{phone.files.size(path)}\n".encode()
    phone.files["/sdcard/mine"] = b"mine"
    assert phone.shell("cat /sdcard/mine")[0] == b"mine"
