"""Which phone a command is about: the one that is meant, as soon as it is ready, chosen among several on a terminal."""

from __future__ import annotations

import os
import sys

from adbutils import AdbClient

from automator.cli.keys import ask_line
from automator.cli.output import Output
from automator.phone import Listed, Phone, remedy, wait_for_phone
from automator.text import T

USB_WAIT = 60.0
"""Seconds to wait for a phone on a terminal."""


def plugged_phone(output: Output, serial: str | None, wait: float | None) -> tuple[Phone, Listed]:
    """The phone of `--serial`, else of ANDROID_SERIAL, else the one on USB. Raises PreflightError, PhoneLost."""
    client = AdbClient()
    # What the command line can't decode, no line of adb's list is like, and no journal could hold.
    wanted = (serial or os.environ.get("ANDROID_SERIAL") or "").encode("utf-8", "replace").decode() or None
    listed = wait_for_phone(
        client, wanted, seconds_to_wait(wait), output.say, lambda several: pick_phone(output, several)
    )
    return Phone(client, listed), listed


def seconds_to_wait(wait: float | None) -> float:
    """For a phone that is not there, or not any more: as long as the owner says, else a minute on a terminal."""
    return wait if wait is not None else USB_WAIT * sys.stdin.isatty()


def pick_phone(output: Output, several: list[Listed]) -> Listed | None:
    """The phone that the owner names by its number; None when nobody can be asked or the answer is none of them."""
    if not sys.stdin.isatty():
        return None
    output.say(T("Several phones are plugged in:"))
    for number, phone in enumerate(several, 1):
        output.say(
            f"  {number}. {phone.serial}  {phone.model}  {phone.state if remedy(phone.state) else ''}".rstrip()
        )
    answer = (ask_line(str(T("Which one? Type its number: ")), output.talk) or "").strip()
    chosen = int(answer) if answer.isdecimal() and len(answer) < 4 else 0
    return several[chosen - 1] if 1 <= chosen <= len(several) else None
