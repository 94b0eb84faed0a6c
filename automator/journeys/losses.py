"""Waits for a phone that went away in mid-run: its cable, adb's server, its own small server, the whole phone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from automator.errors import AutomatorError, PhoneLost, PreflightError
from automator.journeys.ports import Clock, Owner, Phone
from automator.phone.facts import Facts
from automator.phone.server import NoServer
from automator.text import T

LOSSES = (PhoneLost, NoServer)
"""What may mend itself, or is mended by the owner, while we wait."""
PAUSE = 0.5
"""Seconds between two tries to speak with a phone that adb lists and that does not answer."""
_T = TypeVar("_T")


class Losses:
    """The patience of one run with its phone."""

    def __init__(self, phone: Phone, owner: Owner, clock: Clock, seconds: float) -> None:
        self._phone = phone
        self._owner = owner
        self._clock = clock
        self._seconds = seconds

    def steadily(self, do: Callable[[], _T]) -> _T:
        """Does what changes nothing on the phone; again when the phone went away meanwhile and came back."""
        try:
            return do()
        except LOSSES as error:
            self.outwait(error)
        return do()

    def outwait(self, error: AutomatorError) -> Facts:
        """The phone's facts when it is back and can be looked at. Raises `error` when it does not come back in time."""
        if self._seconds <= 0:
            raise error
        self._owner.tell(
            T(
                "{what} {why} I wait {seconds} s for it and then go on.",
                what=error.what,
                why=error.why,
                seconds=round(self._seconds),
            )
        )
        until = self._clock.now() + self._seconds
        while (left := until - self._clock.now()) > 0:
            with contextlib.suppress(PhoneLost, PreflightError):
                self._phone.come_back(left, self._owner.tell)
                facts = self._phone.facts()
                self._phone.prepare()
                self._owner.tell(T("The phone is back. I look where it is and go on."))
                return facts
            self._clock.pause(PAUSE)
        raise error
