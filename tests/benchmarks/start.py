"""Start: how long the commands that need no phone take, against a bare Typer program and `adb devices`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from automator.practice.lab import Lab
from automator.practice.phone import Phone
from tests.benchmarks.table import Row, ratios, seconds
from tests.benchmarks.walk import adb_path, environment

RUNS = 5
"""Of each program in each round; the quickest counts."""
HELLO = '''
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "you") -> None:
    """Says hello."""
    typer.echo(f"hello {name}")


app()
'''


def measure(rounds: int, *, quick: bool, told: Callable[[str], None]) -> list[Row]:
    """The rows of this part."""
    told("start")
    with Lab() as lab, tempfile.TemporaryDirectory(prefix="mi-automator-bench-") as scratch:
        folder = Path(scratch)
        (folder / "hello.py").write_text(HELLO)
        lab.add(Phone())
        around = {**os.environ, **environment(lab, folder)}
        bare = [sys.executable, str(folder / "hello.py"), "--help"]
        tool = [sys.executable, "-m", "automator"]
        programs = {
            "bare": bare,
            "--version": [*tool, "--version"],
            "--help": [*tool, "--help"],
            "devices": [*tool, "devices"],
            "adb": [adb_path(), "devices"],
        }
        taken: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(1 if quick else rounds):
            best = dict.fromkeys(programs, float("inf"))
            for _ in range(RUNS):
                for name, command in programs.items():
                    best[name] = min(best[name], _wall(command, around))
            for name, found in best.items():
                taken[name].append(found)
    return [
        *(
            Row(
                "start",
                f"{name}: to the --help of a bare Typer program",
                ratios(taken[name], taken["bare"]),
                "≤ 1.5" if name == "--help" else "",
                f"{seconds(taken[name])} / {seconds(taken['bare'])}",
            )
            for name in ("--version", "--help", "devices")
        ),
        Row(
            "start",
            "devices, one phone there: to adb devices",
            ratios(taken["devices"], taken["adb"]),
            note=f"{seconds(taken['devices'])} / {seconds(taken['adb'])}",
        ),
    ]


def _wall(command: Sequence[str], around: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=around, capture_output=True, check=True)
    return time.perf_counter() - started
