"""Signing the Xiaomi Account out of the phone: the whole journey as a table."""

from __future__ import annotations

from automator.journeys.model import Gate, Gated, Journey, Owner, PhoneRefuses, Tap, Wait
from automator.phone.facts import Facts
from automator.text import T

SIGN_OUT = Gate(
    "unlink.sign_out",
    T("Sign the Xiaomi Account out of this phone"),
    (
        T("Xiaomi Cloud stops keeping this phone's contacts, messages and photos in step."),
        T("Find Device is switched off: the phone can't be located or locked from afar any more."),
        T("Full-size copies of cloud photos go from the phone; the originals stay in the cloud."),
    ),
    T(
        "On some phones this very tap signs out. Others ask first whether synced items stay on the phone, and for the "
        "account's password, which you type on the phone yourself."
    ),
)
DELETE_CARDS = Gate(
    "unlink.delete_cards",
    T("Delete the cards from this phone"),
    (
        T(
            "Mi Pay bank cards and NFC cards (transit, door) are deleted from the phone; a balance on them may be lost."
        ),
    ),
    T("The phone goes on signing out."),
)
ENCRYPTED = Gate(
    "unlink.encrypted",
    T("Sign out of the last device that can read your encrypted cloud data"),
    (
        T(
            "Data under Advanced data protection may be unreadable afterwards; the phone's own message says what you need."
        ),
    ),
    T("The phone goes on signing out."),
)
DELETE_SYNCED = Gate(
    "unlink.delete_synced",
    T("Delete the synced items from this phone"),
    (
        T(
            "Contacts, messages, notes and other items that are in Xiaomi Cloud are deleted from the phone itself."
        ),
    ),
    T("The phone goes on signing out. What is in the cloud stays in the cloud."),
)

TYPE_PASSWORD = T(
    "On the phone: type the password of your Xiaomi Account and tap OK. If it asks for a code, type that too. I do not "
    "read or store it."
)
READ_NOTICE = T(
    "On the phone: read its notice about items that stay or go, and answer it. I do not know its buttons, so I leave it "
    "to you."
)


def unlink(*, remove_synced: bool = False) -> Journey:
    """The journey; `remove_synced` deletes the synced items from the phone instead of keeping them."""
    return Journey(
        name="unlink",
        start="account.home",
        table={
            "account.home": Gated("sign_out", SIGN_OUT),
            "signout.wallet": Gated("go_on", DELETE_CARDS),
            "signout.e2ee": Gated("sign_out", ENCRYPTED),
            "signout.synced": Gated("remove", DELETE_SYNCED)
            if remove_synced
            else Tap("keep", under=SIGN_OUT),
            "account.password": Owner(TYPE_PASSWORD, after=SIGN_OUT),
            "signout.notice": Owner(READ_NOTICE, after=SIGN_OUT),
            "signout.progress": Wait(),
            "signout.failed": PhoneRefuses(
                T("The phone could not sign out."),
                T(
                    "Connect the phone to the internet and run the command again. If you changed the password in the last "
                    "days, Xiaomi makes you wait; see also “mi-automator status”."
                ),
            ),
        },
        last=SIGN_OUT,
        finished=_signed_out,
        leaves=False,
        result="signed_out",
    )


def _signed_out(facts: Facts) -> bool:
    return facts.signed_out
