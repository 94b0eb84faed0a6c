"""Practice phones on a private adb server, and the command in a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pexpect
import pytest

from automator.atlas import Words, load, of_phone
from automator.cli.owner import follow
from automator.errors import AutomatorError
from automator.events import Event, OutcomeEvent
from automator.journal import Journal
from automator.journeys import Card, Deed, Journey, Outcome, conduct
from automator.phone import Phone, wait_for_phone
from automator.phone.arsc import Table
from automator.practice.apk import tables
from automator.practice.lab import Lab, Wire
from automator.practice.phone import Latency, State
from automator.practice.phone import Phone as PracticePhone
from automator.practice.rom import LANGUAGES as EVERY_LANGUAGE
from automator.practice.rom import ROMS as EVERY_ROM
from automator.practice.state import LOCALES
from automator.text import Text

ROMS = ("miui8", "miui11", "miui14", "hyperos2", "hyperos3")
"""One practice ROM of each kind."""
PHONES = (
    ("miui8", "ar"),
    ("miui10", "ru"),
    ("miui12", "tr"),
    ("miui14", "en"),
    ("hyperos1", "zh-CN"),
    ("hyperos3", "xx"),
)
"""ROMs and languages for tests that go through many situations."""
EVERY_PHONE = tuple((rom, language) for rom in EVERY_ROM for language in EVERY_LANGUAGE)
SAMPLE = tuple(
    (rom, EVERY_LANGUAGE[(place + step) % len(EVERY_LANGUAGE)])
    for place, rom in enumerate(EVERY_ROM)
    for step in (0, len(EVERY_LANGUAGE) // 2)
)
"""Each ROM in two languages, and each language on two ROMs or more."""


def thinned(*axes: Sequence[Any]) -> list[Any]:
    """Every combination, each second one in the full run alone; each value of each axis is in the suite."""
    found = []
    for places in product(*(range(len(axis)) for axis in axes)):
        values = [axis[place] for axis, place in zip(axes, places, strict=True)]
        flat = [item for value in values for item in (value if isinstance(value, tuple) else (value,))]
        found.append(pytest.param(*flat, marks=pytest.mark.full if sum(places) % 2 else ()))
    return found


def every_phone(sample: Collection[tuple[str, str]] = SAMPLE) -> pytest.MarkDecorator:
    """All practice ROMs in all languages; only the sample unless the full run is asked for."""
    return pytest.mark.parametrize(
        ("rom", "language"),
        [
            pytest.param(*phone, marks=() if phone in sample else pytest.mark.full, id="-".join(phone))
            for phone in EVERY_PHONE
        ],
    )


ATLAS = load()
FAST = Latency(second=0.01)
PATIENCE = 10.0
"""Seconds: an owner of a practice phone acts at once or never."""
GATES = {
    "sign_out": ("unlink.sign_out", "unlink.encrypted"),
    "delete_synced": ("unlink.delete_synced",),
    "delete_cards": ("unlink.delete_cards",),
    "erase": ("reset.erase",),
    "wipe": ("reset.wipe",),
}
"""The gates one of which must have been opened for a tap with this mark in the practice phone's log."""
CONTINUES = {"sign_out_continues": "unlink.sign_out", "erase_continues": "reset.erase"}
"""Marks of taps that go on with what a consent for this gate began."""


@cache
def words_of(rom: str, language: str) -> Words:
    """The words of such a practice phone, out of its own tables."""
    compiled = tables(rom)
    framework = Table(compiled["android"])
    read = {
        package: Table(compiled[package]).texts(names, [LOCALES[language]], framework=framework)
        for package, names in ATLAS.strings().items()
        if package in compiled
    }
    return of_phone(LOCALES[language], read, ATLAS.words)


@pytest.fixture(autouse=True)
def _own_folders(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MI_AUTOMATOR_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with Lab() as one:
        yield one


@dataclass
class Plugged:
    """A practice phone that adb lists, and what was told of the runs on it."""

    device: PracticePhone
    wire: Wire
    lab: Lab
    events: list[Event] = field(default_factory=list)
    listen: Callable[[Event], None] = lambda _: None

    def connect(self) -> Phone:
        listed = wait_for_phone(self.lab.client, self.wire.serial, 0, lambda _: None, lambda _: None)
        return Phone(self.lab.client, listed)

    def run(self, journey: Journey, owner: ScriptedOwner | None = None, **options: Any) -> Outcome:
        """The journey on this phone. Raises the AutomatorError that stopped it."""
        options.setdefault("patience", PATIENCE)
        phone = self.connect()
        journal = Journal(journey.name, self._heard)
        try:
            owner = owner or ScriptedOwner(self)
            return conduct(journey, phone, owner, journal, over="network", practice=True, **options)
        finally:
            phone.close()
            journal.close()

    def _heard(self, event: Event) -> None:
        self.events.append(event)
        self.listen(event)

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.event == kind]

    def destructive(self) -> list[str]:
        """The marks of the destructive taps that landed, in order."""
        return [tap.destructive for tap in self.device.log if tap.destructive and tap.landed]


class ScriptedOwner:
    """An owner who says yes, unless told otherwise, and does on the phone what is asked."""

    present = True

    def __init__(
        self,
        plugged: Plugged,
        answer: Callable[[Card], str | None] = lambda card: card.phrase,
        *,
        wants: bool = True,
        acts: bool = True,
    ) -> None:
        self._plugged = plugged
        self._answer = answer
        self._wants = wants
        self._acts = acts
        self.told: list[str] = []

    def show(self, card: Card) -> None: ...

    def answer(self, card: Card) -> str | None:
        return self._answer(card)

    def confirm(self, warning: Text, question: Text) -> bool:
        self.told.append(f"{warning} {question}")
        return self._wants

    def act(self, deed: Deed) -> None:
        self.told.append(str(deed.text))
        if self._acts:
            follow(self._plugged.device, deed)

    def tell(self, text: Text) -> None:
        self.told.append(str(text))


MakePlugged = Callable[..., Plugged]


@pytest.fixture
def plug(lab: Lab, tmp_path: Path) -> Iterator[MakePlugged]:
    """Plugs a practice phone in; at the end of the test its log must prove that every gate was kept."""
    phones: list[Plugged] = []

    def make(
        rom: str = "hyperos2", language: str = "en", *, latency: Latency = FAST, **state: Any
    ) -> Plugged:
        device = PracticePhone(rom, language, state=State(language=language, **state), latency=latency)
        plugged = Plugged(device, lab.add(device), lab)
        phones.append(plugged)
        return plugged

    yield make
    for plugged in phones:
        plugged.wire.unplug()
        plugged.wire.stop()
        prove_gates(plugged, tmp_path / "runs")


def prove_gates(plugged: Plugged, runs: Path) -> None:
    """The phone's own log against the journals: each destructive tap had a consent of its own, shortly before it."""
    device, serial = plugged.device, plugged.wire.serial
    consents: list[tuple[float, str]] = []
    for journal in sorted(runs.glob("*/journal.jsonl")):
        lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        if not any(line["event"] == "phone" and line["serial"] == serial for line in lines):
            continue
        for line in lines:
            if line["event"] == "consent" and line["answer"] == "given":
                consents.append((datetime.fromisoformat(line["time"]).timestamp(), line["gate"]))
            if line["event"] == "consent" and line["answer"] == "void":
                assert consents.pop()[1] == line["gate"]
    every = list(consents)
    for tap in device.log:
        if tap.by == "finger" or tap.destructive is None:
            continue
        if tap.destructive not in (*GATES, *CONTINUES):
            # No gate opens it. A phone that went dark under a tap takes none.
            assert not tap.landed, tap
            continue
        if tap.destructive in CONTINUES:
            assert any(gate == CONTINUES[tap.destructive] for _, gate in every), tap
            continue
        gates = GATES[tap.destructive]
        opened = [one for one in consents if one[1] in gates and -0.01 <= tap.time - one[0] < 120]
        assert opened, (tap, consents)
        consents.remove(opened[0])


def stopped(
    plugged: Plugged, journey: Journey, owner: ScriptedOwner | None = None, **options: Any
) -> AutomatorError:
    """The error that stopped the journey."""
    with pytest.raises(AutomatorError) as caught:
        plugged.run(journey, owner, **options)
    return caught.value


class Terminal:
    """`mi-automator` in a real terminal, with a person's view of it."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "automator", *arguments],
            env={**os.environ, "TERM": "xterm-256color", **environment},
            encoding="utf-8",
            timeout=40,
            dimensions=(50, 200),
        )

    def see(self, words: str) -> None:
        self.child.expect_exact(words)

    def type(self, line: str) -> None:
        self.child.sendline(line)

    def end(self) -> tuple[int, str]:
        """The exit code, and what was printed since the last `see`."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        rest = str(self.child.before)
        assert "Traceback" not in rest
        code = self.child.exitstatus
        return (code if code is not None else 128 + int(self.child.signalstatus or 0)), rest


@pytest.fixture
def terminal(lab: Lab) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_one(*arguments: str, **environment: str) -> Terminal:
        one = Terminal(list(arguments), {"ANDROID_ADB_SERVER_PORT": str(lab.port), **environment})
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.child.close(force=True)


def unhashed(content: str) -> str:
    """Without hashes and pictures in letters: a short secret may stand in those by chance."""
    return re.sub(r"\b[0-9a-f]{64}\b|(?<=;base64,)[\w+/=]+", "", content)


def outcome_of(output: str) -> OutcomeEvent:
    """The last line of a run with --json, which must be its outcome."""
    lines = [line for line in output.splitlines() if line.strip()]
    return OutcomeEvent.model_validate(json.loads(lines[-1]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints the matrix of faults, when it was run: faults down, kinds of steps across, what came of each cell."""
    cells = [
        cell
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, cell in getattr(report, "user_properties", ())
        if name == "cell"
    ]
    for journey in sorted({cell[0] for cell in cells}):
        mine = [cell for cell in cells if cell[0] == journey]
        kinds = list(dict.fromkeys(cell[3].split()[0] for cell in mine))
        terminalreporter.section(f"faults at each step of {journey}: {len(mine)} cells")
        terminalreporter.write_line(" ".join(["".ljust(20), *(kind.ljust(18) for kind in kinds)]))
        for fault in dict.fromkeys(cell[2] for cell in mine):
            row = []
            for kind in kinds:
                found = Counter(c[4] for c in mine if c[2] == fault and c[3].split()[0] == kind)
                row.append(" ".join(f"{result}:{count}" for result, count in sorted(found.items())))
            terminalreporter.write_line(" ".join([fault.ljust(20), *(text.ljust(18) for text in row)]))
        for cell in mine:
            if cell[4] == "RED":
                terminalreporter.write_line(f"RED: {' · '.join(cell)}", red=True)
