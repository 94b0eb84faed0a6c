"""Observe, recognise, decide, act, until finished or stopped. The thin shell around `decide`.

It alone goes through gates: card, journal, the owner's typed phrase, a second look, one tap.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

from automator.atlas import Atlas, Danger, View, Words, dangers_at, recognise
from automator.consent import LETTERS, Consent, Consents, Target
from automator.errors import (
    AmbiguousElement,
    AutomatorError,
    ConsentDeclined,
    InputRefused,
    OutcomeUnknown,
    PhoneLost,
    PreflightError,
    ScreenUnknown,
)
from automator.events import AskEvent, ConsentEvent, FactsEvent, HandsEvent, MoveEvent, TapEvent, now
from automator.hierarchy import Hierarchy, Node
from automator.journal import Journal
from automator.journeys.decide import MOST_ACTS, decide
from automator.journeys.eyes import Eyes
from automator.journeys.gate import ask_consent, show_gate
from automator.journeys.guide import deed, label_of, slipped, strayed
from automator.journeys.losses import LOSSES, AnotherPhone, Losses
from automator.journeys.model import (
    AskGate,
    AskOwner,
    Back,
    Finish,
    Gate,
    Hands,
    Journey,
    Look,
    Move,
    NoSuchWay,
    Open,
    Outcome,
    ReadFacts,
    Scroll,
    Stop,
    TapGated,
    TapNode,
    Wait,
    Wake,
)
from automator.journeys.past import after_gate, after_help, after_missing, after_move
from automator.journeys.ports import Card, Clock, Deed, Owner, Phone
from automator.journeys.vocabulary import words_of
from automator.phone.facts import Facts
from automator.phone.server import CallCut, CallLost, NotConnected, NotFound, TooLate
from automator.phone.touch import By, Touch
from automator.text import T, Text

LEAVING = 5.0
"""Seconds within which adb has noticed that a phone is gone."""
LEAVE = 60.0
"""Seconds within which a phone that resets leaves USB."""
FRESH = 2.0
"""Seconds after which a look is too old to tap by."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.4
MOST_VOIDS = 3
"""How often in a row a gate is asked anew because the screen changed under it."""
MOST_UNSETTLED = 20
"""How often a gate is not even asked because the screen moves."""
MOST_WAKES = 2
"""How often a key is sent to a phone that stays dark."""
MOST_REFUSALS = 2
"""After so many the owner taps to the end, whatever the phone's settings say."""


GUIDED = T(
    "The phone lets me look but not tap: it refuses a computer's taps. So you tap, and I tell you where; every question "
    "before something is lost stays. Or switch “USB debugging (Security settings)” on, or off and on again (Settings → "
    "Additional settings → Developer options; it wants a signed-in account, often a SIM and the internet; do not sign in "
    "just for this): I notice by myself."
)


class Run:
    """One journey on one phone."""

    def __init__(
        self,
        journey: Journey,
        phone: Phone,
        losses: Losses,
        facts: Facts,
        atlas: Atlas,
        words: Words,
        owner: Owner,
        journal: Journal,
        clock: Clock,
        *,
        hands: Hands,
        patience: float,
        dry_run: bool,
        letters: int = LETTERS,
    ) -> None:
        self.facts = facts
        self._journey = journey
        self._phone = phone
        self._atlas = atlas
        self._owner = owner
        self._journal = journal
        self._clock = clock
        self._hands: Hands = hands
        self._patience = patience
        self._dry_run = dry_run
        self._eyes = Eyes(phone, facts.keyboard, atlas, words, journal, clock)
        self._consents = Consents(phone.serial, journey.name, clock.now, letters)
        self._touch = Touch(phone.server, self._guard, self._consents)
        self._losses = losses
        self._pause = FIRST_PAUSE
        self._asked: tuple[Text, str | None] | None = None
        self._scrolled_on = ""
        self._unsettled = 0
        self._refusals = 0
        self._probed_on = ""
        self._wakes = 0
        self._helped_on = ""
        self._told: Deed | None = None
        self._strayed: Deed | None = None
        self._voids = 0
        self._unfound = ""
        self._opened: list[Gate] = []

    def go(self) -> Outcome:
        """Runs to the end. Raises an AutomatorError when something stops it."""
        try:
            while True:
                if outcome := self.step():
                    return outcome
        except OutcomeUnknown as error:
            return self._by_the_facts(error)

    def _by_the_facts(self, error: OutcomeUnknown) -> Outcome:
        """The end as the phone's list of accounts proves it. Raises `error`, with what the list tells."""
        if self._journey.leaves or isinstance(error.__cause__, (*LOSSES, AnotherPhone)):
            raise error
        try:
            self.facts = self._losses.knows(self._phone.facts())
        except AutomatorError:
            raise error from None
        if self._journey.finished(self.facts):
            return Outcome(self._journey.result, verified=True)
        self._journal.write(FactsEvent.of(self.facts, "after"))
        if self.facts.xiaomi_account is None:
            raise error
        still = T("Just now the Xiaomi Account was still on the phone: its own list of accounts has it.")
        raise OutcomeUnknown(error.what, Text("{why} {still}", {"why": error.why, "still": still}), error.fix)

    def step(self) -> Outcome | None:
        """One look and one move; the outcome once there is one."""
        try:
            view = self._eyes.observe()
            if self._unfound != view.digest():
                self._unfound = ""
            self._try_own_hands(view)
            if self._helped_on not in ("", view.digest()):
                self._helped_on, self._eyes.past = "", after_help(self._eyes.past)
            return self._do(decide(self._journey, view, self.facts, self._eyes.past, self._atlas), view)
        except InputRefused as error:
            self.hand_over(error)
        except LOSSES as error:
            if outcome := self._left():
                return outcome
            self._outwait(error)
        except (ScreenUnknown, AmbiguousElement, PreflightError) as error:
            if self.tap_in_flight:
                raise unknown_after(error, by_hand=self._by_hand) from error
            raise
        return None

    def hand_over(self, refused: InputRefused) -> None:
        """From here on the owner's finger taps. Raises `refused` when there is nobody to tell."""
        if not self._owner.present:
            raise refused
        self._refusals += 1
        self._probed_on = self._eyes.past.shown
        self._change_hands("guided", str(refused.what))
        again = T("The phone refuses my taps again. From here on you tap, and I tell you where.")
        self._owner.tell(GUIDED if self._refusals == 1 else again)

    def _try_own_hands(self, view: View) -> None:
        """Where the phone refused taps: whether its owner has switched them on since. Once on each new screen."""
        if (
            self._hands == "injected"
            or not 0 < self._refusals < MOST_REFUSALS
            or self._probed_on == view.digest()
        ):
            return
        self._probed_on = view.digest()
        if self._phone.takes_taps():
            self._change_hands("injected", "persist.security.adbinput")
            self._owner.tell(T("The phone takes my taps now. You can put it down; I go on."))

    def _change_hands(self, hands: Hands, why: str) -> None:
        self._hands = hands
        self._asked = None
        self._journal.write(HandsEvent(time=now(), hands=hands, why=why))

    def _left(self) -> Outcome | None:
        """The end of a journey that the phone leaves: after its last tap it went, and that was seen or is told."""
        if not self._last_made:
            return None
        with contextlib.suppress(PhoneLost):
            if self._phone.left_within(LEAVING):
                if self._at_work:
                    return Outcome(self._journey.result, verified=True)
                return self._left_by_hand() if self._hands == "guided" else None
        return None

    @property
    def _last_made(self) -> bool:
        """Whether the last tap of a journey that the phone leaves was made, or told the owner, in this run."""
        return self._journey.leaves and self._journey.last.name in self._eyes.past.given

    @property
    def _at_work(self) -> bool:
        """Whether the phone was seen to do what it was told."""
        view = self._eyes.view
        return self._eyes.past.gated is None and isinstance(
            self._journey.table.get((view and view.name) or ""), Wait
        )

    def _outwait(self, error: AutomatorError) -> None:
        try:
            facts = self._losses.outwait(error)
        except (*LOSSES, AnotherPhone) as gone:
            if self.tap_in_flight:
                raise unknown_after(gone, by_hand=self._by_hand) from gone
            raise
        self._eyes.start_anew()
        if not self.tap_in_flight:
            self._consents.forget()
        self._asked = None
        self._learn(facts)

    def _learn(self, facts: Facts) -> None:
        """New facts; in another language, everything on the phone is called something else."""
        if facts.locales != self.facts.locales:
            self._eyes.words = words_of(self._phone, facts, self._atlas, self._owner, self._journal)
        self._eyes.keyboard = facts.keyboard
        self.facts = facts

    @property
    def tap_in_flight(self) -> bool:
        """Whether a gated tap was sent, or one that goes on with it, and its effect is not seen yet."""
        return self._eyes.past.gated is not None or self._last_made

    @property
    def _by_hand(self) -> bool:
        """Whether the last gated tap was told the owner and not sent."""
        return self._told is not None

    def remains(self) -> list[Text]:
        """What the gates that were opened in this run may have changed on the phone."""
        return [gate.remains for gate in self._opened if gate.remains is not None]

    def _do(self, move: Move, view: View) -> Outcome | None:
        if isinstance(move, Look):
            self._rest()
            return None
        self._tell_strayed(move, view)
        if isinstance(move, AskOwner):
            text = move.text
            if self._told is not None and self._eyes.past.gated is not None and not move.known:
                text = Text("{slipped} {text}", {"slipped": slipped(self._told), "text": text})
            self._ask_owner(Deed(text), known=move.known, error=move.error)
            return None
        by_hand = self._hands == "guided" or (isinstance(move, Wake) and self._wakes >= MOST_WAKES)
        if by_hand and isinstance(move, TapNode | Scroll | Back | Wake):
            self._guide(move, view)
            return None
        if self._asked is None or not isinstance(move, ReadFacts):
            # While the owner acts on the phone, nothing is told that would move on the terminal.
            self._log(move, view)
        self._pause = FIRST_PAUSE
        if isinstance(move, Finish):
            return Outcome(move.result, move.verified)
        if isinstance(move, Stop):
            if isinstance(move.error, OutcomeUnknown):
                raise unknown_after(None, by_hand=self._by_hand)
            raise move.error
        if isinstance(move, ReadFacts):
            self._learn(self._phone.facts())
            # Where it was given up: a list may have moved on since its ends were seen, or been drawn anew.
            past = replace(self._eyes.past, ends=frozenset())
            self._eyes.past = replace(past, facts_age=0.0, facts_on=view.digest())
            return None
        if isinstance(move, NoSuchWay):
            self._eyes.past = after_missing(self._eyes.past, move.screen, move.element)
            return None
        self._asked = None
        if isinstance(move, TapGated | AskGate):
            return self._through_gate(move, view)
        self._act(move, view)
        return None

    def _tell_strayed(self, move: Move, view: View) -> None:
        """Says once that the gated tap, which the owner was to make, led to a page that the journey does not know."""
        if self._told is None or self._told is self._strayed:
            return
        if view.screen is None or view.screen.leave is not None:
            return
        if view.name not in self._journey.table and isinstance(move, Open | TapNode | Scroll | Back):
            self._strayed = self._told
            self._owner.tell(strayed(view))

    def _act(self, move: TapNode | Scroll | Open | Back | Wake, view: View) -> None:
        before, eyes = self._eyes.past, self._eyes
        eyes.past = after_move(before, move, view)
        if isinstance(move, Wake):
            self._phone.wake()
            self._learn(self._phone.facts())
            self._wakes = 0 if self.facts.awake else self._wakes + 1
            return
        if isinstance(move, Open):
            intent = self._atlas.screens[move.screen].opens[move.way]
            if not self._phone.open(intent.action, intent.component, intent.fragment):
                eyes.past = replace(eyes.past, acted=None, still=float("inf"))
            return
        fresh_until = eyes.seen_at + FRESH
        try:
            if isinstance(move, Scroll):
                self._touch.scroll(view.hierarchy, move.container, down=move.down, not_after=fresh_until)
            elif isinstance(move, Back):
                self._touch.back(not_after=fresh_until)
            else:
                self._touch.tap(view.hierarchy, move.node, by=self._by(move, view), not_after=fresh_until)
                self._tapped(move, view, None, sent=True)
                self._told = None if move.under else self._told
        except NotFound:
            # Where it may go by words alone, one that is not found is one that has no effect.
            in_vain = isinstance(move, TapNode) and move.exact
            eyes.past = replace(before, moves=before.moves + 1, acts_here=before.acts_here + in_vain)
            self._unfound = view.digest()
        except NotConnected:
            eyes.past = before  # nothing was sent; the next look finds out why
        except InputRefused:
            eyes.past = before
            raise
        except CallLost as unanswered:
            # The next looks show whether it landed.
            if isinstance(move, Scroll):
                eyes.past = replace(before, alike=0)
            elif not isinstance(unanswered, CallCut):
                # It may still land, at any time: it is not sent again.
                eyes.past = replace(eyes.past, acts_here=MOST_ACTS)

    def _by(self, move: TapNode | TapGated, view: View) -> By:
        """By words; by place where the phone, just now, did not find those that it shows."""
        if move.exact:
            return "words only"
        return "place" if self._unfound == view.digest() else "words"

    def _guide(self, move: TapNode | Scroll | Back | Wake, view: View) -> None:
        """Tells the owner the move, once, and looks until the screen changes."""
        what = deed(move, view, self._atlas, self._eyes.words)
        if isinstance(move, Scroll) and self._scrolled_on != view.digest():
            # Where the list ends only the owner sees: after so many changes it has been gone through.
            self._scrolled_on = view.digest()
            self._eyes.past = replace(self._eyes.past, scrolls=self._eyes.past.scrolls + 1)
        if isinstance(move, TapNode):
            self._touch.permit(view.hierarchy, move.node)
            if self._asked != (what.text, view.name) and self._owner.present:
                self._eyes.picture_now()
                what = self._outlined(what, view, move.node)
                self._tapped(move, view, None, sent=False)
        self._ask_owner(what, known=True)

    def _outlined(self, what: Deed, view: View, node: Node) -> Deed:
        still = self._eyes.view is not None and self._eyes.view.digest() == view.digest()
        picture = self._journal.outlined(view.hierarchy.screen, node.bounds) if still else None
        return replace(what, picture=str(picture) if picture else None)

    def _through_gate(self, move: TapGated | AskGate, decided: View) -> Outcome | None:
        self._eyes.picture_now()
        view = self._eyes.view
        assert view is not None
        if view.digest() != decided.digest():
            self._unsettled += 1
            if self._unsettled >= MOST_UNSETTLED:
                raise _never_still()
            return None
        target = self._target(move, view)
        picture = self._journal.picture
        card = Card(move.gate, self.facts, self._consents.phrase, str(picture) if picture else None)
        show_gate(card, target, self._owner, self._journal)
        if self._dry_run:
            return Outcome("dry_run", verified=False)
        try:
            consent = ask_consent(card, target, self._consents, self._owner, self._journal)
        except ConsentDeclined as no:
            if not self._journey.leaves or move.gate is not self._journey.last:
                raise
            cancel = T("On the phone, tap Cancel: it is one tap away from being erased.")
            fix = Text("{cancel} {fix}", {"cancel": cancel, "fix": no.fix})
            raise type(no)(no.what, no.why, fix) from no
        again = self._eyes.look()
        same = _same(move, again)
        if same is None or self._target(same, again) != target or not self._consents.fresh(consent):
            self._void(consent, move.gate)
        elif isinstance(same, AskGate):
            self._consents.spend(consent, target)
            self._opened.append(move.gate)
            self._voids = 0
            self._eyes.past = after_gate(self._eyes.past, move.gate)
        elif self._hands == "guided":
            self._tap_by_hand(same, again, consent, target)
        elif self._tap_gated(same, again, consent, target) and move.gate is self._journey.last:
            return self._await_leave() if self._journey.leaves else None
        return None

    def _tap_gated(self, move: TapGated, view: View, consent: Consent, target: Target) -> bool:
        """Sends the one tap; False when it was too late for it, or what it was for is gone, and nothing was tapped."""
        eyes = self._eyes
        self._tapped(move, view, move.gate, sent=False)
        self._journal.sync()
        # Before it is sent: if the answer is lost, the past says that it may have been.
        before, eyes.past = eyes.past, after_move(eyes.past, move, view)
        self._opened.append(move.gate)
        self._told = None
        try:
            self._touch.tap_with_consent(
                view.hierarchy,
                move.node,
                consent,
                target,
                by=self._by(move, view),
                not_after=eyes.seen_at + FRESH,
            )
        except (TooLate, NotFound) as error:
            if isinstance(error, NotFound):
                self._unfound = view.digest()
            eyes.past = before
            self._opened.pop()
            self._consents.withdraw(move.gate.name)
            self._void(consent, move.gate)
            return False
        except CallLost:
            if self._journey.leaves and move.gate is self._journey.last:
                raise
            return True
        except AutomatorError as error:
            if isinstance(error, InputRefused) and self._is_done():
                return True
            eyes.past = before
            self._opened.pop()
            self._consents.withdraw(move.gate.name)
            raise
        self._voids = 0
        self._tapped(move, view, move.gate, sent=True)
        return True

    def _is_done(self) -> bool:
        """Whether the tap that is said to be refused was made: signing out itself may end the phone's leave to tap."""
        self._learn(self._phone.facts())
        return self._journey.finished(self.facts)

    def _tap_by_hand(self, move: TapGated, view: View, consent: Consent, target: Target) -> None:
        """The owner makes the tap that the consent was for, and nobody else. Until the screen changes."""
        eyes = self._eyes
        self._touch.spend(view.hierarchy, move.node, consent, target)
        self._voids = 0
        what = self._outlined(deed(move, view, self._atlas, eyes.words), view, move.node)
        before, eyes.past = eyes.past, after_move(eyes.past, move, view)
        self._opened.append(move.gate)
        self._tapped(move, view, move.gate, sent=False)
        self._journal.write(AskEvent(time=now(), text=str(what.text)))
        self._journal.sync()
        self._told = what
        self._owner.act(what)
        self._pause = FIRST_PAUSE
        while eyes.past.acted is not None:
            self._rest()
            eyes.look()
            if eyes.past.acted is not None and eyes.past.still >= self._patience:
                # The page is as it was: the tap was not made.
                eyes.past = before
                self._opened.pop()
                self._consents.withdraw(move.gate.name)
                raise _owner_away(what.text, self._patience)
        # However long the owner took: what came of the tap shows from now on.
        eyes.past = replace(eyes.past, waited=0.0)

    def _left_by_hand(self) -> Outcome:
        """Nobody but the owner saw whether the phone went because of the tap, or of its cable."""
        label = self._told.words[0] if self._told else ""
        question = T("Did you tap “{label}”, and does the phone restart now?", label=label)
        restarts = self._owner.confirm(T("The phone has left."), question)
        self._journal.write(AskEvent(time=now(), text=str(question), answer="yes" if restarts else "no"))
        if restarts:
            return Outcome(self._journey.result, verified=True, on_word=True)
        raise OutcomeUnknown(
            T("I can't tell whether it worked."),
            T("You were asked to make the tap, and the phone left before I could see whether it worked."),
            T("Look at the phone, and run the command again to go on from what it shows."),
        )

    def _await_leave(self) -> Outcome:
        if self._phone.left_within(LEAVE):
            return Outcome(self._journey.result, verified=True)
        raise unknown_after(None)

    def _void(self, consent: Consent, gate: Gate) -> None:
        self._consents.void(consent)
        self._journal.write(ConsentEvent(time=now(), gate=gate.name, answer="void"))
        self._voids += 1
        if self._voids >= MOST_VOIDS:
            raise _never_still()
        self._owner.tell(
            T(
                "The screen changed after your answer, or the phone was slow or had something else in front. I did not tap, "
                "and ask anew."
            )
        )

    def _ask_owner(self, what: Deed, *, known: bool, error: AutomatorError | None = None) -> None:
        asked_for_help = error is not None
        if not known:
            error = error or _unknown_screen(what.text)
        if not self._owner.present:
            raise error or _nobody_there(what.text)
        past = self._eyes.past
        here = self._eyes.view.name if self._eyes.view else None
        if (what.text, here) != self._asked:
            self._asked = (what.text, here)
            self._helped_on = past.shown if asked_for_help else ""
            self._eyes.past = replace(past, waited=0.0, still=0.0, moves=past.moves + 1)
            self._journal.write(AskEvent(time=now(), text=str(what.text)))
            self._owner.act(what)
            self._pause = FIRST_PAUSE
        elif past.still >= self._patience or past.waited >= 3 * self._patience:
            raise error or _owner_away(what.text, max(past.still, past.waited))
        self._rest()

    def _rest(self) -> None:
        if not self._eyes.past.still:
            self._pause = FIRST_PAUSE
        self._clock.pause(self._pause)
        self._pause = min(self._pause * 1.5, LONGEST_PAUSE)

    def _target(self, move: TapGated | AskGate, view: View) -> Target:
        gate = move.gate.name
        serial, journey = self._phone.serial, self._journey.name
        return Target(serial, journey, gate, view.name or "", move.element, view.digest())

    def _guard(self, hierarchy: Hierarchy, x: int, y: int) -> tuple[Danger, ...]:
        words = self._eyes.words
        view = recognise(hierarchy, self._atlas, words, self.facts.keyboard)
        return dangers_at(view, x, y, self._atlas, words)

    def _tapped(self, move: TapNode | TapGated, view: View, gate: Gate | None, *, sent: bool) -> None:
        self._journal.write(
            TapEvent(
                time=now(),
                screen=view.name or "",
                element=move.element,
                label=label_of(view, move.node),
                gate=gate.name if gate else None,
                node=move.node.resource_id or move.node.class_name,
                bounds=str(move.node.bounds),
                sent=sent,
                hands=self._hands,
            )
        )

    def _log(self, move: Move, view: View) -> None:
        self._journal.write(
            MoveEvent(
                time=now(),
                move=_NAMES[type(move)],
                element=getattr(move, "element", None),
                screen=getattr(move, "screen", view.name),
            )
        )


_NAMES: dict[type[Move], str] = {
    TapNode: "tap",
    TapGated: "gate",
    AskGate: "gate",
    Scroll: "scroll",
    Open: "open",
    Back: "back",
    Wake: "wake",
    NoSuchWay: "no_such_way",
    ReadFacts: "facts",
    Finish: "finish",
    Stop: "stop",
}


def _same(move: TapGated | AskGate, view: View) -> TapGated | AskGate | None:
    """The same move on a fresh look; None when what it was for is not there once."""
    if isinstance(move, AskGate):
        return move
    nodes = view.elements.get(move.element, ())
    return replace(move, node=nodes[0]) if len(nodes) == 1 else None


def _never_still() -> ScreenUnknown:
    return ScreenUnknown(
        T("The phone's screen does not stay still."),
        T("It changed each time before I could tap, so I did not tap."),
        T("Close what moves on the phone's screen, leave the phone alone, and run the command again."),
    )


def unknown_after(error: AutomatorError | None, *, by_hand: bool = False) -> OutcomeUnknown:
    """The error for a gated tap whose effect was not seen, and for what kept it from being seen.

    `by_hand`: the owner was asked to make it.
    """
    lost = isinstance(error, PhoneLost | AnotherPhone)
    unseen = (
        T("You were asked to make the tap, and I did not see what came of it.")
        if by_hand
        else T("The tap was sent, and nothing that proves its effect was seen.")
    )
    return OutcomeUnknown(
        T("I can't tell whether it worked."),
        error.why if error and lost else unseen,
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


def _nobody_there(text: Text) -> PreflightError:
    return PreflightError(
        T("You are needed at the phone, and there is no terminal to tell you on."),
        text,
        T("Do that, then run the command again in a terminal: it goes on where the phone is."),
    )


def _owner_away(text: Text, patience: float) -> PreflightError:
    return PreflightError(
        T("I waited {seconds} s for you.", seconds=round(patience)),
        text,
        T("Run the command again when you are at the phone: it goes on where the phone is."),
    )
