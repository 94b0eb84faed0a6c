"""One run from the first fact to the last: preflight, warnings, the loop, the proof. Says nothing itself."""

from __future__ import annotations

import contextlib
from time import monotonic, sleep

from automator.atlas import load
from automator.consent import LETTERS
from automator.errors import ConsentDeclined, InputRefused
from automator.events import AskEvent, FactsEvent, PhoneEvent, now
from automator.journal import Journal
from automator.journeys.ending import InterruptedInFlight
from automator.journeys.loop import Run, unknown_after
from automator.journeys.losses import Losses
from automator.journeys.model import Hands, Journey, Outcome
from automator.journeys.plan import plan
from automator.journeys.ports import Owner, Phone
from automator.journeys.preflight import account_warning, cautions, obstacle
from automator.journeys.vocabulary import words_of
from automator.phone.facts import Facts
from automator.text import T

PATIENCE = 300.0
"""Seconds that a run waits for the owner to act on the phone."""


class SystemClock:
    """Real time."""

    def now(self) -> float:
        return monotonic()

    def pause(self, seconds: float) -> None:
        sleep(seconds)


def conduct(
    journey: Journey,
    phone: Phone,
    owner: Owner,
    journal: Journal,
    *,
    over: str,
    practice: bool = False,
    hands: Hands = "injected",
    patience: float = PATIENCE,
    wait: float = 0.0,
    dry_run: bool = False,
    letters: int = LETTERS,
) -> Outcome:
    """Walks the journey on the phone. Raises an AutomatorError when something stops it.

    `hands`: who taps; where the phone refuses a computer's taps it is the owner in any case. `patience`: seconds that a
    run waits for the owner to act; `wait`: for a phone that went away. `letters`: of the serial, in the phrase.
    """
    clock = SystemClock()
    losses = Losses(phone, owner, clock, wait)
    facts = losses.knows(losses.steadily(phone.facts))
    journal.write(
        PhoneEvent(
            time=now(),
            serial=phone.serial,
            model=facts.model,
            rom=facts.rom,
            over=over,
            state="device",
            practice=practice,
        )
    )
    journal.write(FactsEvent.of(facts, "before"))
    if facts.is_xiaomi and journey.finished(facts):
        return Outcome("nothing_to_do", verified=True)
    if not_ready := obstacle(journey.name, facts):
        raise not_ready
    refused: InputRefused | None = None
    if hands == "injected" and facts.taps_allowed is False:
        try:
            losses.steadily(phone.probe_input)
        except InputRefused as error:
            refused, hands = error, "guided"
    for caution in cautions(journey.name, facts):
        owner.tell(caution)
    atlas = load()
    journal.write(plan(journey, facts, atlas))
    _warn_of_account(journey, facts, owner, journal, dry_run=dry_run)
    words = losses.steadily(lambda: words_of(phone, facts, atlas, owner, journal, meanwhile=phone.prepare))
    run = Run(
        journey,
        phone,
        losses,
        facts,
        atlas,
        words,
        owner,
        journal,
        clock,
        hands=hands,
        patience=patience,
        dry_run=dry_run,
        letters=letters,
    )
    try:
        if refused is not None:
            run.hand_over(refused)
        outcome = run.go()
    except BaseException as error:
        with contextlib.suppress(OSError):  # nobody may read what is told
            for remains in run.remains():
                owner.tell(remains)
        if run.tap_in_flight and isinstance(error, KeyboardInterrupt):
            raise InterruptedInFlight from error
        if run.tap_in_flight and isinstance(error, OSError):  # nobody reads, or the disk is full
            raise unknown_after(None) from error
        raise
    if not journey.leaves and not dry_run:
        journal.write(FactsEvent.of(run.facts, "after"))
    return outcome


def _warn_of_account(
    journey: Journey, facts: Facts, owner: Owner, journal: Journal, *, dry_run: bool
) -> None:
    warning = account_warning(facts) if journey.leaves else None
    if warning is None:
        return
    if dry_run:
        owner.tell(warning)
        return
    wanted = owner.confirm(warning, T("Go on with the reset?"))
    journal.write(AskEvent(time=now(), text=str(warning), answer="yes" if wanted else "no"))
    if not wanted:
        raise ConsentDeclined(
            T("You did not want to go on."),
            T("The Xiaomi Account is still on the phone."),
            T("Nothing was tapped. Sign out first with “mi-automator unlink”, or run the command again."),
        )
