"""What Xiaomi asks for, field by field: what it is called, whether it is asked, and what may stand in it. Pure.

Sources: what the appeal form asks for (a public copy of its program) and mi-mena.com's list; nothing is sent from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from babel import Locale

from automator.errors import AutomatorError
from automator.phone.facts import Facts, Label, mask_name
from automator.support.refusal import Secret, secret_in
from automator.text import T, Text, plain

LONG, SHORT = 2000, 120
"""Letters of what may be told, and of a name."""
NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
"""Codes of CLDR that are no country's."""


class Unusable(AutomatorError):
    """What was given for a field can't stand in the letter. What it was is told to nobody."""

    exit_code = 2


@dataclass(frozen=True)
class Case:
    """What the letter says. Empty: not known. `account` is masked; `bought` is an ISO date; `exists` is yes, no or unknown."""

    model: str = ""
    codename: str = ""
    system: str = ""
    region: str = ""
    number: str = ""
    imei: str = ""
    imei2: str = ""
    unlock: str = ""
    country: str = ""
    bought: str = ""
    shop: str = ""
    order: str = ""
    account: str = ""
    exists: str = ""
    tried: str = ""
    name: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Field:
    """One field of the case."""

    name: str
    label: Text
    check: Callable[[str], str]
    """What is to stand in the letter. Raises Unusable."""
    asked: bool = True
    needed: bool = True
    """Whether the letter has a place to fill in where it is not known."""


def from_phone(facts: Facts, label: Label) -> Case:
    """What adb tells of it. The account is masked already."""
    account = facts.xiaomi_account
    return Case(
        model=_short(facts.model),
        codename=_short(label.codename),
        system=_short(f"{facts.rom} ({facts.build})" if facts.build else facts.rom),
        region=label.region,
        number=_short(label.serial),
        account=_short(account.name) if account else "",
    )


def missing(case: Case) -> list[Field]:
    """What the owner still has to fill in."""
    return [field for field in FIELDS if field.needed and not getattr(case, field.name)]


def field_named(name: str) -> Field:
    """The field of this name. Raises KeyError."""
    return _BY_NAME[name]


def _short(text: str) -> str:
    return plain(text).strip()[:SHORT]


def refused(secret: Secret) -> Unusable:
    """The error for a password or a code."""
    what = {
        "password": T("This looks like a password. It does not get into the letter."),
        "code": T("This looks like a code that was sent to you. It does not get into the letter."),
    }[secret]
    return Unusable(
        what,
        T("Xiaomi needs neither to help you, and whoever has them has your account."),
        T("Say it without the password or the code. I did not write down what you typed."),
    )


def _words(most: int, *, free: bool = False) -> Callable[[str], str]:
    def check(text: str) -> str:
        said = " ".join(plain(text).split())
        if secret := secret_in(said, free=free):
            raise refused(secret)
        if len(said) > most:
            raise Unusable(
                T("This is too long."),
                T("There is room for {most} letters.", most=most),
                T("Say it in fewer words."),
            )
        return said

    return check


def _imei(text: str) -> str:
    digits = re.sub(r"[\s./-]", "", text)
    # The 16 digits of an IMEISV end in a version, and carry no check digit.
    if not re.fullmatch(r"[0-9]{15}", digits) or not _luhn(digits):
        raise Unusable(
            T("This is no IMEI."),
            T("An IMEI has 15 digits, and the last one checks the others: one of them must be wrong."),
            T("Type *#06# on the phone's keypad, or read it off the label of the box."),
        )
    return digits


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _shaped(pattern: str, what: Text, fix: Text) -> Callable[[str], str]:
    def check(text: str) -> str:
        said = plain(text).strip()
        if secret := secret_in(said):
            raise refused(secret)
        if not re.fullmatch(pattern, said):
            raise Unusable(what, T("It has letters or signs that do not belong there, or is too long."), fix)
        return said

    return check


def _unlock(text: str) -> str:
    if secret := secret_in(text):
        raise refused(secret)
    # It is often copied with its name, in the language of the phone.
    said = re.sub(r"^[^:：]{0,40}[:：]\s*", "", plain(text).strip())
    return _UNLOCK(said)


_UNLOCK = _shaped(
    r"[\w/-]{1,64}",
    T("This is no unlock code."),
    T("Type what stands behind “Unlock code” on the phone's lock screen, and nothing else."),
)


def _country(text: str) -> str:
    code = text.strip().upper().replace("UK", "GB")
    if code in NO_COUNTRIES or not re.fullmatch("[A-Z]{2}", code) or code not in Locale("en").territories:
        raise Unusable(
            T("This is no country."),
            T("A country is named by two letters: DE, ES, RU, US."),
            T("Type the two letters of the country where you live."),
        )
    return code


def _date(text: str) -> str:
    said = text.strip()
    if found := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", said):
        said = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        # Newer Pythons also read weeks and days without hyphens.
        day = date.fromisoformat(said) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said) else None
    except ValueError:
        day = None
    if day is None or not date(2010, 1, 1) <= day <= date.today():
        raise Unusable(
            T("This is no day on which a Xiaomi phone was bought."),
            T("I read 2025-03-14 and 14.03.2025, from 2010 until today."),
            T("Type the day as the receipt has it."),
        )
    return day.isoformat()


def _account(text: str) -> str:
    said = plain(text).strip()
    if not re.fullmatch(r"\+?[\d\s*•…()-]{4,30}|[^\s@]{1,60}@[^\s@]{1,60}", said):
        raise Unusable(
            T("This is no Xiaomi Account."),
            T("An account is a number, a phone number or a mail address."),
            T("Type it as the lock screen shows it; I mask it before it gets into the letter."),
        )
    return mask_name(re.sub(r"[\s()-]", "", said))


def _exists(text: str) -> str:
    said = _EXISTS.get(text.strip().lower())
    if said is None:
        raise Unusable(
            T("I did not understand whether the account still exists."),
            T("I know: yes, no, unknown."),
            T("Type one of them."),
        )
    return said


_EXISTS = {
    **dict.fromkeys(("yes", "y", "да", "д"), "yes"),
    **dict.fromkeys(("no", "n", "нет", "н"), "no"),
    **dict.fromkeys(("unknown", "?", "не знаю"), "unknown"),
}


FIELDS = (
    Field("model", T("the phone's model, as the box has it"), _words(SHORT)),
    Field("codename", T("the phone's codename"), _words(SHORT), asked=False, needed=False),
    Field("system", T("its system, MIUI or HyperOS, and version"), _words(SHORT)),
    Field(
        "region",
        T("the country that the phone is set to"),
        _country,
        asked=False,
        needed=False,
    ),
    Field(
        "number",
        T("the phone's serial number, on the box"),
        _shaped(
            r"[A-Za-z0-9/]{4,32}",
            T("This is no serial number."),
            T("Type it as the label of the box has it behind “SN” or “S/N”."),
        ),
    ),
    Field("imei", T("its IMEI, which *#06# shows"), _imei),
    Field("imei2", T("its second IMEI, if it has one"), _imei, needed=False),
    Field("unlock", T("what stands behind “Unlock code” on the lock screen"), _unlock),
    Field("country", T("your country, by its two letters"), _country),
    Field("bought", T("the day on which it was bought"), _date),
    Field("shop", T("the shop or seller"), _words(SHORT)),
    Field(
        "order",
        T("the number of the order or receipt"),
        _shaped(
            r"[\w #№/.:-]{2,60}",
            T("This is no number of an order."),
            T("Type it as the receipt has it."),
        ),
    ),
    Field("account", T("the Xiaomi Account on the phone, as the lock screen shows it"), _account),
    Field("exists", T("whether this account still exists (yes, no, unknown)"), _exists),
    Field("tried", T("what you tried and when"), _words(LONG, free=True)),
    Field("name", T("your name"), _words(SHORT, free=True)),
    Field(
        "contact",
        T("a mail address or phone number where you are reached"),
        _shaped(
            r"\+?[\d ()-]{6,24}|[^\s@<>]{1,60}@[^\s@<>]{1,60}",
            T("This is neither a mail address nor a phone number."),
            T("Type one of the two."),
        ),
    ),
)
_BY_NAME = {field.name: field for field in FIELDS}
