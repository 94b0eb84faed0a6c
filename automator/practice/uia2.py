"""uiautomator2's server on the phone: one process at most, HTTP on streams. Must not know what a method does.

Follows openatx/android-uiautomator-server (NanoHTTPD, jsonrpc4j) as uiautomator2 3.7.1 ships it.
"""

from __future__ import annotations

import asyncio
import base64
import email.utils
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from automator.practice.adbd import Device, MalformedError, Stream, serving
from automator.practice.state import RpcError

STARTS = "app_process / com.wetest.uia2.Main"
PORT = 9008
_JAR = "/data/local/tmp/u2.jar"

_STARTING = b"[server] INFO: [UiAutomator2Server] Starting Server\n"
_NO_JAR = (
    b'java.lang.ClassNotFoundException: Didn\'t find class "com.wetest.uia2.Main" '
    b'on path: DexPathList[[zip file "/data/local/tmp/u2.jar"]]\n'
)
_TAKEN = _STARTING + (
    b"java.lang.IllegalStateException: UiAutomationService "
    b"android.accessibilityservice.IAccessibilityServiceClient$Stub$Proxy@5deffd5already registered!\n"
)

_MAX_BODY = 1 << 20
_WAITS = ("waitForExists", "waitUntilGone")
_POLL = 0.1
"""Seconds between two looks of those, on the device."""
_PARSE_ERROR, _INVALID_REQUEST = -32700, -32600
_REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error"}


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: bytes


@dataclass(frozen=True)
class _Answer:
    body: bytes
    kind: str = "text/plain"
    status: int = 200


class Server:
    """The server process: lives while its shell is open, unless it is killed or told to stop before."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._process: asyncio.Task[Any] | None = None
        self._wedged: Literal["", "calls", "all"] = ""
        # Another program holds the phone's one UiAutomation.
        self.taken = False
        self._serving: set[asyncio.Task[Any]] = set()

    @property
    def alive(self) -> bool:
        return self._process is not None

    async def main(self, say: Callable[[bytes], Awaitable[None]], hung_up: asyncio.Event) -> int:
        """Be the process, and return its exit code; `say` prints, `hung_up` is the end of its shell."""
        process = asyncio.current_task()
        try:
            async with serving(self._device, "shell"):
                if _JAR not in self._device.files:
                    failure = _NO_JAR
                elif self.alive or self.taken:
                    failure = _TAKEN
                else:
                    failure = b""
                    self._process, self._wedged = process, ""
            await say(failure or _STARTING)
            if failure:
                return 1
            await hung_up.wait()
        finally:
            if self._process is process:
                self.kill()
        return 0

    def kill(self) -> None:
        """End the process at once: what it is serving is never answered."""
        tasks = (*self._serving, self._process)
        self._process = None
        self._serving.clear()
        for task in tasks:
            if task is not None:
                task.cancel()

    def wedge(self, *, answers_ping: bool) -> None:
        """Let the process hang: it takes calls and never answers. Its end is a new process."""
        self._wedged = "calls" if answers_ping else "all"

    async def _hang(self, request: _Request, stream: Stream) -> None:
        """Until the computer hangs up, or the process is killed, where it answers no such request."""
        if self._wedged == "all" or (self._wedged and request.path != "/ping"):
            await stream.closed.wait()
            raise ConnectionResetError

    async def serve(self, stream: Stream) -> None:
        """Answer the one request of a connection to the server's port."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            request = await _read(stream.inbox)
            await self._hang(request, stream)
            answer = await self._answer(request)
            await self._hang(request, stream)
            for part in _write(answer):
                await stream.write(part)
            if request.path == "/stop":
                self.kill()
        finally:
            self._serving.discard(task)

    async def _answer(self, request: _Request) -> _Answer:
        if request.path == "/ping":
            async with serving(self._device, "http.ping"):
                return _Answer(b"pong")
        if request.path == "/stop":
            async with serving(self._device, "http.stop"):
                return _Answer(b"Server stopped!!!")
        if request.path == "/screenshot/0":
            return await self._screenshot()
        if request.path == "/jsonrpc/0" and request.method == "POST":
            return await self._call(request.body)
        return _Answer(b"Not Found!!!", status=404)

    async def _screenshot(self) -> _Answer:
        async with serving(self._device, "http.screenshot"):
            try:
                picture = base64.b64decode(self._device.rpc("takeScreenshot", [1, 80]))
            except RpcError as error:
                return _Answer(error.message.encode(), status=500)
            return _Answer(picture, "image/jpeg")

    async def _call(self, body: bytes) -> _Answer:
        try:
            call = json.loads(body)
        except ValueError:
            return _error(None, _PARSE_ERROR, "JSON parse error", "")
        if not isinstance(call, dict) or not isinstance(call.get("method"), str):
            return _error(None, _INVALID_REQUEST, "Invalid Request", "")
        identity, method, params = call.get("id"), call["method"], call.get("params")
        # uiautomator2 sends null or {} to a method without parameters
        arguments = params if isinstance(params, list) else []
        async with serving(self._device, f"rpc.{method}", arguments):
            try:
                result = await self._result(method, arguments)
            except RpcError as error:
                # The server's own error resolver: the class alone is the message, what it says is in the data.
                name = error.message.partition(": ")[0]
                trace = f"{error.message}\n\tat com.wetest.uia2.stub.AutomatorServiceImpl.{method}(Unknown Source)"
                return _error(identity, error.code, name, trace)
            return _json({"jsonrpc": "2.0", "id": identity, "result": result})

    async def _result(self, method: str, arguments: list[Any]) -> Any:
        """What the call gives; one that waits for something looks for it again, as uiautomator does."""
        result = self._device.rpc(method, arguments)
        patience = arguments[1] if method in _WAITS and len(arguments) > 1 else 0
        until = asyncio.get_running_loop().time() + (patience if isinstance(patience, int) else 0) / 1000
        while result is False and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_POLL)
            result = self._device.rpc(method, arguments)
        return result


def _error(identity: object, code: int, message: str, trace: str) -> _Answer:
    error = {"code": code, "message": message, "data": trace}
    return _json({"jsonrpc": "2.0", "id": identity, "error": error})


def _json(content: dict[str, Any]) -> _Answer:
    return _Answer(json.dumps(content, ensure_ascii=False).encode(), "application/json")


async def _read(inbox: asyncio.StreamReader) -> _Request:
    head = await inbox.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise MalformedError("no HTTP request")
    fields = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    length = fields.get("content-length", "0")
    if not length.isdecimal() or int(length) > _MAX_BODY:
        raise MalformedError(f"content-length {length}")
    return _Request(words[0], words[1].partition("?")[0], await inbox.readexactly(int(length)))


def _write(answer: _Answer) -> tuple[bytes, bytes]:
    """Head and body apart, as NanoHTTPD writes them."""
    head = (
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]} \r\n"
        f"Content-Type: {answer.kind}\r\n"
        f"Date: {email.utils.formatdate(usegmt=True)}\r\n"
        "Connection: close\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        "\r\n"
    )
    return head.encode(), answer.body
