"""uiautomator2's server on the phone: started by uiautomator2, then called directly.

uiautomator2's own calls cost 50 ms that are not the phone's, never time out, and are sent again by themselves after
an error, taps included. So a call goes over one adb stream, once, with a time-out of its own.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import http.client
import json
import socket
import struct
import subprocess
from time import monotonic
from typing import Any

from adbutils import AdbDevice, AdbError, Network
from uiautomator2._selector import Selector
from uiautomator2.core import BasicUiautomatorServer
from uiautomator2.exceptions import AccessibilityServiceAlreadyRegisteredError
from uiautomator2.exceptions import BaseException as U2Error

from automator.errors import InputRefused, PhoneLost, PreflightError
from automator.hierarchy import Node
from automator.phone.facts import FREE_SPACE, parse_free
from automator.text import T

PORT = 9008
JAR_KIB = 5 * 1024
"""The server's file has 4 MB in uiautomator2 3.7."""
MAIN = "com.wetest.uia2.Main"
READ_TIMEOUT = 8.0
"""Seconds for an answer. A dump of a slow phone takes up to two; with what follows, a frozen adbd is noticed in 15."""
FIND_TIMEOUT = 10.0
"""Seconds for the answer to a tap that the server looks for a window for."""
ALIVE_TIMEOUT = 3.0
"""Seconds for an answer of the shell, when the server on the phone gave none."""
ANSWER_DEADLINE = 30.0
"""Seconds for the whole of an answer: one that trickles for ever ends here."""
MOST_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer: the largest hierarchy, each letter escaped, or a picture."""
PRESS_MS = 40
"""How long a tap is held. uiautomator2's own is 100 ms."""
KEYCODE_BACK = 4
SWIPE_STEPS = 60
"""Of 5 ms each."""


BROKEN = (AdbError, OSError, EOFError, subprocess.SubprocessError)
"""What adbutils raises when adb, its server or the phone goes away."""


class CallLost(PhoneLost):
    """The call was sent and no answer came: what it did is not known, and it may still happen."""


class CallCut(CallLost):
    """The connection ended before the answer: what the call did, it has done by now."""


class NotConnected(PhoneLost):
    """The call did nothing: it was not sent, or found nothing to do."""


class TooLate(NotConnected):
    """It was too late: nothing was sent."""


class NotFound(NotConnected):
    """The phone does not find what was to be tapped: nothing was tapped."""


class NoServer(PreflightError):
    """The phone is there, but the server can't run on it now."""


class RpcFailed(Exception):
    """The server on the phone answered with an error."""


class _Stream(http.client.HTTPConnection):
    def __init__(self, device: AdbDevice, timeout: float) -> None:
        super().__init__("localhost", PORT, timeout=timeout)
        self._device = device

    def connect(self) -> None:
        self.sock = self._device.create_connection(Network.TCP, PORT)
        self.sock.settimeout(self.timeout)
        # Headers and body go out as two writes: with Nagle the second waits 40 ms for the phone's ACK.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Launcher(BasicUiautomatorServer):  # type: ignore[misc]  # uiautomator2 has no types
    """uiautomator2's own, but that it leaves nothing open when the server does not come up."""

    def start_uiautomator(self) -> None:
        try:
            super().start_uiautomator()
        except BaseException:
            self.stop_uiautomator(wait=False)
            raise


class Server:
    """The on-device server of one phone."""

    def __init__(self, device: AdbDevice) -> None:
        self._device = device
        self._launcher: _Launcher | None = None

    def moved(self, device: AdbDevice) -> None:
        """The phone came back, on another transport of adb's. Whatever ran before is gone or is started anew."""
        self._device = device
        self._launcher = None

    def start(self) -> None:
        """Starts it unless it runs. Raises NoServer when it can't run on the phone, PhoneLost when adb fails."""
        try:
            if self._launcher is None:
                self._launcher = _Launcher(self._device)
            else:
                # It forgets the stream of the server that died; closing it first also ends a half-dead one.
                self._launcher.stop_uiautomator(wait=False)
                self._launcher.start_uiautomator()
        except AccessibilityServiceAlreadyRegisteredError as error:
            raise NoServer(
                T("Another program is reading this phone's screen."),
                T("Only one program at a time may, and it is not this one."),
                T(
                    "Close other tools that control phones (Appium, scripts with uiautomator), then run the command again."
                ),
            ) from error
        # adbutils asserts and unpacks what a strange phone answers.
        except (
            *BROKEN,
            U2Error,
            http.client.HTTPException,
            AssertionError,
            ValueError,
            struct.error,
        ) as error:
            if isinstance(error, AdbError) and self._full():
                raise NoServer(
                    T("The phone's storage is full."),
                    T("The small program that reads its screen finds no room there."),
                    T("Delete something on the phone, a video or an app, then run the command again."),
                ) from error
            raise lost() from error

    def _full(self) -> bool:
        """Whether there is no room for the server's file. (Of a failed push adbutils says nothing but that.)"""
        with contextlib.suppress(*BROKEN):
            free = parse_free(str(self._device.shell(FREE_SPACE, timeout=ALIVE_TIMEOUT)))
            return free is not None and free < JAR_KIB
        return False

    def stop(self) -> None:
        """Ends the server that this object started."""
        if self._launcher is not None:
            self._launcher.stop_uiautomator(wait=False)

    def look(self) -> str:
        """The hierarchy of all windows, as XML. A dead server is started once and asked again: looking changes nothing."""
        if self._launcher is None:
            self.start()
        try:
            return str(self._call("dumpWindowHierarchy", False, 50))
        except (CallCut, NotConnected, RpcFailed):
            self.start()
        except CallLost:
            self._end_wedged()
            self.start()
        try:
            return str(self._call("dumpWindowHierarchy", False, 50))
        except RpcFailed as error:
            raise lost() from error

    def _end_wedged(self) -> None:
        """Ends a server that takes calls and answers none: it keeps its port. Raises PhoneLost when that can't be done."""
        try:
            complaint = str(self._device.shell(f"pkill -9 -f {MAIN}", timeout=ALIVE_TIMEOUT))
        except BROKEN as error:
            raise lost() from error
        if complaint.strip():  # a phone without pkill
            raise lost()

    def picture(self) -> bytes | None:
        """A JPEG of the screen; None when the phone gives none (some pages forbid it)."""
        try:
            answer = self._call("takeScreenshot", 1, 80)
            return base64.b64decode(answer, validate=True) if isinstance(answer, str) else None
        except (RpcFailed, PhoneLost, binascii.Error, ValueError):
            return None

    def tap(self, x: int, y: int, *, not_after: float) -> None:
        """Taps the point. Raises as `_send` does."""
        self._send("click", x, y, PRESS_MS, not_after=not_after)

    def tap_node(self, node: Node, *, not_after: float) -> None:
        """Taps what has this node's words (and its id) when the phone comes to it, where it is then. Raises as `_send` does.

        Only in the window that has the focus: a dialog that came over the screen meanwhile is not hit in its place. It is
        the instance that makes the server look there alone. While no window has the focus it waits, for 7.75 s at most;
        and it answers false both when the phone refused and when nothing stirred for half a second. (All of it read from
        the `u2.jar` of uiautomator2 3.7.)
        """
        named = {"resourceId": node.resource_id} if node.resource_id else {}
        selector = Selector(
            packageName=node.package, className=node.class_name, text=node.text, **named, instance=0
        )
        if self._send("click", selector, not_after=not_after, timeout=FIND_TIMEOUT) is False:
            with contextlib.suppress(PhoneLost):
                self.probe_input()

    def probe_input(self) -> None:
        """Sends a key that does nothing. Raises InputRefused when the phone refuses it, PhoneLost when adb fails."""
        try:
            complaint = str(self._device.shell("input keyevent 0 2>&1", timeout=ALIVE_TIMEOUT))
        except BROKEN as error:
            raise lost() from error
        if "INJECT_EVENTS" in complaint:
            raise refused()

    def swipe(self, x: int, start: int, end: int, *, not_after: float) -> None:
        """Moves a finger up or down, slowly enough that a list does not roll on. Raises as `_send` does."""
        self._send("swipe", x, start, x, end, SWIPE_STEPS, not_after=not_after)

    def back(self, *, not_after: float) -> None:
        """Presses the Back key. Raises as `_send` does."""
        self._send("pressKeyCode", KEYCODE_BACK, not_after=not_after)

    def _send(self, method: str, *params: Any, not_after: float, timeout: float = READ_TIMEOUT) -> Any:
        """Sends input, once, and gives the server's answer.

        Raises InputRefused when the phone refuses a computer's input, TooLate, NotFound and NotConnected when nothing
        was tapped, CallCut and CallLost when nobody knows.
        """
        try:
            return self._call(method, *params, not_after=not_after, timeout=timeout)
        except CallCut:
            raise
        except CallLost as unanswered:
            # What hangs might tap later, at any time: it is ended, if it lets itself be.
            try:
                self._end_wedged()
            except PhoneLost:
                raise unanswered from None
            raise CallCut(*_LOST) from unanswered
        except RpcFailed as error:
            # uiautomator2 3.7 has no class of its own for this; newer Androids word the rest differently.
            if "INJECT_EVENTS" in str(error):
                raise refused() from error
            if "UiObjectNotFoundException" in str(error):
                raise not_found() from error
            raise CallLost(
                _LOST[0],
                T("Its server answered a tap with an error."),
                T("Look at the phone and run the command again: it goes on where the phone is."),
            ) from error

    def _call(
        self, method: str, *params: Any, not_after: float | None = None, timeout: float = READ_TIMEOUT
    ) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        stream = _Stream(self._device, timeout)
        try:
            try:
                stream.connect()
            except BROKEN as error:
                raise NotConnected(*_LOST) from error
            if not_after is not None and monotonic() > not_after:
                raise TooLate(*_LOST)
            try:
                # Without an Accept-Encoding NanoHTTPD leaks resources while it compresses.
                stream.request(
                    "POST", "/jsonrpc/0", body, {"Content-Type": "application/json", "Accept-Encoding": ""}
                )
                content = _content(stream.getresponse(), monotonic() + ANSWER_DEADLINE)
            except TimeoutError as error:
                raise CallLost(*_LOST) from error
            except (OSError, http.client.HTTPException) as error:
                raise CallCut(*_LOST) from error
        finally:
            stream.close()
        return result_of(content)


def _content(response: http.client.HTTPResponse, until: float) -> bytes:
    """What it says, or somewhat more than MOST_ANSWER of it. Raises TimeoutError, OSError, HTTPException."""
    said = bytearray()
    while piece := response.read1(256 * 1024):
        if monotonic() > until:
            raise TimeoutError
        said += piece
        if len(said) > MOST_ANSWER:
            return bytes(said)
    if response.length:
        raise http.client.IncompleteRead(bytes(said), response.length)
    return bytes(said)


def result_of(content: bytes) -> Any:
    """The result in an answer of the server. Raises RpcFailed for its errors, CallLost for what is no answer."""
    if len(content) > MOST_ANSWER:
        raise CallLost(*_GARBLED)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CallLost(*_GARBLED) from error
    if not isinstance(answer, dict) or "result" not in answer:
        failure = answer.get("error") if isinstance(answer, dict) else None
        # The server puts the name of the exception into `message`, and what it says into `data`.
        said = [failure.get(part) for part in ("message", "data")] if isinstance(failure, dict) else []
        raise RpcFailed(" ".join(part for part in said if isinstance(part, str)) or "no result")
    return answer["result"]


_GARBLED = (
    T("The phone's answer makes no sense."),
    T("The small program on it that reads its screen is broken, or is another than ours."),
    T("Restart the phone and run the command again."),
)


_LOST = (
    T("The phone went away."),
    T("It stopped answering over USB."),
    T("Check the cable, unlock the phone, and run the command again: it goes on where the phone is."),
)


def lost() -> PhoneLost:
    """The error for a phone that does not answer any more."""
    return PhoneLost(*_LOST)


def not_found() -> NotFound:
    """The error for what the phone does not find again."""
    return NotFound(*_LOST)


def refused() -> InputRefused:
    """The error for a phone that refuses a computer's taps."""
    return InputRefused(
        T("The phone lets me look but not tap."),
        T("“USB debugging (Security settings)” is off; Xiaomi asks for it before a computer may tap."),
        T(
            "Switch it on in Settings → Additional settings → Developer options (it wants a signed-in account, often a SIM "
            "and the internet), then run the command again."
        ),
    )
