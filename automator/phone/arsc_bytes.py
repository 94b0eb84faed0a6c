"""Checked reading of a compiled resource table: spans, chunks, string pools. Knows bytes, not what they mean.

The layout is in AOSP, frameworks/base, libs/androidfw/include/androidfw/ResourceTypes.h. All is little-endian.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Any, Protocol

MAX_CHUNKS = 1 << 17
_CHUNK = Struct("<HHI")
_POOL = Struct("<8xIIIII")
_U32 = Struct("<I")
_UTF8 = 0x100


class MalformedTable(ValueError):
    """These bytes are no resource table, or a broken one."""


class Data(Protocol):
    """What a table is read from: bytes, a memoryview, an mmap, a file on the phone. Slices are bytes-like."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes | bytearray | memoryview: ...


class Span:
    """A part of the data; offsets count from its start, and nothing outside it can be read."""

    __slots__ = ("_data", "size", "start")

    def __init__(self, data: Data, start: int, size: int) -> None:
        self._data, self.start, self.size = data, start, size

    def read(self, at: int, size: int) -> bytes | bytearray | memoryview:
        """Exactly `size` bytes; nothing is allocated for a size that cannot be. Raises MalformedTable."""
        if at < 0 or size < 0 or at + size > self.size:
            raise MalformedTable(f"{size} bytes at {self.start + at} do not fit in the part they are in")
        part = self._data[self.start + at : self.start + at + size]
        if len(part) != size:
            raise MalformedTable(f"the data ends before {self.start + at + size}")
        return part

    def unpack(self, layout: Struct, at: int) -> tuple[Any, ...]:
        return layout.unpack(self.read(at, layout.size))

    def part(self, at: int, size: int) -> Span:
        """A span in this one. Raises MalformedTable when it does not lie inside."""
        if at < 0 or size < 0 or at + size > self.size:
            raise MalformedTable(f"a part of {size} bytes at {self.start + at} is larger than what it is in")
        return Span(self._data, self.start + at, size)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: what kind it is, how long its header is, and its bytes with the header."""

    kind: int
    header: int
    span: Span


def chunk_at(span: Span, at: int) -> Chunk:
    """The chunk that starts there. Raises MalformedTable."""
    kind, header, size = span.unpack(_CHUNK, at)
    if not _CHUNK.size <= header <= size:
        raise MalformedTable(f"the chunk at {span.start + at} is smaller than its header")
    return Chunk(kind, header, span.part(at, size))


def chunks(parent: Chunk) -> Iterator[Chunk]:
    """The chunks in a chunk, one after the other. Raises MalformedTable."""
    at = parent.header
    while parent.span.size - at >= _CHUNK.size:
        chunk = chunk_at(parent.span, at)
        yield chunk
        at += chunk.span.size


class Pool:
    """One string pool. Reads its header now and each string when it is wanted, once."""

    def __init__(self, chunk: Chunk) -> None:
        if chunk.kind != 0x0001:
            raise MalformedTable(f"no string pool at {chunk.span.start}")
        count, _, flags, start, _ = chunk.span.unpack(_POOL, 0)
        if chunk.header + count * _U32.size > chunk.span.size or start > chunk.span.size:
            raise MalformedTable(f"the string pool at {chunk.span.start} is smaller than its index")
        self.count: int = count
        self._index = chunk.span.part(chunk.header, count * _U32.size)
        self._strings = chunk.span.part(start, chunk.span.size - start)
        self._utf8 = bool(flags & _UTF8)
        self._unread = self._strings.size
        self._read: dict[int, str] = {}

    def texts(self, wanted: Iterable[int]) -> dict[int, str]:
        """The strings with these numbers, by number; read in ascending order. Raises MalformedTable.

        Strings that overlap are refused: a small file could hold gigabytes of them.
        """
        offsets = {}
        for number in sorted(set(wanted)):
            if number >= self.count:
                raise MalformedTable(f"a pool of {self.count} has no string {number}")
            (offsets[number],) = self._index.unpack(_U32, number * _U32.size)
        for offset in sorted(offsets.values()):
            if offset not in self._read:
                self._read[offset] = self._utf8_text(offset) if self._utf8 else self._utf16_text(offset)
        return {number: self._read[offset] for number, offset in offsets.items()}

    def _spend(self, size: int) -> None:
        self._unread -= size
        if self._unread < 0:
            raise MalformedTable(f"the strings of the pool at {self._index.start} overlap")

    def _utf8_text(self, offset: int) -> str:
        """A string that is preceded by its length in UTF-16 units, then in bytes, each in one or two bytes."""
        head = bytes(self._strings.read(offset, max(1, min(4, self._strings.size - offset))))
        at = 2 if head[:1] >= b"\x80" else 1
        length = head[at] if at < len(head) else 0
        if length & 0x80 and at + 1 < len(head):
            length = (length & 0x7F) << 8 | head[at + 1]
            at += 1
        at += 1
        text = bytes(self._strings.read(offset + at, length + 1))
        # aapt wrote the length of a long string modulo 0x8000; Android looks for the closing zero (ResStringPool::stringDecodeAt).
        if text[-1]:
            while self._strings.read(offset + at + length, 1)[0]:
                length += 0x8000
            text = bytes(self._strings.read(offset + at, length + 1))
        self._spend(at + length + 1)
        return _modified_utf8(text[:-1])

    def _utf16_text(self, offset: int) -> str:
        """A string that is preceded by its length in UTF-16 units, in two or four bytes."""
        head = bytes(self._strings.read(offset, max(1, min(4, self._strings.size - offset))))
        length, at = int.from_bytes(head[:2], "little"), 2
        if length & 0x8000:
            length, at = (length & 0x7FFF) << 16 | int.from_bytes(head[2:4], "little"), 4
        self._spend(at + 2 * length + 2)
        text = bytes(self._strings.read(offset + at, 2 * length + 2))
        if text[-2:] != b"\0\0":
            raise MalformedTable(f"the string at {self._strings.start + offset} has no end")
        return text[:-2].decode("utf-16-le", "replace")


def _modified_utf8(raw: bytes) -> str:
    """UTF-8, or Java's form of it: surrogates as three bytes each, zero as two. A lone surrogate becomes U+FFFD."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    try:
        halves = raw.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise MalformedTable("a string is not UTF-8") from error
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
