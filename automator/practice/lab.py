"""A rehearsal room: a private adb server, and practice phones connected to it. Must not know what a phone shows.

Nothing here touches a real phone or the owner's adb server.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from automator.practice import privateadb
from automator.practice.adbd import Device
from automator.practice.privateadb import PrivateAdb, ask
from automator.practice.wire import Wire

__all__ = ["Lab", "PrivateAdb", "Wire"]

_PATIENCE = 10.0


class Lab:
    """A private adb server, and practice phones connected to it."""

    def __init__(self) -> None:
        self._adb = PrivateAdb()
        self._errands = ThreadPoolExecutor(1, "lab")
        self._cleanup = contextlib.ExitStack()
        self._wires: list[Wire] = []

    def __enter__(self) -> Lab:
        self._cleanup.callback(self._adb.stop)
        self._cleanup.callback(self._errands.shutdown)
        try:
            self._adb.start()
        except BaseException:
            self._cleanup.close()
            raise
        self.port = self._adb.port
        self.client = self._adb.client()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.__exit__(kind, error, trace)

    def add(self, device: Device) -> Wire:
        """Put a phone on the wire, and return when adb lists it: ready, or unauthorized."""
        wire = Wire(device)
        self._cleanup.callback(wire.stop)
        wire.start()
        wire.on_gone = lambda: self._errands.submit(self._disconnect, wire.serial)
        wire.on_back = lambda: self._errands.submit(self._reconnect, wire.serial)
        self._wires.append(wire)
        self._connect(wire.serial)
        self.wait(wire, "device" if device.authorised else "unauthorized")
        return wire

    def replug(self, wire: Wire) -> None:
        """Plug an unplugged phone in again, and return when adb lists it as ready."""
        connect = self._connect if wire.plugged else self._reconnect
        wire.plug()
        self._errands.submit(connect, wire.serial).result(_PATIENCE)
        self.wait(wire, "device")

    def kill_server(self) -> Future[None]:
        """Kill the adb server, and start it again on its port; done when the phones are connected to it again.

        May be called from a phone's step, where nobody may wait for it.
        """
        self._adb.kill()
        return self._errands.submit(self._start_again)

    def _start_again(self) -> None:
        self._adb.start_again()
        for wire in self._wires:
            if wire.plugged:
                self._connect(wire.serial)

    def wait(self, wire: Wire, state: str | None) -> None:
        """Return once adb lists the phone in this state (None: not at all). Raises TimeoutError."""
        privateadb.wait(self._adb.port, wire.serial, state)

    def _connect(self, serial: str) -> None:
        answer = ask(self._adb.port, f"host:connect:{serial}")
        # "failed to authenticate" is how adb says that the phone is asking its owner.
        if not answer.startswith(("connected", "already connected", "failed to authenticate")):
            raise ConnectionError(answer)

    def _reconnect(self, serial: str) -> None:
        """Connect to a phone of which adb may still have a dead connection."""
        self._disconnect(serial)
        self._connect(serial)

    def _disconnect(self, serial: str) -> None:
        """Take an unplugged phone off adb's list, as one on USB vanishes; else adb would look for it."""
        # The server may be gone as well.
        with contextlib.suppress(OSError):
            ask(self._adb.port, f"host:disconnect:{serial}")
            privateadb.wait(self._adb.port, serial, None)
