"""Whether a phone is ready to hand on, and what stands in the way, from its facts. Pure; knows no journey but by its name.

What adb cannot tell is never taken for well: it is `unknown`, and says where to look. So today no phone is simply
ready: Find Device, the memory card and the screen lock are the owner's to look at.
"""

from __future__ import annotations

from typing import Literal

from automator.doctor.model import NOTHING
from automator.events import Blocker, VerdictEvent, now
from automator.phone.facts import Facts
from automator.text import T, Text

Status = Literal["pass", "warn", "fail", "unknown"]
UNLINK = T("Sign it out: {command}", command="mi-automator unlink")
RELEASE = T(
    "Ask whoever manages the phone, a company or a school, to release it in their management console."
)


def verdict(facts: Facts) -> VerdictEvent:
    """Each thing that may stand in the way, in the order in which to mend them, in the language in force."""
    blockers = [
        _management(facts),
        _xiaomi_account(facts),
        _find_device(facts),
        _google_account(facts),
        _screen_lock(),
        _sd_card(),
        _sim(facts),
        _bootloader(facts),
    ]
    return VerdictEvent(time=now(), ready=_ready(blockers), blockers=blockers)


def _ready(blockers: list[Blocker]) -> bool | None:
    found = {blocker.status for blocker in blockers}
    return False if "fail" in found else None if "unknown" in found else True


def _blocker(name: str, status: Status, why: Text, fix: Text = NOTHING) -> Blocker:
    return Blocker(id=name, status=status, why=str(why), fix=str(fix))


def _management(facts: Facts) -> Blocker:
    if facts.managed_by is not None:
        return _blocker(
            "management", "fail", T("The phone is managed by {who}.", who=facts.managed_by), RELEASE
        )
    if facts.forbidden:
        return _blocker("management", "fail", T("An administrator restricts this phone."), RELEASE)
    if facts.work_profile is not None:
        return _blocker(
            "management",
            "fail",
            T("There is a work profile on the phone, of {who}.", who=facts.work_profile),
            T("Ask the company's administrator; the reset erases the profile as well."),
        )
    if facts.forbidden is None:
        return _blocker(
            "management",
            "unknown",
            T("The phone does not say whether a company or a school manages it."),
            T("Look in Settings for a work profile or a device administrator."),
        )
    return _blocker("management", "pass", T("The phone names no company or school that manages it."))


def _xiaomi_account(facts: Facts) -> Blocker:
    if facts.accounts is None:
        return _blocker(
            "xiaomi_account",
            "unknown",
            T("The phone does not say which accounts are on it."),
            T("Restart the phone and run the command again."),
        )
    if facts.xiaomi_account is not None:
        on_it = T("A Xiaomi Account is on the phone: {name}.", name=facts.xiaomi_account.name)
        return _blocker("xiaomi_account", "fail", on_it, UNLINK)
    return _blocker("xiaomi_account", "pass", T("No Xiaomi Account is on the phone."))


def _find_device(facts: Facts) -> Blocker:
    """Its provider is closed to adb, and the lock itself is on Xiaomi's server."""
    if facts.signed_out:
        return _blocker(
            "find_device",
            "unknown",
            T("Whether Xiaomi still holds the phone to an account, adb can't tell."),
            T("Ask Xiaomi: i.mi.com/find/device/activationlock, with the IMEI that *#06# shows."),
        )
    return _blocker(
        "find_device",
        "unknown",
        T("Whether Find Device is on, adb can't tell."),
        T("See Settings → Xiaomi Account → Xiaomi Cloud → Find device. Signing out switches it off."),
    )


def _google_account(facts: Facts) -> Blocker:
    if facts.accounts is None:
        return _blocker(
            "google_account",
            "unknown",
            T("Whether a Google account is on the phone, adb can't tell now."),
            T("Look in Settings → Accounts & sync."),
        )
    if facts.google_account is not None:
        return _blocker(
            "google_account",
            "fail",
            T(
                "A Google account is on the phone: {name}. After a reset the phone may ask for its password.",
                name=facts.google_account.name,
            ),
            T("Remove the account in Settings → Accounts & sync before you reset the phone."),
        )
    return _blocker("google_account", "pass", T("No Google account is on the phone."))


def _screen_lock() -> Blocker:
    return _blocker(
        "screen_lock",
        "unknown",
        T("Whether a screen lock is set, adb can't tell."),
        T("The reset takes it away with everything else: {command}", command="mi-automator reset"),
    )


def _sd_card() -> Blocker:
    return _blocker(
        "sd_card",
        "unknown",
        T("Whether a memory card is in the phone, adb can't tell."),
        T("Look in the tray beside the SIM and take the card out: the reset may leave it as it is."),
    )


def _sim(facts: Facts) -> Blocker:
    if facts.sim is None:
        return _blocker(
            "sim", "unknown", T("The phone does not say whether a SIM card is in it."), T("Look in the tray.")
        )
    if facts.sim:
        return _blocker(
            "sim",
            "fail",
            T("A SIM card is in the phone, or an eSIM."),
            T(
                "Take it out last, after signing out: Xiaomi may send a code to it. Erase an eSIM in Settings."
            ),
        )
    return _blocker(
        "sim",
        "warn",
        T("No SIM card works in the phone; a locked one would not be seen."),
        T("Look in the tray."),
    )


def _bootloader(facts: Facts) -> Blocker:
    if facts.bootloader is None:
        return _blocker(
            "bootloader",
            "unknown",
            T("The phone does not say whether its bootloader is unlocked."),
            T("See Settings → Additional settings → Developer options → Mi Unlock status."),
        )
    if facts.bootloader == "unlocked":
        return _blocker(
            "bootloader",
            "warn",
            T("The bootloader is unlocked."),
            T(
                "Tell whoever gets the phone. Do not lock it in fastboot: that erases everything on the phone, and with a system "
                "that is not its own it may never start again."
            ),
        )
    return _blocker("bootloader", "pass", T("The bootloader is locked."))
