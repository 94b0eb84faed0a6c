"""No command at all: which way fits this phone, asked only where somebody can answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from automator.cli.advise import advice
from automator.phone.facts import Account, Facts, parse_facts
from automator.practice.lab import Lab
from tests.conftest import MakePlugged, Terminal
from tests.test_cli import run

OpenTerminal = Callable[..., Terminal]
QUESTION = "Do you know its password?"
SIGNED_IN = replace(
    parse_facts("x", ""),
    brand="Xiaomi",
    rom="HyperOS 2",
    accounts=(Account("com.xiaomi", "62•••35"),),
    bootloader="locked",
)
ACCESS = (
    "mi-automator unlink",
    "delete the account altogether",
    "mi-automator delete-account",
    "after every phone",
)
NO_ACCESS = (
    "Set a new one first: https://account.xiaomi.com",
    "mi-automator reset",
    "official ROM",
    "proof of purchase",
    "mi-automator support",
)


@pytest.mark.parametrize(
    ("facts", "knows", "said", "unsaid"),
    [
        (SIGNED_IN, True, ACCESS, ("official ROM", "proof of purchase")),
        (SIGNED_IN, False, NO_ACCESS, ("delete the account",)),
        (SIGNED_IN, None, (*ACCESS, *NO_ACCESS, "62•••35"), ()),
        (replace(SIGNED_IN, accounts=None), None, (*ACCESS, *NO_ACCESS, "does not say which accounts"), ()),
        (SIGNED_IN, False, ("closed to this phone",), ("Reflash Xiaomi",)),
        (
            replace(SIGNED_IN, bootloader="unlocked"),
            False,
            ("this phone's is unlocked", "mi-automator reflash"),
            (),
        ),
        (replace(SIGNED_IN, bootloader=None), False, ("does not say whether its is",), ()),
        (replace(SIGNED_IN, accounts=()), None, ("nothing to sign out", "mi-automator reset"), (QUESTION,)),
        (replace(SIGNED_IN, brand="Acme"), None, ("not a Xiaomi phone",), ("mi-automator reset",)),
        (replace(SIGNED_IN, rom=""), None, ("does not run MIUI or HyperOS",), ("mi-automator unlink",)),
    ],
)
def test_the_ways_that_fit(
    facts: Facts, knows: bool | None, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    lines = "\n".join(map(str, advice(facts, lambda _: knows)))
    assert [words for words in said if words not in lines] == []
    assert [words for words in unsaid if words in lines] == []


def test_no_phone_no_question(lab: Lab) -> None:
    done = run(lab=lab)
    assert (done.returncode, done.stderr) == (3, "")
    assert "data cable" in done.stdout and "mi-automator rehearse unlink" in done.stdout
    assert "mi-automator --help" in done.stdout and QUESTION not in done.stdout


def test_without_a_terminal_both_ways_are_said(plug: MakePlugged, lab: Lab) -> None:
    phone = plug("hyperos2")
    done = run(lab=lab, ANDROID_SERIAL=phone.wire.serial)
    assert (done.returncode, done.stderr) == (0, "")
    assert QUESTION not in done.stdout
    assert "You know the password:" in done.stdout and "You do not know the password:" in done.stdout
    assert phone.device.log == []


@pytest.mark.parametrize(
    ("typed", "said", "unsaid"),
    [
        ("y", "You know the", "You do not know"),
        ("n", "You do not know", "You know the"),
        ("dunno", "You know the", "You do not know"),
        ("\x03", "", "•"),
    ],
)
def test_on_a_terminal_it_asks_once(
    plug: MakePlugged, terminal: OpenTerminal, typed: str, said: str, unsaid: str
) -> None:
    phone = plug("hyperos2")
    person = terminal(ANDROID_SERIAL=phone.wire.serial)
    person.see(QUESTION)
    if typed == "\x03":
        person.child.sendintr()
    else:
        person.type(typed)
    if typed == "dunno":
        person.see("I take y for yes and n for no")
        person.type("y")
    code, rest = person.end()
    assert code == (130 if typed == "\x03" else 0)
    assert said in rest and unsaid not in rest and QUESTION not in rest


def test_help_and_version_stay_what_they_are() -> None:
    assert "Commands" in run("--help").stdout
    assert run("--version").stdout.strip().count(".") == 2
