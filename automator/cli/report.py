"""`report`: a run's page for its owner, the sheet for a buyer, and whether anything was changed since."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import typer

from automator import __version__
from automator.cli.output import Output
from automator.errors import PreflightError
from automator.journal import runs_folder
from automator.report import JOURNAL, Kind, check, find_run, written
from automator.report.pages import as_drawn, sealed, stamp_of
from automator.text import T, Text

UNMASKABLE = ("serial", "imei")
"""What `--unmask` may name."""


def report(*, run: str | None, kind: Kind, unmask: Collection[str], show: bool) -> int:
    """Writes the page and says where it is; the exit code. Raises PreflightError."""
    output = Output(json=False)
    folder = find_run(runs_folder(), run)
    try:
        page = written(folder, kind, unmask)
    except OSError as error:
        raise _not_written(folder, error) from error
    if "imei" in unmask:
        output.say(
            T("! The IMEI is not in the record: no phone tells it over adb. Write it in by hand: dial *#06#.")
        )
    if not page.seal.sound:
        output.say(T("! The record of this run: {found}", found=sealed(page.seal)))
    output.path(T("Report: {path}", path=page.path))
    if show:
        typer.launch(str(page.path))
    return 0


def verify(path: Path) -> int:
    """Says whether a run's folder, or a page made from it, is as it was written; the exit code. Raises PreflightError."""
    output = Output(json=False)
    folder = path if path.is_dir() else path.parent
    try:
        seal = check(folder)
        page = None if path.is_dir() or path.name == JOURNAL else path.read_bytes()
    except OSError as error:
        raise PreflightError(
            T("There is nothing to verify."),
            T("{folder}: {why}.", folder=path, why=error.strerror or type(error).__name__),
            T("Name a journal.jsonl, the folder of a run, or a report that lies beside its journal."),
        ) from error
    sound = seal.state == "whole"
    output.path(Text("{mark} {path}", {"mark": "✓" if sound else "✗", "path": folder / JOURNAL}))
    output.say(Text("  {found}", {"found": sealed(seal)}))
    if page is not None:
        sound = _verify_page(output, path, page, folder, seal.chain) and sound
    output.path(T("Seal: {seal}", seal=seal.chain or T("none")))
    output.say(
        T(
            "It proves that nothing was changed since the seal was noted elsewhere (a printed sheet, a message). It does not prove "
            "who wrote the record: whoever has the folder could write all of it anew, but with another seal."
        )
    )
    return 0 if sound else PreflightError.exit_code


def _verify_page(output: Output, path: Path, page: bytes, folder: Path, chain: str) -> bool:
    stamp = stamp_of(page.decode("utf-8", "replace"))
    if stamp is None:
        sound, found = False, T("This is no page of mi-automator, or it was changed.")
    elif stamp.seal != chain:
        sound, found = (
            False,
            T(
                "Its seal is another: it was made from another record, or one of both was changed since. It says {seal}.",
                seal=stamp.seal or T("none"),
            ),
        )
    elif stamp.version != __version__:
        sound, found = (
            True,
            T(
                "Its seal is the journal's. Version {version} made it, so its words can't be compared.",
                version=stamp.version,
            ),
        )
    elif as_drawn(page, stamp, folder):
        sound, found = True, T("Letter for letter what the journal gives.")
    else:
        sound, found = False, T("Its seal is the journal's, but the page itself was changed.")
    output.path(Text("{mark} {path}", {"mark": "✓" if sound else "✗", "path": path}))
    output.say(Text("  {found}", {"found": found}))
    return sound


def _not_written(folder: Path, error: OSError) -> PreflightError:
    return PreflightError(
        T("The report can't be written."),
        T("{folder}: {why}.", folder=folder, why=error.strerror or type(error).__name__),
        T("Make room, or copy the run's folder to where you may write, and name that."),
    )
