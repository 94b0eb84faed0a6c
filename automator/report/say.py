"""How the pages say times, screens, serials and accounts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from automator.atlas import load
from automator.events import FactsEvent, PhoneEvent
from automator.masking import MASK
from automator.report.record import Record
from automator.text import Text, plain

_LIKE_A_SERIAL = re.compile(r"\b(?=[A-Za-z]*\d)[A-Za-z\d]{8,24}\b|\b\d{1,3}(?:\.\d{1,3}){3}:\d+")
SHOWN = 4
"""Letters of a serial that stay: enough to tell two phones apart, and those that the phrases have."""


def moment(time: str) -> str:
    """`2026-11-24 19:18:17 UTC`."""
    return f"{time[:10]} {time[11:19]} UTC"


def clock(time: str) -> str:
    """`19:18:17`."""
    return time[11:19]


def called(screen: str | None) -> Text | None:
    """What an owner would call the screen; None for one that was not recognised."""
    if screen is None:
        return None
    known = load().screens.get(screen)
    return Text(known.called) if known else Text("{name}", {"name": screen})


def mask_serial(serial: str) -> str:
    """`•••1903`."""
    return MASK + serial[-SHOWN:] if len(serial) > SHOWN else MASK


def hider(record: Record, unmask: Collection[str]) -> Callable[[str], str]:
    """Takes out of a text what a page must not show: every phone's serial, and where the owner keeps the run."""
    serials = {str(event.facts.get("serial", "")) for event in record.events if isinstance(event, FactsEvent)}
    serials |= {event.serial for event in record.events if isinstance(event, PhoneEvent)}
    places = {str(record.folder)}
    if record.outcome and record.outcome.journal:
        places.add(re.sub(r"[\\/][^\\/]*$", "", record.outcome.journal))
    swaps = {place: record.name for place in places if len(place) > 1}
    if "serial" not in unmask:
        swaps |= {serial: mask_serial(serial) for serial in serials if len(serial) > SHOWN}
    nameless = not serials and "serial" not in unmask

    def hide(text: str) -> str:
        text = plain(text)
        for secret, shown in swaps.items():
            text = text.replace(secret, shown)
        # A run that found no phone tells only in its error which it looked for.
        return _LIKE_A_SERIAL.sub(masked, text) if nameless else text

    def masked(found: re.Match[str]) -> str:
        return found[0] if found[0] in record.name else mask_serial(found[0])

    return hide
