"""The phone's end of adb on a TCP connection: greeting, authorisation, streams. Must not know what streams say.

The protocol is AOSP's packages/modules/adb (protocol.txt, adb.cpp, adb_auth_host.cpp), version 0x01000001.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from automator.practice.files import Files
from automator.practice.hostkey import HostKey

_VERSION = 0x01000001
_MAX_PAYLOAD = 1 << 20
_HEADER = struct.Struct("<6I")
_FULL_WORD = 0xFFFFFFFF

_CNXN, _AUTH, _OPEN, _OKAY, _WRTE, _CLSE = (
    int.from_bytes(word, "little") for word in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE")
)
_AUTH_TOKEN, _AUTH_SIGNATURE, _AUTH_PUBLIC_KEY = 1, 2, 3
_TOKEN_SIZE = 20

# `authorised` is a plain attribute that any thread may set: there is nothing to wait on.
_AUTHORISED_LOOK = 0.01


class MalformedError(Exception):
    """The computer sent what no adb client sends."""


class Device(Protocol):
    """What the wire needs of a phone; `automator.practice.phone.Phone` is one."""

    files: Files
    authorised: bool
    on_leave: Callable[[], None] | None
    on_kill: Callable[[str], bool] | None

    def banner(self) -> str: ...
    def shell(self, command: str) -> tuple[bytes, int]: ...
    def rpc(self, method: str, params: list[Any]) -> Any: ...
    def reboot(self) -> None: ...
    def delay(self, request: str, params: Sequence[Any] = ()) -> float: ...
    def step(self, request: str) -> None: ...


@contextlib.asynccontextmanager
async def serving(device: Device, request: str, params: Sequence[Any] = ()) -> AsyncIterator[None]:
    """Serve one request inside: the phone's time passes before it, faults due on either side of it happen.

    A fault may cancel the task that serves the request: before it, nothing is done; after it, it is done and
    the answer is never sent. Cancellation arrives at an await, hence the ones here that seem to do nothing.
    """
    device.step(f"before:{request}")
    await asyncio.sleep(device.delay(request, params))
    yield
    device.step(f"after:{request}")
    await asyncio.sleep(0)


_LONG = 4096


async def send(device: Device, request: str, stream: Stream, answer: bytes) -> None:
    """Send the answer to a request; what is long in two halves, with the moment `amid:REQUEST` between them.

    The computer has the first half by then. Raises ConnectionResetError.
    """
    half = len(answer) // 2 if len(answer) > _LONG else 0
    if half:
        await stream.write(answer[:half])
        device.step(f"amid:{request}")
        await asyncio.sleep(0)
    await stream.write(answer[half:])


def report(task: asyncio.Task[None]) -> None:
    """Hand a task's failure to the loop: a mistake in the practice phone must not pass unseen."""
    if not task.cancelled() and (error := task.exception()):
        asyncio.get_running_loop().call_exception_handler({"message": str(error), "exception": error})


@dataclass(frozen=True)
class Message:
    """One message of the transport."""

    command: int
    arg0: int
    arg1: int
    payload: bytes = b""

    def pack(self) -> bytes:
        """The message as bytes, with a checksum while an older adb would check it: until it is connected."""
        needs_checksum = self.command in (_CNXN, _AUTH)
        checksum = sum(self.payload) & _FULL_WORD if needs_checksum else 0
        header = (self.command, self.arg0, self.arg1, len(self.payload), checksum, self.command ^ _FULL_WORD)
        return _HEADER.pack(*header) + self.payload

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Message:
        """The next message; raises MalformedError, or asyncio.IncompleteReadError at the end."""
        command, arg0, arg1, length, _, magic = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        if magic != command ^ _FULL_WORD or length > _MAX_PAYLOAD:
            raise MalformedError(f"header {command:08x}, length {length}")
        return cls(command, arg0, arg1, await reader.readexactly(length))


class Stream:
    """One stream of a connection: what came in is in `.inbox`; `.closed` is set once nobody listens."""

    def __init__(self, link: Link, local: int, remote: int) -> None:
        self._link = link
        self._acknowledged = asyncio.Event()
        self.local = local
        self.remote = remote
        self.inbox = asyncio.StreamReader()
        self.closed = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Send and wait until the computer has taken it; raises ConnectionResetError when it has hung up."""
        for start in range(0, len(data), self._link.max_payload):
            self._acknowledged.clear()
            if self.closed.is_set():
                raise ConnectionResetError
            chunk = data[start : start + self._link.max_payload]
            self._link.send(Message(_WRTE, self.local, self.remote, chunk))
            await self._acknowledged.wait()

    def receive(self, data: bytes) -> None:
        self.inbox.feed_data(data)
        self._link.send(Message(_OKAY, self.local, self.remote))

    def acknowledge(self) -> None:
        self._acknowledged.set()

    def hang_up(self) -> None:
        if not self.closed.is_set():
            self.closed.set()
            self.inbox.feed_eof()
            self._acknowledged.set()


Service = Callable[[Stream], Coroutine[Any, Any, None]]


class Link:
    """One connection from a computer, from its greeting to its end."""

    def __init__(self, adbd: Adbd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._adbd = adbd
        self._reader = reader
        self._writer = writer
        self._held: list[Message] = []
        self._streams: dict[int, Stream] = {}
        self._ids = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.max_payload = _MAX_PAYLOAD

    async def run(self) -> None:
        """Serve the computer until it goes away, or says something that no adb client says."""
        with contextlib.suppress(MalformedError, asyncio.IncompleteReadError, ConnectionError):
            await self._greet()
            while True:
                self._handle(await self._receive())

    def send(self, message: Message) -> None:
        if self._writer.is_closing():
            return
        if self._adbd.awake.is_set():
            self._writer.write(message.pack())
        else:
            self._held.append(message)

    def flush(self) -> None:
        """Send what was held back while adbd hung."""
        held, self._held = self._held, []
        for message in held:
            self.send(message)

    def cut(self) -> None:
        """Hang up, on every stream, at once. What is being served is given up."""
        self._writer.transport.abort()
        self._held.clear()
        for stream in self._streams.values():
            stream.hang_up()
        for task in self._tasks:
            task.cancel()

    async def _receive(self) -> Message:
        message = await Message.read(self._reader)
        await self._adbd.awake.wait()
        return message

    async def _greet(self) -> None:
        device = self._adbd.device
        greeting = await self._receive()
        if greeting.command != _CNXN or greeting.arg1 == 0:
            raise MalformedError("no greeting")
        self.max_payload = min(greeting.arg1, _MAX_PAYLOAD)
        async with serving(device, "connect"):
            await self._authenticate()
        self.send(Message(_CNXN, _VERSION, _MAX_PAYLOAD, device.banner().encode()))

    async def _authenticate(self) -> None:
        """Return once the owner allows this computer: at once for a key allowed before, else when asked."""
        device = self._adbd.device
        while True:
            token = os.urandom(_TOKEN_SIZE)
            self.send(Message(_AUTH, _AUTH_TOKEN, 0, token))
            answer = await self._receive()
            if answer.command != _AUTH:
                raise MalformedError("no answer to the token")
            if answer.arg0 == _AUTH_PUBLIC_KEY:
                break
            known = any(key.signed(token, answer.payload) for key in self._adbd.keys)
            if known and device.authorised:
                return
        try:
            key = HostKey.parse(answer.payload)
        except ValueError as error:
            raise MalformedError("no key") from error
        while not device.authorised:
            if self._reader.at_eof():
                raise ConnectionResetError
            await asyncio.sleep(_AUTHORISED_LOOK)
        self._adbd.keys.add(key)

    def _handle(self, message: Message) -> None:
        if message.command == _OPEN:
            self._open(message)
        elif message.command in (_OKAY, _WRTE, _CLSE):
            stream = self._streams.get(message.arg1)
            if stream is None:
                return  # the computer could not know yet that we closed it
            if message.command == _OKAY:
                stream.acknowledge()
            elif message.command == _WRTE:
                stream.receive(message.payload)
            else:
                del self._streams[stream.local]
                stream.hang_up()
        else:
            raise MalformedError(f"command {message.command:08x}")

    def _open(self, message: Message) -> None:
        if message.arg0 == 0:
            raise MalformedError("a stream without a number")
        name = message.payload.rstrip(b"\0").decode(errors="replace")
        service = self._adbd.service(name)
        if service is None:
            self.send(Message(_CLSE, 0, message.arg0))
            return
        stream = Stream(self, next(self._ids), message.arg0)
        self._streams[stream.local] = stream
        self.send(Message(_OKAY, stream.local, stream.remote))
        task = asyncio.create_task(self._serve(service, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(report)

    async def _serve(self, service: Service, stream: Stream) -> None:
        try:
            with contextlib.suppress(
                MalformedError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
            ):
                await service(stream)
        finally:
            if self._streams.pop(stream.local, None):
                stream.hang_up()
                self.send(Message(_CLSE, stream.local, stream.remote))


class Adbd:
    """The phone's adb daemon: its connections, the computers it trusts, and whether it hangs.

    `find` gives the service for a stream's name, or None to refuse the stream.
    """

    def __init__(self, device: Device, find: Callable[[str], Service | None]) -> None:
        self.device = device
        self.service = find
        self.keys: set[HostKey] = set()
        self.awake = asyncio.Event()
        self.awake.set()
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, connection: socket.socket) -> None:
        """Take over an accepted connection, to its end."""
        task = asyncio.create_task(self._serve(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(report)
        # Closed by its link as a rule; not when the task was cancelled before it had one.
        task.add_done_callback(lambda _: connection.close())

    def forget(self) -> None:
        """Trust no computer any more."""
        self.keys.clear()

    def freeze(self) -> None:
        """Hang: connections stay open, nothing is read or answered."""
        self.awake.clear()

    def thaw(self) -> None:
        self.awake.set()
        for link in self._links:
            link.flush()

    def cut(self) -> None:
        """Drop every connection at once, and all that is being served on them."""
        for link in self._links:
            link.cut()
        for task in self._tasks:
            task.cancel()

    async def _serve(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection, limit=2 * _MAX_PAYLOAD)
        link = Link(self, reader, writer)
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)
            link.cut()
