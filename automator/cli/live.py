"""The view on a terminal: what is printed stays, and a few lines below it move while the phone is waited for.

Knows events and words, no phone. What moves is drawn by Rich's own thread, from what was put into words before; nothing
moves while somebody reads a card, answers a question or acts on the phone.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Cell

from automator.cli.output import Output, called
from automator.cli.pictures import drawn, row_height
from automator.cli.plan import marked
from automator.cli.spoken import SpokenOutput
from automator.events import (
    AskEvent,
    CommandEvent,
    ErrorEvent,
    Event,
    GateEvent,
    OutcomeEvent,
    PlanEvent,
    PlanStep,
    ScreenEvent,
)
from automator.text import T, Text, plain

MOST_STEPS = 6
"""Lines of steps; below them stand the present screen and the time."""
REFRESHES = 8
"""A second."""
WIDEST_CARD = 100
NARROWEST = 8
"""Columns of text that even the smallest window is taken to have."""
_STYLES = {"✓": "green", "▸": "bold", " ": "dim"}


def voice(*, json: bool, verbose: bool, plain: bool) -> Output:
    """The voice that fits where it is heard: a terminal, a program, a file, somebody's ears."""
    if plain:
        return SpokenOutput(json=json, verbose=verbose)
    if not json and sys.stdout.isatty():
        console = Console(file=sys.stdout, highlight=False)
        if console.is_interactive and not console.is_dumb_terminal:
            return LiveOutput(console, verbose=verbose)
    return Output(json=json, verbose=verbose)


@dataclass(frozen=True)
class Steps:
    """The plan, and where in it the phone is."""

    plan: tuple[PlanStep, ...] = ()
    at: int = -1
    seen: frozenset[int] = frozenset()
    """The steps whose screens came, up to the present one."""

    def arrived(self, screen: str | None) -> Steps:
        """The phone shows this screen; a screen that the plan does not have is no step.

        The last step of a screen is what is done on it, the ones before are the ways to it. What lies behind a step that
        the phone went back to is to come again.
        """
        places = [place for place, step in enumerate(self.plan) if step.screen == screen]
        if not places:
            return self
        at = places[-1]
        return replace(self, at=at, seen=frozenset(place for place in {*self.seen, *places} if place <= at))

    def shown(self) -> list[tuple[str, str]]:
        """Mark and text of each step that was taken (✓), is being taken (▸), or is to come on every phone."""
        return [
            ("▸" if place == self.at else "✓" if place in self.seen else " ", marked(step))
            for place, step in enumerate(self.plan)
            if place in self.seen or (place > self.at and not step.sometimes)
        ]


def window(heights: Sequence[int], now: int, most: int) -> range:
    """Which steps to show in `most` lines: the present one and its neighbours on both sides."""
    first, end = now, now
    while True:
        grown = [(first, end + 1)] * (end < len(heights)) + [(first - 1, end)] * (first > 0)
        fits = [(a, b) for a, b in grown if sum(heights[a:b]) <= most]
        if not fits:
            return range(first, end)
        first, end = min(fits, key=lambda ends: abs((now - ends[0]) * 2 - (ends[1] - now)))


class LiveOutput(Output):
    """One command's voice on a terminal that can move its cursor."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        super().__init__(json=False, verbose=verbose)
        self._console = console
        self._frames = "-\\|/" if console.options.ascii_only else "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
        self._began = monotonic()
        self._steps = Steps()
        self._title = str(T("waiting for the phone"))
        self._live: Live | None = None

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Room for lines that stay: what moves comes back below them."""
        moved = self._live is not None
        self.hold()
        yield
        if moved:
            self._move()

    def hold(self) -> None:
        """Nothing moves until the next event."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._console.show_cursor()

    def event(self, event: Event) -> None:
        """Says what people should know of it, and shows where the run is until the next word."""
        waits = self._live is None and isinstance(event, ScreenEvent) and event.screen == self._screen
        if isinstance(event, PlanEvent):
            self._steps = Steps(tuple(event.steps))
        elif isinstance(event, ScreenEvent):
            self._steps = self._steps.arrived(event.screen)
            self._title = str(called(event.screen))
        elif isinstance(event, CommandEvent):
            self._title = f"{event.number}/{event.of} {event.text}"
        super().event(event)
        if isinstance(event, OutcomeEvent | ErrorEvent):
            self.hold()
        elif not waits and not isinstance(event, GateEvent | AskEvent):
            self._move()

    def progress(self, what: Text, done: int, of: int) -> None:
        """How far something long is."""
        self._title = f"{what} · {done * 100 // max(of, 1)} %"
        if done < of:
            self._move()
        else:
            self.hold()

    def card(self, title: Text, rows: list[tuple[str, str]], picture: str | None) -> None:
        """A gate's card in a frame that nothing else has."""
        cells = Table.grid(padding=(0, 2))
        cells.add_column(no_wrap=True)
        cells.add_column(overflow="fold")
        for name, value in rows:
            cells.add_row(Cell(plain(name), "bold"), Cell(plain(value)))
        head = Cell(plain(str(T("STOP · {title}", title=title))), "bold red")
        width = min(self._console.width, WIDEST_CARD)
        with self.aside():
            if picture:
                self._draw(picture)
            self._console.print(
                Panel(Group(head, "", cells), box=box.DOUBLE, border_style="red", width=width)
            )
        if picture:
            super().picture(picture)

    def picture(self, path: str) -> None:
        """The picture itself where the terminal is known to show it, and its place in any case."""
        with self.aside():
            self._draw(path)
        super().picture(path)

    def _draw(self, path: str) -> None:
        row = row_height(self.talk)
        if sequence := drawn(Path(path), os.environ, self._console.height, row):
            print(sequence, file=self.talk, flush=True)

    def _move(self) -> None:
        if self._live is None:
            self._live = Live(
                console=self._console,
                get_renderable=self._region,
                refresh_per_second=REFRESHES,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _region(self) -> Group:
        """What moves. Rich's thread draws it: no sentence is put into words here, for it knows no language of ours."""
        width = max(self._console.width - 4, NARROWEST)
        steps = [(mark, Cell(text).wrap(self._console, width)) for mark, text in self._steps.shown()]
        now = next((place for place, (mark, _) in enumerate(steps) if mark == "▸"), 0)
        lines = [
            Cell.assemble(f"  {mark if number == 0 else ' '} ", line, style=_STYLES[mark])
            for mark, wrapped in (
                steps[place] for place in window([len(x) for _, x in steps], now, MOST_STEPS)
            )
            for number, line in enumerate(wrapped)
        ]
        passed = monotonic() - self._began
        minutes, seconds = divmod(int(passed), 60)
        frame = self._frames[int(passed * REFRESHES) % len(self._frames)]
        where = Cell(f"{self._title} · {minutes}:{seconds:02d}").wrap(self._console, width)
        for number, line in enumerate(where):
            lines.append(Cell.assemble(f"  {frame if number == 0 else ' '} ", line))
        return Group(*lines)
