"""A ROM's .tgz: read as a stream, never unpacked as a whole; only the images that are asked for come to the disk."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import stat
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from automator.errors import PreflightError
from automator.rom.name import RomName, parse_name
from automator.rom.refusal import refused
from automator.rom.tar import Tar
from automator.text import T

Progress = Callable[[int, int], None]
"""Called with the bytes that were read of the archive, and how many it has; some hundred times."""
ANTI = "anti_version.txt"
MOST_SCRIPT = 256 << 10
MARGIN = 256 << 20
"""Bytes that are left free on the disk."""
_SCRIPT = re.compile(r"flash_all\w*\.sh")
_IMAGE = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}")


@dataclass(frozen=True)
class Rom:
    """What one pass over the archive found."""

    path: Path
    name: RomName
    md5: str
    size: int
    images: Mapping[str, int]
    """The files in `images/` and their sizes in bytes."""
    scripts: Mapping[str, str]
    """The texts of `flash_all*.sh`, by name."""
    anti: int | None
    """The number in `images/anti_version.txt`."""

    @property
    def md5_checked(self) -> bool:
        """Whether the name had digits to compare with; where they differed there is no Rom."""
        return bool(self.name.md5)


@dataclass(frozen=True)
class Image:
    """An unpacked image, and how it was when it was written."""

    path: Path
    size: int
    sha256: str
    stamp: tuple[int, ...]

    def unchanged(self) -> bool:
        """Whether nobody has touched the file since it was unpacked."""
        try:
            return _stamp(os.lstat(self.path)) == self.stamp
        except OSError:
            return False


class _Counted:
    """A file whose bytes are counted and hashed as they are read."""

    def __init__(self, file: IO[bytes], size: int, progress: Progress) -> None:
        self._file = file
        self._size = size
        self._progress = progress
        self._read = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._md5.update(data)
        before, self._read = self._read, self._read + len(data)
        if before * 200 // max(self._size, 1) != self._read * 200 // max(self._size, 1):
            self._progress(self._read, self._size)
        return data

    def finish(self) -> str:
        """The MD5 of the whole file."""
        while self.read(1 << 20):
            pass
        return self._md5.hexdigest()


def inspect(path: Path, progress: Progress = lambda done, of: None) -> Rom:
    """What the archive is and holds, in one pass. Raises PreflightError for whatever is no ROM of Xiaomi's."""
    images: dict[str, int] = {}
    scripts: dict[str, str] = {}
    anti: int | None = None
    tops: set[str] = set()
    with _reading(path, progress) as (tar, counted, size):
        name = parse_name(path.name)
        if name is None:
            raise refused(
                T(
                    "Its name is not one that Xiaomi gives, so it does not say for which phone and region it is."
                )
            )
        for entry in tar:
            top, _, inside = entry.name.partition("/")
            tops |= {top} if top else set()
            if len(tops) > 1 or (not inside and not entry.folder and entry.name):
                raise refused(T("It is not built like a ROM of Xiaomi's: more than one folder at the top."))
            if entry.folder:
                continue
            folder, _, file = inside.rpartition("/")
            if folder == "images" and _IMAGE.fullmatch(file):
                images[file] = entry.size
            if inside == f"images/{ANTI}":
                anti = _anti(_small(tar, entry.size, 64))
            elif not folder and _SCRIPT.fullmatch(file):
                scripts[file] = _small(tar, entry.size, MOST_SCRIPT)
        md5 = counted.finish()
    inner = parse_name("".join(tops))
    if inner is None or (inner.codename, inner.build) != (name.codename, name.build):
        raise refused(T("Its name and the folder in it speak of different ROMs."))
    if name.md5 and not md5.startswith(name.md5):
        raise refused(
            T(
                "It is not as Xiaomi made it: its MD5 begins with {found}, and the name says {wanted}.",
                found=md5[:10],
                wanted=name.md5,
            )
        )
    return Rom(path, name, md5, size, images, scripts, anti)


def unpack(
    rom: Rom, wanted: Collection[str], folder: Path, progress: Progress = lambda done, of: None
) -> dict[str, Image]:
    """The wanted images as files of the owner's alone, in `folder`; by their names in the ROM.

    Raises PreflightError when the disk has no room, or the archive is not the one that was read before.
    """
    unpacked: dict[str, Image] = {}
    with _reading(rom.path, progress) as (tar, counted, _):
        for entry in tar:
            _, _, inside = entry.name.partition("/")
            file = inside.removeprefix("images/")
            if entry.folder or inside != f"images/{file}" or file not in wanted:
                continue
            unpacked[file] = _written(tar, folder / file)
        md5 = counted.finish()
    same = all(image.size == rom.images.get(file) for file, image in unpacked.items())
    if md5 != rom.md5 or not same or set(unpacked) != set(wanted):
        raise refused(T("The file was changed while I worked on it."))
    return unpacked


def room_for(rom: Rom, wanted: Collection[str], folders: Collection[Path]) -> Path:
    """The first of the folders whose disk has room for the images. Raises PreflightError."""
    needed = sum(rom.images[file] for file in wanted) + MARGIN
    free = 0
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            free = max(free, shutil.disk_usage(folder).free)
            if free >= needed and os.access(folder, os.W_OK):
                return folder
        except OSError:
            continue
    raise PreflightError(
        T("The disk has too little room. Nothing was written to the phone."),
        T(
            "To unpack what is written, {needed} MB are needed, and {free} MB are free.",
            needed=needed >> 20,
            free=free >> 20,
        ),
        T("Make room on the disk, then run the command again."),
    )


@contextmanager
def _reading(path: Path, progress: Progress) -> Iterator[tuple[Tar, _Counted, int]]:
    """The archive as a stream. What is wrong with it becomes a PreflightError."""
    try:
        # Before it is opened: a pipe would wait for somebody who writes.
        if not stat.S_ISREG(path.stat().st_mode):
            raise refused(T("It is no file."), T("Name the .tgz itself."))
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            counted = _Counted(file, about.st_size, progress)
            with gzip.GzipFile(fileobj=cast(IO[bytes], counted), mode="rb") as stream:
                yield Tar(stream), counted, about.st_size
    except EOFError as error:
        raise refused(T("It ends too early: the download is not complete.")) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise refused(T("It is no .tgz archive, or it is damaged.")) from error
    except OSError as error:
        raise PreflightError(
            T("The ROM can't be read."),
            T("{folder}: {why}.", folder=path, why=error.strerror or type(error).__name__),
            T("Check the path, then run the command again."),
        ) from error


def _small(tar: Tar, size: int, most: int) -> str:
    if size > most:
        raise refused(T("It holds a header that is too long."))
    return b"".join(tar.content()).decode("utf-8", "replace")


def _anti(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text.strip()):
        raise refused(T("Its anti-rollback number can't be read."))
    return int(text)


def _written(tar: Tar, path: Path) -> Image:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    sha256, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
            for piece in tar.content():
                out.write(piece)
                sha256.update(piece)
                size += len(piece)
        return Image(path, size, sha256.hexdigest(), _stamp(os.lstat(path)))
    except gzip.BadGzipFile:  # an OSError, too
        raise
    except OSError as error:
        raise PreflightError(
            T("The ROM can't be unpacked. Nothing was written to the phone."),
            T("{folder}: {why}.", folder=path.parent, why=error.strerror or type(error).__name__),
            T("Make room on the disk, then run the command again."),
        ) from error


def _stamp(about: os.stat_result) -> tuple[int, ...]:
    # No program but the kernel sets the last of them on a file system of Linux or macOS.
    return (about.st_mode, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
