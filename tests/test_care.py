"""What a first reviewer broke: slow phones, late taps, phrases typed ahead, things that are nobody's business."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from automator.atlas import load, of_phone
from automator.consent import phrase
from automator.errors import (
    AmbiguousElement,
    AutomatorError,
    OutcomeUnknown,
    PhoneLost,
    PreflightError,
    ScreenUnknown,
)
from automator.events import Event
from automator.journal import Journal
from automator.journeys import Deed, Journey, reset, unlink
from automator.journeys.loop import Run
from automator.journeys.losses import Losses
from automator.masking import mask_text
from automator.phone.server import TooLate
from automator.practice.phone import REAL, Latency
from automator.practice.phone import Phone as PracticePhone
from tests.conftest import ROMS, MakePlugged, Plugged, ScriptedOwner, Terminal, stopped, thinned, unhashed
from tests.test_atlas import EXPECTED
from tests.test_cli import run
from tests.test_property import Shuffled, Turned

MakeJourney = Callable[[], Journey]
AS_REAL = Latency(dump=REAL.dump, tap=REAL.tap, transition=REAL.transition, scroll=REAL.scroll, second=0.05)


@pytest.mark.parametrize(("rom", "journey"), thinned(ROMS[::2], (unlink, reset)))
def test_a_slow_phone_is_tapped_where_it_was_meant(plug: MakePlugged, rom: str, journey: MakeJourney) -> None:
    phone = plug(rom, latency=AS_REAL, cards=True)
    phone.run(journey())
    sent = [event for event in phone.of("tap") if event.sent]
    hit = [tap for tap in phone.device.log if tap.by == "injected"]
    assert [(EXPECTED[tap.screen], tap.landed) for tap in hit] == [(event.screen, True) for event in sent]
    assert [event.label in tap.text for event, tap in zip(sent, hit, strict=True)] == [True] * len(hit)
    assert "delete_synced" not in phone.destructive()


def test_a_tap_that_comes_too_late_is_not_sent(plug: MakePlugged) -> None:
    phone = plug()
    server = phone.connect().server
    server.start()
    with pytest.raises(TooLate):
        server.tap(500, 500, not_after=time.monotonic() - 1)
    server.stop()
    assert phone.device.log == []


def test_next_is_not_tapped_when_it_has_become_the_last_ok(plug: MakePlugged) -> None:
    """Both are one node at one place; the owner's finger was faster."""
    phone = plug(screen_lock=None, find_device=False)

    def ahead(device: PracticePhone) -> None:
        if device.screen == "reset.warning_1":
            device.finger_tap("ok")

    for nth in range(1, 40):
        phone.device.at("before:rpc.click", nth, ahead)
    refuse_wipe = ScriptedOwner(phone, lambda card: None if card.gate.name == "reset.wipe" else card.phrase)
    stopped(phone, reset(), refuse_wipe)
    assert "wipe" not in phone.destructive() and not phone.device.state.erased


@pytest.mark.parametrize(
    ("journey", "over"), [(unlink, "popup.low_battery"), (reset, "popup.update"), (unlink, "keyguard")]
)
def test_what_comes_over_the_screen_before_a_tap_is_not_hit_in_its_place(
    plug: MakePlugged, journey: MakeJourney, over: str
) -> None:
    phone = plug(shortcuts=False)

    def come(device: PracticePhone) -> None:
        if over == "keyguard":
            device.state.keyguard = True
        else:
            device.popup(over)

    for nth in (1, 2, 3, 6):
        phone.device.at("before:rpc.click", nth, come)
    assert phone.run(journey(), Unlocks(phone)).verified
    assert not [tap for tap in phone.device.log if tap.by == "injected" and EXPECTED[tap.screen] == over]


class Unlocks(ScriptedOwner):
    """Unlocks the phone when asked, and closes what is left to the owner."""

    def act(self, deed: Deed) -> None:
        self._plugged.device.finger_unlock()
        if "answer or close" in str(deed.text):
            self._plugged.device.close_popup()
        super().act(deed)


def _odd(phone: Plugged) -> Plugged:
    """The same phone, whose labels hold what XML can't, and what is therefore not in a hierarchy."""
    rom = phone.device.rom
    odd = {
        package: {name: {at: f"{text}\x07" for at, text in word.items()} for name, word in words.items()}
        for package, words in rom.words.items()
    }
    phone.device.rom = phone.device.flow.rom = rom.model_copy(update={"words": odd})
    return phone


def test_labels_that_the_phone_does_not_find_again_are_tapped_by_their_place(plug: MakePlugged) -> None:
    assert _odd(plug(shortcuts=False)).run(unlink()).verified


def test_what_may_be_tapped_by_its_words_alone_is_not_tapped_without(plug: MakePlugged) -> None:
    """The first warning's Next, where the last one's OK will be."""
    phone = _odd(plug(shortcuts=False))
    assert isinstance(stopped(phone, reset()), ScreenUnknown)
    assert phone.device.screen == "reset.warning_1" and not phone.device.state.erased


def test_a_wedged_adbd_is_noticed_and_nothing_lands_later(plug: MakePlugged) -> None:
    phone = plug()
    phone.device.at("after:rpc.dumpWindowHierarchy", 3, lambda _: phone.wire.freeze())
    began = time.monotonic()
    assert isinstance(stopped(phone, unlink()), PhoneLost)
    assert time.monotonic() - began < 40
    phone.wire.thaw()
    assert phone.device.log == []


def test_a_phrase_typed_ahead_opens_no_gate(plug: MakePlugged, terminal: Callable[..., Terminal]) -> None:
    phone = plug()
    person = terminal("reset", "--serial", phone.wire.serial)
    for line in ("y", *[phrase("reset", phone.wire.serial)] * 3):
        person.type(line)
    person.see("Go on with the reset? [y/N] ")
    person.type("y")
    person.see("anything else stops: ")
    person.child.sendeof()
    code, _ = person.end()
    assert code == 4 and phone.destructive() == []


SECRETS = ("6230481535", "6230***535", "Mila", "correct horse", "2580", "mila@")


@pytest.mark.parametrize(
    ("journey", "state", "start"),
    [
        (unlink, {"cards": True, "e2ee": True}, "settings.home"),
        (unlink, {"synced_data": False}, "account.home"),
        (reset, {"esim": True}, "settings.home"),
        (reset, {}, "app.notes"),
    ],
)
def test_nothing_of_the_owners_is_written_down(
    plug: MakePlugged, tmp_path: Path, journey: MakeJourney, state: dict[str, bool], start: str
) -> None:
    phone = plug("hyperos2", **state)
    phone.device.show(start)
    notes = [] if start != "app.notes" else phone.device.visible_texts()

    class Helpful(ScriptedOwner):
        def act(self, deed: Deed) -> None:
            if phone.device.screen == "reset.esim":
                phone.device.finger_tap("button2")
            super().act(deed)

    phone.run(journey(), Helpful(phone))
    files = [file for file in (tmp_path / "runs").rglob("*") if file.suffix in (".jsonl", ".xml")]
    written = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert [secret for secret in (*SECRETS, *notes) if secret in unhashed(written)] == []


@pytest.mark.parametrize(
    "secret",
    [
        "6230481535",
        "6230***535",
        "62304…535",
        "138 **** 1234",
        "+7 (999) 123-45-67",
        "123\u201145\u201167",
        "ID123456789",
        "861234567890123",
        "mila.petrova@example.org",
        "xia***@gmail.com",
    ],
)
def test_numbers_and_addresses_are_masked(secret: str) -> None:
    shown = mask_text(f"For {secret} and more")
    assert shown.startswith("For ") and shown.endswith(" and more")
    assert not any(letter.isdigit() for letter in shown) and "@" not in shown


@pytest.mark.parametrize("text", ["Next (10)", "Android 15", "1.2 GB / 5 GB", "82 %", "9:41"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_text(text) == text


class NoPictures(PracticePhone):
    """A phone whose pages may not be pictured."""

    def rpc(self, method: str, params: list[object]) -> object:
        return None if method == "takeScreenshot" else super().rpc(method, params)


def test_a_phone_that_gives_no_picture(plug: MakePlugged) -> None:
    phone = plug()
    device = NoPictures("hyperos2", latency=Latency(second=0.01))
    other = Plugged(device, phone.lab.add(device), phone.lab)
    assert other.run(unlink()).result == "signed_out"
    assert all(event.picture is None for event in other.of("screen"))
    other.wire.unplug()


# Waits have an end. The clock here runs only when somebody waits.


def _walk(
    journey: Journey,
    screen: str,
    *,
    patience: float = 50,
    meanwhile: Callable[[PracticePhone], object] = lambda _: None,
    events: list[Event] | None = None,
) -> AutomatorError:
    """How a run ends on a phone that stays where it is."""
    clock = Turned()
    device = PracticePhone("hyperos2", latency=Latency(second=1e9), clock=clock.now)
    phone = Shuffled(device, clock)
    phone.obeys = False
    device.show(screen)
    while device.finger_scroll():
        pass
    meanwhile(device)
    events = [] if events is None else events
    journal = Journal(journey.name, events.append)
    facts = phone.facts()
    words = of_phone(facts.locale, {}, load().words)
    owner = ScriptedOwner(None, acts=False)  # type: ignore[arg-type]
    run_ = Run(
        journey,
        phone,
        Losses(phone, owner, clock, 0),
        facts,
        load(),
        words,
        owner,
        journal,
        clock,
        hands="injected",
        patience=patience,
        dry_run=False,
    )
    with pytest.raises(AutomatorError) as caught:
        while True:
            assert run_.step() is None
            assert clock.time < 2000, (screen, events[-3:])
            meanwhile(device)
    journal.close()
    return caught.value


@pytest.mark.parametrize(
    ("journey", "screen", "error"),
    [
        (reset, "reset.checking", ScreenUnknown),
        (reset, "reset.warning_1", ScreenUnknown),
        (unlink, "signout.progress", ScreenUnknown),
        (unlink, "app.notes", ScreenUnknown),
        (unlink, "account.home", OutcomeUnknown),
        (reset, "signout.password", AmbiguousElement),
        (unlink, "reset.password", AmbiguousElement),
    ],
)
def test_every_wait_has_an_end(journey: MakeJourney, screen: str, error: type[Exception]) -> None:
    assert isinstance(_walk(journey(), screen), error)


@pytest.mark.parametrize("state", [{"keyguard": True}, {"awake": False}], ids=["locked", "dark"])
def test_an_owner_has_all_of_the_patience_to_unlock(state: dict[str, bool]) -> None:
    """Longer than a phone may take that is at work by itself."""

    def lock(device: PracticePhone) -> None:
        for name, value in state.items():
            setattr(device.state, name, value)

    caught = _walk(unlink(), "settings.home", patience=200, meanwhile=lock)
    assert isinstance(caught, PreflightError) and "I waited 20" in str(caught.what)


def test_nothing_is_opened_over_a_page_that_the_owner_is_at_work_on() -> None:
    """It is not known, and changes every few seconds because somebody does something there."""
    turns = [0]

    def change(device: PracticePhone) -> None:
        turns[0] += 1
        device.nudge(40 * (turns[0] // 20 % 2))

    events: list[Event] = []
    assert isinstance(_walk(unlink(), "app.notes", meanwhile=change, events=events), ScreenUnknown)
    asked = next(place for place, event in enumerate(events) if event.event == "ask")
    assert [event.move for event in events[asked:] if event.event == "move" and event.move == "open"] == []


# The computer is not ready.


@pytest.mark.parametrize(
    ("arguments", "environment", "code"),
    [
        (["rehearse", "unlink"], {"MI_AUTOMATOR_RUNS": "/proc/nope"}, 3),
        (["devices"], {"ANDROID_ADB_SERVER_PORT": "abc"}, 3),
        (["status"], {"ANDROID_ADB_SERVER_PORT": "abc"}, 3),
        (["unlink"], {"ANDROID_ADB_SERVER_PORT": "abc"}, 3),
        (["rehearse", "unlink"], {"PYTHONIOENCODING": "latin-1"}, 0),
        (["rehearse", "unlink", "--lang", "ru"], {"PYTHONIOENCODING": "ascii"}, 0),
    ],
)
def test_a_computer_that_is_not_ready_is_no_traceback(
    arguments: list[str], environment: dict[str, str], code: int
) -> None:
    done = run(*arguments, lab=None, **environment)
    assert done.returncode == code, done.stderr
    assert code == 0 or ("✗" in done.stderr and "→" in done.stderr)
