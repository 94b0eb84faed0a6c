"""One practice phone on a TCP port, with a thread of its own. Must not know of adb servers, nor of screens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from automator.practice.adbd import Adbd, Device
from automator.practice.services import Services
from automator.practice.uia2 import STARTS

_LOOPBACK = "127.0.0.1"
_PATIENCE = 10.0
_GRACE = 0.3
"""Seconds that a phone needs to go down; an answer that is under way is not cut off by that."""


def _bind(port: int) -> socket.socket:
    """A socket bound to a port of this computer (0: any), not listening yet."""
    bound = socket.socket()
    if sys.platform != "win32":  # where the option means something else, and is not needed
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    bound.bind((_LOOPBACK, port))
    return bound


class Wire:
    """One phone on the wire, with a thread and an event loop of its own.

    All methods but `start` and `stop` may be called from any thread, and from inside the phone's `step`.
    """

    def __init__(self, device: Device) -> None:
        self.serial = ""
        # Called on the wire's thread when the phone leaves; done when nobody lists it any more.
        self.on_gone: Callable[[], Future[None]] | None = None
        # Called on the wire's thread when the phone can be reached again.
        self.on_back: Callable[[], object] | None = None
        self._device = device
        self._services = Services(device, self._cut)
        self._adbd = Adbd(device, self._services.find)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._listening = False
        self._gone: Future[None] | None = None
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Come up on a free port of this computer, which makes the serial, and listen."""
        self._socket = _bind(0)
        self.serial = "{}:{}".format(*self._socket.getsockname())
        # The proactor loop of Windows cannot watch a listening socket.
        self._loop = asyncio.SelectorEventLoop()
        self._loop.set_exception_handler(self._remember)
        self._thread = threading.Thread(target=self._run, name=f"wire {self.serial}", daemon=True)
        self._thread.start()
        self._device.on_leave = self._leave
        self._device.on_kill = self._kill
        self.plug()

    def stop(self) -> None:
        """End the thread, and raise what went wrong on it, if anything did."""
        if self._loop is None or self._thread is None:
            return
        self._device.on_leave = self._device.on_kill = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None
        if self._failure is not None:
            raise RuntimeError("the practice phone failed while it served a request") from self._failure

    def unplug(self) -> None:
        """Pull the cable: what is being served is given up, new connections are refused."""
        self._call(self._cut)
        if self._gone is not None and threading.current_thread() is not self._thread:
            self._gone.result(_PATIENCE)

    def plug(self) -> None:
        self._call(self._listen)

    @property
    def plugged(self) -> bool:
        """Whether it can be reached."""
        return self._listening

    def plug_after(self, seconds: float) -> None:
        """Plug the cable in again by itself, so much later; adb lists the phone soon after."""
        self._later(seconds, self._come_back)

    def go_offline(self) -> None:
        """Break the connection while adb still believes in it: adb lists the phone as offline, until it is plugged in."""
        self._call(lambda: self._cut(vanish=False))

    def revoke(self) -> None:
        """The owner takes back that computers may connect: adb lists the phone as unauthorized, until `authorised`."""
        self._call(self._revoke)

    def reboot(self, seconds: float | None) -> None:
        """Restart the phone: it goes away at once, and comes back after so long (None: when it is plugged in again)."""
        self._call(lambda: self._restart(seconds))

    def kill_server(self) -> None:
        """End uiautomator2's server process on the phone."""
        self._call(self._services.server.kill)

    def wedge_server(self, *, answers_ping: bool) -> None:
        """Let uiautomator2's server take calls and never answer, but for pings; until its process ends."""
        self._call(lambda: self._services.server.wedge(answers_ping=answers_ping))

    def take_automation(self, seconds: float | None = None) -> None:
        """Another program takes the phone's one UiAutomation: the server dies, and none can be started.

        For so long, or until `leave_automation`.
        """
        self._call(lambda: self._take(True))
        if seconds is not None:
            self._later(seconds, lambda: self._take(False))

    def leave_automation(self) -> None:
        self._call(lambda: self._take(False))

    def freeze(self) -> None:
        """Let adbd hang: connections stay open, nothing is answered."""
        self._call(self._adbd.freeze)

    def freeze_for(self, seconds: float) -> None:
        self.freeze()
        self._later(seconds, self._adbd.thaw)

    def thaw(self) -> None:
        self._call(self._adbd.thaw)

    def _call(self, do: Callable[[], None]) -> None:
        """Do it on the wire's thread, and return when it is done; nothing, once the wire has stopped."""
        if threading.current_thread() is self._thread:
            do()
        elif self._loop is not None:

            async def done() -> None:
                do()

            asyncio.run_coroutine_threadsafe(done(), self._loop).result(_PATIENCE)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do it on the wire's thread after a while; never, when the wire has stopped by then."""

        def set_going() -> None:
            assert self._loop is not None
            self._loop.call_later(seconds, do)

        self._call(set_going)

    def _come_back(self) -> None:
        if not self._listening:
            self._listen()
            if self.on_back is not None:
                self.on_back()

    def _revoke(self) -> None:
        self._device.authorised = False
        self._adbd.forget()
        self._cut()
        self._come_back()

    def _restart(self, seconds: float | None) -> None:
        self._adbd.thaw()
        self._device.reboot()
        self._cut()
        if seconds is not None:
            self._later(seconds, self._come_back)

    def _take(self, taken: bool) -> None:
        self._services.server.taken = taken
        if taken:
            self._services.server.kill()

    def _kill(self, words: str) -> bool:
        """What the phone's own shell asks for. Its lock is held here: never wait for the wire's thread."""
        server = self._services.server
        if self._loop is None or not server.alive or words not in STARTS:
            return False
        self._loop.call_soon_threadsafe(server.kill)
        return True

    def _leave(self) -> None:
        """The phone goes away by itself. Its lock may be held here: never wait for the wire's thread."""
        if self._loop is not None:
            # The loop may have been closed meanwhile, and then so has the connection.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._go_down)

    def _go_down(self) -> None:
        assert self._loop is not None
        self._loop.call_later(_GRACE, self._cut)

    def _listen(self) -> None:
        if not self._listening and self._loop is not None and self._socket is not None:
            self._listening = True
            self._socket.listen()
            self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        assert self._socket is not None
        # Whoever knocked may have gone already.
        with contextlib.suppress(OSError):
            connection, _ = self._socket.accept()
            connection.setblocking(False)
            # asyncio does it by itself only to sockets that were made by the protocol's number
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._adbd.accept(connection)

    def _cut(self, *, vanish: bool = True) -> None:
        if not self._listening or self._loop is None or self._socket is None:
            return
        self._listening = False
        self._loop.remove_reader(self._socket)
        port = self._socket.getsockname()[1]
        self._socket.close()
        # Bound but not listening: connections are refused, and nobody else gets the port.
        self._socket = _bind(port)
        self._services.server.kill()
        self._adbd.cut()
        if vanish and self.on_gone is not None:
            self._gone = self.on_gone()

    def _run(self) -> None:
        assert self._loop is not None
        self._loop.run_forever()
        self._loop.run_until_complete(self._finish())
        self._loop.close()

    async def _finish(self) -> None:
        self.on_gone = None
        self._cut()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Aborted connections are closed in the round after.
        await asyncio.sleep(0)
        assert self._socket is not None
        self._socket.close()

    def _remember(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if self._failure is None:
            self._failure = context.get("exception") or RuntimeError(context["message"])
