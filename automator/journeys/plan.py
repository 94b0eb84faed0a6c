"""What a journey will do on this phone, before anything is done: its table as a row of steps. Pure; knows no phone.

The order is that of the journey's table. What the facts rule out is left out; what they do not tell is a step that only
some phones show.
"""

from __future__ import annotations

from collections.abc import Iterator

from automator.atlas import Atlas, generation, route
from automator.events import PlanEvent, PlanStep, now
from automator.journeys.decide import HOME
from automator.journeys.model import Gate, Gated, Journey, Owner, PhoneRefuses, Rule, Wait
from automator.phone.facts import Facts
from automator.text import T, Text

ALWAYS = frozenset({"signout.progress", "reset.busy", "reset.warning_1", "reset.warning_2"})
"""Besides a journey's first screen, what every phone shows: no reset and no sign-out in the evidence goes without."""
SAYS = {
    "signout.synced": T("Keep the synced items on the phone"),
    "signout.notice": T("You answer the phone's notice about items that stay or go"),
    "account.password": T("You type the account's password on the phone"),
    "lock.confirm": T("You enter the screen lock on the phone"),
    "reset.wallet": T("Leave the cards in the wallet and go on"),
    "reset.backup": T("Go on without a backup"),
    "signout.progress": T("Wait while the phone signs out"),
    "reset.busy": T("Wait while the phone begins the reset"),
    "reset.warning_1": T("Wait for the first warning's ten seconds, then go on"),
}
"""What is done where no gate says it."""
START_UP = 5
"""Seconds until the phone's labels are read and its screen is seen: a guess."""
SCREEN = 1
"""Seconds for one screen: the change to it, two looks until it stands still, a tap. Of a mid-range phone, a guess."""
WORK = 4
"""Seconds that the phone is at work by itself. A reset waits 3 s for the account to go (decompiled HyperOS)."""
COUNT_DOWN = 10
"""Seconds that each warning page of a reset counts down (decompiled MIUI 8, 13, HyperOS 3)."""
COUNTS = frozenset({"reset.warning_1", "reset.warning_2"})


def plan(journey: Journey, facts: Facts, atlas: Atlas) -> PlanEvent:
    """The journey's steps on this phone, in the language in force; none when the facts prove that it is done."""
    steps = [] if journey.finished(facts) else list(_steps(journey, facts, atlas))
    return PlanEvent(time=now(), journey=journey.name, steps=steps, seconds=_seconds(steps))


def _steps(journey: Journey, facts: Facts, atlas: Atlas) -> Iterator[PlanStep]:
    yield from _way(journey.start, facts, atlas)
    for screen, rule in journey.table.items():
        if isinstance(rule, PhoneRefuses) or (screen == "account.password" and facts.signed_out):
            continue
        yield _step(screen, rule, atlas, sometimes=screen not in {journey.start, *ALWAYS})


def _way(goal: str, facts: Facts, atlas: Atlas) -> Iterator[PlanStep]:
    """The page is opened directly; where the phone does not allow that, it is reached from the home page of Settings."""
    rom = generation(facts.rom)
    direct = any(intent.fits(rom) for intent in atlas.screens[goal].opens)
    if direct:
        yield _open(goal, atlas)
    here = HOME
    for element in route(atlas, HOME, goal, rom=rom) or ():
        yield _open(here, atlas, sometimes=direct)
        here = atlas.screens[here].elements[element].leads_to or goal


def _open(screen: str, atlas: Atlas, *, sometimes: bool = False) -> PlanStep:
    title = Text(atlas.screens[screen].called)
    return PlanStep(
        screen=screen,
        title=str(title),
        who="computer",
        text=str(T("Open {screen}", screen=title)),
        sometimes=sometimes,
    )


def _step(screen: str, rule: Rule, atlas: Atlas, *, sometimes: bool) -> PlanStep:
    title = Text(atlas.screens[screen].called)
    gate = _gate(rule)
    text = gate.title if gate else SAYS.get(screen) or T("Wait: {screen}", screen=title)
    return PlanStep(
        screen=screen,
        title=str(title),
        who="owner" if isinstance(rule, Owner) else "phone" if isinstance(rule, Wait) else "computer",
        text=str(text),
        gate=gate.name if gate else None,
        loses=[str(loss) for loss in gate.loses] if gate else [],
        sometimes=sometimes,
    )


def _gate(rule: Rule) -> Gate | None:
    """The gate that asks anew there. A tap that goes on with an earlier consent asks nothing more."""
    return rule.gate if isinstance(rule, Gated | Owner) else None


def _seconds(steps: list[PlanStep]) -> int:
    """All of the steps, in fives: nobody knows it to the second."""
    if not steps:
        return 0
    needed = START_UP + sum(
        WORK if step.who == "phone" else SCREEN + COUNT_DOWN * (step.screen in COUNTS) for step in steps
    )
    return -(-needed // 5) * 5
