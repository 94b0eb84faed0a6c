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
from typing import Literal

from adbutils import AdbClient, AdbError

from automator.errors import PhoneLost, PreflightError
from automator.phone.find import Listed, open_device
from automator.text import T

MOST_OUTPUT = 256 * 1024
"""Bytes of a command's output. One that prints more is no longer listened to, and ends by its time-out."""
ASK, LIST, ARRIVE = 10.0, 10.0, 90.0
"""Seconds for a question, for the list of phones, and for a phone to restart into fastboot."""
How = Literal["done", "failed", "timeout", "absent", "lost"]


@dataclass(frozen=True)
class Answer:
    """What one run of the program came to."""

    text: str
    code: int | None
    """None when it did not end in time and was killed."""
    seconds: float

    @property
    def how(self) -> How:
        """`failed`: the bootloader said so; `absent`: no phone was there; `lost`: the connection broke in mid-call."""
        if self.code is None:
            return "absent" if "waiting for" in self.text else "timeout"
        if "FAILED (remote" in self.text:
            return "failed"
        if self.code != 0 or "FAILED" in self.text or "error:" in self.text:
            return "lost" if "FAILED" in self.text else "failed"
        return "done"

    @property
    def reason(self) -> str:
        """The bootloader's words for a failure, else the program's last line."""
        said = re.search(r"FAILED \((?:remote:? ?)?'?(.*?)'?\)\s*$", self.text, re.MULTILINE)
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return said[1] if said else (lines[-1] if lines else "")


class Fastboot:
    """The program, and one phone in fastboot: its serial, or `tcp:HOST:PORT`."""

    def __init__(self, program: str, serial: str) -> None:
        self.serial = serial
        self._program = program

    def run(self, words: Sequence[str], seconds: float, waits: Callable[[], None] | None = None) -> Answer:
        """Runs `fastboot -s SERIAL WORDS`; killed after so many seconds.

        With `waits`, the first Ctrl-C calls that and is raised once the command has ended: a write is not torn apart.
        """
        return _run([self._program, "-s", self.serial, *words], seconds, waits)

    def variable(self, name: str, seconds: float = ASK) -> str | None:
        """What the bootloader says of it; None when it knows none. Raises PhoneLost when it does not answer."""
        answer = self.run(["getvar", name], seconds)
        found = re.search(
            rf"^(?:\(bootloader\) )?{re.escape(name)}:[ \t]*(.*?)\s*$", answer.text, re.MULTILINE
        )
        if found:
            return found[1] or None
        if answer.how in ("done", "failed"):
            return None
        raise _no_answer()


def program() -> str:
    """Where `fastboot` is. Raises PreflightError, with the way to install it."""
    found = shutil.which("fastboot")
    if found is None:
        raise PreflightError(
            T("The program fastboot is missing. Nothing was written to the phone."),
            T("It writes the ROM to the phone, and is not a part of mi-automator."),
            T(
                "Debian, Ubuntu: “sudo apt install fastboot”. macOS: “brew install android-platform-tools”. Windows: “winget "
                "install Google.PlatformTools”. Then open a new terminal and run the command again."
            ),
        )
    return found


def listed(program: str) -> list[str]:
    """The serials of the phones on USB that stand in fastboot. Empty when the program does not answer."""
    answer = _run([program, "devices"], LIST, None)
    return re.findall(r"^(\S+)\s+fastboot\s*$", answer.text, re.MULTILINE) if answer.code == 0 else []


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


def _run(words: list[str], seconds: float, waits: Callable[[], None] | None) -> Answer:
    environment = {name: value for name, value in os.environ.items() if name != "ANDROID_SERIAL"}
    began = time.monotonic()
    own_group = sys.platform != "win32"
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
    said = bytearray()
    listener = threading.Thread(target=_listen, args=(process, said), daemon=True)
    listener.start()
    interrupted: KeyboardInterrupt | None = None
    try:
        while True:
            try:
                code: int | None = process.wait(max(0.0, began + seconds - time.monotonic()))
                break
            except subprocess.TimeoutExpired:
                code = None
                break
            except KeyboardInterrupt as interrupt:
                if waits is None or interrupted is not None:
                    raise
                interrupted = interrupt
                waits()
    finally:
        _end(process)
        listener.join(1)
        if process.stdout is not None:
            process.stdout.close()
    answer = Answer(said.decode("utf-8", "replace").replace("\r", ""), code, time.monotonic() - began)
    if interrupted is not None:
        raise Interrupted(answer) from interrupted
    return answer


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a command ran that was let come to its end."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


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
