"""How several phones at once are shown: a table that moves on a terminal, else a line for each change. Knows no phone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import monotonic

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text as Cell

from automator.cli.live import REFRESHES, LiveOutput, voice
from automator.cli.output import Output
from automator.text import T, Text, plain

Row = tuple[str, str, str, str, str]
"""Number, model, serial, place, and what it is at."""
HEADS = (Text(""), T("phone"), T("serial"), T("place"), T("now"))


class TableOutput(LiveOutput):
    """A terminal's voice, with all phones in the lines that move."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        super().__init__(console, verbose=verbose)
        self._rows: tuple[Row, ...] = ()
        self._heads = tuple(map(str, HEADS))

    def show(self, rows: Sequence[Row]) -> None:
        """These are the phones, until the next time; the table moves from now on."""
        self._rows = tuple(rows)
        self._move()

    def _region(self) -> Group:
        """What moves. Rich's thread draws it, and knows no language of ours."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for head in self._heads:
            table.add_column(Cell(head, "dim"), overflow="ellipsis", no_wrap=True)
        for row in self._rows:
            table.add_row(*(Cell(plain(cell)) for cell in row))
        passed = monotonic() - self._began
        minutes, seconds = divmod(int(passed), 60)
        frame = self._frames[int(passed * REFRESHES) % len(self._frames)]
        return Group("", table, Cell(f"{frame} {minutes}:{seconds:02d}"))


def many_voice(*, json: bool, verbose: bool, plain: bool) -> Output:
    """The voice for several phones that fits where it is heard."""
    found = voice(json=json, verbose=verbose, plain=plain)
    if isinstance(found, LiveOutput):
        return TableOutput(Console(file=sys.stdout, highlight=False), verbose=verbose)
    return found
