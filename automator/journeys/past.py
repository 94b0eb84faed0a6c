"""How looks and moves become the past that a decision rests on. Pure."""

from __future__ import annotations

from dataclasses import replace

from automator.atlas import View
from automator.journeys.model import Journey, Move, Open, Past, Scroll, TapGated, TapNode


def after_look(past: Past, view: View, before: View | None, journey: Journey, seconds: float) -> Past:
    """The past with this look in it, so many seconds after the one before."""
    digest = view.digest()
    past = replace(past, facts_age=past.facts_age + seconds, looks=past.looks + 1)
    if digest == past.previous:
        past = replace(past, still=past.still + seconds)
    else:
        past = replace(past, previous=digest, still=0.0)
    if past.acted is not None and digest != past.acted_on:
        past = replace(past, acted=None, acts_here=0)
    elif isinstance(past.acted, Scroll) and past.looks >= 2:
        # A swipe returns when it is over: a list that then shows the same twice has come to its end.
        end = (view.name or "", past.acted.down)
        past = replace(past, acted=None, ends=past.ends | {end})
    if before is not None and view.name != before.name:
        past = replace(past, ends=frozenset(), scrolls=0)
        if view.name is not None and before.name is not None:
            past = replace(past, gated=None)
    if view.name in journey.table:
        past = replace(past, opened=frozenset())
    return past


def after_move(past: Past, move: Move, view: View) -> Past:
    """The past with this move in it: one that should change the screen."""
    again = past.acted_on == view.digest() and past.acts_here
    past = replace(
        past,
        acted=move,
        acted_on=view.digest(),
        acts_here=past.acts_here + 1 if again else 1,
        still=0.0,
        moves=past.moves + 1,
        looks=0,
    )
    if isinstance(move, Open):
        return replace(past, opened=past.opened | {(move.screen, move.way)})
    if isinstance(move, Scroll):
        return replace(past, scrolls=past.scrolls + 1)
    if isinstance(move, TapGated):
        return replace(past, gated=move.gate.name, given=past.given | {move.gate.name})
    assert isinstance(move, TapNode)
    return past
