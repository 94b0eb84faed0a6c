"""What is open on the phone and how it changes: actions, chains, count-downs, transitions. Knows no wire and no taps."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from math import ceil

from automator.practice import bars, glass
from automator.practice.bouncer import BOUNCER, FIELD
from automator.practice.rom import Metrics, Rom, Screen, Step
from automator.practice.screens import Laid, Open, lay
from automator.practice.state import Latency, State
from automator.practice.ui import Window

LAUNCHER = "launcher"
KEYGUARD = "keyguard"
BESIDE = "app.notes"
"""What is in the lower half of a split screen."""
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
        self.beside = Open(rom.screens[BESIDE])
        self.nudged = 0
        """How many pixels lower than it should be the topmost window is just now."""
        self._lock_screen = Open(rom.screens[KEYGUARD])
        self._bouncer: Open | None = None
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self._before: list[Window] = []
        self._settles_at = 0.0
        self._arriving: Open | None = None

    # what is there

    @property
    def top(self) -> Open:
        """What a touch would reach first, the system's bars aside."""
        if self.state.locked:
            return self._bouncer if self._bouncer and self.state.awake else self._lock_screen
        return self.popups[-1] if self.popups else self.stack[-1]

    @property
    def split(self) -> bool:
        """Whether another app has the lower half; the lock screen and the home screen have all of the screen."""
        alone = self.state.locked or self.stack[-1].screen.name == LAUNCHER
        return self.state.split and not alone

    @property
    def rotation(self) -> int:
        """How the display is turned. The lock screen and the home screen of a phone stay upright, as a split one does."""
        upright = self.state.split or self.state.locked or self.top.screen.name == LAUNCHER
        return 0 if upright else self.state.rotation

    @property
    def metrics(self) -> Metrics:
        """The sizes of the screen as it is held now."""
        return glass.turned(self.rom.metrics, self.rotation)

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
        moving = self.state.awake and not self.state.locked and self._hidden()
        return self._before if moving else self.touchable()

    def touchable(self) -> list[Window]:
        """The windows that touches meet, from the bottom up, a dialog on its way where it is just now.

        Of a phone that sleeps there is the lock screen and nothing else, or nothing at all where it has no lock: a
        guess, since no dump of a sleeping phone was found.
        """
        state, metrics = self.state, self.metrics
        if not state.awake:
            return [self.laid(self._lock_screen).window] if state.locked else []
        if state.locked:
            over = [self.top]
        else:
            first = max(n for n, opened in enumerate(self.stack) if opened.screen.kind != "dialog")
            over = [*self.stack[first:], *self.popups]
        now = self.clock()
        windows = [self.laid(opened).window for opened in over]
        if self._arriving is over[-1] and now < self._settles_at:
            windows[-1] = windows[-1].lowered(int(SLIDE * (self._settles_at - now) / self.latency.transition))
        if self.nudged:
            windows[-1] = windows[-1].lowered(self.nudged)
        if self.split:
            windows[:0] = (self._lower_half(metrics), glass.divider(metrics))
        if self.top.focus and self.top is not self._bouncer:
            windows.append(bars.keyboard(metrics))
        windows.append(bars.navigation_bar(metrics))
        windows.append(bars.status_bar(metrics, state.battery, state.charging))
        return glass.one_handed(windows, metrics, state.one_handed) if state.one_handed else windows

    def whose(self, window: Window) -> Open:
        """What a touch of that window is for: what leaves room on the screen does not get what goes beside it."""
        if window.beside:
            return self.beside
        return next(
            (o for o in reversed([*self.stack, *self.popups]) if o.screen.name == window.name), self.top
        )

    def laid(self, opened: Open) -> Laid:
        room = self.metrics
        if self.split and opened in self.stack:
            room = glass.halves(room)[0]
        return lay(self.rom, self.state, opened, self.seconds_left(opened), room)

    def _lower_half(self, metrics: Metrics) -> Window:
        laid = lay(self.rom, self.state, self.beside, 0, glass.halves(metrics)[1])
        return replace(glass.lower_half(laid.window, metrics), beside=True)

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
        self._opened(opened, self.clock())
        if lasts := screen.lasts * self.latency.second:
            self._later(lasts, self.clock(), lambda _: self._gone(opened))

    def _gone(self, opened: Open) -> None:
        if opened in self.popups:
            self.close(opened)

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
        if top is self._bouncer:
            self._bouncer = None
        elif top.focus:
            top.focus = ""
        elif top.screen.back:
            self.act(top.screen.back, top)
        else:
            self.close(top)

    def reboot(self) -> None:
        """Start anew: the home screen, locked where there is a lock, and nothing that was to happen."""
        self.stack = self.stack[:1]
        self.popups.clear()
        self._due.clear()
        self.settle()
        self.state.awake, self.state.monkey = True, False
        self.state.keyguard = self.state.screen_lock is not None
        self._bouncer = None

    def settle(self) -> None:
        """Show at once what is there."""
        self._settles_at, self._arriving, self.nudged = 0.0, None, 0

    # sleeping and waking

    def sleep(self) -> None:
        self.state.awake, self._bouncer = False, None
        self.state.keyguard = self.state.locked

    def wake(self) -> None:
        self.state.keyguard = self.state.locked
        self.state.awake = True

    def unlock(self) -> None:
        """Take the lock screen away."""
        self.state.keyguard, self._bouncer = False, None

    def lift_lock_screen(self) -> None:
        """What a finger does that moves up the lock screen: ask for the lock's secret, or open a phone without one."""
        if self.state.screen_lock is None:
            self.unlock()
        elif self._bouncer is None:
            self._bouncer = Open(BOUNCER, focus=FIELD)

    # screens

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
        elif verb == "unlock":
            self.unlock()
        elif verb == "remove_account":
            state.account, state.find_device = None, False
            state.adbinput = state.adbinput and not state.adbinput_needs_account
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
        opened.wrong = part.wrong
        return False
