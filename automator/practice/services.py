"""Which adb services the phone offers, and the shells among them. Must not know how they reach the wire."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from automator.practice import sync, uia2
from automator.practice.adbd import Device, Service, Stream, send, serving

_PACKET = struct.Struct("<BI")
_STDOUT, _EXIT = 1, 3
_MAX_PACKET = 32 * 1024


class Services:
    """The services of one phone, and the server process that one of them starts."""

    def __init__(self, device: Device, leave: Callable[[], None]) -> None:
        self._device = device
        self._leave = leave
        self.server = uia2.Server(device)

    def find(self, name: str) -> Service | None:
        """The service that `adb` names like this, or None when the phone has none."""
        head, _, argument = name.partition(":")
        kind, *options = head.split(",")
        if kind == "shell":
            return partial(self._shell, "shell", argument, "v2" in options)
        if kind == "exec":
            return partial(self._shell, "exec", argument, False)
        if kind == "sync":
            return partial(sync.serve, self._device)
        if kind == "tcp" and argument == str(uia2.PORT) and self.server.alive:
            return self.server.serve
        if kind == "reboot":
            return partial(self._reboot, argument)
        return None

    async def _shell(self, request: str, command: str, packets: bool, stream: Stream) -> None:
        async def say(text: bytes) -> None:
            await send(self._device, request, stream, _packets(_STDOUT, text) if packets else text)

        if uia2.STARTS in command:
            code = await self.server.main(say, stream.closed)
        else:
            async with serving(self._device, request, (command,)):
                output, code = self._device.shell(command)
            await say(output)
        if packets:
            await stream.write(_packets(_EXIT, bytes([code & 0xFF])))

    async def _reboot(self, where: str, _: Stream) -> None:
        async with serving(self._device, "reboot"):
            if not where:
                self._device.reboot()
        self._leave()


def _packets(kind: int, data: bytes) -> bytes:
    """The data in packets of the shell protocol, version 2."""
    chunks = (data[start : start + _MAX_PACKET] for start in range(0, len(data), _MAX_PACKET))
    return b"".join(_PACKET.pack(kind, len(chunk)) + chunk for chunk in chunks)
