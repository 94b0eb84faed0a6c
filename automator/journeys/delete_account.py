"""Deleting the whole account on Xiaomi's page: what must be so first, the steps of the page, its two gates. Pure.

The owner types and presses everything on the page. Sign-out comes first and deletion last: who deletes an account that a
phone still holds may lock that phone for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from automator.errors import OutcomeUnknown, PreflightError
from automator.journeys.model import Gate
from automator.phone.facts import Facts
from automator.phone.find import Listed, remedy
from automator.text import T, Text
from automator.ways import fact, link

JOURNEY = "delete-account"


@dataclass(frozen=True)
class Plugged:
    """A phone that adb lists, and what it told; None when it told nothing."""

    listed: Listed
    facts: Facts | None

    @property
    def name(self) -> str:
        """As an owner knows it."""
        model = self.facts.model if self.facts else self.listed.model
        return f"{model} ({self.listed.serial})" if model else self.listed.serial


@dataclass(frozen=True)
class Question:
    """What the owner has to say yes to before the page is opened, and what to do first where it is no."""

    about: tuple[Text, ...]
    asks: Text
    first: Text


@dataclass(frozen=True)
class Step:
    """One step of the page: what the owner does there, what to expect, and how it is known to be done."""

    name: str
    screen: str
    """The screen of the atlas on which it is done."""
    does: Text
    done: Text
    """The question whether it is done; only the owner sees the page on a computer."""
    expect: tuple[Text, ...] = ()
    """What may come, and what may fail."""
    gate: Gate | None = None
    """The gate before it, where what is pressed deletes."""
    presses: Text | None = None
    """What the owner presses behind the gate, as walk-throughs call it."""


def obstacle(plugged: Sequence[Plugged]) -> PreflightError | None:
    """What forbids the deletion: a phone that still holds a Xiaomi account, or one that does not say.

    Read from `dumpsys account` of every device that adb lists. No phone at all is none.
    """
    for phone in plugged:
        if found := _obstacle(phone):
            return found
    return None


def _obstacle(phone: Plugged) -> PreflightError | None:
    what = T("The account can't be deleted yet: it is not known whether {phone} holds it.", phone=phone.name)
    if not_ready := remedy(phone.listed.state):
        why, fix = not_ready
        return PreflightError(what, why, _or_unplugged(fix))
    if phone.facts is None:
        fix = T("Check its cable, unlock it, then run the command again.")
        return PreflightError(what, T("It did not answer."), _or_unplugged(fix))
    if phone.facts.accounts is None:
        fix = T("Restart it, then run the command again.")
        return PreflightError(what, T("Its list of accounts can't be read."), _or_unplugged(fix))
    if account := phone.facts.xiaomi_account:
        return PreflightError(
            T(
                "Sign out first: {phone} is on a Xiaomi Account, {account}.",
                phone=phone.name,
                account=account.name,
            ),
            fact("delete.order"),
            T(
                "Run “mi-automator unlink --serial {serial}”, then this command again. Is it on another account than the one "
                "that you delete? Then unplug it.",
                serial=phone.listed.serial,
            ),
        )
    return None


def _or_unplugged(fix: Text) -> Text:
    return T("{fix} Or unplug it, when it is not on the account that you delete.", fix=fix)


@cache
def questions() -> tuple[Question, ...]:
    """What the owner is asked first: what no cable shows, then the check list."""
    return (
        Question(
            (fact("delete.other_phones"),),
            T("Is every other phone, tablet and TV signed out of the account, or is there none?"),
            T(
                "Sign them out first: “mi-automator unlink” with the cable, or Settings → Xiaomi Account → Sign out on each."
            ),
        ),
        Question(
            (fact("delete.wearables"),),
            T("Is every band, watch and scale unpaired, or is there none?"),
            T("Unpair them in their apps first, while you can still sign in there."),
        ),
        Question(
            (fact("delete.homes"),),
            T("Is Mi Home empty, or did you never use it?"),
            T("Open Mi Home and remove each device first."),
        ),
        Question(
            tuple(fact(f"delete.{name}") for name in ("export", "money", "orders", "subscriptions", "cloud")),
            T("Is all of this done, or does it not concern you?"),
            T("Go through the list on {url} first.", url=link("privacy")),
        ),
    )


def not_ready(question: Question) -> PreflightError:
    """The error for a question that the owner answered with no."""
    return PreflightError(
        T("The account is not ready to be deleted."),
        T("You answered no: {question}", question=question.asks),
        question.first,
    )


@cache
def steps() -> tuple[Step, ...]:
    """The page, step by step, in the order in which walk-throughs describe it."""
    loses = (fact("delete.ends"), fact("delete.order"))
    request = Gate(
        name="delete_account.request",
        title=T("Ask Xiaomi to delete the account"),
        loses=loses,
        next=T("You press “Delete account” on the page; Xiaomi sends a code, and asks once more."),
    )
    final = Gate(
        name="delete_account.final",
        title=T("Delete the account, now"),
        loses=(*loses, fact("delete.final")),
        next=T("You press Delete on the page for the last time. Nobody can promise a way back."),
    )
    return (
        Step(
            "login",
            "web.login",
            T(
                "Sign in on the page, with the account that is to be deleted. I type nothing there and see no password."
            ),
            T("Are you signed in?"),
            (fact("delete.captcha"), fact("delete.password_changed")),
        ),
        Step(
            "warning",
            "web.warning",
            T("Read the page's warning and go on to the next page."),
            T("Do you see the consent that is to be ticked?"),
            (fact("delete.words"),),
        ),
        Step(
            "consent",
            "web.consent",
            T("Tick the consent. Do not press “Delete account” yet: I ask you first."),
            T("Is it ticked?"),
        ),
        Step(
            "request",
            "web.consent",
            T("Now press “Delete account” on the page, once."),
            T("Did you press it, and does the page ask for a code?"),
            gate=request,
            presses=T("Delete account"),
        ),
        Step(
            "code",
            "web.code",
            T("Type the code into the page and go on. Do not press the last Delete yet: I ask you first."),
            T("Did the page take the code?"),
            (fact("delete.codes"),),
        ),
        Step(
            "final",
            "web.final",
            T("Now press Delete on the page, once."),
            T("Does the page say that the account is deleted, or that the deletion has begun?"),
            gate=final,
            presses=T("Delete"),
        ),
    )


LAST_SCREEN = "web.done"
"""What the page may show at its end."""


def place_of(screen: str | None) -> int | None:
    """How far the page is, as the number of the first step on this screen; None for a screen that is none of the page's."""
    if screen == LAST_SCREEN:
        return len(steps())
    return next((place for place, step in enumerate(steps()) if step.screen == screen), None)


def not_said(step: Step) -> PreflightError:
    """The error for a step of which the owner did not say that it worked."""
    fix = T(
        "Run the command again whenever you like, or ask Xiaomi to delete it: “mi-automator support”, or {url}.",
        url=link("data_rights"),
    )
    if step.screen == "web.code":
        fix = Text("{codes} {fix}", {"codes": fact("delete.codes"), "fix": fix})
    return PreflightError(
        T("It is not known that the account is deleted: you did not say so."),
        T("The page was at this step: {step}", step=step.does),
        fix,
    )


def not_told(why: Text) -> OutcomeUnknown:
    """The error for an owner who was told to press what deletes, where nobody says what came of it, and `why`."""
    return OutcomeUnknown(
        T("I can't tell whether you pressed what deletes."),
        why,
        T(
            "Look at Xiaomi's page: sign in again, and if that works the account is still there. Then run the command again to "
            "go on, or ask Xiaomi to delete it: “mi-automator support”, or {url}.",
            url=link("data_rights"),
        ),
    )


def locale_of(tag: str) -> str:
    """The language and country of a tag (`ru-RU`, `zh-Hans-CN`) as Xiaomi's pages take them; US English for any other."""
    first, *rest = tag.split("-")
    country = next((part for part in rest if len(part) == 2 and part.isascii() and part.isupper()), "")
    known = country and 2 <= len(first) <= 3 and first.isascii() and first.isalpha() and first.islower()
    return f"{first}_{country}" if known else "en_US"
