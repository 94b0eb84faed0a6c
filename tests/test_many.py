"""Several phones at once: each behind its own consent, whatever happens to the others."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pexpect
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import automator
from automator.cli import many
from automator.cli.journey import Options
from automator.cli.many import StoppablePhone, in_slices, several
from automator.cli.owner import follow
from automator.consent import phrase
from automator.errors import PreflightError
from automator.journeys import Card, Deed, Hands, reset, unlink
from automator.journeys.many import WORST_FIRST, letters_needed, meant, worst
from automator.phone import parse_devices, wait_for_phone
from automator.phone.server import TooLate
from automator.practice.lab import Lab
from automator.practice.phone import Latency, State
from automator.practice.phone import Phone as PracticePhone
from automator.text import Text
from tests.conftest import FAST, MakePlugged, Plugged, Terminal, prove_gates

OpenTerminal = Callable[..., Terminal]
SCHEMA = json.loads((Path(automator.__file__).parent / "events.schema.json").read_text(encoding="utf-8"))
HUB = """List of devices attached
aaaa1111 device usb:1-4.1 product:x model:Mi_11 device:x transport_id:1
bbbb2222 unauthorized usb:1-4.2 transport_id:2
cccc3333 no permissions (user in plugdev group); see [http://developer.android.com] usb:1-4.3 transport_id:3
192.168.0.5:5555 device product:x model:Mi_9 device:x transport_id:4
emulator-5554 device product:x model:sdk device:x transport_id:5
"""
PROMPT = r"Type (UNLINK-\w+) to go on"
PASSWORD = r"(127\.0\.0\.1:\d+)\):\s+On\s+the\s+phone:\s+type\s+the\s+password"


@pytest.mark.parametrize(
    ("named", "every", "expected"),
    [
        ([], True, ["aaaa1111", "bbbb2222", "cccc3333"]),
        (["192.168.0.5:5555"], True, ["aaaa1111", "bbbb2222", "cccc3333", "192.168.0.5:5555"]),
        (["aaaa1111", "aaaa1111"], False, ["aaaa1111"]),
        (["gone", "emulator-5554"], False, ["gone", "emulator-5554"]),
        ([], False, []),
    ],
)
def test_those_on_usb_are_meant_and_others_when_they_are_named(
    named: list[str], every: bool, expected: list[str]
) -> None:
    listed = parse_devices(HUB)
    assert meant(listed, named, every=every) == expected
    assert [phone.place for phone in listed] == ["1-4.1", "1-4.2", "1-4.3", "", ""]


@pytest.mark.parametrize(
    ("serial", "others", "letters"),
    [
        ("aaaa1111", ["aaaa1111", "bbbb2222"], 4),
        ("a1b2c3d4", ["zzb2c3d4"], 7),
        ("a1b2c3d4", ["A1B2-C3D4"], None),
        ("C3D4", ["3C3D4"], 5),
        ("127.0.0.1:41233", ["127.0.0.1:51233", "x"], 5),
        ("", [], 4),
    ],
)
def test_a_phrase_has_as_many_letters_as_tell_the_phones_apart(
    serial: str, others: list[str], letters: int | None
) -> None:
    assert letters_needed(serial, others) == letters


@given(st.sets(st.text(alphabet="ab1", min_size=1, max_size=7), min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_two_phones_have_one_phrase(serials: set[str]) -> None:
    phrases = []
    for serial in serials:
        letters = letters_needed(serial, serials)
        assert letters is not None
        phrases.append(phrase("unlink", serial, letters))
    assert len(set(phrases)) == len(serials)


def test_the_worst_end_counts() -> None:
    assert worst([]) == worst([0, 0]) == 0
    assert worst([0, 4, 3, 0]) == 3 and worst([130, 7, 0]) == 7 and worst([8, 130]) == 130
    assert sorted(WORST_FIRST) == [0, 1, 3, 4, 5, 6, 7, 8, 130]


def phrase_of(name: str, serial: str, serials: Iterable[str]) -> str:
    """The phrase for this one of several: ports of practice phones may end alike."""
    return phrase(name, serial, letters_needed(serial, list(serials)) or 0)


class Person:
    """Who sits at the terminal, and goes to those phones when told to; answers by what the card says, and nothing else."""

    present = True

    def __init__(self, phones: list[Plugged], answers: Callable[[str], str] = lambda phrase: phrase) -> None:
        self.phones = {phone.wire.serial: phone for phone in phones}
        self.answers = answers
        self.hears: Callable[[str], object] = lambda _: None
        self.asked: list[tuple[str, str]] = []
        self.told: list[str] = []
        self._open = threading.Lock()
        self._main = threading.get_ident()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thing at a time, and all of it in the thread that has the terminal."""
        assert threading.get_ident() == self._main
        assert self._open.acquire(blocking=False)
        yield
        self._open.release()

    def show(self, card: Card) -> None:
        with self._alone():
            rows = {str(name): str(said) for name, said in card.about}
            assert {"Which one", "Place", "Sign"} <= set(rows)

    def answer(self, card: Card) -> str | None:
        with self._alone():
            assert card.facts is not None
            self.asked.append((card.facts.serial, card.gate.name))
            return self.answers(card.phrase)

    def confirm(self, warning: Text, question: Text) -> bool:
        with self._alone():
            return True

    def act(self, deed: Deed) -> None:
        with self._alone():
            self.told.append(str(deed.text))
            for serial, phone in self.phones.items():
                if f"{serial})" in str(deed.text):
                    follow(phone.device, deed)

    def tell(self, text: Text) -> None:
        with self._alone():
            self.told.append(str(text))
            self.hears(str(text))


def outcomes(runs: Path) -> dict[str, dict[str, Any]]:
    """The last line of each journal by the phone's serial."""
    found = {}
    for journal in runs.glob("*/journal.jsonl"):
        lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        serials = {line["serial"] for line in lines if line["event"] == "phone"}
        assert len(serials) <= 1
        found[next(iter(serials), journal.parent.name)] = lines[-1]
    return found


def _cable(phone: Plugged) -> None:
    phone.device.at("before:rpc.dumpWindowHierarchy", 2, lambda _: phone.wire.unplug())


def _unauthorized(phone: Plugged) -> None:
    phone.wire.revoke()
    phone.lab.wait(phone.wire, "unauthorized")


def _no_taps(phone: Plugged) -> None:
    phone.device.state.adbinput = False


def _popup(phone: Plugged) -> None:
    phone.device.show("settings.home")
    phone.device.popup("popup.unknown")


TROUBLES = (_cable, _unauthorized, _no_taps, _popup)


def eight(plug: MakePlugged) -> list[Plugged]:
    """Each second one has trouble."""
    phones = [plug(rom) for rom in ("hyperos2", "hyperos1", "hyperos3", "miui14") * 2]
    for phone, strike in zip(phones[::2], TROUBLES, strict=True):
        strike(phone)
    return phones


def prove_that_four_finished(phones: list[Plugged], asked: list[str], code: int, runs: Path) -> None:
    """Each of the four was asked about once and is signed out; nothing was lost on the others; the summary has all."""
    serials = [phone.wire.serial for phone in phones]
    well = serials[1::2]
    assert sorted(asked) == sorted(well)
    for phone, serial in zip(phones, serials, strict=True):
        assert bool(phone.destructive()) is (serial in well)
        assert (phone.device.state.account is None) is (serial in well)
    ends = outcomes(runs)
    codes = [ends[serial]["exit_code"] if serial in ends else 3 for serial in serials]
    assert (code, codes, len(ends)) == (6, [6, 0, 3, 0, 3, 0, 5, 0], 8)
    (page,) = runs.glob("*/summary.html")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    html = page.read_text(encoding="utf-8")
    assert "4 of 8 phones" in html and not [serial for serial in serials if serial in html]
    links = re.findall(r'href="([^"]+)"', html)
    assert len(links) == 8 and all((page.parent / link).is_file() for link in links)
    for number, phone in enumerate(phones, 1):
        if number % 2 == 0:
            assert f"phone {number}:" in phone.device.state.notifications["mi-automator"]


def test_four_of_eight_have_trouble_and_the_others_finish(
    plug: MakePlugged, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = eight(plug)
    serials = [phone.wire.serial for phone in phones]
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    person = Person(phones[1::2])
    options = Options(wait=0.5, patience=0.3, plain=True)
    code = several(unlink(), options, serials, every=False, follow=False, owner=person)
    asked = [serial for serial, gate in person.asked if gate != "unlink.delete_synced"]
    prove_that_four_finished(phones, asked, code, tmp_path / "runs")


@pytest.mark.full
@pytest.mark.parametrize("plain", [("--plain",), ()])
def test_four_of_eight_have_trouble_at_a_terminal(
    plug: MakePlugged, terminal: OpenTerminal, tmp_path: Path, plain: tuple[str, ...]
) -> None:
    phones = eight(plug)
    serials = [phone.wire.serial for phone in phones]
    named = [word for serial in serials for word in ("-s", serial)]
    person = terminal("unlink", *named, "--wait", "1", "--patience", "1", *plain)
    by_phrase = {phrase_of("unlink", serial, serials): serial for serial in serials}
    asked, said = [], ""
    while (found := person.child.expect([PROMPT, PASSWORD, pexpect.EOF])) != 2:
        match = person.child.match
        assert isinstance(match, re.Match)
        said += f"{person.child.before}{match[0]}"
        if found == 0:
            asked.append(by_phrase[match[1]])
            assert by_phrase[match[1]] in said[said.rindex("STOP") :]
            person.type(match[1])
        else:
            phones[serials.index(match[1])].device.owner_acts()
    code, _ = person.end()
    prove_that_four_finished(phones, asked, code, tmp_path / "runs")


DECLINES = "no"


def shuffled(
    lab: Lab,
    tmp_path: Path,
    phones: list[Plugged],
    journey: Any,
    answers: list[int],
    order: list[float],
    hands: Hands,
) -> None:
    """Walks the phones, each as slow as `order` says; whoever is asked answers right, wrongly, or another one's phrase."""
    for phone, seconds in zip(phones, order, strict=True):
        phone.device.latency = Latency(second=0.01, dump=seconds, tap=seconds / 2, transition=seconds)
    serials = [phone.wire.serial for phone in phones]
    words = [phrase_of(journey.name, serial, serials) for serial in serials]
    waiting = list(answers)
    declined: set[str] = set()

    def answer(word: str) -> str:
        kind = waiting.pop(0) if waiting else 0
        if kind == 0:
            return word
        declined.add(word)
        others = [other for other in words if other != word]
        return others[kind % len(others)] if kind > 1 else DECLINES

    person = Person(phones, answer)
    options = Options(wait=0.0, patience=20.0, hands=hands, plain=True)
    code = several(journey, options, serials, every=False, follow=False, owner=person)
    ends = outcomes(tmp_path / "runs")
    for phone, word in zip(phones, words, strict=True):
        expected = 4 if word in declined else 0
        assert ends[phone.wire.serial]["exit_code"] == expected, person.told
        if expected:
            assert phone.device.state.account is not None and not phone.device.state.erased
        prove_gates(phone, tmp_path / "runs")
    assert code == (4 if declined else 0)


def _shuffles(
    examples: int, most: int, hands: tuple[Hands, ...]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    given_them = given(
        journey=st.sampled_from((unlink(), unlink(remove_synced=True), reset())),
        answers=st.lists(st.integers(0, 3), max_size=2 * most),
        order=st.lists(st.sampled_from((0.0, 0.01, 0.05, 0.15)), min_size=most, max_size=most),
        hands=st.sampled_from(hands),
    )
    chosen = settings(
        max_examples=examples,
        phases=(
            Phase.explicit,
            Phase.reuse,
            Phase.generate,
        ),  # shrinking would walk the phones a hundred times
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        return chosen(given_them(test))

    return decorate


@_shuffles(examples=2, most=3, hands=("injected",))
def test_no_consent_reaches_another_phone(
    lab: Lab,
    tmp_path_factory: pytest.TempPathFactory,
    journey: Any,
    answers: list[int],
    order: list[float],
    hands: Hands,
) -> None:
    shuffle(lab, tmp_path_factory, journey, answers, order, hands)


@pytest.mark.full
@_shuffles(examples=25, most=6, hands=("injected", "injected", "guided"))
def test_no_consent_reaches_another_phone_whatever_the_timing(
    lab: Lab,
    tmp_path_factory: pytest.TempPathFactory,
    journey: Any,
    answers: list[int],
    order: list[float],
    hands: Hands,
) -> None:
    shuffle(lab, tmp_path_factory, journey, answers, order, hands)


def shuffle(
    lab: Lab,
    tmp_path_factory: pytest.TempPathFactory,
    journey: Any,
    answers: list[int],
    order: list[float],
    hands: Hands,
) -> None:
    """One example, with phones and a folder of its own."""
    folder = tmp_path_factory.mktemp("many")
    roms = ("miui14", "hyperos2", "miui12", "hyperos3", "hyperos1", "miui8")
    devices = [
        PracticePhone(rom, "en", state=State(language="en"), latency=FAST) for rom in roms[: len(order)]
    ]
    phones = [Plugged(device, lab.add(device), lab) for device in devices]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MI_AUTOMATOR_RUNS", str(folder / "runs"))
        patch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
        try:
            shuffled(lab, folder, phones, journey, answers, order, hands)
        finally:
            for phone in phones:
                phone.wire.unplug()
                phone.wire.stop()


def test_without_a_terminal_each_gate_refuses_and_each_line_says_which_phone(
    plug: MakePlugged, lab: Lab
) -> None:
    phones = [plug("hyperos2"), plug("miui14")]
    serials = [phone.wire.serial for phone in phones]
    done = run(lab, "unlink", *(word for serial in serials for word in ("-s", serial)), "--json")
    assert done.returncode == 8, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
    summary = lines.pop()
    assert {line["serial"] for line in lines} == set(serials)
    for serial in serials:
        mine = [line for line in lines if line["serial"] == serial]
        assert mine[-1]["event"] == "outcome" and mine[-1]["exit_code"] == 8
        assert [line["phrase"] for line in mine if line["event"] == "gate"] == [
            phrase_of("unlink", serial, serials)
        ]
    assert (summary["event"], summary["exit_code"]) == ("summary", 8)
    assert [one["serial"] for one in summary["phones"]] == serials
    assert not any(phone.destructive() for phone in phones)


def run(lab: Lab, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(lab.port)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_one_is_signed_out_and_ctrl_c_stops_the_other_and_each_record_has_its_end(
    plug: MakePlugged, terminal: OpenTerminal, tmp_path: Path
) -> None:
    phones = {phone.wire.serial: phone for phone in (plug("hyperos2"), plug("miui14"))}
    person = terminal("unlink", *(word for serial in phones for word in ("-s", serial)))
    person.child.expect(PROMPT)
    assert isinstance(person.child.match, re.Match)
    word = person.child.match[1]
    (first,) = [serial for serial in phones if phrase_of("unlink", serial, phones) == word]
    (second,) = phones.keys() - {first}
    person.type(word)
    person.see(f"Type {phrase_of('unlink', second, phones)} to go on; anything else stops: ")
    person.type(word)
    for _ in ("in either", "order"):
        person.child.expect([PASSWORD, "You did not confirm"])
    person.child.sendintr()
    code, rest = person.end()
    assert code == 130 and "Summary:" in rest, rest
    ends = outcomes(tmp_path / "runs")
    assert [ends[serial]["exit_code"] for serial in (first, second)] == [130, 4]
    assert phones[first].destructive() and not phones[second].destructive()


@pytest.mark.full
def test_phones_that_are_plugged_in_later_join_until_q(
    plug: MakePlugged, lab: Lab, terminal: OpenTerminal, tmp_path: Path
) -> None:
    first, later = plug("hyperos2"), plug("miui14")
    later.wire.unplug()
    lab.wait(later.wire, None)
    serials = [first.wire.serial, later.wire.serial]
    person = terminal("unlink", "--follow", "-s", serials[0], "-s", serials[1])
    for phone in (first, later):
        if phone is later:
            lab.replug(later.wire)
        word = phrase_of("unlink", phone.wire.serial, serials)
        person.see(f"Type {word} to go on; anything else stops: ")
        person.type(word)
        person.child.expect(PASSWORD)
        phone.device.owner_acts()
        person.see("Signed out")
    person.type("q")
    code, rest = person.end()
    assert code == 0 and "Summary:" in rest
    assert [outcomes(tmp_path / "runs")[serial]["result"] for serial in serials] == ["signed_out"] * 2


def at_the_last_tap(plug: MakePlugged, *roms: str) -> list[Plugged]:
    phones = [plug(rom) for rom in roms]
    for phone in phones:
        phone.device.show("account.home")
        phone.device.finger_scroll_to("Sign out")
    return phones


def told_to_tap(person: Person) -> list[str]:
    return [said for said in person.told if "Sign out" in said and "tap" in said.lower()]


@pytest.mark.parametrize("hands", ["injected", "guided"])
def test_after_ctrl_c_nothing_is_tapped_and_nobody_is_told_to_tap(
    plug: MakePlugged, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hands: Hands
) -> None:
    """It comes while the phone is looked at once more, after the phrase."""
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    (phone,) = at_the_last_tap(plug, "hyperos2")

    def answer(word: str) -> str:
        phone.device.slow("rpc.dumpWindowHierarchy", 0.5)
        phone.device.at("before:rpc.dumpWindowHierarchy", 1, lambda _: os.kill(os.getpid(), signal.SIGINT))
        return word

    person = Person([phone], answer)
    code = several(
        unlink(),
        Options(hands=hands, plain=True),
        [phone.wire.serial],
        every=False,
        follow=False,
        owner=person,
    )
    assert person.asked and not phone.destructive() and not told_to_tap(person)
    (end,) = outcomes(tmp_path / "runs").values()
    assert (code, end["exit_code"], end["result"]) == (130, 130, "stopped")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(("ctrl_c", "expected"), [(False, 3), (True, 130)])
def test_what_is_dangerous_is_told_in_time_or_never(
    plug: MakePlugged,
    lab: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ctrl_c: bool,
    expected: int,
) -> None:
    """While another phone's question is open, the tap that was consented to can't be told: its run ends, or Ctrl-C comes."""
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    monkeypatch.setattr(many, "FOLLOW_UP", 0.0)
    phones = at_the_last_tap(plug, "hyperos2", "miui14")
    serials = [phone.wire.serial for phone in phones]
    second_asked = threading.Event()
    waits = threading.Event()

    def until_it_is(_: PracticePhone) -> None:
        second_asked.wait(7)

    def answer(word: str) -> str:
        first = person.asked[0][0]
        if len(person.asked) == 1:
            device = person.phones[first].device
            device.at("before:rpc.dumpWindowHierarchy", 1, until_it_is)
            return word
        second_asked.set()
        (run,) = [thread for thread in threading.enumerate() if thread.name == first]
        if not ctrl_c:
            run.join(20)
            assert not run.is_alive()
            return DECLINES
        until = time.monotonic() + 20
        while not asked_in_its_journal(tmp_path / "runs", first) and time.monotonic() < until:
            waits.wait(0.02)
        raise KeyboardInterrupt

    person = Person(phones, answer)
    options = Options(patience=60.0 if ctrl_c else 0.5, hands="guided", plain=True)
    several(unlink(), options, serials, every=False, follow=False, owner=person)
    assert len(person.asked) == 2 and not told_to_tap(person)
    end = outcomes(tmp_path / "runs")[person.asked[0][0]]
    assert (end["exit_code"], end["result"]) == (expected, "stopped")


def asked_in_its_journal(runs: Path, serial: str) -> bool:
    """Whether the owner of this phone was to be told something."""
    for journal in runs.glob("*/journal.jsonl"):
        text = journal.read_text(encoding="utf-8")
        if f'"serial":"{serial}"' in text.replace(" ", "") and '"event":"ask"' in text.replace(" ", ""):
            return True
    return False


def test_a_stopped_phone_is_sent_nothing(plug: MakePlugged, lab: Lab) -> None:
    one = plug("hyperos2")
    listed = wait_for_phone(lab.client, one.wire.serial, 0, lambda _: None, lambda _: None)
    stopped: list[bool] = []
    phone = StoppablePhone(lab.client, listed, lambda: None, lambda: bool(stopped), lambda _: None)
    try:
        phone.look()
        stopped.append(True)
        before = len(one.device.log)
        with pytest.raises(TooLate):
            phone.server.tap(500, 900, not_after=float("inf"))
        with pytest.raises(TooLate):
            phone.server.back(not_after=float("inf"))
        assert len(one.device.log) == before and not one.device.requests["rpc.click"]
    finally:
        phone.close()


def test_a_wait_that_ends_at_once_is_not_tried_all_the_time() -> None:
    tries: list[float] = []

    def wait(left: float) -> None:
        tries.append(left)
        many._twins("a1b2c3d4")

    with pytest.raises(PreflightError, match="same serial"):
        in_slices(1.5, lambda: None, wait)
    assert len(tries) <= 4


@pytest.mark.full
def test_one_that_failed_begins_again_when_it_comes_back_and_each_try_counts(
    plug: MakePlugged, lab: Lab, terminal: OpenTerminal, tmp_path: Path
) -> None:
    phone = plug("hyperos2")
    serial = phone.wire.serial
    _cable(phone)
    person = terminal("unlink", "--follow", "-s", serial, "--wait", "0.5", "--plain")
    person.see("Error. ")
    phone.device.state.notifications.clear()
    lab.replug(phone.wire)
    person.see("phone 1 of 1")
    person.see(f"Type {phrase('unlink', serial)} to go on; anything else stops: ")
    person.type(phrase("unlink", serial))
    person.child.expect(PASSWORD)
    phone.device.owner_acts()
    person.see("Signed out")
    person.type("q")
    code, rest = person.end()
    assert code == 6 and "Next: to hand the phone on" in rest
    (page,) = (tmp_path / "runs").glob("*/summary.html")
    html = page.read_text(encoding="utf-8")
    assert "1 of 1 phones" in html and len(re.findall(r'href="([^"]+)"', html)) == 2
    assert phone.device.state.notifications


@pytest.mark.full
def test_one_whose_end_nobody_saw_does_not_begin_again_by_itself(
    plug: MakePlugged, lab: Lab, terminal: OpenTerminal, tmp_path: Path
) -> None:
    (phone,) = at_the_last_tap(plug, "hyperos2")
    later = plug("miui14")
    later.wire.unplug()
    lab.wait(later.wire, None)
    phone.device.latency = Latency(second=0.01, transition=2.0)
    phone.device.at("after:rpc.click", 1, lambda _: phone.wire.unplug())
    serials = [phone.wire.serial, later.wire.serial]
    person = terminal("unlink", "--follow", "-s", serials[0], "-s", serials[1], "--wait", "0.5", "--plain")
    person.child.expect(PROMPT)
    person.type(phrase("unlink", serials[0]))
    person.see("I do not tap again by myself")
    lab.replug(phone.wire)
    lab.replug(later.wire)
    person.child.expect(PROMPT)
    person.type(DECLINES)
    person.see("You did not confirm")
    person.type("q")
    code, rest = person.end()
    assert code == 7 and "If it keeps failing" in rest
    assert len(list((tmp_path / "runs").glob("*/journal.jsonl"))) == 2
    ends = outcomes(tmp_path / "runs")
    assert [ends[serial]["exit_code"] for serial in serials] == [7, 4]


def test_serials_that_no_phrase_tells_apart_are_refused(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    options = Options(wait=0.0, plain=True)
    code = several(unlink(), options, ["a1b2c3d4", "A1B2-C3D4"], every=False, follow=False, owner=Person([]))
    journals = [path.read_text(encoding="utf-8") for path in (tmp_path / "runs").glob("*/journal.jsonl")]
    assert code == 3 and len(journals) == 2 and all("read alike" in journal for journal in journals)


def test_ctrl_c_does_not_wait_for_a_phone_that_is_away(
    plug: MakePlugged, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    phone = plug("hyperos2")
    _cable(phone)
    person = Person([phone])
    person.hears = lambda text: os.kill(os.getpid(), signal.SIGINT) if "I wait 60 s" in text else None
    began = time.monotonic()
    options = Options(wait=60.0, plain=True)
    code = several(unlink(), options, [phone.wire.serial], every=False, follow=False, owner=person)
    assert code == 130 and time.monotonic() - began < 20


def test_each_phone_is_waited_for_by_its_own_run(
    plug: MakePlugged, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    phone = plug("hyperos2")
    phone.wire.unplug()
    lab.wait(phone.wire, None)
    person = Person([phone])
    person.hears = lambda text: lab.replug(phone.wire) if "Plug the phone in" in text else None
    options = Options(wait=20.0, dry_run=True, plain=True)
    assert several(unlink(), options, [phone.wire.serial], every=False, follow=False, owner=person) == 0
    assert phone.device.state.notifications and not phone.destructive()
