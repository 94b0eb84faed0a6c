"""Every fault at every step of unlink and reset: the run ends well, or stops truthfully; a second one finishes.

The matrix is the marked run, `pytest -m full -n 8 tests/test_fault_matrix.py` (an hour), which prints a table: on each
ROM each fault at each kind of step, and on one ROM or another at each step of that kind. The suite has a sample of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

import pytest

from automator.errors import AutomatorError
from automator.events import Event
from automator.journeys import Card, Deed, Journey, reset, unlink
from automator.practice.rom import LANGUAGES
from automator.practice.rom import ROMS as EVERY_ROM
from automator.text import Text
from tests.conftest import MakePlugged, Plugged, ScriptedOwner
from tests.faults import FAULTS, Fault

JOURNEYS = {"unlink": unlink, "reset": reset}
BACK, GONE = 12.0, 0.7
"""Seconds that a run waits for a phone that comes back, and for one that does not."""
PATIENCE = 4.0
CODES = {
    "cable": {6},
    "offline": {6},
    "adbd_frozen": {6},
    "unauthorized": {6},
    "disk_full": {3, 6},
    "other_client": {3, 6},
    # A page that moves under one tap after the other: then the phone stays where it is, and that is said.
    "moved": {5},
}
"""How a run may be stopped by a fault that stays. Across a gated tap it may be 7 as well, whatever the fault."""
OUTCOME_UNKNOWN = 7


# adbutils leaves a socket unclosed when the adb server does not listen.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <socket\.socket:pytest.PytestUnraisableExceptionWarning"
)


@dataclass(frozen=True)
class Step:
    """A moment of a run: of which kind, and the how manieth or on which screen or at which gate."""

    kind: str
    """`seen` a new screen, before anything is done; `look`: before the next look; `tap`, `tapped`: before and after the

    nth tap; `gate`: while its card is shown; `consent`: after the second look; `gated`: after the tap."""
    at: str

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class Owner(ScriptedOwner):
    """Does what is told and asked on the phone, and strikes the fault where the step says."""

    def __init__(self, plugged: Plugged, fault: Fault, step: Step | None) -> None:
        super().__init__(plugged)
        self._fault = fault
        self._step = step
        self.struck = False

    def listen(self, event: Event) -> None:
        """Hears the run's events as they are written."""
        if event.event == "screen" and event.screen is not None:
            self._at("seen", event.screen)
            self._on("look", event.screen, "before:rpc.dumpWindowHierarchy")

    def arm(self) -> None:
        if self._step and self._step.kind in ("tap", "tapped"):
            moment = {"tap": "before", "tapped": "after"}[self._step.kind]
            self._plugged.device.at(f"{moment}:rpc.click", int(self._step.at), lambda _: self._strike())

    def answer(self, card: Card) -> str | None:
        self._at("gate", card.gate.name)
        self._on("consent", card.gate.name, "after:rpc.dumpWindowHierarchy")
        self._on("gated", card.gate.name, "after:rpc.click")
        return card.phrase

    def tell(self, text: Text) -> None:
        super().tell(text)
        if "Allow" in str(text) and self._fault.returns:
            self._plugged.device.authorised = True

    def act(self, deed: Deed) -> None:
        """Puts the phone right, as a person would at a glance, and does what was said."""
        device = self._plugged.device
        device.finger_unlock()
        if device.screen.startswith("popup."):
            device.close_popup()
        elif "I do not know what the phone shows" in str(deed.text):
            device.finger_back()
        if "sideways" in str(deed.text):
            device.state.rotation = 0
        if "hidden" in str(deed.text) or "is split" in str(deed.text):
            device.state.split, device.state.one_handed = False, ""
        super().act(deed)

    def _at(self, kind: str, at: str) -> None:
        if self._step == Step(kind, at):
            self._strike()

    def _on(self, kind: str, at: str, moment: str) -> None:
        if self._step == Step(kind, at) and not self.struck:
            self._plugged.device.at(moment, 1, lambda _: self._strike())

    def _strike(self) -> None:
        if not self.struck:
            self.struck = True
            self._fault.strike(self._plugged)


_STEPS: dict[tuple[str, str], list[Step]] = {}


def steps(plug: MakePlugged, rom: str, language: str, journey: Journey) -> list[Step]:
    """Every step of the journey on that phone, as an undisturbed run goes through them."""
    if (rom, journey.name) not in _STEPS:
        _STEPS[rom, journey.name] = _steps(plug(rom, language, shortcuts=False), journey)
    return _STEPS[rom, journey.name]


def _steps(phone: Plugged, journey: Journey) -> list[Step]:
    phone.run(journey)
    screens = dict.fromkeys(event.screen for event in phone.of("screen") if event.screen)
    taps = range(1, phone.device.requests["rpc.click"] + 1)
    gated = [event.gate for event in phone.of("tap") if event.gate and event.sent]
    return [
        *(Step(kind, screen) for screen in screens for kind in ("seen", "look")),
        *(Step(kind, str(number)) for number in taps for kind in ("tap", "tapped")),
        *(Step("gate", event.gate) for event in phone.of("gate")),
        *(Step(kind, gate) for gate in gated for kind in ("consent", "gated")),
    ]


def cell(plug: MakePlugged, rom: str, language: str, journey: Journey, name: str, step: Step) -> str:
    """Runs one cell, and how it ended: `done`, or the exit code of the stop; `-` when the fault never struck."""
    fault = FAULTS[name]
    phone = plug(rom, language, shortcuts=False)
    owner = Owner(phone, fault, step)
    owner.arm()
    phone.listen = owner.listen
    result = "done"
    try:
        outcome = phone.run(journey, owner, patience=PATIENCE, wait=BACK if fault.returns else GONE)
        assert (outcome.result, outcome.verified) == (journey.result, True)
        _reached(phone, journey)
    except AutomatorError as error:
        result = str(error.exit_code)
        assert all(str(part) for part in (error.what, error.why, error.fix))
        across = any(event.gate for event in phone.of("tap"))
        allowed = CODES.get(name, set()) | ({OUTCOME_UNKNOWN} if across else set())
        assert error.exit_code in allowed, (error.exit_code, str(error), phone.events[-6:])
    if not owner.struck:
        return "-"
    fault.mend(phone)
    _finish(phone, journey)
    return result


def _finish(phone: Plugged, journey: Journey) -> None:
    """A second run without the fault, where there is still something to do."""
    if phone.device.state.erased:
        return
    outcome = phone.run(journey, Owner(phone, FAULTS["dark"], None))
    assert outcome.verified and outcome.result in (journey.result, "nothing_to_do")
    _reached(phone, journey)


def _reached(phone: Plugged, journey: Journey) -> None:
    state = phone.device.state
    assert state.erased if journey.leaves else state.account is None


PHONES = list(zip(EVERY_ROM, cycle(LANGUAGES)))


def _whose_turn(every: list[Step], turn: int) -> Iterator[Step]:
    """Of each kind the steps whose turn it is, which is one at least."""
    for kind in dict.fromkeys(step.kind for step in every):
        kin = [step for step in every if step.kind == kind]
        due = [step for number, step in enumerate(kin) if (number + turn) % len(EVERY_ROM) == 0]
        yield from due or [kin[turn % len(kin)]]


@pytest.mark.full
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize(("rom", "language"), PHONES)
def test_the_matrix(
    plug: MakePlugged,
    record_property: Callable[[str, object], None],
    rom: str,
    language: str,
    journey: str,
    fault: str,
) -> None:
    red = []
    turn = EVERY_ROM.index(rom) + list(FAULTS).index(fault)
    for step in _whose_turn(steps(plug, rom, language, JOURNEYS[journey]()), turn):
        try:
            result = cell(plug, rom, language, JOURNEYS[journey](), fault, step)
        except (AssertionError, RuntimeError) as error:
            result = "RED"
            red.append(f"{step}: {error}")
        record_property("cell", (journey, rom, fault, str(step), result))
    assert not red, "\n".join(red)


SAMPLE_STEPS = {
    "unlink": [
        Step("seen", "settings.home"),
        Step("look", "account.home"),
        Step("gated", "unlink.sign_out"),
        Step("tapped", "1"),
        Step("gate", "unlink.sign_out"),
        Step("consent", "unlink.sign_out"),
    ],
    "reset": [
        Step("tap", "2"),
        Step("gate", "reset.wipe"),
        Step("seen", "reset.warning_1"),
        Step("consent", "reset.erase"),
        Step("look", "reset.backup"),
        Step("gated", "reset.erase"),
    ],
}
SAMPLE = [
    (*PHONES[number % len(PHONES)], journey, fault, SAMPLE_STEPS[journey][(number + shift) % 6])
    for number, fault in enumerate(FAULTS)
    for shift, journey in enumerate(JOURNEYS)
    if (number + shift) % 2
    and fault not in ("adbd_frozen", "server_wedged", "server_wedged_ping")  # other tests wait for those
]


@pytest.mark.parametrize(
    ("rom", "language", "journey", "fault", "step"), SAMPLE, ids=lambda value: str(value)
)
def test_a_sample_of_the_matrix(
    plug: MakePlugged, rom: str, language: str, journey: str, fault: str, step: Step
) -> None:
    assert cell(plug, rom, language, JOURNEYS[journey](), fault, step) != "-"
