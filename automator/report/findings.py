"""What the report says of a run: how it ended, what was verified and what not, whose hands, what to do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

from automator.errors import CTRL_C
from automator.events import AskEvent, ConsentEvent, FactsEvent, GateEvent, HandsEvent, TapEvent
from automator.report import others
from automator.report.evidence import (
    ACCOUNT,
    account_seen,
    accounts_in,
    find_device_off,
    gated_taps,
    may_be_off,
    one_phone,
    reset_begun,
)
from automator.report.record import Record
from automator.report.say import called, moment
from automator.report.story import answer_to, hands_changed, repeats
from automator.text import T, Text

Tone = Literal["good", "plain", "bad"]


@dataclass(frozen=True)
class Headline:
    """The outcome in one sentence, and what to add to it."""

    tone: Tone
    text: Text
    more: Text | None = None


@dataclass(frozen=True)
class Row:
    """A fact before and after; None for one that was not read."""

    name: Text
    before: Text | str
    after: Text | str | None
    changed: bool


@dataclass(frozen=True)
class Question:
    """A question, what it was about, and what was answered."""

    time: str
    text: str
    more: tuple[str, ...]
    answer: Text


def headline(record: Record) -> Headline:
    """How the run ended."""
    outcome = record.outcome
    if outcome is None:
        return Headline(
            "bad", T("The run was cut off: its record ends before its outcome."), where_cut(record)
        )
    error = record.error
    why = Text("{what} {why}", {"what": error.what, "why": error.why}) if error else None
    if outcome.result == "signed_out":
        if account_seen(record).state == "gone":
            return Headline("good", T("The Xiaomi Account was signed out: the phone lists none any more."))
        return Headline("bad", T("The run ended as signed out, but its record does not prove it."))
    if outcome.result == "reset_started":
        begun = reset_begun(record)
        if begun is None:
            return Headline("bad", T("The run ended as a reset begun, but its record does not prove it."))
        if begun.on_word:
            return Headline(
                "good",
                T("The reset has begun: the owner says that the last OK was tapped and the phone restarts."),
            )
        return Headline("good", T("The reset has begun: the last OK was tapped and the phone left."))
    return {
        "nothing_to_do": Headline("good", T("Nothing was to be done: the phone lists no Xiaomi Account.")),
        "account_deleted": Headline(
            "plain", T("The account was deleted, as its owner says; no program saw it.")
        ),
        "flashed": Headline("good", T("The ROM was flashed: the phone's bootloader accepted every command.")),
        "letter_written": Headline("good", T("The letter is written. Nothing was sent.")),
        "dry_run": Headline("plain", T("A dry run: it went as far as the first question and stopped there.")),
        "declined": Headline("plain", T("The owner said no, and the run stopped."), why),
        "stopped": Headline(
            "bad",
            T("The run was stopped before its end."),
            why or (T("Ctrl-C was pressed.") if outcome.exit_code == CTRL_C else None),
        ),
        "unknown": Headline("bad", _unseen(record), why),
    }[outcome.result]


def _unseen(record: Record) -> Text:
    if record.journey in others.OTHERS:
        return others.unseen(record)
    if [one.how for one in gated_taps(record.events)][-1:] == ["told"]:
        return T("The owner was asked for a tap that can't be undone, and its effect was not seen.")
    return T("A tap that can't be undone was made or begun, and its effect was not seen.")


def where_cut(record: Record) -> Text:
    """Where the record of a run that was cut off ends."""
    if not record.events:
        return T("Nothing was written down before it ended.")
    last, screen = record.events[-1], record.last_screen
    when = moment(last.time)
    if isinstance(last, GateEvent):
        return T("At {time}, while the owner was asked: {text}", time=when, text=last.title)
    if isinstance(last, ConsentEvent):
        return T("At {time}, just after the owner's answer to a question.", time=when)
    if isinstance(last, AskEvent) and record.journey in others.OTHERS:
        return T("At {time}, after this was said or asked: {text}", time=when, text=last.text)
    if isinstance(last, TapEvent) and record.journey in others.OTHERS:
        return T("At {time}, as the owner was told to press “{label}”.", time=when, label=last.label)
    if isinstance(last, TapEvent):
        return T("At {time}, at the tap on “{label}”.", time=when, label=last.label)
    if screen is None and record.journey in others.OTHERS:
        return T("At {time}.", time=when)
    if screen is None:
        return T("At {time}, before the first look at the phone's screen.", time=when)
    return T(
        "At {time}; the phone showed: {screen}.",
        time=when,
        screen=called(screen.screen) or T("another screen"),
    )


def verified(record: Record) -> list[Text]:
    """What was seen to be so, and how."""
    said = others.verified(record)
    if record.journey == "delete-account":
        return said or [T("Nothing.")]
    seen = account_seen(record)
    if seen.state == "gone":
        said.append(
            T(
                "No Xiaomi Account is on the phone: its own list of accounts, read over adb at {time}, has none.",
                time=moment(seen.time),
            )
        )
    if seen.state == "there":
        said.append(
            T(
                "A Xiaomi Account was on the phone: its own list of accounts, read over adb at {time}, has one.",
                time=moment(seen.time),
            )
        )
    if off := find_device_off(record):
        said.append(
            T(
                "Find Device: the owner agreed to switch it off and was asked for the password; at {time} the phone had gone on.",
                time=moment(off),
            )
        )
    for one in gated_taps(record.events):
        if one.how == "made":
            said.append(
                T(
                    "The computer tapped “{label}” at {time}, once, after the owner had typed the phrase.",
                    label=one.tap.label,
                    time=moment(one.tap.time),
                )
            )
    begun = reset_begun(record)
    if begun and not begun.on_word:
        said.append(
            T("After the last tap the phone left adb, at {time} at the latest.", time=moment(begun.left))
        )
    return said or [T("Nothing.")]


def unverified(record: Record) -> list[Text]:
    """What nobody saw, or no program can see."""
    if record.journey in others.OTHERS:
        return others.unverified(record)
    said: list[Text] = []
    if account_seen(record).state == "unknown":
        said.append(T("Whether a Xiaomi Account is on the phone: its list of accounts was not read."))
    for one in gated_taps(record.events):
        if one.how == "told":
            said.append(
                T(
                    "That the owner's finger tapped “{label}” at {time}: the owner was told to, and only what the phone showed afterwards was seen.",
                    label=one.tap.label,
                    time=moment(one.tap.time),
                )
            )
        if one.how == "lost":
            said.append(
                T(
                    "Whether the tap on “{label}” at {time} arrived.",
                    label=one.tap.label,
                    time=moment(one.tap.time),
                )
            )
    begun = reset_begun(record)
    if begun:
        if begun.on_word:
            said.append(T("That the phone restarts: this is the owner's word."))
        said.append(T("Whether the erasing ends well: the phone that could tell is gone."))
        said.append(T("Whether a lock of Google or of Find Device waits behind the reset."))
    if find_device_off(record) is None:
        said.append(T("Whether Find Device is on or off: adb can't tell."))
    if record.outcome and record.outcome.result == "signed_out":
        said.append(T("What Xiaomi's servers show: some services may show the old state for some days."))
    if record.unread:
        said.append(
            T("{count} lines of the journal, which this version does not understand.", count=record.unread)
        )
    return said


MAY_BE_OFF = T("The owner agreed to switch Find Device off, and may have done so.")
SWITCH_ON_AGAIN = T(
    "If the phone is not erased, switch Find Device on again: Settings → Xiaomi Account → Xiaomi Cloud → Find device."
)


def dangerous(record: Record) -> Text:
    """Which taps that lose something were made or asked for, in a sentence or two."""
    if record.journey in others.OTHERS:
        return others.lost(record)
    taps = gated_taps(record.events)
    made = ", ".join(f"“{one.tap.label}”" for one in taps if one.how != "told")
    told = ", ".join(f"“{one.tap.label}”" for one in taps if one.how == "told")
    begun = T("Taps that lose something, made or begun: {labels}.", labels=made)
    asked = T("Taps that lose something, asked for from the owner: {labels}.", labels=told)
    if made and told:
        said = Text("{begun} {asked}", {"begun": begun, "asked": asked})
    else:
        said = begun if made else asked if told else T("No tap that loses anything was made.")
    return Text("{said} {off}", {"said": said, "off": MAY_BE_OFF}) if may_be_off(record) else said


def next_steps(record: Record) -> list[Text]:
    """What to do now."""
    return [*_next_steps(record), *([SWITCH_ON_AGAIN] if may_be_off(record) else [])]


def _next_steps(record: Record) -> list[Text]:
    outcome = record.outcome
    if record.journey in others.OTHERS and (steps := others.next_steps(record)):
        return steps
    again = T("Run the same command again: it goes on from whatever the phone shows.")
    look = T("Look at the phone before you do anything else.")
    if outcome is None:
        return [look, again]
    if outcome.result == "reset_started":
        return [
            T("In 3 to 10 minutes the phone shows its welcome screen. Look that it does."),
            T("If it then asks for a Xiaomi Account, only that account's password helps."),
            T("A sheet for the buyer: “mi-automator report --handover”."),
        ]
    if outcome.result in ("signed_out", "nothing_to_do"):
        return [
            T(
                "To hand the phone on, remove its Google account in Settings, then erase it with “mi-automator reset”."
            ),
            T("Keep the Xiaomi Account itself: it may hold other devices."),
        ]
    if outcome.result == "dry_run":
        return [T("To go the whole way, run the command without --dry-run.")]
    if record.error:
        return [Text("{fix}", {"fix": record.error.fix})]
    return [look, again] if outcome.result == "unknown" else [again]


def hands(record: Record) -> list[Text]:
    """Whose hands tapped, and why that changed."""
    taps = [event for event in record.events if isinstance(event, TapEvent)]
    computer = sum(tap.sent for tap in taps)
    owner = sum(tap.hands == "guided" for tap in taps)
    if not computer and not owner:
        said = [T("Nobody tapped.")]
    else:
        said = [
            T(
                "Taps by the computer: {computer}. Taps that the owner was asked to make: {owner}.",
                computer=computer,
                owner=owner,
            )
        ]
    return said + [hands_changed(event) for event in record.events if isinstance(event, HandsEvent)]


def questions(record: Record) -> list[Question]:
    """Every question to the owner, and everything to do on the phone that is no tap."""
    asked: list[Question] = []
    for number, event in enumerate(record.events):
        before = record.events[number - 1] if number else None
        if isinstance(event, AskEvent) and not repeats(event, before):
            asked.append(Question(event.time, event.text, (), _answer(event, record.journey)))
        if isinstance(event, GateEvent):
            until_the_next = takewhile(lambda e: not isinstance(e, GateEvent), record.events[number + 1 :])
            answers = [e for e in until_the_next if isinstance(e, ConsentEvent)]
            said = answer_to(answers[-1]) if answers else _unanswered(record)
            asked.append(Question(event.time, event.title, (*event.loses, event.next), said))
    return asked


def _answer(event: AskEvent, journey: str) -> Text:
    done = (
        T("(done on Xiaomi's page; no answer was asked for)")
        if journey == "delete-account"
        else T("(done on the phone; no answer was asked for)")
    )
    known = {None: done, "yes": T("yes"), "no": T("no")}
    return known.get(event.answer) or Text("{answer}", {"answer": event.answer})


def _unanswered(record: Record) -> Text:
    dry = record.outcome is not None and record.outcome.result == "dry_run"
    return T("(shown only: a dry run)") if dry else T("(no answer: the run ended here)")


def fact_rows(record: Record) -> list[Row]:
    """What adb told before and after, side by side."""
    before, after = record.facts("before"), record.facts("after")
    if before is None or not one_phone(record):
        return []
    return [_row(name, key, before, after) for name, key in _FACTS]


def _row(name: Text, key: str, before: FactsEvent | None, after: FactsEvent | None) -> Row:
    old = _value(before.facts, key) if before else "?"
    new = _value(after.facts, key) if after else None
    return Row(name, old, new, new is not None and str(new) != str(old))


def _value(facts: dict[str, Any], key: str) -> Text | str:
    if key in ("com.xiaomi", "com.google"):
        accounts = accounts_in(facts)
        return "?" if accounts is None else accounts.get(key) or T("none")
    value = facts.get(key)
    if key == "locked":
        value = None if value is None else not value
    if value is None or value == "":
        return "?"
    if isinstance(value, bool):
        return T("yes") if value else T("no")
    return f"{value} %" if key == "battery" else str(value)


_FACTS = [
    (T("system"), "rom"),
    (T("build"), "build"),
    (T("Android"), "android"),
    (T("language"), "locale"),
    (T("Xiaomi Account"), ACCOUNT),
    (T("Google account"), "com.google"),
    (T("internet"), "network"),
    (T("screen unlocked"), "locked"),
    (T("taps from the computer"), "taps_allowed"),
    (T("battery"), "battery"),
    (T("SIM"), "sim"),
    (T("bootloader"), "bootloader"),
]
