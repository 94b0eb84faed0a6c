"""Compiled resource tables for tests: written by hand in every form of the format, or by Android's own tools.

The writer goes by the format's description (AOSP, libs/androidfw/include/androidfw/ResourceTypes.h) and shares nothing
with the reader.
"""

from __future__ import annotations

import functools
import mmap
import re
import struct
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
STRING, REFERENCE, DYNAMIC, NUMBER = 0x03, 0x01, 0x07, 0x10
Form = Literal["dense", "sparse", "offset16"]
Value = tuple[int, int]
"""(kind of value, the value): the number of a string, or a resource id."""


def chunk(kind: int, header: bytes, body: bytes) -> bytes:
    """A chunk; `header` is what follows the eight bytes that all have."""
    return struct.pack("<HHI", kind, 8 + len(header), 8 + len(header) + len(body)) + header + body


def padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % 4)


def _length(count: int, *, utf8: bool) -> bytes:
    if utf8:
        return bytes([count]) if count < 0x80 else bytes([0x80 | count >> 8 & 0x7F, count & 0xFF])
    return (
        struct.pack("<H", count)
        if count < 0x8000
        else struct.pack("<HH", 0x8000 | count >> 16, count & 0xFFFF)
    )


def java_utf8(text: str) -> bytes:
    """Java's UTF-8: a character beyond U+FFFF is two surrogates of three bytes, zero is two bytes."""
    units = text.encode("utf-16-be", "surrogatepass")
    halves = (chr(int.from_bytes(units[i : i + 2], "big")) for i in range(0, len(units), 2))
    return b"".join(b"\xc0\x80" if half == "\0" else half.encode("utf-8", "surrogatepass") for half in halves)


def pool(texts: Sequence[str], *, utf8: bool = True, java: bool = False) -> bytes:
    """A string pool; strings of more than 0x7fff bytes get a length that is cut, as aapt wrote it."""
    offsets, data = [], b""
    for text in texts:
        offsets.append(len(data))
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if utf8:
            raw = java_utf8(text) if java else text.encode()
            data += _length(units, utf8=True) + _length(len(raw), utf8=True) + raw + b"\0"
        else:
            data += _length(units, utf8=False) + text.encode("utf-16-le", "surrogatepass") + b"\0\0"
    index = struct.pack(f"<{len(offsets)}I", *offsets)
    header = struct.pack("<IIIII", len(texts), 0, 0x100 if utf8 else 0, 28 + len(index), 0)
    return chunk(0x0001, header, index + padded(data))


def _packed(code: str, base: str) -> bytes:
    """A language or region of two letters as it is, of three in five bits each."""
    if len(code) != 3:
        return code.encode().ljust(2, b"\0")
    first, second, third = (ord(letter) - ord(base) & 0x1F for letter in code)
    return bytes([0x80 | third << 2 | second >> 3, (second << 5 | first) & 0xFF])


def config(tag: str = "", *, sdk: int = 0, orientation: int = 0, mcc: int = 0, size: int = 64) -> bytes:
    """A `ResTable_config` for a locale `ru`, `es-419`, `sr-Latn-RS`, `de-DE-1901`."""
    language, *parts = tag.split("-")
    script = next((part for part in parts if len(part) == 4 and part.isalpha()), "")
    region = next((part for part in parts if len(part) in (2, 3)), "")
    variant = next((part for part in parts if part not in (script, region)), "")
    raw = struct.pack("<HH", mcc, 0) + _packed(language, "a") + _packed(region, "0")
    raw += struct.pack("<BBHIHHHHBBHHH", orientation, 0, 0, 0, 0, 0, sdk, 0, 0, 0, 0, 0, 0)
    raw += script.encode().ljust(4, b"\0") + variant.encode().ljust(8, b"\0")
    return struct.pack("<I", size) + raw.ljust(60, b"\0")[: size - 4]


def strings(
    kind: int,
    configuration: bytes,
    entries: Mapping[int, tuple[int, Value] | None],
    *,
    form: Form = "dense",
    compact: bool = False,
) -> bytes:
    """A part of a type: entry number to (number of its name, value); None is an array, as far as its header goes."""
    where: dict[int, int] = {}
    data = b""
    for number, entry in sorted(entries.items()):
        where[number] = len(data)
        if entry is None:
            data += struct.pack("<HHIII", 16, 0x0001, 0, 0, 0)
            continue
        key, (what, value) = entry
        if compact:
            data += struct.pack("<HHI", key, what << 8 | 0x0008, value)
        else:
            data += struct.pack("<HHIHBBI", 8, 0, key, 8, 0, what, value)
    count = max(entries, default=-1) + 1
    if form == "sparse":
        count = len(where)
        index = b"".join(struct.pack("<HH", number, at // 4) for number, at in where.items())
    elif form == "offset16":
        index = struct.pack(f"<{count}H", *(where.get(i, 0x3FFFC) // 4 for i in range(count)))
    else:
        index = struct.pack(f"<{count}I", *(where.get(i, 0xFFFFFFFF) for i in range(count)))
    index = padded(index)
    flags = {"dense": 0, "sparse": 1, "offset16": 2}[form]
    start = 20 + len(configuration) + len(index)
    return chunk(0x0201, struct.pack("<BBHII", kind, flags, 0, count, start) + configuration, index + data)


def package(
    number: int,
    types: Sequence[str],
    keys: Sequence[str],
    *parts: bytes,
    shift: int | None = 0,
    utf8: bool = True,
) -> bytes:
    """A package; `shift` is what its type numbers are moved by, None for a header from before that existed."""
    type_names, key_names = pool(types, utf8=utf8), pool(keys, utf8=utf8)
    header_size = 284 if shift is None else 288
    header = struct.pack("<I", number) + "test".encode("utf-16-le").ljust(256, b"\0")
    header += struct.pack("<IIII", header_size, len(types), header_size + len(type_names), len(keys))
    header += b"" if shift is None else struct.pack("<I", shift)
    specs = [chunk(0x0202, struct.pack("<BBHI", i + 1, 0, 0, 0), b"") for i in range(len(types))]
    return chunk(0x0200, header, b"".join((type_names, key_names, *specs, *parts)))


def table(texts: Sequence[str], *packages: bytes, utf8: bool = True, java: bool = False) -> bytes:
    """A whole `resources.arsc`."""
    body = pool(texts, utf8=utf8, java=java) + b"".join(packages)
    return chunk(0x0002, struct.pack("<I", len(packages)), body)


def simple(
    words: Mapping[str, Mapping[str, str]],
    *,
    form: Form = "dense",
    compact: bool = False,
    utf8: bool = True,
    java: bool = False,
) -> bytes:
    """A table of one package from {locale: {name: text}}; the default locale is ""."""
    names = list(dict.fromkeys(name for named in words.values() for name in named))
    texts = list(dict.fromkeys(text for named in words.values() for text in named.values()))
    parts = [
        strings(
            2,
            config(tag),
            {
                names.index(name): (names.index(name), (STRING, texts.index(text)))
                for name, text in named.items()
            },
            form=form,
            compact=compact,
        )
        for tag, named in words.items()
    ]
    return table(texts, package(0x7F, ["attr", "string"], names, *parts, utf8=utf8), utf8=utf8, java=java)


@dataclass(frozen=True)
class Oracle:
    """What `aapt2 dump resources` says of a table."""

    entries: dict[tuple[str, str], str]
    """(name, qualifiers) to the text of a string, or to `@` and the id that it refers to."""


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogatepass")


def oracle(apk: Path) -> Oracle:
    """Every string that aapt2 finds in an APK. A text may have lines of its own, unless they look like aapt2's."""
    dump = run("aapt2", "dump", "resources", apk)
    entries: dict[tuple[str, str], str] = {}
    head = re.compile(r"^(?:Package name=|  type |    resource (\S+) (\S+?)(?: PUBLIC)?$)", re.MULTILINE)
    value = re.compile(
        r"^      \(([^)\n]*)\) (?:\(styled string\) )?(?:\"(.*?)\"(?: [^\"\n]*)?|(@.*))$", re.M | re.S
    )
    heads = list(head.finditer(dump))
    ids = {found[2]: found[1] for found in heads if found[1]} | {"null": "0x00000000"}
    for at, found in enumerate(heads):
        kind, _, name = (found[2] or "").partition("/")
        if kind != "string":
            continue
        end = heads[at + 1].start() if at + 1 < len(heads) else len(dump)
        for block in re.split(r"\n(?=      \()", dump[found.end() : end].rstrip("\n")):
            one = value.fullmatch(block)
            if one is None:
                continue
            if one[3] is None:
                entries[name, one[1]] = one[2].replace("\n      ", "\n")
            else:
                entries[name, one[1]] = "@" + ids.get(one[3][1:].removeprefix("android:"), one[3][1:])
    return Oracle(entries)


def from_apk(apk: Path) -> memoryview:
    """The table in an APK that stores it as it is, not read but mapped."""
    with apk.open("rb") as file, zipfile.ZipFile(file) as archive:
        info = archive.getinfo("resources.arsc")
        assert info.compress_type == zipfile.ZIP_STORED
        file.seek(info.header_offset)
        name, extra = struct.unpack("<26xHH", file.read(30))
        start = info.header_offset + 30 + name + extra
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[
            start : start + info.file_size
        ]


_MANIFEST = (
    '<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.example.words">'
    '<uses-sdk android:minSdkVersion="{sdk}" android:targetSdkVersion="{sdk}"/></manifest>'
)


def built(folder: Path, values: Mapping[str, str], *options: str, tool: str = "aapt2", sdk: int = 16) -> Path:
    """An APK from {qualifiers: what stands in <resources>}, made by aapt2 or by the first aapt."""
    manifest = folder / "AndroidManifest.xml"
    manifest.write_text(_MANIFEST.format(sdk=sdk))
    for qualifiers, body in values.items():
        where = folder / "res" / "-".join(filter(None, ("values", qualifiers)))
        where.mkdir(parents=True)
        (where / "strings.xml").write_text(
            f'<?xml version="1.0" encoding="utf-8"?><resources>{body}</resources>'
        )
    apk = folder / "words.apk"
    include = ("-I", FRAMEWORK)
    if tool == "aapt":
        run("aapt", "package", "-M", manifest, "-S", folder / "res", *include, "-F", apk, *options)
    else:
        run("aapt2", "compile", "--dir", folder / "res", "-o", folder / "compiled.zip")
        run("aapt2", "link", "-o", apk, "--manifest", manifest, *include, *options, folder / "compiled.zip")
    return apk


@functools.cache
def framework_oracle() -> Oracle:
    return oracle(FRAMEWORK)
