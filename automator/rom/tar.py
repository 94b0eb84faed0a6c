"""The entries of a tar archive, one after the other, out of a stream that nobody need trust. Writes nothing.

Python's own tarfile reads whole extended headers into memory and knows kinds that no ROM has; here what is not a plain
file or folder is refused. Format: POSIX.1-1988 (ustar), pax headers of POSIX.1-2001, GNU's long names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from automator.rom.refusal import refused
from automator.text import T

BLOCK = 512
PIECE = 1 << 20
"""Bytes that are held at once."""
MOST_ENTRIES = 2000
"""Headers, those that only say more of the next one counted, too."""
MOST_FILE = 32 << 30
"""Bytes of one file; the largest known are about ten GiB."""
MOST_ALL = 64 << 30
MOST_HEADER = 64 << 10
"""Bytes of an extended header."""
MOST_AFTER = 1 << 20
"""Bytes after the end mark; tar fills up to 10 KiB."""
_FILES, _FOLDER = frozenset(b"0\0007"), ord("5")
_LINKS, _DEVICES = frozenset(b"12"), frozenset(b"346")
_PAX, _PAX_ALL, _LONG_NAME = ord("x"), ord("g"), ord("L")
_RECORD = re.compile(rb"(\d{1,6}) ([^=\n]{1,200})=")


class Source(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Entry:
    """A file or a folder in the archive."""

    name: str
    """Its path, without `./` before it; below the archive's own top, whatever its sender wrote."""
    size: int
    folder: bool


class Tar:
    """Iterates over entries; between two of them, `content` gives the bytes of the last one.

    Raises PreflightError for what no ROM has, and EOFError where the stream ends too early.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Entry]:
        seen: set[str] = set()
        long_name, sizes, declared, headers = "", None, 0, 0
        while (header := self._header()) is not None:
            kind, name, size = header
            headers += 1
            if headers > MOST_ENTRIES:
                raise refused(T("It would unpack to far more than any phone can hold ({name}).", name=name))
            if kind in (_PAX, _PAX_ALL, _LONG_NAME):
                if size > MOST_HEADER:
                    raise refused(T("It holds a header that is too long."))
                told = self._all(size)
                if kind == _LONG_NAME:
                    long_name = _text(told.rstrip(b"\0"))
                elif kind == _PAX:
                    path, sizes = _pax(told)
                    long_name = path or long_name
                continue
            name = long_name or name
            size = size if sizes is None else sizes
            long_name, sizes = "", None
            if kind in _LINKS:
                raise refused(T("It holds a link: {name}.", name=name))
            if kind in _DEVICES:
                raise refused(T("It holds a device: {name}.", name=name))
            if kind not in _FILES and kind != _FOLDER:
                raise refused(T("It holds something that is neither file nor folder: {name}.", name=name))
            entry = Entry(_safe(name), 0 if kind == _FOLDER else size, kind == _FOLDER)
            declared += entry.size
            if entry.size > MOST_FILE or declared > MOST_ALL:
                raise refused(
                    T("It would unpack to far more than any phone can hold ({name}).", name=entry.name)
                )
            # Capital and small letters are the same to some file systems.
            if entry.name.casefold() in seen:
                raise refused(T("It holds the same name twice: {name}.", name=entry.name))
            seen.add(entry.name.casefold())
            self._left, self._padding = entry.size, -entry.size % BLOCK
            yield entry
            for _ in self.content():
                pass
            self._exactly(self._padding)
        after = 0
        while piece := self._source.read(BLOCK * 16):
            after += len(piece)
            if after > MOST_AFTER:
                raise refused(T("Something is hidden behind its end."))

    def content(self) -> Iterator[bytes]:
        """The rest of the present entry's bytes, in pieces."""
        while self._left:
            piece = self._source.read(min(self._left, PIECE))
            if not piece:
                raise EOFError
            self._left -= len(piece)
            yield piece

    def _header(self) -> tuple[int, str, int] | None:
        """Kind, name and size; None at the end mark."""
        block = self._exactly(BLOCK)
        if not block.strip(b"\0"):
            return None
        # The sum counts its own field as eight spaces.
        summed = sum(block) - sum(block[148:156]) + 8 * 32
        if _number(block[148:156]) != summed:
            raise refused(T("It is damaged: a header in it does not add up."))
        name, prefix = _text(block[:100].split(b"\0")[0]), _text(block[345:500].split(b"\0")[0])
        if prefix and block[257:262] == b"ustar" and block[262:263] == b"\0":
            name = f"{prefix}/{name}"
        return block[156], name, _number(block[124:136])

    def _all(self, size: int) -> bytes:
        told = self._exactly(size)
        self._exactly(-size % BLOCK)
        return told

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self._source.read(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


def _safe(name: str) -> str:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    outside = name.startswith("/") or ".." in parts or "\\" in name or ":" in name
    if outside or any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        raise refused(T("It holds a path that leads out of its folder: {name}.", name=name))
    return "/".join(parts)


def _number(raw: bytes) -> int:
    """Octal digits, or GNU's two's complement after a byte 0x80. Raises PreflightError."""
    if raw[:1] == b"\x80":
        return int.from_bytes(raw[1:], "big")
    digits = raw.strip(b" \0")
    if not re.fullmatch(rb"[0-7]*", digits):
        raise refused(T("It is damaged: a header in it does not add up."))
    return int(digits or b"0", 8)


def _pax(told: bytes) -> tuple[str, int | None]:
    """`path` and `size` of an extended header. Raises PreflightError for sparse files and what is no header."""
    path, size = "", None
    while told:
        record = _RECORD.match(told)
        length = int(record[1]) if record else 0
        if record is None or length <= record.end() or length > len(told):
            raise refused(T("It is damaged: a header in it does not add up."))
        key, value = record[2], told[record.end() : length - 1]
        if key == b"path":
            path = _text(value)
        elif key == b"size" and re.fullmatch(rb"\d{1,18}", value):
            size = int(value)
        elif key == b"size" or key.startswith(b"GNU.sparse"):
            raise refused(T("It is damaged: a header in it does not add up."))
        told = told[length:]
    return path, size


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
