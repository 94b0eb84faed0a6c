"""The words that journeys are written in: gates, rules, moves, and what happened so far. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from automator.errors import AutomatorError
from automator.events import Result
from automator.hierarchy import Node
from automator.phone.facts import Facts
from automator.text import Text


@dataclass(frozen=True)
class Gate:
    """The pause before a destructive tap: what will be lost, and what comes next."""

    name: str
    title: Text
    loses: tuple[Text, ...]
    next: Text
    remains: Text | None = None
    """What may stay changed on the phone when the run stops after this gate was opened."""


Hands = Literal["injected", "guided"]
"""Who taps: the computer, or the owner where the tool says."""


# Rules: what a journey does on a screen.


@dataclass(frozen=True)
class Tap:
    """Tap this element. With `under`, the tap goes on with what that gate's consent began, and is gated without it."""

    element: str
    under: Gate | None = None


@dataclass(frozen=True)
class Gated:
    """Tap this element behind the gate, with a new consent each time."""

    element: str
    gate: Gate


@dataclass(frozen=True)
class Owner:
    """The owner acts on the phone. Only once this run has a consent for `after`: else nobody knows what it is for.

    With `gate`, what the owner will do is destructive itself, and needs its own consent before it is asked for.
    """

    does: Text
    after: Gate
    gate: Gate | None = None
    element: str = ""


@dataclass(frozen=True)
class Wait:
    """The phone is busy."""


@dataclass(frozen=True)
class PhoneRefuses:
    """The phone said no: the run ends with its words."""

    what: Text
    fix: Text


Rule = Tap | Gated | Owner | Wait | PhoneRefuses


@dataclass(frozen=True)
class Journey:
    """A goal and the way to it: a table from screens to rules. What is not in it leads to `start`."""

    name: str
    start: str
    table: Mapping[str, Rule]
    last: Gate
    """The gate whose tap does it."""
    finished: Callable[[Facts], bool]
    """Whether the facts prove that the goal is reached."""
    leaves: bool
    """Whether the phone leaves USB when it is done."""
    result: Result


# Moves: what is done next.


@dataclass(frozen=True)
class TapNode:
    element: str
    node: Node
    exact: bool = False
    """The phone itself finds the node again as it taps: its place is also that of something worse."""
    under: Gate | None = None
    """The gate whose consent this tap goes on with."""


@dataclass(frozen=True)
class TapGated:
    element: str
    node: Node
    gate: Gate
    exact: bool = False


@dataclass(frozen=True)
class Scroll:
    container: Node
    down: bool
    element: str
    """What is looked for."""


@dataclass(frozen=True)
class Open:
    screen: str
    way: int
    """Which of the screen's intents."""


@dataclass(frozen=True)
class Back:
    """One page back: this one leads nowhere."""


@dataclass(frozen=True)
class Wake:
    """Switch the screen on."""


@dataclass(frozen=True)
class NoSuchWay:
    """The element is not on the screen, and so no way on: remember it, and find another."""

    screen: str
    element: str


@dataclass(frozen=True)
class Look:
    """Wait a little and look again."""


@dataclass(frozen=True)
class AskOwner:
    """The owner does something on the phone; look until the screen changes."""

    text: Text
    known: bool
    """False when the screen is not known and the owner is asked to leave it."""
    error: AutomatorError | None = None
    """What stops the run when nobody does it, where that is something of its own."""


@dataclass(frozen=True)
class AskGate:
    """A gate without a tap of ours: the owner does the destructive thing on the phone."""

    gate: Gate
    element: str


@dataclass(frozen=True)
class ReadFacts:
    """Ask adb whether the goal is reached."""


@dataclass(frozen=True)
class Finish:
    result: Result
    verified: bool


@dataclass(frozen=True)
class Stop:
    error: AutomatorError


Move = (
    TapNode
    | TapGated
    | Scroll
    | Open
    | Back
    | Wake
    | NoSuchWay
    | Look
    | AskOwner
    | AskGate
    | ReadFacts
    | Finish
    | Stop
)


@dataclass(frozen=True)
class Outcome:
    """How a run ended when nothing stopped it."""

    result: Result
    verified: bool
    on_word: bool = False
    """Whether it is the owner's word alone that the last tap was made, by their finger."""
    words: tuple[Text, ...] = ()
    """What is said last, where only the run knows it."""


@dataclass(frozen=True)
class Past:
    """What happened so far in this run, as far as a decision needs it."""

    given: frozenset[str] = frozenset()
    """Gates whose consent was spent."""
    opened: frozenset[tuple[str, int]] = frozenset()
    """(screen, way): pages that were opened by intent."""
    missing: frozenset[tuple[str, str]] = frozenset()
    """(screen, element): ways that this phone does not have."""
    backs: int = 0
    """How often one page back was gone."""
    acted: Move | None = None
    """The last move that should have changed the screen, until a change was seen."""
    acted_on: str = ""
    """The view's digest at that time."""
    acts_here: int = 0
    """How often this screen was tapped without another one coming."""
    shown: str = ""
    """The digest of the last look."""
    alike: int = 0
    """How many looks in a row showed it."""
    still: float = 0.0
    """Seconds since the screen last changed or something was done."""
    waited: float = 0.0
    """Seconds since something was done or asked, whatever changed meanwhile."""
    consented: bool = False
    """Whether a gate was opened in this run, however long ago."""
    gated: str | None = None
    """The gate of the last gated tap, until another screen was seen after it."""
    gated_on: str = ""
    """The screen of that tap."""
    ends: frozenset[tuple[str, bool]] = frozenset()
    """(screen, down): ends of lists that were reached."""
    scrolls: int = 0
    returned: bool = False
    """Whether the phone was away: what it was at before may have ended."""
    facts_age: float = 0.0
    """Seconds since the facts were read."""
    facts_on: str = ""
    """The digest of the screen that was shown then."""
    moves: int = 0
    """How many moves were made that do something."""
    looks: int = 0
    """Looks since the last of them."""
