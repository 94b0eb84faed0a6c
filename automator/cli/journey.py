"""`unlink`, `reset` and `rehearse`: from the command line's words to a run, and from its end to an exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automator.cli.keys import unheard
from automator.cli.live import voice
from automator.cli.output import Output
from automator.cli.owner import RehearsalOwner, TerminalOwner
from automator.cli.pick import plugged_phone, seconds_to_wait
from automator.errors import OutcomeUnknown, PreflightError, ScreenUnknown
from automator.events import Event, PhoneEvent
from automator.journal import Journal
from automator.journeys import (
    PATIENCE,
    Ending,
    Hands,
    InterruptedInFlight,
    Journey,
    Outcome,
    conduct,
    reset,
    to_the_end,
    unlink,
)
from automator.journeys.ending import InterruptedOnPage, InterruptedWriting
from automator.phone import Phone, wait_for_phone
from automator.text import T, Text


@dataclass(frozen=True)
class Options:
    """What the owner said on the command line."""

    serial: str | None = None
    wait: float | None = None
    dry_run: bool = False
    json: bool = False
    verbose: bool = False
    patience: float = PATIENCE
    hands: Hands = "injected"
    show: bool = False
    plain: bool = False


def make_journey(name: str, *, remove_synced: bool = False) -> Journey:
    """The journey of this name."""
    return unlink(remove_synced=remove_synced) if name == "unlink" else reset()


def real(journey: Journey, options: Options) -> int:
    """Runs the journey on the plugged-in phone; the exit code."""
    output = voice(json=options.json, verbose=options.verbose, plain=options.plain)
    owner = TerminalOwner(output, show_pictures=options.show)
    wait = seconds_to_wait(options.wait)

    def run(journal: Journal) -> Outcome:
        phone, listed = plugged_phone(output, options.serial, wait)
        try:
            return conduct(
                journey,
                phone,
                owner,
                journal,
                over=listed.over,
                hands=options.hands,
                patience=options.patience,
                wait=wait,
                dry_run=options.dry_run,
            )
        finally:
            phone.close()

    return ended(journey.name, output, run)


def rehearsed(journey: Journey, options: Options, rom: str, language: str) -> int:
    """Runs the journey on a practice phone that answers for the owner; the exit code."""
    from automator.practice.lab import Lab
    from automator.practice.phone import Latency
    from automator.practice.phone import Phone as PracticePhone

    output = voice(json=options.json, verbose=options.verbose, plain=options.plain)

    def run(journal: Journal) -> Outcome:
        practice = PracticePhone(rom, language, latency=Latency(second=0.1))
        output.say(T("This is a rehearsal on a practice phone ({rom}); no real phone is touched.", rom=rom))
        output.say(T("Its count-downs run ten times as fast as a phone's."))
        with Lab() as lab:
            wire = lab.add(practice)
            listed = wait_for_phone(lab.client, wire.serial, 0, output.say, lambda _: None)
            phone = Phone(lab.client, listed)
            try:
                return conduct(
                    journey,
                    phone,
                    RehearsalOwner(output, practice),
                    journal,
                    over="network",
                    practice=True,
                    hands=options.hands,
                    dry_run=options.dry_run,
                )
            finally:
                phone.close()

    return ended(journey.name, output, run)


def ended(journey: str, output: Output, run: Callable[[Journal], Outcome]) -> int:
    """Runs, says how it ended, and returns the exit code."""
    met: list[Event] = []

    def listen(event: Event) -> None:
        if isinstance(event, PhoneEvent):
            met.append(event)
        output.event(event)

    with unheard():
        try:
            ending = to_the_end(journey, listen, run)
        finally:
            output.hold()
    # Though nobody may read what is said, how it ended stands.
    with contextlib.suppress(OSError):
        _say_how(output, ending, met_phone=bool(met))
    with contextlib.suppress(OSError):
        _write_report(output, ending.event.journal)
    return ending.event.exit_code


def _say_how(output: Output, ending: Ending, *, met_phone: bool) -> None:
    if ending.error is not None:
        output.complain(ending.error)
        if met_phone and ending.error.exit_code in HELPLESS:
            output.say(OTHER_WAYS[ending.event.journey])
    elif ending.cause is not None:
        output.say("")
        output.say(interrupted(ending.cause))
    if ending.outcome is not None:
        for line in last_words(ending.outcome):
            output.say(line)
    if ending.event.journal:
        output.path(T("Journal: {path}", path=ending.event.journal))


HELPLESS = (PreflightError.exit_code, ScreenUnknown.exit_code, OutcomeUnknown.exit_code)
"""Ends after which running the command again may not help."""
OTHER_WAYS = {
    "unlink": T(
        "  If it keeps failing: “mi-automator reset” erases the phone and, with the password, switches Find Device off; without "
        "the password, “mi-automator support”."
    ),
    "reset": T(
        "  If it keeps failing: with an unlocked bootloader “mi-automator reflash ROM.tgz”, else a service centre, or "
        "“mi-automator support”."
    ),
    "delete-account": T("  If it keeps failing, ask Xiaomi: “mi-automator support”."),
    "reflash": T("  If it keeps failing: go to a service centre, or ask Xiaomi: “mi-automator support”."),
    "support": T("  If it keeps failing: go to a service centre of Xiaomi's."),
}
"""By journey: where to turn when it does not do."""


def _write_report(output: Output, journal: str) -> None:
    """The page of a run that has just ended. Whatever goes wrong here changes nothing about how the run ended."""
    if not journal:
        return
    folder = Path(journal).parent
    try:
        from automator.report import written  # here, so that no run waits for it before it begins

        page = written(folder, "report")
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the run is over, and its outcome stands
        said = T(
            "! The report could not be written ({kind}). Try “mi-automator report {run}”.",
            kind=type(error).__name__,
            run=folder.name,
        )
        output.say(said)
    else:
        output.path(T("Report: {path}", path=page.path))


def interrupted(cause: BaseException) -> Text:
    """What is said at the end of a run that Ctrl-C stopped."""
    if isinstance(cause, InterruptedOnPage):
        return T(
            "Stopped, after I told you to press what deletes. Look at Xiaomi's page to see what came of it."
        )
    if isinstance(cause, InterruptedWriting):
        return T(
            "Stopped between two commands: the phone's system is half written. Leave the phone in fastboot."
        )
    if isinstance(cause, InterruptedInFlight):
        return T("Stopped, after a tap that can't be undone was sent. Look at the phone to see what it did.")
    return T("Stopped. The phone is left where it is; run the command again to go on.")


def last_words(outcome: Outcome) -> list[Text]:
    """What is said at the end of a run that nothing stopped."""
    return {
        "signed_out": [
            T("✓ Signed out. Checked: the phone lists no Xiaomi Account any more."),
            T("  It acts at once; some of Xiaomi's services may show the old state for some days."),
            T(
                "  Next: to hand the phone on, remove any Google account in Settings, then erase the phone with “mi-automator reset”. "
                "Keep the Xiaomi Account: it may hold other devices."
            ),
        ],
        "nothing_to_do": [
            T("✓ Nothing to do. Checked: the phone lists no Xiaomi Account."),
            T(
                "  Next: to hand the phone on, remove any Google account in Settings, then erase the phone with “mi-automator reset”."
            ),
        ],
        "reset_started": [
            T("✓ The reset has begun: the phone left, and restarts, as you say.")
            if outcome.on_word
            else T("✓ The reset has begun: the last OK was tapped and the phone left."),
            T(
                "  Whether it ends well is yours to see: in 3 to 10 minutes the phone shows its welcome screen."
            ),
            T("  If it then asks for a Xiaomi Account, only that account's password helps."),
        ],
        "account_deleted": [
            T("✓ The account is deleted, as you say. Nobody but Xiaomi can check it."),
            *outcome.words,
        ],
        "letter_written": [
            T("✓ The letter is written; I read it back from the disk, and it is whole. Nothing was sent."),
            T("  Next: open it, fill in what stands in brackets, read it once more, and send it yourself."),
        ],
        "flashed": [
            *outcome.words,
            T("  Whether its system starts is yours to see; the first start can take a quarter of an hour."),
            T(
                "  The account lock is as it was: if the phone asks for a Xiaomi Account, only that account's password helps."
            ),
        ],
        "dry_run": [T("✓ Dry run: this is where I would ask you. Nothing dangerous was tapped.")],
    }.get(outcome.result, [])
