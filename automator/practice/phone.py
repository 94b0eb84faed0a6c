"""A simulated Xiaomi phone: what is on its screen, what a touch does, what its shell and its server answer.

Knows no wire: `adbd.py` puts it there, from one thread; the owner's finger and tests call from others, hence `lock`.
"""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock, Timer
from typing import Any, Literal

from PIL import Image

from automator.practice import apk, draw, glass, rpc, shell
from automator.practice.bouncer import BOUNCER
from automator.practice.files import Apks, Files
from automator.practice.flow import KEYGUARD, Flow
from automator.practice.rom import ROMS, load
from automator.practice.state import REAL, Account, Latency, RpcError, State, Tap, injection_refused
from automator.practice.ui import View, Window, path_to, to_xml, under

__all__ = ["REAL", "ROMS", "Account", "Latency", "Phone", "RpcError", "State", "Tap"]

KEYBOARD = "keyboard"
TITLE = ":id/action_bar_title"
UP_SINCE = 3 * 86400 + 4 * 3600 + 5 * 60
"""Seconds that a phone has been up when it is made."""
LONGEST = 100
"""More scrolling than any page needs."""
IDLE = 1.0
"""How long nothing may have stirred before the shell's `uiautomator dump` looks: its waitForIdle(1000, 10000)."""
READABLE = 30
"""How many pixels high a text must show for its reader to know it."""
OWNER_DID = {"screen_lock": "pin", "account_password": "password", "mail_code": "code"}


class Phone:
    """One phone. `state`, `latency`, `authorised` and `files` may be changed while it runs."""

    def __init__(
        self,
        rom: str = "hyperos2",
        language: str | None = None,
        *,
        state: State | None = None,
        latency: Latency = Latency(),  # noqa: B008  frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rom = load(rom)
        self.state: State = state or State()
        if language is not None:
            self.state.language = language
        self.lock = RLock()
        self.packages = dict(self.rom.packages)
        self.files = Files(self._apks, lambda: self.state.apks_readable, lambda: self.state.disk_full)
        self.authorised = True
        self.requests: Counter[str] = Counter()
        self.log: list[Tap] = []
        self.swipes = 0
        self.on_leave: Callable[[], None] | None = None
        self.on_kill: Callable[[str], bool] | None = None
        """Ends the processes of adb's shells with these words in their command line, and says whether there were any."""
        self.flow = Flow(self.rom, self.state, clock)
        self.latency = latency
        self._faults: list[tuple[str, int, Callable[[Phone], None]]] = []
        self._seen: Counter[str] = Counter()
        self._waking_at: float | None = None
        self._slow: dict[str, list[float]] = {}
        self._old_dump: tuple[str, float] | None = None
        self._up_since = clock() - UP_SINCE

    @property
    def latency(self) -> Latency:
        return self.flow.latency

    @latency.setter
    def latency(self, latency: Latency) -> None:
        self.flow.latency = latency

    def _apks(self) -> Apks:
        return apk.installed(self.rom, self.packages, self.state.splits)

    def update_app(self, name: str, version: int, at: str) -> None:
        """The app gets a newer version, `at` a time as `dumpsys package` prints it; its APKs move to /data/app."""
        with self.lock:
            mark = base64.urlsafe_b64encode(f"{name} {version} {at}".encode())[:22].decode()
            folder = f"~~{mark}==/{name}-{mark}==" if self.rom.sdk >= 30 else f"{name}-{mark}=="
            path = f"/data/app/{folder}/base.apk"
            package = self.packages[name]
            self.packages[name] = package.model_copy(update={"version": version, "updated": at, "apk": path})

    # the wire's side

    def banner(self) -> str:
        names = ("ro.product.name", "ro.product.model", "ro.product.device")
        about = "".join(f"{name}={self.rom.properties[name]};" for name in names)
        return f"device::{about}features=shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,sendrecv_v2"

    def shell(self, command: str) -> tuple[bytes, int]:
        """What the command prints, both streams together, and its exit code."""
        with self._in_time():
            return shell.run(self, command)

    def rpc(self, method: str, params: list[Any]) -> Any:
        """What the on-device server answers. Raises RpcError."""
        with self._in_time():
            return rpc.call(self, method, params)

    def delay(self, request: str, params: Sequence[Any] = ()) -> float:
        """How many seconds the phone needs before it answers such a request; `params` are those of a call."""
        with self.lock:
            latency = self.latency
            if self._slow.get(request):
                return self._slow[request].pop(0)
            if request == "rpc.dumpWindowHierarchy":
                return self._dumping()
            if request in ("rpc.waitForExists", "rpc.waitUntilGone"):
                return max(0.0, self.flow.settles_at - self.flow.clock())
            if request.startswith("rpc.scroll") or request == "rpc.swipe":
                if not (latency.held and params):
                    return latency.scroll
                made = rpc.swipes(self, request.removeprefix("rpc."), list(params))
                return made * (latency.scroll + rpc.swiping(params))
            if request == "rpc.click":
                return latency.tap + (rpc.pressing(params) if latency.held and params else 0.0)
            if request in ("rpc.pressKey", "rpc.pressKeyCode"):
                return latency.tap
            if request in ("rpc.takeScreenshot", "http.screenshot"):
                return latency.dump
            if request not in ("shell", "exec"):
                return 0.0
            if latency.held and params and "uiautomator dump" in str(params[0]):
                still = max(0.0, self.flow.settles_at - self.flow.clock())
                return latency.shell + still + IDLE + self._dumping()
            return latency.shell

    def _dumping(self) -> float:
        nodes = sum(1 for window in self.windows() for _ in window.root.walk())
        return self.latency.dump + self.latency.dump_per_node * nodes

    def step(self, moment: str) -> None:
        """The wire came to `moment`: count it, let the faults happen that are due.

        Moments are `before:` and `after:` a request, as in `before:shell` and `after:rpc.click`, and `amid:` a long
        answer, of which half has been sent: `amid:exec`, `amid:shell`, `amid:sync.recv`.
        """
        with self.lock:
            when, _, request = moment.partition(":")
            if when == "before":
                self.requests[request] += 1
            self._seen[moment] += 1
            seen = self._seen[moment]
            due = [do for name, nth, do in self._faults if (name, nth) == (moment, seen)]
        for do in due:
            do(self)

    def at(self, moment: str, nth: int, do: Callable[[Phone], None]) -> None:
        """At the nth step of that name, counted from now, call `do` with the phone."""
        with self.lock:
            self._faults.append((moment, self._seen[moment] + nth, do))

    def slow(self, request: str, seconds: float, times: int = 1) -> None:
        """The next so many requests of that name take so long, and no others."""
        with self.lock:
            self._slow[request] = [seconds] * times

    def show_old(self, seconds: float) -> None:
        """For so long, dumps tell of what is on the screen now."""
        with self.lock:
            self._old_dump = None
            self._old_dump = (self.dump(), self.flow.clock() + seconds)

    def nudge(self, pixels: int) -> None:
        """Move what lies on top so far down, by itself, as an app does whose banner comes late; 0 puts it back."""
        with self.lock:
            self.flow.nudged = pixels

    def reboot(self) -> None:
        """Start anew: home screen or lock screen, nothing open, files kept. (The wire goes and comes on its own.)"""
        with self.lock:
            self.flow.reboot()
            self._up_since = self.flow.clock()
            self._old_dump = None
            if self.state.adbinput_lost_in_reboot:
                self.state.adbinput = False

    @property
    def uptime(self) -> float:
        """Seconds since it was started."""
        return self.flow.clock() - self._up_since

    def kill(self, words: str) -> bool:
        """End what adb's shells run with these words in its command line; whether there was anything."""
        return self.on_kill is not None and self.on_kill(words)

    def speak(self, language: str) -> None:
        """The owner switches the language: everything that is open is drawn anew, at once."""
        with self._in_time():
            self.state.language = language
            self.flow.settle()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Alone with the phone, with everything done that was due before and after."""
        with self.lock:
            self.flow.tick()
            yield
            self.flow.tick()
            self._wake_later()
            leaving, self.flow.leaving = self.flow.leaving, False
        if leaving and self.on_leave:
            self.on_leave()

    def _wake_later(self) -> None:
        """A phone on the wire leaves by itself when its reset is due, whether it is asked anything or not."""
        due = self.flow.next_due
        if due is not None and due != self._waking_at and self.on_leave:
            self._waking_at = due
            timer = Timer(max(0.0, due - self.flow.clock()), self._wake)
            timer.daemon = True
            timer.start()

    def _wake(self) -> None:
        with self.lock:
            self._waking_at = None
        with self._in_time():
            pass

    # what is on the screen

    @property
    def screen(self) -> str:
        """The name of the topmost window."""
        with self._in_time():
            return self.flow.top.screen.name

    def windows(self) -> list[Window]:
        """What the glass shows now, from the bottom up."""
        with self._in_time():
            return self.flow.windows()

    def dump(self, *, depth: int = 50) -> str:
        """The hierarchy of all windows, in the order of the on-device server, which is not what lies on top."""
        if self._old_dump:
            text, until = self._old_dump
            if self.flow.clock() < until:
                return text
            self._old_dump = None
        windows = self.windows()
        keys = [window for window in windows if window.name == KEYBOARD]
        bars = [window for window in reversed(windows) if window.chrome and window.name != KEYBOARD]
        apps = [window for window in windows if not window.chrome]
        if self.rom.metrics.dialogs_first:
            apps.reverse()
        return to_xml([*keys, *bars, *apps], depth=depth, rotation=self.flow.rotation)

    def picture(self, scale: float = 1.0) -> Image.Image:
        state = self.state
        return draw.picture(self.windows(), self.flow.metrics, state.awake, scale, dark=state.dark)

    def visible_texts(self) -> list[str]:
        """Every text of the apps' windows, the topmost window first."""
        apps = [window for window in reversed(self.windows()) if not window.chrome]
        return [view.text for window in apps for view in window.root.walk() if view.text]

    def show(self, name: str) -> None:
        """Jump to that screen, as if the owner had gone there; dialogs of the system come over what there is."""
        with self._in_time():
            if name == KEYGUARD:
                self.state.keyguard = True
            elif name.startswith("popup.") or self.rom.screens[name].over:
                self.flow.pop_up(self.rom.screens[name])
            else:
                self.flow.unlock()
                self.flow.show(self.rom.screens[name])

    def popup(self, name: str) -> None:
        """A dialog comes over whatever is there."""
        with self._in_time():
            self.flow.pop_up(self.rom.screens[name])

    def close_popup(self) -> None:
        with self._in_time():
            if self.flow.popups:
                self.flow.close(self.flow.popups[-1])

    # touches

    def inject_tap(self, x: float, y: float) -> None:
        """A computer's tap. Raises RpcError where the phone refuses those."""
        if not self.state.adbinput:
            self.log.append(replace(self._what_is_at(x, y, "injected")[0], landed=False))
        self.must_inject()
        self._tap(x, y, "injected")

    def must_inject(self) -> None:
        """Raises RpcError unless a computer may touch."""
        if not self.state.adbinput:
            raise RpcError(-32001, injection_refused(self.rom.sdk))

    def swipe(self, from_y: float, to_y: float) -> bool:
        """Scroll what is on top by as much as the finger moves; False when it did not move. Lifts the lock screen."""
        flow = self.flow
        self.swipes += 1
        if not self.state.awake:
            return False
        moved = (from_y - to_y) * glass.pace(self.state)
        if self.state.locked:
            if moved > flow.metrics.height / 8:
                flow.lift_lock_screen()
            return False
        touched = under(self.windows(), flow.metrics.width // 2, from_y) if flow.split else None
        page = flow.beside if touched and touched[0].beside else flow.top
        end = 0 if page is flow.beside else flow.laid(page).scroll_end
        before = min(page.scroll, end)
        page.scroll = max(0, min(end, before + int(moved)))
        return page.scroll != before

    def finger_power(self) -> None:
        """The owner presses the power button: the screen goes on or off."""
        with self._in_time():
            if self.state.awake:
                self.flow.sleep()
            else:
                self.flow.wake()

    def finger_unlock(self, secret: str | None = None) -> bool:
        """The owner switches the screen on, moves the lock screen up and types the lock's secret (None: the right one).

        Whether the phone is unlocked now.
        """
        with self._in_time():
            if not self.state.awake:
                self.flow.wake()
            if self.state.locked:
                self.flow.lift_lock_screen()
                if self.flow.top.screen is BOUNCER:
                    self._type(self.state.screen_lock or "" if secret is None else secret)
                    self._tap(*self._find("key_enter").box.centre, "finger")
            return not self.state.locked

    def finger_tap(self, text: str) -> None:
        """The owner taps what bears that text or id, moving the keyboard away first where it lies over it.

        Raises LookupError, telling what is there instead.
        """
        with self._in_time():
            view = self._within_reach(text)
            met = under(self.flow.touchable(), *view.box.centre)
            if met and met[0].name == KEYBOARD and view not in met[1]:
                self.flow.back()
                view = self._within_reach(text)
            self._tap(*view.box.centre, "finger")

    def finger_type(self, text: str) -> None:
        """The owner types; into the first field, where none has the focus."""
        with self._in_time():
            self._type(text)

    def finger_back(self) -> None:
        with self._in_time():
            self.flow.back()

    def finger_scroll(self, *, up: bool = False) -> bool:
        """The owner scrolls most of a page down, or up; False at the end."""
        with self._in_time():
            top, bottom = self._reach()
            return self.swipe(top, bottom) if up else self.swipe(bottom, top)

    def finger_scroll_to(self, text: str) -> None:
        """The owner scrolls until that text or id is in view: on to the end, then back to the beginning.

        Raises LookupError, telling what is there instead.
        """
        with self._in_time():
            for up in (False, True):
                for _ in range(LONGEST):
                    if self._in_view(text):
                        return
                    if not self.finger_scroll(up=up):
                        break
            if self.state.one_handed:
                self.state.one_handed = ""
                self.finger_scroll_to(text)
                return
            raise LookupError(f"no {text!r} anywhere on {self.flow.top.screen.name}: {self.visible_texts()}")

    def _reach(self) -> tuple[int, int]:
        """From where to where a finger moves to scroll most of what is on top."""
        box = self.flow.laid(self.flow.top).viewport
        top = box.top + (box.bottom - box.top) // 4
        pace = glass.pace(self.state)
        return int(top / pace), int(box.bottom / pace) - 1

    def _in_view(self, text: str) -> bool:
        """Whether it is there, and not only its edge."""
        try:
            view = self._find(text)
        except LookupError:
            return False
        met = under(self.flow.touchable(), *view.box.centre)
        return view.box.bottom - view.box.top >= READABLE and bool(met and view in met[1])

    def _within_reach(self, text: str) -> View:
        """The view; one-handed mode is ended where that has pulled it out of the screen."""
        view = self._find(text)
        if self.state.one_handed and not self._in_view(text):
            self.state.one_handed = ""
            view = self._find(text)
        return view

    def would_hit(self, x: float, y: float) -> Tap:
        """What a tap there would be in the log."""
        with self.lock:
            return self._what_is_at(x, y, "finger")[0]

    def owner_acts(self) -> str | None:
        """Do what only the owner can do here; say what: "unlock", "pin", "password", "code" or "tap", or None."""
        with self._in_time():
            if self.state.keyguard or not self.state.awake:
                self.finger_unlock()
                return "unlock"
            screen = self.flow.top.screen
            secret = next((name for name in OWNER_DID if f"check {name}" in screen.enter), None)
            if secret is None:
                for name in screen.owner:
                    self.finger_tap(name)
                return "tap" if screen.owner else None
            self._type(getattr(self.state, secret) or "")
            views = [view for window in self.flow.touchable() for view in window.root.walk()]
            check = f"check {secret}"
            button = next((view for view in views if check in view.taps), None)
            view = button or next(view for view in views if "enter" in view.taps)
            met = self._what_is_at(*view.box.centre, "finger")[1]
            if met is None or met.taps != view.taps:
                # On a phone held sideways the keyboard may lie over it: its own key does the same.
                self.flow.act(("enter",), self.flow.top)
            else:
                self._tap(*view.box.centre, "finger")
            return OWNER_DID[secret]

    def _type(self, text: str) -> None:
        top = self.flow.top
        top.focus = top.focus or next((part.id for part in top.screen.parts if part.edit is not None), "")
        if not top.focus:
            raise LookupError(f"nothing to type into on {top.screen.name}: {self.visible_texts()}")
        for key in text:
            self.flow.type_key(key)

    def _find(self, text: str) -> View:
        """The view that the owner means: on the topmost window that has it, and rather one that can be tapped."""
        for window in reversed(self.flow.touchable()):
            found = [
                view for view in window.root.walk() if text in (view.text, view.desc, view.id, _name(view))
            ]
            if found:
                return max(found, key=lambda view: _useful(window, view))
            if not window.chrome and not self.flow.split:
                break
        raise LookupError(f"no {text!r} on {self.flow.top.screen.name}: {self.visible_texts()}")

    def _lowered(self) -> int:
        return int(self.flow.metrics.height * glass.LOWERED)

    def _what_is_at(self, x: float, y: float, by: Literal["injected", "finger"]) -> tuple[Tap, View | None]:
        met = under(self.flow.touchable(), x, y)
        path: Sequence[View] = met[1] if met else ()
        view = next((view for view in reversed(path) if view.clickable), None)
        seen = view or (path[-1] if path else None)
        tap = Tap(
            time=time.time(),
            by=by,
            x=int(x),
            y=int(y),
            screen=(self.flow.whose(met[0]) if met else self.flow.top).screen.name,
            node=seen.id if seen else "",
            text=(view.label if view else seen.text) if seen else "",
            destructive=view.danger if view else None,
            landed=bool(view and view.enabled and self.state.awake),
        )
        return tap, view

    def _tap(self, x: float, y: float, by: Literal["injected", "finger"]) -> None:
        tap, view = self._what_is_at(x, y, by)
        self.log.append(tap)
        if view and tap.landed:
            met = under(self.flow.touchable(), x, y)
            self.flow.act(view.taps, self.flow.whose(met[0]) if met else self.flow.top)
        elif self.state.one_handed == "lowered" and not tap.node and y < self._lowered():
            self.state.one_handed = ""  # a touch above what was pulled down ends it


def _name(view: View) -> str:
    return view.id.rpartition(":id/")[2] or "\0"


def _useful(window: Window, view: View) -> tuple[bool, bool, bool]:
    """Whether tapping its middle does something; whether it could, being no page's title; whether it is a text."""
    path = path_to(window.root, *view.box.centre)
    target = next((item for item in reversed(path) if item.clickable), None)
    does = bool(target and target.enabled and target.taps != ("nothing",))
    return does, target is not None and TITLE not in view.id, view.id != ""
