"""The practice phone without a wire: what it shows, where taps lead, what its shell and its server answer."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from automator.practice import draw
from automator.practice.layout import wrapped
from automator.practice.phone import REAL, ROMS, Account, Latency, Phone, RpcError, State
from automator.practice.rom import FOLDER, BadRom, load, read
from automator.practice.ui import Box, View
from tests.conftest import EVERY_PHONE, SAMPLE

INSTANT = Latency(second=0.0)
BASE = {
    *("launcher", "app.notes", "settings.home", "settings.display", "settings.sound", "settings.additional"),
    *("about.phone", "about.specs", "about.status", "backup.page"),
    *("keyguard", "popup.update", "popup.low_battery"),
    *("reset.home", "lock.confirm", "reset.wallet", "reset.backup", "reset.esim", "reset.checking"),
    *("reset.password", "reset.switching_off", "reset.find_device_failed", "reset.warning_1"),
    *("reset.warning_2", "reset.performing", "account.home", "account.login", "signout.wallet"),
    *("signout.e2ee", "signout.synced", "signout.password", "signout.progress", "signout.failed"),
}
"""The screens that each ROM has, though its chains need not come to each."""
everywhere = pytest.mark.parametrize(("rom", "language"), EVERY_PHONE)
sample = pytest.mark.parametrize(("rom", "language"), SAMPLE)
every_rom = pytest.mark.parametrize("rom", ROMS)


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def word(phone: Phone, name: str, package: str = "com.android.settings") -> str:
    return phone.rom.word(f"${name}", package, phone.state.language)


def nodes(phone: Phone, **wanted: str) -> list[Any]:
    tree = etree.fromstring(phone.dump().encode())
    return [
        node
        for node in tree.iter("node")
        if all(node.get(name.replace("_", "-")) == value for name, value in wanted.items())
    ]


def box(node: Any) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"-?\d+", node.get("bounds"))))


def marked(phone: Phone, wanted: Callable[[View], bool]) -> View | None:
    """What is so on the topmost window of an app."""
    top = next(window for window in reversed(phone.windows()) if not window.chrome)
    return next((view for view in top.root.walk() if wanted(view)), None)


def tap(phone: Phone, *marks: str) -> str:
    """Tap the first of what destroys or continues like this, or has one of these actions, and say which it was."""
    while True:
        for mark in marks:
            view = marked(phone, lambda view, mark=mark: mark == view.danger or mark in view.taps)  # type: ignore[misc]
            if view:
                phone.rpc("click", [*view.box.centre])
                return mark
        assert phone.finger_scroll(), f"none of {marks} on {phone.screen}: {phone.visible_texts()}"


def label(phone: Phone, action: str) -> str:
    """What the row says that does this, of those that are there."""
    parts = [part for part in phone.flow.top.screen.parts if action in part.tap]
    (part,) = (part for part in parts if phone.state.holds(part.when))
    text = phone.rom.word(part.row or "", phone.flow.top.screen.package, phone.state.language)
    return text.replace("{nickname}", phone.state.account.nickname if phone.state.account else "")


def number(phone: Phone, name: str, value: int) -> str:
    """A word with that number in it, as the phone's language writes it."""
    written = str(value)
    if phone.state.language == "ar":
        written = "".join("٠١٢٣٤٥٦٧٨٩"[int(digit)] for digit in written)
    return word(phone, name).replace("%d", written)


def scroll_to(phone: Phone, text: str) -> None:
    while text not in phone.visible_texts():
        assert phone.finger_scroll(), f"no {text} on {phone.screen}"
    phone.finger_scroll()


def go_through(phone: Phone, *marks: str) -> list[str]:
    """Answer every question: what the owner alone can do, else the first of `marks` that the screen has."""
    seen = [phone.screen]
    for _ in range(20):
        if phone.state.erased or not phone.screen.startswith(("lock.", "reset.", "signout.")):
            break
        if not phone.owner_acts():
            tap(phone, *marks)
        if phone.screen != seen[-1]:
            seen.append(phone.screen)
    return seen


def questions(phone: Phone, chain: str) -> list[str]:
    """The chain's screens that wait for an answer, as the phone is now."""
    steps = phone.rom.chains[chain].steps
    return [step.screen for step in steps if phone.state.holds(step.when) and not step.seconds]


def begin_sign_out(phone: Phone) -> None:
    phone.show("account.home")
    tap(phone, "sign_out")


def begin_reset(phone: Phone) -> None:
    phone.show("reset.home")
    tap(phone, "erase")


def did(phone: Phone) -> list[str | None]:
    return [tap.destructive for tap in phone.log if tap.destructive and tap.landed]


# what is on the screen


@every_rom
def test_every_screen_is_a_well_formed_hierarchy(rom: str) -> None:
    assert set(load(rom).screens) >= BASE
    for name, screen in load(rom).screens.items():
        phone = Phone(rom)
        phone.show(name)
        assert phone.screen == name
        tree = etree.fromstring(phone.dump().encode())
        assert 30 <= len(list(tree.iter("node"))) <= 300, name
        assert {root.get("package") for root in tree} >= {"com.android.systemui", screen.package}


@sample
def test_everything_lies_on_the_glass_and_inside_what_it_is_in(rom: str, language: str) -> None:
    glass = Box(0, 0, load(rom).metrics.width, load(rom).metrics.height)
    for name in load(rom).screens:
        phone = Phone(rom, language)
        phone.show(name)
        more = True
        while more:
            waiting = [(window.root, glass) for window in phone.windows()]
            while waiting:
                view, outer = waiting.pop()
                assert not any(view.box) or view.box.within(outer) == view.box, (name, view, outer)
                waiting += [(child, view.box) for child in view.children]
            more = phone.finger_scroll()


@everywhere
def test_every_screen_speaks_the_language(rom: str, language: str) -> None:
    """It shows words of the language, and nothing that is neither written so nor the same in all of them."""
    for name, screen in load(rom).screens.items():
        phone = Phone(rom, language)
        phone.show(name)
        texts = {
            part.row or part.text or part.button or part.edit or part.progress or "" for part in screen.parts
        }
        names = {text for text in {screen.title, screen.message} | texts if text.startswith("$")}
        said = {phone.rom.word(text, screen.package, language) for text in names}
        shown = set(phone.visible_texts()) | {
            view.hint for window in phone.windows() for view in window.root.walk()
        }
        assert not names or said & shown, (name, shown)
        assert not any(text.startswith("$") for text in shown), (name, shown)
        if language != "en":
            english = {phone.rom.word(text, screen.package, "en") for text in names}
            assert not (shown & english) - said, name


@sample
def test_no_screen_shows_a_secret(rom: str, language: str) -> None:
    phone = Phone(rom, language, state=State(account_password="correct horse", screen_lock="2580"))
    for name, secret in (("reset.password", "correct horse"), ("lock.confirm", "2580")):
        phone.show(name)
        phone.finger_type(secret)
        (field,) = nodes(phone, password="true")
        assert field.get("text") == "•" * len(secret)
        assert secret not in phone.dump()
        phone.owner_acts()
        assert secret not in phone.dump()


@every_rom
def test_a_row_is_clickable_and_its_title_is_not(rom: str) -> None:
    phone = Phone(rom)
    phone.show("settings.home")
    (title,) = nodes(phone, text=word(phone, "bluetooth_settings_title"))
    assert title.get("resource-id") == "android:id/title"
    assert title.get("clickable") == "false"
    row = next(node for node in title.iterancestors("node") if node.get("clickable") == "true")
    assert row.get("resource-id") == ""
    assert row.get("class") == "android.widget.LinearLayout"
    cls, name = {
        "recycler": ("androidx.recyclerview.widget.RecyclerView", "com.android.settings:id/recycler_view"),
        "listview": ("android.widget.ListView", "android:id/list"),
    }[phone.rom.lists]
    (found,) = nodes(phone, resource_id=name)
    assert found.get("class") == cls
    assert found.get("scrollable") == "true"
    assert found.getparent().get("resource-id") == "android:id/list_container"


def test_the_keyboard_comes_first_and_dialogs_come_before_or_after_their_page() -> None:
    order = {}
    for rom in ROMS:
        phone = Phone(rom)
        phone.show("lock.confirm")
        roots = [root.get("package") for root in etree.fromstring(phone.dump().encode())]
        assert roots[:2] == ["com.google.android.inputmethod.latin", "com.android.systemui"]
        phone.show("signout.synced")
        phone.popup("popup.update")
        packages = [root.get("package") for root in etree.fromstring(phone.dump().encode())]
        order[rom] = packages.index("com.android.updater") < packages.index("com.miui.cloudservice")
    assert set(order.values()) == {True, False}


@sample
def test_long_lists_show_their_rows_bit_by_bit(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    phone.show("settings.home")
    title = word(phone, "settings_label")
    (last,) = (node for node in nodes(phone, clickable="true") if box(node)[3] == _floor(phone))
    assert box(last)[3] - box(last)[1] < 176, "the last row is cut"
    widgets = "miui" if phone.rom.widget_ids == "miui" else "com.android.settings"
    for name, scrolled in (("action_bar_title_expand", False), ("action_bar_title", True)):
        while scrolled and phone.finger_scroll():
            pass
        assert f"{widgets}:id/{name}" in [node.get("resource-id") for node in nodes(phone, text=title)]


@sample
def test_the_reset_row_leads_to_the_reset_page(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    phone.show(phone.rom.screens["reset.home"].parent)
    row = label(phone, "open reset.home")
    scroll_to(phone, row)
    phone.finger_tap(row)
    assert phone.screen == "reset.home"


@sample
def test_signing_out_is_at_the_end_of_the_account_page(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    phone.show("account.home")
    while phone.finger_scroll():
        pass
    view = marked(phone, lambda view: view.danger == "sign_out")
    assert view
    assert view.label in {
        word(phone, name, "com.xiaomi.account") for name in ("logout_account", "passport_logout_account")
    }


def _floor(phone: Phone) -> int:
    return phone.rom.metrics.height - phone.rom.metrics.navigation_bar


def test_on_some_rom_about_phone_is_off_the_screen_at_first() -> None:
    hidden = set()
    for rom in ROMS:
        phone = Phone(rom)
        phone.show("settings.home")
        hidden.add(label(phone, "open about.phone") not in phone.visible_texts())
    assert hidden == {True, False}


@every_rom
def test_the_account_row_bears_the_nickname_or_an_offer(rom: str) -> None:
    phone = Phone(rom, state=State(account=Account(nickname="Zoë")))
    phone.show("settings.home")
    fixed = rom in ("miui8", "miui9")  # where the row has the account's number beside a title that stays
    assert (label(phone, "open account.home") == "Zoë") is not fixed
    tap(phone, "open account.home")
    assert phone.screen == "account.home"
    phone.state.account = None
    phone.finger_back()
    tap(phone, "open account.login")
    assert phone.screen == "account.login"


# languages and generations


@everywhere
def test_the_phone_tells_its_language(rom: str, language: str) -> None:
    phone = Phone(rom, language, state=State(more_locales=("de-DE", "en-US")))
    locale = {"en": "en-GB", "ru": "ru-RU", "es": "es-ES", "ar": "ar-EG", "tr": "tr-TR", "de": "de-DE"}
    own = locale.get(language, language)
    assert phone.shell("getprop persist.sys.locale") == (f"{own}\n".encode(), 0)
    listed = f"{own},de-DE,en-US" if phone.rom.sdk >= 24 else "null"
    assert phone.shell("settings get system system_locales")[0].decode() == f"{listed}\n"


@every_rom
def test_arabic_lies_the_other_way_round(rom: str) -> None:
    phone = Phone(rom, "ar")
    width = phone.rom.metrics.width
    phone.show("settings.home")
    (title,) = nodes(phone, text=word(phone, "settings_label"))
    (up,) = nodes(phone, content_desc=word(phone, "abc_action_bar_up_description"))
    assert box(title)[2] == width - 74
    assert box(up)[2] == width - 66
    arrows = nodes(phone, resource_id="com.android.settings:id/arrow_right")
    assert arrows
    assert all(box(arrow)[2] < width // 2 for arrow in arrows)
    titles = nodes(phone, resource_id="android:id/title")
    assert all(box(node)[2] > width // 2 for node in titles)
    bars = [node for node in nodes(phone) if node.get("package") == "com.android.systemui"]
    phone.state.language = "en"
    assert [box(node) for node in bars] == [
        box(node) for node in nodes(phone) if node.get("package") == "com.android.systemui"
    ]


def test_what_arabic_shows_is_where_it_is_touched_and_drawn() -> None:
    phone = Phone("hyperos2", "ar", latency=INSTANT)
    phone.show("settings.home")
    scroll_to(phone, label(phone, "open about.phone"))
    phone.finger_tap(label(phone, "open about.phone"))
    assert phone.screen == "about.phone"
    (up,) = nodes(phone, content_desc=word(phone, "abc_action_bar_up_description"))
    left, top, right, bottom = box(up)
    assert (
        phone.picture().crop((left, top, right, bottom)).getextrema()
        != phone.picture().crop((1080 - right, top, 1080 - left, bottom)).getextrema()
    )
    phone.rpc("click", [(left + right) // 2, (top + bottom) // 2])
    assert phone.screen == "settings.home"
    window = next(window for window in phone.windows() if not window.chrome)
    assert window.mirrored().mirrored().root == window.root


@pytest.mark.parametrize("rom", ["miui8", "miui12", "miui12.5", "hyperos3"])
def test_widgets_have_ids_of_their_time(rom: str) -> None:
    phone = Phone(rom)
    phone.show("settings.home")
    phone.popup("popup.update")
    ids = {node.get("resource-id") for node in nodes(phone)}
    old = rom in ("miui8", "miui12")
    bars = (
        "up",
        "action_bar",
        "action_bar_container",
        "action_bar_overlay_layout",
        "action_bar_title_expand",
    )
    dialogs = ("parentPanel", "topPanel", "contentPanel", "buttonPanel", "alertTitle", "message")
    for names, package in ((bars, "com.android.settings"), (dialogs, "com.android.updater")):
        for name in names:
            assert (f"miui:id/{name}" in ids) is old
            assert (f"{package}:id/{name}" in ids) is not old
    assert "android:id/button1" in ids
    (title,) = nodes(phone, resource_id=f"{'miui' if old else 'com.android.updater'}:id/alertTitle")
    assert title.get("package") == "com.android.updater"


def test_chinese_breaks_anywhere_and_is_wider() -> None:
    assert wrapped("恢复出厂设置将清除所有数据", 42, 42 * 6) == ("恢复出厂设", "置将清除所", "有数据")
    assert wrapped("one two 恢复", 42, 42 * 6) == ("one two 恢", "复")
    assert wrapped("unbreakable", 42, 42 * 3) == ("unbreakable",)


@every_rom
def test_the_status_page_holds_what_is_private(rom: str) -> None:
    phone = Phone(rom, state=State(imei="860000000000001", phone_number="+440001", serialno="feed01"))
    phone.show("about.status")
    assert {"860000000000001", "+440001", "feed01"} <= set(phone.visible_texts())
    assert phone.shell("getprop ro.serialno")[0] == b"feed01\n"
    opens = [
        screen
        for screen in phone.rom.screens.values()
        for part in screen.parts
        if "open about.status" in part.tap
    ]
    assert opens


def test_an_address_may_show_on_the_account_page() -> None:
    phone = Phone("hyperos1", state=State(email="zoe@example.org"))
    phone.show("account.home")
    (node,) = nodes(phone, text="zoe@example.org")
    assert node.get("resource-id") == "com.xiaomi.account:id/email"


# chains


@sample
def test_signing_out_with_fingers(rom: str, language: str) -> None:
    phone = Phone(rom, language, latency=INSTANT)
    asked = questions(phone, "sign_out")
    begin_sign_out(phone)
    assert go_through(phone, "sign_out_continues")[: len(asked)] == asked
    assert phone.screen == "settings.home"
    assert phone.state.account is None
    assert not phone.state.find_device
    assert phone.state.keep_synced is True
    assert phone.state.synced_data
    assert set(did(phone)) == {"sign_out", "sign_out_continues", "sign_out_password"}
    assert phone.state.account_password not in str(phone.log)


def test_the_password_is_asked_before_the_synced_items_or_after() -> None:
    orders = {tuple(questions(Phone(rom), "sign_out")) for rom in ROMS}
    assert orders == {("signout.synced", "signout.password"), ("signout.password", "signout.synced")}


@every_rom
def test_with_nothing_to_ask_the_first_tap_signs_out(rom: str) -> None:
    phone = Phone(rom, state=State(find_device=False, synced_data=False), latency=INSTANT)
    begin_sign_out(phone)
    assert phone.state.account is None
    assert did(phone) == ["sign_out"]


@every_rom
def test_synced_items_can_be_removed_and_cards_go_first(rom: str) -> None:
    phone = Phone(rom, state=State(cards=True, find_device=False), latency=INSTANT)
    begin_sign_out(phone)
    assert go_through(phone, "delete_cards", "delete_synced")[:2] == ["signout.wallet", "signout.synced"]
    assert did(phone) == ["sign_out", "delete_cards", "delete_synced"]
    assert not phone.state.synced_data
    assert not phone.state.cards


@pytest.mark.parametrize("rom", ["hyperos1", "hyperos2", "hyperos3"])
def test_protected_data_is_asked_about(rom: str) -> None:
    phone = Phone(rom, state=State(e2ee=True, find_device=False, synced_data=False), latency=INSTANT)
    begin_sign_out(phone)
    assert phone.screen == "signout.e2ee"
    phone.finger_tap("Sign out")
    assert did(phone) == ["sign_out", "sign_out"]
    assert phone.state.account is None


@every_rom
def test_signing_out_needs_a_network(rom: str) -> None:
    phone = Phone(rom, state=State(network=False), latency=INSTANT)
    begin_sign_out(phone)
    assert go_through(phone, "sign_out_continues", "close")[-2] == "signout.failed"
    assert phone.screen == "account.home"
    assert phone.state.account is not None


@every_rom
@pytest.mark.parametrize("way", ["close", "back"])
def test_a_chain_can_be_left(rom: str, way: str) -> None:
    phone = Phone(rom, latency=INSTANT)
    begin_sign_out(phone)
    assert phone.screen.startswith("signout.")
    if way == "back":
        phone.finger_back()
    else:
        tap(phone, way)
    assert phone.screen == "account.home"
    assert phone.state.account is not None


@sample
def test_a_reset_with_fingers(rom: str, language: str) -> None:
    phone = Phone(rom, language, state=State(cards=True, esim=True), latency=INSTANT)
    left = threading.Event()
    phone.on_leave = left.set
    asked = questions(phone, "reset")
    begin_reset(phone)
    assert go_through(phone, "erase_continues", "esim", "wipe")[: len(asked)] == asked
    assert asked[0] == "lock.confirm"
    assert asked[-3:] == ["reset.password", "reset.warning_1", "reset.warning_2"]
    assert phone.state.erased
    assert left.is_set()
    assert not phone.state.find_device
    assert (phone.state.account is None) is rom.startswith("hyperos")
    assert phone.state.esim_erased is ("reset.esim" in asked)
    marks = [mark for mark in did(phone) if mark != "erase_continues"]
    assert marks == ["erase", *["esim"] * phone.state.esim_erased, "find_device_off", "wipe"]


def to_the_warning(phone: Phone) -> None:
    """From the tap that begins a reset to the screen after its questions."""
    while phone.screen in ("reset.wallet", "reset.backup"):
        tap(phone, "erase_continues")


@every_rom
def test_a_reset_may_begin_at_its_second_warning(rom: str) -> None:
    state = State(screen_lock=None, find_device=False, warning_starts_at=2)
    phone = Phone(rom, state=state, latency=INSTANT)
    begin_reset(phone)
    to_the_warning(phone)
    assert phone.screen == "reset.warning_2"


@pytest.mark.parametrize("rom", [rom for rom in ROMS if "reset.backup" in questions(Phone(rom), "reset")])
def test_backing_up_leaves_the_chain(rom: str) -> None:
    phone = Phone(rom, state=State(screen_lock=None), latency=INSTANT)
    begin_reset(phone)
    phone.finger_tap(word(phone, "dialog_backup_button"))
    assert phone.screen == "backup.page"
    phone.finger_back()
    assert phone.screen == "reset.home"


@every_rom
def test_without_a_network_find_device_stops_the_reset(rom: str) -> None:
    phone = Phone(rom, state=State(screen_lock=None, network=False), latency=INSTANT)
    begin_reset(phone)
    to_the_warning(phone)
    if phone.screen == "reset.password":
        phone.owner_acts()
    assert phone.screen == "reset.find_device_failed"
    phone.finger_tap("button1")
    assert phone.screen == "reset.home"


@sample
def test_the_warning_counts_down_and_back_is_dead(rom: str, language: str) -> None:
    clock = Clock()
    phone = Phone(rom, language, clock=clock)
    phone.show("reset.warning_1")
    assert _ok(phone) == (number(phone, "button_text_next_step_timer", 10), "false")
    phone.finger_tap("ok")
    phone.finger_back()
    assert phone.screen == "reset.warning_1"
    assert [(tap.destructive, tap.landed) for tap in phone.log] == [("erase_continues", False)]
    clock.now += 8.5
    assert _ok(phone) == (number(phone, "button_text_next_step_timer", 2), "false")
    clock.now += 1.5
    assert _ok(phone) == (word(phone, "button_text_next_step"), "true")
    phone.finger_tap("ok")
    assert phone.screen == "reset.warning_2"
    assert _ok(phone) == (number(phone, "button_text_ok_timer", 10), "false")
    clock.now += 10
    assert _ok(phone) == (word(phone, "button_text_ok"), "true")
    phone.finger_tap("cancel")
    assert phone.screen == "reset.home"
    assert not phone.state.erased


def _ok(phone: Phone) -> tuple[str, str]:
    (button,) = nodes(phone, resource_id="com.android.settings:id/ok")
    return button.get("text"), button.get("enabled")


def test_a_reset_takes_its_time_and_the_phone_leaves_by_itself() -> None:
    phone = Phone(state=State(screen_lock=None, find_device=False), latency=Latency(second=0.002))
    left = threading.Event()
    phone.on_leave = left.set
    phone.show("reset.warning_2")
    while _ok(phone)[1] == "false":
        pass
    phone.finger_tap("ok")
    assert left.wait(5)
    assert phone.state.erased


@every_rom
def test_wrong_secrets_are_refused(rom: str) -> None:
    phone = Phone(rom, latency=INSTANT)
    begin_reset(phone)
    for screen in ("lock.confirm", "reset.password"):
        to_the_warning(phone)
        assert phone.screen == screen
        phone.finger_type("0000")
        phone.finger_tap("key_pos_ime_action")
        assert phone.screen == screen
        complaint = next(part.wrong for part in phone.rom.screens[screen].parts if part.secret)
        assert phone.rom.word(complaint, phone.rom.screens[screen].package, "en") in phone.visible_texts()
        assert phone.owner_acts()
    assert phone.screen == "reset.warning_1"


@every_rom
def test_to_a_monkey_the_reset_is_deaf(rom: str) -> None:
    phone = Phone(rom, latency=INSTANT)
    out, _ = phone.shell("monkey -p com.android.settings -c android.intent.category.LAUNCHER 1")
    assert b"Events injected: 1" in out
    assert phone.screen == "settings.home"
    begin_reset(phone)
    assert phone.screen == "reset.home"
    phone.shell("am force-stop com.android.settings")
    begin_reset(phone)
    assert phone.screen == "lock.confirm"


# the owner, popups, the lock


def test_the_owner_does_what_only_the_owner_can() -> None:
    phone = Phone(latency=INSTANT)
    assert phone.owner_acts() is None
    phone.show("keyguard")
    assert phone.screen == "keyguard"
    assert phone.owner_acts() == "unlock"
    begin_reset(phone)
    assert phone.owner_acts() == "pin"
    assert phone.screen == "reset.backup"
    phone.state.awake = False
    assert phone.owner_acts() == "unlock"


def test_a_finger_finds_what_is_not_there_by_its_name_and_says_what_is() -> None:
    phone = Phone()
    phone.show("reset.backup")
    with pytest.raises(LookupError, match="Back up items first"):
        phone.finger_tap("No such thing")
    with pytest.raises(LookupError, match="nothing to type into"):
        phone.finger_type("x")


def test_a_popup_takes_the_taps_until_it_is_closed() -> None:
    phone = Phone(latency=INSTANT)
    phone.show("settings.home")
    phone.popup("popup.update")
    assert phone.screen == "popup.update"
    phone.rpc("click", [540, 700])
    assert phone.log[-1].screen == "popup.update"
    assert not phone.log[-1].landed
    phone.close_popup()
    assert phone.screen == "settings.home"
    phone.popup("popup.low_battery")
    phone.finger_tap("OK")
    assert phone.screen == "settings.home"
    phone.close_popup()


def test_a_dark_screen_takes_no_taps() -> None:
    phone = Phone(state=State(screen_lock=None))
    phone.show("settings.home")
    phone.rpc("sleep", [])
    assert phone.rpc("isScreenOn", []) is False
    phone.rpc("click", [540, 1000])
    assert not phone.log[-1].landed
    phone.rpc("wakeUp", [])
    assert phone.rpc("isScreenOn", []) is True


# a computer's taps


def test_injected_input_is_refused_without_the_switch() -> None:
    phone = Phone(state=State(adbinput=False))
    phone.show("reset.home")
    refused: list[tuple[str, list[Any]]] = [
        ("click", [540, 2200]),
        ("click", [{"mask": 1, "text": "Erase all data"}]),
        ("swipe", [500, 1500, 500, 500, 20]),
        ("pressKey", ["back"]),
        ("pressKeyCode", [4]),
        ("sleep", []),
    ]
    for method, params in refused:
        with pytest.raises(RpcError, match=r"to have the INJECT_EVENTS permission\.$") as caught:
            phone.rpc(method, params)
        assert caught.value.code < 0
    assert phone.screen == "reset.home"
    assert not any(tap.landed for tap in phone.log)
    for command in ("input keyevent 0", "input tap 1 1", "settings put system a 1", "wm size 100x100"):
        out, code = phone.shell(command)
        assert b"java.lang.SecurityException" in out
        assert code == 255
    assert phone.rpc("exist", [{"text": "Erase all data"}]) is True
    phone.state.adbinput = True
    assert phone.shell("input keyevent 0") == (b"", 0)
    assert phone.rpc("click", [{"text": "Erase all data"}]) is True
    assert phone.log[-1].destructive == "erase"
    assert phone.log[-1].by == "injected"


def test_a_tap_on_nothing_is_logged_and_does_nothing() -> None:
    phone = Phone()
    phone.show("reset.home")
    assert phone.rpc("click", [540, 1800, 40]) is True
    tap = phone.log[-1]
    assert (tap.screen, tap.destructive, tap.landed) == ("reset.home", None, False)


def test_a_counted_selector_means_the_window_with_the_focus_and_tells_little() -> None:
    phone = Phone()
    phone.show("settings.home")
    bluetooth = {"text": "Bluetooth", "packageName": "com.android.settings"}
    phone.popup("popup.volume")
    assert phone.rpc("exist", [{**bluetooth, "instance": 0}]) is True
    phone.popup("popup.low_battery")
    assert phone.rpc("exist", [bluetooth]) is True
    with pytest.raises(RpcError, match="UiObjectNotFoundException"):
        phone.rpc("click", [{**bluetooth, "instance": 0}])
    phone.close_popup()
    phone.state.adbinput = False
    assert phone.rpc("click", [{**bluetooth, "instance": 0}]) is False
    assert [tap.landed for tap in phone.log] == [False]


@every_rom
def test_selectors_as_uiautomator_understands_them(rom: str) -> None:
    phone = Phone(rom)
    phone.show("settings.home")
    for selector, expected in [
        ({"mask": 1, "text": "Bluetooth"}, True),
        ({"textContains": "tooth"}, True),
        ({"textMatches": "(?i)blue.*"}, True),
        ({"textStartsWith": "Blue", "className": "android.widget.TextView"}, True),
        ({"text": "Bluetooth", "clickable": True}, False),
        ({"resourceId": "android:id/list_container", "scrollable": False}, True),
        ({"packageName": "com.android.systemui", "description": "Wifi signal full."}, True),
        ({"text": "Bluetooth", "instance": 1}, False),
        ({"resourceId": "android:id/title", "instance": 3}, True),
        ({"className": "android.widget.ListView", "scrollable": True}, phone.rom.lists == "listview"),
    ]:
        assert phone.rpc("exist", [selector]) is expected, selector
    info = phone.rpc("objInfo", [{"text": "Bluetooth"}])
    assert info["resourceName"] == "android:id/title"
    assert info["bounds"]["left"] < info["bounds"]["right"]
    assert phone.rpc("count", [{"resourceId": "android:id/title"}]) > 8
    child = {"resourceId": "android:id/list_container", "childOrSibling": ["child"]}
    assert phone.rpc("exist", [{**child, "childOrSiblingSelector": [{"text": "Bluetooth"}]}]) is True
    with pytest.raises(RpcError, match="UiObjectNotFoundException"):
        phone.rpc("objInfo", [{"text": "Nowhere"}])
    for method, params in (("objInfo", [{"nonsense": 1}]), ("click", []), ("noSuchMethod", [])):
        with pytest.raises(RpcError):
            phone.rpc(method, params)


@every_rom
def test_scrolling_on_the_device(rom: str) -> None:
    phone = Phone(rom)
    phone.show("settings.home")
    last = next(part.row for part in reversed(phone.rom.screens["settings.home"].body) if part.row)
    scrollable, about = {"scrollable": True}, {"text": word(phone, last.removeprefix("$"))}
    assert phone.rpc("scrollTo", [scrollable, about, True]) is True
    assert phone.rpc("exist", [about]) is True
    assert phone.rpc("scrollToBeginning", [scrollable, True, 500, 55]) is True
    assert phone.rpc("scrollTo", [scrollable, {"text": "Nowhere"}, True]) is False
    assert phone.rpc("scrollForward", [scrollable, True, 55]) is False
    assert phone.rpc("scrollBackward", [scrollable, True, 55]) is True


def test_keys() -> None:
    phone = Phone(latency=INSTANT)
    begin_reset(phone)
    for key in "2580":
        phone.rpc("pressKeyCode", [int(key) + 7])
    phone.rpc("pressKey", ["enter"])
    assert phone.screen == "reset.backup"
    phone.rpc("pressKey", ["back"])
    assert phone.screen == "reset.home"
    phone.shell("input keyevent KEYCODE_HOME")
    assert phone.screen == "launcher"
    assert phone.rpc("pressKeyCode", [220]) is False


def test_what_the_phone_says_of_itself() -> None:
    phone = Phone("miui14")
    info = phone.rpc("deviceInfo", [])
    assert (info["displayWidth"], info["displayHeight"], info["sdkInt"]) == (1080, 2400, 33)
    assert info["currentPackageName"] == "com.miui.home"
    assert phone.rpc("dumpWindowHierarchy", [False, 50]) == phone.dump()
    assert phone.rpc("dumpWindowHierarchy", [False, 3]).count("<node") < 20
    assert phone.rpc("waitForIdle", [0, 0]) is True
    assert phone.rpc("getLastToast", []) is None
    assert phone.rpc("setConfigurator", [{"keyInjectionDelay": 5}])["keyInjectionDelay"] == 5
    with pytest.raises(RpcError):
        phone.rpc("pressKey", ["nonsense"])


def test_the_bar_below_has_buttons() -> None:
    phone = Phone("miui14")
    phone.finger_tap("Settings")
    assert phone.screen == "settings.home"
    phone.finger_tap("About phone")
    phone.rpc("swipe", [500, 1800, 500, 600, 20])
    assert "All specs" in phone.visible_texts()
    phone.finger_tap("com.android.systemui:id/back")
    assert phone.screen == "settings.home"
    phone.finger_tap("com.android.systemui:id/home")
    assert phone.screen == "launcher"


def test_typing_on_the_keyboard() -> None:
    phone = Phone()
    phone.show("account.login")
    phone.finger_tap("et_account_name")
    for key in ("m", "i", "x", "Delete", "7"):
        phone.finger_tap(key)
    phone.shell(
        "input keyevent 29; input keyevent DEL; input keyevent 62; input text a%sb; input swipe 1 9 1 1"
    )
    (field,) = nodes(phone, resource_id="com.xiaomi.account:id/et_account_name")
    assert field.get("text") == "mi7 a b"
    assert field.get("focused") == "true"


def test_the_page_comes_back_to_the_front() -> None:
    phone = Phone()
    phone.show("reset.home")
    phone.shell("am start -a android.settings.SETTINGS")
    assert phone.screen == "settings.home"


def test_back_hides_the_keyboard_first() -> None:
    phone = Phone()
    phone.show("lock.confirm")
    phone.finger_back()
    assert phone.screen == "lock.confirm"
    assert "inputmethod" not in phone.dump()
    phone.finger_back()
    assert phone.screen == "reset.home"


# time


def test_during_a_transition_the_old_page_still_shows() -> None:
    clock = Clock()
    phone = Phone(clock=clock, latency=Latency(transition=0.4))
    phone.show("settings.home")
    phone.shell("am start -a android.settings.DEVICE_INFO_SETTINGS")
    assert phone.screen == "about.phone"
    assert phone.rpc("exist", [{"text": "Settings"}]) is True
    assert phone.delay("rpc.waitForExists") == pytest.approx(0.4)
    clock.now += 0.41
    assert phone.rpc("exist", [{"text": "Settings"}]) is False
    assert phone.rpc("exist", [{"text": "About phone"}]) is True


def test_a_dialog_slides_up() -> None:
    clock = Clock()
    phone = Phone(clock=clock, state=State(screen_lock=None), latency=Latency(transition=0.4))
    begin_reset(phone)
    places = []
    for _ in range(6):
        places += [box(node)[1] for node in nodes(phone, resource_id="android:id/button2")]
        clock.now += 0.1
    assert places == sorted(places, reverse=True)
    assert len(set(places)) > 2
    assert len(places) < 6, "at first it does not show at all"


def test_latencies_are_told_by_request() -> None:
    phone = Phone(latency=REAL)
    phone.show("settings.home")
    assert phone.delay("rpc.dumpWindowHierarchy") == pytest.approx(0.16, abs=0.05)
    assert phone.delay("rpc.click") == REAL.tap
    assert phone.delay("shell") == REAL.shell
    assert phone.delay("rpc.swipe") == REAL.scroll
    assert phone.delay("http.ping") == 0
    assert Phone().delay("rpc.dumpWindowHierarchy") == 0


def test_faults_happen_at_their_step() -> None:
    phone = Phone()
    happened: list[str] = []
    phone.step("before:shell")
    phone.at("before:shell", 2, lambda phone: happened.append(phone.state.serialno))
    phone.at("after:rpc.click", 1, lambda phone: phone.popup("popup.update"))
    phone.step("before:shell")
    assert happened == []
    phone.step("before:shell")
    phone.step("before:shell")
    assert happened == [phone.state.serialno]
    phone.step("after:rpc.click")
    assert phone.screen == "popup.update"
    assert phone.requests == {"shell": 4}


# the shell


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo a; echo b && echo c || echo d", "a\nb\nc\n"),
        ("false && echo no; false || echo yes", "yes\n"),
        ("false; echo $? \"$?\" '$?'", "1 1 $?\n"),
        ("nosuch; echo $?", "/system/bin/sh: nosuch: inaccessible or not found\n127\n"),
        ("nosuch 2>/dev/null; echo 'a;  b' \"c|d\" e\\ f", "a;  b c|d e f\n"),
        ("nosuch 2>&1 | grep -o 'inaccessible'", "inaccessible\n"),
        ("echo x >/dev/null 2>&1; echo y > /data/f; cat /data/f; rm /data/f; ls /data/f", "y\nls: /data/f: No such file or directory\n"),
        ("getprop | grep -iE 'RO.MIUI.REGION|nothing'", "[ro.miui.region]: [GB]\n"),
        ("getprop ro.mi.os.version.name; getprop no.such; getprop no.such unset", "OS2.0\n\nunset\n"),
        ("getprop gsm.sim.state; getprop persist.security.adbinput", "LOADED,ABSENT\n1\n"),
        ("settings get secure user_setup_complete; settings get global nothing", "1\nnull\n"),
        ("dumpsys battery | grep -m 1 level", "  level: 82\n"),
        ("dumpsys power | grep -v Wakefulness | grep -c 'Display Power: state=ON'", "1\n"),
        ("dumpsys wifi | grep -o 'Wi-Fi is enabled'", "Wi-Fi is enabled\n"),
        ("dumpsys nothing", "Can't find service: nothing\n"),
        ("dumpsys telephony.registry | grep -o IN_SERVICE", "IN_SERVICE\n"),
        ("settings get system system_locales; getprop ro.serialno", "en-GB\na1b2c3d4\n"),
        ("dumpsys package com.xiaomi.account | grep -E 'versionCode=|lastUpdateTime=|codePath='", "    codePath=/product/app/XiaomiAccount\n    versionCode=240506 minSdk=31 targetSdk=34\n    lastUpdateTime=2009-01-01 00:00:00\n"),
        ("pm path com.xiaomi.account", "package:/product/app/XiaomiAccount/XiaomiAccount.apk\n"),
        ("pm path com.none; echo $?", "1\n"),
        ("pm list packages com.xiaomi | head -n 1; pm list packages -d", "package:com.xiaomi.account\n"),
        ("cmd package list packages --show-versioncode updater", "package:com.android.updater versionCode:920\n"),
        ("cmd nothing; echo $?", "cmd: Can't find service: nothing\n20\n"),
        ("am get-current-user; whoami; id -u; true; :", "0\nshell\n2000\n"),
        ("wm size; wm density", "Physical size: 1080x2400\nPhysical density: 440\n"),
        ("LC_ALL=C echo $HOME done # no more", "done\n"),
        ("toybox md5sum /none; toybox nothing", "md5sum: /none: No such file or directory\ntoybox: Unknown command nothing\n"),
        ("echo abc | md5sum", f"{hashlib.md5(b'abc' + chr(10).encode(), usedforsecurity=False).hexdigest()}  -\n"),
        ("cat /none; head /none; tail /none; wc /none 2>/dev/null", "cat: /none: No such file or directory\nhead: /none: No such file or directory\ntail: /none: No such file or directory\n"),
        ("rm /none; rm -f /none; stat -c %s /none", "rm: /none: No such file or directory\nstat: '/none': No such file or directory\n"),
        ("dd if=/none; grep a /none; echo $?", "dd: /none: No such file or directory\ngrep: /none: No such file or directory\n2\n"),
        ("echo a.b > /f; echo axb > /g; grep -F a.b /f; grep -q a.b /g && echo found; tail -n 1 /f", "a.b\nfound\na.b\n"),
        ("dumpsys package com.none; dumpsys package com.xiaomi.account | grep -o versionCode=2405", "Unable to find package: com.none\nversionCode=2405\n"),
        ("dumpsys display | grep -o orientation=0; dumpsys connectivity | grep -o 'network: 117'", "orientation=0\nnetwork: 117\n"),
        ("input tap 1; input nothing; input tap a b; echo $?", "Error: Invalid arguments for command: tap\nError: Unknown command: nothing\nError: Invalid arguments for command: tap\n255\n"),
        ("monkey -p com.none 1; uiautomator nothing; am nothing; pm nothing; settings nothing", "** No activities found to run, monkey aborted.\nUsage: uiautomator <subcommand> [options]\nUnknown command: nothing\nError: unknown command\nInvalid command\n"),
        ("echo 'a' 1>&2; echo -n b; X=1; id | grep -o uid=2000", "a\nbuid=2000\n"),
        ("uptime | grep -c 'load average'; date +%Y | grep -cE '^[0-9]{4}$'; date +%s | grep -cE '^[0-9]{10}$'", "1\n1\n1\n"),
        ("printf", "/system/bin/sh: printf: inaccessible or not found\n"),
    ],
)  # fmt: skip
def test_the_shell(command: str, expected: str) -> None:
    phone = Phone("hyperos2")
    assert phone.shell(command)[0].decode() == expected


def test_files_can_be_read_in_pieces() -> None:
    phone = Phone()
    phone.files["/a.apk"] = bytes(range(256)) * 8
    whole = phone.files["/a.apk"]
    assert phone.shell("cat /a.apk")[0] == whole
    assert phone.shell("dd if=/a.apk bs=256 skip=2 count=1 2>/dev/null")[0] == whole[512:768]
    assert phone.shell("tail -c 100 /a.apk")[0] == whole[-100:]
    assert phone.shell("tail -c +101 /a.apk | head -c 50")[0] == whole[100:150]
    assert phone.shell("stat -c %s /a.apk; wc -c /a.apk; ls /a.apk") == (b"2048\n2048\n/a.apk\n", 0)
    md5 = hashlib.md5(whole, usedforsecurity=False).hexdigest()
    assert phone.shell("toybox md5sum /a.apk")[0].decode() == f"{md5}  /a.apk\n"


TOYBOX = "2+1 records in\n2+1 records out\n10 bytes (10 B) copied, 0.004 s, 2.4 K/s\n"
NETBSD = "2+1 records in\n2+1 records out\n10 bytes transferred in 0.004 secs (2500 bytes/sec)\n"


@pytest.mark.parametrize(
    ("rom", "words", "expected", "code"),
    [
        ("hyperos2", "if=/f bs=4", f"0123456789{TOYBOX}", 0),
        ("hyperos2", "if=/f bs=4 2>/dev/null", "0123456789", 0),
        ("hyperos2", "if=/f bs=4 status=none", "0123456789", 0),
        ("hyperos2", "if=/f bs=4 skip=1 count=1 status=none", "4567", 0),
        ("hyperos2", "if=/f bs=4 skip=1 count=1 iflag=skip_bytes,count_bytes status=none", "1", 0),
        ("hyperos2", "if=/f bs=1k count=1 status=none", "0123456789", 0),
        ("hyperos2", "if=/f bs=x", "dd: invalid number 'x'\n", 1),
        ("hyperos2", "if=/f nonsense=1", "dd: unknown arg nonsense\n", 1),
        ("hyperos2", "if=/none", "dd: /none: No such file or directory\n", 1),
        ("miui8", "if=/f bs=4", f"0123456789{NETBSD}", 0),
        ("miui8", "if=/f bs=4 skip=1 count=1 2>/dev/null", "4567", 0),
        ("miui8", "if=/f bs=4 skip=1 iflag=skip_bytes", "dd: unknown operand iflag\n", 1),
        ("miui8", "if=/f bs=4 status=none", "dd: unknown operand status\n", 1),
    ],
)
def test_dd_of_new_and_old_phones(rom: str, words: str, expected: str, code: int) -> None:
    phone = Phone(rom)
    phone.files["/f"] = b"0123456789"
    assert phone.shell(f"dd {words}") == (expected.encode(), code)
    phone.state.dd = False
    assert phone.shell(f"dd {words}")[1] == 127
    assert phone.shell("toybox dd if=/f") == (b"toybox: Unknown command dd\n", 127)
    assert phone.shell("dd if=/f")[0] == b"/system/bin/sh: dd: inaccessible or not found\n"


def test_sizes_as_toybox_prints_them() -> None:
    phone = Phone()
    phone.files["/f"] = bytes(3_000_000)
    assert (
        b"3000000 bytes (2.9 M) copied, 0.004 s, 715.3 M/s"
        in phone.shell("dd if=/f of=/dev/null 2>&1")[0][-80:]
    )


def test_the_accounts_of_the_phone() -> None:
    phone = Phone(state=State(google_account=False))
    assert (
        "  Accounts: 1\n    Account {name=6230***535, type=com.xiaomi}\n"
        in phone.shell("dumpsys account")[0].decode()
    )
    phone.state.account = None
    out = phone.shell("dumpsys account")[0].decode()
    assert out.startswith("User UserInfo{0:")
    assert "Account {" not in out
    assert "type=com.xiaomi" in out, "the authenticator stays, as on a real phone"


def test_the_lock_and_the_focus() -> None:
    phone = Phone()
    phone.show("reset.backup")
    out = phone.shell("dumpsys window | grep -E 'mCurrentFocus|mKeyguardShowing'")[0].decode()
    assert "u0 com.android.settings/com.android.settings.SubSettings}" in out
    assert "mKeyguardShowing=false" in out
    phone.show("keyguard")
    assert b"mKeyguardShowing=true" in phone.shell("dumpsys window")[0]
    phone.state.network = False
    assert b"Active default network: none" in phone.shell("dumpsys connectivity")[0]
    assert b"topResumedActivity=ActivityRecord" in phone.shell("dumpsys activity")[0]


STARTS = [
    ("miui14", "-a android.settings.SETTINGS", "settings.home"),
    ("miui14", "-a android.settings.DEVICE_INFO_SETTINGS", "about.specs"),
    ("hyperos1", "-a android.settings.DEVICE_INFO_SETTINGS", "about.phone"),
    ("hyperos2", "-W -a android.settings.DEVICE_INFO_SETTINGS", "about.phone"),
    ("miui14", "-a android.settings.XIAOMI_ACCOUNT_SYNC_SETTINGS", "account.home"),
    ("hyperos2", "-n com.xiaomi.account/.ui.AccountSettingsActivity", "account.home"),
    ("hyperos2", "-n com.xiaomi.account/com.xiaomi.account.ui.AccountSettingsActivity", "account.home"),
    ("hyperos2", "-a hyperos.settings.MASTER_CLEAR", "reset.home"),
    ("miui14", "-a hyperos.settings.MASTER_CLEAR", "unable to resolve"),
    ("hyperos1", "-a hyperos.settings.MASTER_CLEAR", "unable to resolve"),
    ("hyperos2", "-n 'com.android.settings/.Settings$MiuiMasterClearActivity'", "reset.home"),
    ("hyperos2", "-n com.android.settings/.Settings\\$MiuiMasterClearActivity", "reset.home"),
    ("hyperos2", "-n com.android.settings/.Settings$MiuiMasterClearActivity", "does not exist"),
    ("hyperos2", "-n com.android.settings/.MiuiMasterClearApplyActivity", "not exported"),
    ("miui14", "-n com.none/.Activity", "does not exist"),
    *(
        (
            rom,
            "-n com.android.settings/.SubSettings -e :android:show_fragment com.android.settings.MiuiMasterClear",
            "reset.home",
        )
        for rom in ROMS
    ),
]


@pytest.mark.parametrize(("rom", "words", "leads_to"), STARTS)
def test_am_start(rom: str, words: str, leads_to: str) -> None:
    phone = Phone(rom)
    out, code = phone.shell(f"am start {words}")
    if leads_to in phone.rom.screens:
        assert phone.screen == leads_to
        assert code == 0
        assert ("Status: ok" in out.decode()) is ("-W" in words)
        again = phone.shell(f"am start {words}")[0]
        assert b"brought to the front" in again
        assert phone.screen == leads_to
        phone.finger_back()
        assert phone.screen == "launcher"
    else:
        assert leads_to in out.decode()
        assert code != 0
        assert phone.screen == "launcher"


def test_signed_out_the_account_page_is_a_login() -> None:
    phone = Phone(state=State(account=None))
    phone.shell("am start -a android.settings.XIAOMI_ACCOUNT_SYNC_SETTINGS")
    assert phone.screen == "account.login"
    for name in ("et_account_name", "password_layout", "license"):
        assert nodes(phone, resource_id=f"com.xiaomi.account:id/{name}")


@pytest.mark.parametrize("state", [State(user=10), State(provisioned=False)])
@every_rom
def test_the_reset_page_closes_itself_for_others_than_the_owner(rom: str, state: State) -> None:
    phone = Phone(rom, state=state)
    phone.shell(
        "am start -n com.android.settings/.SubSettings "
        "-e :android:show_fragment com.android.settings.MiuiMasterClear"
    )
    assert phone.screen == "launcher"


def test_starting_a_page_over_another_and_going_back() -> None:
    phone = Phone()
    phone.shell("am start -a android.settings.SETTINGS")
    phone.shell("am start -a android.settings.XIAOMI_ACCOUNT_SYNC_SETTINGS")
    phone.finger_back()
    assert phone.screen == "settings.home"
    phone.finger_tap(word(phone, "display_settings"))
    phone.shell("am start -S -a android.settings.SETTINGS")
    assert phone.screen == "settings.home"
    phone.finger_back()
    assert phone.screen == "launcher"


def test_pictures_and_dumps_from_the_shell() -> None:
    phone = Phone()
    phone.show("reset.backup")
    image = Image.open(io.BytesIO(phone.shell("screencap -p")[0]))
    assert image.size == (1080, 2400)
    out = phone.shell("uiautomator dump /dev/tty")[0].decode()
    tree = etree.fromstring(out[: out.index("UI hierchary")].encode())
    assert len(tree) == 1
    assert len(tree[0].attrib) == 17
    phone.shell("uiautomator dump /sdcard/w.xml")
    assert phone.files["/sdcard/w.xml"].startswith(b"<?xml")


# pictures


@sample
def test_pictures_differ_by_screen_and_language(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    pictures = set()
    width, height = phone.rom.metrics.width, phone.rom.metrics.height
    for name in ("settings.home", "reset.home", "reset.backup", "lock.confirm"):
        phone.show(name)
        raw = base64.b64decode(phone.rpc("takeScreenshot", [0.25, 80]))
        picture = Image.open(io.BytesIO(raw))
        assert picture.size == (width // 4, height // 4)
        assert len(picture.getcolors(1 << 20) or []) > 20
        pictures.add(raw)
    assert len(pictures) == 4
    phone.state.awake = False
    assert phone.picture(0.1).getextrema() == ((0, 0), (0, 0), (0, 0))


def test_a_computer_without_cyrillic_letters_draws_latin_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "FONTS", ("no-such-font.ttf",))
    draw._system_font.cache_clear()
    draw._font.cache_clear()
    try:
        assert draw._readable("Щука и Ёж, OK") == "Shchuka i Yozh, OK"
        phone = Phone("miui14", "ru")
        phone.show("reset.home")
        assert phone.picture(0.2).size == (216, 480)
    finally:
        draw._system_font.cache_clear()
        draw._font.cache_clear()


# ROMs as data


def test_every_screen_says_where_it_comes_from() -> None:
    for rom in ROMS:
        for screen in load(rom).screens.values():
            assert screen.evidence or screen.guess


def _broken(change: Callable[[str], str], tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(change((FOLDER / "hyperos2.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title: Xiaomi 14T", "titel: x\ntitle: Xiaomi 14T", "titel"),
        ("tap: begin reset", "tap: begin nothing", "no such action: begin nothing"),
        ("tap: open about.phone", "tap: open about.nothing", "no such action"),
        ("when: not account, tap", "when: not accountant, tap", "no such fact: not accountant"),
        ("$clear_all_data,", "$no_such_word,", r"no word \$no_such_word"),
        ("danger: erase}", "danger: none}", "danger"),
        ("{row: $feedback, icon: yes}", "{row: a, text: b}", "exactly one of"),
        ("{row: $feedback, icon: yes}", "feedback", "Part"),
        ("parent: about.phone", "parent: nowhere", "no screen nowhere"),
        ("origin: account.home", "origin: nowhere", "no screen nowhere"),
        ("failed: signout.failed", "failed: ''", "go together"),
        ("title: Xiaomi 14T", "title: [", "while parsing"),
        ("builds_on: [words, common, popups, browser]", "builds_on: [nothing]", "nothing.yaml"),
        ("$feedback, icon: yes}", "'{nobody}'}", "nothing to put into {nobody}"),
        (
            "words:\n",
            "words:\n  android: {ok: {en: OK, ru: OK}}\n",
            r"\$ok is not written in es, zh-CN, ar, tr, de",
        ),
        ("words:\n", "words:\n  android: {ok: {ru: OK, eo: Bone}}\n", "English in any case; not ru, eo"),
        (
            "words:\n",
            "words:\n  com.none: {a: {en: a}}\n",
            "words of com.none, which is not among the packages",
        ),
    ],
)
def test_a_broken_rom_is_refused_by_name(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = _broken(lambda text: text.replace(old, new, 1), tmp_path)
    with pytest.raises(BadRom, match=complaint) as caught:
        read(path)
    assert ".yaml" in str(caught.value)


def test_a_rom_needs_no_python(tmp_path: Path) -> None:
    rom = read(_broken(lambda text: text.replace("title: Xiaomi 14T", "title: Mine"), tmp_path))
    assert rom.name == "mine"
    assert rom.title.startswith("Mine")


def test_unknown_roms_are_refused() -> None:
    with pytest.raises(BadRom, match=r"there are miui8, miui9, .*, hyperos3$"):
        Phone("miui99")


def test_yaml_words_stay_words() -> None:
    assert load("hyperos2").words["com.android.settings"]["on"]["en"] == "On"


def test_the_banner_names_the_phone() -> None:
    assert Phone("miui14").banner() == (
        "device::ro.product.name=sweet_k6a_global;ro.product.model=2209116AG;ro.product.device=sweet_k6a;"
        "features=shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,sendrecv_v2"
    )


def test_a_label_is_the_first_text_within() -> None:
    phone = Phone("miui14")
    phone.show("reset.home")
    windows = phone.windows()
    erase = next(v for w in windows for v in w.root.walk() if isinstance(v, View) and v.danger == "erase")
    assert erase.id == ""
    assert erase.label == "Erase all data"
