"""Where the phone refuses a computer's taps, the owner's finger does what it is told, and every gate stays."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from automator.cli.owner import follow
from automator.errors import ConsentDeclined, InputRefused, OutcomeUnknown, PreflightError
from automator.events import OutcomeEvent, now
from automator.hierarchy import Bounds
from automator.journeys import Card, Deed, Journey, reset, unlink
from automator.outline import RED, outline
from automator.practice.phone import Phone as PracticePhone
from automator.report.findings import dangerous, headline
from automator.report.record import Record
from automator.text import Text
from tests.conftest import GATES, ROMS, MakePlugged, Plugged, ScriptedOwner, stopped, thinned

MakeJourney = Callable[[], Journey]
BOTH = pytest.mark.parametrize("journey", [unlink, reset])


def injected(phone: Plugged, *, after_refusal: bool = False) -> list[Any]:
    """The computer's taps; those after the first that was refused."""
    taps = [tap for tap in phone.device.log if tap.by == "injected"]
    if not after_refusal:
        return taps
    refused = next((number for number, tap in enumerate(taps) if not tap.landed), len(taps))
    return taps[refused + 1 :]


def each_gate_before_its_tap(phone: Plugged) -> None:
    """The owner was never told to make a destructive tap that the typed phrase had not opened."""
    consents = [event.gate for event in phone.of("consent") if event.answer == "given"]
    for mark, gates in GATES.items():
        assert phone.destructive().count(mark) <= sum(consents.count(gate) for gate in gates), mark


@pytest.mark.parametrize(
    ("rom", "language", "journey"),
    thinned((*zip(ROMS, ("en", "ru", "ar", "de", "xx"), strict=True),), (unlink, reset)),
)
def test_taps_refused_from_the_start(
    plug: MakePlugged, rom: str, language: str, journey: MakeJourney
) -> None:
    phone = plug(rom, language, adbinput=False, cards=True)
    owner = ScriptedOwner(phone)
    outcome = phone.run(journey(), owner)
    assert (outcome.result, outcome.verified) == (journey().result, True)
    assert injected(phone) == []
    assert phone.destructive() and sum("I tell you where" in told for told in owner.told) == 1
    each_gate_before_its_tap(phone)
    assert {event.hands for event in phone.of("tap")} == {"guided"}


@BOTH
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_taps_refused_from_one_on(plug: MakePlugged, journey: MakeJourney, nth: int) -> None:
    """The gated one too: nothing happened, so it is asked anew."""
    phone = plug(shortcuts=False)
    phone.device.at("before:rpc.click", nth, lambda device: setattr(device.state, "adbinput", False))
    assert phone.run(journey()).verified
    assert len(injected(phone)) == nth and injected(phone, after_refusal=True) == []
    each_gate_before_its_tap(phone)


def test_taps_refused_since_the_account_is_gone(plug: MakePlugged) -> None:
    phone = plug(adbinput_needs_account=True)
    assert phone.run(unlink()).verified and not phone.device.state.adbinput
    phone.device.show("settings.home")
    assert phone.run(reset()).verified
    assert injected(phone, after_refusal=True) == []


@pytest.mark.parametrize("needs", [False, True])
def test_a_sign_out_that_stirs_nothing_and_ends_the_leave_to_tap_is_seen(
    plug: MakePlugged, needs: bool
) -> None:
    phone = plug("hyperos2", stirs=False, adbinput_needs_account=needs, find_device=False, synced_data=False)
    outcome = phone.run(unlink())
    assert (outcome.result, outcome.verified) == ("signed_out", True)
    assert not phone.of("hands")


def test_a_phone_that_says_yes_and_refuses(plug: MakePlugged) -> None:
    phone = plug(adbinput=False, adbinput_says="1", shortcuts=False)
    assert phone.run(unlink()).verified
    assert not [tap for tap in injected(phone) if tap.landed] and len(injected(phone)) <= 2


def test_a_phone_that_has_no_such_switch_is_tapped(plug: MakePlugged) -> None:
    phone = plug("miui8", adbinput_says="")
    assert phone.run(unlink()).verified
    assert injected(phone) and {event.hands for event in phone.of("tap")} == {"injected"}


def test_the_owner_may_switch_taps_on_in_mid_run(plug: MakePlugged) -> None:
    phone = plug(adbinput=False, shortcuts=False)

    class Switches(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            super().act(deed)
            phone.device.state.adbinput = True

    assert phone.run(unlink(), Switches(phone)).verified
    assert [event.hands for event in phone.of("hands")] == ["guided", "injected"]
    assert injected(phone)


@BOTH
def test_guided_may_be_chosen(plug: MakePlugged, journey: MakeJourney) -> None:
    phone = plug(shortcuts=False)
    owner = ScriptedOwner(phone)
    assert phone.run(journey(), owner, hands="guided").verified
    assert injected(phone) == [] and not any("Security settings" in told for told in owner.told)
    each_gate_before_its_tap(phone)


class Slips(ScriptedOwner):
    """Taps another row than the one that the phrase was typed for, the first time; then goes back, or away."""

    def __init__(self, plugged: Plugged, slip: Callable[[], object], *, comes_back: bool = True) -> None:
        super().__init__(plugged)
        self._slip: Callable[[], object] | None = slip
        self._comes_back = comes_back

    def act(self, deed: Deed) -> None:
        if "confirmed" in str(deed.text) and self._slip is not None:
            slip, self._slip = self._slip, None
            self.told.append(str(deed.text))
            slip()
        elif "know what the phone shows now" not in str(deed.text):
            super().act(deed)
        else:
            self.told.append(str(deed.text))
            if self._comes_back:
                self._plugged.device.finger_back()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run waits for, in seconds that a test has."""
    for name, seconds in {"SETTLE": 0.5, "UNKNOWN_AFTER_GATE": 0.5, "STUCK": 2.0}.items():
        monkeypatch.setattr(f"automator.journeys.decide.{name}", seconds)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("late", [False, True])
def test_a_slip_of_the_finger_at_the_gate_is_led_back_and_asked_anew(plug: MakePlugged, late: bool) -> None:
    """Also when the owner took longer over the tap than a run waits for what a tap shows."""
    phone = plug("miui12")

    def slip() -> None:
        phone.device.finger_tap("Xiaomi Cloud")

    def slip_late() -> None:
        phone.device.at("before:rpc.dumpWindowHierarchy", 12, lambda _: slip())

    owner = Slips(phone, slip_late if late else slip)
    assert phone.run(unlink(), owner, hands="guided", patience=20.0).verified
    (lost,) = [told for told in owner.told if "know what the phone shows now" in told]
    assert "anything but “Sign out”" in lost and "go back on the phone" in lost and "—" not in lost
    given = [event.gate for event in phone.of("consent") if event.answer == "given"]
    assert given.count("unlink.sign_out") == 2
    each_gate_before_its_tap(phone)
    # Nothing moves on the terminal while the owner is told to go back.
    told = next(event for event in phone.of("ask") if event.text == lost)
    assert getattr(phone.events[phone.events.index(told) + 1], "move", None) != "facts"


@pytest.mark.usefixtures("hurried")
def test_a_slip_to_a_page_that_is_known_is_said_to_be_one(plug: MakePlugged) -> None:
    phone = plug("miui12")
    owner = Slips(phone, lambda: phone.device.show("settings.display"))
    assert phone.run(unlink(), owner, hands="guided").verified
    assert sum("another page than I waited for" in told for told in owner.told) == 1
    assert sum("confirmed" in told for told in owner.told) == 2
    each_gate_before_its_tap(phone)


@pytest.mark.usefixtures("hurried")
def test_before_it_gives_up_it_asks_the_phone_whether_the_account_is_there(
    plug: MakePlugged, tmp_path: Path
) -> None:
    phone = plug("miui12")
    owner = Slips(phone, lambda: phone.device.finger_tap("Xiaomi Cloud"), comes_back=False)
    caught = stopped(phone, unlink(), owner, hands="guided", patience=20.0)
    assert isinstance(caught, OutcomeUnknown) and phone.destructive() == []
    assert "You were asked to make the tap" in str(caught.why) and "sent" not in str(caught.why)
    assert "still on the phone" in str(caught.why)
    assert [event.when for event in phone.of("facts")] == ["before", "after"]
    outcome = OutcomeEvent(
        time=now(), journey="unlink", result="unknown", verified=False, exit_code=7, journal=""
    )
    record = Record(tmp_path, (*phone.events, outcome), 0)
    assert "was asked for" in str(headline(record).text)
    assert str(dangerous(record)) == "Taps that lose something, asked for from the owner: “Sign out”."


def test_no_at_the_last_page_of_a_reset_says_how_to_leave_it(plug: MakePlugged) -> None:
    phone = plug(account=None, find_device=False)
    phone.device.show("reset.warning_2")
    caught = stopped(phone, reset(), ScriptedOwner(phone, lambda _: "no"))
    assert type(caught) is ConsentDeclined and "tap Cancel" in str(caught.fix)
    assert phone.destructive() == []


def test_a_row_out_of_view_is_scrolled_to(plug: MakePlugged) -> None:
    phone = plug("miui8", shortcuts=False, font_scale=1.3)
    owner = ScriptedOwner(phone)
    assert phone.run(reset(), owner, hands="guided").verified
    assert any(told.startswith("Scroll until you see") for told in owner.told)
    assert not any(" / " in told for told in owner.told)


def test_a_wrong_turn_is_noticed(plug: MakePlugged) -> None:
    phone = plug(shortcuts=False)
    turned: list[str] = []

    class Astray(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            if deed.does == "tap" and not turned:
                turned.append(deed.words[0])
                phone.device.show("settings.display")
                self.told.append(str(deed.text))
            elif phone.device.screen == "settings.display":
                assert "go back" in str(deed.text) or "one page back" in str(deed.text)
                phone.device.finger_back()
                turned.append("back")
            else:
                super().act(deed)

    assert phone.run(unlink(), Astray(phone), hands="guided").verified
    assert turned[1:] == ["back"]


def test_without_anybody_to_tell_it_stops(plug: MakePlugged) -> None:
    phone = plug(adbinput=False)

    class Away(ScriptedOwner):
        present = False

    caught = stopped(phone, unlink(), Away(phone))
    assert isinstance(caught, InputRefused) and caught.exit_code == 3
    assert phone.device.log == []


@BOTH
def test_no_phrase_no_word_of_the_tap(plug: MakePlugged, journey: MakeJourney) -> None:
    phone = plug(adbinput=False)
    owner = ScriptedOwner(phone, lambda _: "no")
    assert isinstance(stopped(phone, journey(), owner), ConsentDeclined)
    assert phone.destructive() == [] and not any("confirmed" in told for told in owner.told)


@BOTH
def test_an_owner_who_confirms_and_does_not_tap(plug: MakePlugged, journey: MakeJourney) -> None:
    phone = plug(adbinput=False)
    owner = ScriptedOwner(phone, acts=False)
    phone.device.show("account.home" if journey is unlink else "reset.warning_2")
    caught = stopped(phone, journey(), owner, patience=0.5)
    assert isinstance(caught, PreflightError) and "I waited" in str(caught.what)
    assert phone.device.log == []


@pytest.mark.parametrize("word", [True, False])
def test_whether_the_phone_restarts_is_the_owners_to_say(plug: MakePlugged, word: bool) -> None:
    """A pulled cable looks the same from here."""
    phone = plug(adbinput=False, account=None, find_device=False)
    phone.device.show("reset.warning_2")

    class Pulls(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            if deed.does == "tap":
                phone.wire.unplug()

    owner = Pulls(phone, wants=word)
    if word:
        assert phone.run(reset(), owner).result == "reset_started"
    else:
        assert isinstance(stopped(phone, reset(), owner), OutcomeUnknown)
    assert any("does the phone restart" in told for told in owner.told)


def test_the_picture_shows_where(plug: MakePlugged) -> None:
    phone = plug(shortcuts=False)
    phone.device.show("settings.home")
    deeds: list[Deed] = []

    class Looks(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            deeds.append(deed)
            super().act(deed)

    phone.run(unlink(), Looks(phone), hands="guided")
    taps = [deed for deed in deeds if deed.does == "tap"]
    assert all(deed.picture and deed.words for deed in taps)
    for deed, event in zip(taps, phone.of("tap"), strict=True):
        left, top, right, _ = map(int, event.bounds.replace("][", ",").strip("[]").split(","))
        assert deed.picture is not None
        with Image.open(deed.picture) as picture:
            edge = picture.convert("RGB").getpixel(((left + right) // 2, top + 3))
            assert isinstance(edge, tuple)
        assert max(abs(a - b) for a, b in zip(edge, RED, strict=True)) < 60, (deed, edge)


def test_an_outline_is_where_it_should_be_on_any_scale() -> None:
    out = io.BytesIO()
    Image.new("RGB", (540, 1200), "grey").save(out, "JPEG")
    drawn = Image.open(
        io.BytesIO(outline(out.getvalue(), Bounds(0, 0, 1080, 2400), Bounds(100, 1000, 980, 1200)))
    )
    red = [
        (x, y)
        for x in range(0, 540, 3)
        for y in range(0, 1200, 3)
        if drawn.getpixel((x, y))[0] > 150 and drawn.getpixel((x, y))[1] < 80  # type: ignore[index]
    ]
    sides = [min(x for x, _ in red), max(x for x, _ in red), min(y for _, y in red), max(y for _, y in red)]
    assert sides == pytest.approx([51, 488, 501, 598], abs=4)


def test_what_the_owner_does_is_what_was_said(plug: MakePlugged) -> None:
    phone = plug()
    phone.device.show("settings.home")
    assert follow(phone.device, Deed(Text("x"), "back")) == "back"
    assert phone.device.screen == "launcher"
    device: PracticePhone = phone.device
    device.state.awake = False
    assert follow(device, Deed(Text("x"), "wake")) == "wake" and device.state.awake


def test_a_gate_asked_of_the_owner_names_the_phone(plug: MakePlugged) -> None:
    phone = plug(adbinput=False)
    cards: list[Card] = []

    def answer(card: Card) -> str:
        cards.append(card)
        return card.phrase

    phone.run(unlink(), ScriptedOwner(phone, answer))
    assert cards
    for card in cards:
        assert card.facts and card.facts.serial == phone.wire.serial and card.picture


def test_a_popup_is_no_tap_and_a_pulled_cable_no_reset(plug: MakePlugged) -> None:
    """What the owner was told to tap was not tapped: nobody says that the reset has begun."""
    phone = plug(adbinput=False, account=None, find_device=False)
    phone.device.show("reset.warning_2")

    class Distracted(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            self.told.append(str(deed.text))
            if "confirmed" in str(deed.text):
                phone.device.popup("popup.low_battery")
                phone.device.at("after:rpc.dumpWindowHierarchy", 3, lambda _: phone.wire.unplug())

    owner = Distracted(phone, wants=False)
    assert isinstance(stopped(phone, reset(), owner), OutcomeUnknown)
    assert any("does the phone restart" in told for told in owner.told) and phone.destructive() == []


def test_an_ordinary_tap_that_the_owner_does_not_make_is_no_unknown_outcome(plug: MakePlugged) -> None:
    phone = plug(adbinput=False)

    class Stops(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            if phone.device.screen != "signout.synced":
                super().act(deed)

    caught = stopped(phone, unlink(), Stops(phone), patience=0.5)
    assert isinstance(caught, PreflightError) and phone.device.screen == "signout.synced"
