"""What the report says of the journeys that do not go through the phone's Settings: reflash, delete-account, support. Pure."""

from __future__ import annotations

from automator.events import CommandEvent, FlashPlanEvent, LetterEvent, PhoneEvent, TapEvent
from automator.report.evidence import AccountSeen, accounts_seen
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
        pressed = ", ".join(str(T("“{label}”", label=event.label)) for event in _presses(record))
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
    if record.journey == "delete-account":
        said += [_account(phone, seen) for phone, seen in accounts_seen(record) if seen.state != "unknown"]
    return said


def _account(phone: PhoneEvent, seen: AccountSeen) -> Text:
    fields = {"phone": _named(phone), "time": moment(seen.time)}
    if seen.state == "there":
        return T(
            "A Xiaomi Account was on {phone}: its own list of accounts, read over adb at {time}, has one.",
            **fields,
        )
    return T(
        "No Xiaomi Account was on {phone}: its own list of accounts, read over adb at {time}, has none.",
        **fields,
    )


def _named(phone: PhoneEvent) -> str:
    return f"{phone.model} ({phone.serial})" if phone.model else phone.serial


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
            *(
                T(
                    "Whether a Xiaomi Account is on {phone}: its list of accounts was not read.",
                    phone=_named(phone),
                )
                for phone, seen in accounts_seen(record)
                if seen.state == "unknown"
            ),
            T(
                "That the account is deleted: nobody but Xiaomi can check it. What the owner said stands under the questions."
            ),
        ]
    return [T("Whether Xiaomi gets the letter, and what it answers.")]


def unseen(record: Record) -> Text:
    """How a run ended that does not know what came of what it asked for, or sent."""
    if record.journey == "delete-account":
        return T(
            "The owner was told to press what deletes on Xiaomi's page, and what came of it is not known."
        )
    return T("A command that writes to the phone was sent, and what came of it is not known.")


def next_steps(record: Record) -> list[Text]:
    """What to do now, where the run ended well, or ended without saying so itself; nothing for any other end."""
    return _unended(record) if record.outcome is None or _broken_off(record) else _done(record)


def _broken_off(record: Record) -> bool:
    """Whether Ctrl-C or a cut ended it: every other end that is not a good one has an error, with its remedy."""
    ended = record.outcome.result if record.outcome else "stopped"
    return ended in ("stopped", "unknown", "declined") and record.error is None


def _unended(record: Record) -> list[Text]:
    again = T("Run the same command again: it begins anew, with its checks and questions.")
    if record.journey == "reflash":
        return [fact("reflash.half_written")] if _sent(record) else [again]
    if record.journey == "support":
        return [again]
    if _presses(record):
        look = T("Look at Xiaomi's page: sign in again, and if that works the account is still there.")
        return [look, again]
    return [T("Press nothing more on Xiaomi's page, and close it."), again]


def _done(record: Record) -> list[Text]:
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
