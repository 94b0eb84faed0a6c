"""What gets in the way of a run, by name: each can strike at any moment, from any thread, and can be mended.

`FAULTS` is the table that a matrix of faults and moments is made from. A fault is struck between two requests, or in
the middle of one: `device.at("after:rpc.click", 1, lambda _: FAULTS["cable"].strike(plugged))`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Plugged

JAR = "/data/local/tmp/u2.jar"
SOON = 0.3
"""Seconds until what comes back by itself is back."""
SLOW = 1.0
OTHER_LANGUAGES = ("ru", "es")

Strike = Callable[["Plugged"], object]


def well(plugged: Plugged) -> None:
    """Everything is as it should be, and adb lists the phone as ready; the language stays what it is.

    Not to be called from the phone's own thread: it waits. A phone that was erased is left alone.
    """
    device, wire = plugged.device, plugged.wire
    if device.state.erased:
        return
    usual = type(device.state)()
    for name in (
        "rotation",
        "split",
        "font_scale",
        "dark",
        "one_handed",
        "disk_full",
        "adbinput",
        "adbinput_says",
    ):
        setattr(device.state, name, getattr(usual, name))
    device.nudge(0)
    device.slow("rpc.dumpWindowHierarchy", 0, times=0)
    device.authorised = True
    while device.flow.popups:
        device.close_popup()
    device.finger_unlock()
    wire.thaw()
    wire.leave_automation()
    wire.kill_server()
    plugged.lab.replug(wire)


@dataclass(frozen=True)
class Fault:
    """One thing that gets in the way."""

    strike: Strike
    returns: bool
    """Whether the phone is as usable as before without anybody's doing, soon or at once, or after the tool's own means."""
    asks: bool = False
    """Whether the phone's owner has something to do on the phone, where it has a screen lock."""
    mend: Callable[[Plugged], None] = well


def _state(**changes: Any) -> Strike:
    def strike(plugged: Plugged) -> None:
        for name, value in changes.items():
            setattr(plugged.device.state, name, value)

    return strike


def _cable_back(plugged: Plugged) -> None:
    plugged.wire.unplug()
    plugged.wire.plug_after(SOON)


def _jar_deleted(plugged: Plugged) -> None:
    """With the server that was made of it: while one runs, its jar is not missed."""
    plugged.device.files.pop(JAR, None)
    plugged.wire.kill_server()


def _disk_full(plugged: Plugged) -> None:
    """As a phone's cleaner leaves it that found nothing else to delete."""
    plugged.device.state.disk_full = True
    _jar_deleted(plugged)


def _moved(plugged: Plugged) -> None:
    """A banner that pushes everything down and is gone again, two looks later."""
    plugged.device.nudge(300)
    plugged.device.at("after:rpc.dumpWindowHierarchy", 2, lambda device: device.nudge(0))


def _unknown_popup(plugged: Plugged) -> None:
    screens = plugged.device.rom.screens
    plugged.device.popup("popup.unknown" if "popup.unknown" in screens else "popup.update")


def _screen_off(plugged: Plugged) -> None:
    if plugged.device.state.awake:
        plugged.device.finger_power()


def _other_language(plugged: Plugged) -> None:
    now = plugged.device.state.language
    plugged.device.speak(next(language for language in OTHER_LANGUAGES if language != now))


FAULTS: dict[str, Fault] = {
    "cable": Fault(lambda plugged: plugged.wire.unplug(), returns=False),
    "cable_back": Fault(_cable_back, returns=True),
    "adb_server": Fault(lambda plugged: plugged.lab.kill_server(), returns=True),
    "offline": Fault(lambda plugged: plugged.wire.go_offline(), returns=False),
    "unauthorized": Fault(lambda plugged: plugged.wire.revoke(), returns=False, asks=True),
    "adbd_frozen": Fault(lambda plugged: plugged.wire.freeze(), returns=False),
    "adbd_thawed": Fault(lambda plugged: plugged.wire.freeze_for(SOON), returns=True),
    "reboot": Fault(lambda plugged: plugged.wire.reboot(SOON), returns=True, asks=True),
    "server_dead": Fault(lambda plugged: plugged.wire.kill_server(), returns=True),
    "server_wedged": Fault(lambda plugged: plugged.wire.wedge_server(answers_ping=False), returns=True),
    "server_wedged_ping": Fault(lambda plugged: plugged.wire.wedge_server(answers_ping=True), returns=True),
    "jar_deleted": Fault(_jar_deleted, returns=True),
    "disk_full": Fault(_disk_full, returns=False),
    "other_client": Fault(lambda plugged: plugged.wire.take_automation(), returns=False),
    "other_client_ends": Fault(lambda plugged: plugged.wire.take_automation(SOON), returns=True),
    "slow_dump": Fault(
        lambda plugged: plugged.device.slow("rpc.dumpWindowHierarchy", SLOW),
        returns=True,
    ),
    "stale_dump": Fault(lambda plugged: plugged.device.show_old(SOON), returns=True),
    "moved": Fault(_moved, returns=True),
    "popup_known": Fault(lambda plugged: plugged.device.popup("popup.low_battery"), returns=True),
    "popup_unknown": Fault(_unknown_popup, returns=False, asks=True),
    "screen_off": Fault(_screen_off, returns=True, asks=True),
    "locked": Fault(_state(keyguard=True), returns=False, asks=True),
    "rotated": Fault(_state(rotation=1), returns=True),
    "split_screen": Fault(_state(split=True), returns=True),
    "font_scale": Fault(_state(font_scale=1.3), returns=True),
    "dark": Fault(_state(dark=True), returns=True),
    "one_handed": Fault(_state(one_handed="lowered"), returns=True),
    "one_handed_small": Fault(_state(one_handed="shrunk"), returns=True),
    "language": Fault(_other_language, returns=True),
    "refused": Fault(_state(adbinput=False), returns=False, asks=True),
    "refused_silently": Fault(_state(adbinput=False, adbinput_says="1"), returns=False, asks=True),
}
