"""Looks at the computer and at every phone that adb lists, and says each check. Taps nothing, changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adbutils import AdbClient

from automator.doctor.computer import computer_rows, gather
from automator.doctor.model import Row
from automator.doctor.phone import phone_rows, silent_row, state_row
from automator.errors import InputRefused, PhoneLost
from automator.phone import Listed, Phone


def examine(
    client: AdbClient, serial: str | None = None, *, root: Path = Path("/"), platform: str = sys.platform
) -> Iterator[Row]:
    """The checks of the computer, then those of each phone (only of `serial`, if given). Raises nothing.

    Takes seconds; with a phone that adb lists and that does not answer, as long as its time-outs.
    """
    computer = gather(client, root=root, platform=platform)
    yield from computer_rows(computer, serial)
    phones = [one for one in computer.listed or () if serial in (None, one.serial)]
    if not phones:
        return
    with ThreadPoolExecutor(len(phones), "doctor") as several:
        for rows in several.map(lambda listed: examine_phone(client, listed), phones):
            yield from rows


def examine_phone(client: AdbClient, listed: Listed) -> list[Row]:
    """The checks of one phone: two shell round trips when it is ready, none when it is not."""
    rows = [state_row(listed)]
    if listed.ready:
        rows += _answers(Phone(client, listed))
    return [row.on(listed.serial) for row in rows]


def _answers(phone: Phone) -> list[Row]:
    try:
        facts = phone.facts()
    except PhoneLost:
        return [silent_row()]
    return phone_rows(facts, _takes_taps(phone))


def _takes_taps(phone: Phone) -> bool | None:
    try:
        phone.probe_input()
    except InputRefused:
        return False
    except PhoneLost:
        return None
    return True
