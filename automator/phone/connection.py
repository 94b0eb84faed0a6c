"""One plugged-in phone: facts, hierarchy, picture, pages, touch. The thin shell around adb; decides nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Mapping

from adbutils import AdbClient

from automator.errors import InputRefused
from automator.hierarchy import Hierarchy, parse
from automator.phone.facts import COMMAND, Facts, Label, parse_facts, parse_label
from automator.phone.find import Listed, left_within, open_device, wait_for_phone
from automator.phone.server import BROKEN, Server, lost, refused
from automator.phone.start import start_command, view_command
from automator.phone.words import AppWords, read_words
from automator.text import Text

KEYCODE_WAKEUP = 224
"""Wakes a phone that sleeps, and does nothing to one that is awake."""


class Phone:
    """A phone that adb lists as ready. A method is one round trip, unless it says more, and raises PhoneLost when it fails."""

    def __init__(self, client: AdbClient, listed: Listed) -> None:
        self.serial = listed.serial
        self._client = client
        self._device = open_device(client, listed)
        self.server = Server(self._device)

    def facts(self) -> Facts:
        """What adb tells about the phone."""
        return parse_facts(self.serial, self._shell(COMMAND))

    def label(self) -> Label:
        """What stands on its box. Told to nobody but its owner."""
        return parse_label(self._shell("getprop"))

    def words(self, wanted: Mapping[str, Collection[str] | None], facts: Facts) -> dict[str, AppWords]:
        """The labels of string resources (None: all), by package, as the phone of these facts shows them. Raises nothing.

        Some round trips for each app whose labels are not in this computer's cache.
        """
        return read_words(self._device, wanted, facts.locales, sdk=facts.sdk, build=facts.build)

    def activity(self) -> str:
        """The activity in front, `package/.Name`; empty when the phone does not say."""
        focus = re.search(
            r"mCurrentFocus=Window\{\S{1,40} \S{1,40} ([\w.$]{1,200}/[\w.$]{1,200})\}",
            self._shell("dumpsys window"),
        )
        return focus[1] if focus else ""

    def prepare(self) -> None:
        """Starts the server on the phone, so that the first look need not wait for it. Raises as `look` does."""
        self.server.start()

    def come_back(self, seconds: float, tell: Callable[[Text], None]) -> None:
        """Waits so many seconds until adb lists it as ready again; `tell` hears why it is not yet.

        Raises PreflightError when it does not come, PhoneLost when adb goes away.
        """
        listed = wait_for_phone(self._client, self.serial, seconds, tell, lambda _: None)
        self._device = open_device(self._client, listed)
        self.server.moved(self._device)

    def takes_taps(self) -> bool:
        """Whether the owner has allowed a computer's taps meanwhile."""
        if self._shell("getprop persist.security.adbinput").strip() != "1":
            return False
        with contextlib.suppress(InputRefused):
            self.probe_input()
            return True
        return False

    def wake(self) -> None:
        """Switches the screen on. Raises InputRefused when the phone refuses a computer's keys."""
        if "INJECT_EVENTS" in self._shell(f"input keyevent {KEYCODE_WAKEUP} 2>&1"):
            raise refused()

    def probe_input(self) -> None:
        """Sends a key that does nothing. Raises InputRefused when the phone refuses it.

        A run begins so only with phones whose property does not say yes (some have no such switch and take taps all
        the same).
        """
        self.server.probe_input()

    def look(self) -> Hierarchy:
        """What is on the screen."""
        return parse(self.server.look())

    def picture(self) -> bytes | None:
        """A JPEG of the screen, if the phone gives one."""
        return self.server.picture()

    def open(self, action: str | None, component: str | None, fragment: str | None) -> bool:
        """Opens a page from the allow-list; False when the phone says that it has no such page."""
        answer = self._shell(f"{start_command(action, component, fragment)} 2>&1")
        return "Error" not in answer and "Exception" not in answer

    def view(self, url: str) -> bool:
        """Opens a page of `selectors/ways.yaml` in the phone's browser; False when it says that it has none."""
        answer = self._shell(f"{view_command(url)} 2>&1")
        return "Error" not in answer and "Exception" not in answer

    def left_within(self, seconds: float) -> bool:
        """Whether it leaves USB within so many seconds. (More than one round trip: it waits.)"""
        return left_within(self._client, self.serial, seconds)

    def close(self) -> None:
        """Leaves nothing running on the phone."""
        with contextlib.suppress(*BROKEN):
            self.server.stop()

    def _shell(self, command: str) -> str:
        try:
            return str(self._device.shell(command))
        except BROKEN as error:
            raise lost() from error
