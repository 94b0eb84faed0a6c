"""Gates' consents: made by the owner's typed phrase alone, for one tap, on one phone. Knows no phone and no terminal.

There is no flag, variable or setting that makes a consent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automator.errors import AutomatorError, ConsentDeclined
from automator.text import T

AGES_OUT = 120.0
"""Seconds for which a consent is good."""
LETTERS = 4
"""Of the serial, in the phrase; more where several phones share them."""


@dataclass(frozen=True)
class Target:
    """What a consent is for: one element on one screen of one phone, as it looked when the owner was asked."""

    serial: str
    journey: str
    gate: str
    screen: str
    element: str
    digest: str


@dataclass(frozen=True, eq=False)
class Consent:
    """The owner's word for one target. Only `Consents.grant` makes one that opens anything."""

    target: Target
    given_at: float


class DangerousTap(AutomatorError):
    """Somebody tried to tap something dangerous without the consent for it. A bug in us; nothing was tapped."""


class Consents:
    """The consents of one run on one phone: granted, spent once, aged out."""

    def __init__(self, serial: str, journey: str, clock: Callable[[], float], letters: int = LETTERS) -> None:
        self._serial = serial
        self._letters = letters
        self._journey = journey
        self._clock = clock
        self._open: set[Consent] = set()
        self._spent: set[str] = set()

    @property
    def phrase(self) -> str:
        """What the owner types: `UNLINK-` or `RESET-`, say, and the last letters or digits of the serial."""
        return phrase(self._journey, self._serial, self._letters)

    def grant(self, target: Target, answer: str | None) -> Consent:
        """The consent for `target`. Raises ConsentDeclined unless `answer` is exactly the phrase."""
        if answer is None or answer.strip() != self.phrase:
            raise ConsentDeclined(
                T("You did not confirm."),
                T("Only {phrase}, typed exactly, is a yes.", phrase=self.phrase),
                T(
                    "I tap nothing more, and the phone is left where it is. Run the command again whenever you like."
                ),
            )
        if (target.serial, target.journey) != (self._serial, self._journey):
            raise dangerous_tap()
        consent = Consent(target, self._clock())
        self._open.add(consent)
        return consent

    def spend(self, consent: Consent, target: Target) -> None:
        """Uses the consent up. Raises DangerousTap unless it is for exactly this target, unspent and fresh."""
        known = consent in self._open
        self._open.discard(consent)
        if not known or consent.target != target or self._clock() - consent.given_at > AGES_OUT:
            raise dangerous_tap()
        self._spent.add(target.gate)

    def fresh(self, consent: Consent) -> bool:
        """Whether it could still be spent."""
        return consent in self._open and self._clock() - consent.given_at <= AGES_OUT

    def void(self, consent: Consent) -> None:
        """Takes the consent back: what it was for is no longer there."""
        self._open.discard(consent)

    def withdraw(self, gate: str) -> None:
        """What the consent was spent on did not happen."""
        self._spent.discard(gate)

    def forget(self) -> None:
        """Takes all of them back: the phone was away, and what they were for may be over."""
        self._open.clear()
        self._spent.clear()

    def given(self, gate: str) -> bool:
        """Whether a consent for this gate was spent in this run."""
        return gate in self._spent


def phrase(journey: str, serial: str, letters: int = LETTERS) -> str:
    """The phrase that is the owner's yes for this journey on the phone with this serial; without a phone, none is named."""
    if not serial:
        return journey.upper()
    return f"{journey.upper()}-{letters_of(serial)[-letters:] or 'PHONE'}"


def letters_of(serial: str) -> str:
    """The serial as far as a phrase can hold it."""
    return "".join(letter for letter in serial if letter.isascii() and letter.isalnum()).upper()


def dangerous_tap() -> DangerousTap:
    """The error for a dangerous tap without the consent for it."""
    return DangerousTap(
        T("A dangerous tap was stopped."),
        T("It had no consent of yours, or one that was given for something else."),
        T("Nothing was tapped. This is a mistake in mi-automator: please report it."),
    )
