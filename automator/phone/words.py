"""The phone's own labels: string resources out of its apps' tables, over adb, with nothing installed. Knows no atlas.

An app's APK is read in parts: the end of the archive, and of `resources.arsc` what is wanted. Where the phone's `dd`
does not serve, the whole APK is pulled.
"""

from __future__ import annotations

import contextlib
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from adbutils import AdbDevice, AdbError

from automator.phone.arsc import Data, Table
from automator.phone.remote import Archive, Copy, RemoteFile, Slice, Unreadable, in_time, pull
from automator.phone.wordcache import recall, remember

FRAMEWORK = "android"
TABLE = "resources.arsc"
MOST_TABLE = 128 * 1024 * 1024
"""Bytes of a table that is still believed; the largest known, of stock Android, has 32 million."""
MOST_APK = 512 * 1024 * 1024
MANY = 5
"""Names of which an app of any age has some, if it has names at all."""
DEADLINE = 30.0
"""Seconds for all apps together. Then the rest counts as not read. (A stream that stands still ends sooner.)"""
READER = "1"
"""Goes up when what is read of a table would be another: what was kept before is read anew."""
_MARK = "@@mi-automator:"
_NAME = re.compile(r"[A-Za-z][\w.]*")
_LOCAL_HEADER = struct.Struct("<26xHH")
_BROKEN = (
    AdbError,
    AssertionError,  # adbutils expects an answer so
    OSError,
    EOFError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
)
"""What reading a strange file over a cable may end in."""


@dataclass(frozen=True)
class AppWords:
    """What is known of one app's labels; `texts` is None when they could not be read, and `why` says so."""

    texts: Mapping[str, str] | None
    origin: Literal["phone", "cache", "absent", "unread"]
    why: str = ""


def read_words(
    device: AdbDevice,
    wanted: Mapping[str, Collection[str] | None],
    locales: Sequence[str],
    *,
    sdk: int | None,
    build: str,
) -> dict[str, AppWords]:
    """The texts of the string resources in `wanted` (None: of all), by package, as apps show them in `locales`.

    Locales are BCP 47 tags.

    `build` is the ROM's own name: system apps change with it though their version may not. Raises nothing that has to
    do with the phone.
    """
    until = monotonic() + DEADLINE
    try:
        system, versions = _versions(device, wanted)
        stamps = {
            package: "\n".join((READER, build, *system, *locales, *of)) for package, of in versions.items()
        }
        seen: dict[str, AppWords] = {}
        for package, names in wanted.items():
            texts = (
                recall(package, stamps[package], names) if package in stamps and names is not None else None
            )
            if texts is not None:
                seen[package] = AppWords(texts, "cache")
        missed = [package for package in wanted if package not in seen]
        paths = _paths(device, [*missed, FRAMEWORK]) if missed else {}
    except _BROKEN as error:
        return {package: AppWords(None, "unread", _say(error)) for package in wanted}
    seen |= {package: AppWords({}, "absent") for package in missed if not paths.get(package)}
    there = [package for package in missed if package not in seen]
    with contextlib.ExitStack() as files:
        framework = _framework(device, paths, until, files) if there else None
        for package in there:
            names = wanted[package]
            read = _read(device, paths[package], names, locales, sdk, framework, package, until)
            seen[package] = read
            # Without the framework, what refers to it is missing: that is not kept.
            if read.texts is not None and names is not None and package in stamps and framework is not None:
                remember(package, stamps[package], names, dict(read.texts))
    return seen


def _read(
    device: AdbDevice,
    paths: Sequence[str],
    names: Collection[str] | None,
    locales: Sequence[str],
    sdk: int | None,
    framework: Table | None,
    package: str,
    until: float,
) -> AppWords:
    texts: dict[str, str] = {}
    try:
        for path in paths:
            # The base first; what a split for one language adds replaces what the base has as its default.
            with contextlib.ExitStack() as files:
                data = _table_of(device, path, until, files)
                if data is not None:
                    table = framework if package == FRAMEWORK and framework else Table(data)
                    texts |= table.texts(names, locales, sdk=sdk, framework=framework)
    except _BROKEN as error:
        return AppWords(None, "unread", _say(error))
    if not texts and (names is None or len(names) >= MANY):
        # Some builds have their resources' names taken out: then nothing can be looked up.
        return AppWords(None, "unread", "it has none of the names")
    return AppWords(texts, "phone")


def _framework(
    device: AdbDevice, paths: Mapping[str, list[str]], until: float, files: contextlib.ExitStack
) -> Table | None:
    for path in paths.get(FRAMEWORK, ())[:1]:
        with contextlib.suppress(*_BROKEN):
            data = _table_of(device, path, until, files)
            return Table(data) if data is not None else None
    return None


def _versions(device: AdbDevice, packages: Collection[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The system's build, and version and time of the last update of each app that tells them: one round trip."""
    told = _ask(
        device,
        "dumpsys package {} | grep -E 'versionCode=|lastUpdateTime='",
        packages,
        "getprop ro.build.fingerprint",
    )
    system = told.pop("", [])
    return system, {package: lines for package, lines in told.items() if lines}


def _paths(device: AdbDevice, packages: Collection[str]) -> dict[str, list[str]]:
    """The APKs of each app, the base first: one round trip."""
    return {
        package: sorted(
            (line.removeprefix("package:") for line in lines if line.startswith("package:")),
            key=lambda path: path.rpartition("/")[2].startswith("split_"),
        )
        for package, lines in _ask(device, "pm path {}", packages).items()
    }


def _ask(
    device: AdbDevice, each: str, packages: Collection[str], first: str = "true"
) -> dict[str, list[str]]:
    """What the command `each` prints of each package, line by line, and under "" what `first` does."""
    named = [package for package in packages if _NAME.fullmatch(package)]
    asked = (f"echo {_MARK}{package}; {each.format(package)}" for package in named)
    answer = str(device.shell("; ".join((f"echo {_MARK}; {first}", *asked)))).replace("\r", "")
    sections = (section.split("\n") for section in answer.split(_MARK)[1:])
    told = {package: [line.strip() for line in lines if line.strip()] for package, *lines in sections}
    # What nobody asked for is no answer.
    return {package: lines for package, lines in told.items() if package in ("", *named)}


def _table_of(device: AdbDevice, path: str, until: float, files: contextlib.ExitStack) -> Data | None:
    """The APK's resource table; None when it has none. What must stay open meanwhile is left to `files`."""
    size = device.sync.stat(path).size
    if not 0 < size <= MOST_APK:
        raise Unreadable(f"{path}: {size} bytes")
    file = RemoteFile(device, path, size, until)
    try:
        file.part(size - 1, size)
    except (AdbError, OSError):
        in_time(until)
        pulled = files.enter_context(tempfile.TemporaryFile(prefix="mi-automator-"))  # noqa: SIM115  `files` closes it
        pull(device, path, pulled, MOST_APK, until)
        return _table_in(Copy(pulled))
    return _table_in(file)


def _table_in(file: Archive) -> Data | None:
    with zipfile.ZipFile(file) as archive:
        try:
            entry = archive.getinfo(TABLE)
        except KeyError:
            return None
        if entry.file_size > MOST_TABLE:
            raise Unreadable(f"a table of {entry.file_size} bytes")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("a table packed in a way that Android does not know")
        if entry.compress_type != zipfile.ZIP_STORED or not isinstance(file, RemoteFile):
            with archive.open(entry) as stream:
                return stream.read(MOST_TABLE)
        header = file.part(entry.header_offset, entry.header_offset + _LOCAL_HEADER.size)
        name, extra = _LOCAL_HEADER.unpack(header)
        return Slice(file, entry.header_offset + _LOCAL_HEADER.size + name + extra, entry.file_size)


def _say(error: Exception) -> str:
    return str(error) or type(error).__name__
