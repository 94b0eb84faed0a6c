"""The commands in a real terminal, and without one: words, exit codes, JSON."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pexpect
import pytest

import automator
from automator import events
from automator.chain import EXTRA
from automator.consent import phrase
from automator.errors import ConsentDeclined
from automator.journeys import unlink
from automator.phone import wait_for_phone
from automator.practice.lab import Lab
from automator.report import read
from automator.text import Text
from tests.conftest import MakePlugged, Plugged, ScriptedOwner, Terminal, outcome_of, thinned, unhashed

OpenTerminal = Callable[..., Terminal]
SCHEMA = Path(automator.__file__).parent / "events.schema.json"


def run(*arguments: str, lab: Lab | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command without a terminal."""
    port = {"ANDROID_ADB_SERVER_PORT": str(lab.port)} if lab else {}
    done = subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        env={**os.environ, **port, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_the_schema_that_is_shipped_is_that_of_the_events() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == events.schema()


@pytest.mark.parametrize("journey", ["unlink", "reset"])
def test_rehearse_needs_no_terminal_and_speaks_json(journey: str) -> None:
    done = run("rehearse", journey, "--json", "--phone-lang", "ru")
    assert done.returncode == 0, done.stderr
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, schema)
    kinds = {line["event"] for line in lines}
    assert kinds >= {"phone", "facts", "screen", "move", "ask", "gate", "consent", "tap", "outcome"}
    outcome = outcome_of(done.stdout)
    expected = {"unlink": "signed_out", "reset": "reset_started"}[journey]
    assert (outcome.journey, outcome.result, outcome.verified, outcome.exit_code) == (
        journey,
        expected,
        True,
        0,
    )
    journal = [json.loads(line) for line in Path(outcome.journal).read_text(encoding="utf-8").splitlines()]
    assert [{name: line[name] for name in line if name not in EXTRA} for line in journal] == lines
    assert "rehearsal" in done.stderr


def test_dry_run_ends_with_an_outcome() -> None:
    done = run("rehearse", "unlink", "--dry-run", "--json")
    outcome = outcome_of(done.stdout)
    assert (done.returncode, outcome.result, outcome.verified) == (0, "dry_run", False)
    assert "STOP · Sign the Xiaomi Account out" in done.stderr and "Type UNLINK" not in done.stderr


def test_journals_are_the_owners_alone_and_hold_no_secret(
    plug: MakePlugged, lab: Lab, tmp_path: Path
) -> None:
    phone = plug("hyperos2")
    from automator.journeys import unlink

    phone.run(unlink())
    (folder,) = (tmp_path / "runs").iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    account = phone.device.state
    secrets = ["6230481535", "6230***535", "Mila", account.account_password, "2580"]
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        content = unhashed(file.read_bytes().decode("utf-8", "replace"))
        assert [secret for secret in secrets if secret in content] == [], file
    shown = {path.name.split("-", 1)[1] for path in folder.glob("*.jpg")}
    assert "account.home.jpg" in shown and "account.password.jpg" not in shown


@pytest.mark.parametrize("journey", ["unlink", "reset"])
def test_by_hand_in_a_terminal(plug: MakePlugged, terminal: OpenTerminal, journey: str) -> None:
    phone = plug("miui14")
    device = phone.device
    word = phrase(journey, phone.wire.serial)
    person = terminal(journey, "--serial", phone.wire.serial)
    if journey == "reset":
        person.see("Go on with the reset? [y/N] ")
        person.type("y")
        person.see(f"Type {word} to go on; anything else stops: ")
        person.type(f"  {word} ")
        person.see("enter its screen lock")
        device.finger_type("2580")
        device.finger_tap("key_pos_ime_action")
        person.see("Switch Find Device off")
    person.see(f"Type {word} to go on; anything else stops: ")
    person.type(word)
    person.see("type the password of your Xiaomi Account")
    device.finger_type("wrong")
    device.finger_tap("OK")
    assert device.screen.endswith(".password")
    for _ in range(5):
        device.finger_tap("Delete") if "Delete" in device.visible_texts() else None
    device.owner_acts()
    if journey == "reset":
        person.see("Erase everything on this phone, now")
        person.see(f"Type {word} to go on; anything else stops: ")
        person.type(word)
    code, rest = person.end()
    assert code == 0, rest
    assert ("✓ Signed out" if journey == "unlink" else "✓ The reset has begun") in rest


CARD = {"en": "STOP · Sign the Xiaomi Account out", "ru": "СТОП · "}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("answer", ["", "yes", "\x04"])
def test_a_refusal_is_exit_4_and_says_where_the_phone_is(
    plug: MakePlugged, terminal: OpenTerminal, language: str, answer: str
) -> None:
    phone = plug()
    person = terminal("unlink", "-s", phone.wire.serial, "--lang", language)
    person.see(CARD[language])
    person.see(phrase("unlink", phone.wire.serial))
    if answer == "\x04":
        person.child.sendeof()
    else:
        person.type(answer)
    code, rest = person.end()
    assert code == 4
    assert ("left where it is" if language == "en" else "остаётся") in rest
    assert phone.destructive() == []


def test_ctrl_c_at_the_prompt_is_exit_130_and_a_second_run_goes_on(
    plug: MakePlugged, terminal: OpenTerminal
) -> None:
    phone = plug()
    person = terminal("unlink", "-s", phone.wire.serial)
    person.see("anything else stops: ")
    person.child.sendintr()
    code, rest = person.end()
    assert code == 130 and "left where it is" in rest
    again = terminal("unlink", "-s", phone.wire.serial)
    again.see("anything else stops: ")
    again.type(phrase("unlink", phone.wire.serial))
    again.see("type the password")
    phone.device.owner_acts()
    code, rest = again.end()
    assert code == 0 and "✓ Signed out" in rest


def _unready(phone: Plugged) -> None:
    phone.device.state.network = False


def _no_taps(phone: Plugged) -> None:
    phone.device.state.adbinput = False


def _unknown(phone: Plugged) -> None:
    phone.device.show("settings.home")
    phone.device.popup("popup.unknown")


def _ambiguous(phone: Plugged) -> None:
    rom = phone.device.rom
    page = rom.screens["account.home"]
    twice = page.model_copy(update={"body": (*page.body, page.body[-1])})
    phone.device.rom = phone.device.flow.rom = rom.model_copy(
        update={"screens": {**rom.screens, "account.home": twice}}
    )


def _lost(phone: Plugged) -> None:
    phone.device.at("before:rpc.dumpWindowHierarchy", 2, lambda _: phone.wire.unplug())


def _nothing(_: Plugged) -> None: ...


Broken = Callable[[Plugged], None]


@pytest.mark.parametrize(
    ("error", "code", "broken", "language"),
    thinned(
        (
            ("PreflightError", 3, _unready),
            ("InputRefused", 3, _no_taps),
            ("ScreenUnknown", 5, _unknown),
            ("AmbiguousElement", 5, _ambiguous),
            ("PhoneLost", 6, _lost),
            ("NobodyToAsk", 8, _nothing),
        ),
        ("en", "ru"),
    ),
)
def test_each_error_without_a_terminal(
    plug: MakePlugged, lab: Lab, error: str, code: int, broken: Broken, language: str
) -> None:
    phone = plug()
    broken(phone)
    done = run("unlink", "-s", phone.wire.serial, "--json", "--lang", language, lab=lab)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    (said,) = [line for line in lines if line["event"] == "error"]
    assert (done.returncode, said["error"], said["exit_code"]) == (code, error, code)
    _what_why_fix(said, done.stderr, language)
    outcome = outcome_of(done.stdout)
    assert (outcome.result, outcome.exit_code, outcome.verified) == ("stopped", code, False)
    assert phone.destructive() == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_unknown_outcome_is_exit_7(plug: MakePlugged, terminal: OpenTerminal, language: str) -> None:
    phone = plug(synced_data=False)
    person = terminal("unlink", "-s", phone.wire.serial, "--json", "--lang", language, "--wait", "1")
    person.see(CARD[language])
    person.see(f"{phrase('unlink', phone.wire.serial)}")
    phone.device.at("after:rpc.click", 1, lambda _: phone.wire.unplug())
    person.type(phrase("unlink", phone.wire.serial))
    code, rest = person.end()
    lines = [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
    (said,) = [line for line in lines if line["event"] == "error"]
    assert (code, said["error"], lines[-1]["result"]) == (7, "OutcomeUnknown", "unknown")
    _what_why_fix(said, rest, language)


def _what_why_fix(said: dict[str, Any], shown: str, language: str) -> None:
    for part in ("what", "why", "fix"):
        assert said[part]
        assert any("а" <= letter <= "я" for letter in said[part]) is (language == "ru")
        assert said[part].split()[0] in shown


def test_no_phone_and_two_phones(plug: MakePlugged, lab: Lab) -> None:
    gone = run("unlink", "-s", "no-such-phone", "--json", lab=lab)
    assert (gone.returncode, outcome_of(gone.stdout).result) == (3, "stopped")
    assert "no-such-phone" in gone.stderr
    none = run("reset", "--json", lab=lab)
    assert none.returncode == 3 and "--serial" in none.stderr


def test_an_unauthorized_phone_is_said_so_at_once(lab: Lab, plug: MakePlugged) -> None:
    phone = plug()
    phone.wire.unplug()
    phone.device.authorised = False
    phone.wire.plug()
    lab.client.connect(phone.wire.serial)
    lab.wait(phone.wire, "unauthorized")
    done = run("unlink", "-s", phone.wire.serial, lab=lab)
    assert done.returncode == 3 and "Allow" in done.stderr
    listed = run("devices", lab=lab)
    assert "unauthorized" in listed.stdout and "Allow" in listed.stdout
    phone.device.authorised = True


def test_it_waits_until_the_owner_allows_the_computer(
    lab: Lab, plug: MakePlugged, terminal: OpenTerminal
) -> None:
    phone = plug()
    phone.wire.unplug()
    phone.device.authorised = False
    phone.wire.plug()
    lab.client.connect(phone.wire.serial)
    person = terminal("unlink", "-s", phone.wire.serial, "--dry-run")
    person.see("tap Allow")
    phone.device.authorised = True
    code, rest = person.end()
    assert code == 0 and "Dry run" in rest


def test_devices_and_status(plug: MakePlugged, lab: Lab) -> None:
    phone = plug("hyperos1")
    listed = run("devices", "--json", lab=lab)
    assert phone.wire.serial in [json.loads(line)["serial"] for line in listed.stdout.splitlines()]
    shown = run("status", "-s", phone.wire.serial, lab=lab)
    assert shown.returncode == 0
    assert "HyperOS 1" in shown.stdout and "62•••35" in shown.stdout
    assert "6230***535" not in shown.stdout and "unlink: ready." in shown.stdout
    told = run("status", "--json", lab=lab, ANDROID_SERIAL=phone.wire.serial)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for line in told.stdout.splitlines():
        jsonschema.validate(json.loads(line), schema)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("command", ["devices", "status", "unlink", "reset", "rehearse", "practice", "help"])
def test_help_shows_an_example_first(command: str, language: str) -> None:
    said = run(command, "--help", LANG=f"{language}_XX.UTF-8").stdout
    example = {"en": "Example: mi-automator", "ru": "Пример: mi-automator"}[language]
    assert f"{example} {command}" in said


def test_exit_codes_are_explained() -> None:
    said = run("help", "exit-codes").stdout
    codes = [int(line.split()[0]) for line in said.splitlines() if line.startswith(" ")]
    assert codes == [0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 141]


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["unlink", "--force"], ["rehearse", "unlink", "--rom", "x"]]
)
def test_usage_is_exit_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


def test_practice_prints_what_to_set_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "automator", "practice", "--rom", "miui14"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout and running.stdin
    with running:
        port = running.stdout.readline().strip().removeprefix("ANDROID_ADB_SERVER_PORT=")
        serial = running.stdout.readline().strip().removeprefix("ANDROID_SERIAL=")
        done = run("unlink", "--dry-run", "--json", ANDROID_ADB_SERVER_PORT=port, ANDROID_SERIAL=serial)
        assert outcome_of(done.stdout).result == "dry_run"
        running.stdin.write("look\ntap nonsense\ndance\n")
        running.stdin.flush()
        said = [running.stdout.readline() for _ in range(6)]
        assert any("[account.home]" in line for line in said)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)
    assert running.returncode == 0
    ended = run("devices", ANDROID_ADB_SERVER_PORT=port, ADBUTILS_ADB_PATH="/nonexistent")
    assert ended.returncode in (3, 6)


@pytest.mark.full
def test_a_reader_that_leaves_at_the_last_lines_changes_nothing_about_how_it_ended() -> None:
    command = [sys.executable, "-m", "automator", "rehearse", "unlink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout and running.stderr
        assert any(line.startswith("  tapped “Keep”") for line in running.stdout)
        assert next(line for line in running.stdout if line.startswith("✓ Signed out"))
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 0


def test_importing_selectors_is_the_standard_librarys() -> None:
    top = Path(automator.__file__).parents[1]
    code = "import selectors, asyncio, subprocess; print(selectors.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=top, capture_output=True, text=True, check=True, timeout=30
    )
    assert "selectors.py" in done.stdout


PICK = """
import sys
import time
from automator.cli.output import Output
from automator.cli.pick import pick_phone
from automator.phone import Listed
several = [Listed("one", "device", "usb"), Listed("two", "unauthorized", "usb")]
chosen = pick_phone(Output(json=False), several)
print("chosen:", chosen.serial if chosen else None)
"""


@pytest.mark.parametrize(
    ("typed", "chosen"), [("2", "two"), ("1", "one"), ("3", "None"), ("x", "None"), ("", "None")]
)
def test_choosing_among_several_on_a_terminal(typed: str, chosen: str) -> None:
    child = pexpect.spawn(sys.executable, ["-c", PICK], encoding="utf-8", timeout=20)
    child.expect_exact("Type its number: ")
    child.sendline(typed)
    child.expect_exact(f"chosen: {chosen}")
    child.expect(pexpect.EOF)
    child.close()


def test_the_same_from_python(plug: MakePlugged, lab: Lab) -> None:
    phone = plug()
    heard: list[events.Event] = []
    owner = ScriptedOwner(phone)
    serial = phone.wire.serial
    assert serial in [listed.serial for listed in automator.devices(lab.client)]
    assert automator.status(serial, client=lab.client).rom == "HyperOS 2"
    outcome = automator.unlink(serial, owner, listen=heard.append, client=lab.client)
    assert (outcome.result, outcome.verified) == ("signed_out", True)
    assert heard[-1].event == "outcome"
    with pytest.raises(ConsentDeclined):
        automator.reset(serial, ScriptedOwner(phone, lambda _: "no"), listen=heard.append, client=lab.client)
    assert heard[-1].event == "outcome" and heard[-1].result == "declined"


def test_everything_public_is_there() -> None:
    for name in automator.__all__:
        assert getattr(automator, name) is not None
    assert automator.__all__ == sorted(automator.__all__)


KILLED_AT = ["after:rpc.takeScreenshot", "before:rpc.click", "after:rpc.click"]


@pytest.mark.parametrize("moment", KILLED_AT)
def test_a_killed_run_leaves_a_journal_that_reads_back_and_a_second_one_finishes(
    plug: MakePlugged, terminal: OpenTerminal, tmp_path: Path, moment: str
) -> None:
    phone = plug()
    person = terminal("unlink", "-s", phone.wire.serial)
    phone.device.at(moment, 1, lambda _: person.child.kill(signal.SIGKILL))
    if "click" in moment:
        person.see("anything else stops: ")
        person.type(phrase("unlink", phone.wire.serial))
    code, _ = person.end()
    assert code == 128 + signal.SIGKILL
    (journal,) = (tmp_path / "runs").glob("*/journal.jsonl")
    written = read(journal.parent)
    assert written.events and written.unread == 0 and written.outcome is None
    outcome = phone.run(unlink())
    assert outcome.verified and phone.device.state.account is None


def test_what_is_typed_into_the_wrong_window_is_neither_shown_nor_an_answer(
    plug: MakePlugged, terminal: OpenTerminal
) -> None:
    phone = plug()
    person = terminal("unlink", "-s", phone.wire.serial)
    phone.device.at("before:rpc.dumpWindowHierarchy", 1, lambda _: person.type("correct horse"))
    person.see("anything else stops: ")
    assert "horse" not in str(person.child.before)
    person.type("a no")
    code, said = person.end()
    assert code == 4 and "a no" in said and "horse" not in said


def test_a_run_that_is_told_to_end_closes_its_record(
    plug: MakePlugged, terminal: OpenTerminal, tmp_path: Path
) -> None:
    phone = plug()
    person = terminal("unlink", "-s", phone.wire.serial)
    person.see("anything else stops: ")
    person.child.kill(signal.SIGTERM)
    code, said = person.end()
    assert code == 130 and "Stopped." in said
    (journal,) = (tmp_path / "runs").glob("*/journal.jsonl")
    outcome = read(journal.parent).outcome
    assert outcome is not None and outcome.result == "stopped"


def test_an_unauthorized_phone_is_told_of_within_two_seconds_and_then_waited_for(
    lab: Lab, plug: MakePlugged
) -> None:
    phone = plug()
    phone.wire.revoke()
    lab.wait(phone.wire, "unauthorized")
    told: list[float] = []
    began = time.monotonic()

    def allow(text: Text) -> None:
        told.append(time.monotonic() - began)
        phone.device.authorised = True

    assert wait_for_phone(lab.client, phone.wire.serial, 20, allow, lambda _: None).ready
    assert told[0] < 2
