"""A phone that goes away in mid-run: what comes back must be it, and starts without the consents of before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from automator.errors import OutcomeUnknown, PhoneLost, PreflightError
from automator.events import Event
from automator.journeys import Card, Journey, reset, unlink
from automator.journeys.losses import Losses
from automator.journeys.session import SystemClock
from automator.phone import Listed, Phone
from automator.phone.server import lost
from automator.practice.phone import Phone as PracticePhone
from automator.practice.privateadb import PrivateAdb
from tests.conftest import MakePlugged, ScriptedOwner, stopped

MakeJourney = Callable[[], Journey]
BACK = 10.0


def test_a_pulled_cable_is_waited_for(plug: MakePlugged) -> None:
    phone = plug()

    def pull(_: PracticePhone) -> None:
        phone.wire.unplug()
        phone.wire.plug_after(0.3)

    phone.device.at("after:rpc.dumpWindowHierarchy", 2, pull)
    owner = ScriptedOwner(phone)
    assert phone.run(unlink(), owner, wait=BACK).result == "signed_out"
    (waits,) = [told for told in owner.told if "I wait" in told]
    assert "in the network of this computer" in waits and "→" not in waits
    assert any("answers again" in told for told in owner.told)
    # A phone on the network has no cable, and is told about once.
    assert [told for told in owner.told if "cable" in told or "over USB" in told] == []


def test_one_that_does_not_come_back_is_lost(plug: MakePlugged) -> None:
    phone = plug()
    phone.device.at("after:rpc.dumpWindowHierarchy", 2, lambda _: phone.wire.unplug())
    assert isinstance(stopped(phone, unlink(), wait=0.5), PhoneLost)


@pytest.mark.parametrize(
    ("screen", "in_flight"), [("settings.home", False), ("signout.synced", False), ("signout.password", True)]
)
def test_another_phone_of_the_same_serial_gets_nothing(
    plug: MakePlugged, screen: str, in_flight: bool
) -> None:
    """Network phones and cheap clones share serials: neither consents nor proofs pass from one to the other."""
    phone = plug()

    def swap(device: PracticePhone) -> None:
        phone.wire.unplug()
        device.state.serialno = "ffffffff"
        device.state.account = None
        phone.wire.plug_after(0.3)

    def answer(card: Card) -> str:
        if in_flight:
            phone.device.at("after:rpc.click", 1, swap)
        return card.phrase

    if not in_flight:
        phone.device.show(screen)
        phone.device.at("after:rpc.dumpWindowHierarchy", 2, swap)
    caught = stopped(phone, unlink(), ScriptedOwner(phone, answer), wait=BACK)
    assert isinstance(caught, OutcomeUnknown if in_flight else PreflightError)
    assert "nother phone" in str(caught) or in_flight
    assert phone.device.log == [] or in_flight


def test_what_goes_on_with_a_consent_asks_anew_after_an_absence(plug: MakePlugged) -> None:
    phone = plug()

    def listen(event: Event) -> None:
        if event.event == "screen" and event.screen == "signout.synced":
            phone.listen = lambda _: None
            phone.wire.unplug()
            phone.wire.plug_after(0.3)

    phone.listen = listen
    assert phone.run(unlink(), wait=BACK).result == "signed_out"
    given = [event.gate for event in phone.of("consent") if event.answer == "given"]
    assert given.count("unlink.sign_out") == 2


@pytest.mark.parametrize("journey", [unlink, reset])
def test_a_phone_that_answers_and_shows_nothing_is_not_waited_for_for_ever(
    plug: MakePlugged, journey: MakeJourney
) -> None:
    """adb lists it, its server starts, and each look fails."""
    phone = plug()
    for nth in range(2, 200):
        phone.device.at("before:rpc.dumpWindowHierarchy", nth, lambda _: phone.wire.kill_server())
    owner = ScriptedOwner(phone)
    assert isinstance(stopped(phone, journey(), owner, wait=2.0), PhoneLost)
    (waits,) = [told for told in owner.told if "I wait" in told]
    assert "adb lists the phone." in waits


def test_where_adb_itself_went_away_no_cable_is_blamed(plug: MakePlugged) -> None:
    owner = ScriptedOwner(plug())
    adb = PrivateAdb()
    adb.start()
    phone = Phone(adb.client(), Listed("127.0.0.1:1", "device", "network"))
    adb.stop()
    with pytest.raises(PhoneLost) as caught:
        Losses(phone, owner, SystemClock(), 0.2).outwait(lost())
    (waits,) = owner.told
    for said in (waits, str(caught.value)):
        assert "adb, the program on this computer that speaks to the phone, stopped." in said
        assert "heck" not in said
    assert "I start adb again" in waits and "cable" not in str(caught.value)


def test_a_popup_that_is_left_after_a_gated_tap_proves_nothing(plug: MakePlugged) -> None:
    """It comes at once after the tap, and the cable goes after it was closed."""
    phone = plug("hyperos2", synced_data=False)

    def popup(device: PracticePhone) -> None:
        device.popup("popup.usb")
        device.at("after:rpc.click", 1, lambda _: phone.wire.unplug())

    def answer(card: Card) -> str:
        phone.device.at("after:rpc.click", 1, popup)
        return card.phrase

    assert isinstance(stopped(phone, unlink(), ScriptedOwner(phone, answer), wait=0.5), OutcomeUnknown)
