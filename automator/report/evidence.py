"""What a run's events prove, and what they do not. Pure: the report and the hand-over sheet both say what stands here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from automator.events import (
    AskEvent,
    ConsentEvent,
    Event,
    FactsEvent,
    HandsEvent,
    PhoneEvent,
    ScreenEvent,
    TapEvent,
)
from automator.report.record import Record

ACCOUNT = "com.xiaomi"
FIND_DEVICE_GATE, LAST_GATE = "reset.find_device_off", "reset.wipe"
AFTER_FIND_DEVICE = ("reset.warning_1", "reset.warning_2")
"""What a reset shows once the account's password was accepted."""
AT_WORK = "reset.busy"
"""What it shows once its last tap was made."""


@dataclass(frozen=True)
class GatedTap:
    """A tap behind a gate: `made` by the computer, `told` to the owner, `lost` when nobody knows whether it was made."""

    tap: TapEvent
    how: Literal["made", "told", "lost"]


@dataclass(frozen=True)
class AccountSeen:
    """What the phone's list of accounts said, the last time that it was read."""

    state: Literal["gone", "there", "unknown"]
    time: str = ""


@dataclass(frozen=True)
class Begun:
    """How a reset was seen to begin."""

    how: Literal["made", "told"]
    tapped: str
    left: str
    on_word: bool
    """Whether it is the owner's word that the phone restarts."""


def gated_taps(events: Sequence[Event]) -> list[GatedTap]:
    """The taps behind gates that were made, or may have been, in order."""
    found = []
    for number, event in enumerate(events):
        if isinstance(event, TapEvent) and event.gate and not event.sent:
            how = _what_became(event, events[number + 1 :])
            if how is not None:
                found.append(GatedTap(event, how))
    return found


def _what_became(tap: TapEvent, later: Sequence[Event]) -> Literal["made", "told", "lost"] | None:
    if tap.hands == "guided":
        return "told"
    for event in later:
        if isinstance(event, TapEvent):
            return "made" if event.sent and event.gate == tap.gate else "lost"
        if tap.gate == LAST_GATE and isinstance(event, ScreenEvent) and event.screen == AT_WORK:
            return "made"  # its answer was lost, but not what it did
        # Void: it was too late for it; other hands: the phone refused it.
        if (isinstance(event, ConsentEvent) and event.answer == "void") or isinstance(event, HandsEvent):
            return None
    return "lost"


def account_seen(record: Record) -> AccountSeen:
    """Whether a Xiaomi account is on the run's phone. Nothing counts but its own list of accounts, if adb could read it."""
    return _seen_on(record, record.phone)


def accounts_seen(record: Record) -> list[tuple[PhoneEvent, AccountSeen]]:
    """The same of every phone that the run met, in the order in which it met them."""
    phones = {event.serial: event for event in record.events if isinstance(event, PhoneEvent)}
    return [(phone, _seen_on(record, phone)) for phone in phones.values()]


def one_phone(record: Record) -> bool:
    """Whether the run met no more than one."""
    return len({event.serial for event in record.events if isinstance(event, PhoneEvent)}) < 2


def _seen_on(record: Record, phone: PhoneEvent | None) -> AccountSeen:
    only = one_phone(record)
    for event in reversed(record.events):
        if not isinstance(event, FactsEvent):
            continue
        serial = event.facts.get("serial")
        # Facts without a serial are of the only phone, or of nobody knows which.
        its_own = only if phone is None or serial is None else serial == phone.serial
        accounts = accounts_in(event.facts) if its_own else None
        if accounts is not None:
            return AccountSeen("there" if ACCOUNT in accounts else "gone", event.time)
    return AccountSeen("unknown")


def accounts_in(facts: dict[str, Any]) -> dict[str, str] | None:
    """The masked names of a phone's accounts by their type; None when the phone did not tell."""
    listed = facts.get("accounts")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return None
    names: dict[str, list[str]] = {}
    for one in listed:
        names.setdefault(str(one.get("type")), []).append(str(one.get("name")))
    return {kind: ", ".join(several) for kind, several in names.items()}


def reset_begun(record: Record) -> Begun | None:
    """That the reset was seen to begin; None when it was not."""
    outcome = record.outcome
    if outcome is None or outcome.result != "reset_started" or not outcome.verified:
        return None
    last = [one for one in gated_taps(record.events) if one.tap.gate == LAST_GATE]
    if not last or last[-1].how == "lost":
        return None
    after = record.events[record.events.index(last[-1].tap) :]
    on_word = any(isinstance(event, AskEvent) and event.answer == "yes" for event in after)
    return Begun("made" if last[-1].how == "made" else "told", last[-1].tap.time, outcome.time, on_word)


def find_device_off(record: Record) -> str | None:
    """When the phone went on after the owner agreed to switch Find Device off and typed the password; None if it did not."""
    agreed = False
    for event in record.events:
        if isinstance(event, ConsentEvent) and event.gate == FIND_DEVICE_GATE:
            agreed = event.answer == "given"
        if agreed and isinstance(event, ScreenEvent) and event.screen in AFTER_FIND_DEVICE:
            return event.time
    return None


def may_be_off(record: Record) -> bool:
    """Whether the owner agreed to switch Find Device off, and the phone was not seen to be erased after that."""
    answers = [e.answer for e in record.events if isinstance(e, ConsentEvent) and e.gate == FIND_DEVICE_GATE]
    return "given" in answers and reset_begun(record) is None
