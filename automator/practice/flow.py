"""What is open on the phone and how it changes: actions, chains, count-downs, transitions. Knows no wire and no taps."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from math import ceil

from automator.practice import bars
from automator.practice.rom import Rom, Screen, Step
from automator.practice.screens import Laid, Open, ink, lay
from automator.practice.state import Latency, State
from automator.practice.ui import Window

LAUNCHER = "launcher"
KEYGUARD = "keyguard"
HIDDEN_SHARE = 0.4
"""The part of a dialog's transition in which it does not show at all; then it slides up."""
SLIDE = 300


class Flow:
    """The open screens, bottom first, and whatever changes them. Times are of `clock`."""

    def __init__(self, rom: Rom, state: State, clock: Callable[[], float]) -> None:
        self.rom = rom
        self.state = state
        self.latency = Latency()
        self.clock = clock
        self.stack = [Open(rom.screens[LAUNCHER])]
        self.popups: list[Open] = []
        self.leaving = False
        self._lock_screen = Open(rom.screens[KEYGUARD])
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self._before: list[Window] = []
        self._settles_at = 0.0
        self._arriving: Open | None = None

    # what is there

    @property
    def top(self) -> Open:
        """What a touch would reach first, the system's bars aside."""
        if self.state.keyguard:
            return self._lock_screen
        return self.popups[-1] if self.popups else self.stack[-1]

    @property
    def next_due(self) -> float | None:
        """When something will happen by itself."""
        return self._due[0][0] if self._due else None

    @property
    def settles_at(self) -> float:
        """When what now moves or counts will be done, if nobody touches the phone."""
        latest = max((due for due, _, _ in self._due), default=0.0)
        shown = latest + self.latency.transition if latest else 0.0
        return max(self._settles_at, shown, self.top.ready_at)

    def windows(self) -> list[Window]:
        """What the glass shows, from the bottom up: during a transition what was there before."""
        return self._before if self._hidden() else self.touchable()

    def touchable(self) -> list[Window]:
        """The windows that touches meet, from the bottom up, a dialog on its way where it is just now."""
        if self.state.keyguard:
            over = [self._lock_screen]
        else:
            first = max(n for n, opened in enumerate(self.stack) if opened.screen.kind != "dialog")
            over = [*self.stack[first:], *self.popups]
        now = self.clock()
        windows = [self.laid(opened).window for opened in over]
        if self._arriving is over[-1] and now < self._settles_at:
            windows[-1] = windows[-1].lowered(int(SLIDE * (self._settles_at - now) / self.latency.transition))
        if self.top.focus:
            windows.append(bars.keyboard(self.rom.metrics))
        windows.append(bars.navigation_bar(self.rom.metrics))
        windows.append(bars.status_bar(self.rom.metrics, self.state.battery, self.state.charging))
        return windows

    def laid(self, opened: Open) -> Laid:
        return lay(self.rom, self.state, opened, self.seconds_left(opened))

    def seconds_left(self, opened: Open) -> int:
        """What the screen's count-down says; 0 when it is over, or there is none."""
        left = opened.ready_at - self.clock()
        if left <= 0 or self.latency.second <= 0:
            return 0
        return min(opened.screen.counts, ceil(left / self.latency.second))

    def _hidden(self) -> bool:
        left = self._settles_at - self.clock()
        if left <= 0:
            return False
        sliding = self._arriving is not None and self._arriving is self.top
        return not sliding or left > self.latency.transition * (1 - HIDDEN_SHARE)

    # what happens by itself

    def tick(self) -> None:
        """Let happen what is due."""
        while self._due and self._due[0][0] <= self.clock():
            due, _, happen = heapq.heappop(self._due)
            happen(due)

    def _later(self, seconds: float, start: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._due, (start + seconds, next(self._numbers), happen))

    def _turn(self, at: float, arriving: Open | None = None) -> None:
        """Something begins to look different."""
        if self.latency.transition <= 0:
            return
        if self.clock() >= self._settles_at:
            self._before = self.touchable()
        self._settles_at = at + self.latency.transition
        dialog = arriving is not None and arriving.screen.kind == "dialog"
        self._arriving = arriving if dialog else None

    # opening and closing

    def push(self, screen: Screen) -> None:
        opened = Open(screen, focus=screen.focus)
        self._turn(self.clock(), opened)
        self.stack.append(opened)
        self._opened(opened, self.clock())

    def start(self, screen: Screen) -> None:
        """As `am start` does: bring it to the front, over whatever is there."""
        for place, opened in enumerate(self.stack):
            if opened.screen.name == screen.name and not opened.chain:
                if opened is not self.stack[-1]:
                    self._turn(self.clock())
                    del self.stack[place + 1 :]
                return
        self.push(screen)

    def stop(self, package: str) -> None:
        """As `am force-stop`: everything of that app goes, and what was asked in its chains."""
        self._turn(self.clock())
        kept = [opened for opened in self.stack if opened.screen.package != package]
        self.stack = kept or [Open(self.rom.screens[LAUNCHER])]

    def pop_up(self, screen: Screen) -> None:
        opened = Open(screen)
        self._turn(self.clock(), opened)
        self.popups.append(opened)

    def close(self, opened: Open) -> None:
        self._turn(self.clock())
        if opened in self.popups:
            self.popups.remove(opened)
        elif opened in self.stack and opened is not self.stack[0]:
            self.stack.remove(opened)

    def home(self) -> None:
        self._turn(self.clock())
        self.stack = self.stack[:1]

    def back(self) -> None:
        top = self.top
        if top.focus:
            top.focus = ""
        elif top.screen.back:
            self.act(top.screen.back, top)
        else:
            self.close(top)

    def show(self, screen: Screen) -> None:
        """Jump to a screen, with beneath it what would be beneath."""
        self.stack = self.stack[:1]
        self.popups.clear()
        for name, chain in self.rom.chains.items():
            for place, step in enumerate(chain.steps):
                if screen.name in (step.screen, step.failed):
                    self._beneath(self.rom.screens[chain.origin])
                    self._stand_at(name, place, screen, self.clock())
                    self._settles_at = 0.0
                    return
        self._beneath(screen)
        self._settles_at = 0.0

    def _beneath(self, screen: Screen) -> None:
        if screen.parent and screen.parent != LAUNCHER:
            self._beneath(self.rom.screens[screen.parent])
        if screen.name != LAUNCHER:
            self.push(screen)

    def _opened(self, opened: Open, at: float) -> None:
        if opened.screen.counts:
            opened.ready_at = at + opened.screen.counts * self.latency.second
        if not self.state.holds(opened.screen.requires):
            self._later(self.latency.transition, at, lambda _: self.close(opened))

    # chains

    def _begin(self, name: str) -> None:
        chain = self.rom.chains[name]
        if not (chain.deaf_to_monkeys and self.state.monkey):
            self._go_on(name, 0, self.clock(), None)

    def _go_on(self, name: str, first: int, at: float, standing: Open | None) -> None:
        """Go to the chain's next step from `first` that applies; past the last one it is done."""
        chain = self.rom.chains[name]
        for place in range(first, len(chain.steps)):
            if self.state.holds(chain.steps[place].when):
                self._stand_at(name, place, self.rom.screens[chain.steps[place].screen], at, standing)
                return
        below = self.stack[-1]
        if standing in self.stack:
            below = self.stack[max(0, self.stack.index(standing) - 1)]
            self._turn(at)
            self.stack.remove(standing)
        self.act(chain.done, below)

    def _stand_at(
        self, name: str, place: int, screen: Screen, at: float, standing: Open | None = None
    ) -> None:
        """Open a chain's screen, where its last one stood."""
        step = self.rom.chains[name].steps[place]
        opened = Open(screen, focus=screen.focus, chain=name, step=place)
        same_page = (
            standing is not None
            and screen.kind == "page"
            and standing.screen.kind == "page"
            and standing.screen.component == screen.component
        )
        if not same_page:
            self._turn(at, opened)
        if standing in self.stack:
            self.stack[self.stack.index(standing)] = opened
        else:
            self.stack.append(opened)
        self._opened(opened, at)
        if step.seconds and screen.name == step.screen:
            self._later(step.seconds * self.latency.second, at, lambda due: self._time_up(opened, step, due))

    def _time_up(self, opened: Open, step: Step, due: float) -> None:
        if opened not in self.stack:
            return
        if step.fails_when and self.state.holds(step.fails_when):
            self._stand_at(opened.chain, opened.step, self.rom.screens[step.failed], due, opened)
            return
        self.act(step.then, opened)
        self._go_on(opened.chain, opened.step + 1, due, opened)

    # actions

    def act(self, actions: Sequence[str], opened: Open) -> None:
        """Do what a ROM's actions say, on behalf of an open screen; a wrong secret ends the row."""
        for action in actions:
            verb, _, rest = action.partition(" ")
            if verb == "check":
                if not self._checked(rest, opened):
                    return
            else:
                self._do(verb, rest, opened)

    def _do(self, verb: str, rest: str, opened: Open) -> None:
        state = self.state
        if verb == "open":
            self.push(self.rom.screens[rest])
        elif verb == "close":
            self.close(opened)
        elif verb == "begin":
            self._begin(rest)
        elif verb == "next":
            if opened.chain:
                self._go_on(opened.chain, opened.step + 1, self.clock(), opened)
            else:  # shown by itself, outside of any chain
                self.close(opened)
        elif verb == "set":
            name, value = rest.split()
            setattr(state, name, value == "yes")
        elif verb == "focus":
            opened.focus = rest
        elif verb == "key":
            self.type_key(rest)
        elif verb == "enter":
            self.act(opened.screen.enter, opened)
        elif verb == "back":
            self.back()
        elif verb == "home":
            self.home()
        elif verb == "remove_account":
            state.account, state.find_device = None, False
            state.synced_data = state.synced_data and state.keep_synced is not False
        elif verb == "erase":
            state.erased = self.leaving = True

    def type_key(self, key: str) -> None:
        """One key of the keyboard, into the field that has the focus."""
        top = self.top
        if top.focus:
            text = top.typed.get(top.focus, "")
            top.typed[top.focus] = text[:-1] if key == "delete" else text + {"space": " "}.get(key, key)

    def _checked(self, secret: str, opened: Open) -> bool:
        part = next(part for part in opened.screen.parts if part.secret == secret)
        if opened.typed.get(part.id, "") == getattr(self.state, secret):
            return True
        opened.typed.pop(part.id, None)
        opened.wrong = ink(self.rom, self.state, opened, 0).say(part.wrong)
        return False
