"""Words: the labels that a run needs, read from a phone's apps, cold and kept, and others that read such tables."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from automator.atlas import load
from automator.phone import Phone, wait_for_phone
from automator.practice.lab import Lab
from automator.practice.phone import Phone as PracticePhone
from tests.arsc_tables import FRAMEWORK
from tests.benchmarks import bench_arsc
from tests.benchmarks.table import Row, number, ratios, seconds

LANGUAGE = "ar"


def measure(rounds: int, *, quick: bool, told: Callable[[str], None]) -> list[Row]:
    """The rows of this part."""
    told("words of a practice phone")
    rows = _of_a_phone(rounds)
    if not FRAMEWORK.is_file():
        told(f"no {FRAMEWORK} (Debian: android-framework-res): readers of tables left out")
        return rows
    told("readers of a table of 32 MB")
    rounds = 1 if quick else rounds
    names = bench_arsc.wanted()
    mine = [bench_arsc.measured("ours", names) for _ in range(rounds)]
    if importlib.util.find_spec("androguard"):
        found = [bench_arsc.measured("androguard", names) for _ in range(1 if quick else rounds)]
        rows.append(
            Row(
                "words",
                f"{len(names)} names of a table of 32 MB: to androguard",
                ratios([one.seconds for one in mine], [one.seconds for one in found]),
                note=f"{seconds([one.seconds for one in mine])} / {seconds([one.seconds for one in found])}; "
                f"memory {number(mine[0].peak)} / {number(found[0].peak)} MB",
            )
        )
    if aapt2 := shutil.which("aapt2"):
        dumped = [_aapt2(aapt2) for _ in range(rounds)]
        rows.append(
            Row(
                "words",
                f"{len(names)} names of a table of 32 MB: to aapt2 dump of all of it",
                ratios([one.seconds for one in mine], dumped),
                note=f"{seconds([one.seconds for one in mine])} / {seconds(dumped)}",
            )
        )
    return rows


def _of_a_phone(rounds: int) -> list[Row]:
    wanted = load().strings()
    cold, kept, facts_took = [], [], []
    with Lab() as lab, tempfile.TemporaryDirectory(prefix="mi-automator-bench-") as scratch:
        before = os.environ.get("XDG_CACHE_HOME")
        try:
            for number_of in range(rounds):
                os.environ["XDG_CACHE_HOME"] = str(Path(scratch) / str(number_of))
                practice = PracticePhone("hyperos2", LANGUAGE)
                wire = lab.add(practice)
                listed = wait_for_phone(lab.client, wire.serial, 0, lambda _: None, lambda _: None)
                phone = Phone(lab.client, listed)
                facts_took.append(_wall(phone.facts))
                facts = phone.facts()
                cold.append(_wall(partial(phone.words, wanted, facts)))
                kept.append(_wall(partial(phone.words, wanted, facts)))
                wire.unplug()
                wire.stop()
        finally:
            if before is None:
                os.environ.pop("XDG_CACHE_HOME", None)
            else:
                os.environ["XDG_CACHE_HOME"] = before
    return [
        Row(
            "words",
            f"{len(wanted)} apps of a practice phone, cold: to one reading of its facts",
            ratios(cold, facts_took),
            note=f"{seconds(cold)} / {seconds(facts_took)}",
        ),
        Row(
            "words",
            "the same, kept on the computer: to one reading of its facts",
            ratios(kept, facts_took),
            note=f"{seconds(kept)} / {seconds(facts_took)}",
        ),
    ]


def _wall(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def _aapt2(program: str) -> float:
    started = time.perf_counter()
    subprocess.run([program, "dump", "resources", str(FRAMEWORK)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started
