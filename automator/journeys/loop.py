"""Observe, recognise, decide, act, until finished or stopped. The thin shell around `decide`.

It alone goes through gates: card, journal, the owner's typed phrase, a second look, one tap.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from automator.atlas import Atlas, Danger, Intent, View, Words, dangers_at, recognise
from automator.consent import Consent, Consents, Target
from automator.errors import (
    AutomatorError,
    ConsentDeclined,
    MalformedHierarchy,
    NobodyToAsk,
    OutcomeUnknown,
    PhoneLost,
    PreflightError,
    ScreenUnknown,
)
from automator.events import (
    AskEvent,
    ConsentEvent,
    GateEvent,
    MoveEvent,
    TapEvent,
    now,
)
from automator.hierarchy import Hierarchy, Node
from automator.journal import Journal
from automator.journeys.decide import decide
from automator.journeys.model import (
    AskGate,
    AskOwner,
    Finish,
    Gate,
    Journey,
    Look,
    Move,
    Open,
    Outcome,
    Past,
    ReadFacts,
    Scroll,
    Stop,
    TapGated,
    TapNode,
)
from automator.journeys.past import after_look, after_move
from automator.masking import mask_text
from automator.phone.facts import Facts
from automator.phone.server import CallLost
from automator.phone.touch import Sender, Touch
from automator.text import T, Text

LEAVE = 60.0
"""Seconds within which a phone that resets leaves USB."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.4
MOST_VOIDS = 3
"""How often a gate is asked anew because the screen changed under it."""
UNREADABLE = 5
"""How many malformed dumps in a row are too many."""


class Phone(Protocol):
    """What a run needs of a phone; `automator.phone.Phone` is one."""

    serial: str

    @property
    def server(self) -> Sender: ...
    def facts(self) -> Facts: ...
    def probe_input(self) -> None: ...
    def look(self) -> Hierarchy: ...
    def picture(self) -> bytes | None: ...
    def open(self, action: str | None, component: str | None, fragment: str | None) -> bool: ...
    def left_within(self, seconds: float) -> bool: ...


@dataclass(frozen=True)
class Card:
    """What the owner reads before typing the phrase."""

    gate: Gate
    facts: Facts
    phrase: str
    picture: str | None
    """Path of a picture of the screen, when there is one."""


class Owner(Protocol):
    """The person at the computer."""

    present: bool
    """Whether anybody can be asked or told."""

    def answer(self, card: Card) -> str | None:
        """The line typed at a gate; None at end of input. Raises NobodyToAsk."""

    def act(self, text: Text) -> None:
        """Tells the owner what to do on the phone, now."""

    def tell(self, text: Text) -> None:
        """Says something that needs no answer."""

    def confirm(self, warning: Text) -> bool:
        """Whether to go on after a warning. No consent: nothing dangerous follows from it alone."""


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> float: ...
    def pause(self, seconds: float) -> None: ...


class Run:
    """One journey on one phone."""

    def __init__(
        self,
        journey: Journey,
        phone: Phone,
        facts: Facts,
        atlas: Atlas,
        words: Words,
        owner: Owner,
        journal: Journal,
        clock: Clock,
        *,
        patience: float,
        dry_run: bool,
    ) -> None:
        self._journey = journey
        self._phone = phone
        self.facts = facts
        self._atlas = atlas
        self._words = words
        self._owner = owner
        self._journal = journal
        self._clock = clock
        self._patience = patience
        self._dry_run = dry_run
        self._consents = Consents(phone.serial, journey.name, clock.now)
        self._touch = Touch(phone.server, self._guard, self._consents)
        self._past = Past()
        self._view: View | None = None
        self._seen_at = clock.now()
        self._pause = FIRST_PAUSE
        self._asked: Text | None = None
        self._voids = 0
        self._opened: list[Gate] = []

    def go(self) -> Outcome:
        """Runs to the end. Raises an AutomatorError when something stops it."""
        while True:
            if outcome := self.step():
                return outcome

    def step(self) -> Outcome | None:
        """One look and one move; the outcome once there is one."""
        try:
            view = self._observe()
            return self._do(decide(self._journey, view, self.facts, self._past, self._atlas))
        except PhoneLost as error:
            if self._past.gated is not None:
                raise _unknown_after(error) from error
            raise

    def remains(self) -> list[Text]:
        """What the gates that were opened in this run may have changed on the phone."""
        return [gate.remains for gate in self._opened if gate.remains is not None]

    def _observe(self) -> View:
        view = recognise(self._readable(), self._atlas, self._words, self.facts.keyboard)
        at = self._clock.now()
        self._past = after_look(self._past, view, self._view, self._journey, at - self._seen_at)
        self._seen_at = at
        if self._view is None or view.name != self._view.name or view.why != self._view.why:
            secret = view.screen is not None and view.screen.private
            self._journal.screen(view, None if secret or view.screen is None else self._phone.picture())
        if self._view is None or view.digest() != self._view.digest():
            self._pause = FIRST_PAUSE
        self._view = view
        return view

    def _readable(self) -> Hierarchy:
        for _ in range(UNREADABLE - 1):
            with contextlib.suppress(MalformedHierarchy):
                return self._phone.look()
            self._clock.pause(LONGEST_PAUSE)
        return self._phone.look()

    def _do(self, move: Move) -> Outcome | None:
        assert self._view is not None or isinstance(move, Finish)
        if isinstance(move, Look):
            self._rest(LONGEST_PAUSE)
            return None
        if isinstance(move, AskOwner):
            self._ask_owner(move)
            return None
        self._log(move)
        if isinstance(move, Finish):
            return Outcome(move.result, move.verified)
        if isinstance(move, Stop):
            raise move.error
        if isinstance(move, ReadFacts):
            self.facts = self._phone.facts()
            self._past = replace(self._past, facts_age=0.0, facts_on=self._past.previous)
            return None
        if isinstance(move, TapGated | AskGate):
            return self._through_gate(move)
        self._act(move)
        return None

    def _act(self, move: TapNode | Scroll | Open) -> None:
        assert self._view is not None
        view = self._view
        self._past = after_move(self._past, move, view)
        if isinstance(move, Open):
            intent: Intent = self._atlas.screens[move.screen].opens[move.way]
            if not self._phone.open(intent.action, intent.component, intent.fragment):
                self._past = replace(self._past, acted=None, still=float("inf"))
            return
        # An ordinary tap whose answer was lost is seen or not seen by the next look.
        with contextlib.suppress(CallLost):
            if isinstance(move, Scroll):
                self._touch.scroll(view.hierarchy, move.container, down=move.down)
            else:
                self._touch.tap(view.hierarchy, move.node)
                self._tapped(move, None, sent=True)

    def _through_gate(self, move: TapGated | AskGate) -> Outcome | None:
        assert self._view is not None
        target = self._target(move, self._view)
        card = Card(move.gate, self.facts, self._consents.phrase, str(self._journal.picture or "") or None)
        self._journal.write(
            GateEvent(
                time=now(),
                gate=move.gate.name,
                screen=target.screen,
                element=move.element,
                title=str(move.gate.title),
                loses=[str(loss) for loss in move.gate.loses],
                next=str(move.gate.next),
                phrase=card.phrase,
                picture=self._journal.picture.name if self._journal.picture else None,
            )
        )
        if self._dry_run:
            return Outcome("dry_run", verified=False)
        consent = self._ask_consent(card, target)
        again = self._same(move)
        if again is None or self._target(again, self._view) != target or not self._consents.fresh(consent):
            self._void(consent, move.gate)
        else:
            self._use(consent, again, target)
            if self._journey.leaves and move.gate is self._journey.last:
                return self._await_leave()
        return None

    def _await_leave(self) -> Outcome:
        if self._phone.left_within(LEAVE):
            return Outcome(self._journey.result, verified=True)
        raise _unknown_after(None)

    def _ask_consent(self, card: Card, target: Target) -> Consent:
        answered: Literal["given", "declined", "nobody"] = "given"
        try:
            return self._consents.grant(target, self._owner.answer(card))
        except NobodyToAsk:
            answered = "nobody"
            raise
        except ConsentDeclined:
            answered = "declined"
            raise
        finally:
            self._journal.write(ConsentEvent(time=now(), gate=card.gate.name, answer=answered))

    def _same(self, move: TapGated | AskGate) -> TapGated | AskGate | None:
        """The same move on a fresh look; None when the screen does not ask for it any more."""
        view = self._observe()
        if isinstance(move, AskGate):
            return move
        nodes = view.elements.get(move.element, ())
        return TapGated(move.element, nodes[0], move.gate) if len(nodes) == 1 else None

    def _void(self, consent: Consent, gate: Gate) -> None:
        self._consents.void(consent)
        self._journal.write(ConsentEvent(time=now(), gate=gate.name, answer="void"))
        self._voids += 1
        if self._voids >= MOST_VOIDS:
            raise ScreenUnknown(
                T("The phone's screen does not stay still."),
                T("It changed each time between your answer and my tap, so I did not tap."),
                T(
                    "Close what moves on the phone's screen, leave the phone alone, and run the command again."
                ),
            )
        self._owner.tell(T("The screen changed, or the answer took too long. I did not tap, and ask anew."))

    def _use(self, consent: Consent, move: TapGated | AskGate, target: Target) -> None:
        assert self._view is not None
        self._opened.append(move.gate)
        if isinstance(move, AskGate):
            self._consents.spend(consent, target)
            self._past = replace(self._past, given=self._past.given | {move.gate.name})
            return
        self._tapped(move, move.gate, sent=False)
        self._journal.sync()
        # Before it is sent: if the answer is lost, the past says that it may have been.
        before, self._past = self._past, after_move(self._past, move, self._view)
        try:
            self._touch.tap_with_consent(self._view.hierarchy, move.node, consent, target)
        except CallLost:
            if self._journey.leaves and move.gate is self._journey.last:
                raise
            return
        except AutomatorError:
            self._past = before
            raise
        self._tapped(move, move.gate, sent=True)

    def _ask_owner(self, move: AskOwner) -> None:
        if not self._owner.present:
            raise _unknown_screen(move.text)
        if move.text != self._asked:
            self._asked = move.text
            self._journal.write(AskEvent(time=now(), text=str(move.text)))
            self._owner.act(move.text)
        elif self._past.still >= self._patience:
            raise _owner_away(move, self._patience) if move.known else _unknown_screen(move.text)
        self._rest(LONGEST_PAUSE)

    def _rest(self, longest: float) -> None:
        self._clock.pause(self._pause)
        self._pause = min(self._pause * 1.5, longest)

    def _target(self, move: TapGated | AskGate, view: View | None) -> Target:
        assert view is not None
        return Target(
            self._phone.serial,
            self._journey.name,
            move.gate.name,
            view.name or "",
            move.element,
            view.digest(),
        )

    def _guard(self, hierarchy: Hierarchy, x: int, y: int) -> tuple[Danger, ...]:
        view = recognise(hierarchy, self._atlas, self._words, self.facts.keyboard)
        return dangers_at(view, x, y, self._atlas, self._words)

    def _tapped(self, move: TapNode | TapGated, gate: Gate | None, *, sent: bool) -> None:
        assert self._view is not None
        self._journal.write(
            TapEvent(
                time=now(),
                screen=self._view.name or "",
                element=move.element,
                label=_label(self._view, move.node),
                gate=gate.name if gate else None,
                node=move.node.resource_id or move.node.class_name,
                bounds=str(move.node.bounds),
                sent=sent,
            )
        )

    def _log(self, move: Move) -> None:
        if not isinstance(move, ReadFacts):
            self._asked = None
        self._journal.write(
            MoveEvent(
                time=now(),
                move=_name(move),
                element=getattr(move, "element", None),
                screen=getattr(move, "screen", None) or (self._view.name if self._view else None),
            )
        )


def _label(view: View, node: Node) -> str:
    """What is written on what was tapped."""
    words = [
        n.text for n in view.hierarchy.subtree(node) if n.text and not n.typed and n.index not in view.private
    ]
    return mask_text(words[0]) if words else ""


_NAMES: dict[type[Move], str] = {
    TapNode: "tap",
    TapGated: "gate",
    AskGate: "gate",
    Scroll: "scroll",
    Open: "open",
    ReadFacts: "facts",
    Finish: "finish",
    Stop: "stop",
    Look: "look",
    AskOwner: "ask",
}


def _name(move: Move) -> str:
    return _NAMES[type(move)]


def _unknown_after(error: PhoneLost | None) -> OutcomeUnknown:
    return OutcomeUnknown(
        T("I can't tell whether it worked."),
        error.why
        if error
        else T("The tap was sent, but the phone did not restart within {n} seconds.", n=int(LEAVE)),
        T(
            "Look at the phone. I do not tap again by myself; run the command again to go on from what it shows."
        ),
    )


def _unknown_screen(text: Text) -> ScreenUnknown:
    return ScreenUnknown(
        T("The phone shows a screen that I do not know."),
        text,
        T(
            "Go back to the phone's home screen and run the command again. If it stays, please report it with the journal."
        ),
    )


def _owner_away(move: AskOwner, patience: float) -> PreflightError:
    return PreflightError(
        T("I waited {seconds} s for you.", seconds=round(patience)),
        move.text,
        T("Run the command again when you are at the phone: it goes on where the phone is."),
    )
