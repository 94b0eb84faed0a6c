"""The page of several phones: how each ended, and where its own report is. Serials are masked; draws, knows no phone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from automator import __version__
from automator.errors import PreflightError
from automator.events import PhoneEnd
from automator.journal import runs_folder
from automator.report.findings import Headline, headline
from automator.report.pages import environment
from automator.report.record import read
from automator.report.say import mask_serial, moment
from automator.text import T, Text, current_language, plain


@dataclass(frozen=True)
class _Row:
    phone: PhoneEnd
    headline: Headline
    run: str
    report: bool


def write_summary(journey: str, phones: Sequence[PhoneEnd], exit_code: int) -> Path:
    """Writes the page into a folder of its own beside those of the runs, its owner's alone to read. Raises OSError."""
    began = datetime.now(timezone.utc)
    folder = runs_folder() / f"{began:%Y%m%d-%H%M%S}-{journey}-several-{secrets.token_hex(3)}"
    folder.mkdir(parents=True, mode=0o700)
    path = folder / "summary.html"
    path.touch(mode=0o600)
    path.write_bytes(_drawn(journey, phones, exit_code, began.isoformat()).encode("utf-8", "replace"))
    return path


def _drawn(journey: str, phones: Sequence[PhoneEnd], exit_code: int, time: str) -> str:
    def hide(text: str) -> str:
        text = plain(text)
        for phone in phones:
            text = text.replace(phone.serial, mask_serial(phone.serial))
        return text

    # A phone may have come again: each try has its row, and the last one says how the phone ended.
    last = {phone.serial: phone.exit_code for phone in phones}
    return (
        environment()
        .get_template("summary.html.j2")
        .render(
            words=_WORDS,
            lang=current_language(),
            version=__version__,
            journey=journey,
            time=moment(time),
            exit_code=exit_code,
            done=T(
                "{done} of {all} phones ended well.",
                done=sum(code == 0 for code in last.values()),
                all=len(last),
            ),
            rows=[_row(phone) for phone in phones],
            hide=hide,
        )
    )


def _row(phone: PhoneEnd) -> _Row:
    if not phone.journal:
        return _Row(phone, Headline("bad", T("It has no record.")), "", report=False)
    folder = Path(phone.journal).parent
    try:
        found = headline(read(folder))
    except PreflightError:
        found = Headline("bad", T("Its record can't be read."))
    return _Row(phone, found, folder.name, (folder / "report.html").is_file())


_WORDS: dict[str, Text] = {
    "title": T("Several phones"),
    "phone": T("Phone"),
    "serial": T("Serial"),
    "place": T("Place on USB"),
    "ended": T("How it ended"),
    "code": T("Exit code"),
    "report": T("Report of a run"),
    "none": T("none"),
}
