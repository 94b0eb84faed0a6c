"""What uiautomator2's on-device server answers: one function a method. Knows no wire."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automator.practice.state import Params, RpcError
from automator.practice.ui import Box, View

if TYPE_CHECKING:
    from automator.practice.phone import Phone

Selector = Mapping[str, Any]
NOT_FOUND = "androidx.test.uiautomator.UiObjectNotFoundException: "
KEYS = {"home": 3, "back": 4, "power": 26, "enter": 66, "delete": 67, "del": 67, "menu": 82, "recent": 187}
HOME, BACK, POWER, ENTER, DELETE, SLEEP, WAKEUP = 3, 4, 26, 66, 67, 223, 224
ZERO, LETTER_A, SPACE = 7, 29, 62
EDGE = 0.1
"""Swipes on the device keep that far from a list's edges."""
PRESS_MS = 100
"""How long a touch is held for which the call names no time: uiautomator's REGULAR_CLICK_LENGTH."""
STEP_MS = 5
"""One step of a finger that moves: uiautomator's MOTION_EVENT_INJECTION_DELAY_MILLIS."""
SCROLL_STEPS = 55
"""Steps of each swipe that the device makes by itself to scroll: UiScrollable's SCROLL_STEPS."""


@dataclass(frozen=True)
class Found:
    """A node that a selector may mean."""

    view: View
    package: str
    parent: View | None


def call(phone: Phone, method: str, params: Params) -> Any:
    """The result of one call. Raises RpcError."""
    if method not in METHODS:
        raise RpcError(-32601, f"method not found: {method}")
    try:
        return METHODS[method](phone, params)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise RpcError(-32602, f"java.lang.IllegalArgumentException: {method}: {error}") from error


def swipes(phone: Phone, method: str, params: Params) -> int:
    """How many swipes a call makes: tried on what is on top, which then is put back."""
    if method == "swipe" or not method.startswith("scroll"):
        return int(method == "swipe")
    page, made = phone.flow.top, phone.swipes
    before = page.scroll
    try:
        call(phone, method, params)
    except RpcError:
        return 0
    finally:
        page.scroll = before
        made, phone.swipes = phone.swipes - made, made
    return made


def pressing(params: Sequence[Any]) -> float:
    """Seconds that the server holds a finger down in a call of `click`, on whatever phone."""
    told = params[2] if len(params) > 2 else None
    return (told if isinstance(told, int | float) else PRESS_MS) / 1000


def swiping(params: Sequence[Any]) -> float:
    """Seconds that the server moves a finger in one swipe, on whatever phone."""
    steps = params[4] if len(params) > 4 and isinstance(params[4], int) else SCROLL_STEPS
    return steps * STEP_MS / 1000


def press(phone: Phone, code: int) -> bool:
    """One key, as an injected event; whether the phone knew it. Raises RpcError."""
    phone.must_inject()
    flow = phone.flow
    if not phone.state.awake:
        if code in (POWER, WAKEUP):
            flow.wake()
    elif code in (POWER, SLEEP):
        flow.sleep()
    elif code == WAKEUP:
        pass
    elif code == BACK:
        flow.back()
    elif code == HOME:
        if not phone.state.locked:
            flow.home()
    elif code == ENTER:
        flow.act(("enter",), flow.top)
    elif code == DELETE:
        flow.type_key("delete")
    elif code == SPACE:
        flow.type_key("space")
    elif ZERO <= code < ZERO + 10:
        flow.type_key(str(code - ZERO))
    elif LETTER_A <= code < LETTER_A + 26:
        flow.type_key(chr(ord("a") + code - LETTER_A))
    else:
        return False
    return True


# selectors

_TEXTS: Mapping[str, Callable[[Found], str]] = {
    "text": lambda found: found.view.text,
    "className": lambda found: found.view.cls,
    "description": lambda found: found.view.desc,
    "packageName": lambda found: found.package,
    "resourceId": lambda found: found.view.id,
}
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "": lambda have, want: have == want,
    "Contains": lambda have, want: want in have,
    "StartsWith": lambda have, want: have.startswith(want),
    "Matches": lambda have, want: re.fullmatch(want, have, re.DOTALL) is not None,
}
_TRUTHS: Mapping[str, Callable[[View], bool]] = {
    "checkable": lambda view: view.checkable,
    "checked": lambda view: view.checked,
    "clickable": lambda view: view.clickable,
    "longClickable": lambda view: view.cls == "android.widget.EditText",
    "scrollable": lambda view: view.scrollable,
    "enabled": lambda view: view.enabled,
    "focusable": lambda view: view.clickable or view.scrollable,
    "focused": lambda view: view.focused,
    "selected": lambda view: False,
}


def _nodes(phone: Phone, selector: Selector) -> Iterator[Found]:
    """Every node on the glass, the topmost window first; of the window with the focus alone where one is counted."""
    windows = list(reversed(phone.windows()))
    if _counts(selector):
        windows = [window for window in windows if not window.chrome and window.takes_focus][:1]
    for window in windows:
        yield from _below(window.root, window.package, None)


def _counts(selector: Selector) -> bool:
    """Whether the server takes androidx's older way, which looks into one window and tells little of what it did."""
    return "instance" in selector or "index" in selector


def _below(view: View, package: str, parent: View | None) -> Iterator[Found]:
    yield Found(view, package, parent)
    for child in view.children:
        yield from _below(child, package, view)


def _fits(found: Found, selector: Selector) -> bool:
    for key, want in selector.items():
        if key in ("mask", "instance", "index", "childOrSibling", "childOrSiblingSelector"):
            continue
        if key in _TRUTHS:
            if _TRUTHS[key](found.view) is not bool(want):
                return False
            continue
        name = next((name for name in _TEXTS if key.startswith(name)), "")
        if not name or key[len(name) :] not in _COMPARE:
            raise ValueError(f"no such selector: {key}")
        if not _COMPARE[key[len(name) :]](_TEXTS[name](found), str(want)):
            return False
    return True


def _matches(phone: Phone, selector: Selector) -> list[Found]:
    """The nodes that a selector means: then their children or siblings, where it goes on; then one instance."""
    found = _picked([node for node in _nodes(phone, selector) if _fits(node, selector)], selector)
    ways = zip(selector.get("childOrSibling", ()), selector.get("childOrSiblingSelector", ()), strict=True)
    for way, inner in ways:
        near: list[Found] = []
        for node in found:
            root = node.view if way == "child" else node.parent
            below = list(_below(root, node.package, None))[1:] if root else []
            near += [item for item in below if item.view is not node.view and _fits(item, inner)]
        found = _picked(near, inner)
    return found


def _picked(found: list[Found], selector: Selector) -> list[Found]:
    if "instance" in selector:
        return found[selector["instance"] : selector["instance"] + 1]
    return found


def _one(phone: Phone, selector: Selector) -> Found:
    found = _matches(phone, selector)
    if not found:
        shown = {key: value for key, value in selector.items() if not key.startswith(("mask", "child"))}
        raise RpcError(-32002, f"{NOT_FOUND}UiSelector{shown}")
    return found[0]


def _box(box: Box) -> dict[str, int]:
    return {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}


def _info(found: Found) -> dict[str, Any]:
    view = found.view
    truths = {name: test(view) for name, test in _TRUTHS.items()}
    return {
        "bounds": _box(view.box),
        "visibleBounds": _box(view.box),
        "childCount": len(view.children),
        "className": view.cls,
        "contentDescription": view.desc,
        "packageName": found.package,
        "resourceName": view.id,
        "text": view.text,
        **truths,
    }


# methods


def _device_info(phone: Phone, _: Params) -> dict[str, Any]:
    metrics, properties = phone.flow.metrics, phone.rom.properties
    return {
        "currentPackageName": phone.flow.top.screen.package,
        "displayHeight": metrics.height,
        "displayWidth": metrics.width,
        "displayRotation": phone.flow.rotation,
        "displaySizeDpX": round(metrics.width / 2.75),
        "displaySizeDpY": round(metrics.height / 2.75),
        "naturalOrientation": phone.flow.rotation % 2 == 0,
        "productName": properties["ro.product.name"],
        "screenOn": phone.state.awake,
        "sdkInt": int(properties["ro.build.version.sdk"]),
    }


def _dump(phone: Phone, params: Params) -> str:
    return phone.dump(depth=params[1] if len(params) > 1 and params[1] else 50)


def _click(phone: Phone, params: Params) -> bool:
    if not isinstance(params[0], Mapping):
        phone.inject_tap(float(params[0]), float(params[1]))
        return True
    at = _one(phone, params[0]).view.box.centre
    if not _counts(params[0]):
        phone.inject_tap(*at)
        return True
    try:
        phone.inject_tap(*at)
    except RpcError:
        return False
    return phone.log[-1].landed and phone.state.stirs


def _swipe(phone: Phone, params: Params) -> bool:
    phone.must_inject()
    phone.swipe(float(params[1]), float(params[3]))
    return True


def _scroll(phone: Phone, selector: Selector, forward: bool) -> bool:
    phone.must_inject()
    box = _one(phone, selector).view.box
    rim = int((box.bottom - box.top) * EDGE)
    ends = (box.bottom - rim, box.top + rim)
    return phone.swipe(*(ends if forward else ends[::-1]))


def _scroll_to_end(phone: Phone, selector: Selector, forward: bool) -> bool:
    while _scroll(phone, selector, forward):
        pass
    return True


def _scroll_to(phone: Phone, params: Params) -> bool:
    if _matches(phone, params[1]):
        return True
    _scroll_to_end(phone, params[0], forward=False)
    while not _matches(phone, params[1]):
        if not _scroll(phone, params[0], forward=True):
            return bool(_matches(phone, params[1]))
    return True


def _press_key(phone: Phone, params: Params) -> bool:
    code = KEYS.get(params[0])
    if code is None:
        raise ValueError(params[0])
    return press(phone, code)


def _screenshot(phone: Phone, params: Params) -> str:
    out = io.BytesIO()
    phone.picture(float(params[0]) if params else 1.0).save(out, "JPEG", quality=80)
    return base64.b64encode(out.getvalue()).decode()


def _wake(phone: Phone, _: Params) -> None:
    """As androidx does it: with the power key, and only when it must."""
    if not phone.state.awake:
        press(phone, POWER)


def _sleep(phone: Phone, _: Params) -> None:
    if phone.state.awake:
        press(phone, POWER)


_CONFIGURATOR = {
    "actionAcknowledgmentTimeout": 3000,
    "keyInjectionDelay": 0,
    "scrollAcknowledgmentTimeout": 200,
    "waitForIdleTimeout": 0,
    "waitForSelectorTimeout": 0,
}

METHODS: Mapping[str, Callable[[Phone, Params], Any]] = {
    "deviceInfo": _device_info,
    "dumpWindowHierarchy": _dump,
    "takeScreenshot": _screenshot,
    "waitForIdle": lambda phone, params: True,
    "isScreenOn": lambda phone, params: phone.state.awake,
    "wakeUp": _wake,
    "sleep": _sleep,
    "click": _click,
    "swipe": _swipe,
    "pressKey": _press_key,
    "pressKeyCode": lambda phone, params: press(phone, int(params[0])),
    "exist": lambda phone, params: bool(_matches(phone, params[0])),
    "count": lambda phone, params: len(_matches(phone, params[0])),
    "waitForExists": lambda phone, params: bool(_matches(phone, params[0])),
    "waitUntilGone": lambda phone, params: not _matches(phone, params[0]),
    "objInfo": lambda phone, params: _info(_one(phone, params[0])),
    "objInfoOfAllInstances": lambda phone, params: [_info(found) for found in _matches(phone, params[0])],
    "getText": lambda phone, params: _one(phone, params[0]).view.text,
    "scrollForward": lambda phone, params: _scroll(phone, params[0], forward=True),
    "scrollBackward": lambda phone, params: _scroll(phone, params[0], forward=False),
    "scrollToEnd": lambda phone, params: _scroll_to_end(phone, params[0], forward=True),
    "scrollToBeginning": lambda phone, params: _scroll_to_end(phone, params[0], forward=False),
    "scrollTo": _scroll_to,
    "getLastToast": lambda phone, params: None,
    "clearLastToast": lambda phone, params: None,
    "getConfigurator": lambda phone, params: dict(_CONFIGURATOR),
    "setConfigurator": lambda phone, params: {**_CONFIGURATOR, **params[0]},
}
