"""A practice phone that keeps count of its own time: what was asked of it when, and what it did by itself meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automator.practice.flow import Flow
from automator.practice.phone import Phone
from automator.practice.rom import Rom
from automator.practice.screens import Open
from automator.practice.state import PRESETS, State
from automator.practice.wire import _GRACE as GRACE

ACTS = frozenset({"rpc.click", "rpc.swipe", "rpc.scrollTo", "rpc.pressKey", "rpc.pressKeyCode", "shell.act"})
DUMPS = frozenset({"rpc.dumpWindowHierarchy", "shell.dump"})
SECOND = 0.1
"""A second of its count-downs: they are the phone's, and the same for every client."""


@dataclass(frozen=True)
class Request:
    """One request: when it came, and how long the phone took for it, in seconds."""

    at: float
    name: str
    took: float


@dataclass(frozen=True)
class Share:
    """What of a stretch of time was the phone's own, and what the client asked of it."""

    start: float
    seconds: float
    own: float
    """During transitions, count-downs and pages that go on by themselves; what overlaps counts once."""
    requests: int
    dumps: int
    acts: int
    """Taps, swipes, keys and pages opened."""
    pictures: int
    asked: float
    """Seconds that the phone took for all of them."""


class _Flow(Flow):
    """Notes from when until when the phone is busy with itself."""

    def __init__(self, rom: Rom, state: State, clock: Callable[[], float]) -> None:
        super().__init__(rom, state, clock)
        self.busy: list[tuple[float, float]] = []

    def _turn(self, at: float, arriving: Open | None = None) -> None:
        super()._turn(at, arriving)
        self.busy.append((at, at + self.latency.transition))

    def _opened(self, opened: Open, at: float) -> None:
        super()._opened(opened, at)
        self.busy.append((at, opened.ready_at))

    def _do(self, verb: str, rest: str, opened: Open) -> None:
        super()._do(verb, rest, opened)
        if verb == "erase":
            # On the wire it takes that long to go down.
            self.busy.append((self.clock(), self.clock() + GRACE))

    def _later(self, seconds: float, start: float, happen: Callable[[float], None]) -> None:
        super()._later(seconds, start, happen)
        self.busy.append((start, start + seconds))


class Watched(Phone):
    """A practice phone, and its diary."""

    def __init__(self, rom: str, language: str, preset: str, **state: Any) -> None:
        latency = replace(PRESETS[preset], second=SECOND if PRESETS[preset].transition else 0.0)
        super().__init__(rom, language, state=State(language=language, **state), latency=latency)
        self.flow: _Flow = _Flow(self.rom, self.state, time.monotonic)
        self.flow.latency = latency
        self.asked: list[Request] = []
        self.owner_acted = 0
        """How often the owner was asked to do something on it."""

    def owner_acts(self) -> str | None:
        self.owner_acted += 1
        return super().owner_acts()

    def shell(self, command: str) -> tuple[bytes, int]:
        # AndroidViewClient makes the file first; the practice phone has no `cp`.
        command = re.sub("^cp /dev/null [^ ]+ && ", "", command)
        name = "shell.dump" if "uiautomator dump" in command else ""
        name = "shell.act" if command.startswith(("am start", "input ")) else name
        if name:
            self.asked.append(Request(time.monotonic(), name, 0.0))
        return super().shell(command)

    def delay(self, request: str, params: Sequence[Any] = ()) -> float:
        took = super().delay(request, params)
        self.asked.append(Request(time.monotonic(), request, took))
        return took

    def share(self, start: float, end: float) -> Share:
        """What happened between two times of `time.monotonic`."""
        asked = [one for one in self.asked if start <= one.at < end]
        named = [one.name for one in asked]
        return Share(
            start=start,
            seconds=end - start,
            own=_covered([(max(a, start), min(b, end)) for a, b in self.flow.busy]),
            requests=sum(not name.startswith("shell.") and name != "connect" for name in named),
            dumps=sum(name in DUMPS for name in named),
            acts=sum(name in ACTS for name in named),
            pictures=named.count("rpc.takeScreenshot") + named.count("http.screenshot"),
            asked=sum(one.took for one in asked),
        )


def _covered(spans: list[tuple[float, float]]) -> float:
    """How much of the time the spans cover together."""
    covered, until = 0.0, float("-inf")
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered
