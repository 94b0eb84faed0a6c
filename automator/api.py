"""The commands as functions, for Python programs. Prints nothing; raises AutomatorError; each run leaves its report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adbutils import AdbClient

from automator.events import Event
from automator.journal import Journal
from automator.journeys import PATIENCE, Hands, Journey, Outcome, Owner, conduct, to_the_end
from automator.journeys import reset as reset_journey
from automator.journeys import unlink as unlink_journey
from automator.phone import Facts, Listed, Phone, listing, wait_for_phone
from automator.report import written


def devices(client: AdbClient | None = None) -> list[Listed]:
    """What adb lists. Raises PhoneLost when the adb server can't be reached."""
    return listing(client or AdbClient())


def status(serial: str, *, client: AdbClient | None = None) -> Facts:
    """The facts of one phone. Raises PreflightError when it is not ready, PhoneLost when it goes away."""
    return _phone(serial, client)[0].facts()


def unlink(
    serial: str,
    owner: Owner,
    *,
    remove_synced: bool = False,
    hands: Hands = "injected",
    patience: float = PATIENCE,
    wait: float = 0.0,
    dry_run: bool = False,
    listen: Callable[[Event], None] = lambda _: None,
    client: AdbClient | None = None,
) -> Outcome:
    """Signs the Xiaomi Account out of the phone; `owner` is asked at every gate. Raises an AutomatorError."""
    journey = unlink_journey(remove_synced=remove_synced)
    return _run(
        journey, serial, owner, listen, client, hands=hands, patience=patience, wait=wait, dry_run=dry_run
    )


def reset(
    serial: str,
    owner: Owner,
    *,
    hands: Hands = "injected",
    patience: float = PATIENCE,
    wait: float = 0.0,
    dry_run: bool = False,
    listen: Callable[[Event], None] = lambda _: None,
    client: AdbClient | None = None,
) -> Outcome:
    """Starts the phone's factory reset; `owner` is asked at every gate. Raises an AutomatorError."""
    return _run(
        reset_journey(),
        serial,
        owner,
        listen,
        client,
        hands=hands,
        patience=patience,
        wait=wait,
        dry_run=dry_run,
    )


def _run(
    journey: Journey,
    serial: str,
    owner: Owner,
    listen: Callable[[Event], None],
    client: AdbClient | None,
    **options: Any,
) -> Outcome:
    def run(journal: Journal) -> Outcome:
        phone, listed = _phone(serial, client)
        try:
            return conduct(journey, phone, owner, journal, over=listed.over, **options)
        finally:
            phone.close()

    ending = to_the_end(journey.name, listen, run)
    if ending.event.journal:
        with contextlib.suppress(Exception):  # the run is over, and its outcome stands
            written(Path(ending.event.journal).parent, "report")
    if ending.outcome is None:
        assert ending.cause is not None
        raise ending.cause
    return ending.outcome


def _phone(serial: str, client: AdbClient | None) -> tuple[Phone, Listed]:
    client = client or AdbClient()
    listed = wait_for_phone(client, serial, 0, lambda _: None, lambda _: None)
    return Phone(client, listed), listed
