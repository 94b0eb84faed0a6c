"""The only code that runs `fastboot`: one command at a time, as words and never through a shell, each with a time-out.

The program ends with 0 where a `getvar` failed and prints on standard error, so its text is read. Where the phone is not
there it waits for ever, and where a connection over TCP ends in mid-call it spins: what does not end in time is killed.
Tried with Debian's fastboot 29.0.6.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Literal

from adbutils import AdbClient, AdbError

from automator.errors import PhoneLost, PreflightError
from automator.phone.find import Listed, open_device
from automator.text import T

MOST_OUTPUT = 256 * 1024
"""Bytes of a command's output. One that prints more is no longer listened to, and ends by its time-out."""
ASK, LIST, ARRIVE = 10.0, 10.0, 90.0
"""Seconds for a question, for the list of phones, and for a phone to restart into fastboot."""
TURN = 0.5
"""Seconds between two words about a command that runs."""
How = Literal["done", "failed", "timeout", "absent", "lost", "client"]
During = Callable[[str, float], None]
"""Called with what a command printed so far, and for how many seconds more it may run."""
# What the bootloader itself says of a failure is a line with `(bootloader)`, and decides nothing.
_FAILED = re.compile(r"^(?!.*\(bootloader\)).*FAILED \((remote\b:? ?)?'?(.*?)'?\)\s*$", re.MULTILINE)
_HOME = re.compile(r"(?:/home|/Users|[A-Za-z]:\\Users)[/\\][^/\\\s]+")


@dataclass(frozen=True)
class Answer:
    """What one run of the program came to."""

    text: str
    code: int | None
    """None when it did not end in time and was killed."""
    seconds: float

    @property
    def how(self) -> How:
        """`failed`: the bootloader said so; `absent`: no phone was there; `lost`: the connection broke in mid-call;
        `client`: the program itself gave up, and what the phone would say nobody knows."""
        if self.code is None:
            return "absent" if "waiting for" in self.text else "timeout"
        failures = list(_FAILED.finditer(self.text))
        if failures:
            return "failed" if any(found[1] for found in failures) else "lost"
        return "done" if self.code == 0 else "client"

    @property
    def reason(self) -> str:
        """The bootloader's words for a failure, else the program's last line; no owner's name is in it."""
        said = [found[2] for found in _FAILED.finditer(self.text)]
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return unnamed(said[-1] if said else (lines[-1] if lines else str(self.code)))


def unnamed(text: str) -> str:
    """The text without the name of anybody's home folder."""
    return _HOME.sub("~", text)


class Fastboot:
    """The program, and one phone in fastboot: its serial, or `tcp:HOST:PORT`."""

    def __init__(self, program: str, serial: str) -> None:
        self.serial = serial
        self._program = program

    def run(self, words: Sequence[str], seconds: float, during: During | None = None) -> Answer:
        """Runs `fastboot -s SERIAL WORDS`; killed after so many seconds. `during` is called about twice a second."""
        return _run([self._program, "-s", self.serial, *words], seconds, during)

    def variable(self, name: str, seconds: float = ASK) -> str | None:
        """What the bootloader says of it; None when it says nothing, or that it knows no such variable.

        Raises PhoneLost when it does not answer, and PreflightError when the program fails: neither means that there is none.
        """
        answer = self.run(["getvar", name], seconds)
        found = re.search(
            rf"^(?:\(bootloader\) )?{re.escape(name)}:[ \t]*(.*?)\s*$", answer.text, re.MULTILINE
        )
        if answer.how == "failed":
            return None
        if answer.how == "done" and found:
            return found[1] or None
        if answer.how in ("done", "client"):
            raise client_failed(answer)
        raise _no_answer()


def client_failed(answer: Answer) -> PreflightError:
    """The error for a program that failed by itself, with nothing written."""
    return PreflightError(
        T("The program fastboot failed. Nothing was written."),
        T("The program fastboot says: {words}.", words=answer.reason),
        T("Run the command again. If it fails again, install fastboot anew: {how}", how=_INSTALL),
    )


_INSTALL = T(
    "Debian, Ubuntu: “sudo apt install fastboot”. macOS: “brew install android-platform-tools”. Windows: “winget "
    "install Google.PlatformTools”. Then open a new terminal and run the command again."
)


def program() -> str:
    """Where `fastboot` is. Raises PreflightError, with the way to install it."""
    found = shutil.which("fastboot")
    if found is None:
        raise PreflightError(
            T("The program fastboot is missing. Nothing was written to the phone."),
            T("It writes the ROM to the phone, and is not a part of mi-automator."),
            _INSTALL,
        )
    return found


def listed(program: str) -> list[str]:
    """The serials of the phones on USB that stand in fastboot. Empty when the program does not answer in time.

    Raises PreflightError where the program fails, or where there is a phone and this computer may not use it.
    """
    answer = _run([program, "devices"], LIST, None)
    if answer.how == "client":
        raise client_failed(answer)
    serials = re.findall(r"^(\S+)[ \t]+fastboot\s*$", answer.text, re.MULTILINE)
    # Without a rule of udev's for it the phone stands there under no name: “no permissions”, and perhaps a link.
    if not serials and "no permissions" in answer.text:
        raise PreflightError(
            T("A phone stands in fastboot, and I can't reach it. Nothing was written."),
            T("This computer does not let you use the USB port."),
            T(
                "On Linux install the package android-sdk-platform-tools-common, then plug the cable in again."
            ),
        )
    return serials


def restart_into(client: AdbClient, phone: Listed) -> None:
    """Restarts a phone that adb lists into fastboot, as `adb reboot bootloader` does. Raises PhoneLost."""
    try:
        connection = open_device(client, phone).open_transport()
    except (AdbError, OSError) as error:
        raise _no_answer() from error
    try:
        connection.send_command("reboot:bootloader")
        connection.check_okay()
    except (AdbError, OSError) as error:
        raise _no_answer() from error
    finally:
        connection.close()


class Held:
    """Ctrl-C, and being told to end, counted and not obeyed: what is being written must not be torn apart.

    They arrive in the main thread alone; in others it does nothing.
    """

    def __init__(self) -> None:
        self.times = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Held:
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                if hasattr(signal, name):
                    number = getattr(signal, name)
                    self._before[number] = signal.signal(number, self._count)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler or signal.SIG_DFL)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.times += 1


def _run(words: list[str], seconds: float, during: During | None) -> Answer:
    environment = {name: value for name, value in os.environ.items() if name != "ANDROID_SERIAL"}
    began = time.monotonic()
    own_group = sys.platform != "win32"
    try:
        process = subprocess.Popen(  # noqa: S603 - words, and no shell
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environment, "LC_ALL": "C"},
            # Ctrl-C on the terminal goes to its whole group: this program alone decides what it means.
            start_new_session=own_group,
            creationflags=0 if own_group else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        return Answer(error.strerror or type(error).__name__, 127, 0.0)
    said = bytearray()
    listener = threading.Thread(target=_listen, args=(process, said), daemon=True)
    listener.start()
    code: int | None = None
    try:
        while code is None and (left := began + seconds - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(min(left, TURN) if during else left)
            if code is None and during is not None:
                # No word about a write may end it.
                with contextlib.suppress(Exception):
                    during(said.decode("utf-8", "replace"), left)
    finally:
        _end(process)
        listener.join(1)
        if process.stdout is not None:
            process.stdout.close()
    return Answer(said.decode("utf-8", "replace").replace("\r", ""), code, time.monotonic() - began)


def _listen(process: subprocess.Popen[bytes], said: bytearray) -> None:
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        while len(said) < MOST_OUTPUT and (piece := os.read(process.stdout.fileno(), 4096)):
            said += piece


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills it with all that it started."""
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _no_answer() -> PhoneLost:
    return PhoneLost(
        T("The phone does not answer in fastboot."),
        T("The cable came loose, the phone was switched off, or this computer may not use it in fastboot."),
        T(
            "Plug the phone in with a data cable, right at the computer and not through a hub. On Linux install "
            "android-sdk-platform-tools-common. Then run the command again."
        ),
    )
