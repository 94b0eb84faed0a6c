"""Screens that no journey goes beyond, whatever its goal: each is named, and sent to its honest way out."""

from __future__ import annotations

from collections.abc import Mapping

from automator.text import T, Text

KEYGUARD = "lock.keyguard"
"""The phone's own lock screen, which its owner opens."""

LOCKS: Mapping[str, tuple[Text, Text, Text]] = {
    "lock.find_device": (
        T("This phone is locked to a Xiaomi Account."),
        T("It was erased or locked from afar while the account was on it. No program may open this lock."),
        T(
            "Type the account's password on the phone; if you forgot it, set a new one on account.xiaomi.com first. Is the "
            "account not yours? Ask whoever sold you the phone to remove it on i.mi.com. Else appeal on "
            "i.mi.com/find/device/activationlock with a proof of purchase."
        ),
    ),
    "lock.lost": (
        T("This phone was reported lost."),
        T("It shows its owner's message. No program may open this lock."),
        T(
            "Is it your phone? Sign in on i.mi.com in a browser and end the lost mode there. If you found or bought it, "
            "call the number on its screen."
        ),
    ),
    "lock.instalment": (
        T("This phone is locked over an unpaid instalment."),
        T("Only the seller can open this lock; no program may."),
        T("Contact the seller named on the phone's screen."),
    ),
    "lock.frp": (
        T("Google's reset protection holds this phone."),
        T("It was erased while a Google account was on it. No program may go around this lock."),
        T(
            "On the phone, sign in with the Google account that was on it before; if you forgot it, recover it on "
            "accounts.google.com in a browser."
        ),
    ),
}
