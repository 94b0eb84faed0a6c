"""The atlas against what the journeys and the phone need of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from automator.atlas import Atlas
from automator.journeys.model import Journey
from automator.journeys.reset import reset
from automator.journeys.unlink import unlink
from automator.phone.start import IntentForbidden, start_command


def journeys() -> tuple[Journey, ...]:
    """Every journey there is, in each of its forms."""
    return unlink(), unlink(remove_synced=True), reset()


def lint(atlas: Atlas) -> Iterator[str]:
    """What is wrong with an atlas that loads, one sentence each."""
    gates = {"never"}
    for journey in journeys():
        for name, rule in journey.table.items():
            screen = atlas.screens.get(name)
            if screen is None:
                yield f"{journey.name} has a rule for {name}, which is no screen"
                continue
            element = getattr(rule, "element", "")
            owner_only = getattr(rule, "does", None) is not None
            if element and not owner_only and element not in screen.elements:
                yield f"{journey.name} taps {element} on {name}, which has no such element"
            gates |= {
                gate.name for gate in (getattr(rule, "gate", None), getattr(rule, "under", None)) if gate
            }
    for danger in atlas.dangers:
        if danger.gate not in gates:
            yield f"danger {danger.danger}: no journey has the gate {danger.gate}"
    for screen in atlas.screens.values():
        for intent in screen.opens:
            try:
                start_command(intent.action, intent.component, intent.fragment)
            except IntentForbidden:
                yield f"{screen.screen} opens by an intent that is not on the list of phone/start.py"
