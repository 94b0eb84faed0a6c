"""Open screens as windows: pages, dialogs, bare ones, and what lies over them. Pure; knows no taps and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from automator.practice import bars
from automator.practice.layout import FRAME, IMAGE, LINEAR, Ink, column, text_view
from automator.practice.rom import Metrics, Part, Rom, Screen
from automator.practice.state import RIGHT_TO_LEFT, State
from automator.practice.ui import Box, View, Window, clipped, lowered, stacked

GROUP = "android.view.ViewGroup"
BAR = 154
EXPANDED = 240
SIDE = 180
"""How wide is what hangs at the side."""
SLIVER = 60
"""Of the large title so little is not shown; the small one stands for it."""
SCROLLERS = {"scroll": "android.widget.ScrollView", "plain": LINEAR}
LISTS = {
    "recycler": ("androidx.recyclerview.widget.RecyclerView", "recycler_view", GROUP),
    "listview": ("android.widget.ListView", "android:id/list", FRAME),
}
"""A list's class, its id, and the class of what it lies in."""
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(eq=False)
class Open:
    """A screen that is open: how far it is scrolled, what was typed, and its place in a chain."""

    screen: Screen
    scroll: int = 0
    typed: dict[str, str] = field(default_factory=dict)
    focus: str = ""
    wrong: str = ""
    chain: str = ""
    step: int = 0
    ready_at: float = 0.0


@dataclass(frozen=True)
class Laid:
    """A window, the part of it that scrolls, and how far."""

    window: Window
    viewport: Box
    scroll_end: int


def ink(rom: Rom, state: State, opened: Open, seconds: int) -> Ink:
    """What the screen's parts are filled with now."""
    screen = opened.screen
    account = state.account
    values = {
        "{nickname}": account.nickname if account else "",
        "{masked}": account.masked if account else "",
        "{wrong}": rom.word(opened.wrong, screen.package, state.language),
        "{model}": rom.properties.get("ro.product.marketname", ""),
        "{build}": rom.properties.get("ro.build.version.incremental", ""),
        "{battery}": str(state.battery),
        "{email}": state.email,
        "{phone_number}": state.phone_number,
        "{imei}": state.imei,
        "{serialno}": state.serialno,
        "%d": _number(seconds, state.language),
    }

    def say(text: str) -> str:
        said = rom.word(text, screen.package, state.language)
        if "{" in said or "%" in said:
            for name, value in values.items():
                said = said.replace(name, value)
        return said

    def holds(condition: str) -> bool:
        return bool(opened.wrong) if condition == "wrong" else state.holds(condition)

    widgets = "miui" if rom.widget_ids == "miui" else ""
    return Ink(screen.package, say, holds, opened.typed, opened.focus, seconds, widgets, state.font_scale)


def _number(value: int, language: str) -> str:
    """As Java's String.format prints it in that language."""
    return str(value).translate(ARABIC_DIGITS) if language == "ar" else str(value)


def lay(rom: Rom, state: State, opened: Open, seconds: int, glass: Metrics | None = None) -> Laid:
    """The open screen as a window of the dump; on `glass` where that is not all of the screen, held upright."""
    say = ink(rom, state, opened, seconds)
    metrics = glass or rom.metrics
    if opened.screen.kind == "page":
        laid = _page(metrics, opened, say, rom.lists)
    elif opened.screen.kind == "bare":
        laid = _bare(metrics, opened, say)
    elif opened.screen.kind != "dialog":
        laid = _small(metrics, opened, say)
    else:
        covered = bool(opened.focus) and not state.split
        laid = _dialog(metrics, opened, say, bars.keyboard_top(metrics) if covered else metrics.height)
    if state.language not in RIGHT_TO_LEFT:
        return laid
    return replace(laid, window=laid.window.mirrored())


def _window(opened: Open, root: View) -> Window:
    screen = opened.screen
    return Window(
        screen.name,
        screen.package,
        root,
        dialog=screen.kind == "dialog",
        takes_focus=screen.kind not in ("banner", "side"),
    )


def _action_bar(metrics: Metrics, say: Ink, title: str, collapsed: bool, top: int) -> View:
    """The title bar: an up arrow, and the title large below it or small beside it."""
    width, line = metrics.width, metrics.status_bar
    up = View(
        IMAGE,
        Box(66, line + 27, 166, line + 127),
        id=say.widget_id("up"),
        desc=say.say("$abc_action_bar_up_description"),
        clickable=True,
        taps=("back",),
        paint="up",
    )
    if collapsed:
        words = text_view(
            title, say.size(48), 220, line + 45, width - 300, id=say.widget_id("action_bar_title")
        )
        holder = View(LINEAR, Box(200, line, width - 66, top), (words,), clickable=True, taps=("nothing",))
        inside: tuple[View, ...] = (up, holder)
    else:
        words = text_view(
            title, say.size(72), 74, line + BAR + 20, width - 148, id=say.widget_id("action_bar_title_expand")
        )
        box = Box(74, line + BAR, width - 74, top)
        shown = clipped(words, box)
        holder = View(LINEAR, box, (shown,) if shown else (), clickable=True, taps=("nothing",))
        movable = View(
            FRAME,
            Box(0, line + BAR, width, top),
            (holder,),
            id=say.widget_id("action_bar_movable_container"),
        )
        inside = (up, movable)
    bar = View(GROUP, Box(0, line, width, top), inside, id=say.widget_id("action_bar"))
    space = View(FRAME, Box(0, 0, width, top))
    return View(FRAME, Box(0, 0, width, top), (space, bar), id=say.widget_id("action_bar_container"))


def _page(metrics: Metrics, opened: Open, say: Ink, lists: str) -> Laid:
    """A page of Settings or of the account app: title bar, body that scrolls, what is fixed below."""
    screen = opened.screen
    width, floor = metrics.width, metrics.height - metrics.navigation_bar
    bottom = _at_the_bottom(screen.bottom, say, width, floor)
    if bottom:
        floor = stacked(bottom).top
    titled = bool(screen.title)
    start = metrics.status_bar + (BAR + EXPANDED if titled else 60)
    body = column(screen.body, say, 0, start, width)
    long = body[-1].box.bottom if body else start
    collapse = EXPANDED if titled else 0
    scroll_end = max(0, long - floor)
    scroll = min(opened.scroll, scroll_end)
    top = max(start - scroll, start - collapse)
    viewport = Box(0, top, width, floor)
    shown = tuple(view for view in (clipped(lowered(item, -scroll), viewport) for item in body) if view)
    container = "scroll" if screen.container == "plain" and scroll_end else screen.container
    cls, usual_id, holder = LISTS[lists] if container == "list" else (SCROLLERS[container], "", "")
    inner = View(
        cls,
        viewport,
        shown,
        id=say.full_id(screen.container_id or usual_id),
        scrollable=scroll_end > 0,
    )
    if holder:
        inner = View(holder, viewport, (inner,), id="android:id/list_container")
    content_box = Box(0, top, width, metrics.height)
    content = View(
        FRAME, content_box, (View(LINEAR, content_box, (inner, *bottom)),), id="android:id/content"
    )
    children: tuple[View, ...] = (content,)
    if titled:
        bar = _action_bar(metrics, say, say.say(screen.title), scroll > collapse - SLIVER, top)
        children = (bar, content)
    whole = Box(0, 0, width, metrics.height)
    overlay = View(FRAME, whole, children, id=say.widget_id("action_bar_overlay_layout"))
    line = View("android.view.View", Box(0, 0, 0, 0), id="android:id/navigationBarBackground")
    root = View(FRAME, whole, (View(LINEAR, whole, (overlay,)), line))
    return Laid(_window(opened, root), viewport, scroll_end)


def _at_the_bottom(parts: Sequence[Part], say: Ink, width: int, floor: int) -> tuple[View, ...]:
    views = column(parts, say, 0, 0, width)
    return tuple(lowered(view, floor - views[-1].box.bottom) for view in views)


def _bare(metrics: Metrics, opened: Open, say: Ink) -> Laid:
    """A window without a title bar, as the launcher and the lock screen are."""
    whole = Box(0, 0, metrics.width, metrics.height)
    body = column(opened.screen.body, say, 0, metrics.status_bar + 40, metrics.width)
    floor = whole.bottom - metrics.navigation_bar
    bottom = _at_the_bottom(opened.screen.bottom, say, metrics.width, floor)
    viewport = whole._replace(bottom=bottom[0].box.top if bottom else floor)
    over = max(0, body[-1].box.bottom - viewport.bottom) if body else 0
    if over:
        body = (_scroller(body, min(opened.scroll, over), viewport),)
    content = View(FRAME, whole, (View(LINEAR, whole, (*body, *bottom)),), id="android:id/content")
    root = View(FRAME, whole, (View(LINEAR, whole, (content,)),))
    return Laid(_window(opened, root), viewport if over else whole, over)


def _small(metrics: Metrics, opened: Open, say: Ink) -> Laid:
    """A window no larger than what is on it: at the top, or at the right side."""
    if opened.screen.kind == "banner":
        body = column(opened.screen.body, say, 30, metrics.status_bar + 20, metrics.width - 60)
    else:
        body = column(opened.screen.body, say, metrics.width - SIDE - 30, metrics.height // 4, SIDE)
    box = stacked(body)
    root = View(FRAME, box, (View(LINEAR, box, body, id="android:id/content"),), paint="panel")
    return Laid(_window(opened, root), box, 0)


def _scroller(views: Sequence[View], scroll: int, viewport: Box) -> View:
    """What there is no room for, scrolled so far."""
    shown = (clipped(lowered(view, -scroll), viewport) for view in views)
    return View(SCROLLERS["scroll"], viewport, tuple(view for view in shown if view), scrollable=True)


def _dialog(metrics: Metrics, opened: Open, say: Ink, below: int) -> Laid:
    """A dialog at the bottom edge or above what lies `below`, over all of the screen; button ids in the order 2, 3, 1."""
    screen, width = opened.screen, metrics.width
    left, inside = 30, width - 60
    parts: list[View] = []
    top = 0
    if screen.title:
        title = text_view(
            say.say(screen.title),
            say.size(52),
            left + 72,
            60,
            inside - 144,
            id=say.widget_id("alertTitle"),
            paint="bold",
        )
        top = title.box.bottom + 30
        parts.append(View(LINEAR, Box(left, 0, left + inside, top), (title,), id=say.widget_id("topPanel")))
    if screen.message:
        message = text_view(
            say.say(screen.message),
            say.size(42),
            left + 72,
            top + 20,
            inside - 144,
            id=say.widget_id("message"),
        )
        box = Box(left, top, left + inside, message.box.bottom + 30)
        scroller = View("android.widget.ScrollView", box, (View(LINEAR, box, (message,)),))
        parts.append(View(FRAME, box, (scroller,), id=say.widget_id("contentPanel")))
        top = box.bottom
    if screen.body:
        body = column(screen.body, say, left, top, inside)
        box = Box(left, top, left + inside, body[-1].box.bottom + 20)
        custom = View(FRAME, box, (View(LINEAR, box, body),), id="android:id/custom")
        parts.append(View(FRAME, box, (custom,), id=say.widget_id("customPanel")))
        top = box.bottom
    buttons = [
        screen.buttons[name].model_copy(update={"id": f"android:id/{name}"})
        for name in ("button2", "button3", "button1")
        if name in screen.buttons
    ]
    fold, row = top, None
    if buttons:
        columns = len(buttons) if len(buttons) < 3 else 1
        group = Part(group=tuple(buttons), columns=columns, id=say.widget_id("buttonPanel"))
        (row,) = column([group], say, left, top, inside)
        top = row.box.bottom
    floor = min(metrics.height - metrics.navigation_bar, below) - 30
    over = max(0, top + 40 - (floor - metrics.status_bar))
    if over:
        scroll = min(opened.scroll, over)
        parts = [_scroller(parts, scroll, Box(left, 0, left + inside, max(1, fold - over)))]
    if row:
        parts.append(lowered(row, -over))
    high = top + 40 - over
    panel = View(
        LINEAR,
        Box(left, 0, left + inside, high),
        tuple(parts),
        id=say.widget_id("parentPanel"),
        paint="panel",
    )
    whole = Box(0, 0, width, metrics.height)
    content = View(FRAME, whole, (lowered(panel, floor - high),), id="android:id/content")
    viewport = Box(left, floor - high, left + inside, floor - high + fold - over) if over else whole
    return Laid(_window(opened, View(FRAME, whole, (content,))), viewport, over)
