"""`devices` and `status`: what is plugged in, and what adb tells about it."""

from __future__ import annotations

from adbutils import AdbClient

from automator.cli.output import Output
from automator.cli.pick import plugged_phone
from automator.doctor.verdict import verdict
from automator.events import FactsEvent, PhoneEvent, VerdictEvent, now
from automator.journeys.preflight import account_warning, obstacle
from automator.phone import Facts, Listed, listing, remedy
from automator.text import T, Text


def devices(*, json: bool) -> int:
    """Prints every phone that adb lists, with the remedy beside each that is not ready; the exit code. Raises PhoneLost."""
    output = Output(json=json)
    found = listing(AdbClient())
    if json:
        for phone in found:
            output.event(_event(phone))
        return 0
    if not found:
        output.say(T("No phone is plugged in."))
        output.say(
            T("→ Plug it in with a data cable, unlock it, and switch USB debugging on (see the README).")
        )
        return 0
    output.table(
        (T("serial"), T("model"), T("over"), T("state"), T("what to do")),
        [
            (
                phone.serial,
                phone.model,
                _OVER[phone.over],
                _STATES.get(phone.state, phone.state),
                _what_to_do(phone),
            )
            for phone in found
        ],
    )
    return 0


_OVER = {"usb": T("USB"), "network": T("network"), "emulator": T("emulator")}
_STATES = {
    "device": T("device"),
    "unauthorized": T("unauthorized"),
    "authorizing": T("authorizing"),
    "offline": T("offline"),
    "connecting": T("connecting"),
    "no permissions": T("no permissions"),
}
"""adb's own words in English, as its users know them."""


def _what_to_do(phone: Listed) -> str:
    mend = remedy(phone.state)
    if mend:
        return " ".join(map(str, mend))
    return "" if phone.over == "usb" else str(T("ready; name it with --serial"))


def _event(phone: Listed) -> PhoneEvent:
    why, fix = remedy(phone.state) or (Text(""), Text(""))
    return PhoneEvent(
        time=now(),
        serial=phone.serial,
        model=phone.model,
        rom="",
        over=phone.over,
        state=phone.state,
        why=str(why),
        fix=str(fix),
    )


def status(*, serial: str | None, wait: float | None, json: bool) -> int:
    """Prints the facts of one phone and what they mean for unlink and reset; the exit code. Raises AutomatorError."""
    output = Output(json=json)
    phone, listed = plugged_phone(output, serial, wait)
    facts = phone.facts()
    if json:
        event = _event(listed).model_copy(update={"rom": facts.rom, "model": facts.model or listed.model})
        output.event(event)
        output.event(FactsEvent.of(facts, "before"))
        output.event(verdict(facts))
        return 0
    output.table((T("fact"), T("value")), _rows(facts))
    for journey in ("unlink", "reset"):
        output.say(T("{journey}: {meaning}", journey=journey, meaning=_meaning(journey, facts)))
    for line in verdict_lines(verdict(facts)):
        output.say(line)
    return 0


def verdict_lines(event: VerdictEvent) -> list[str]:
    """The verdict for people: ready or not, and with its remedy what stands in the way or was not checked."""
    marks = {"fail": "✗", "warn": "!", "unknown": "?"}
    said = [str(_READY[event.ready])]
    for status, mark in marks.items():
        for blocker in event.blockers:
            if blocker.status == status:
                said += [f"  {mark} {blocker.why}", f"    → {blocker.fix}"]
    return said


_READY = {
    True: T("To hand it on: ready."),
    False: T("To hand it on: not ready. In the way (✗), worth knowing (!), and not checked (?):"),
    None: T("To hand it on: nothing seen is in the way, but adb can't check all (?). Look yourself:"),
}


def _meaning(journey: str, facts: Facts) -> str:
    if error := obstacle(journey, facts):
        return f"{error.what} {error.fix}"
    if journey == "unlink":
        return str(
            T("nothing to do, no Xiaomi Account is on the phone.") if facts.signed_out else T("ready.")
        )
    return str(account_warning(facts) or T("ready."))


def _rows(facts: Facts) -> list[tuple[Text, str | Text]]:
    return [
        (T("phone"), facts.model if facts.model.startswith(facts.brand) else f"{facts.brand} {facts.model}"),
        (T("system"), f"{facts.rom or '?'} ({facts.build}), Android {facts.android}"),
        (T("language"), facts.locale),
        (T("Xiaomi Account"), _account(facts, "com.xiaomi")),
        (T("Google account"), _account(facts, "com.google")),
        (T("internet"), _yes(facts.network)),
        (T("screen unlocked"), _yes(None if facts.locked is None else not facts.locked)),
        (T("taps from the computer"), _yes(facts.taps_allowed)),
        (
            T("battery"),
            "?" if facts.battery is None else f"{facts.battery} %" + (" ⚡" if facts.charging else ""),
        ),
        (T("SIM"), _yes(facts.sim)),
        (T("bootloader"), _BOOTLOADER.get(facts.bootloader or "", "?")),
        (T("Find Device"), T("adb can't tell; see Settings → Xiaomi Account → Xiaomi Cloud")),
    ]


_BOOTLOADER = {"locked": T("locked"), "unlocked": T("unlocked")}


def _account(facts: Facts, kind: str) -> str | Text:
    if facts.accounts is None:
        return "?"
    return ", ".join(a.name for a in facts.accounts if a.type == kind) or T("none")


def _yes(value: bool | None) -> str | Text:
    return "?" if value is None else T("yes") if value else T("no")
