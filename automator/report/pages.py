"""The pages as HTML: drawn from a record, written beside its journal, and compared with it again."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from automator import __version__
from automator.errors import PreflightError
from automator.report import findings
from automator.report.evidence import one_phone
from automator.report.others import OTHERS
from automator.report.record import Record, read
from automator.report.say import hider, mask_serial, moment
from automator.report.seal import Seal, check
from automator.report.sheet import identity, sheet
from automator.report.story import scenes
from automator.text import LANGUAGES, T, Text, current_language, use_language

Kind = Literal["report", "handover"]
_META = re.compile(r'<meta name="mi-automator-(\w+)" content="([^"]*)">')
_LANGUAGE = re.compile(r'<html lang="(\w+)">')


@dataclass(frozen=True)
class Written:
    """A page that was written, and what was found of its record."""

    path: Path
    seal: Seal


@dataclass(frozen=True)
class Stamp:
    """What a page says of itself, for the check."""

    kind: Kind
    version: str
    seal: str
    unmasked: tuple[str, ...]
    language: str
    run: str


def written(folder: Path, kind: Kind, unmask: Collection[str] = ()) -> Written:
    """Writes the page of the run in this folder, in the language in force; its owner's alone to read.

    Raises PreflightError where the record does not allow it, OSError where the folder does not.
    """
    record, seal = read(folder), check(folder)
    if kind == "handover" and not seal.sound:
        raise PreflightError(
            T("No hand-over sheet is made of this run."),
            T("Its record was changed after it was written.")
            if seal.state == "changed"
            else T("Its record has no seal: a version of mi-automator wrote it that made none."),
            T("“mi-automator report --verify {run}” says more. Make a sheet from another run.", run=folder),
        )
    if kind == "handover" and (record.journey in OTHERS or not one_phone(record)):
        raise PreflightError(
            T("No hand-over sheet is made of this run."),
            T("A sheet is about one phone that was signed out or reset, and this run is not."),
            T("“mi-automator runs” lists the others. Make a sheet from a run of “unlink” or “reset”."),
        )
    path = folder / f"{kind}{'-unmasked' if unmask else ''}.html"
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_bytes(drawn(record, seal, kind, unmask).encode("utf-8", "replace"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Written(path, seal)


def drawn(record: Record, seal: Seal, kind: Kind, unmask: Collection[str] = ()) -> str:
    """The page. The same record gives the same page, in one language and version."""
    hide = hider(record, unmask)
    serial = record.phone.serial if record.phone else ""
    common = {
        "lang": current_language(),
        "version": __version__,
        "kind": kind,
        "unmasked": ",".join(sorted(unmask)),
        "seal": seal,
        "record": record,
        "practice": bool(record.phone and record.phone.practice),
        "moment": moment,
        # Always masked here: hide() leaves what is not to be unmasked nowhere else either.
        "serial": serial if "serial" in unmask else mask_serial(serial) if serial else "",
    }
    special = _report(record, seal) if kind == "report" else _handover(record, seal, str(common["serial"]))
    return environment().get_template(f"{kind}.html.j2").render(common | special, hide=hide)


def stamp_of(page: str) -> Stamp | None:
    """What a page says of itself; None for a file that is none of ours."""
    said = {name: html.unescape(value) for name, value in _META.findall(page)}
    language = _LANGUAGE.search(page)
    kind = said.get("page")
    if language is None or kind not in ("report", "handover") or language[1] not in LANGUAGES:
        return None
    unmasked = tuple(filter(None, said.get("unmasked", "").split(",")))
    return Stamp(
        "report" if kind == "report" else "handover",
        said.get("version", ""),
        said.get("seal", ""),
        unmasked,
        language[1],
        said.get("run", ""),
    )


def as_drawn(page: bytes, stamp: Stamp, folder: Path) -> bool:
    """Whether the page is, letter for letter, what its record gives."""
    with speaking(stamp.language):
        record = replace(read(folder), page_of=stamp.run)
        again = drawn(record, check(folder), stamp.kind, stamp.unmasked)
    return again.encode("utf-8", "replace") == page


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Says everything in `language` meanwhile."""
    before = current_language()
    use_language(language)
    try:
        yield
    finally:
        use_language(before)


def _report(record: Record, seal: Seal) -> dict[str, Any]:
    return {
        "words": _WORDS,
        "headline": findings.headline(record),
        "dangerous": findings.dangerous(record),
        "facts": findings.fact_rows(record),
        "after": record.facts("after") is not None,
        "scenes": scenes(record),
        "questions": findings.questions(record),
        "hands": findings.hands(record),
        "verified": findings.verified(record),
        "unverified": findings.unverified(record),
        "next_steps": findings.next_steps(record),
        "sealed": sealed(seal),
    }


def sealed(seal: Seal) -> Text:
    """What was found of a record, in one sentence."""
    where = (
        T("file {name}, which line {line} names", name=seal.file, line=seal.line)
        if seal.file
        else T("line {line}", line=seal.line)
    )
    return {
        "whole": T(
            "Whole and unchanged: {lines} lines and {files} files fit their hash chain.",
            lines=seal.lines,
            files=seal.files,
        ),
        "open": T(
            "Unchanged as far as it goes ({lines} lines, {files} files), but its end is missing: the run was cut off, still runs, "
            "or the last lines were taken away.",
            lines=seal.lines,
            files=seal.files,
        ),
        "cut": T(
            "Unchanged up to line {line}, the last, which is not whole: the run was cut off while it was written, or it was changed.",
            line=seal.line,
        ),
        "changed": T(
            "CHANGED after it was written. The first thing that does not fit: {where}.", where=where
        ),
        "unsealed": T("It has no hash chain, so nobody can tell whether it was changed."),
    }[seal.state]


def _handover(record: Record, seal: Seal, serial: str) -> dict[str, Any]:
    """Both languages on one page: each has a half of its own, and what is the same in both is labelled in both."""
    sides: list[dict[str, Any]] = []
    for language in LANGUAGES:
        with speaking(language):
            sides.append({"lang": language, **_said(sheet(record, seal, __version__))})
    return {"sides": sides, "identity": identity(record, serial)}


def _said(value: Any) -> Any:
    """Every Text in it as a string of the language in force."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _said(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


@pass_context
def _shown(context: Context, value: Any) -> Any:
    """Whatever a template prints goes through here, then through the escaping of HTML."""
    return value if isinstance(value, Markup) else context["hide"](str(value))


@cache
def environment() -> Environment:
    """How every page is drawn: what a template prints goes through its `hide`, then through the escaping of HTML."""
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_WORDS = {
    "report": T("Report of a run"),
    "rehearsal": T("A rehearsal on a practice phone; no real phone was touched."),
    "phone": T("The phone"),
    "run": T("The run"),
    "model": T("Model"),
    "system": T("System"),
    "serial": T("Serial"),
    "began": T("Began"),
    "ended": T("Ended"),
    "no_end": T("not written down"),
    "code": T("Exit code"),
    "no_phone": T("No phone was reached."),
    "facts": T("Facts before and after"),
    "fact": T("Fact"),
    "before": T("Before"),
    "after": T("After"),
    "changed": T("changed"),
    "not_read": T("not read"),
    "why_not_read": T("After the run the facts were not read: it did not get there, or the phone had left."),
    "timeline": T("What happened"),
    "start": T("Before the first look at the screen"),
    "none": T("Nothing."),
    "questions": T("Questions and answers"),
    "question": T("Question"),
    "answer": T("Answer"),
    "time": T("Time (UTC)"),
    "no_questions": T("Nothing was asked."),
    "hands": T("Hands"),
    "verified": T("What was verified, and how"),
    "unverified": T("What was not verified"),
    "next": T("What to do next"),
    "record": T("The record"),
    "seal": T("Seal"),
    "no_seal": T("none"),
    "tapped": T("The frame shows what was tapped."),
    "proof": T(
        "“mi-automator report --verify FILE” says whether a byte of the journal, or of a file that it names, was changed after it was "
        "written. It does not prove who wrote it: whoever has the folder could write all of it anew, but not with this seal. So keep the "
        "seal somewhere else, on paper for example."
    ),
}
