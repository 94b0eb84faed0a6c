"""One table of what mi-automator takes of the time, every figure a ratio taken side by side.

    python -m tests.benchmarks                    all parts, some ten minutes
    python -m tests.benchmarks journey start      some of them
    python -m tests.benchmarks --quick            one round of less, to see whether something broke

Progress goes to standard error, the table to standard output. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks import journey, many, recognition, start, words
from tests.benchmarks.table import Row, printed

ROUNDS = {"journey": 1, "recognition": 3, "words": 3, "start": 3, "many": 1}
"""Unless told otherwise. A round of journeys is four phones."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("parts", nargs="*", choices=[*ROUNDS, []], help="default: all")
    parser.add_argument("--rounds", type=int, help="of every part")
    parser.add_argument("--quick", action="store_true", help="one round of less")
    parser.add_argument("--culebra", metavar="PYTHON", help="a Python that has AndroidViewClient")
    parser.add_argument("--markdown", action="store_true", help="the table as the README has it")
    asked = parser.parse_args()

    def told(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    measures: dict[str, Callable[..., list[Row]]] = {
        "journey": partial(journey.measure, culebra=asked.culebra or _culebra()),
        "recognition": recognition.measure,
        "words": words.measure,
        "start": start.measure,
        "many": many.measure,
    }
    began = time.monotonic()
    busy = os.getloadavg()[0]
    rows: list[Row] = []
    for part in asked.parts or list(ROUNDS):
        rounds = asked.rounds or (1 if asked.quick else ROUNDS[part])
        rows += measures[part](rounds, quick=asked.quick, told=told)
    print(printed(rows, markdown=asked.markdown))
    print()
    if any(row.part.startswith("journey") for row in rows):
        print(f"{journey.ABOUT}\n")
    print(
        f"{_machine()}. {time.monotonic() - began:.0f} s; load before it {busy:.1f}, after it {os.getloadavg()[0]:.1f}."
    )
    if busy > 1:
        print("This computer was busy with something else: only the ratios mean something.")


def _culebra() -> str | None:
    """This Python, where it has AndroidViewClient."""
    try:
        from com.dtmilano.android import viewclient  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError:
        return None
    return sys.executable


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.partition(": ")[2] for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
