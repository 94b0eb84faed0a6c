"""`doctor`: what stands between the owner and a run, and the remedy for each."""

from __future__ import annotations

import json as encoder
import textwrap
from collections.abc import Iterable
from itertools import groupby

from adbutils import AdbClient
from rich.console import Console
from rich.text import Text as Line

from automator.cli.output import Output
from automator.doctor import Row, examine
from automator.errors import PreflightError
from automator.text import T, plain

MARKS = {"pass": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def doctor(*, serial: str | None, json: bool) -> int:
    """Prints each check as it comes in; the exit code, which is that of PreflightError when one fails."""
    rows = examine(AdbClient(), serial)
    counted = _tell_machines(Output(json=True), rows) if json else _tell_people(Console(), rows)
    return PreflightError.exit_code if any(row.status == "fail" for row in counted) else 0


def _tell_machines(output: Output, rows: Iterable[Row]) -> list[Row]:
    seen = []
    for row in rows:
        output.machine(encoder.dumps(row.as_json(), ensure_ascii=False))
        seen.append(row)
    return seen


def _tell_people(console: Console, rows: Iterable[Row]) -> list[Row]:
    """By computer and phone, the remedy below each that is not well."""
    seen = []
    for phone, checks in groupby(rows, lambda row: row.phone if row.id != "usb" else ""):
        heading = T("Phone {serial}", serial=phone) if phone else T("This computer")
        console.print(Line(plain(str(heading)), "bold"), soft_wrap=True)
        for row in checks:
            _print(console, row)
            seen.append(row)
    failed, warned = (sum(1 for row in seen if row.status == status) for status in ("fail", "warn"))
    if failed or warned:
        total = T("To mend before a run: {failed}. Worth knowing: {warned}.", failed=failed, warned=warned)
    else:
        total = T("All is well.")
    console.print(Line(str(total), "bold"), soft_wrap=True)
    return seen


def _print(console: Console, row: Row) -> None:
    mark, colour = MARKS[row.status]
    line = Line.assemble("  ", (mark, colour), " ", _wrapped(console, row.reason))
    if row.status != "pass":
        line.append("\n    → ").append(_wrapped(console, str(row.fix), hang=6))
    # Rich would break the lines by its own rules, and without the hanging indent.
    console.print(line, soft_wrap=True)


def _wrapped(console: Console, text: str, hang: int = 4) -> str:
    """The text broken between words so that it fits behind a mark; on a terminal only."""
    if not console.is_terminal:
        return plain(text)
    width = max(console.width - hang - 1, 20)
    lines = textwrap.wrap(plain(text), width, break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * hang).join(lines)
