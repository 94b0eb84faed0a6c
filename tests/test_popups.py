"""What gets in the way, on practice phones: each is recognised over whatever it covers, and its way out does no harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from automator.atlas import View, dangers_at, recognise
from automator.hierarchy import parse
from automator.practice.phone import Latency, Phone
from tests.conftest import ATLAS, PHONES, every_phone, words_of

BENEATH = (
    *("settings.home", "signout.synced", "signout.progress", "reset.home", "reset.find_device_failed"),
    *("reset.warning_1", "signout.password", "lock.confirm"),
)
"""Lists, pages with a button at the foot, dialogs, fields with a keyboard: known ones all."""
MEANT = {
    "keyguard": "lock.keyguard",
    "popup.control_center": "popup.shade",
    "popup.call_banner": "popup.call",
}
"""Practice screens of another name than the atlas has."""
KNOWN_IN = {"lock.frp": {"en"}}
"""Screens that only some languages tell: in others they stay unknown, and are the owner's."""
TAPPED = {
    "popup.permission": "deny",
    "popup.cloud_ad": "close",
    "popup.usb": "cancel",
    "popup.not_responding": "keep_waiting",
}
LEFT = {
    **TAPPED,
    **dict.fromkeys(("popup.update", "popup.app_update", "popup.low_battery"), "back"),
    **dict.fromkeys(("popup.shade", "popup.power_menu"), "back"),
    **dict.fromkeys(("popup.install", "popup.volume"), "wait"),
    **dict.fromkeys(("popup.permission_miui", "popup.debugging_risk", "popup.call"), "owner"),
}
"""How each is left: a change here is a change of what is done to people's phones."""
MOST_SECONDS = 15
"""After so long, what goes by itself is gone."""


def in_the_way(phone: Phone) -> Iterator[str]:
    for name in phone.rom.screens:
        if name.startswith(("popup.", "keyguard")) or phone.rom.screens[name].over:
            yield name


def expected(name: str, language: str) -> str | None:
    known = name != "popup.unknown" and language in KNOWN_IN.get(name, {language})
    return MEANT.get(name, name) if known else None


def seen(phone: Phone) -> View:
    words = words_of(phone.rom.name, phone.state.language)
    return recognise(parse(phone.dump()), ATLAS, words)


def came_over(phone: Phone, beneath: str, name: str) -> View:
    phone.show(beneath)
    phone.show(name)
    return seen(phone)


def is_harmless(phone: Phone, view: View, element: str) -> bool:
    (node,) = view.elements[element]
    x, y = node.bounds.centre
    words = words_of(phone.rom.name, phone.state.language)
    hit = phone.would_hit(x, y)
    return not dangers_at(view, x, y, ATLAS, words) and hit.landed and hit.destructive is None


@every_phone()
def test_each_is_recognised_and_its_way_out_is_there_once(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    for number, name in enumerate(in_the_way(phone)):
        view = came_over(phone, BENEATH[(number + len(rom)) % len(BENEATH)], name)
        assert view.name == expected(name, language), (name, view.why)
        if view.screen and view.screen.leave in view.elements:
            assert is_harmless(phone, view, view.screen.leave), (name, view.elements)


@pytest.mark.parametrize(("rom", "language"), [("miui9", "en"), ("hyperos3", "en")])
def test_each_is_recognised_over_each_kind_of_page(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    for name in in_the_way(phone):
        for beneath in BENEATH:
            view = came_over(phone, beneath, name)
            assert view.name == expected(name, language), (name, beneath, view.why)


def test_each_is_left_as_it_is_said_here() -> None:
    assert {screen.screen: screen.leave for screen in ATLAS.screens.values() if screen.leave} == LEFT
    locks = {name for name, screen in ATLAS.screens.items() if screen.layer == "over" and not screen.leave}
    assert locks == {"lock.find_device", "lock.lost", "lock.instalment", "lock.frp", "lock.keyguard"}
    assert all(ATLAS.screens[name].elements == {} for name in locks)
    assert all(ATLAS.screens[name].private and ATLAS.screens[name].personal for name in locks)


def test_none_is_told_by_one_weak_sign() -> None:
    for screen in ATLAS.screens.values():
        if screen.layer == "over":
            signs = screen.signs
            several = len(signs.all) + (signs.at_least if signs.any else 0) >= 2
            assert several or all(one.id and not one.guess for one in (*signs.all, *signs.any)), screen.screen


SPEAKS_FOR_ALL = {"com.android.updater": "popup.update", "com.lbe.security.miui": "popup.permission_miui"}
"""Packages all of whose dialogs are left alike, whatever they ask."""


@pytest.mark.parametrize("owner", sorted({p for s in ATLAS.screens.values() if s.leave for p in s.package}))
def test_another_dialog_of_the_same_app_stays_unknown(owner: str) -> None:
    """Title, message, two buttons: as any dialog has."""
    parts = (
        ("buttonPanel", ""),
        ("alertTitle", "Really?"),
        ("message", "x"),
        ("button1", "Allow"),
        ("button2", "Cancel"),
    )
    nodes = "".join(
        f'<node package="{owner}" resource-id="android:id/{name}" text="{text}" clickable="true" bounds="[0,0][9,9]"/>'
        for name, text in parts
    )
    dump = f'<hierarchy><node package="{owner}" bounds="[0,0][9,9]">{nodes}</node></hierarchy>'
    view = recognise(parse(dump), ATLAS, words_of("hyperos2", "en"))
    assert view.name == SPEAKS_FOR_ALL.get(owner)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@every_phone(PHONES[::2])
@pytest.mark.parametrize("name", LEFT)
def test_the_way_out_closes_it_and_touches_nothing_else(rom: str, language: str, name: str) -> None:
    clock = Clock()
    phone = Phone(rom, language, clock=clock)
    view = came_over(phone, "account.home", name)
    assert view.name == name
    if name in TAPPED:
        (node,) = view.elements[TAPPED[name]]
        phone.inject_tap(*node.bounds.centre)
        assert phone.log[-1].destructive is None
    elif LEFT[name] == "back":
        phone.rpc("pressKey", ["back"])
    clock.now += MOST_SECONDS
    assert (phone.screen == "account.home") is (LEFT[name] != "owner")
    assert (seen(phone).name == "account.home") is (LEFT[name] != "owner")


NO_ID = {"app_update", "clean_up"}
"""Marks of buttons of which nothing is known that danger.yaml could name; their screens have no way out that taps."""


@pytest.mark.parametrize(("rom", "language"), [("miui8", "ar"), ("miui12", "tr"), ("hyperos3", "xx")])
def test_what_does_harm_is_marked_in_the_log_and_dangerous_to_the_atlas(rom: str, language: str) -> None:
    phone = Phone(rom, language, latency=Latency(second=0))
    marks = set()
    for name in in_the_way(phone):
        view = came_over(phone, "account.home", name)
        for drawn in [one for window in phone.windows() if not window.chrome for one in window.root.walk()]:
            x, y = drawn.box.centre
            if not drawn.danger or phone.would_hit(x, y).screen != name:
                continue
            marks.add(drawn.danger)
            dangers = dangers_at(view, x, y, ATLAS, words_of(rom, language))
            assert drawn.danger in NO_ID or {one.gate for one in dangers} == {"never"}, (name, drawn)
            phone.inject_tap(x, y)
            assert phone.log[-1].destructive == drawn.danger
            came_over(phone, "account.home", name)
    assert marks == {
        *("activate", "advertisement", "app_update", "battery_saver", "call", "clean_up", "close_app"),
        *(
            "emergency",
            "grant",
            "install",
            "power",
            "quick_settings",
            "security_settings",
            "update",
            "usb_mode",
        ),
    }


@pytest.mark.parametrize("name", ["lock.find_device", "lock.lost", "lock.instalment", "lock.frp"])
def test_nothing_gets_over_a_lock(name: str) -> None:
    phone = Phone("hyperos2")
    came_over(phone, "account.home", name)
    phone.finger_back()
    phone.shell("am start -a android.settings.SETTINGS")
    phone.rpc("pressKey", ["home"])
    assert phone.screen == name


@pytest.mark.parametrize("name", ["popup.volume", "popup.call_banner"])
def test_beside_a_small_window_the_page_can_be_touched(name: str) -> None:
    phone = Phone("hyperos2")
    view = came_over(phone, "reset.warning_2", name)
    (cancel,) = [node for node in view.hierarchy.nodes if node.id_name == "cancel"]
    phone.latency = Latency(second=0)
    phone.inject_tap(*cancel.bounds.centre)
    assert (phone.log[-1].screen, phone.log[-1].landed) == ("reset.warning_2", True)
    assert phone.screen == name
    phone.close_popup()
    assert phone.screen == "reset.home"


@every_phone(PHONES)
def test_what_a_lock_shows_of_its_owner_is_masked(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    for name in ("lock.find_device", "lock.lost", "popup.call", "popup.shade"):
        view = came_over(phone, "settings.home", name)
        shown = [node.text for node in view.hierarchy.nodes]
        told = " ".join(view.texts())
        secrets = [text for text in shown if "+447700900147" in text or "mila.novak" in text or "***" in text]
        assert secrets or name == "lock.find_device"
        assert all(text not in told for text in secrets), (name, told)
