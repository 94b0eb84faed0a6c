"""How looks and moves become the past that a decision rests on. Pure."""

from __future__ import annotations

from dataclasses import replace

from automator.atlas import View
from automator.journeys.locks import KEYGUARD, LOCKS
from automator.journeys.model import Back, Gate, Move, Open, Past, Scroll, TapGated, TapNode, Wake

AT_REST = 0.6
"""Seconds after a swipe in which a phone shows where it got to: a dump may be a little old."""


def after_look(past: Past, view: View, before: View | None, seconds: float) -> Past:
    """The past with this look in it, so many seconds after the one before."""
    digest = view.digest()
    past = replace(
        past,
        facts_age=past.facts_age + seconds,
        waited=past.waited + seconds,
        looks=past.looks + 1,
    )
    if digest == past.shown:
        past = replace(past, still=past.still + seconds, alike=past.alike + 1)
    else:
        past = replace(past, shown=digest, still=0.0, alike=1)
    if past.acted is not None and digest != past.acted_on:
        past = replace(past, acted=None)
    elif isinstance(past.acted, Scroll) and past.looks >= 2 and past.still >= AT_REST:
        # A swipe returns when it is over: a list that then goes on to show the same has come to its end.
        end = (view.name or "", past.acted.down)
        past = replace(past, acted=None, ends=past.ends | {end})
    if before is not None and view.name != before.name:
        past = replace(past, ends=frozenset(), scrolls=0, acts_here=0)
    if past.gated is not None and view.screen is not None and view.name != past.gated_on:
        # What comes in between, a popup or a lock, is no effect.
        came_between = view.screen.leave is not None or view.name == KEYGUARD or view.name in LOCKS
        past = past if came_between else replace(past, gated=None)
    return past


def after_move(past: Past, move: Move, view: View) -> Past:
    """The past with this move in it: one that should change the screen."""
    past = replace(
        past, acted=move, acted_on=view.digest(), still=0.0, waited=0.0, moves=past.moves + 1, looks=0
    )
    if isinstance(move, Open):
        return replace(past, opened=past.opened | {(move.screen, move.way)})
    if isinstance(move, Scroll):
        return replace(past, scrolls=past.scrolls + 1)
    if isinstance(move, Back):
        return replace(past, backs=past.backs + 1)
    if isinstance(move, Wake):
        # What was tapped in the dark had no effect for that reason.
        return replace(past, acted=None, acts_here=0)
    if isinstance(move, TapGated):
        return replace(after_gate(past, move.gate), gated=move.gate.name, gated_on=view.name or "")
    assert isinstance(move, TapNode)
    past = replace(past, acts_here=past.acts_here + 1)
    if move.under is None:
        return past
    # On the way by itself: where it then gets lost, the shortcuts may be tried again.
    return replace(past, gated=move.under.name, gated_on=view.name or "", opened=frozenset())


def after_missing(past: Past, screen: str, element: str) -> Past:
    """The past with this way known not to be there: the next is looked for on all of the list again."""
    missing = past.missing | {(screen, element)}
    return replace(past, missing=missing, ends=frozenset(), scrolls=0, still=0.0)


def after_return(past: Past) -> Past:
    """The past when the phone had gone and is there again: consents are over, unless a tap's effect is still to be seen."""
    given: frozenset[str] = past.given if past.gated is not None else frozenset()
    return replace(
        after_help(past),
        given=given,
        returned=True,
        alike=0,
        still=0.0,
        waited=0.0,
        facts_age=0.0,
        facts_on="",
    )


def after_help(past: Past) -> Past:
    """The past when somebody else changed what the phone shows: all ways may be tried again."""
    return replace(past, opened=frozenset(), missing=frozenset(), ends=frozenset(), scrolls=0, backs=0)


def after_gate(past: Past, gate: Gate) -> Past:
    """The past with this gate's consent spent."""
    return replace(past, given=past.given | {gate.name}, consented=True, opened=frozenset(), waited=0.0)
