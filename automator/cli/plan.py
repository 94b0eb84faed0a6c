"""`plan`: what a journey will do on this phone, with nothing done; and how a plan reads."""

from __future__ import annotations

from automator.events import PlanEvent, PlanStep
from automator.text import T


def plan(name: str, *, serial: str | None, wait: float | None, json: bool, remove_synced: bool) -> int:
    """Prints the plan for the plugged-in phone; the exit code. Taps nothing. Raises AutomatorError.

    A phone on which the journey could not begin has no plan: the error says what to mend first.
    """
    from automator.atlas import load
    from automator.cli.journey import make_journey
    from automator.cli.output import Output
    from automator.cli.pick import plugged_phone
    from automator.journeys.plan import plan as planned
    from automator.journeys.preflight import account_warning, cautions, obstacle

    output = Output(json=json)
    phone, _ = plugged_phone(output, serial, wait)
    facts = phone.facts()
    journey = make_journey(name, remove_synced=remove_synced)
    done = facts.is_xiaomi and journey.finished(facts)
    if not done and (not_ready := obstacle(name, facts)):
        raise not_ready
    output.event(planned(journey, facts, load()))
    warning = account_warning(facts) if journey.leaves else None
    for caution in () if done else (*cautions(name, facts), *([warning] if warning else ())):
        output.say(T("! {warning}", warning=caution))
    return 0


def lines(event: PlanEvent) -> list[str]:
    """The plan for people: numbered steps, ◆ where they are asked first, ☞ where they act on the phone."""
    if not event.steps:
        return [str(T("The plan: nothing to do."))]
    said = [
        str(
            T(
                "The plan, about {seconds} s without your own time (◆ I stop and ask you, ☞ you act on the phone):",
                seconds=event.seconds,
            )
        )
    ]
    said += (
        f"  {number}. {marked(step)}{_lost(step)}"
        for number, step in enumerate((step for step in event.steps if not step.sometimes), 1)
    )
    if some := " · ".join(marked(step) for step in event.steps if step.sometimes):
        said.append(str(T("  On some phones also: {steps}", steps=some)))
    return said


def marked(step: PlanStep) -> str:
    """What is done in the step, ◆ before it where the owner is asked first, ☞ where they act on the phone."""
    marks = ("◆ " if step.gate else "") + ("☞ " if step.who == "owner" else "")
    return f"{marks}{step.text}"


def _lost(step: PlanStep) -> str:
    return f". {T('Lost')}: {' '.join(step.loses)}" if step.loses else ""
