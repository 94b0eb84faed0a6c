"""Waits for a phone that went away in mid-run: its cable, adb's server, its own small server, the whole phone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from automator.errors import AutomatorError, MalformedHierarchy, PhoneLost, PreflightError
from automator.journeys.ports import Clock, Owner, Phone
from automator.phone.facts import Facts
from automator.phone.find import remedy
from automator.phone.server import NoServer, lost
from automator.text import T, Text

LOSSES = (PhoneLost, NoServer)
"""What may mend itself, or is mended by the owner, while we wait."""
PAUSE = 0.5
"""Seconds between two tries to speak with a phone that adb lists and that does not answer."""
_SAID_ALREADY = (
    T("Plug the phone in with a data cable, unlock it, and switch USB debugging on."),
    *(remedy("offline") or ()),
)
"""What whoever waits for a phone is told while adb lists none, or a silent one: here its remedy was said."""
_T = TypeVar("_T")


class AnotherPhone(PreflightError):
    """What came back under the serial is not the phone that went away."""


class Losses:
    """The patience of one run with its phone, which must be the same one that comes back."""

    def __init__(self, phone: Phone, owner: Owner, clock: Clock, seconds: float) -> None:
        self._identity: str | None = None
        self._phone = phone
        self._owner = owner
        self._clock = clock
        self._seconds = seconds

    def knows(self, facts: Facts) -> Facts:
        """These facts, if they are of the phone that the run began with. Raises AnotherPhone."""
        if self._identity not in (None, facts.identity):
            raise AnotherPhone(
                T("Another phone is plugged in now."),
                T("It has the serial of the one that this run began with."),
                T("Nothing was tapped on it. Plug the first phone in again and run the command again."),
            )
        self._identity = facts.identity
        return facts

    def steadily(self, do: Callable[[], _T]) -> _T:
        """Does what changes nothing on the phone; again when the phone went away meanwhile and came back."""
        try:
            return do()
        except LOSSES as error:
            self.outwait(error)
        return do()

    def outwait(self, error: AutomatorError) -> Facts:
        """The phone's facts when it is back and shows its screen.

        Raises `error`, or that adb stopped, when it is not back in time; AnotherPhone.
        """
        if self._on_network and error.why == lost().why:
            error = PhoneLost(
                error.what,
                T("It stopped answering over the network."),
                T(
                    "See that it is on and in the network of this computer, and run the command again: it goes on where the "
                    "phone is."
                ),
            )
        if self._seconds <= 0:
            raise error
        error, remedy = self._cause(error)
        self._owner.tell(
            T(
                "{what} {why} {fix} I wait {seconds} s and go on by myself.",
                what=error.what,
                why=error.why,
                seconds=round(self._seconds),
                fix=remedy,
            )
        )
        until = self._clock.now() + self._seconds
        while (left := until - self._clock.now()) > 0:
            with contextlib.suppress(PhoneLost, PreflightError):
                self._phone.come_back(left, self._tell)
                facts = self._phone.facts()
                self._phone.prepare()
                with contextlib.suppress(MalformedHierarchy):
                    self._phone.look()
                break
            self._clock.pause(PAUSE)
        else:
            raise error
        facts = self.knows(facts)
        self._owner.tell(T("The phone answers again. I look where it is and go on."))
        return facts

    @property
    def _on_network(self) -> bool:
        """Whether adb reaches it at an address or over Wireless debugging, with no cable to blame."""
        return ":" in self._phone.serial or "._adb" in self._phone.serial

    def _tell(self, text: Text) -> None:
        if text not in _SAID_ALREADY:
            self._owner.tell(text)

    def _cause(self, error: AutomatorError) -> tuple[AutomatorError, Text]:
        """What went away, by what adb says now, and what its owner can do meanwhile.

        Asking adb also starts its server where none runs; it may have done so before we came to ask.
        """
        if isinstance(error, NoServer):
            return error, error.fix
        try:
            self._phone.come_back(0, self._owner.tell)
        except PhoneLost:
            stopped = PhoneLost(
                T("The phone can't be reached."),
                T("adb, the program on this computer that speaks to the phone, stopped."),
                T("Run the command again; if that does not help, restart the computer."),
            )
            again = T("Leave its cable in: I start adb again.")
            return stopped, T("I start adb again.") if self._on_network else again
        except PreflightError:
            if self._on_network:
                return error, T("See that it is on and in the network of this computer.")
            return error, T("Check its cable.")
        if self._on_network:
            return error, T("adb lists the phone. If it stays silent, switch its screen on.")
        return error, T(
            "Leave its cable in: adb lists the phone. If it stays silent, plug the cable in again."
        )
