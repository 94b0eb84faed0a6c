"""Choosing among several phones on a terminal."""

from __future__ import annotations

import sys

from automator.cli.output import Output
from automator.phone import Listed, remedy
from automator.text import T


def pick_phone(output: Output, several: list[Listed]) -> Listed | None:
    """The phone that the owner names by its number; None when nobody can be asked or the answer is none of them."""
    if not sys.stdin.isatty():
        return None
    output.say(T("Several phones are plugged in:"))
    for number, phone in enumerate(several, 1):
        output.say(
            f"  {number}. {phone.serial}  {phone.model}  {phone.state if remedy(phone.state) else ''}".rstrip()
        )
    print(T("Which one? Type its number: "), end="", file=output.talk, flush=True)
    answer = sys.stdin.readline().strip()
    chosen = int(answer) if answer.isdecimal() and len(answer) < 4 else 0
    return several[chosen - 1] if 1 <= chosen <= len(several) else None
