"""The system's own windows: status bar, navigation bar, keyboard. Pure; knows no app."""

from __future__ import annotations

from functools import lru_cache

from automator.practice.rom import Metrics
from automator.practice.ui import Box, View, Window

SYSTEMUI = "com.android.systemui"
GBOARD = "com.google.android.inputmethod.latin"
FRAME = "android.widget.FrameLayout"
LINEAR = "android.widget.LinearLayout"
GROUP = "android.view.ViewGroup"
IMAGE = "android.widget.ImageView"
TEXT = "android.widget.TextView"
KEYBOARD_HEIGHT = 0.36
KEYS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _ui(name: str) -> str:
    return f"{SYSTEMUI}:id/{name}"


@lru_cache(maxsize=64)
def status_bar(metrics: Metrics, battery: int, charging: bool) -> Window:
    """The bar on top, as the newer MIUI names its parts (a real dump of a Xiaomi tablet)."""
    width, high = metrics.width, metrics.status_bar
    middle = (high - 46) // 2

    def icon(left: int, desc: str) -> View:
        return View(IMAGE, Box(left, middle, left + 40, middle + 46), desc=desc, paint="dot")

    def named(name: str, left: int, right: int, *children: View, cls: str = FRAME, desc: str = "") -> View:
        return View(cls, Box(left, 0, right, high), children, id=_ui(name), desc=desc)

    left, right = 40, width - 40
    icons = right - 420
    speed = named(
        "fullscreen_network_speed_view",
        icons,
        icons + 60,
        View(TEXT, Box(icons, middle, icons + 50, middle + 22), id=_ui("network_speed_number"), text="1.26"),
        View(
            TEXT, Box(icons, middle + 22, icons + 60, middle + 46), id=_ui("network_speed_unit"), text="KB/s"
        ),
        cls=LINEAR,
    )
    wifi = named(
        "wifi_combo",
        icons + 180,
        icons + 230,
        named(
            "wifi_group",
            icons + 180,
            icons + 230,
            View(
                IMAGE, Box(icons + 180, middle, icons + 230, middle + 46), id=_ui("wifi_signal"), paint="dot"
            ),
        ),
        desc="Wifi signal full.",
    )
    doing = "charging" if charging else "level"
    power = named(
        "battery",
        right - 110,
        right,
        named(
            "battery_icon_container",
            right - 110,
            right - 16,
            View(IMAGE, Box(right - 110, middle, right - 16, middle + 46), id=_ui("battery_image")),
            View(
                TEXT,
                Box(right - 90, middle + 4, right - 30, middle + 42),
                id=_ui("battery_digit"),
                text=str(battery),
                size=30,
            ),
        ),
        View(IMAGE, Box(right - 16, 0, right, high), id=_ui("battery_charge_out_image")),
        cls=LINEAR,
        desc=f"Battery {doing}, {battery} percent.",
    )
    status_icons = named(
        "statusIcons",
        icons,
        right - 110,
        speed,
        icon(icons + 70, "Bluetooth on."),
        icon(icons + 120, "Ringer silent."),
        wifi,
        cls=LINEAR,
    )
    notes = named(
        "fullscreen_notification_icon_area",
        300,
        icons,
        named(
            "notification_icon_area_inner",
            300,
            icons,
            named("notificationIcons", 300, icons, icon(310, "Android System notification: ")),
            cls=LINEAR,
        ),
    )
    clock = View(
        TEXT, Box(left, middle, left + 120, middle + 46), id=_ui("clock"), text="9:41", desc="9:41", size=38
    )
    contents = named(
        "status_bar_contents",
        left,
        right,
        named("phone_status_bar_left_container", left, 300, clock, cls=LINEAR),
        named(
            "system_icon_area",
            300,
            right,
            notes,
            named("system_icons", icons, right, status_icons, power, cls=GROUP),
            cls=GROUP,
        ),
        cls=LINEAR,
    )
    bar = named("status_bar_container", 0, width, named("status_bar", 0, width, contents))
    launch = named("status_bar_launch_animation_container", 0, width)
    root = View(FRAME, Box(0, 0, width, high), (launch, bar))
    return Window("status_bar", SYSTEMUI, root, chrome=True)


@lru_cache(maxsize=64)
def navigation_bar(metrics: Metrics) -> Window:
    """Three buttons, or the line that gestures have instead."""
    top, bottom, width = metrics.height - metrics.navigation_bar, metrics.height, metrics.width
    whole = Box(0, top, width, bottom)
    if metrics.navigation == "gestures":
        line = Box(width // 2 - 190, bottom - 26, width // 2 + 190, bottom - 18)
        inner: tuple[View, ...] = (View("android.view.View", line, id=_ui("home_handle"), paint="bar"),)
    else:
        third = width // 3
        keys = (("recent_apps", "Overview", "nothing"), ("home", "Home", "home"), ("back", "Back", "back"))
        inner = tuple(
            View(
                IMAGE,
                Box(n * third, top, (n + 1) * third, bottom),
                id=_ui(name),
                desc=desc,
                clickable=True,
                taps=(action,),
                paint="dot",
            )
            for n, (name, desc, action) in enumerate(keys)
        )
    buttons = View(FRAME, whole, (View(LINEAR, whole, inner, id=_ui("ends_group")),), id=_ui("nav_buttons"))
    handle = View(FRAME, whole, (buttons,), id=_ui("horizontal"))
    view = View(FRAME, whole, (View(FRAME, whole, (handle,), id=_ui("navigation_inflater")),))
    root = View(FRAME, whole, (view,), id=_ui("navigation_bar_frame"))
    return Window("navigation_bar", SYSTEMUI, root, chrome=True)


def keyboard_top(metrics: Metrics) -> int:
    return int(metrics.height * (1 - KEYBOARD_HEIGHT))


@lru_cache(maxsize=64)
def keyboard(metrics: Metrics) -> Window:
    """A keyboard that types letters and digits; its last key is Enter."""
    top, bottom = keyboard_top(metrics), metrics.height
    whole = Box(0, top, metrics.width, bottom)
    header, floor = top + 120, bottom - metrics.navigation_bar
    step = (floor - header) // (len(KEYS) + 1)

    def key(name: str, desc: str, box: Box, action: str) -> View:
        hint = View(TEXT, box, id=f"{GBOARD}:id/0_resource_name_obfuscated", text="")
        return View(
            FRAME,
            box,
            (hint,),
            id=f"{GBOARD}:id/{name}",
            desc=desc,
            clickable=True,
            taps=(action,),
            paint="key",
        )

    rows = []
    for number, letters in enumerate(KEYS):
        across = metrics.width // len(letters)
        line = header + number * step
        rows.append(
            View(
                LINEAR,
                Box(0, line, metrics.width, line + step),
                tuple(
                    key(
                        f"key_pos_{number}_{place}",
                        letter,
                        Box(place * across, line, (place + 1) * across, line + step),
                        f"key {letter}",
                    )
                    for place, letter in enumerate(letters)
                ),
            )
        )
    line, side = header + len(KEYS) * step, metrics.width // 5
    last = (
        key("key_pos_del", "Delete", Box(0, line, side, floor), "key delete"),
        key("key_pos_space", "Space", Box(side, line, 4 * side, floor), "key space"),
        key("key_pos_ime_action", "Enter", Box(4 * side, line, metrics.width, floor), "enter"),
    )
    rows.append(View(LINEAR, Box(0, line, metrics.width, floor), last))
    bar = View(FRAME, Box(0, top, metrics.width, header), id=f"{GBOARD}:id/keyboard_header_view_holder")
    area = View(LINEAR, Box(0, header, metrics.width, floor), tuple(rows), id=f"{GBOARD}:id/input_area")
    holder = View(LINEAR, whole, (bar, area), id=f"{GBOARD}:id/keyboard_holder")
    inner = View(FRAME, whole, (View(FRAME, whole, (holder,), id="android:id/inputArea"),))
    panel = View(LINEAR, whole, (inner,), id="android:id/parentPanel")
    content = View(FRAME, whole, (panel,), id="android:id/content")
    root = View(FRAME, whole, (View(LINEAR, whole, (content,)),), paint="sheet")
    return Window("keyboard", GBOARD, root, chrome=True)
