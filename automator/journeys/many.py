"""Several phones at once: which ones, how much of each serial its phrase needs, which end is the worst. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from automator.consent import LETTERS, letters_of
from automator.phone.find import Listed

WORST_FIRST = (1, 7, 130, 6, 5, 3, 8, 4, 0)
"""Exit codes. First what may have happened unseen, then what the owner stopped, what went wrong, and what was not wanted."""


def worst(codes: Iterable[int]) -> int:
    """The exit code of all: the worst of theirs; 0 when there are none."""
    return min(codes, key=WORST_FIRST.index, default=0)


def meant(listed: Sequence[Listed], named: Sequence[str], *, every: bool) -> list[str]:
    """The serials of the phones that are meant: those on USB when `every`, and the named ones, wherever they are.

    A phone on the network is never taken unasked. One that is not ready is meant as well: it is told why.
    """
    on_usb = [phone.serial for phone in listed if phone.over == "usb"] if every else []
    return list(dict.fromkeys([*on_usb, *named]))


def letters_needed(serial: str, others: Collection[str]) -> int | None:
    """How many last letters of the serial no other phone's has; at least those of any phrase. None when all are alike."""
    own = letters_of(serial)
    theirs = [letters_of(other) for other in others if other != serial]
    longest = max(map(len, (own, *theirs)))
    for count in range(LETTERS, max(longest, LETTERS) + 1):
        if all(own[-count:] != other[-count:] for other in theirs):
            return count
    return None
