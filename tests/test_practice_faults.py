"""The practice phone resists and gets lost as real phones do: what it then shows, says, and lets nobody do."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import adbutils
import pytest
from lxml import etree

from automator.practice.glass import DIVIDER
from automator.practice.phone import Latency, Phone, RpcError, State
from automator.practice.rom import ROMS
from automator.practice.ui import Box
from tests.conftest import MakePlugged, Plugged
from tests.faults import FAULTS, JAR, SOON

INSTANT = Latency(second=0.0)
PATIENCE = 10.0
BRIEF = 0.15
"""Seconds to wait for what does not come."""
START = f"shell:CLASSPATH={JAR} app_process / com.wetest.uia2.Main -p 9008"
LOOKS = ("miui8", "miui12", "miui14", "hyperos3")
"""One ROM of each look: sizes, bars, widgets, lists."""
every_look = pytest.mark.parametrize(
    "rom", [rom if rom in LOOKS else pytest.param(rom, marks=pytest.mark.full) for rom in ROMS]
)
MODES: dict[str, dict[str, Any]] = {
    "turned": {"rotation": 1},
    "split": {"split": True},
    "large letters": {"font_scale": 1.3},
    "pulled down": {"one_handed": "lowered"},
    "shrunk": {"one_handed": "shrunk"},
    "turned, large, Arabic": {"rotation": 3, "font_scale": 1.3, "language": "ar"},
}
every_mode = pytest.mark.parametrize("mode", MODES)
PAGES = ("settings.home", "account.home", "reset.home", "reset.warning_1", "lock.confirm")
DIALOGS = ("reset.backup", "signout.synced", "signout.password", "popup.low_battery")


def in_mode(rom: str, mode: str, screen: str) -> Phone:
    phone = Phone(rom, latency=INSTANT)
    phone.show(screen)
    for name, value in MODES[mode].items():
        setattr(phone.state, name, value)
    return phone


def word(phone: Phone, name: str) -> str:
    return phone.rom.word(f"${name}", "com.android.settings", phone.state.language)


def nodes(phone: Phone, **wanted: str) -> list[Any]:
    return [
        node
        for node in etree.fromstring(phone.dump().encode()).iter("node")
        if all(node.get(name.replace("_", "-")) == value for name, value in wanted.items())
    ]


def box(node: Any) -> Box:
    return Box(*map(int, re.findall(r"-?\d+", node.get("bounds"))))


def texts_by_scrolling(phone: Phone) -> set[str]:
    """Every text of what lies on top, from its beginning to its end."""
    seen: set[str] = set()
    while phone.finger_scroll(up=True):
        pass
    while True:
        top = next(window for window in reversed(phone.windows()) if not window.chrome)
        seen |= {view.text for view in top.root.walk() if view.text}
        if not phone.finger_scroll():
            return seen


# how the screen is held and set


@every_mode
@every_look
def test_every_page_and_dialog_says_the_same_however_the_phone_is_held(rom: str, mode: str) -> None:
    for screen in (*PAGES, *DIALOGS):
        usual = Phone(rom, MODES[mode].get("language"), latency=INSTANT)
        usual.show(screen)
        phone = in_mode(rom, mode, screen)
        shown = texts_by_scrolling(phone)
        assert texts_by_scrolling(usual) <= shown, screen
        glass = Box(0, 0, phone.flow.metrics.width, phone.flow.metrics.height)
        for view in (view for window in phone.windows() for view in window.root.walk() if any(view.box)):
            assert view.box.within(glass) == view.box or mode == "pulled down", (screen, view)


@every_mode
@every_look
def test_what_is_touched_is_what_is_shown_there(rom: str, mode: str) -> None:
    for screen in (*PAGES, *DIALOGS):
        phone = in_mode(rom, mode, screen)
        windows = phone.windows()
        top = next(window for window in reversed(windows) if not window.chrome)
        below = (window for window in windows if window.name in ("keyboard", "navigation_bar"))
        floor = min(window.root.box.top for window in below)
        views = [view for view in top.root.walk() if view.clickable and view.box.centre[1] < floor]
        assert views or mode == "pulled down", screen
        for view in views:
            hit = phone.would_hit(*view.box.centre)
            assert (hit.node, hit.text, hit.landed) == (view.id, view.label, view.enabled), screen


@every_look
def test_a_turned_phone(rom: str) -> None:
    phone = in_mode(rom, "turned", "settings.home")
    width, height = phone.rom.metrics.width, phone.rom.metrics.height
    assert phone.dump().startswith(
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n<hierarchy rotation=\"1\">"
    )
    info = phone.rpc("deviceInfo", [])
    assert (info["displayWidth"], info["displayHeight"], info["displayRotation"]) == (height, width, 1)
    assert info["naturalOrientation"] is False
    assert phone.picture().size == (height, width)
    assert b"orientation=1" in phone.shell("dumpsys display")[0]
    phone.shell("input keyevent HOME")
    assert phone.rpc("deviceInfo", [])["displayRotation"] == 0, "the home screen stays upright"
    phone.show("settings.home")
    phone.show("keyguard")
    assert 'rotation="0"' in phone.dump(), "and so does the lock screen"


@every_look
def test_a_split_screen_holds_two_apps(rom: str) -> None:
    phone = in_mode(rom, "split", "settings.home")
    roots = {root.get("package"): box(root) for root in etree.fromstring(phone.dump().encode())}
    other = phone.rom.screens["app.notes"].package
    upper, lower = roots["com.android.settings"], roots[other]
    assert (upper.top, lower.bottom) == (0, phone.rom.metrics.height)
    assert lower.top - upper.bottom == DIVIDER
    assert nodes(phone, resource_id="com.android.systemui:id/docked_divider_handle")
    assert phone.screen == "settings.home"
    before = phone.dump()
    phone.rpc("swipe", [500, lower.bottom - 300, 500, lower.top + 100, 20])
    assert phone.dump() == before, "the other app has nothing to scroll"
    phone.rpc("swipe", [500, upper.bottom - 50, 500, upper.top + 400, 20])
    assert phone.dump() != before
    phone.rpc("click", [500, lower.bottom - 300])
    assert phone.log[-1].screen == "app.notes"
    phone.popup("popup.low_battery")
    assert phone.screen == "popup.low_battery"
    phone.finger_tap(phone.flow.top.screen.buttons["button1"].id or "button1")
    assert phone.screen == "settings.home"
    phone.shell("input keyevent HOME")
    assert other not in phone.dump()


@every_look
def test_larger_letters_leave_room_for_fewer_rows(rom: str) -> None:
    usual, large = Phone(rom), in_mode(rom, "large letters", "settings.home")
    usual.show("settings.home")
    rows = [nodes(phone, resource_id="android:id/title") for phone in (usual, large)]
    assert len(rows[1]) < len(rows[0])
    heights = [box(titles[1]).bottom - box(titles[1]).top for titles in rows]
    assert heights[1] == pytest.approx(heights[0] * 1.3, abs=2)


def test_the_dark_theme_shows_in_pictures_only() -> None:
    phone = Phone()
    phone.show("settings.home")
    dump, light = phone.dump(), phone.picture(0.1)
    phone.state.dark = True
    assert phone.dump() == dump
    corner = (5, light.height // 2)
    assert light.getpixel(corner) == (247, 247, 247)
    assert phone.picture(0.1).getpixel(corner) == (8, 8, 8)


@every_look
def test_one_handed_mode_moves_the_windows(rom: str) -> None:
    phone = in_mode(rom, "pulled down", "settings.home")
    height = phone.rom.metrics.height
    (page,) = (window for window in phone.windows() if not window.chrome)
    assert page.root.box == (0, int(height * 0.4), phone.rom.metrics.width, height)
    beyond = [view for view in page.root.walk() if view.box.top >= height]
    assert beyond, "what was pulled out of the screen keeps its place"
    phone.rpc("click", [*beyond[-1].box.centre])
    assert not phone.log[-1].landed
    phone.rpc("click", [100, 50])
    assert phone.state.one_handed == "", "a touch above ends it"
    phone = in_mode(rom, "pulled down", "reset.backup")
    phone.finger_tap("button1")
    assert phone.log[-1].landed, "the owner ends it for what cannot be reached"


@every_look
def test_a_language_switched_changes_all_at_once(rom: str) -> None:
    for name in Phone(rom).rom.screens:
        phone, fresh = Phone(rom, "en"), Phone(rom, "ru")
        for one in (phone, fresh):
            one.latency = Latency(transition=5)
            one.show(name)
            if any(part.secret == "screen_lock" for part in one.flow.top.screen.parts):
                one.finger_type("0")
                one.finger_tap("key_pos_ime_action")
            one.flow.settle()
        phone.speak("ru")
        assert phone.dump() == fresh.dump(), name
        assert phone.shell("getprop persist.sys.locale; settings get system system_locales") == fresh.shell(
            "getprop persist.sys.locale; settings get system system_locales"
        )


# asleep and locked


@pytest.mark.parametrize("lock", ["2580", None])
def test_a_sleeping_phone_shows_its_lock_screen_or_nothing(lock: str | None) -> None:
    phone = Phone(state=State(screen_lock=lock))
    phone.show("settings.home")
    row = nodes(phone, text="Bluetooth")[0]
    phone.finger_power()
    roots = list(etree.fromstring(phone.dump().encode()))
    assert [root.get("package") for root in roots] == ["com.android.systemui"] * (lock is not None)
    phone.rpc("click", [*box(row).centre])
    assert not phone.log[-1].landed
    assert phone.rpc("swipe", [500, 2000, 500, 500, 20])
    phone.shell("input keyevent BACK; input keyevent HOME")
    assert b"mWakefulness=Asleep" in phone.shell("dumpsys power")[0]
    assert (b"mKeyguardShowing=true" in phone.shell("dumpsys window")[0]) is (lock is not None)
    phone.finger_power()
    assert phone.finger_unlock()
    assert phone.screen == "settings.home"


def test_a_screen_switched_off_by_a_test_is_locked_when_it_wakes() -> None:
    phone = Phone()
    phone.show("settings.home")
    phone.state.awake = False
    assert phone.screen == "keyguard"
    phone.shell("input keyevent 224")
    assert phone.state.awake and phone.state.keyguard


WAKES: dict[str, Callable[[Phone], object]] = {
    "key 224": lambda phone: phone.shell("input keyevent 224"),
    "WAKEUP": lambda phone: phone.shell("input keyevent WAKEUP"),
    "rpc key": lambda phone: phone.rpc("pressKeyCode", [224]),
    "wakeUp": lambda phone: phone.rpc("wakeUp", []),
    "power": lambda phone: phone.rpc("pressKeyCode", [26]),
    "owner": lambda phone: phone.finger_power(),
}


@pytest.mark.parametrize("way", WAKES)
@pytest.mark.parametrize("lock", ["2580", None])
@pytest.mark.parametrize("adbinput", [True, False])
def test_waking(way: str, lock: str | None, adbinput: bool) -> None:
    phone = Phone(state=State(screen_lock=lock, adbinput=adbinput))
    phone.show("settings.home")
    phone.finger_power()
    with contextlib.suppress(RpcError):
        WAKES[way](phone)
    woken = adbinput or way == "owner"
    assert phone.rpc("isScreenOn", []) is woken
    assert (phone.screen == "settings.home") is (lock is None)
    assert (b"mWakefulness=Awake" in phone.shell("dumpsys power")[0]) is woken
    if not woken:
        with pytest.raises(RpcError, match="INJECT_EVENTS"):
            phone.rpc("wakeUp", [])
        assert b"INJECT_EVENTS" in phone.shell("input keyevent 224")[0]
    phone.owner_acts()
    assert phone.screen == "settings.home"
    assert phone.rpc("wakeUp", []) is None, "there is nothing to wake, and so no key to refuse"


@every_look
def test_the_lock_opens_to_its_secret_alone(rom: str) -> None:
    phone = Phone(rom)
    phone.show("reset.home")
    phone.show("keyguard")
    assert not phone.finger_unlock("0000")
    assert phone.screen == "keyguard.pin"
    assert word(phone, "lockpassword_invalid_pin") in phone.visible_texts()
    assert phone.state.keyguard
    for key in ("key2", "key5", "key8", "delete_button", "key8", "key0"):
        phone.finger_tap(key)
    (field,) = nodes(phone, password="true")
    assert field.get("text") == "••••"
    assert "inputmethod" not in phone.dump()
    phone.finger_back()
    assert phone.screen == "keyguard"
    assert phone.finger_unlock()
    assert phone.screen == "reset.home"


def test_an_injected_swipe_lifts_the_lock_screen_and_no_more() -> None:
    for lock, screen in (("2580", "keyguard.pin"), (None, "launcher")):
        phone = Phone(state=State(screen_lock=lock, keyguard=True))
        phone.rpc("swipe", [500, 1000, 500, 900, 20])
        assert phone.screen == "keyguard"
        phone.rpc("swipe", [500, 1800, 500, 600, 20])
        assert phone.screen == screen


# refused touches


ADBINPUT = [
    ({}, "1", True),
    ({"adbinput": False}, "0", False),
    ({"adbinput": False, "adbinput_says": "1"}, "1", False),
    ({"adbinput_says": "0"}, "0", True),
    ({"adbinput_says": ""}, "", True),
]


@pytest.mark.parametrize(("state", "says", "taken"), ADBINPUT)
def test_what_the_property_says_and_what_is_so(state: dict[str, Any], says: str, taken: bool) -> None:
    phone = Phone(state=State(**state))
    phone.show("settings.home")
    assert phone.shell("getprop persist.security.adbinput")[0].decode() == f"{says}\n"
    listed = phone.shell("getprop | grep adbinput")[0].decode()
    assert listed == (f"[persist.security.adbinput]: [{says}]\n" if says else "")
    assert (phone.shell("input keyevent 0")[1] == 0) is taken
    row = nodes(phone, text=word(phone, "display_settings"))[0]
    with contextlib.suppress(RpcError):
        phone.rpc("click", [*box(row).centre])
    assert phone.log[-1].landed is taken
    assert (phone.screen == "settings.display") is taken
    phone.state.adbinput = not taken
    assert (phone.shell("input keyevent 0")[1] == 0) is not taken, "it may be flipped at any time"


@every_look
def test_a_refusal_in_the_words_of_its_android(rom: str) -> None:
    phone = Phone(rom, state=State(adbinput=False))
    old = phone.rom.sdk < 33
    words = (
        "Injecting to another application requires" if old else "Injecting input events requires the caller"
    )
    assert words in phone.shell("input keyevent 0")[0].decode()
    with pytest.raises(RpcError, match=words):
        phone.rpc("click", [5, 5])


def test_signing_out_may_turn_it_off() -> None:
    for needs in (True, False):
        state = State(adbinput_needs_account=needs, find_device=False, synced_data=False)
        phone = Phone(state=state, latency=INSTANT)
        phone.show("account.home")
        phone.finger_scroll_to("Sign out")
        phone.finger_tap("Sign out")
        assert phone.state.account is None
        assert phone.state.adbinput is not needs


def test_a_restart_may_turn_it_off() -> None:
    for lost in (True, False):
        phone = Phone(state=State(adbinput_lost_in_reboot=lost))
        phone.reboot()
        assert phone.state.adbinput is not lost


# the owner's finger


@every_look
def test_a_row_is_meant_where_a_title_says_the_same(rom: str) -> None:
    phone = Phone(rom, latency=INSTANT)
    phone.show("settings.home")
    sound = next(
        part for part in phone.rom.screens["settings.home"].body if "open settings.sound" in part.tap
    )
    text = word(phone, (sound.row or "").removeprefix("$"))
    phone.finger_scroll_to(text)
    phone.finger_tap(text)
    assert phone.screen == "settings.sound"
    phone.finger_back()
    assert phone.screen == "settings.home"


@every_look
def test_a_finger_scrolls_both_ways(rom: str) -> None:
    phone = Phone(rom)
    phone.show("settings.home")
    rows = [part.row for part in phone.rom.screens["settings.home"].body if part.row and part.row[0] == "$"]
    rows = [row for row in rows if rows.count(row) == 1 and row != "$unlogin_account_title"]
    for row in (rows[-1], rows[0], rows[len(rows) // 2]):
        text = word(phone, row.removeprefix("$"))
        phone.finger_scroll_to(text)
        (title,) = nodes(phone, text=text, resource_id="android:id/title")
        assert box(title).bottom - box(title).top >= 30
    with pytest.raises(LookupError, match=r"no 'Nowhere' anywhere on settings\.home"):
        phone.finger_scroll_to("Nowhere")


def test_a_finger_moves_the_keyboard_out_of_its_way() -> None:
    phone = Phone("miui8", latency=INSTANT)
    phone.show("account.login")
    phone.finger_tap("et_account_name")
    below = max(
        (
            view
            for window in phone.windows()
            for view in window.root.walk()
            if not window.chrome and view.text
        ),
        key=lambda view: view.box.top,
    )
    phone.finger_tap(below.text)
    assert phone.log[-1].text == below.text or phone.log[-1].node != ""


# what happens by itself


def test_dumps_may_be_slow_or_old_and_things_may_move() -> None:
    now = 100.0
    phone = Phone(clock=lambda: now)
    phone.show("settings.home")
    phone.slow("rpc.dumpWindowHierarchy", 3.0, times=2)
    assert [phone.delay("rpc.dumpWindowHierarchy") for _ in range(3)] == [3.0, 3.0, 0.0]
    before, place = phone.dump(), box(nodes(phone, text="Bluetooth")[0])
    phone.show_old(2.0)
    phone.show("reset.home")
    assert phone.rpc("dumpWindowHierarchy", [False, 50]) == before
    now += 2.5
    assert phone.rpc("dumpWindowHierarchy", [False, 50]) != before
    phone.show("settings.home")
    phone.nudge(300)
    assert box(nodes(phone, text="Bluetooth")[0]).top == place.top + 300
    phone.nudge(0)
    assert phone.dump() == before


def test_a_restart_forgets_what_was_open() -> None:
    now = 100.0
    phone = Phone(clock=lambda: now)
    phone.show("reset.warning_2")
    phone.popup("popup.update")
    assert b"up 3 days,  4:05," in phone.shell("uptime")[0]
    phone.reboot()
    now += 70
    assert b"up 1 min," in phone.shell("uptime")[0]
    assert phone.screen == "keyguard"
    phone.owner_acts()
    assert phone.screen == "launcher"
    assert Phone(state=State(screen_lock=None)).screen == "launcher"


def test_a_full_disk_takes_nothing() -> None:
    phone = Phone(state=State(disk_full=True))
    out, code = phone.shell("echo x > /data/local/tmp/f; ls /data/local/tmp/f")
    assert b"No space left on device" in out and code == 1
    phone.state.disk_full = False
    assert phone.shell("echo x > /data/local/tmp/f; cat /data/local/tmp/f") == (b"x\n", 0)


# on the wire


@pytest.fixture
def plugged(plug: MakePlugged) -> Iterator[Plugged]:
    plugged = plug()
    plugged.device.files[JAR] = b"a jar"
    plugged.device.show("settings.home")
    yield plugged
    plugged.wire.thaw()


def state_of(plugged: Plugged) -> str | None:
    states = {device.serial: device.state for device in plugged.lab.client.list()}
    return states.get(plugged.wire.serial)


def adb(plugged: Plugged) -> adbutils.AdbDevice:
    return plugged.lab.client.device(plugged.wire.serial)


@contextlib.contextmanager
def stream(plugged: Plugged, service: str, patience: float = PATIENCE) -> Iterator[socket.socket]:
    """A stream to a service of the phone, without the pauses that adbutils makes. Raises OSError."""
    with socket.create_connection(("127.0.0.1", plugged.lab.port), patience) as connection:
        for question in (f"host:transport:{plugged.wire.serial}", service):
            connection.sendall(f"{len(question):04x}{question}".encode())
            if connection.recv(4) != b"OKAY":
                raise ConnectionRefusedError(question)
        yield connection


def read(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@contextlib.contextmanager
def server(plugged: Plugged, *, says: str = "Starting Server\n") -> Iterator[None]:
    """Inside, uiautomator2's server runs on the phone, or has failed with what it `says`."""
    with stream(plugged, START) as connection:
        said = ""
        while says not in said:
            piece = connection.recv(4096).decode()
            if not piece:
                raise ConnectionResetError(said)
            said += piece
        yield


def http(plugged: Plugged, path: str, body: bytes = b"", patience: float = PATIENCE) -> bytes:
    """What the server answers, headers and all."""
    with stream(plugged, "tcp:9008", patience) as connection:
        verb = b"POST" if body else b"GET"
        head = b"%s %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (verb, path.encode(), len(body))
        connection.sendall(head + body)
        return read(connection)


def call(plugged: Plugged, method: str, *params: Any, patience: float = PATIENCE) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    return json.loads(http(plugged, "/jsonrpc/0", body, patience).partition(b"\r\n\r\n")[2])["result"]


def ask(plugged: Plugged, moment: str, patience: float) -> None:
    """Make the request of which the moment is a part; what becomes of it is the fault's business."""
    request = moment.partition(":")[2]
    with contextlib.suppress(OSError, ValueError, LookupError):
        if request == "rpc.click":
            call(plugged, "click", 540, 30, 40, patience=patience)
        elif request.startswith("rpc."):
            call(plugged, request.removeprefix("rpc."), patience=patience)
        elif request == "shell":
            with stream(plugged, "shell:echo", patience) as connection:
                read(connection)
        elif request.startswith("sync."):
            with stream(plugged, "sync:", patience) as connection:
                connection.sendall(b"SEND\x0f\0\0\0/sdcard/f,33188DONE\0\0\0\0")
                connection.recv(8)


MOMENTS = (
    *(
        "before:rpc.dumpWindowHierarchy",
        "after:rpc.dumpWindowHierarchy",
        "before:rpc.click",
        "after:rpc.click",
    ),
    *("before:shell", "after:shell", "after:rpc.takeScreenshot", "before:sync.send", "after:sync.send"),
)
HANGS = ("adbd_frozen", "adbd_thawed", "server_wedged", "server_wedged_ping", "slow_dump")


def works(plugged: Plugged) -> None:
    plugged.device.files[JAR] = b"a jar"
    with server(plugged):
        assert call(plugged, "dumpWindowHierarchy").count("<node") > 20
        assert call(plugged, "click", 1, 1, 40) is True


STRIKES = [
    *((name, MOMENTS[place % 4 :: 4]) for place, name in enumerate(FAULTS)),
    *(pytest.param(name, MOMENTS, marks=pytest.mark.full) for name in FAULTS),
]
"""Each fault at some moments, each moment with some faults; all with all in the full run."""


@pytest.mark.parametrize(("name", "moments"), STRIKES)
def test_a_fault_can_strike_at_any_moment_and_be_mended(
    plugged: Plugged, name: str, moments: tuple[str, ...]
) -> None:
    """From a test between two requests, and from the wire's own thread around each of them."""
    fault = FAULTS[name]
    fault.strike(plugged)
    fault.mend(plugged)
    assert state_of(plugged) == "device"
    assert adb(plugged).shell("echo hi") == "hi"
    for moment in moments:
        struck = Event()

        def strike(_: Phone, struck: Event = struck) -> None:
            struck.set()
            fault.strike(plugged)

        plugged.device.files[JAR] = b"a jar"
        plugged.device.show("settings.home")
        with contextlib.suppress(OSError), server(plugged):
            plugged.device.at(moment, 1, strike)
            try:
                ask(plugged, moment, BRIEF if name in HANGS else PATIENCE)
            finally:
                # A busy computer may come to it only after the answer was given up.
                assert struck.wait(PATIENCE), moment
        fault.mend(plugged)
        works(plugged)


GONE = [
    ("cable", None),
    ("offline", "offline"),
    ("unauthorized", "unauthorized"),
    ("adbd_frozen", "device"),
    ("server_dead", "device"),
    ("refused", "device"),
]


@pytest.mark.parametrize(("name", "state"), GONE)
def test_what_adb_then_lists(plugged: Plugged, name: str, state: str | None) -> None:
    FAULTS[name].strike(plugged)
    plugged.lab.wait(plugged.wire, state)
    assert state_of(plugged) == state


@pytest.mark.parametrize("name", ["cable_back", "reboot", "adb_server"])
def test_some_phones_come_back_by_themselves(plugged: Plugged, name: str) -> None:
    with server(plugged):
        FAULTS[name].strike(plugged)
    assert plugged.wire.serial
    if name == "adb_server":
        plugged.lab.kill_server().result(PATIENCE)
    plugged.lab.wait(plugged.wire, "device")
    with pytest.raises(ConnectionRefusedError):
        http(plugged, "/ping")
    assert plugged.device.files[JAR] == b"a jar"
    if name == "reboot":
        assert plugged.device.screen == "keyguard"
        assert adb(plugged).shell("uptime").endswith("load average: 2.10, 2.05, 2.01")
        assert "up 0 min" in adb(plugged).shell("uptime")
        plugged.device.owner_acts()
    works(plugged)


def test_an_unauthorized_phone_is_ready_as_soon_as_its_owner_allows(plugged: Plugged) -> None:
    FAULTS["unauthorized"].strike(plugged)
    plugged.lab.wait(plugged.wire, "unauthorized")
    with pytest.raises(adbutils.AdbError, match="unauthorized"):
        adb(plugged).shell("echo")
    plugged.device.authorised = True
    plugged.lab.wait(plugged.wire, "device")
    works(plugged)


@pytest.mark.parametrize(("name", "ping"), [("server_wedged", False), ("server_wedged_ping", True)])
def test_a_wedged_server(plugged: Plugged, name: str, ping: bool) -> None:
    with server(plugged):
        FAULTS[name].strike(plugged)
        with pytest.raises(TimeoutError):
            call(plugged, "deviceInfo", patience=BRIEF)
        if ping:
            assert http(plugged, "/ping").endswith(b"pong")
        else:
            with pytest.raises(TimeoutError):
                http(plugged, "/ping", patience=BRIEF)
        with server(plugged, says="already registered"):
            pass
        assert adb(plugged).shell("pkill -9 -f com.wetest.uia2.Main; echo $?") == "0"
        with pytest.raises(ConnectionRefusedError):
            http(plugged, "/ping")
    assert adb(plugged).shell("pkill -9 -f com.wetest.uia2.Main; echo $?") == "1"
    works(plugged)


def test_a_server_outlives_its_jar_and_is_not_started_without_it(plugged: Plugged) -> None:
    with server(plugged):
        del plugged.device.files[JAR]
        assert call(plugged, "isScreenOn") is True
    with server(plugged, says="ClassNotFoundException"):
        pass


def test_a_full_phone_refuses_the_jar_in_adbds_words(plugged: Plugged) -> None:
    FAULTS["disk_full"].strike(plugged)
    with pytest.raises(adbutils.AdbError):
        adb(plugged).sync.push(b"x" * 200_000, JAR)
    command = [
        adbutils.adb_path(),
        "-P",
        str(plugged.lab.port),
        "-s",
        plugged.wire.serial,
        "push",
        __file__,
        JAR,
    ]
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert "remote write failed: No space left on device" in said.stdout + said.stderr
    assert JAR not in plugged.device.files
    FAULTS["disk_full"].mend(plugged)
    adb(plugged).sync.push(b"x" * 200_000, JAR)
    works(plugged)


def test_another_program_holds_the_screen(plugged: Plugged) -> None:
    with server(plugged):
        FAULTS["other_client"].strike(plugged)
        with pytest.raises(ConnectionRefusedError):
            http(plugged, "/ping")
    with server(plugged, says="already registered"):
        pass
    plugged.wire.leave_automation()
    works(plugged)
    FAULTS["other_client_ends"].strike(plugged)
    with server(plugged, says="already registered"):
        pass
    ended = False
    while not ended:
        with server(plugged), contextlib.suppress(OSError):
            ended = http(plugged, "/ping").endswith(b"pong")


def test_a_phone_thaws_by_itself(plugged: Plugged) -> None:
    plugged.wire.freeze_for(SOON)
    assert adb(plugged).shell("echo late", timeout=PATIENCE) == "late"


def test_the_adb_server_comes_back_on_its_port_and_finds_its_phones(
    plugged: Plugged, plug: MakePlugged
) -> None:
    other, gone = plug("miui14"), plug("miui8")
    gone.wire.unplug()
    port = plugged.lab.port
    plugged.lab.kill_server().result(PATIENCE)
    assert plugged.lab.port == port
    for phone in (plugged, other):
        plugged.lab.wait(phone.wire, "device")
        assert adb(phone).shell("echo hi") == "hi"
    assert state_of(gone) is None
