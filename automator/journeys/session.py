"""One run from the first fact to the last: preflight, warnings, the loop, the proof. Says nothing itself."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep

from automator.atlas import Atlas, Words, load, of_phone
from automator.errors import ConsentDeclined
from automator.events import AskEvent, FactsEvent, PhoneEvent, WordsEvent, now
from automator.journal import Journal
from automator.journeys.ending import InterruptedInFlight
from automator.journeys.loop import Run
from automator.journeys.model import Journey, Outcome
from automator.journeys.ports import Owner, Phone
from automator.journeys.preflight import account_warning, cautions, obstacle
from automator.phone.facts import Facts
from automator.phone.words import DEADLINE, AppWords
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
    patience: float = PATIENCE,
    dry_run: bool = False,
) -> Outcome:
    """Walks the journey on the phone. Raises an AutomatorError when something stops it."""
    facts = phone.facts()
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
    if error := obstacle(journey.name, facts):
        raise error
    if facts.taps_allowed is False:
        phone.probe_input()
    for caution in cautions(journey.name, facts):
        owner.tell(caution)
    if not dry_run:
        _warn_of_account(journey, facts, owner, journal)
    atlas = load()
    words = words_of(phone, facts, atlas, owner, journal)
    run = Run(
        journey,
        phone,
        facts,
        atlas,
        words,
        owner,
        journal,
        SystemClock(),
        patience=patience,
        dry_run=dry_run,
    )
    try:
        outcome = run.go()
    except BaseException as error:
        for remains in run.remains():
            owner.tell(remains)
        if isinstance(error, KeyboardInterrupt) and run.tap_in_flight:
            raise InterruptedInFlight from error
        raise
    if not journey.leaves:
        journal.write(FactsEvent.of(run.facts, "after"))
    return outcome


def words_of(phone: Phone, facts: Facts, atlas: Atlas, owner: Owner, journal: Journal) -> Words:
    """The labels that this phone shows. Read while the server on the phone starts; says what could not be read."""
    answers: SimpleQueue[dict[str, AppWords]] = SimpleQueue()
    # A daemon: whatever ends the run need not wait for a reading that hangs on the cable.
    Thread(target=lambda: answers.put(phone.words(atlas.strings(), facts)), name="words", daemon=True).start()
    phone.prepare()
    try:
        read = answers.get(timeout=2 * DEADLINE)
    except Empty:
        read = {package: AppWords(None, "unread", "no answer") for package in atlas.strings()}
    for package, app in read.items():
        journal.write(
            WordsEvent(
                time=now(), package=package, origin=app.origin, found=len(app.texts or ()), why=app.why
            )
        )
    if unread := [package for package, app in read.items() if app.texts is None]:
        owner.tell(
            T(
                "I could not read from the phone what its menus say ({apps}). My short list serves instead: it knows "
                "English, Russian and Chinese. In another language I may stop at a page that I do not recognise.",
                apps=", ".join(unread),
            )
        )
    return of_phone(facts.locale, {package: app.texts for package, app in read.items()}, atlas.words)


def _warn_of_account(journey: Journey, facts: Facts, owner: Owner, journal: Journal) -> None:
    warning = account_warning(facts) if journey.leaves else None
    if warning is None:
        return
    wanted = owner.confirm(warning)
    journal.write(AskEvent(time=now(), text=str(warning), answer="yes" if wanted else "no"))
    if not wanted:
        raise ConsentDeclined(
            T("You did not want to go on."),
            T("The Xiaomi Account is still on the phone."),
            T("Nothing was tapped. Sign out first with “mi-automator unlink”, or run the command again."),
        )
