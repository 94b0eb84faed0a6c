"""A file on the phone that can be read in parts: `dd` over adb's `exec:`. Knows nothing of what is in it."""

from __future__ import annotations

import io
import shlex
import struct
from collections import OrderedDict
from time import monotonic
from typing import Any, BinaryIO

from adbutils import AdbDevice

PAGE = 512 * 1024
"""Bytes read at a time: over USB 2 as long as adb and the phone need to begin a reading."""
BLOCK = 4096
MOST_PAGES = 64
MOST_READ = 8 * 1024 * 1024
"""Bytes that are read for zipfile at once: an archive's directory, in one piece. One of 60,000 files has less."""
MOST_DATA = 64 * 1024
"""Bytes in one message of adb's sync protocol (SYNC_DATA_MAX)."""
_MESSAGE = struct.Struct("<4sI")


class Unreadable(OSError):
    """The phone did not give what was asked of the file."""


class Archive(io.RawIOBase):
    """What zipfile asks of a file that nobody need trust."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._at = 0

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, both cut to the file."""
        raise NotImplementedError

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
        end = self._size if size is None or size < 0 else min(self._at + size, self._size)
        if end - self._at > MOST_READ:
            raise Unreadable(f"{end - self._at} bytes at once")
        found = self.part(self._at, end)
        self._at += len(found)
        return found


class Copy(Archive):
    """A file of the phone that was copied."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file.seek(0, io.SEEK_END))
        self._file = file

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, both cut to the file."""
        self._file.seek(start)
        return self._file.read(max(0, end - start))


class RemoteFile(Archive):
    """A file on the phone, for reading until a time of `monotonic()`; `size` in bytes.

    Every method raises Unreadable, AdbError or OSError.

    Old phones' `dd` counts in blocks alone, so all is read in whole blocks.
    """

    def __init__(self, device: AdbDevice, path: str, size: int, until: float) -> None:
        super().__init__(size)
        self._device = device
        self._path = path
        self._until = until
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
        page = read_stream(self._device, f"exec:{command}", wanted, self._until)
        if len(page) != wanted:
            raise Unreadable(f"{self._path}: {len(page)} bytes of {wanted}")
        self._pages[number] = page
        if len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        return page


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


def pull(device: AdbDevice, path: str, into: BinaryIO, most: int, until: float) -> None:
    """Copies a file of the phone. Raises Unreadable when it is larger than that or takes too long, AdbError or OSError.

    adbutils' own would wait for four gigabytes if the phone announced them.
    """
    connection: Any = device.open_transport()
    try:
        connection.send_command("sync:")
        connection.check_okay()
        name = path.encode()
        connection.conn.sendall(_MESSAGE.pack(b"RECV", len(name)) + name)
        while True:
            kind, size = _MESSAGE.unpack(_exactly(connection, _MESSAGE.size, until))
            if kind == b"DONE":
                return
            if kind != b"DATA" or size > min(MOST_DATA, most):
                raise Unreadable(f"{path}: the phone did not give it")
            into.write(_exactly(connection, size, until))
            most -= size
    finally:
        connection.conn.close()


def _exactly(connection: Any, size: int, until: float) -> bytes:
    said = bytearray()
    while len(said) < size:
        in_time(until)
        piece = connection.conn.recv(size - len(said))
        if not piece:
            raise Unreadable("it ended too early")
        said += piece
    return bytes(said)


def in_time(until: float) -> None:
    """Raises Unreadable when it is later than that."""
    if monotonic() > until:
        raise Unreadable("it took too long")


def read_stream(device: AdbDevice, service: str, most: int, until: float) -> bytes:
    """What the phone's service says until it ends, or as `receive`. Raises AdbError, OSError."""
    connection: Any = device.open_transport()
    try:
        connection.send_command(service)
        connection.check_okay()
        return receive(connection, most, until)
    finally:
        connection.conn.close()


def receive(connection: Any, most: int, until: float) -> bytes:
    """What comes until the stream ends, or somewhat more than `most` bytes. Raises Unreadable when it takes too long, OSError."""
    said = bytearray()
    # adbutils reads 4 kB at a time and copies all it has for each.
    while len(said) <= most and (piece := connection.conn.recv(256 * 1024)):
        in_time(until)
        said += piece
    return bytes(said)
