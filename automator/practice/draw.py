"""The phone's windows as a picture, drawn from the views' own places. Knows no phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from automator.practice.layout import letters, wrapped
from automator.practice.rom import Metrics
from automator.practice.ui import Box, View, Window

UNDRAWABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "Roboto-Regular.ttf",
    "arial.ttf",
    "Arial.ttf",
    "Helvetica.ttc",
)
CHINESE_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "DroidSansFallback.ttf",
    "msyh.ttc",
    "simsun.ttc",
    "PingFang.ttc",
)
PAPER, INK, GREY, LINE, BLUE, RED = "#f7f7f7", "#111111", "#7a7a7a", "#d5d5d5", "#0d84ff", "#d8232a"
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "yo",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "'",
            "y",
            "'",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)
"""For computers without a font that has Cyrillic: a page that can be recognised beats a row of boxes."""

Pen = ImageDraw.ImageDraw
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache
def _system_font(names: tuple[str, ...]) -> str | None:
    """The first of these fonts that this computer has."""
    for name in names:
        try:
            ImageFont.truetype(name, 20)
        except OSError:
            continue
        return name
    return None


@lru_cache
def _font(size: int, chinese: bool = False) -> Font:
    name = (chinese and _system_font(CHINESE_FONTS)) or _system_font(FONTS)
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size=size)


def _readable(text: str) -> str:
    text = UNDRAWABLE.sub(" ", text)
    if _system_font(FONTS):
        return text
    return "".join(
        LATIN[letter]
        if letter in LATIN
        else LATIN[letter.lower()].capitalize()
        if letter.lower() in LATIN
        else letter
        for letter in text
    )


def picture(
    windows: Sequence[Window], metrics: Metrics, awake: bool, scale: float, *, dark: bool = False
) -> Image.Image:
    """The screen as its owner sees it; black while it is off, light on dark in the dark theme."""
    size = (metrics.width, metrics.height)
    image = Image.new("RGB", size, PAPER if awake else "black")
    if awake:
        pen = ImageDraw.Draw(image)
        for window in windows:
            if window.dialog:
                image = Image.blend(image, Image.new("RGB", size, "black"), 0.45)
                pen = ImageDraw.Draw(image)
            elif not window.chrome:
                pen.rectangle(window.root.box, fill=PAPER)
            painters = _MIRRORED if window.right_to_left else _PAINT
            for view in window.root.walk():
                painters.get(view.paint, painters[""])(pen, view)
        if dark:
            image = ImageOps.invert(image)
    if scale == 1:
        return image
    return image.resize((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))


def _words(pen: Pen, view: View, fill: str = INK, right: bool = False) -> None:
    if not view.text or view.box.empty:
        return
    size = view.size or 30
    line = int(size * 1.35)
    top = view.box.top
    for text in wrapped(view.text, size, view.box.right - view.box.left + size):
        if top + line > view.box.bottom + size // 2:
            return
        start, anchor = (view.box.right, "ra") if right else (view.box.left, "la")
        pen.text((start, top), _readable(text), fill=fill, font=_fitting(text, size, view.box), anchor=anchor)
        top += line


def _fitting(text: str, size: int, box: Box) -> Font:
    """A font in which the text is no wider than its view: letters of real fonts differ from our ruler's."""
    chinese = letters(text) > len(text)
    length = _font(size, chinese).getlength(_readable(text))
    width = box.right - box.left
    return _font(size if length <= width else max(8, int(size * width / length)), chinese)


def _button(pen: Pen, view: View) -> None:
    pen.rounded_rectangle(view.box, 40, fill="#e4e4e4" if not view.enabled else "#e2eefc")
    _centred(pen, view, GREY if not view.enabled else BLUE)


def _centred(pen: Pen, view: View, fill: str) -> None:
    x, y = view.box.centre
    inner = Box(view.box.left + 20, view.box.top, view.box.right - 20, view.box.bottom)
    pen.text((x, y), _readable(view.text), fill=fill, font=_fitting(view.text, view.size, inner), anchor="mm")


def _field(pen: Pen, view: View, right: bool = False) -> None:
    pen.rounded_rectangle(view.box, 30, fill="white", outline=BLUE if view.focused else LINE, width=4)
    shown, fill = (view.text, INK) if view.text else (view.hint, GREY)
    start, anchor = (view.box.right - 40, "rm") if right else (view.box.left + 40, "lm")
    font = _fitting(shown, view.size, view.box)
    pen.text((start, view.box.centre[1]), _readable(shown), fill=fill, font=font, anchor=anchor)


def _icon(pen: Pen, view: View) -> None:
    if not view.box.empty:
        pen.rounded_rectangle(view.box, 24, fill="#9cc3f0")


def _dot(pen: Pen, view: View) -> None:
    x, y = view.box.centre
    pen.ellipse((x - 14, y - 14, x + 14, y + 14), outline=GREY, width=4)


def _bar(pen: Pen, view: View) -> None:
    pen.rounded_rectangle(view.box, 4, fill=INK)


def _arrow(pen: Pen, view: View, way: int = 1) -> None:
    x, y = view.box.centre
    pen.line((x - 12 * way, y - 24, x + 12 * way, y, x - 12 * way, y + 24), fill=GREY, width=5)


def _up(pen: Pen, view: View, way: int = -1) -> None:
    x, y = view.box.centre
    pen.line((x - 20 * way, y - 30, x + 20 * way, y, x - 20 * way, y + 30), fill=INK, width=7)


def _sheet(pen: Pen, view: View) -> None:
    pen.rectangle(view.box, fill="#d3d5da")


def _panel(pen: Pen, view: View) -> None:
    pen.rounded_rectangle(view.box, 56, fill="white")


def _key(pen: Pen, view: View) -> None:
    left, top, right, bottom = view.box
    pen.rounded_rectangle((left + 5, top + 5, right - 5, bottom - 5), 16, fill="#e9e9ee")
    pen.text(view.box.centre, view.desc, fill=INK, font=_font(40 if len(view.desc) == 1 else 28), anchor="mm")


def _switch(pen: Pen, view: View) -> None:
    pen.rounded_rectangle(view.box, 30, fill=BLUE if view.checked else LINE)


def _wheel(pen: Pen, view: View) -> None:
    pen.arc(view.box, 20, 320, fill=BLUE, width=10)


_PAINT: Mapping[str, Callable[[Pen, View], None]] = {
    "": _words,
    "button": _button,
    "field": _field,
    "icon": _icon,
    "dot": _dot,
    "bar": _bar,
    "arrow": _arrow,
    "up": _up,
    "panel": _panel,
    "sheet": _sheet,
    "key": _key,
    "switch": _switch,
    "wheel": _wheel,
    "centred": lambda pen, view: _centred(pen, view, BLUE if view.clickable else INK),
    "grey": lambda pen, view: _words(pen, view, GREY),
    "error": lambda pen, view: _words(pen, view, RED),
}
_MIRRORED: Mapping[str, Callable[[Pen, View], None]] = {
    **_PAINT,
    "": lambda pen, view: _words(pen, view, right=True),
    "grey": lambda pen, view: _words(pen, view, GREY, right=True),
    "error": lambda pen, view: _words(pen, view, RED, right=True),
    "field": lambda pen, view: _field(pen, view, right=True),
    "arrow": lambda pen, view: _arrow(pen, view, way=-1),
    "up": lambda pen, view: _up(pen, view, way=1),
}
