"""`runs`: what was run on this computer, and how it ended."""

from __future__ import annotations

import json as jsons
import shutil
from collections import Counter
from collections.abc import Sequence
from typing import Any

from automator.cli.output import Output
from automator.errors import CTRL_C, PreflightError
from automator.events import OutcomeEvent
from automator.journal import runs_folder
from automator.report import JOURNAL, Record, read, recorded_runs
from automator.report.say import moment
from automator.text import T, Text, plain

FIRST = 3
"""Columns of a run's first line where the terminal does not hold all of them in one."""
SHORT = 15
"""Letters of a run's name, its time, that nearly always tell it from the others: enough to name it."""


def runs(*, json: bool) -> int:
    """Prints every run that has a journal, the newest first; the exit code."""
    output = Output(json=json)
    found, unread = [], []
    for folder in recorded_runs(runs_folder()):
        try:
            found.append(read(folder))
        except PreflightError:
            unread.append(folder.name)
    if unread:
        output.say(T("! These can't be read: {names}", names=", ".join(unread)))
    if json:
        for record in found:
            output.machine(jsons.dumps(_told(record), ensure_ascii=False))
        return 0
    if not found:
        output.say(T("No run is recorded in {folder}.", folder=runs_folder()))
        return 0
    starts = Counter(record.folder.name[:SHORT] for record in found)
    whole = [record.folder.name for record in found]
    names = [name[:SHORT] if starts[name[:SHORT]] == 1 else name for name in whole]
    heads = (T("run"), T("when (UTC)"), T("journey"), T("model"), T("outcome"))
    rows = [heads, *(_row(name, record) for name, record in zip(names, found, strict=True))]
    columns = shutil.get_terminal_size().columns if output.talk.isatty() else None
    for line in lined_up(rows, columns):
        output.path(Text("{line}", {"line": line}))
    return 0


def lined_up(rows: Sequence[Sequence[str | Text]], columns: int | None) -> list[str]:
    """The rows as lines. A row that a terminal of so many `columns` does not hold takes two; no cell is broken."""
    from rich.cells import cell_len

    cells = [[plain(str(cell)) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str], widths: Sequence[int]) -> str:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        return "  ".join(padded).rstrip()

    whole = [line(row, widths) for row in cells]
    if columns is None or max(map(cell_len, whole)) <= columns:
        return whole
    halves = ((line(row[:FIRST], widths[:FIRST]), line(row[FIRST:], widths[FIRST:])) for row in cells)
    return [half for first, second in halves for half in (first, f"  {second}")]


def _told(record: Record) -> dict[str, Any]:
    phone, outcome = record.phone, record.outcome
    page = record.file("report.html")
    return {
        "run": record.folder.name,
        "began": record.began,
        "journey": record.journey,
        "model": phone.model if phone else None,
        "rom": phone.rom if phone else None,
        "practice": phone.practice if phone else None,
        "result": outcome.result if outcome else None,
        "verified": outcome.verified if outcome else False,
        "exit_code": outcome.exit_code if outcome else None,
        "cut_off": outcome is None,
        "journal": str(record.folder / JOURNAL),
        "report": str(page) if page else None,
    }


def _row(name: str, record: Record) -> tuple[str | Text, ...]:
    phone = record.phone
    model = phone.model if phone else "–"
    return (
        name,
        moment(record.began)[:16],
        record.journey,
        T("{model} (practice)", model=model) if phone and phone.practice else model,
        how_it_ended(record),
    )


def how_it_ended(record: Record) -> Text:
    """The outcome in two words."""
    if record.outcome is None:
        return T("cut off, or still running")
    return in_words(record.outcome)


def in_words(outcome: OutcomeEvent) -> Text:
    """How a run ended, in two words."""
    return {
        "signed_out": T("signed out"),
        "nothing_to_do": T("nothing to do"),
        "reset_started": T("reset begun"),
        "account_deleted": T("account deleted, as the owner says"),
        "flashed": T("flashed"),
        "letter_written": T("letter written"),
        "dry_run": T("dry run"),
        "declined": T("the owner said no"),
        "stopped": T("stopped by Ctrl-C")
        if outcome.exit_code == CTRL_C
        else T("stopped (exit code {code})", code=outcome.exit_code),
        "unknown": T("unknown: look at the phone"),
    }[outcome.result]
