"""`report`: a run's page for its owner, the sheet for a buyer, and whether anything was changed since."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import typer

from automator import __version__
from automator.cli.output import Output
from automator.errors import PreflightError
from automator.journal import runs_folder
from automator.report import JOURNAL, Kind, Seal, check, find_run, written
from automator.report.pages import as_drawn, sealed, stamp_of
from automator.text import T, Text

UNMASKABLE = ("serial", "imei")
"""What `--unmask` may name."""
OPENING = 5.0
"""Seconds in which an opener that finds no browser has given up."""


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
    output.path(
        T("Hand-over sheet: {path}", path=page.path)
        if kind == "handover"
        else T("Report: {path}", path=page.path)
    )
    if show and not _opened(page.path):
        raise PreflightError(
            T("The page is written, but it did not open."),
            T("This computer names no browser that shows it, or the browser did not start."),
            T("Open the file above yourself, in any browser."),
        )
    return 0


def _opened(page: Path) -> bool:
    """Whether the computer's own program for pages took it."""
    if sys.platform != "linux":
        return typer.launch(str(page)) == 0
    try:
        # Not typer's: that one does not wait for the answer, and lets the tries of xdg-open onto the terminal.
        opener = subprocess.Popen(  # noqa: S603  a page of ours
            ["xdg-open", str(page)],  # noqa: S607  where it lies is the computer's affair
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return opener.wait(OPENING) == 0
    except subprocess.TimeoutExpired:
        return True  # some browsers hold it until they are closed
    except OSError:
        return False


def verify(path: Path) -> int:
    """Says whether a run's folder, or a page made from it, is as it was written; the exit code. Raises PreflightError."""
    output = Output(json=False)
    folder, page = path, None
    try:
        if not path.is_dir():
            folder = path.parent
            page = None if path.name == JOURNAL else path.read_bytes()
        seal = check(folder)
    except OSError as error:
        raise PreflightError(
            T("There is nothing to verify."),
            _why_nothing(path, page, error),
            T("Name a journal.jsonl, the folder of a run, or a report that lies beside its journal."),
        ) from error
    sound = seal.state == "whole"
    output.path(Text("{mark} {path}", {"mark": "✓" if sound else "✗", "path": folder / JOURNAL}))
    output.say(Text("  {found}", {"found": sealed(seal)}))
    if page is not None:
        sound = _verify_page(output, path, page, folder, seal.chain) and sound
    if seal.sound:
        output.path(T("Seal: {seal}", seal=seal.chain))
    output.say(_proved() if sound else _remedy(seal, folder))
    return 0 if sound else PreflightError.exit_code


def _why_nothing(path: Path, page: bytes | None, error: OSError) -> Text:
    """Why this path can't be verified; `page` is what it holds when it is no folder and no journal, and can be read."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        return T("{folder}: {why}.", folder=path, why=error.strerror or type(error).__name__)
    if path.is_dir():
        return T("{path} is no folder of a run: no journal.jsonl is in it.", path=path)
    if page is None:
        return T("{path} is not there.", path=path)
    if stamp_of(page.decode("utf-8", "replace")):
        return T("Beside {path} there is no journal.jsonl to compare it with.", path=path)
    return T("{path} is no journal and no report of a run.", path=path)


def _proved() -> Text:
    return T(
        "It proves that nothing was changed since the seal was noted elsewhere (a printed sheet, a message). It does not prove "
        "who wrote the record: whoever has the folder could write all of it anew, but with another seal."
    )


def _remedy(seal: Seal, folder: Path) -> Text:
    """What to do about a record, or about a page of a whole record, that is not as it was written."""
    if not seal.sound:
        return T(
            "  → Do not trust this record, nor a page made from it. Ask for the run's folder as it was written."
        )
    if seal.state != "whole":
        return T(
            "  → Take nothing for done that the record does not show. If the run still goes on, verify again when it has ended."
        )
    return T(
        "  → Do not trust this page. “mi-automator report {folder}” makes a report from the record, with --handover the sheet.",
        folder=folder,
    )


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
