"""The apps' APKs: whole zips around a ROM's compiled tables, made in memory. Knows no phone.

The tables are in roms/tables/, one zip a ROM, built by tests/build_tables.py: `PACKAGE.arsc` with all languages, and
for an app in several APKs `PACKAGE-base.arsc` and `PACKAGE-LANGUAGE.arsc` too.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from automator.practice.rom import FOLDER, Package, Rom

TABLES = FOLDER / "tables"
FILLER = 1_500_000
"""Bytes of something else before and after the table: to read it whole for a few labels would be a waste."""
STORED_SINCE = 30
"""Since Android 11 an app's table has to lie in its APK uncompressed and aligned to four bytes."""
_DATE = (2009, 1, 1, 0, 0, 0)
_MANIFEST = b"\x03\x00\x08\x00\x08\x00\x00\x00"
_SIGNATURE_MAGIC = b"APK Sig Block 42"
_LOCAL_HEADER = 30
_END = struct.Struct("<4s4H2IH")


def paths(package: Package, split: bool) -> list[str]:
    """Where the app's APKs are, the base first; one alone unless it is `split`."""
    folder = posixpath.dirname(package.apk)
    short = (language.partition("-")[0] for language in package.splits if split)
    return [package.apk, *(f"{folder}/split_config.{language}.apk" for language in short)]


def installed(rom: Rom, packages: Mapping[str, Package], split: bool) -> dict[str, Callable[[], bytes]]:
    """The APK of each path, made when it is called."""
    apks: dict[str, Callable[[], bytes]] = {}
    for name, package in packages.items():
        tables = [name]
        if split and package.splits:
            tables = [f"{name}-base", *(f"{name}-{language}" for language in package.splits)]
        for path, table in zip(paths(package, split), tables, strict=True):
            apks[path] = partial(apk, rom.name, table, rom.sdk >= STORED_SINCE)
    return apks


@lru_cache
def tables(rom: str) -> Mapping[str, bytes]:
    """The ROM's compiled tables by the names of their entries, without `.arsc`; none before they are built."""
    path = TABLES / f"{rom}.zip"
    if not path.exists():
        return {}
    with zipfile.ZipFile(path) as archive:
        return {name.removesuffix(".arsc"): archive.read(name) for name in archive.namelist()}


@lru_cache(maxsize=16)
def apk(rom: str, table: str, stored: bool) -> bytes:
    """The APK around that table, or one without a table where the ROM has none for it."""
    content = tables(rom).get(table)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        _put(archive, "AndroidManifest.xml", _MANIFEST, zipfile.ZIP_DEFLATED)
        _put(archive, "classes.dex", b"dex\n035\0".ljust(FILLER, b"\0"))
        _put(archive, "res/layout/main.xml", _MANIFEST, zipfile.ZIP_DEFLATED)
        if content is not None:
            _put(archive, "resources.arsc", content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        _put(archive, "lib/arm64-v8a/libapp.so", b"\x7fELF".ljust(FILLER, b"\0"))
    return _signed(out.getvalue())


def _put(archive: zipfile.ZipFile, name: str, content: bytes, how: int = zipfile.ZIP_STORED) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = how
    if how == zipfile.ZIP_STORED and archive.fp is not None:
        begins = archive.fp.tell() + _LOCAL_HEADER + len(name)
        entry.extra = bytes(-begins % 4)
    archive.writestr(entry, content)


def _signed(archive: bytes) -> bytes:
    """With a block of a signature's size before the directory, where real APKs have theirs."""
    end = len(archive) - _END.size
    magic, *numbers, start, comment = _END.unpack_from(archive, end)
    size = 4096 - 8
    block = struct.pack("<Q", size) + bytes(size - 24) + struct.pack("<Q", size) + _SIGNATURE_MAGIC
    last = _END.pack(magic, *numbers, start + len(block), comment)
    return archive[:start] + block + archive[start:end] + last
