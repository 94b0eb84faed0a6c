"""Which phones adb lists, and which one is meant. Parsing and choosing are pure; the watch is one adb stream."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from adbutils import AdbClient, AdbDevice, AdbError, AdbTimeout

from automator.errors import PhoneLost, PreflightError
from automator.phone.remote import receive
from automator.text import T, Text

_LINE = re.compile(r"^(?P<serial>\S+)\s+(?P<state>no permissions|\S+)(?P<rest>.*)$")
_TAG = re.compile(r"(?:^|\s)(usb|product|model|device|transport_id):(\S+)")


OPEN_TIMEOUT = 5.0
"""Seconds for opening a stream to the phone; adb on a wedged phone never answers."""
SHELL_TIMEOUT = 15.0
"""Seconds between two pieces of a command's output."""
SHELL_DEADLINE = 60.0
"""Seconds for all of a command's output: one that trickles for ever ends here."""
MOST_OUTPUT = 16 * 1024 * 1024
"""Bytes of a command's output: `dumpsys window` and the like print one million."""


@dataclass(frozen=True)
class Listed:
    """One line of `adb devices -l`."""

    serial: str
    state: str
    """`device` when ready; `unauthorized`, `offline`, `no permissions`, `recovery`, `sideload`, `bootloader`, …"""
    over: Literal["usb", "network", "emulator"]
    model: str = ""
    transport_id: int = 0
    place: str = ""
    """Where on USB, as adb says it: `1-4.2` is port 2 of the hub in port 4 of the first bus. Empty when not told."""

    @property
    def ready(self) -> bool:
        return self.state == "device"


def parse_devices(listing: str) -> list[Listed]:
    """The lines of `adb devices -l`, with or without its heading and daemon messages."""
    listed = []
    # Not splitlines(): a serial may hold what only Python takes for the end of a line.
    for line in listing.replace("\r", "").split("\n"):
        match = _LINE.match(line)
        if match is None or line.startswith(("List of devices", "*", "adb ")):
            continue
        tags = dict(_TAG.findall(match["rest"]))
        number = tags.get("transport_id", "")
        listed.append(
            Listed(
                serial=match["serial"],
                state=match["state"],
                over=_over(match["serial"]),
                model=tags.get("model", "").replace("_", " "),
                transport_id=int(number) if re.fullmatch(r"\d{1,18}", number) else 0,
                place=tags.get("usb", ""),
            )
        )
    return listed


def _over(serial: str) -> Literal["usb", "network", "emulator"]:
    if re.fullmatch(r"emulator-\d+", serial):
        return "emulator"
    # `192.168.0.5:5555`, `adb-1a2b3c-x._adb-tls-connect._tcp`; a USB serial has neither colon nor dot.
    return "network" if ":" in serial or "._adb" in serial else "usb"


def choose(listed: Sequence[Listed], wanted: str | None) -> Listed | list[Listed] | None:
    """The phone that is meant: `wanted` by its serial, else the only one on USB.

    A list when several could be meant, as when two that are ready tell the same serial; None when there is none.
    Network phones are never taken unasked.
    """
    if wanted is None:
        meant = [phone for phone in listed if phone.over == "usb"]
    else:
        named = [phone for phone in listed if phone.serial == wanted]
        meant = [phone for phone in named if phone.ready] or named[:1]
    if len(meant) > 1:
        return meant
    return meant[0] if meant else None


def remedy(state: str) -> tuple[Text, Text] | None:
    """Why a phone in this state can't be used, and what mends it; None when it is ready."""
    if state == "device":
        return None
    return _REMEDIES.get(
        state,
        (
            T("It is in the state “{state}”, not in its normal system.", state=state),
            T("Restart the phone (hold the power button) and let it start up normally."),
        ),
    )


_OFFLINE = (
    T("It does not answer."),
    T("Unplug the cable and plug it in again; if that does not help, restart the phone."),
)
_REMEDIES: dict[str, tuple[Text, Text]] = {
    "unauthorized": (
        T("It does not trust this computer yet."),
        T(
            "Unlock the phone and tap Allow in the question about USB debugging. No question? In Developer options "
            "tap “Revoke USB debugging authorizations”, then plug the cable in again."
        ),
    ),
    "authorizing": (
        T("It is about to ask whether to trust this computer."),
        T("Unlock the phone and tap Allow in the question about USB debugging."),
    ),
    "offline": _OFFLINE,
    "connecting": _OFFLINE,
    "no permissions": (
        T("This computer does not let you use the USB port."),
        T("On Linux install the package android-sdk-platform-tools-common, then plug the cable in again."),
    ),
}


def listing(client: AdbClient) -> list[Listed]:
    """What adb lists now. Raises PhoneLost when the adb server can't be reached."""
    with _adb(client, "host:devices-l", timeout=10) as connection:
        return _answer(connection)


def changes(client: AdbClient, seconds: float) -> Iterator[list[Listed]]:
    """What adb lists now and after each change, for so many seconds. Nothing is polled.

    Raises PhoneLost when the adb server goes away.
    """
    deadline = time.monotonic() + seconds
    with _adb(client, "host:track-devices-l", timeout=10) as connection:
        while (left := deadline - time.monotonic()) > 0:
            connection.conn.settimeout(left)
            try:
                listed = _answer(connection)
            except PhoneLost as error:
                if isinstance(error.__cause__, (AdbTimeout, TimeoutError)):
                    return
                raise
            yield listed


def _answer(connection: Any) -> list[Listed]:
    try:
        return parse_devices(str(connection.read_string_block()))
    except (AdbError, OSError, ValueError) as error:
        raise _no_server() from error


class _adb:  # noqa: N801 - a context manager, read as a function
    def __init__(self, client: AdbClient, command: str, timeout: float) -> None:
        try:
            self._connection: Any = client.make_connection(timeout=timeout)
        # A host or port that can be none is a ValueError, TypeError or OverflowError.
        except (AdbError, OSError, subprocess.SubprocessError, ValueError, TypeError, OverflowError) as error:
            raise _no_server() from error
        try:
            self._connection.send_command(command)
            self._connection.check_okay()
        except (AdbError, OSError, ValueError) as error:
            self._connection.conn.close()
            raise _no_server() from error

    def __enter__(self) -> Any:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.conn.close()


def wait_for_phone(
    client: AdbClient,
    wanted: str | None,
    seconds: float,
    tell: Callable[[Text], None],
    pick: Callable[[list[Listed]], Listed | None],
) -> Listed:
    """The phone that is meant, as soon as it is ready; `tell` hears why it is not yet.

    `pick` chooses among several, or returns None when nobody can be asked. Raises PreflightError after `seconds`.
    """
    told: Text | None = None
    chosen = wanted
    last: list[Listed] = []
    for last in changes(client, max(seconds, 0.0)) if seconds > 0 else [listing(client)]:
        found = choose(last, chosen)
        if isinstance(found, list):
            picked = pick(found)
            if picked is None:
                break
            chosen, found = picked.serial, picked
        if found is not None and found.ready:
            return found
        say = _not_yet(found)
        if say != told and seconds > 0:
            tell(say)
            told = say
    raise _not_found(choose(last, chosen), chosen)


def _not_yet(found: Listed | None) -> Text:
    if found is None:
        return T("Plug the phone in with a data cable, unlock it, and switch USB debugging on.")
    return (remedy(found.state) or _OFFLINE)[1]


def _not_found(found: Listed | list[Listed] | None, wanted: str | None) -> PreflightError:
    if isinstance(found, list):
        return PreflightError(
            T("Several phones are plugged in: {serials}.", serials=", ".join(one.serial for one in found)),
            T("I work on one at a time and will not guess which."),
            T("Unplug the others, or name one with --serial."),
        )
    if found is not None:
        why, fix = remedy(found.state) or _OFFLINE
        return PreflightError(T("The phone {serial} can't be used yet.", serial=found.serial), why, fix)
    if wanted is not None:
        return PreflightError(
            T("There is no phone {serial}.", serial=wanted),
            T("adb does not list it."),
            T("See which phones there are with “mi-automator devices”, and check the cable."),
        )
    return PreflightError(
        T("I see no phone."),
        T("adb lists none on USB."),
        T(
            "Use a data cable and another USB port, unlock the phone, choose File transfer in its USB notification, "
            "and switch USB debugging off and on. A phone on the network must be named with --serial."
        ),
    )


def _no_server() -> PhoneLost:
    return PhoneLost(
        T("The adb server does not answer."),
        T("It could not be started, or it was stopped."),
        T("Run the command again; if that does not help, restart the computer."),
    )


class _Device(AdbDevice):  # type: ignore[misc]  # adbutils has no types
    """A device whose streams open within seconds or not at all; adbutils' own wait ten minutes."""

    def open_transport(self, command: str | None = None, timeout: float | None = OPEN_TIMEOUT) -> Any:
        timeout = min(timeout or OPEN_TIMEOUT, OPEN_TIMEOUT)
        if not self._transport_id:
            return super().open_transport(command, timeout)
        connection = self._client.make_connection(timeout=timeout)
        number = self._transport_id
        try:
            connection.send_command(
                f"host-transport-id:{number}:{command}" if command else f"host:transport-id:{number}"
            )
            connection.check_okay()
        except BaseException:
            connection.close()  # adbutils leaves it open
            raise
        return connection

    def shell(
        self,
        cmdargs: Any,
        stream: bool = False,
        timeout: float | None = None,
        encoding: str | None = "utf-8",
        rstrip: bool = True,
    ) -> Any:
        """As adbutils' own, which reads for as long as the phone talks. Raises AdbError when it talks too long."""
        connection = self.open_shell(cmdargs)
        if stream:
            return connection
        try:
            connection.conn.settimeout(min(timeout or SHELL_TIMEOUT, SHELL_TIMEOUT))
            said = receive(connection, MOST_OUTPUT, time.monotonic() + SHELL_DEADLINE)
        finally:
            connection.close()
        if len(said) > MOST_OUTPUT:
            raise AdbError("the phone says more than any command prints")
        if encoding is None:
            return said
        text = said.decode(encoding, "replace")
        return text.rstrip() if rstrip else text

    def open_shell(self, cmdargs: Any) -> Any:
        command = cmdargs if isinstance(cmdargs, str) else shlex.join(cmdargs)
        connection = self.open_transport()
        try:
            connection.send_command(f"shell:{command}")
            connection.check_okay()
        except BaseException:
            connection.close()  # adbutils leaves it open
            raise
        connection.conn.settimeout(None)  # the on-device server's stream says nothing for as long as it lives
        return connection


def open_device(client: AdbClient, phone: Listed) -> AdbDevice:
    """The adbutils device. By transport id, so that no version question precedes each stream."""
    return _Device(client, serial=phone.serial, transport_id=phone.transport_id or None)


def left_within(client: AdbClient, serial: str, seconds: float) -> bool:
    """Whether the phone leaves adb's list of ready phones within so many seconds."""
    for listed in changes(client, seconds):
        if not any(phone.serial == serial and phone.ready for phone in listed):
            return True
    return False
