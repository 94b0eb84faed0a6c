"""delete-account: what must be so first, two gates, and a page that nobody but the owner touches."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from automator.atlas import load, of_phone, recognise
from automator.cli.delete_account import browse
from automator.cli.delete_account import delete_account as command_line
from automator.cli.journey import Options
from automator.consent import AGES_OUT, Consents, DangerousTap, phrase
from automator.errors import AutomatorError, NobodyToAsk, PreflightError, ScreenUnknown
from automator.events import Event, OutcomeEvent, schema
from automator.hierarchy import parse
from automator.journal import Journal
from automator.journeys import Card, Deed, Outcome, unlink
from automator.journeys.delete_account import JOURNEY, locale_of, obstacle, questions, steps
from automator.journeys.delete_account import Plugged as Proved
from automator.journeys.deleting import delete_account, target_of
from automator.journeys.ending import InterruptedOnPage
from automator.journeys.page import ComputerPage, PhonePage
from automator.phone import Account, Listed
from automator.phone.facts import parse_facts
from automator.phone.find import changes, remedy
from automator.phone.start import IntentForbidden, view_command
from automator.practice.lab import Lab
from automator.report import findings, written
from automator.report.evidence import account_seen, accounts_seen
from automator.report.record import Record, read
from automator.text import Text
from automator.ways import link
from tests.conftest import MakePlugged, Plugged, ScriptedOwner, Terminal, outcome_of, unhashed

SIGNED_OUT: dict[str, Any] = {"account": None, "find_device": False}
REQUEST, FINAL = "delete_account.request", "delete_account.final"
INPUT = ("rpc.click", "rpc.swipe", "rpc.pressKey", "rpc.pressKeyCode", "rpc.setText", "rpc.clearTextField")
URL = link("delete_account")


@pytest.fixture(autouse=True)
def _nobody_else(lab: Lab) -> None:
    """What adb lists counts here: the phones of the test before have to be gone."""
    for listed in changes(lab.client, 10):
        if not listed:
            return


class Hurry:
    """A clock that passes at once when it is waited for."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


class Person(ScriptedOwner):
    """An owner whose finger works on the practice page, and who answers no to the questions with these words."""

    def __init__(
        self,
        plugged: Plugged | None,
        answer: Callable[[Card], str | None] = lambda card: card.phrase,
        *,
        denies: tuple[str, ...] = (),
        on_act: Callable[[Text], None] = lambda _: None,
    ) -> None:
        super().__init__(plugged, answer, acts=plugged is not None)  # type: ignore[arg-type]
        self._denies = denies
        self._on_act = on_act
        self.cards: list[Card] = []
        self.asked: list[str] = []

    def show(self, card: Card) -> None:
        self.cards.append(card)

    def confirm(self, warning: Text, question: Text) -> bool:
        super().confirm(warning, question)
        self.asked.append(str(question))
        return not any(words in str(question) for words in self._denies)

    def act(self, deed: Deed) -> None:
        super().act(deed)
        self._on_act(deed.text)


class Run:
    """A deletion, with what it wrote and opened."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.opened: list[str] = []
        self.clock = Hurry()
        self.listen: Callable[[Event], None] = lambda _: None

    def on_phone(
        self, plugged: Plugged, owner: ScriptedOwner, *, wait: float = 0.0, **options: Any
    ) -> Outcome:
        phone = plugged.connect()
        journal = Journal(JOURNEY, self._heard)
        try:
            page = PhonePage(phone, owner, journal, self.clock, wait)
            options.setdefault("patience", 300.0)
            return delete_account(page, plugged.lab.client, owner, journal, self.clock, **options)
        finally:
            phone.close()
            journal.close()

    def on_computer(self, lab: Lab, owner: ScriptedOwner, *, opens: bool = True, **options: Any) -> Outcome:
        journal = Journal(JOURNEY, self._heard)

        def browse(url: str) -> bool:
            self.opened.append(url)
            return opens

        try:
            page = ComputerPage("en", browse, owner)
            return delete_account(page, lab.client, owner, journal, self.clock, patience=300.0, **options)
        finally:
            journal.close()

    def _heard(self, event: Event) -> None:
        self.events.append(event)
        self.listen(event)

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.event == kind]

    @property
    def told_to_press(self) -> list[str]:
        """The gates behind which the owner was told to press."""
        return [tap.gate for tap in self.of("tap")]

    @property
    def consents(self) -> list[tuple[str, str]]:
        return [(consent.gate, consent.answer) for consent in self.of("consent")]


@pytest.fixture
def run() -> Run:
    return Run()


def test_refuses_while_the_phone_is_on_an_account_and_goes_on_after_unlink(
    plug: MakePlugged, run: Run
) -> None:
    phone = plug("hyperos2")
    with pytest.raises(AutomatorError) as caught:
        run.on_phone(phone, Person(phone))
    assert caught.value.exit_code == 3
    assert phone.wire.serial in str(caught.value.what) and "mi-automator unlink" in str(caught.value.fix)
    assert phone.device.log == [] and run.told_to_press == []

    phone.run(unlink())
    before, sent = len(phone.device.log), {name: phone.device.requests[name] for name in INPUT}
    again = Run()
    outcome = again.on_phone(phone, Person(phone))
    assert (outcome.result, outcome.verified, outcome.on_word) == ("account_deleted", False, True)
    assert phone.device.state.account_deleted
    # Nothing was tapped or typed but by the owner's finger.
    taps = phone.device.log[before:]
    assert {tap.by for tap in taps} == {"finger"}
    assert [tap.destructive for tap in taps if tap.destructive] == ["delete_account", "delete_account"]
    assert sent == {name: phone.device.requests[name] for name in INPUT}
    assert again.consents == [(REQUEST, "given"), (FINAL, "given")]
    assert again.told_to_press == [REQUEST, FINAL]
    words = [str(line) for line in outcome.words]
    assert any(line.startswith("  You said:") for line in words)
    assert any(line.startswith("  Seen:") and phone.wire.serial in line for line in words)


def test_nothing_private_of_the_page_is_written_down(plug: MakePlugged, run: Run, tmp_path: Path) -> None:
    phone = plug("miui14", "ru", **SIGNED_OUT)
    state = phone.device.state

    def types_a_name(text: Text) -> None:
        if phone.device.screen == "web.warning":
            phone.device.show("web.login")
            phone.device.finger_tap("web_name")
            phone.device.finger_type(state.email)
            phone.device.finger_back()
            phone.device.finger_tap("web_password")
            phone.device.owner_acts()

    run.on_phone(phone, Person(phone, on_act=types_a_name))
    (folder,) = (tmp_path / "runs").iterdir()
    for file in folder.iterdir():
        content = unhashed(file.read_text(encoding="utf-8"))
        for secret in (state.email, state.account_password, state.mail_code):
            assert secret not in content, file
    assert list(folder.glob("*.jpg")) == []


@pytest.mark.parametrize("plugged", [False, True])
@pytest.mark.parametrize("opens", [False, True])
def test_on_the_computer_the_owner_says_each_step(
    plug: MakePlugged, lab: Lab, run: Run, plugged: bool, opens: bool
) -> None:
    phone = plug(**SIGNED_OUT) if plugged else None
    owner = Person(None)
    outcome = run.on_computer(lab, owner, opens=opens)
    assert run.opened == [URL]
    assert any(URL in line for line in owner.told)
    assert any("could not open a browser" in line for line in owner.told) is not opens
    assert any("adb lists no phone" in line for line in owner.told) is (phone is None)
    assert len(owner.asked) == len(questions()) + len(steps())
    assert [card.phrase for card in owner.cards] == ["DELETE-ACCOUNT"] * 2
    assert outcome.result == "account_deleted"
    if phone:
        assert phone.device.log == []


FACTS = parse_facts("1b3c", "")


@pytest.mark.parametrize(
    ("listed", "facts", "says"),
    [
        ("unauthorized", None, "Or unplug it"),
        ("offline", None, "Or unplug it"),
        ("recovery", None, "Or unplug it"),
        ("no permissions", None, "Or unplug it"),
        ("device", None, "Or unplug it"),
        ("device", FACTS, "Or unplug it"),
        ("device", replace(FACTS, accounts=(Account("com.xiaomi", "62•••35"),)), "Then unplug it"),
    ],
)
def test_a_phone_that_does_not_say_is_an_obstacle(listed: str, facts: Any, says: str) -> None:
    found = obstacle([Proved(Listed("1b3c", listed, "usb"), facts)])
    assert found is not None and found.exit_code == 3
    assert "1b3c" in str(found.what) and says in str(found.fix)
    if mends := remedy(listed):
        assert (str(found.why), str(found.fix).startswith(str(mends[1]))) == (str(mends[0]), True)
    assert obstacle([]) is None


@pytest.mark.parametrize("state", ["unauthorized", "unreadable", "account"])
def test_every_phone_that_adb_lists_is_asked(plug: MakePlugged, lab: Lab, run: Run, state: str) -> None:
    """A ready one beside it does not help."""
    plug(**SIGNED_OUT)
    other = plug("miui14", **({} if state == "account" else SIGNED_OUT))
    if state == "unreadable":
        other.device.state.accounts_time_out = True
    if state == "unauthorized":
        other.wire.unplug()
        other.device.authorised = False
        other.wire.plug()
        lab._reconnect(other.wire.serial)
        lab.wait(other.wire, "unauthorized")
    with pytest.raises(AutomatorError) as caught:
        run.on_computer(lab, Person(None))
    assert caught.value.exit_code == 3 and other.wire.serial in str(caught.value.what)
    assert run.opened == [] and run.of("gate") == []


@pytest.mark.parametrize("number", range(len(questions())))
def test_a_no_stops_before_the_page_and_says_what_to_do_first(lab: Lab, run: Run, number: int) -> None:
    question = questions()[number]
    with pytest.raises(AutomatorError) as caught:
        run.on_computer(lab, Person(None, denies=(str(question.asks),)))
    assert caught.value.exit_code == 3 and str(caught.value.fix) == str(question.first)
    asked = run.of("ask")[-1]
    assert run.opened == [] and asked.answer == "no"
    assert asked.text == " ".join(str(line) for line in (*question.about, question.asks))


def test_a_phone_with_the_account_that_is_plugged_in_between_the_gates_closes_the_second(
    plug: MakePlugged, lab: Lab, run: Run
) -> None:
    def comes(text: Text) -> None:
        if "Type the code" in str(text):
            plug("miui14")

    with pytest.raises(AutomatorError) as caught:
        run.on_computer(lab, Person(None, on_act=comes))
    assert caught.value.exit_code == 3 and "Sign out first" in str(caught.value.what)
    assert (run.consents, run.told_to_press) == ([(REQUEST, "given")], [REQUEST])


@pytest.mark.parametrize("at", [REQUEST, FINAL])
def test_a_phone_with_the_account_that_is_plugged_in_while_the_phrase_is_typed_closes_the_gate(
    plug: MakePlugged, lab: Lab, run: Run, at: str
) -> None:
    def comes(card: Card) -> str:
        if card.gate.name == at:
            plug("miui14")
        return card.phrase

    with pytest.raises(AutomatorError) as caught:
        run.on_computer(lab, Person(None, comes))
    assert caught.value.exit_code == 3 and "Sign out first" in str(caught.value.what)
    assert at not in run.told_to_press


@pytest.mark.parametrize(("at", "pressed"), [(REQUEST, []), (FINAL, [REQUEST])])
@pytest.mark.parametrize("answer", [None, "yes", "DELETE-ACCOUNT-0000", "delete-account"])
def test_a_consent_opens_its_own_gate_and_no_other(
    lab: Lab, run: Run, at: str, pressed: list[str], answer: str | None
) -> None:
    owner = Person(None, lambda card: answer if card.gate.name == at else card.phrase)
    with pytest.raises(AutomatorError) as caught:
        run.on_computer(lab, owner)
    assert caught.value.exit_code == 4 and "close it" in str(caught.value.fix)
    assert run.consents[-1] == (at, "declined") and run.told_to_press == pressed


def test_a_consent_for_the_request_can_not_be_spent_on_the_deletion(lab: Lab, run: Run) -> None:
    gates = [step for step in steps() if step.gate]
    request, final = (target_of("", step, URL) for step in gates)
    consents = Consents("", JOURNEY, lambda: 0.0)
    assert consents.phrase == "DELETE-ACCOUNT" and phrase(JOURNEY, "8f2a1b3c") == "DELETE-ACCOUNT-1B3C"
    with pytest.raises(DangerousTap):
        consents.spend(consents.grant(request, "DELETE-ACCOUNT"), final)
    assert not consents.given(FINAL) and not consents.given(REQUEST)
    consents.spend(consents.grant(request, "DELETE-ACCOUNT"), request)
    assert consents.given(REQUEST) and not consents.given(FINAL)


@pytest.mark.parametrize(
    ("denied", "code", "says", "pressed"),
    [
        ("Are you signed in", 3, "ask Xiaomi", []),
        ("Did you press it", 7, "sign in again", [REQUEST]),
        ("take the code", 3, "wait 24 hours", [REQUEST]),
        ("Does the page say", 7, "sign in again", [REQUEST, FINAL]),
    ],
)
def test_the_owner_who_does_not_say_that_it_worked_is_told_the_next_way(
    lab: Lab, run: Run, denied: str, code: int, says: str, pressed: list[str]
) -> None:
    """Who was told to press may have pressed: then nobody knows whether the account is there."""
    with pytest.raises(AutomatorError) as caught:
        run.on_computer(lab, Person(None, denies=(denied, "more time")))
    fix = str(caught.value.fix)
    assert caught.value.exit_code == code and says in fix and "mi-automator support" in fix
    assert run.told_to_press == pressed


def test_ctrl_c_before_the_outcome_stands_leaves_it_unknown(plug: MakePlugged, lab: Lab, run: Run) -> None:
    plug(**SIGNED_OUT)

    def pressed(event: Event) -> None:
        if event.event == "facts" and event.when == "after":
            raise KeyboardInterrupt

    run.listen = pressed
    with pytest.raises(InterruptedOnPage):
        run.on_computer(lab, Person(None))


def test_a_page_that_went_back_while_the_phrase_was_typed_takes_the_consent_with_it(
    plug: MakePlugged, run: Run
) -> None:
    phone = plug(**SIGNED_OUT)
    went: list[str] = []

    def signed_off(card: Card) -> str:
        if not went:
            phone.device.show("web.login")
            went.append(card.gate.name)
        return card.phrase

    owner = Person(phone, signed_off, denies=("Do you see “Delete account”",))
    assert run.on_phone(phone, owner).result == "account_deleted"
    assert run.consents == [(REQUEST, "given"), (REQUEST, "void"), (REQUEST, "given"), (FINAL, "given")]
    assert run.told_to_press == [REQUEST, FINAL]
    assert sum(line.startswith("Sign in on the page") for line in owner.told) == 2


@pytest.mark.parametrize("at", [REQUEST, pytest.param(FINAL, marks=pytest.mark.full)])
def test_a_phone_that_was_away_while_the_phrase_was_typed_takes_the_consent_with_it(
    plug: MakePlugged, lab: Lab, run: Run, at: str
) -> None:
    phone = plug(**SIGNED_OUT)
    left: list[str] = []

    def leaves(card: Card) -> str:
        if card.gate.name == at and not left:
            left.append(at)
            phone.wire.unplug()
            phone.wire.plug_after(0.3)
        return card.phrase

    assert run.on_phone(phone, Person(phone, leaves), wait=20.0).result == "account_deleted"
    assert [answer for gate, answer in run.consents if gate == at] == ["given", "void", "given"]
    assert run.told_to_press == [REQUEST, FINAL]


@pytest.mark.parametrize(
    ("slow", "answers"), [(1, ["given", "void", "given"]), (9, ["given", "void"] * 3)], ids=["once", "always"]
)
def test_a_consent_that_aged_out_is_asked_for_anew(lab: Lab, run: Run, slow: int, answers: list[str]) -> None:
    left = [AGES_OUT + 1] * slow

    def meanwhile(event: Event) -> None:
        if event.event == "consent" and event.answer == "given" and left:
            run.clock.pause(left.pop())

    run.listen = meanwhile
    if slow > 1:
        with pytest.raises(ScreenUnknown):
            run.on_computer(lab, Person(None))
        assert run.told_to_press == []
    else:
        assert run.on_computer(lab, Person(None)).result == "account_deleted"
    assert [answer for gate, answer in run.consents if gate == REQUEST] == answers


def test_a_gate_is_not_passed_because_the_page_looks_further_on(plug: MakePlugged, run: Run) -> None:
    phone = plug(**SIGNED_OUT)

    def looks_like_the_last(text: Text) -> None:
        if str(text).startswith("Tick"):
            phone.device.show("web.final")

    owner = Person(phone, on_act=looks_like_the_last, denies=("Have you pressed",))
    run.on_phone(phone, owner)
    assert run.consents == [(REQUEST, "given"), (FINAL, "given")] and run.told_to_press == [REQUEST, FINAL]


def test_the_browsers_own_questions_are_none_of_the_page() -> None:
    texts = ("Delete browsing data?", "Cancel", "Delete")
    nodes = "".join(
        f'<node package="com.android.chrome" text="{text}" bounds="[0,{y}][500,{y + 90}]"/>'
        for y, text in zip((0, 100, 200), texts, strict=True)
    )
    atlas = load()
    seen = recognise(
        parse(f"<hierarchy>{nodes}</hierarchy>"), atlas, of_phone("en-US", {}, atlas.words), None
    )
    assert seen.name is None


@pytest.mark.parametrize(("serial", "wait"), [("1b3c", None), (None, 5.0), ("1b3c", 5.0)])
def test_what_is_about_a_phones_page_is_refused_for_the_computers(
    serial: str | None, wait: float | None
) -> None:
    with pytest.raises(typer.BadParameter, match="--on phone"):
        command_line(Options(serial=serial, wait=wait), on="computer")


# What the report says of it


def recorded(tmp_path: Path) -> Record:
    """What is in the folder of the only run, which was cut off before its outcome."""
    (folder,) = (tmp_path / "runs").iterdir()
    return read(folder)


def test_the_report_says_of_each_phone_what_its_own_list_of_accounts_said(
    plug: MakePlugged, lab: Lab, run: Run, tmp_path: Path
) -> None:
    signed_out, silent = plug(**SIGNED_OUT), plug("miui14")
    silent.device.state.accounts_time_out = True
    with pytest.raises(AutomatorError):
        run.on_computer(lab, Person(None))
    record = recorded(tmp_path)
    serials = {"gone": signed_out.wire.serial, "unknown": silent.wire.serial}
    assert {seen.state: phone.serial for phone, seen in accounts_seen(record)} == serials
    assert record.phone is not None
    assert account_seen(record).state == ("gone" if record.phone.serial == serials["gone"] else "unknown")
    (known,) = [str(line) for line in findings.verified(record)]
    unknown = [str(line) for line in findings.unverified(record)]
    assert serials["gone"] in known and serials["unknown"] not in known
    assert any(serials["unknown"] in line for line in unknown)
    assert not any(serials["gone"] in line for line in unknown)
    page = written(record.folder, "report").path.read_text(encoding="utf-8")
    assert not any(serial in page for serial in serials.values())


@pytest.mark.parametrize("phones", [0, 1])
def test_no_sheet_for_a_buyer_is_made_of_it(
    plug: MakePlugged, lab: Lab, run: Run, tmp_path: Path, phones: int
) -> None:
    for _ in range(phones):
        plug(**SIGNED_OUT)
    run.on_computer(lab, Person(None), dry_run=True)
    with pytest.raises(PreflightError):
        written(recorded(tmp_path).folder, "handover")


@pytest.mark.parametrize("upto", [REQUEST, FINAL, None])
def test_the_report_of_a_run_that_was_cut_off_speaks_of_the_page(
    lab: Lab, run: Run, tmp_path: Path, upto: str | None
) -> None:
    """It never leaves its owner with advice about a phone that has nothing to do with it."""

    def cut(event: Event) -> None:
        told = event.event == "tap" and event.gate == upto
        if told or (upto is None and event.event == "ask"):
            raise KeyboardInterrupt

    run.listen = cut
    with pytest.raises(KeyboardInterrupt):
        run.on_computer(lab, Person(None))
    record = recorded(tmp_path)
    ctrl_c = OutcomeEvent(
        time=record.events[-1].time,
        journey=JOURNEY,
        result="unknown" if upto else "stopped",
        verified=False,
        exit_code=130,
        journal=str(record.folder / "journal.jsonl"),
    )
    for one in (record, replace(record, events=(*record.events, ctrl_c))):
        said = [findings.headline(one).text, *findings.next_steps(one)]
        said += [question.answer for question in findings.questions(one)]
        words = " ".join(str(line) for line in said)
        assert "phone" not in words and " tap" not in words
        assert ("sign in again" if upto else "close it") in words


@pytest.mark.parametrize(
    ("unplugged_at", "error", "code"),
    [
        ("Sign in on the page", "PhoneLost", 6),
        ("Now press “Delete account”", "OutcomeUnknown", 7),
        ("Type the code", "PhoneLost", 6),
        ("Now press Delete on", "OutcomeUnknown", 7),
    ],
)
def test_a_phone_that_leaves(plug: MakePlugged, run: Run, unplugged_at: str, error: str, code: int) -> None:
    phone = plug(**SIGNED_OUT)

    def leaves(text: Text) -> None:
        if str(text).startswith(unplugged_at):
            phone.wire.unplug()

    with pytest.raises(AutomatorError) as caught:
        run.on_phone(phone, Person(phone, on_act=leaves))
    assert (type(caught.value).__name__, caught.value.exit_code) == (error, code)


def test_a_page_that_nobody_knows_is_said_once_and_the_owner_answers(plug: MakePlugged, run: Run) -> None:
    phone = plug("miui12", "de", **SIGNED_OUT)
    owner = Person(phone)
    assert run.on_phone(phone, owner).result == "account_deleted"
    assert sum("I do not know the page" in line for line in owner.told) == 1
    assert len(owner.asked) == len(questions()) + len(steps())


def test_a_phone_whose_screen_can_not_be_read_is_followed_by_word(plug: MakePlugged, run: Run) -> None:
    phone = plug(disk_full=True, **SIGNED_OUT)
    owner = Person(phone)
    assert run.on_phone(phone, owner).result == "account_deleted"
    assert sum("So I go by what you say" in line for line in owner.told) == 1
    assert len(owner.asked) == len(questions()) + len(steps())


def test_what_was_pressed_already_is_not_asked_for(plug: MakePlugged, run: Run) -> None:
    phone = plug(**SIGNED_OUT)

    def hasty(text: Text) -> None:
        if str(text).startswith("Tick"):
            phone.device.finger_tap("web_delete_account")

    owner = Person(phone, on_act=hasty)
    run.on_phone(phone, owner)
    assert run.consents == [(FINAL, "given")]
    assert any("already further on" in line and "Delete account" in line for line in owner.told)


def test_a_page_that_stands_still_is_asked_about(plug: MakePlugged, run: Run) -> None:
    phone = plug(**SIGNED_OUT)
    owner = Person(None, denies=("Are you signed in", "more time"))
    with pytest.raises(AutomatorError) as caught:
        run.on_phone(phone, owner, patience=20.0)
    assert caught.value.exit_code == 3 and phone.device.log == []
    assert phone.device.screen == "web.login"


def test_a_phone_without_a_browser(plug: MakePlugged, run: Run) -> None:
    phone = plug(shortcuts=False, **SIGNED_OUT)
    with pytest.raises(AutomatorError) as caught:
        run.on_phone(phone, Person(phone))
    assert caught.value.exit_code == 3 and "--on phone" in str(caught.value.fix)


def test_a_dry_run_shows_the_first_gate_and_opens_nothing(lab: Lab, run: Run) -> None:
    owner = Person(None)
    assert run.on_computer(lab, owner, dry_run=True).result == "dry_run"
    assert [card.gate.name for card in owner.cards] == [REQUEST]
    assert (run.opened, owner.asked, run.consents) == ([], [], [])


@pytest.mark.parametrize(
    "url",
    [
        "https://account.xiaomi.com/fe/service/account/privacy/delete-account?_locale=",
        f"{URL}&userId=1",
        f"{URL}'; rm -r /sdcard; '",
        f"{URL}\n",
        "https://example.com/",
        "javascript:alert(1)",
        "",
    ],
)
def test_no_other_page_is_opened_on_a_phone(url: str) -> None:
    with pytest.raises(IntentForbidden):
        view_command(url)


def test_the_page_is_opened_whole() -> None:
    assert view_command(URL) == f"am start -a android.intent.action.VIEW -d '{URL}'"


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("ru-RU", "ru_RU"),
        ("zh-Hans-CN", "zh_CN"),
        ("fil-PH", "fil_PH"),
        ("xx", "en_US"),
        ("", "en_US"),
        ("en-001", "en_US"),
        ("e;-GB", "en_US"),
    ],
)
def test_locales_as_the_pages_take_them(tag: str, locale: str) -> None:
    assert locale_of(tag) == locale
    view_command(link("delete_account", locale))


# The command


def command(*arguments: str, lab: Lab | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    port = {"ANDROID_ADB_SERVER_PORT": str(lab.port)} if lab else {}
    done = subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        env={**os.environ, **port, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A program that stands where the browser is: it prints, and keeps the address that it was given."""
    opened, program = tmp_path / "opened", tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho noise\nprintf %s "$1" > "{opened}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    yield f"{program} %s", opened


def test_rehearse_without_a_terminal_speaks_json(tmp_path: Path) -> None:
    done = command(
        "rehearse", "delete-account", "--json", "--lang", "ru", "--phone-lang", "ru", BROWSER="false"
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    valid = jsonschema.Draft202012Validator(schema())
    assert [line for line in lines if not valid.is_valid(line)] == []
    outcome = outcome_of(done.stdout)
    assert (outcome.journey, outcome.result, outcome.verified, outcome.exit_code) == (
        JOURNEY,
        "account_deleted",
        False,
        0,
    )
    kinds = {line["event"] for line in lines}
    assert kinds == {"phone", "facts", "screen", "ask", "gate", "consent", "tap", "outcome"}
    assert all(line["practice"] for line in lines if line["event"] == "phone")
    assert (Path(outcome.journal).parent / "report.html").is_file()
    assert "{" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("language", ["en", pytest.param("ru", marks=pytest.mark.full)])
def test_without_a_terminal_nothing_is_opened(lab: Lab, browser: tuple[str, Path], language: str) -> None:
    program, opened = browser
    done = command("delete-account", "--json", "--lang", language, lab=lab, BROWSER=program)
    outcome = outcome_of(done.stdout)
    (error,) = [json.loads(line) for line in done.stdout.splitlines() if '"event":"error"' in line]
    assert (done.returncode, outcome.result, error["error"]) == (8, "stopped", NobodyToAsk.__name__)
    assert not opened.exists()


OpenTerminal = Callable[..., Terminal]


def _through(person: Terminal, upto: str) -> None:
    """Answers yes until this is asked."""
    for asked in (
        "TV signed out",
        "unpaired, or",
        "Mi Home empty",
        "concern you",
        "signed in?",
        "that is to be ticked",
        "Is it ticked",
    ):
        person.see(asked)
        if upto == asked:
            return
        person.type("y")
    for asked in ("Type DELETE-ACCOUNT to go on", "does the page ask for a code"):
        person.see(asked)
        if upto == asked:
            return
        person.type("DELETE-ACCOUNT" if "Type" in asked else "y")


def test_by_hand_on_the_computer(lab: Lab, terminal: OpenTerminal, browser: tuple[str, Path]) -> None:
    program, opened = browser
    person = terminal("delete-account", BROWSER=program)
    _through(person, "")
    person.see("take the code?")
    person.type("y")
    person.see("Type DELETE-ACCOUNT to go on")
    person.type("DELETE-ACCOUNT")
    person.see("account is deleted, or that")
    person.type("y")
    code, rest = person.end()
    assert code == 0 and "as you say" in rest and "You said" in rest and "adb listed no phone" in rest
    assert opened.read_text() == URL


@pytest.mark.parametrize(
    ("at", "answer", "code", "says", "result"),
    [
        ("TV signed out", "^C", 130, "Stopped", "stopped"),
        pytest.param("TV signed out", "n", 3, "Sign them out first", "stopped", marks=pytest.mark.full),
        pytest.param(
            *("Type DELETE-ACCOUNT to go on", "yes", 4, "Press nothing more on the page", "declined"),
            marks=pytest.mark.full,
        ),
        ("does the page ask for a code", "^C", 130, "press what deletes", "unknown"),
    ],
)
def test_ends_in_a_terminal(
    lab: Lab,
    terminal: OpenTerminal,
    browser: tuple[str, Path],
    tmp_path: Path,
    at: str,
    answer: str,
    code: int,
    says: str,
    result: str,
) -> None:
    person = terminal("delete-account", BROWSER=browser[0])
    _through(person, at)
    if answer == "^C":
        person.child.sendintr()
    else:
        person.type(answer)
    ended, rest = person.end()
    assert ended == code and says in " ".join(rest.split())
    (journal,) = (tmp_path / "runs").glob("*/journal.jsonl")
    last = json.loads(journal.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["result"], last["exit_code"]) == (result, code)


def test_a_browser_prints_nothing_where_machines_read(
    browser: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROWSER", browser[0])
    assert browse(URL)
    said = capfd.readouterr()
    assert (said.out, said.err, browser[1].read_text()) == ("", "noise\n", URL)


def test_without_a_window_no_browser_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not browse(URL)
