"""Lines for people, wrapped to the terminal. Imports next to nothing: it must work when the rest does not.

Whatever a person reads goes through here, except tables (`Output.table`): the terminal obeys nothing that came from a
phone.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import TextIO

from automator.errors import AutomatorError
from automator.text import plain

_BEGINS = re.compile(r" *(?:\d{1,2}\. )?[ •✓✗→☞!]*")
"""What stands before a line's first word."""


def print_line(line: str, stream: TextIO, hang: int | None = None) -> None:
    """Prints the line; on a terminal broken between words, what follows indented as it began."""
    print(_fitting(plain(line), stream, hang), file=stream, flush=True)


def print_question(question: str, stream: TextIO) -> None:
    """Prints the question, and leaves the cursor behind it."""
    print(f"{_fitting(plain(question), stream, 0).rstrip()} ", end="", file=stream, flush=True)


def _fitting(line: str, stream: TextIO, hang: int | None) -> str:
    if stream.isatty():
        hang = hang if hang is not None else _beginning(line)
        width = max(shutil.get_terminal_size().columns - 1, hang + 20)
        line = textwrap.fill(
            line, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
        )
    return line


def _beginning(line: str) -> int:
    begins = _BEGINS.match(line)
    return begins.end() if begins else 0


def print_whole(line: str, stream: TextIO) -> None:
    """Prints the line, never broken: for paths, and whatever else is copied."""
    print(plain(line), file=stream, flush=True)


def complaint(error: AutomatorError) -> tuple[str, str, str]:
    """What happened, why, and the remedy."""
    return f"✗ {error.what}", f"  {error.why}", f"  → {error.fix}"


def complain(error: AutomatorError) -> None:
    """Says it on standard error."""
    for line in complaint(error):
        print_line(line, sys.stderr)
