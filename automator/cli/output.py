"""What a person reads and what a machine reads. Talk goes to standard error when machines read standard output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from automator.cli.lines import complaint, print_line, print_whole
from automator.cli.plan import lines
from automator.errors import AutomatorError
from automator.events import (
    CommandEvent,
    Event,
    MoveEvent,
    OutcomeEvent,
    PlanEvent,
    ScreenEvent,
    TapEvent,
    WordsEvent,
)
from automator.text import T, Text, json_line, plain

LONG = 200 << 20
"""Bytes whose reading takes more than a second."""


class Output:
    """One command's voice."""

    def __init__(self, *, json: bool, verbose: bool = False) -> None:
        self.json = json
        self._verbose = verbose
        self._talk: TextIO = sys.stderr if json else sys.stdout
        self._screen: str | None = ""
        self._progress: tuple[Text, int] | None = None

    @property
    def talk(self) -> TextIO:
        """Where words for people go."""
        return self._talk

    def say(self, text: Text | str) -> None:
        """One line or paragraph for people, wrapped to the terminal."""
        with self.aside():
            print_line(self.worded(str(text)), self._talk)

    def detail(self, text: Text | str) -> None:
        """A line for those who asked for all of it."""
        if self._verbose:
            self.say(f"  · {text}")

    def path(self, text: Text) -> None:
        """A line with a path, for copying: never broken."""
        with self.aside():
            print_whole(str(text), self._talk)

    def rows(self, rows: list[tuple[str, str]]) -> None:
        """Names and what is said of them, in two columns."""
        width = max(len(name) for name, _ in rows) + 2
        with self.aside():
            for name, value in rows:
                line = self.worded(f"  {name.ljust(width)}{value}")
                print_line(line, self._talk, hang=width + 2)

    def complain(self, error: AutomatorError) -> None:
        """What happened, why, and the remedy, on standard error."""
        with self.aside():
            for line in complaint(error):
                print_line(self.worded(line), sys.stderr)

    def card(self, title: Text, rows: list[tuple[str, str]], picture: str | None) -> None:
        """What is read before a phrase is typed."""
        self.say(self.headline(title))
        self.rows(rows)
        if picture:
            self.picture(picture)

    def headline(self, title: Text) -> str:
        """What a card begins with."""
        return f"━━ {T('STOP · {title}', title=title)} ━━"

    def picture(self, path: str) -> None:
        """Where the picture is."""
        self.path(T("  Picture: {path}", path=Path(path).as_uri()))

    def worded(self, line: str) -> str:
        """The line as this voice says it."""
        return line

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Room for lines that stay."""
        yield

    def hold(self) -> None:
        """Nothing moves on the terminal until the next event: somebody reads, answers, or acts on the phone."""

    def table(self, heads: Sequence[Text], rows: Iterable[Sequence[str | Text]]) -> None:
        """A table for people. What stands in it is shown as it is: Rich's own marks mean nothing."""
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text as Cell

        table = Table(box=None, pad_edge=False)
        for head in heads:
            table.add_column(str(head), overflow="fold")
        for row in rows:
            table.add_row(*(Cell(plain(str(cell))) for cell in row))
        Console(file=self._talk).print(table)

    def machine(self, json: str) -> None:
        """One object for machines, on a line of its own; nothing without `--json`."""
        if self.json:
            print(json_line(json), file=sys.stdout, flush=True)  # noqa: T201

    def event(self, event: Event) -> None:
        """Writes the event for machines, or what people should know of it."""
        self.machine(event.model_dump_json())
        if isinstance(event, ScreenEvent):
            self._screen_line(event)
        elif isinstance(event, PlanEvent):
            for line in lines(event):
                self.say(line)
        elif isinstance(event, TapEvent) and event.sent:
            self.say(T("  tapped “{label}”", label=event.label))
        elif isinstance(event, CommandEvent):
            self._command_line(event)
        elif isinstance(event, MoveEvent):
            self.detail(f"{event.move} {event.element or ''}".rstrip())
        elif isinstance(event, WordsEvent):
            self.detail(f"{event.package}: {event.origin}, {event.found} {event.why}".rstrip())
        elif isinstance(event, OutcomeEvent):
            self.detail(event.journal)

    def progress(self, what: Text, done: int, of: int) -> None:
        """How far something long is, in bytes: each quarter of it."""
        quarters = done * 4 // max(of, 1)
        if of > LONG and (what, quarters) != self._progress and quarters:
            self._progress = (what, quarters)
            self.say(T("  {what}: {percent} %", what=what, percent=quarters * 25))

    def _command_line(self, event: CommandEvent) -> None:
        if event.state == "begun":
            self.detail(f"fastboot {event.text}")
        else:
            mark = "✓" if event.state == "done" else "✗"
            self.say(f"  {mark} {event.number}/{event.of} {event.text} ({event.seconds:.1f} s)")
        for line in event.output.splitlines():
            self.detail(line)

    def _screen_line(self, event: ScreenEvent) -> None:
        if event.screen != self._screen:
            self._screen = event.screen
            self.say(T("• on the phone: {screen}", screen=called(event.screen)))
        if self._verbose:
            for why in event.why:
                self.say(f"    {why}")


def called(screen: str | None) -> Text:
    """What an owner would call the screen."""
    from automator.atlas import load

    if screen is None:
        return T("a screen that I need not know")
    return Text(load().screens[screen].called)
