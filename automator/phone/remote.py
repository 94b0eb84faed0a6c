"""A file on the phone that can be read in parts: `dd` over adb's `exec:`. Knows nothing of what is in it."""

from __future__ import annotations

import io
import shlex
from collections import OrderedDict
from time import monotonic
from typing import Any, BinaryIO

from adbutils import AdbDevice

PAGE = 512 * 1024
"""Bytes read at a time: over USB 2 as long as adb and the phone need to begin a reading."""
BLOCK = 4096
MOST_PAGES = 64


class Unreadable(OSError):
    """The phone did not give what was asked of the file."""


class RemoteFile(io.RawIOBase):
    """A file on the phone, for reading until a time of `monotonic()`; `size` in bytes.

    Every method raises Unreadable, AdbError or OSError.

    Old phones' `dd` counts in blocks alone, so all is read in whole blocks.
    """

    def __init__(self, device: AdbDevice, path: str, size: int, until: float) -> None:
        super().__init__()
        self._device = device
        self._path = path
        self._size = size
        self._until = until
        self._at = 0
        self._pages: OrderedDict[int, bytes] = OrderedDict()

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, both cut to the file."""
        end = min(end, self._size)
        if start >= end:
            return b""
        first, last = start // PAGE, (end - 1) // PAGE
        if first == last:
            return self._page(first)[start - first * PAGE : end - first * PAGE]
        pages = [self._page(number) for number in range(first, last + 1)]
        pages[-1] = pages[-1][: end - last * PAGE]
        pages[0] = pages[0][start - first * PAGE :]
        return b"".join(pages)

    def _page(self, number: int) -> bytes:
        if number in self._pages:
            self._pages.move_to_end(number)
            return self._pages[number]
        in_time(self._until)
        wanted = min(PAGE, self._size - number * PAGE)
        blocks = PAGE // BLOCK
        command = (
            f"dd if={shlex.quote(self._path)} bs={BLOCK} skip={number * blocks} count={blocks} 2>/dev/null"
        )
        page = read_stream(self._device, f"exec:{command}", wanted)
        if len(page) != wanted:
            raise Unreadable(f"{self._path}: {len(page)} bytes of {wanted}")
        self._pages[number] = page
        if len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        return page

    # What zipfile asks of a file.

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else self._at + size
        found = self.part(self._at, end)
        self._at += len(found)
        return found


class Slice:
    """Some bytes of a file on the phone, as the reader of tables takes them."""

    def __init__(self, file: RemoteFile, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice, /) -> bytes:
        start, end, _ = part.indices(self._size)
        return self._file.part(self._start + start, self._start + end)


def pull(device: AdbDevice, path: str, into: BinaryIO, until: float) -> None:
    """Copies a file of the phone. Raises Unreadable when it takes too long, AdbError or OSError."""
    for piece in device.sync.iter_content(path):
        in_time(until)
        into.write(piece)


def in_time(until: float) -> None:
    """Raises Unreadable when it is later than that."""
    if monotonic() > until:
        raise Unreadable("it took too long")


def read_stream(device: AdbDevice, service: str, most: int) -> bytes:
    """What the phone's service says until it ends, or somewhat more than `most` bytes. Raises AdbError, OSError."""
    connection: Any = device.open_transport()
    try:
        connection.send_command(service)
        connection.check_okay()
        said = bytearray()
        # adbutils reads 4 kB at a time and copies all it has for each.
        while len(said) <= most and (piece := connection.conn.recv(256 * 1024)):
            said += piece
        return bytes(said)
    finally:
        connection.conn.close()
