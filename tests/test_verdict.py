"""Ready to hand on or not: what stands in the way, and what mends it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import automator
from automator.cli.look import verdict_lines
from automator.doctor.verdict import verdict
from automator.events import Blocker, VerdictEvent
from automator.phone.facts import parse_facts
from automator.practice.lab import Lab
from tests.conftest import MakePlugged
from tests.test_cli import run

SCHEMA = json.loads((Path(automator.__file__).parent / "events.schema.json").read_text(encoding="utf-8"))
CLEAN: dict[str, Any] = {"account": None, "google_account": False, "sim": False}


@pytest.mark.parametrize(
    ("state", "ready", "found"),
    [
        ({}, False, {"xiaomi_account": "fail", "google_account": "fail", "sim": "fail"}),
        (CLEAN, None, {"sim": "warn"}),
        ({**CLEAN, "google_account": True}, False, {"google_account": "fail", "xiaomi_account": "pass"}),
        (
            {**CLEAN, "accounts_time_out": True},
            None,
            {"xiaomi_account": "unknown", "google_account": "unknown"},
        ),
        (
            {**CLEAN, "properties": {"ro.secureboot.lockstate": "unlocked"}},
            None,
            {"bootloader": "warn"},
        ),
        (
            {**CLEAN, "properties": {"ro.secureboot.lockstate": "", "ro.boot.flash.locked": ""}},
            None,
            {"bootloader": "unknown"},
        ),
        ({**CLEAN, "device_owner": "com.example.mdm"}, False, {"management": "fail"}),
        ({**CLEAN, "forbidden": ("no_factory_reset",)}, False, {"management": "fail"}),
        ({**CLEAN, "work_profile": "com.example.work"}, False, {"management": "fail"}),
        ({**CLEAN, "properties": {"gsm.sim.state": ""}}, None, {"sim": "unknown"}),
    ],
)
def test_what_stands_in_the_way(
    plug: MakePlugged, state: dict[str, Any], ready: bool | None, found: dict[str, str]
) -> None:
    event = verdict(plug("hyperos2", **state).connect().facts())
    checks = {blocker.id: blocker for blocker in event.blockers}
    assert event.ready is ready
    assert {name: checks[name].status for name in found} == found
    # Neither is for adb to tell, so neither is ever called well.
    assert {checks[name].status for name in ("find_device", "sd_card", "screen_lock")} == {"unknown"}
    assert all(blocker.fix for blocker in event.blockers if blocker.status != "pass")


def test_a_phone_that_says_nothing_is_not_called_ready() -> None:
    event = verdict(parse_facts("x", ""))
    assert event.ready is None
    assert {blocker.status for blocker in event.blockers} == {"unknown"}


@pytest.mark.parametrize(
    ("status", "ready"), [("fail", False), ("unknown", None), ("warn", True), ("pass", True)]
)
def test_what_was_not_checked_is_named(status: Any, ready: bool | None) -> None:
    event = VerdictEvent(
        time="", ready=ready, blockers=[Blocker(id="x", status=status, why="why so", fix="do that")]
    )
    head, *rest = verdict_lines(event)
    assert head.startswith("To hand it on: ready.") is (ready is True)
    assert [line.strip(" ✗!?→") for line in rest] == ([] if status == "pass" else ["why so", "do that"])


def test_status_says_it_to_people_and_to_machines(plug: MakePlugged, lab: Lab) -> None:
    phone = plug("hyperos2")
    shown = run("status", "-s", phone.wire.serial, lab=lab).stdout
    assert shown.index("unlink: ready.") < shown.index("To hand it on: not ready.")
    assert "mi-automator unlink" in shown and "? Whether Find Device is on" in shown
    told = run("status", "-s", phone.wire.serial, "--json", lab=lab).stdout
    events = [json.loads(line) for line in told.splitlines()]
    assert [event["event"] for event in events] == ["phone", "facts", "verdict"]
    jsonschema.validate(events[-1], SCHEMA)
    assert events[-1]["ready"] is False
    assert phone.device.log == []


def test_the_names_of_accounts_are_masked(plug: MakePlugged) -> None:
    facts = plug("hyperos2").connect().facts()
    assert "6230" not in verdict(replace(facts, serial="")).model_dump_json()
