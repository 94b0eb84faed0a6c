"""Lines for those who listen to them: a screen reader says a sign by its name, so a word stands for each."""

from __future__ import annotations

import re

from automator.cli.output import Output
from automator.text import T, Text

_FIRST = {
    "✓": T("Done:"),
    "✗": T("Error:"),
    "→": T("Do this:"),
    "!": T("Attention:"),
    "•": Text(""),
    "·": Text(""),
}
"""What stands for a sign that begins a line."""
_ANYWHERE = {"☞": T("Your turn:"), "◆": T("Question:")}
_WAY = re.compile(r"(?<![.!?…]) → ")
_STRUCK_OUT = re.compile("•+")


def spoken(line: str) -> str:
    """The line without signs: “Settings → About phone” are two names after each other, “62•••35” is “62…35”."""
    indent = line[: len(line) - len(line.lstrip())]
    sign, _, rest = line.strip().partition(" ")
    if sign in _FIRST:
        line = indent + f"{_FIRST[sign]} {rest}".lstrip()
    for sign, word in _ANYWHERE.items():
        line = line.replace(sign, str(word))
    line = _WAY.sub(", ", line).replace(" → ", " ").replace(" · ", "; ")
    return _STRUCK_OUT.sub("…", line)


class SpokenOutput(Output):
    """One command's voice, for ears."""

    def worded(self, line: str) -> str:
        """The line without signs."""
        return spoken(line)

    def headline(self, title: Text) -> str:
        """What a gate's card begins with."""
        return str(T("STOP: {title}", title=title))
