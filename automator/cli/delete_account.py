"""`delete-account` and its rehearsal: from the command line's words to a run, and the browser that shows the page."""

from __future__ import annotations

import contextlib
import os
import sys
import webbrowser
from collections.abc import Iterator

import typer
from adbutils import AdbClient

from automator.cli.journey import Options, ended
from automator.cli.live import voice
from automator.cli.owner import RehearsalOwner, TerminalOwner, show_deed
from automator.cli.pick import plugged_phone, seconds_to_wait
from automator.journal import Journal
from automator.journeys import Deed, Outcome
from automator.journeys.delete_account import JOURNEY
from automator.journeys.deleting import delete_account as conduct
from automator.journeys.page import ComputerPage, PhonePage
from automator.journeys.session import SystemClock
from automator.phone import Phone, wait_for_phone
from automator.text import T, current_language


class PageOwner(TerminalOwner):
    """The owner, who works on the page and says here when it is done."""

    def act(self, deed: Deed) -> None:
        """Tells what to do on the page."""
        show_deed(self._output, deed)


def delete_account(options: Options, *, on: str) -> int:
    """Walks the owner through the page, `on` the computer or the phone; the exit code. Raises BadParameter."""
    if on == "computer" and (options.serial is not None or options.wait is not None):
        raise typer.BadParameter(
            str(
                T(
                    "only together with “--on phone”: on the computer no phone shows the page, and every phone that adb lists "
                    "is checked"
                )
            ),
            param_hint="--serial" if options.serial is not None else "--wait",
        )
    output = voice(json=options.json, verbose=options.verbose, plain=options.plain)
    owner, clock = PageOwner(output), SystemClock()

    def run(journal: Journal) -> Outcome:
        if on == "computer":
            page = ComputerPage(current_language(), browse, owner)
            return conduct(
                page, AdbClient(), owner, journal, clock, patience=options.patience, dry_run=options.dry_run
            )
        wait = seconds_to_wait(options.wait)
        phone, _ = plugged_phone(output, options.serial, wait)
        try:
            return conduct(
                PhonePage(phone, owner, journal, clock, wait),
                AdbClient(),
                owner,
                journal,
                clock,
                patience=options.patience,
                dry_run=options.dry_run,
            )
        finally:
            phone.close()

    return ended(JOURNEY, output, run)


def rehearsed(options: Options, rom: str, language: str) -> int:
    """Goes through a practice page on a practice phone whose owner's finger does it all; the exit code."""
    from automator.practice.lab import Lab
    from automator.practice.phone import Latency, State
    from automator.practice.phone import Phone as PracticePhone

    output = voice(json=options.json, verbose=options.verbose, plain=options.plain)

    def run(journal: Journal) -> Outcome:
        signed_out = State(language=language, account=None, find_device=False)
        practice = PracticePhone(rom, language, state=signed_out, latency=Latency(second=0.1))
        owner, clock = RehearsalOwner(output, practice), SystemClock()
        output.say(T("This is a rehearsal on a practice phone ({rom}); no real phone is touched.", rom=rom))
        output.say(
            T(
                "Its page is a practice page: no real account is deleted, and Xiaomi's own page looks different."
            )
        )
        output.say(T("It is signed out already; while it was on an account, I would refuse."))
        with Lab() as lab:
            wire = lab.add(practice)
            listed = wait_for_phone(lab.client, wire.serial, 0, output.say, lambda _: None)
            phone = Phone(lab.client, listed)
            try:
                return conduct(
                    PhonePage(phone, owner, journal, clock, 0.0),
                    lab.client,
                    owner,
                    journal,
                    clock,
                    patience=options.patience,
                    practice=True,
                    dry_run=options.dry_run,
                )
            finally:
                phone.close()

    return ended(JOURNEY, output, run)


def browse(url: str) -> bool:
    """Opens the page in the owner's browser, `$BROWSER` first; whether there was one that opens it."""
    window = any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and not window:
        return False  # a browser of letters alone would take the terminal, and show no such page
    with _printing_aside(), contextlib.suppress(webbrowser.Error, OSError):
        return webbrowser.open(url)
    return False


@contextlib.contextmanager
def _printing_aside() -> Iterator[None]:
    """What a browser prints goes to standard error: machines read standard output."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
