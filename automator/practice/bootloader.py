"""A practice bootloader: fastboot over TCP, as Debian's real client speaks it. Must not know of adb, nor of ROM files.

The wire is AOSP's `fastboot/README.md` (fastboot over TCP, version 1): `FB01` both ways, then messages of an eight-byte
length and what it counts. An answer is OKAY, FAIL, INFO or DATA and at most 60 letters.
Evidence for its words: what locked phones of Xiaomi's refuse with; the rest (names of variables, which of them answer)
is as stock bootloaders have it, and a guess for Xiaomi's.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

_LOOPBACK = "127.0.0.1"
_HANDSHAKE = b"FB01"
_LENGTH = struct.Struct(">Q")
_SPARSE, _SPARSE_MAGIC = struct.Struct("<4sHHHHIIII"), b"\x3a\xff\x26\xed"
_CHUNK = struct.Struct("<HHII")
_RAW, _FILL = 0xCAC1, 0xCAC2
_MOST_WORDS = 4096
"""Bytes of a command."""
LOCKED_ERASE = "Erase is not allowed in Lock State"
LOCKED_FLASH = "Flashing is not allowed in Lock State"
Fault = Literal["hang", "pull", "fail", "drop"]
"""`hang`: it answers nothing any more; `pull`: the cable is pulled; `fail`: it says FAIL; `drop`: the connection ends without
a word, and the client spins."""


@dataclass
class State:
    """What the bootloader is, and what was done to it."""

    product: str = "degas"
    serialno: str = "a1b2c3d4"
    unlocked: bool = True
    anti: int | None = 1
    """None: it knows no such variable."""
    variables: dict[str, str] = field(default_factory=dict)
    """More that it tells, or what it tells instead; an empty one is not there."""
    slots: int = 2
    partitions: dict[str, bytes] = field(default_factory=dict)
    """What was flashed; empty where it was erased."""
    active: str = ""
    log: list[str] = field(default_factory=list)
    """Every command that changes something and was obeyed, in order: `erase:boot_ab`, `flash:super`."""
    refused: list[str] = field(default_factory=list)
    restarted: bool = False

    def answers(self, name: str) -> str | None:
        """What it says of this variable."""
        own = {
            "product": self.product,
            "serialno": self.serialno,
            "unlocked": "yes" if self.unlocked else "no",
            "anti": "" if self.anti is None else str(self.anti),
            "max-download-size": "0x10000000",
            "slot-count": str(self.slots),
            "current-slot": "a",
            "battery-voltage": "4012",
            "battery-soc-ok": "yes",
            **self.variables,
        }
        return own.get(name) or None


class _PulledError(Exception):
    """The cable was pulled."""


class Bootloader:
    """One practice bootloader on a TCP port of this computer, with a thread of its own."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()
        self.faults: dict[str, Fault] = {}
        """What goes wrong at a command: `flash:super`, or `download:super` in the middle of what comes for it."""
        self.before: Callable[[str], None] = lambda command: None
        """Called before each command is obeyed."""
        self._data = b""
        self._plugged = True
        self._stopping = threading.Event()
        self._next = ""

    def __enter__(self) -> Bootloader:
        self._socket = socket.create_server((_LOOPBACK, 0))
        self.serial = f"tcp:{_LOOPBACK}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="bootloader", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def plug(self) -> None:
        """The cable is in again."""
        self._plugged = True

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                if not self._plugged:
                    _reset(connection)
                    continue
                try:
                    self._speak(connection)
                except _PulledError:
                    self._plugged = False
                    _reset(connection)
                except OSError:
                    pass

    def _speak(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(30)
        connection.sendall(_HANDSHAKE)
        if _exactly(connection, 4) != _HANDSHAKE:
            return
        while True:
            length = _LENGTH.unpack(_exactly(connection, 8))[0]
            if length > _MOST_WORDS:
                return
            command = _exactly(connection, length).decode("utf-8", "replace")
            for answer in self._answers(connection, command):
                connection.sendall(_LENGTH.pack(len(answer)) + answer)

    def _answers(self, connection: socket.socket, command: str) -> Iterator[bytes]:
        self.before(command)
        fault = self.faults.get(command)
        if fault == "hang":
            # For as long as the client waits, and no longer.
            while connection.recv(4096):
                pass
            raise ConnectionResetError
        if fault == "pull":
            raise _PulledError
        if fault == "drop":
            raise ConnectionResetError
        if fault == "fail":
            self.state.refused.append(command)
            yield b"FAILthe flash memory is worn out"
            return
        verb, _, rest = command.partition(":")
        if verb == "getvar":
            self._next = (
                rest.partition(":")[2] if rest.startswith(("has-slot:", "is-logical:")) else self._next
            )
            value = self.state.answers(rest)
            yield b"FAILGetVar Variable Not found" if value is None else f"OKAY{value}".encode()
        elif verb == "download":
            yield from self._download(connection, int(rest, 16))
        elif verb in ("flash", "erase"):
            yield self._write(verb, rest)
        elif verb == "set_active":
            yield self._set_active(rest)
        elif command == "oem device-info":
            yield f"INFOVerity mode: true\tDevice unlocked: {str(self.state.unlocked).lower()}".encode()
            yield b"OKAY"
        elif command == "oem cdms":
            self.state.log.append(command)
            yield b"OKAY"
        elif verb == "reboot":
            self.state.log.append(command)
            self.state.restarted = True
            yield b"OKAY"
        else:
            self.state.refused.append(command)
            yield b"FAILunknown command"

    def _download(self, connection: socket.socket, size: int) -> Iterator[bytes]:
        yield f"DATA{size:08x}".encode()
        amid = self.faults.get(f"download:{self._next}")
        data = bytearray()
        while len(data) < size:
            length = _LENGTH.unpack(_exactly(connection, 8))[0]
            data += _exactly(connection, min(length, size - len(data)))
            if amid == "pull" and len(data) >= size // 2:
                raise _PulledError
        self._data = bytes(data)
        yield b"OKAY"

    def _write(self, verb: str, name: str) -> bytes:
        if not self.state.unlocked:
            self.state.refused.append(f"{verb}:{name}")
            return f"FAIL{LOCKED_ERASE if verb == 'erase' else LOCKED_FLASH}".encode()
        self.state.log.append(f"{verb}:{name}")
        before = self.state.partitions.get(name, b"")
        self.state.partitions[name] = flashed(before, self._data) if verb == "flash" else b""
        return b"OKAY"

    def _set_active(self, slot: str) -> bytes:
        if not self.state.unlocked:
            self.state.refused.append(f"set_active:{slot}")
            return f"FAIL{LOCKED_FLASH}".encode()
        self.state.log.append(f"set_active:{slot}")
        self.state.active = slot
        return b"OKAY"


def flashed(before: bytes, sent: bytes) -> bytes:
    """What a partition holds afterwards: `sent` itself, or what its sparse chunks say, over what was `before`.

    The client sends an image that is larger than `max-download-size` as several sparse ones. Format: AOSP's
    system/core/libsparse, sparse_format.h.
    """
    if len(sent) < _SPARSE.size or sent[:4] != _SPARSE_MAGIC:
        return sent
    _, _, _, header, chunk_header, block, blocks, chunks, _ = _SPARSE.unpack_from(sent)
    held = bytearray(before.ljust(block * blocks, b"\0"))
    at, place = header, 0
    for _ in range(chunks):
        kind, _, count, size = _CHUNK.unpack_from(sent, at)
        body = sent[at + chunk_header : at + size]
        length = count * block
        if kind == _RAW:
            held[place : place + length] = body
        elif kind == _FILL:
            held[place : place + length] = body[:4] * (length // 4)
        at, place = at + size, place + length
    return bytes(held)


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes. Raises ConnectionResetError when the client has hung up."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(size - len(data), 1 << 20))
        if not piece:
            raise ConnectionResetError
        data += piece
    return bytes(data)


def _reset(connection: socket.socket) -> None:
    """Ends the connection so that the client sees an error, and not an end that it waits for."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
