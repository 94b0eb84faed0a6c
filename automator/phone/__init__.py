"""The only code that speaks to a phone. Knows no atlas and no journey."""

from automator.phone.connection import Phone
from automator.phone.facts import Account, Facts, Label
from automator.phone.find import Listed, choose, listing, parse_devices, remedy, wait_for_phone
from automator.phone.words import AppWords

__all__ = [
    "Account",
    "AppWords",
    "Facts",
    "Label",
    "Listed",
    "Phone",
    "choose",
    "listing",
    "parse_devices",
    "remedy",
    "wait_for_phone",
]
