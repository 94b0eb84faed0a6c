"""Unlink and reset, to the end and not, on practice phones through the real adb server and on-device calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from automator.errors import (
    ConsentDeclined,
    NobodyToAsk,
    OutcomeUnknown,
    PhoneLost,
    PreflightError,
    ScreenUnknown,
)
from automator.journeys import Card, Deed, Journey, reset, unlink
from automator.practice.phone import Phone as PracticePhone
from automator.text import T
from tests.conftest import PHONES, ROMS, SAMPLE, MakePlugged, Plugged, ScriptedOwner, stopped, thinned

MakeJourney = Callable[[], Journey]
Change = Callable[[PracticePhone], object]
STARTS = ("launcher", "app.notes", "settings.display", "settings.home", "about.phone")
AMID_UNLINK = ("account.home", "signout.synced", "signout.password")
AMID_RESET = (
    "reset.home",
    "lock.confirm",
    "reset.backup",
    "reset.password",
    "reset.warning_1",
    "reset.warning_2",
)
SIGNED_OUT = ["sign_out", "sign_out_continues", "sign_out_password"]


@pytest.mark.parametrize(("rom", "language", "start"), thinned(PHONES, STARTS))
def test_unlink_signs_out_and_proves_it(plug: MakePlugged, rom: str, language: str, start: str) -> None:
    phone = plug(rom, language)
    phone.device.show(start)
    outcome = phone.run(unlink())
    assert (outcome.result, outcome.verified) == ("signed_out", True)
    assert sorted(phone.destructive()) == sorted(SIGNED_OUT)
    assert phone.device.state.account is None and phone.device.state.keep_synced
    assert phone.of("facts")[-1].facts["accounts"] and not phone.connect().facts().xiaomi_account


@pytest.mark.parametrize(("rom", "language", "start"), thinned(PHONES, STARTS))
def test_reset_begins_and_the_phone_leaves(plug: MakePlugged, rom: str, language: str, start: str) -> None:
    phone = plug(rom, language)
    phone.device.show(start)
    outcome = phone.run(reset())
    assert (outcome.result, outcome.verified) == ("reset_started", True)
    assert phone.device.state.erased
    assert [e.gate for e in phone.of("gate")] == ["reset.erase", "reset.find_device_off", "reset.wipe"]


AMID = [(unlink, start) for start in AMID_UNLINK] + [(reset, start) for start in AMID_RESET]


@pytest.mark.parametrize(("rom", "language", "journey", "start"), thinned(PHONES, AMID))
def test_a_second_run_goes_on_from_the_middle(
    plug: MakePlugged, rom: str, language: str, journey: MakeJourney, start: str
) -> None:
    phone = plug(rom, language)
    phone.device.show(start)
    outcome = phone.run(journey())
    assert (outcome.result, outcome.verified) == (journey().result, True)
    assert phone.device.state.erased or phone.device.state.account is None


@pytest.mark.parametrize(
    ("rom", "language", "journey", "result"),
    thinned(SAMPLE[::2], ((unlink, "signed_out"), (reset, "reset_started"))),
)
def test_without_shortcuts_it_walks(
    plug: MakePlugged, rom: str, language: str, journey: MakeJourney, result: str
) -> None:
    phone = plug(rom, language, shortcuts=False)
    assert phone.run(journey()).result == result
    ordinary = [event for event in phone.of("tap") if event.gate is None]
    assert ordinary[0].screen == "settings.home"


@pytest.mark.parametrize(
    ("rom", "shortcuts", "journey", "result"),
    thinned(("miui9", "hyperos3"), (True, False), ((unlink, "signed_out"), (reset, "reset_started"))),
)
def test_a_rom_that_nobody_knows_is_tried_with_everything(
    plug: MakePlugged, rom: str, shortcuts: bool, journey: MakeJourney, result: str
) -> None:
    """On foot that includes ways which this phone does not have: they are noticed, and another is taken."""
    phone = plug(rom, "de", shortcuts=shortcuts)
    newer = {"ro.mi.os.version.name": "OS9.0", "ro.miui.ui.version.name": "V816"}
    properties = {**phone.device.rom.properties, **newer}
    phone.device.rom = phone.device.rom.model_copy(update={"properties": properties})
    owner = ScriptedOwner(phone)
    assert phone.run(journey(), owner).result == result
    assert any("HyperOS 9" in told for told in owner.told)


@pytest.mark.parametrize("journey", [unlink, reset])
def test_dry_run_shows_the_first_card_and_touches_nothing(plug: MakePlugged, journey: MakeJourney) -> None:
    phone = plug()
    outcome = phone.run(journey(), dry_run=True)
    assert outcome.result == "dry_run" and len(phone.of("gate")) == 1
    assert phone.destructive() == []


def test_nothing_to_do_when_nobody_is_signed_in(plug: MakePlugged) -> None:
    phone = plug(account=None)
    assert phone.run(unlink()).result == "nothing_to_do"
    assert phone.device.requests["rpc.dumpWindowHierarchy"] == 0


@pytest.mark.parametrize("answer", [None, "", "yes", "unlink", "RESET-0000"])
@pytest.mark.parametrize("journey", [unlink, reset])
def test_anything_but_the_phrase_is_a_refusal(
    plug: MakePlugged, journey: MakeJourney, answer: str | None
) -> None:
    phone = plug()
    owner = ScriptedOwner(phone, lambda _: answer)
    assert isinstance(stopped(phone, journey(), owner), ConsentDeclined)
    assert phone.destructive() == []


@pytest.mark.parametrize("gate", ["reset.find_device_off", "reset.wipe"])
def test_reset_stops_at_each_gate_and_a_second_run_finishes(plug: MakePlugged, gate: str) -> None:
    phone = plug()
    unsure = ScriptedOwner(phone, lambda card: None if card.gate.name == gate else card.phrase)
    assert isinstance(stopped(phone, reset(), unsure), ConsentDeclined)
    assert not phone.device.state.erased
    assert phone.device.state.find_device is (gate == "reset.find_device_off")
    told = [words for words in unsure.told if "Find Device may be off now" in words]
    assert len(told) == (gate == "reset.wipe")
    assert phone.run(reset()).result == "reset_started"


def test_the_owner_may_not_want_to_reset_with_an_account(plug: MakePlugged) -> None:
    phone = plug()
    assert isinstance(stopped(phone, reset(), ScriptedOwner(phone, wants=False)), ConsentDeclined)
    assert phone.device.log == []


@pytest.mark.parametrize(
    ("state", "marks"),
    [
        ({"synced_data": False, "find_device": False}, ["sign_out"]),
        ({"synced_data": False}, ["sign_out", "sign_out_password"]),
        ({"cards": True}, ["sign_out", "delete_cards", "sign_out_continues", "sign_out_password"]),
    ],
)
@pytest.mark.parametrize("rom", ROMS)
def test_unlink_goes_through_what_the_phone_asks(
    plug: MakePlugged, rom: str, state: dict[str, bool], marks: list[str]
) -> None:
    phone = plug(rom, **state)
    assert phone.run(unlink()).result == "signed_out"
    assert sorted(phone.destructive()) == sorted(marks)


def test_encrypted_data_has_a_gate_of_its_own(plug: MakePlugged) -> None:
    phone = plug("hyperos2", e2ee=True)
    assert phone.run(unlink()).result == "signed_out"
    assert [e.gate for e in phone.of("gate")] == ["unlink.sign_out", "unlink.encrypted"]


@pytest.mark.parametrize("rom", ROMS)
def test_synced_items_are_deleted_only_behind_a_gate(plug: MakePlugged, rom: str) -> None:
    phone = plug(rom)
    assert phone.run(unlink(remove_synced=True)).result == "signed_out"
    assert phone.device.state.keep_synced is False
    assert {e.gate for e in phone.of("gate")} == {"unlink.sign_out", "unlink.delete_synced"}


@pytest.mark.parametrize(
    ("rom", "state"),
    thinned(ROMS, ({"screen_lock": None}, {"cards": True}, {"warning_starts_at": 2}, {"find_device": False})),
)
def test_reset_goes_through_what_the_phone_asks(
    plug: MakePlugged, rom: str, state: dict[str, object]
) -> None:
    phone = plug(rom, **state)
    assert phone.run(reset()).result == "reset_started"
    assert phone.destructive().count("wipe") == 1


@pytest.mark.parametrize(
    ("journey", "state", "error"),
    [
        (unlink, {"network": False}, PreflightError),
        (unlink, {"user": 10}, PreflightError),
        (reset, {"user": 10}, PreflightError),
        (reset, {"provisioned": False}, PreflightError),
        (reset, {"network": False}, PreflightError),
    ],
)
def test_a_phone_that_is_not_ready(
    plug: MakePlugged, journey: MakeJourney, state: dict[str, object], error: type[Exception]
) -> None:
    phone = plug(**state)
    caught = stopped(phone, journey())
    assert isinstance(caught, error) and caught.exit_code == 3
    assert str(caught.what) and str(caught.why) and str(caught.fix)
    assert not phone.device.state.erased and phone.device.state.account


class Helpful(ScriptedOwner):
    """An owner who also answers questions that only the phone asks, and closes popups."""

    def act(self, deed: Deed) -> None:
        device = self._plugged.device
        if device.screen == "reset.esim":
            device.finger_tap("button2")
        elif device.screen.startswith("popup."):
            device.close_popup()
        else:
            super().act(deed)


def test_a_question_nobody_knows_is_handed_to_the_owner(plug: MakePlugged) -> None:
    phone = plug(esim=True)
    assert phone.run(reset(), Helpful(phone)).result == "reset_started"
    assert not phone.device.state.esim_erased


class Away(ScriptedOwner):
    """Nobody is at the computer."""

    present = False

    def answer(self, card: Card) -> str | None:
        raise NobodyToAsk(T("x"), T("y"), T("z"))


def test_an_unknown_screen_stops_a_run_that_nobody_watches(plug: MakePlugged) -> None:
    phone = plug()
    phone.device.show("settings.home")
    phone.device.popup("popup.unknown")
    assert isinstance(stopped(phone, unlink(), Away(phone)), ScreenUnknown)
    assert phone.device.log == []


def test_nobody_to_ask_at_a_gate(plug: MakePlugged) -> None:
    phone = plug()
    assert stopped(phone, unlink(), Away(phone)).exit_code == 8
    assert phone.destructive() == []


@pytest.mark.parametrize(("journey", "screen"), [(unlink, "signout.password"), (reset, "lock.confirm")])
def test_an_owner_who_does_nothing_is_not_waited_for_for_ever(
    plug: MakePlugged, journey: MakeJourney, screen: str
) -> None:
    phone = plug(synced_data=False)
    caught = stopped(phone, journey(), ScriptedOwner(phone, acts=False), patience=0.3)
    assert isinstance(caught, PreflightError) and phone.device.screen == screen


# Between the typed phrase and the tap.


def _meanwhile(phone: Plugged, change: Change, times: int = 1) -> Helpful:
    """An owner during whose first answers something changes on the phone."""
    changes = [change] * times

    def answer(card: Card) -> str:
        if changes:
            changes.pop()(phone.device)
        return card.phrase

    return Helpful(phone, answer)


@pytest.mark.parametrize(
    "change",
    [
        lambda device: device.popup("popup.update"),
        lambda device: device.show("settings.display"),
        lambda device: device.swipe(1000, 1400),
        lambda device: setattr(device.state, "find_device", False),
    ],
    ids=["another dialog", "another page", "the button moved", "the words changed"],
)
def test_a_screen_that_changed_under_the_consent_is_not_tapped(plug: MakePlugged, change: Change) -> None:
    phone = plug("hyperos2")
    assert phone.run(unlink(), _meanwhile(phone, change)).result == "signed_out"
    assert [(e.gate, e.answer) for e in phone.of("consent")] == [
        ("unlink.sign_out", "given"),
        ("unlink.sign_out", "void"),
        ("unlink.sign_out", "given"),
    ]
    assert phone.destructive().count("sign_out") == 1


def test_a_screen_that_never_stays_still_is_given_up(plug: MakePlugged) -> None:
    phone = plug("hyperos2")

    def flip(device: PracticePhone) -> None:
        device.state.find_device = not device.state.find_device

    assert isinstance(stopped(phone, unlink(), _meanwhile(phone, flip, times=9)), ScreenUnknown)
    assert phone.destructive() == []


# Losses around a gated tap.


@pytest.mark.parametrize("moment", ["before:rpc.click", "after:rpc.click"])
@pytest.mark.parametrize("journey", [unlink, reset])
def test_a_cable_pulled_at_the_gated_tap_leaves_the_outcome_unknown(
    plug: MakePlugged, journey: MakeJourney, moment: str
) -> None:
    phone = plug(synced_data=False)

    def pull(card: Card) -> str:
        if card.gate.name in ("unlink.sign_out", "reset.wipe"):
            phone.device.at(moment, 1, lambda _: phone.wire.unplug())
        return card.phrase

    assert isinstance(stopped(phone, journey(), ScriptedOwner(phone, pull)), OutcomeUnknown)
    assert len([t for t in phone.device.log if t.destructive in ("sign_out", "wipe")]) <= 1


def test_a_cable_pulled_elsewhere_is_a_lost_phone(plug: MakePlugged) -> None:
    phone = plug()
    phone.device.at("before:rpc.dumpWindowHierarchy", 2, lambda _: phone.wire.unplug())
    assert isinstance(stopped(phone, unlink()), PhoneLost)


def test_a_dead_server_is_started_again_for_a_look_but_a_tap_is_not_repeated(plug: MakePlugged) -> None:
    phone = plug()
    phone.device.at("before:rpc.dumpWindowHierarchy", 2, lambda _: phone.wire.kill_server())

    def kill(card: Card) -> str:
        phone.device.at("after:rpc.click", 1, lambda _: phone.wire.kill_server())
        return card.phrase

    assert phone.run(unlink(), ScriptedOwner(phone, kill)).result == "signed_out"
    assert phone.destructive().count("sign_out") == 1


def test_a_refused_gated_tap_changes_nothing_and_is_asked_anew(plug: MakePlugged) -> None:
    phone = plug()
    answers = []

    def refuse(card: Card) -> str | None:
        phone.device.state.adbinput = False
        answers.append(card)
        return card.phrase if len(answers) == 1 else None

    assert isinstance(stopped(phone, unlink(), ScriptedOwner(phone, refuse)), ConsentDeclined)
    assert phone.destructive() == [] and len(answers) == 2


@pytest.mark.parametrize(
    ("state", "journey"),
    thinned(({"keyguard": True}, {"awake": False}, {"awake": False, "screen_lock": None}), (unlink, reset)),
)
def test_a_dark_phone_is_woken_and_its_owner_unlocks_it(
    plug: MakePlugged, journey: MakeJourney, state: dict[str, object]
) -> None:
    phone = plug(**state)
    assert phone.run(journey()).verified


def test_a_locked_phone_that_nobody_unlocks(plug: MakePlugged) -> None:
    phone = plug(keyguard=True)
    caught = stopped(phone, unlink(), Away(phone))
    assert isinstance(caught, PreflightError) and "Unlock the phone" in str(caught)
    assert isinstance(
        stopped(phone, unlink(), ScriptedOwner(phone, acts=False), patience=0.3), PreflightError
    )
    assert phone.device.log == []


LOCKS = {
    "lock.find_device": "locked to a Xiaomi Account",
    "lock.lost": "reported lost",
    "lock.instalment": "unpaid instalment",
    "lock.frp": "Google's reset protection",
}


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("journey", [unlink, reset])
def test_a_lock_is_named_and_never_touched(plug: MakePlugged, journey: MakeJourney, lock: str) -> None:
    phone = plug()
    phone.device.show(lock)
    caught = stopped(phone, journey())
    assert isinstance(caught, PreflightError) and LOCKS[lock] in str(caught.what)
    assert "No program" in str(caught.why) or "no program" in str(caught.why)
    assert phone.device.log == []


@pytest.mark.parametrize(
    "popup", [name for name in PracticePhone("hyperos2").rom.screens if name.startswith("popup.")]
)
@pytest.mark.parametrize("journey", [unlink, pytest.param(reset, marks=pytest.mark.full)])
def test_whatever_comes_in_between_is_left_by_its_harmless_way(
    plug: MakePlugged, journey: MakeJourney, popup: str
) -> None:
    """Once before the gate, once after its consent; what it would do is never done."""
    phone = plug()
    phone.device.show("settings.home")
    phone.device.at("after:rpc.dumpWindowHierarchy", 2, lambda device: device.popup(popup))
    assert phone.run(journey(), _meanwhile(phone, lambda device: device.popup(popup))).verified
    assert not [tap for tap in phone.device.log if tap.screen == popup and tap.destructive]
