"""The keyboard of the terminal: a line is read only after its question, and what is typed while nobody asked is nobody's answer.

Then it is not shown either, and not left to the shell: somebody may have typed a password into the wrong window.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TextIO

from automator.cli.lines import print_question


def ask_line(question: str, talk: TextIO) -> str | None:
    """The line typed after the question; None at end of input. What was typed or pasted before is dropped."""
    forget_typed()
    print_question(question, talk)
    line = ""
    try:
        with _echo(on=True):
            line = sys.stdin.readline()
    finally:
        if not line.endswith("\n"):  # Ctrl-C and Ctrl-D leave the cursor behind the question
            with contextlib.suppress(OSError):  # the terminal itself may be gone
                print(file=talk, flush=True)
    return line or None


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """While a run goes on: nothing typed is shown, but after a question; and nothing is left for the shell to run."""
    with _echo(on=False):
        try:
            yield
        finally:
            forget_typed()


def forget_typed() -> None:
    """Drops what was typed on the terminal and not read yet."""
    if not sys.stdin.isatty():
        return
    try:
        import termios
    except ImportError:  # Windows
        import msvcrt

        while msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
            msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
    else:
        with contextlib.suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


@contextlib.contextmanager
def _echo(*, on: bool) -> Iterator[None]:
    """Whether the terminal shows what is typed. On Windows it does while it is asked for a line, and never else."""
    try:
        import termios
    except ImportError:
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    changed = [*before[:3], before[3] | termios.ECHO if on else before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, changed)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # a terminal that was closed has no settings
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
