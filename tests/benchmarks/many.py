"""Many: practice phones, each in a process of its own, walked to their first gate at once."""

from __future__ import annotations

import os
import pty
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automator.practice import privateadb
from automator.practice.privateadb import PrivateAdb
from tests.benchmarks.table import Row, ratios, seconds

COUNTS = (1, 2, 4, 8, 16)
QUICK = (1, 4)
PATIENCE = 120.0
LOOK = 0.02
"""Seconds between two looks into the journals."""
_COMMAND = (sys.executable, "-m", "automator", "unlink", "--json")


@dataclass(frozen=True)
class Crowd:
    """So many phones at once: seconds until the last stood at its gate, and what each took of the computer."""

    wall: float
    cpu: float
    """Seconds of processor time a phone, of mi-automator alone."""
    memory: float
    """MB a phone, of mi-automator alone: what no other process shares (PSS)."""


def measure(rounds: int, *, quick: bool, told: Callable[[str], None]) -> list[Row]:
    """The rows of this part."""
    counts = QUICK if quick else COUNTS
    taken: dict[tuple[bool, int], list[Crowd]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="mi-automator-bench-") as cache:
        # What a phone's menus say is kept on the computer: the first run of all reads it.
        _crowd(1, Path(cache), together=True)
        for _ in range(1 if quick else rounds):
            for together in (True, False):
                for count in counts if together else counts[1:]:
                    told(f"{count} at once, {'one run' if together else 'a run each'}")
                    taken[together, count].append(_crowd(count, Path(cache), together=together))
    one = taken[True, 1]
    return [
        Row(
            "many",
            f"{count} phone{'s' * (count > 1)} to the gate at once, {'one run' if together else 'a run each'}: to one",
            ratios([crowd.wall for crowd in found], [crowd.wall for crowd in one]),
            "≤ 1.3 where the processors allow" if together and count == COUNTS[-1] else "",
            f"{seconds([crowd.wall for crowd in found])} / {seconds([crowd.wall for crowd in one])}; a phone "
            f"{seconds([crowd.cpu for crowd in found])} of processor, {found[0].memory:.0f} MB",
        )
        for (together, count), found in taken.items()
    ]


def _crowd(count: int, cache: Path, *, together: bool) -> Crowd:
    with tempfile.TemporaryDirectory(prefix="mi-automator-bench-") as scratch:
        adb = PrivateAdb()
        adb.start()
        phones = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.many", "hyperos2", "en"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]
        try:
            serials = []
            for phone in phones:
                assert phone.stdout
                serials.append(phone.stdout.readline().strip())
                privateadb.ask(adb.port, f"host:connect:{serials[-1]}")
                privateadb.wait(adb.port, serials[-1], "device")
            return _to_gates(serials, adb.port, Path(scratch), cache, together=together)
        finally:
            for phone in phones:
                phone.communicate()
            adb.stop()


def _to_gates(serials: list[str], port: int, folder: Path, cache: Path, *, together: bool) -> Crowd:
    keys, terminal = pty.openpty()
    around = {
        **os.environ,
        "ANDROID_ADB_SERVER_PORT": str(port),
        "MI_AUTOMATOR_RUNS": str(folder / "runs"),
        "XDG_CACHE_HOME": str(cache),
        "LANG": "C.UTF-8",
    }
    groups = [serials] if together else [[serial] for serial in serials]
    before = _children()
    started = time.monotonic()
    runs = [
        subprocess.Popen(
            [*_COMMAND, *(part for serial in group for part in ("--serial", serial))],
            stdin=terminal,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=around,
        )
        for group in groups
    ]
    # Of several phones in one run only the one that is asked about is told of: the journals tell of all.
    while (at_gates := _at_gates(folder / "runs")) < len(serials):
        if time.monotonic() - started > PATIENCE or any(run.poll() is not None for run in runs):
            raise RuntimeError(f"of {len(serials)} phones {at_gates} came to the gate")
        time.sleep(LOOK)
    wall = time.monotonic() - started
    memory = sum(_memory(run.pid) for run in runs) / len(serials)
    for run in runs:
        run.send_signal(signal.SIGINT)
    for run in runs:
        run.wait()
    os.close(keys)
    os.close(terminal)
    return Crowd(wall, (_children() - before) / len(serials), memory)


def _at_gates(runs: Path) -> int:
    return sum('"event":"gate"' in journal.read_text() for journal in runs.glob("*/journal.jsonl"))


def _memory(process: int) -> float:
    """MB of a process, its share of what several use; 0 where the system does not tell."""
    told = Path(f"/proc/{process}/smaps_rollup")
    if not told.is_file():
        return 0.0
    return int(told.read_text().partition("\nPss:")[2].split()[0]) / 1000


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _be_a_phone(rom: str, language: str) -> None:
    """One practice phone as a process: says its serial, and goes when standard input ends."""
    from automator.practice.wire import Wire
    from tests.benchmarks.phones import Watched

    wire = Wire(Watched(rom, language, "real"))
    wire.start()
    print(wire.serial, flush=True)
    sys.stdin.read()
    wire.stop()


if __name__ == "__main__":
    _be_a_phone(*sys.argv[1:])
