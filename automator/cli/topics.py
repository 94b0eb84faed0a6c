"""Longer explanations, for `mi-automator help TOPIC`."""

from __future__ import annotations

from automator.journeys.many import WORST_FIRST
from automator.text import T


def exit_codes() -> str:
    """Every exit code and what it means."""
    meanings = {
        0: T("done, and checked as far as it can be; or nothing to do, or a dry run"),
        1: T("a mistake in mi-automator itself"),
        2: T("the command line was not understood"),
        3: T("the phone or the computer is not ready"),
        4: T("you said no"),
        5: T("a screen, or something on it, is not known"),
        6: T("the phone, its cable or adb went away"),
        7: T("something that can't be undone was begun, and its end was not seen: look at the phone"),
        8: T("a question needs you, and there is no terminal to ask on"),
        130: T("Ctrl-C"),
        141: T("the program that read the output left early"),
    }
    lines = [f"{code:>4}  {meaning}" for code, meaning in meanings.items()]
    order = ", ".join(map(str, WORST_FIRST))
    return "\n".join(
        [*lines, "", str(T("Of several phones the worst code counts, in this order: {order}.", order=order))]
    )


TOPICS = {"exit-codes": exit_codes}
