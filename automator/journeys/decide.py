"""What to do next. Pure: journey + view + facts + what happened so far in, one move out."""

from __future__ import annotations

from automator.atlas import Atlas, View, generation, route
from automator.errors import AmbiguousElement, OutcomeUnknown, PreflightError, ScreenUnknown
from automator.hierarchy import Node
from automator.journeys.locks import KEYGUARD, LOCKS
from automator.journeys.model import (
    AskGate,
    AskOwner,
    Back,
    Finish,
    Gated,
    Journey,
    Look,
    Move,
    NoSuchWay,
    Open,
    Owner,
    Past,
    PhoneRefuses,
    ReadFacts,
    Rule,
    Scroll,
    Stop,
    Tap,
    TapGated,
    TapNode,
    Wait,
    Wake,
)
from automator.masking import mask_text
from automator.phone.facts import Facts
from automator.text import T, Text

SETTLE = 3.0
"""Seconds in which a tap shows its effect. Then an ordinary one counts as having had none."""
EFFECT = 30.0
"""Seconds in which a gated tap shows its effect. Then its outcome is unknown."""
UNKNOWN_AFTER_GATE = 8.0
"""Seconds after which the owner is asked about an unknown screen that came after a gated tap."""
RECHECK = 1.0
"""Seconds between two readings of the facts."""
MOST_ACTS = 2
"""How often an ordinary tap is made on a screen before another one must come."""
STUCK = 120.0
"""Seconds without an act or a question, whatever the screen does meanwhile. Then the run stops."""
MOST_SCROLLS = 40
MOST_BACKS = 6
"""How often the way is taken back a page."""
MOST_MOVES = 200
HOME = "settings.home"
HIDDEN = T(
    "If a part of the page is hidden on the phone (one-handed mode, a split screen, something floating over it), bring it "
    "into view; I keep looking."
)
UNLOCK = T("Unlock the phone and keep its screen on. What you type there I neither read nor store.")


def decide(journey: Journey, view: View, facts: Facts, past: Past, atlas: Atlas) -> Move:
    """The next move."""
    if journey.finished(facts):
        return Finish(journey.result if past.consented else "nothing_to_do", verified=True)
    if past.moves > MOST_MOVES:
        return Stop(_going_in_circles())
    move = _decide(journey, view, facts, past, atlas)
    gives_up = isinstance(move, Stop) or (isinstance(move, AskOwner) and not move.known)
    if gives_up and past.facts_on != view.digest() and past.facts_age >= RECHECK:
        # The screen may be off, or the language another one by now: both leave nothing to recognise.
        return ReadFacts()
    asked_to_unlock = facts.locked or facts.awake is False
    if isinstance(move, Look | ReadFacts) and past.waited > STUCK and not asked_to_unlock:
        return Stop(_stuck() if journey.leaves or not past.given else _unknown_outcome())
    return move


def _decide(journey: Journey, view: View, facts: Facts, past: Past, atlas: Atlas) -> Move:
    if past.acted is not None and view.digest() == past.acted_on and (waiting := _await_effect(past)):
        return waiting
    rule = journey.table.get(view.name or "")
    at_work = _goes_on_by_itself(rule, past)
    if past.given and not journey.leaves and (at_work or rule is None) and _worth_reading(view, past):
        # Only the facts tell that an account is gone, whatever the phone shows meanwhile.
        return ReadFacts()
    if at_work:
        return Look()
    if between := _in_between(view, facts, past, atlas):
        return between
    if past.gated is not None and rule is None:
        return _after_gate(view, past)
    if view.screen is None:
        return _unknown(journey, view, facts, past, atlas)
    if rule is None or (isinstance(rule, Owner) and rule.after.name not in past.given):
        return _toward(journey.start, view, facts, past, atlas)
    assert not isinstance(rule, Wait)
    return _by_rule(rule, view, past, atlas)


def _in_between(view: View, facts: Facts, past: Past, atlas: Atlas) -> Move | None:
    """What must be out of the way first, whatever the journey: a dark screen, a lock, something that came in between."""
    stale = past.facts_age >= RECHECK
    if facts.awake is False:
        return ReadFacts() if stale else Wake()
    if facts.locked and (stale or past.facts_on != view.digest()):
        return ReadFacts()
    if facts.locked or view.name == KEYGUARD:
        return AskOwner(UNLOCK, known=True)
    if lock := LOCKS.get(view.name or ""):
        return Stop(PreflightError(*lock))
    leave = view.screen.leave if view.screen else None
    if leave is None:
        return None
    if leave == "wait":
        return Look()
    if leave == "back" and past.backs < MOST_BACKS:
        return Back()
    nodes = view.elements.get(leave, ())
    if len(nodes) == 1 and nodes[0].enabled and past.acts_here < MOST_ACTS:
        exact = atlas.screens[view.name or ""].elements[leave].exact
        return TapNode(leave, nodes[0], exact) if past.alike >= 2 else Look()
    return AskOwner(
        T("On the phone: answer or close {screen}. I leave it to you.", screen=_called(view)), known=True
    )


def _goes_on_by_itself(rule: Rule | None, past: Past) -> bool:
    """Whether the phone is or may be at work, and will show something else by itself."""
    if isinstance(rule, Wait):
        return True
    asked_already = isinstance(rule, Gated) and rule.gate.name in past.given
    return bool(past.given) and (rule is None or asked_already) and past.still < SETTLE


def _worth_reading(view: View, past: Past) -> bool:
    return past.facts_on != view.digest() or past.facts_age >= RECHECK


def _by_rule(rule: Tap | Gated | Owner | PhoneRefuses, view: View, past: Past, atlas: Atlas) -> Move:
    if isinstance(rule, PhoneRefuses):
        return Stop(PreflightError(rule.what, T("The phone says: {words}", words=_words(view)), rule.fix))
    if isinstance(rule, Owner):
        if rule.gate is not None and rule.gate.name not in past.given:
            return AskGate(rule.gate, rule.element)
        return AskOwner(rule.does, known=True)
    found = _find(rule.element, view, past)
    if isinstance(found, Stop) and not view.elements.get(rule.element):
        return AskOwner(
            Text("{what} {hidden}", {"what": found.error.what, "hidden": HIDDEN}), False, found.error
        )
    if not isinstance(found, Node):
        return found
    if isinstance(rule, Gated):
        return TapGated(rule.element, found, rule.gate)
    exact = atlas.screens[view.name or ""].elements[rule.element].exact
    if rule.under is not None and rule.under.name not in past.given:
        return TapGated(rule.element, found, rule.under, exact)
    return TapNode(rule.element, found, exact, rule.under)


def _find(element: str, view: View, past: Past) -> Node | Move:
    """The one node to tap, or the move that brings it into view; Stop when it is not there, or twice."""
    nodes = view.elements.get(element, ())
    if len(nodes) > 1:
        return Stop(
            AmbiguousElement(
                T("What I must tap is there more than once, on {screen}.", screen=_called(view)),
                T("Only one of them can be the right one, and I do not guess."),
                T("Go one page back on the phone and run the command again; if it stays, please report it."),
            )
        )
    # A dialog slides in and a list rolls on: until two looks agree, their parts are elsewhere than they say.
    moving = past.alike < 2
    if nodes:
        assert view.screen is not None
        if not nodes[0].enabled:
            return Look()
        if moving and (view.screen.layer == "dialog" or past.scrolls):
            return Look()
        if past.acts_here >= MOST_ACTS:
            return Stop(_no_effect())
        return nodes[0]
    return _search(element, view, past, moving=moving)


def _search(element: str, view: View, past: Past, *, moving: bool) -> Move:
    assert view.window is not None
    lists = [
        node
        for node in view.hierarchy.subtree(view.window)
        if node.scrollable and node.bounds.overlaps(view.hierarchy.screen)
    ]
    name = view.name or ""
    if lists and past.scrolls < MOST_SCROLLS:
        if moving and past.scrolls:
            return Look()
        screen = view.hierarchy.screen
        biggest = max(lists, key=lambda node: node.bounds.within(screen).area)
        for down in (True, False):
            if (name, down) not in past.ends:
                return Scroll(biggest, down, element)
    if past.still < SETTLE:
        return Look()
    return Stop(
        AmbiguousElement(
            T("I can't find what I must tap on {screen}.", screen=_called(view)),
            T("The phone shows: {words}", words=_words(view)),
            T(
                "Look at the phone: if it is there, please report it with the journal; if not, go back and run the command again."
            ),
        )
    )


def _await_effect(past: Past) -> Move | None:
    """While the screen has not changed since something was done; None when it may be done again."""
    if past.gated is not None:
        if min(past.still, past.facts_age) >= RECHECK:
            return ReadFacts()
        return Look() if past.still < EFFECT else Stop(_unknown_outcome())
    if isinstance(past.acted, Scroll) or past.still < SETTLE:
        return Look()
    return None


def _after_gate(view: View, past: Past) -> Move:
    """A gated tap was sent and the phone shows something that the journey has no rule for."""
    if view.screen is None and past.still >= UNKNOWN_AFTER_GATE:
        return AskOwner(_leave_unknown(view), known=False)
    return Look() if past.still < EFFECT else Stop(_unknown_outcome())


def _unknown(journey: Journey, view: View, facts: Facts, past: Past, atlas: Atlas) -> Move:
    if past.moves and past.still < SETTLE:
        return Look()
    if past.returned or not past.given:
        for goal in (journey.start, HOME):
            if opening := _open(goal, facts, past, atlas):
                return opening
    return AskOwner(_leave_unknown(view), known=False)


def _toward(goal: str, view: View, facts: Facts, past: Past, atlas: Atlas) -> Move:
    if opening := _open(goal, facts, past, atlas):
        return opening
    here = view.name or ""
    way = route(atlas, here, goal, rom=generation(facts.rom), without=past.missing)
    if way:
        found = _find(way[0], view, past)
        if isinstance(found, Node):
            return TapNode(way[0], found)
        absent = isinstance(found, Stop) and not view.elements.get(way[0])
        return NoSuchWay(here, way[0]) if absent else found
    if opening := _open(HOME, facts, past, atlas):
        return opening
    if here == HOME or past.backs >= MOST_BACKS:
        error = _no_way(goal, view, atlas)
        return AskOwner(Text("{what} {hidden}", {"what": error.what, "hidden": HIDDEN}), False, error)
    return Back()


def _open(goal: str, facts: Facts, past: Past, atlas: Atlas) -> Open | None:
    rom = generation(facts.rom)
    for way, intent in enumerate(atlas.screens[goal].opens):
        if (goal, way) not in past.opened and intent.fits(rom):
            return Open(goal, way)
    return None


def _leave_unknown(view: View) -> Text:
    screen = view.hierarchy.screen
    if screen.right - screen.left > screen.bottom - screen.top:
        return T(
            "The phone lies sideways, and I see too little of the page to know it. Turn it upright; I keep looking."
        )
    if any(not one.bounds.overlaps(other.bounds) for one in view.strange for other in view.strange):
        return T(
            "The screen is split, and I see too little of the page to know it. End the split screen; I keep looking."
        )
    if not any(text.strip() for text in view.texts()):
        return T(
            "I do not know what the phone shows now. Please answer it or go back on the phone; I go on when I know the "
            "screen again."
        )
    return T(
        "I do not know what the phone shows now ({words}). Please answer it or go back on the phone; I go on when I "
        "know the screen again.",
        words=_words(view),
    )


def _called(view: View) -> Text:
    return Text(view.screen.called) if view.screen else T("another screen")


def _words(view: View) -> str:
    texts = [mask_text(text) for text in view.texts() if text.strip()]
    return " · ".join(texts[:6]) or "—"


def _unknown_outcome() -> OutcomeUnknown:
    return OutcomeUnknown(
        T("I can't tell whether it worked."),
        T("The tap was sent, and nothing that proves its effect was seen."),
        T(
            "Look at the phone. I do not tap again by myself; run the command again to go on from what it shows."
        ),
    )


def _no_way(goal: str, view: View, atlas: Atlas) -> AmbiguousElement:
    return AmbiguousElement(
        T("I can't find the way to {screen}.", screen=Text(atlas.screens[goal].called)),
        T("The phone shows: {words}", words=_words(view)),
        T("Open that page on the phone yourself and run the command again: it goes on from there."),
    )


def _no_effect() -> ScreenUnknown:
    return ScreenUnknown(
        T("A tap had no effect."),
        T("The phone stayed where it was."),
        T("Look at the phone, do the step yourself, and run the command again: it goes on from there."),
    )


def _stuck() -> ScreenUnknown:
    return ScreenUnknown(
        T("The phone does not go on."),
        T("For {seconds} seconds nothing came that I could act on.", seconds=int(STUCK)),
        T(
            "Look at the phone, wait until it is done or go back, and run the command again: it goes on from there."
        ),
    )


def _going_in_circles() -> ScreenUnknown:
    return ScreenUnknown(
        T("I am going in circles."),
        T("After {count} steps the goal is not reached.", count=MOST_MOVES),
        T("Look at the phone, go back to its home screen, and run the command again."),
    )
