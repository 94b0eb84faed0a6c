"""How long, and with how much memory, readers find 200 strings in Debian's framework table of 32 MB.

    python -m tests.benchmarks.bench_arsc

Each reader runs in fresh processes of its own; the best time of five is printed, counted from the opened file to the
texts, imports not included. The memory is the whole process's, imports included. androguard is left out where it is
not installed.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.arsc_tables import FRAMEWORK, from_apk

RUNS = 5
LOCALE = "ru"


def wanted() -> list[str]:
    """200 names spread over the table, the common buttons among them."""
    from automator.phone.arsc import Table

    plain = sorted(
        {name for name, where, _ in Table(from_apk(FRAMEWORK)).entries() if where.qualifiers == LOCALE}
    )
    return sorted(
        {*plain[:: len(plain) // 190][:190], "ok", "cancel", "yes", "no", "copy", "paste", "selectAll", "cut"}
    )


@dataclass(frozen=True)
class Run:
    """One reading: wall time, memory of the process at its highest, and how much of that came with the reading."""

    seconds: float
    peak: float
    added: float
    texts: dict[str, str]


def ours(names: list[str] | None) -> Callable[[], dict[str, str]]:
    from automator.phone.arsc import Table

    return lambda: Table(from_apk(FRAMEWORK)).texts(names, ["ru-RU"], sdk=29)


def androguard(names: list[str] | None) -> Callable[[], dict[str, str]]:
    parser_of = importlib.import_module("androguard.core.axml").ARSCParser
    importlib.import_module("loguru").logger.disable("androguard")

    def read() -> dict[str, str]:
        with zipfile.ZipFile(FRAMEWORK) as archive:
            parser = parser_of(archive.read("resources.arsc"))
        found = {}
        for name in names or ():
            entry = parser.get_string("android", name, LOCALE) or parser.get_string("android", name)
            if entry:
                found[name] = entry[1]
        return found

    return read


READERS = {"ours": ours, "androguard": androguard}


def peak() -> float:
    """The most memory that this process has had, in MB; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def run(reader: str, names: list[str] | None) -> Run:
    read = READERS[reader](names)
    before = peak()
    started = time.perf_counter()
    texts = read()
    seconds = time.perf_counter() - started
    return Run(seconds, peak(), peak() - before, texts)


def measured(reader: str, names: list[str] | None) -> Run:
    """The fastest of several runs in processes of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_arsc", reader]
    outputs = (
        subprocess.run(command, input=json.dumps(names), capture_output=True, text=True, check=True).stdout
        for _ in range(RUNS)
    )
    return min((Run(**json.loads(output)) for output in outputs), key=lambda one: one.seconds)


def main() -> None:
    if len(sys.argv) == 2:
        print(json.dumps(dataclasses.asdict(run(sys.argv[1], json.load(sys.stdin)))))
        return
    names = wanted()
    rows = [
        (f"ours, {len(names)} names", measured("ours", names)),
        ("ours, all names", measured("ours", None)),
    ]
    if importlib.util.find_spec("androguard"):
        rows.append((f"androguard, {len(names)} names", measured("androguard", names)))
    _, first = rows[0]
    print(
        f"{'reader':24}{'seconds':>9}{'peak MB':>9}{'added':>8}{'texts':>7}{'same':>6}{'time x':>8}{'memory x':>10}"
    )
    for called, row in rows:
        same = sum(row.texts.get(name) == text for name, text in first.texts.items())
        print(
            f"{called:24}{row.seconds:9.3f}{row.peak:9.1f}{row.added:8.1f}{len(row.texts):7}{same:6}"
            f"{row.seconds / first.seconds:8.1f}{row.peak / first.peak:10.1f}"
        )


if __name__ == "__main__":
    main()
