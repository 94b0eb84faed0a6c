"""Walks a journey on a practice phone with some client in a process of its own, and times it from outside."""

from __future__ import annotations

import json
import os
import pty
import selectors
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automator.practice.lab import Lab
from tests.benchmarks.phones import Share, Watched

PATIENCE = 120.0


@dataclass(frozen=True)
class Walk:
    """One journey: to the first gate, and from the first consent to the verified end."""

    to_gate: Share
    to_end: Share


class Failed(Exception):
    """The client did not get to the end."""


class _Client:
    """A process with a terminal to type at, and two pipes to listen to."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._keys, terminal = pty.openpty()
        quiet = termios.tcgetattr(terminal)
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, quiet)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
        )
        os.close(terminal)
        assert self.process.stdout and self.process.stderr
        self._ears = selectors.DefaultSelector()
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            self._ears.register(stream, selectors.EVENT_READ, name)
        self.heard = {"out": b"", "err": b""}

    def listen(self) -> bool:
        """Waits for more to be said; False when all is said."""
        for key, _ in self._ears.select(PATIENCE):
            said = os.read(key.fd, 1 << 16)
            self.heard[key.data] += said
            if not said:
                self._ears.unregister(key.fileobj)
        if time.monotonic() - self.began > PATIENCE:
            self.process.kill()
        return bool(self._ears.get_map())

    def lines(self) -> list[str]:
        """The whole lines on standard output that were not given yet."""
        whole, _, self.heard["out"] = self.heard["out"].rpartition(b"\n")
        return whole.decode().split("\n") if whole else []

    def question(self) -> str:
        """What standard error ends with, unless that is the end of a line."""
        last = self.heard["err"].decode(errors="replace").rpartition("\n")[2]
        return last if last.endswith((": ", "] ")) else ""

    def type(self, line: str) -> None:
        self.heard["err"] = b""
        os.write(self._keys, f"{line}\n".encode())

    def close(self) -> None:
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()
        os.close(self._keys)


def environment(lab: Lab, folder: Path) -> dict[str, str]:
    """What keeps a client from the owner's files and adb."""
    return {
        "ANDROID_ADB_SERVER_PORT": str(lab.port),
        "MI_AUTOMATOR_RUNS": str(folder / "runs"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "LANG": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8",
    }


def ours(lab: Lab, phone: Watched, journey: str, folder: Path) -> Walk:
    """The command `mi-automator`, its phrases typed as soon as they are asked for. Raises Failed."""
    wire = lab.add(phone)
    command = [sys.executable, "-m", "automator", journey, "--serial", wire.serial, "--json"]
    client = _Client(command, environment(lab, folder))
    gate = given = end = 0.0
    trouble = ""
    while client.listen():
        for line in client.lines():
            event = json.loads(line)
            if event["event"] == "gate":
                gate = gate or time.monotonic()
            elif event["event"] == "ask" and not event.get("answer"):
                phone.owner_acts()
            elif event["event"] == "error":
                trouble = f"{event['what']} {event['why']}"
            elif event["event"] == "outcome":
                end = time.monotonic() if event["verified"] else 0.0
        asked = client.question()
        if asked.endswith("[y/N] "):
            client.type("y")
        elif asked.startswith("Type "):
            client.type(asked.split()[1])
            given = given or time.monotonic()
    client.close()
    wire.unplug()
    wire.stop()
    if not (gate and given and end):
        raise Failed(f"mi-automator {journey}: {trouble or client.heard['err'].decode(errors='replace')}")
    return Walk(phone.share(client.began, gate), phone.share(given, end))


def other(
    lab: Lab, phone: Watched, journey: str, folder: Path, idiom: str, python: str = sys.executable
) -> Walk:
    """The same journey in another idiom. Raises Failed."""
    wire = lab.add(phone)
    module = "tests.benchmarks.others"
    command = [python, "-m", module, idiom, journey, wire.serial, phone.state.language]
    path = f"{Path(adb_path()).parent}{os.pathsep}{os.environ['PATH']}"
    client = _Client(command, {**environment(lab, folder), "PATH": path})
    marks: dict[str, float] = {}
    while client.listen():
        for line in client.lines():
            marks.setdefault(line, time.monotonic())
            if line == "owner":
                phone.owner_acts()
            if line != "end":
                client.type("")
                marks.setdefault("given", time.monotonic())
    client.close()
    wire.unplug()
    wire.stop()
    if "end" not in marks:
        raise Failed(f"{idiom} {journey}: {client.heard['err'].decode(errors='replace')[-2000:]}")
    return Walk(phone.share(client.began, marks["gate"]), phone.share(marks["given"], marks["end"]))


def adb_path() -> str:
    import adbutils

    return str(adbutils.adb_path())
