"""Lines for those who listen to them: a screen reader says a sign by its name, so a word stands for each."""

from __future__ import annotations

import re

from automator.cli.output import Output
from automator.text import T, Text

_FIRST = {
    "✓": T("Done"),
    "✗": T("Error"),
    "→": T("What to do"),
    "!": T("Attention"),
}
"""What stands for a sign that begins a line."""
_UNSAID = ("•", "·")
_ANYWHERE = {"☞": T("Your turn"), "◆": T("Question")}
_MARK = re.compile(f"([{''.join(_ANYWHERE)}])(?= ?(.?))")
_WAY = re.compile(r"(?<![.!?…]) → ")
_STRUCK_OUT = re.compile("•+")


def spoken(line: str) -> str:
    """The line without signs: “Settings → About phone” are two names after each other, “62•••35” is “62…35”."""
    indent = line[: len(line) - len(line.lstrip())]
    sign, _, rest = line.strip().partition(" ")
    if sign in _FIRST:
        line = f"{indent}{_lead(_FIRST[sign], rest)} {rest}"
    elif sign in _UNSAID:
        line = indent + rest
    line = _MARK.sub(lambda mark: _lead(_ANYWHERE[mark[1]], mark[2]), line)
    line = _WAY.sub(", ", line).replace(" → ", " ").replace(" · ", "; ")
    return _STRUCK_OUT.sub("…", line)


def _lead(word: Text, to: str) -> str:
    """The word before what it is said of: a sentence, perhaps with a colon in it, or a part of one."""
    return f"{word}:" if to[:1].islower() else f"{word}."


class SpokenOutput(Output):
    """One command's voice, for ears."""

    def worded(self, line: str) -> str:
        """The line without signs."""
        return spoken(line)

    def headline(self, title: Text) -> str:
        """What a gate's card begins with."""
        return str(T("STOP: {title}", title=title))
