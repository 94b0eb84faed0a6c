"""Rows of the table of benchmarks: a figure is a ratio, with the median and the spread of its rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """One figure: what was compared, the ratio in each round, what it should be, and the seconds behind it."""

    part: str
    what: str
    ratios: tuple[float, ...]
    target: str = ""
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        return (
            self.part,
            self.what,
            number(median(self.ratios)),
            f"{number(min(self.ratios))}–{number(max(self.ratios))}",
            self.target,
            self.note,
        )


HEAD = ("part", "what", "median", "spread", "target", "behind it")


def ratios(above: Iterable[float], below: Iterable[float]) -> tuple[float, ...]:
    """Round by round: what was measured side by side is divided side by side."""
    return tuple(one / other for one, other in zip(above, below, strict=True))


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def seconds(values: Sequence[float]) -> str:
    middle = median(values)
    if middle < 1e-3:
        return f"{middle * 1e6:.0f} µs"
    return f"{middle * 1e3:.0f} ms" if middle < 1 else f"{middle:.2f} s"


def printed(rows: Sequence[Row], *, markdown: bool = False) -> str:
    """The table, for a terminal or for the README."""
    cells = [HEAD, *(row.cells() for row in rows)]
    if markdown:
        cells.insert(1, ("---",) * len(HEAD))
        return "\n".join("| " + " | ".join(line) + " |" for line in cells)
    widths = [max(len(line[place]) for line in cells) for place in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )
