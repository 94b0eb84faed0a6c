"""A ROM's parts as views with places: rows, texts, buttons, fields, groups. Pure; knows no window."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from automator.practice.rom import Part
from automator.practice.ui import Box, View, lowered, stacked

LINEAR = "android.widget.LinearLayout"
RELATIVE = "android.widget.RelativeLayout"
FRAME = "android.widget.FrameLayout"
IMAGE = "android.widget.ImageView"
TEXT = "android.widget.TextView"
SIZES = {"small": 36, "body": 42, "title": 48, "big": 80}
MARGIN = 72
BULLET = "•"
MENU = frozenset({"split_action_bar", "action_menu_item_child_icon", "action_menu_item_child_text"})
"""The widgets of a page's bottom menu, which ROMs' files name among the parts."""
LETTER = 0.6
"""How wide a letter is, in sizes of the font; a Chinese one is WIDE letters."""
WIDE = 1.7
_PIECES = re.compile("([ \u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])")


@dataclass(frozen=True)
class Ink:
    """What parts are filled with: words, facts, what was typed, and the seconds left of a count-down."""

    package: str
    say: Callable[[str], str]
    holds: Callable[[str], bool]
    typed: Mapping[str, str]
    focus: str = ""
    seconds: int = 0
    widgets: str = ""
    """The package of the ids that widgets have, where that is not the app."""
    font_scale: float = 1.0

    def size(self, usual: int) -> int:
        """How large letters are that usually are so large."""
        return round(usual * self.font_scale)

    def widget_id(self, name: str) -> str:
        """An id of the widgets that the system lends to apps: title bars, dialogs, menus."""
        return f"{self.widgets or self.package}:id/{name}"

    def full_id(self, name: str) -> str:
        """An id of the app, unless it names its package itself."""
        if name in MENU:
            return self.widget_id(name)
        return name if not name or ":" in name else f"{self.package}:id/{name}"


def column(parts: Sequence[Part], ink: Ink, left: int, top: int, width: int) -> tuple[View, ...]:
    """The parts that are there, one below the other."""
    views: list[View] = []
    for part in parts:
        if ink.holds(part.when):
            view = _BUILDERS[part.kind](part, ink, left, top, width)
            top = view.box.bottom
            views.append(view)
    return tuple(views)


def letters(text: str) -> float:
    """How long the text is, in letters of usual width."""
    if text.isascii():
        return len(text)
    return sum(WIDE if _PIECES.match(letter) and letter != " " else 1 for letter in text)


@lru_cache(maxsize=4096)
def wrapped(text: str, size: int, width: int) -> tuple[str, ...]:
    """The text's lines in that width, by a letter's usual width. Chinese may break after any letter."""
    fits = max(4, int(width / (size * LETTER)))
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in filter(None, _PIECES.split(paragraph)):
            if line and piece != " " and letters(line + piece) > fits:
                lines.append(line.rstrip(" "))
                line = ""
            line += piece
        lines.append(line)
    return tuple(lines)


def _margin(width: int) -> int:
    return MARGIN if width > 500 else 12


def text_view(
    text: str, size: int, left: int, top: int, width: int, *, id: str = "", paint: str = ""
) -> View:
    """A text as wide as it must be, as high as its lines."""
    lines = wrapped(text, size, width)
    wide = min(width, max(20, ceil(max(map(letters, lines)) * size * LETTER)))
    box = Box(left, top, left + wide, top + ceil(len(lines) * size * 1.35))
    return View(TEXT, box, id=id, text=text, size=size, paint=paint)


def _row(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    package = ink.package
    text_left = left + (208 if part.icon else MARGIN)
    value = ink.say(part.value)
    small = ink.size(36)
    value_width = min(width // 3, ceil(letters(value) * small * LETTER)) if value else 0
    text_right = left + width - MARGIN - 60 - value_width - 24
    title = text_view(
        ink.say(part.row or ""),
        ink.size(48),
        text_left,
        top + 46,
        text_right - text_left,
        id="android:id/title",
    )
    texts = [title]
    if part.summary:
        texts.append(
            text_view(
                ink.say(part.summary),
                small,
                text_left,
                title.box.bottom + 6,
                text_right - text_left,
                id="android:id/summary",
                paint="grey",
            )
        )
    bottom = texts[-1].box.bottom + 46
    middle = (top + bottom) // 2
    children: list[View] = []
    if part.icon:
        icon = View(
            IMAGE, Box(left + 72, middle - 46, left + 164, middle + 46), id="android:id/icon", paint="icon"
        )
        children.append(View(LINEAR, icon.box, (icon,)))
    children.append(View(RELATIVE, Box(text_left, top + 40, text_right, bottom - 40), tuple(texts)))
    end = left + width - MARGIN
    widgets: list[View] = []
    if value:
        box = Box(end - 60 - value_width, middle - 25, end - 60, middle + 25)
        widgets.append(View(TEXT, box, id=f"{package}:id/text_right", text=value, size=small, paint="grey"))
    if part.checked is not None:
        box = Box(end - 110, middle - 30, end, middle + 30)
        widgets.append(
            View(
                "android.widget.CheckBox",
                box,
                id="android:id/checkbox",
                checkable=True,
                checked=part.checked,
                paint="switch",
            )
        )
    elif part.arrow:
        box = Box(end - 40, middle - 24, end, middle + 24)
        widgets.append(View(IMAGE, box, id=f"{package}:id/arrow_right", paint="arrow"))
    if widgets:
        children.append(View(LINEAR, stacked(widgets), tuple(widgets), id="android:id/widget_frame"))
    return View(
        LINEAR,
        Box(left, top, left + width, bottom),
        tuple(children),
        clickable=True,
        taps=part.tap or ("nothing",),
        danger=part.danger,
    )


def _section(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    title = text_view(
        ink.say(part.section or ""),
        ink.size(36),
        left + MARGIN,
        top + 40,
        width - 2 * MARGIN,
        id="android:id/title",
    )
    box = Box(left, top, left + width, title.box.bottom + 20)
    return View(LINEAR, box, (View(RELATIVE, title.box, (title,)),))


def _text(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    margin = _margin(width)
    view = text_view(
        ink.say(part.text or ""),
        ink.size(SIZES[part.size]),
        left + margin,
        top + 16,
        width - 2 * margin,
        id=ink.full_id(part.id),
        paint="error" if part.when == "wrong" else "centred" if part.centred else "",
    )
    box = Box(view.box.left, top, left + width - margin, max(view.box.bottom + 16, top + part.height))
    return View(
        TEXT,
        box,
        id=view.id,
        text=view.text,
        clickable=bool(part.tap),
        taps=part.tap,
        danger=part.danger,
        size=view.size,
        paint=view.paint,
    )


def _button(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    margin = _margin(width)
    counting = bool(part.counting) and ink.seconds > 0
    text = ink.say(part.counting) if counting else ink.say(part.button or "")
    return View(
        "android.widget.Button",
        Box(left + margin, top + 20, left + width - margin, top + 152),
        id=ink.full_id(part.id),
        text=text,
        clickable=True,
        enabled=not counting,
        taps=part.tap or ("nothing",),
        danger=part.danger,
        size=ink.size(44),
        paint="button",
    )


def _edit(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    margin = _margin(width)
    typed = ink.typed.get(part.id, "")
    return View(
        "android.widget.EditText",
        Box(left + margin, top + 24, left + width - margin, top + 168),
        id=ink.full_id(part.id),
        text=BULLET * len(typed) if part.secret else typed,
        hint=ink.say(part.edit or ""),
        clickable=True,
        focused=ink.focus == part.id,
        password=part.secret is not None,
        taps=(f"focus {part.id}",),
        size=ink.size(44),
        paint="field",
    )


def _image(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    side = min(part.height or 110, width)
    start = left + (width - side) // 2
    return View(
        IMAGE,
        Box(start, top + 16, start + side, top + 16 + side),
        id=ink.full_id(part.id),
        clickable=bool(part.tap),
        taps=part.tap,
        paint="icon",
    )


def _progress(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    wheel = View(
        "android.widget.ProgressBar",
        Box(left + MARGIN, top + 40, left + MARGIN + 96, top + 136),
        id="android:id/progress",
        paint="wheel",
    )
    words = text_view(
        ink.say(part.progress or ""),
        ink.size(44),
        wheel.box.right + 40,
        top + 58,
        width - 2 * MARGIN - 136,
        id=ink.widget_id("message"),
    )
    return View(LINEAR, Box(left, top, left + width, max(words.box.bottom, top + 136) + 40), (wheel, words))


def _group(part: Part, ink: Ink, left: int, top: int, width: int) -> View:
    parts = [inner for inner in part.group or () if ink.holds(inner.when)]
    if part.columns == 1:
        views = list(column(parts, ink, left, top, width))
        bottom = views[-1].box.bottom if views else top
    else:
        views, bottom = [], top
        each = width // part.columns
        for start in range(0, len(parts), part.columns):
            line = [
                _BUILDERS[inner.kind](inner, ink, left + place * each, bottom, each)
                for place, inner in enumerate(parts[start : start + part.columns])
            ]
            views += line
            bottom = max(view.box.bottom for view in line)
    box = Box(left, top, left + width, max(bottom, top + part.height))
    slack = (box.bottom - bottom) // 2
    return View(
        LINEAR,
        box,
        tuple(lowered(view, slack) for view in views),
        id=ink.full_id(part.id),
        clickable=bool(part.tap),
        taps=part.tap,
        danger=part.danger,
    )


_BUILDERS: Mapping[str, Callable[[Part, Ink, int, int, int], View]] = {
    "row": _row,
    "section": _section,
    "text": _text,
    "button": _button,
    "edit": _edit,
    "image": _image,
    "group": _group,
    "progress": _progress,
}
