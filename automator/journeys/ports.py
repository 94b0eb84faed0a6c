"""What a run needs of the world: a phone, an owner, a clock. Shapes only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from automator.hierarchy import Hierarchy
from automator.journeys.model import Gate
from automator.phone.facts import Facts
from automator.phone.touch import Sender
from automator.phone.words import AppWords
from automator.text import Text


class Phone(Protocol):
    """One phone; `automator.phone.Phone` is one."""

    serial: str

    @property
    def server(self) -> Sender: ...
    def facts(self) -> Facts: ...
    def words(self, wanted: Mapping[str, Collection[str] | None], facts: Facts) -> dict[str, AppWords]: ...
    def prepare(self) -> None: ...
    def probe_input(self) -> None: ...
    def look(self) -> Hierarchy: ...
    def picture(self) -> bytes | None: ...
    def come_back(self, seconds: float, tell: Callable[[Text], None]) -> None: ...
    def takes_taps(self) -> bool: ...
    def wake(self) -> None: ...
    def open(self, action: str | None, component: str | None, fragment: str | None) -> bool: ...
    def left_within(self, seconds: float) -> bool: ...


@dataclass(frozen=True)
class Card:
    """What the owner reads before typing the phrase."""

    gate: Gate
    facts: Facts | None
    """None where what is lost is not on a phone that adb sees."""
    phrase: str
    picture: str | None
    """Path of a picture of the screen, when there is one."""
    about: tuple[tuple[Text, Text | str], ...] = ()
    """More that the owner should see: a name, and what is said of it."""


@dataclass(frozen=True)
class Deed:
    """Something that the owner does on the phone: in words, and in what a picture shows."""

    text: Text
    does: Literal["tap", "scroll", "back", "wake", "answer"] = "answer"
    """`answer`: what the phone itself asks for, a password for one."""
    words: tuple[str, ...] = ()
    """What is written on what is to be tapped or looked for, as the phone words it; more than one where only it knows which."""
    picture: str | None = None
    """Path of a picture of the screen, what is to be tapped outlined in it."""


class Owner(Protocol):
    """The person at the computer."""

    present: bool
    """Whether anybody can be asked or told."""

    def show(self, card: Card) -> None:
        """Shows what will be lost; an answer may be asked for next."""

    def answer(self, card: Card) -> str | None:
        """The line typed after the card was shown; None at end of input. Raises NobodyToAsk."""

    def act(self, deed: Deed) -> None:
        """Tells the owner what to do on the phone, now."""

    def tell(self, text: Text) -> None:
        """Says something that needs no answer."""

    def confirm(self, warning: Text, question: Text) -> bool:
        """A yes or a no. No consent: nothing dangerous follows from it alone."""


class Clock(Protocol):
    """Time, so that tests need not wait. Seconds, from anywhere, never backwards."""

    def now(self) -> float: ...
    def pause(self, seconds: float) -> None: ...
