"""The plan says what a run then does: its gates, its screens, and nothing is tapped for it."""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import automator
from automator.cli.lines import print_line
from automator.cli.plan import lines
from automator.events import PlanEvent
from automator.journeys import Journey, reset, unlink
from automator.journeys.model import Owner, Tap
from automator.journeys.plan import ALWAYS, SAYS, plan
from automator.phone.facts import Account, Facts, parse_facts
from automator.practice.lab import Lab
from tests.conftest import ATLAS, ROMS, MakePlugged, thinned
from tests.test_cli import run

JOURNEYS: dict[str, Callable[[], Journey]] = {
    "unlink": unlink,
    "unlink --remove-synced": lambda: unlink(remove_synced=True),
    "reset": reset,
}
SCHEMA = json.loads((Path(automator.__file__).parent / "events.schema.json").read_text(encoding="utf-8"))


def facts(rom: str = "HyperOS 2", **known: Any) -> Facts:
    account = (Account("com.xiaomi", "62•••35"),)
    return replace(parse_facts("x", ""), brand="Xiaomi", rom=rom, accounts=account, **known)


@pytest.mark.parametrize(
    ("rom", "journey", "more"),
    thinned(
        ROMS,
        (
            ("unlink", {"find_device": False}),
            ("unlink --remove-synced", {"cards": True, "e2ee": True}),
            ("reset", {"cards": True}),
        ),
    ),
)
def test_a_run_asks_at_the_gates_of_its_plan_and_passes_its_screens(
    plug: MakePlugged, rom: str, journey: str, more: dict[str, Any]
) -> None:
    phone = plug(rom, **more)
    phone.run(JOURNEYS[journey]())
    (planned,) = phone.of("plan")
    assert phone.events.index(planned) < phone.events.index(phone.of("screen")[0])
    asked = {event.gate for event in phone.of("gate")}
    sure = {step.gate for step in planned.steps if step.gate and not step.sometimes}
    assert sure <= asked <= {step.gate for step in planned.steps}
    certain = {step.screen for step in planned.steps if not step.sometimes and step.who != "phone"}
    seen = {event.screen for event in phone.of("screen") if event.screen}
    assert certain <= seen <= {step.screen for step in planned.steps}
    loses = {step.gate: step.loses for step in planned.steps}
    assert all(loses[event.gate] == event.loses for event in phone.of("gate"))


@pytest.mark.parametrize(
    ("rom", "journey", "way"),
    [
        ("MIUI 8", "reset", ["settings.home", "settings.additional", "backup.reset"]),
        ("MIUI 11", "reset", ["settings.home", "about.phone", "backup.reset"]),
        ("HyperOS 2", "reset", ["settings.home", "about.phone"]),
        ("HyperOS 9", "reset", ["settings.home", "about.phone"]),
        ("MIUI 14", "unlink", ["settings.home"]),
    ],
)
def test_the_way_is_that_of_the_rom(rom: str, journey: str, way: list[str]) -> None:
    steps = plan(JOURNEYS[journey](), facts(rom), ATLAS).steps
    start = JOURNEYS[journey]().start
    assert [(step.screen, step.sometimes) for step in steps[: len(way) + 2]] == [
        (start, False),
        *((screen, True) for screen in way),
        (start, False),
    ]


def test_without_an_account_a_reset_asks_for_no_password() -> None:
    without = {step.gate for step in plan(reset(), replace(facts(), accounts=()), ATLAS).steps}
    unknown = {step.gate for step in plan(reset(), replace(facts(), accounts=None), ATLAS).steps}
    assert "reset.find_device_off" not in without and "reset.find_device_off" in unknown


def test_what_is_done_needs_no_steps() -> None:
    done = plan(unlink(), replace(facts(), accounts=()), ATLAS)
    assert (done.steps, done.seconds, len(lines(done))) == ([], 0, 1)


def test_the_count_downs_are_counted() -> None:
    assert plan(reset(), facts(), ATLAS).seconds >= 20 + plan(unlink(), facts(), ATLAS).seconds


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_step_has_words_of_its_own(journey: str) -> None:
    table = JOURNEYS[journey]().table
    unsaid = [
        screen
        for screen, rule in table.items()
        if isinstance(rule, Tap) or (isinstance(rule, Owner) and rule.gate is None)
        if screen not in SAYS
    ]
    assert unsaid == []
    assert ATLAS.screens.keys() >= ALWAYS


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_plan_is_short_and_marks_what_is_asked(journey: str) -> None:
    event = plan(JOURNEYS[journey](), facts("MIUI 8"), ATLAS)
    said = lines(event)
    assert sum(len(textwrap.wrap(line, 79)) for line in said) <= 14
    assert "\n".join(said).count("◆ ") == 1 + sum(step.gate is not None for step in event.steps)


def test_the_command_prints_it_and_taps_nothing(plug: MakePlugged, lab: Lab) -> None:
    phone = plug("hyperos2")
    shown = run("plan", "unlink", "-s", phone.wire.serial, lab=lab)
    assert shown.returncode == 0 and "◆ Sign the Xiaomi Account out" in shown.stdout
    told = run("plan", "reset", "-s", phone.wire.serial, "--json", lab=lab)
    (line,) = told.stdout.splitlines()
    jsonschema.validate(json.loads(line), SCHEMA)
    assert PlanEvent.model_validate_json(line).journey == "reset"
    assert phone.device.log == []


def test_a_phone_that_is_not_ready_has_no_plan(plug: MakePlugged, lab: Lab) -> None:
    phone = plug(network=False)
    refused = run("plan", "unlink", "-s", phone.wire.serial, lab=lab)
    assert (refused.returncode, refused.stdout) == (3, "") and "Wi-Fi" in refused.stderr
    phone.device.state.account = None
    done = run("plan", "unlink", "-s", phone.wire.serial, lab=lab)
    assert done.returncode == 0 and "nothing to do" in done.stdout


def test_what_a_reset_means_for_the_account_is_said_without_asking(plug: MakePlugged, lab: Lab) -> None:
    phone = plug("hyperos2")
    for command in (("plan", "reset"), ("reset", "--dry-run"), ("plan", "unlink")):
        said = run(*command, "-s", phone.wire.serial, lab=lab)
        assert (said.returncode, said.stderr) == (0, "")
        warned = said.stdout.count("Without the password do not reset")
        assert warned == ("reset" in command) and "Go on with the reset?" not in said.stdout
    assert phone.destructive() == []


@pytest.mark.parametrize(
    ("line", "follows"),
    [
        ("  2. ◆ Sign the account out", 5),
        ("  12. Wait for the phone", 6),
        ("! Without the password do not", 2),
        ("    → Remove the account from", 6),
        ("2025 was long ago, and so on", 0),
    ],
)
def test_what_follows_stands_below_the_first_word(
    line: str, follows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Narrow(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "30")
    print_line(f"{line} {line.split()[-1]}", shown := Narrow())
    first, second = shown.getvalue().splitlines()
    assert first == line and len(second) - len(second.lstrip()) == follows
