"""Whether a phone is ready for a journey, from its facts alone. Pure."""

from __future__ import annotations

from automator.atlas import generation
from automator.errors import PreflightError
from automator.phone.facts import Facts
from automator.text import T, Text

LOW_BATTERY = 30
"""Percent below which a phone that is not charging is worth a warning."""


def obstacle(journey: str, facts: Facts) -> PreflightError | None:
    """The first thing that makes the journey impossible, if any. Unknown facts stand in nobody's way."""
    return next((PreflightError(*why) for holds, why in _obstacles(journey, facts) if holds), None)


def _obstacles(journey: str, facts: Facts) -> list[tuple[bool, tuple[Text, Text, Text]]]:
    return [
        (
            not facts.is_xiaomi,
            (
                T("This is not a Xiaomi phone."),
                T("Its maker is “{brand}”.", brand=facts.brand or "?"),
                T("mi-automator works on Xiaomi, Redmi and POCO phones alone."),
            ),
        ),
        (
            not facts.rom,
            (
                T("This phone does not run MIUI or HyperOS."),
                T("Xiaomi's menus are missing from its system."),
                T("Use the reset in this system's own Settings."),
            ),
        ),
        (
            facts.user not in (None, 0),
            (
                T("The phone is in its Second Space or with a second user."),
                T("Only the main user may sign out or reset."),
                T("Switch the phone to its first space, then run the command again."),
            ),
        ),
        (
            facts.setup_complete is False,
            (
                T("The phone is not set up yet."),
                T("Settings does not open before the welcome steps are done."),
                T("Finish the first steps on the phone, or switch it off: it may be fresh from a reset."),
            ),
        ),
        (
            bool(facts.missing),
            (
                T(
                    "A part of Xiaomi's system is missing from the phone: {names}.",
                    names=", ".join(facts.missing),
                ),
                T("It was removed or switched off, and the way to the goal leads through it."),
                T(
                    "Switch it on again in Settings → Apps (or bring it back the way it was removed), then run the command again."
                ),
            ),
        ),
        (
            facts.locked is True or facts.awake is False,
            (
                T("The phone's screen is off or locked."),
                T("I can neither see nor reach Settings behind the lock."),
                T("Unlock the phone, keep its screen on, and run the command again."),
            ),
        ),
        (
            journey == "unlink" and facts.accounts is None,
            (
                T("The phone does not say which accounts are on it."),
                T("Without that I could not prove that it is signed out."),
                T("Restart the phone and run the command again."),
            ),
        ),
        (
            facts.network is False and (journey == "unlink" and facts.xiaomi_account is not None),
            (
                T("The phone has no internet."),
                T("Signing out needs it: Xiaomi's server is told."),
                T("Connect the phone to Wi-Fi, then run the command again."),
            ),
        ),
    ]


def cautions(journey: str, facts: Facts) -> list[Text]:
    """What the owner should know before the journey begins."""
    said: list[Text] = []
    if generation(facts.rom) is None:
        said.append(
            T(
                "I do not know {rom} yet. I try all that I know, and stop where I recognise nothing.",
                rom=facts.rom,
            )
        )
    if facts.battery is not None and facts.battery < LOW_BATTERY and not facts.charging:
        said.append(T("The battery is at {percent} %: better charge the phone first.", percent=facts.battery))
    if journey == "unlink":
        said.append(
            T(
                "If you changed the account's password in the last days, Xiaomi may refuse to sign out until some days have passed."
            )
        )
    if journey == "reset":
        if facts.network is False:
            said.append(T("The phone has no internet: with Find Device on, it will refuse the reset."))
        if facts.google_account is not None:
            said.append(
                T(
                    "A Google account is on the phone. Remove it in Settings → Accounts & sync before you sell the phone."
                )
            )
    return said


def account_warning(facts: Facts) -> Text | None:
    """What a reset means while an account is on the phone; None when none is."""
    if facts.xiaomi_account is None:
        return None
    return T(
        "The Xiaomi Account {account} is still on this phone. If Find Device is on, the reset asks for the account's "
        "password. Without the password do not reset: the phone would be locked to the account afterwards, and no program "
        "opens that lock. Either sign out first (mi-automator unlink), or go on and have the password ready.",
        account=facts.xiaomi_account.name,
    )
