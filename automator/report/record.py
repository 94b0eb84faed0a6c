"""The folder of a run as one value. Reads what there is: a last line that was cut, events of newer versions, no end."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from automator.errors import PreflightError
from automator.events import ErrorEvent, Event, FactsEvent, OutcomeEvent, PhoneEvent, ScreenEvent
from automator.text import T, Text

JOURNAL = "journal.jsonl"
_KINDS: dict[str, type[Any]] = {kind.model_fields["event"].default: kind for kind in get_args(Event)}
_NAME = re.compile(r"(?P<time>\d{8}-\d{6})-(?P<journey>[\w-]+)-[0-9a-f]+")
_E = TypeVar("_E")
NAMED = 5
"""How many of the runs that could be meant are named."""


@dataclass(frozen=True)
class Record:
    """One run, as its journal tells it."""

    folder: Path
    events: tuple[Event, ...]
    unread: int
    """Lines that are whole and say nothing to this version."""
    page_of: str = ""
    """The run's name as a page of it says: a run that was cut off does not tell its own."""

    @property
    def name(self) -> str:
        """As the run was called when it ended, wherever its folder is now; else as a page of it or its folder is called."""
        written = re.split(r"[/\\]", self.outcome.journal)[-2:-1] if self.outcome else []
        return written[0] if written else self.page_of or self.folder.resolve().name

    @property
    def outcome(self) -> OutcomeEvent | None:
        """How the run ended; None when it was cut off, or still runs."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, OutcomeEvent) else None

    @property
    def error(self) -> ErrorEvent | None:
        """What stopped it."""
        return self._last(ErrorEvent)

    @property
    def phone(self) -> PhoneEvent | None:
        return self._last(PhoneEvent)

    @property
    def last_screen(self) -> ScreenEvent | None:
        return self._last(ScreenEvent)

    @property
    def journey(self) -> str:
        """`unlink`, `reset`, or nothing where neither the end nor the folder's name tells."""
        if self.outcome:
            return self.outcome.journey
        named = _NAME.fullmatch(self.name)
        return named["journey"] if named else ""

    @property
    def began(self) -> str:
        """When, as ISO 8601 in UTC; for a run that wrote nothing, as its folder's name tells it."""
        if self.events:
            return self.events[0].time
        named = _NAME.fullmatch(self.name)
        t = named["time"] if named else ""
        return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[9:11]}:{t[11:13]}:{t[13:15]}+00:00" if t else ""

    def facts(self, when: str) -> FactsEvent | None:
        """What adb told `before` the run, or `after` it."""
        return next((e for e in self.events if isinstance(e, FactsEvent) and e.when == when), None)

    def file(self, name: str | None) -> Path | None:
        """A file beside the journal, if it is there. A name that leads elsewhere is none."""
        if not name or Path(name).name != name:
            return None
        path = self.folder / name
        return path if path.is_file() and not path.is_symlink() else None

    def _last(self, kind: type[_E]) -> _E | None:
        return next((event for event in reversed(self.events) if isinstance(event, kind)), None)


def read(folder: Path) -> Record:
    """The run in this folder. Raises PreflightError when its journal can't be read."""
    try:
        lines = (folder / JOURNAL).read_bytes().split(b"\n")
    except OSError as error:
        raise _no_journal(folder / JOURNAL, error) from error
    events: list[Event] = []
    unread = 0
    for line in lines:
        fields = _object(line)
        if fields is None:
            continue
        event = _event(fields)
        if event is None:
            unread += 1
        else:
            events.append(event)
    return Record(folder, tuple(events), unread)


def recorded_runs(runs: Path) -> list[Path]:
    """The folders of all runs that have a journal, the newest first."""
    found = [path.parent for path in runs.glob(f"*/{JOURNAL}")]
    return sorted(found, key=lambda folder: (folder.name[:15], folder.stat().st_mtime), reverse=True)


def find_run(runs: Path, wanted: str | None) -> Path:
    """The folder that is meant: by its name, the beginning of it, or a path to it; the newest by default.

    Raises PreflightError when there is none, or more than one.
    """
    if wanted:
        path = Path(wanted)
        folder = path.parent if path.is_file() else path
        if (folder / JOURNAL).is_file():
            return folder.resolve()
    found = [run for run in recorded_runs(runs) if run.name.startswith(wanted or "")]
    exact = [run for run in found if run.name == wanted]
    if not found and not wanted:
        raise PreflightError(
            T("No run is recorded yet."),
            T("{folder} holds none.", folder=runs),
            T("Run a command first; “mi-automator rehearse unlink” needs no phone."),
        )
    if not found:
        raise PreflightError(
            T("There is no such run."),
            T("In {folder} no run is called “{name}”.", folder=runs, name=wanted or ""),
            T("“mi-automator runs” lists them."),
        )
    if wanted and len(found) > 1 and not exact:
        names = ", ".join(run.name for run in found[:NAMED])
        more = len(found) - NAMED
        raise PreflightError(
            T("Several runs are called so."),
            T("{names}, and {count} more.", names=names, count=more)
            if more > 0
            else Text("{names}", {"names": names}),
            T("Name one of them in full; “mi-automator runs” lists them."),
        )
    return (exact or found)[0]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _event(fields: dict[str, Any]) -> Event | None:
    """The event in a line; what a newer version added to it is left out."""
    kind = _KINDS.get(str(fields.get("event")))
    if kind is None:
        return None
    try:
        event: Event = kind.model_validate(
            {name: fields[name] for name in kind.model_fields if name in fields}
        )
    except ValidationError:
        return None
    return event


def _no_journal(path: Path, error: OSError) -> PreflightError:
    return PreflightError(
        T("The journal can't be read."),
        T("{folder}: {why}.", folder=path, why=error.strerror or type(error).__name__),
        T("Name a run that “mi-automator runs” lists, or its folder."),
    )
