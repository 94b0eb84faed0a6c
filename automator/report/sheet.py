"""What the hand-over sheet says to a buyer, in every language. Pure; claims nothing that `evidence` does not prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from automator.report.evidence import account_seen, find_device_off, reset_begun
from automator.report.record import Record
from automator.report.say import moment
from automator.report.seal import Seal
from automator.text import T, Text

Seen = Literal["seen", "part", "unseen", "no"]


@dataclass(frozen=True)
class Claim:
    """One thing that a buyer wants to know: how far it was seen, and how."""

    name: Text
    seen: Seen
    text: Text


def claims(record: Record) -> list[Claim]:
    """Account, Find Device, reset."""
    return [_account(record), _find_device(record), _reset(record)]


def _account(record: Record) -> Claim:
    name, found = T("Xiaomi Account signed out"), account_seen(record)
    if found.state == "unknown":
        return Claim(name, "unseen", T("The phone's list of accounts was not read."))
    when = moment(found.time)
    if found.state == "there":
        still = T(
            "The phone's own list of accounts, read over adb at {time}, had a Xiaomi Account.", time=when
        )
        return Claim(name, "no", still)
    gone = T("The phone's own list of accounts, read over adb at {time}, had no Xiaomi Account.", time=when)
    if record.outcome is None or record.outcome.result != "signed_out":
        name = T("No Xiaomi Account on the phone")
    return Claim(name, "seen", gone)


def _find_device(record: Record) -> Claim:
    name, off = T("Find Device off"), find_device_off(record)
    if off is None:
        return Claim(name, "unseen", T("No program on a computer can see it. Check it as said below."))
    seen = T(
        "The owner agreed to switch it off and was asked for the account's password; at {time} the phone had gone on with the "
        "reset. Whether it is off at Xiaomi was not seen.",
        time=moment(off),
    )
    return Claim(name, "part", seen)


def _reset(record: Record) -> Claim:
    name, begun = T("Factory reset begun"), reset_begun(record)
    if begun is None:
        return Claim(name, "unseen", T("In this run no reset was seen to begin."))
    how = {
        "made": T("The computer tapped the last OK at {tapped}.", tapped=moment(begun.tapped)),
        "told": T("The owner was asked to tap the last OK at {tapped}.", tapped=moment(begun.tapped)),
    }[begun.how]
    then = (
        T("The phone left adb; the owner said, at {left}, that it restarts.", left=moment(begun.left))
        if begun.on_word
        else T("By {left} the phone had left adb.", left=moment(begun.left))
    )
    ends = T("That the erasing ended well was not seen.")
    said = Text("{how} {then} {ends}", {"how": how, "then": then, "ends": ends})
    return Claim(name, "part" if begun.on_word else "seen", said)


def what_to_check() -> list[Text]:
    """What a buyer does before paying."""
    return [
        T("The phone shows its welcome screen. Go through its first steps yourself, with Wi-Fi connected."),
        T(
            "It asks for nobody's Xiaomi Account and for nobody's Google account. If it does, do not buy it: only the former owner can open that lock."
        ),
        T(
            "Dial *#06#: the IMEI is the one on the box and on this sheet. The serial in Settings → About phone is the one on this sheet, as far as it stands there."
        ),
        T("Sign in with your own Xiaomi Account, or with none, and look that Find Device is yours or off."),
        T(
            "To be sure of this sheet, ask for the folder of the run and type: mi-automator report --verify FILE. The seal that it prints must be the one below."
        ),
    ]


def sheet(record: Record, seal: Seal, version: str) -> dict[str, Any]:
    """One language's half of the sheet, in the language in force."""
    return {
        "title": T("Hand-over sheet for a phone"),
        "intro": T(
            "Made by mi-automator {version} from the record of one run, “{run}”. It says what was seen over adb, and nothing else.",
            version=version,
            run=record.name,
        ),
        "rehearsal": T("A rehearsal on a practice phone: this sheet is about no real phone."),
        "cut": T("The run was cut off: what came after its last line is not known."),
        "labels": {
            "model": T("Model"),
            "system": T("System"),
            "serial": T("Serial"),
            "imei": T("IMEI (write it in: dial *#06#)"),
            "seal": T("Seal"),
            "signed": T("Date, seller, buyer"),
        },
        "marks": {
            "seen": T("✓ seen"),
            "part": T("◐ seen in part"),
            "unseen": T("○ not seen"),
            "no": T("✗ no"),
        },
        "head": T("What was seen"),
        "claims": claims(record),
        "check": T("What the buyer should check"),
        "checks": what_to_check(),
        "proof": T(
            "The seal is the last link of the record's hash chain. A record with another seal is not the one that this sheet was "
            "made from. It proves that the record was not changed after this sheet was printed; it does not prove who made it."
        ),
    }


def identity(record: Record, serial: str) -> list[tuple[str, str]]:
    """What tells this phone from others, in the order of a sheet's `labels`; empty is what is written in by hand."""
    phone = record.phone
    return [
        ("model", phone.model if phone else ""),
        ("system", phone.rom if phone else ""),
        # Over a network adb knows an address, which is no serial: left to be written in.
        ("serial", serial if phone and (phone.over == "usb" or phone.practice) else ""),
        ("imei", ""),
    ]
