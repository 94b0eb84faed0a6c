"""Whether a phone is ready for a journey: the doctor's rows, as they count for it. Pure."""

from __future__ import annotations

from automator.doctor import NOTHING, Row, phone_rows
from automator.errors import PreflightError
from automator.phone.facts import Facts
from automator.text import T, Text


def obstacle(journey: str, facts: Facts) -> PreflightError | None:
    """The first thing that makes the journey impossible, if any.

    Unknown facts stand in nobody's way, but for the maker, the system and, when signing out, the accounts.
    """
    failed = (row for row in _rows(journey, facts) if row.status == "fail")
    return next((PreflightError(row.what, row.why, row.fix) for row in failed), None)


def cautions(journey: str, facts: Facts) -> list[Text]:
    """What the owner should know before the journey begins."""
    said = [_whole(row) for row in _rows(journey, facts) if row.status == "warn"]
    if journey == "unlink":
        said.append(
            T(
                "If you changed the account's password in the last days, Xiaomi may refuse to sign out until some days have passed."
            )
        )
    return said


def _rows(journey: str, facts: Facts) -> list[Row]:
    return [row.of(journey) for row in phone_rows(facts)]


def _whole(row: Row) -> Text:
    """The row as one paragraph."""
    parts = {"what": row.what, "why": row.why, "fix": row.fix}
    said = {name: part for name, part in parts.items() if part != NOTHING}
    return Text(" ".join(f"{{{name}}}" for name in said), said)


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
