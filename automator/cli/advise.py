"""No command at all: looks at the phone and says which way fits. Taps nothing, and asks only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from automator.cli.keys import ask_line
from automator.errors import CTRL_C, PhoneLost, PreflightError
from automator.phone.facts import Facts
from automator.text import T, Text
from automator.ways import fact, link

_YES, _NO = {"y", "yes", "д", "да"}, {"n", "no", "н", "нет"}


def advise() -> int:
    """Prints what to do next; the exit code: 0, or why no phone could be asked. Raises nothing."""
    from automator.cli.output import Output
    from automator.cli.pick import plugged_phone

    output, code = Output(json=False), 0
    try:
        facts = plugged_phone(output, None, 0.0)[0].facts()
        lines = advice(facts, lambda question: _ask(question, output.talk))
    except (PreflightError, PhoneLost) as error:
        lines, code = without_phone(error), error.exit_code
    except KeyboardInterrupt:
        output.say("")
        return CTRL_C
    for line in lines:
        output.say(line)
    return code


def _ask(question: Text, talk: TextIO) -> bool | None:
    """Yes, no, or None for an empty line and where nobody can be asked; anything else is asked again."""
    if not (sys.stdin.isatty() and talk.isatty()):
        return None
    while True:
        answer = (ask_line(str(question), talk) or "").strip().lower()
        if answer in (*_YES, *_NO, ""):
            return True if answer in _YES else False if answer in _NO else None
        question = T("I take y for yes and n for no; Enter alone if you are not sure:")


def without_phone(error: PreflightError | PhoneLost) -> list[Text]:
    """What to do until a phone answers."""
    return [
        Text("{what} {why}", {"what": error.what, "why": error.why}),
        T("→ {fix}", fix=error.fix),
        *_HELP,
    ]


def advice(facts: Facts, ask: Callable[[Text], bool | None]) -> list[Text]:
    """The ways that fit this phone; `ask` is called at most once, and answers None when nobody knows."""
    from automator.journeys.preflight import obstacle

    phone = T("The phone: {model}, {rom}.", model=facts.model or "?", rom=facts.rom or "?")
    if not facts.is_xiaomi or not facts.rom:
        foreign = obstacle("reset", facts)
        assert foreign is not None
        return [phone, foreign.what, T("→ {fix}", fix=foreign.fix)]
    if facts.signed_out:
        return [phone, *_signed_out(), *_HELP[1:]]
    if facts.xiaomi_account is None:
        account = T("The phone does not say which accounts are on it.")
    else:
        account = T("A Xiaomi Account is on the phone: {name}.", name=facts.xiaomi_account.name)
    known = ask(
        Text(
            "{account} {question}",
            {"account": account, "question": T("Do you know its password? [y/n, Enter: not sure]")},
        )
    )
    access = () if known is False else _access()
    no_access = () if known else (*_no_access(), _reflash(facts))
    return [phone, *((account,) if known is None else ()), *access, *no_access, *_HELP[1:]]


_HELP = (
    T(
        "No phone at hand? {command} shows the way on a practice phone.",
        command="mi-automator rehearse unlink",
    ),
    T("Every command: {command}", command="mi-automator --help"),
)


def _with(way: Text, *facts: str) -> Text:
    """A way, and the facts about it."""
    said = {"way": way, **{f"fact{number}": fact(name) for number, name in enumerate(facts)}}
    return Text(" ".join(f"{{{name}}}" for name in said), said)


def _access() -> tuple[Text, ...]:
    return (
        T("You know the password:"),
        T(
            "• Sign the account out: mi-automator unlink. The phone keeps its data. Needs internet; if Find Device is on, you type "
            "the password on the phone. What it would do: mi-automator plan unlink"
        ),
        _with(
            T(
                "• Or delete the account altogether: mi-automator delete-account, and only after every phone is signed out."
            ),
            "delete.final",
            "delete.ends",
            "delete.order",
        ),
    )


def _signed_out() -> tuple[Text, ...]:
    return (
        T("No Xiaomi Account is on the phone: there is nothing to sign out."),
        T("• To hand it on, erase it: mi-automator reset. What else is in the way: mi-automator status"),
        _with(
            T(
                "• Was it erased in another way than from its Settings? See {page}.",
                page=link("support.status"),
            ),
            "lock.comes_back",
            "support.status_page",
        ),
        T(
            "• Is the account needed no more? mi-automator delete-account, once every other phone is signed out of it too."
        ),
    )


def _no_access() -> tuple[Text, ...]:
    return (
        T("You do not know the password:"),
        _with(
            T(
                "• Set a new one first: {page}, with the account's phone number or mail address. Then sign out: "
                "mi-automator unlink.",
                page=link("account"),
            ),
            "delete.password_changed",
        ),
        _with(
            T(
                "• Reset: mi-automator reset. Erases everything. Whether Find Device is on: Settings → Xiaomi Account → Xiaomi "
                "Cloud → Find device."
            ),
            "reset.without_password",
        ),
        _with(
            T(
                "• Xiaomi's support, with a proof of purchase: mi-automator support names the addresses and pages and writes the "
                "letter."
            ),
            "support.no_promise",
        ),
    )


def _reflash(facts: Facts) -> Text:
    """Needs an open bootloader; opening one needs the very account that the owner has no access to."""
    if facts.bootloader == "locked":
        return _with(
            T(
                "• Reflashing Xiaomi's official ROM in fastboot is closed to this phone: its bootloader is locked."
            ),
            "reflash.unlocking",
            "reflash.not_the_lock",
        )
    if facts.bootloader == "unlocked":
        state = T("this phone's is unlocked")
    else:
        state = T("this phone does not say whether its is")
    return _with(
        T(
            "• Reflash Xiaomi's official ROM, of this very model and region: mi-automator reflash ROM.tgz. Only with an unlocked "
            "bootloader ({state}). Repairs the system and erases everything.",
            state=state,
        ),
        "reflash.not_the_lock",
    )
