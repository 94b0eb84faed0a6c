"""What the report says of the journeys that do not go through the phone's Settings: reflash, delete-account, support. Pure."""

from __future__ import annotations

from automator.events import CommandEvent, FlashPlanEvent, LetterEvent, PhoneEvent, TapEvent
from automator.report.record import Record
from automator.report.say import moment
from automator.text import T, Text
from automator.ways import fact

OTHERS = ("reflash", "delete-account", "support")


def lost(record: Record) -> Text:
    """What was done that loses something, in one sentence."""
    if record.journey == "reflash":
        sent = _sent(record)
        if not sent:
            return T("No command that writes or erases was sent.")
        done = sum(event.state == "done" for event in sent)
        return T("Commands that the bootloader confirmed: {done} of {count}.", done=done, count=sent[0].of)
    if record.journey == "delete-account":
        pressed = ", ".join(f"“{event.label}”" for event in _presses(record))
        if pressed:
            return T("The owner was told to press, on Xiaomi's page: {labels}.", labels=pressed)
        return T("The owner was not told to press anything that deletes.")
    return T("Nothing was lost, and nothing was sent.")


def verified(record: Record) -> list[Text]:
    """What was seen to be so, and how."""
    sent = _sent(record)
    last = [event for event in sent if event.state == "done"][-1:]
    said = [
        T(
            "The bootloader confirmed “{command}” at {time}, the last of its commands that it did.",
            command=event.text,
            time=moment(event.time),
        )
        for event in last
    ]
    plan = _plan(record)
    if plan is not None and plan.md5_checked:
        said.append(T("The ROM's MD5 ({md5}) is the one in its name.", md5=plan.md5))
    said += [
        T("The letter and its attachments were read back from the disk, and are whole.")
        for event in record.events
        if isinstance(event, LetterEvent)
    ]
    return said


def unverified(record: Record) -> list[Text]:
    """What nobody saw, or no program can see."""
    if record.journey == "reflash":
        plan = _plan(record)
        unchecked = plan is not None and not plan.md5_checked
        return [
            *([T("The ROM's MD5: its name holds none to compare with.")] if unchecked else []),
            T("Whether the phone's system starts, and whether a lock waits behind it."),
        ]
    if record.journey == "delete-account":
        return [
            T(
                "That the account is deleted: nobody but Xiaomi can check it. What the owner said stands under the questions."
            )
        ]
    return [T("Whether Xiaomi gets the letter, and what it answers.")]


def next_steps(record: Record) -> list[Text]:
    """What to do now, where the run ended well."""
    return {
        "flashed": [
            T("The first start can take a quarter of an hour. Look that the phone's system starts."),
            T("If it then asks for a Xiaomi Account, only that account's password helps."),
        ],
        "account_deleted": [fact(f"delete.{name}") for name in ("final", "weeks", "number")],
        "letter_written": [T("Read the letter, fill in what stands in brackets, and send it yourself.")],
    }.get(record.outcome.result if record.outcome else "", [])


def line(event: FlashPlanEvent | CommandEvent | LetterEvent) -> Text | None:
    """The event as a line of the timeline; None for a command that is only about to be sent."""
    if isinstance(event, FlashPlanEvent):
        return T(
            "The plan: {count} commands of {script}, from {rom}.",
            count=len(event.commands),
            script=event.script,
            rom=event.rom,
        )
    if isinstance(event, LetterEvent):
        return T("The letter was written, for {address}.", address=event.to or T("nobody"))
    if event.state == "begun":
        return None
    fields = {"command": event.text, "seconds": f"{event.seconds:.1f}"}
    return {
        "done": T("fastboot {command}: done in {seconds} s.", **fields),
        "failed": T("fastboot {command}: the bootloader refused it.", **fields),
        "timeout": T("fastboot {command}: no answer in {seconds} s; what it did is not known.", **fields),
        "lost": T("fastboot {command}: the connection broke; what it did is not known.", **fields),
    }[event.state]


def one_phone(record: Record) -> bool:
    """Whether the facts before and after are those of the same phone."""
    return len({event.serial for event in record.events if isinstance(event, PhoneEvent)}) < 2


def _sent(record: Record) -> list[CommandEvent]:
    """The commands, each as it ended; one that was cut off as it began."""
    ends: dict[int, CommandEvent] = {}
    for event in record.events:
        if isinstance(event, CommandEvent):
            ends[event.number] = event
    return list(ends.values())


def _plan(record: Record) -> FlashPlanEvent | None:
    return next((event for event in record.events if isinstance(event, FlashPlanEvent)), None)


def _presses(record: Record) -> list[TapEvent]:
    return [event for event in record.events if isinstance(event, TapEvent) and event.gate]
