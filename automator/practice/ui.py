"""Views as UiAutomator reports them: a tree with bounds, its XML and what lies under a finger. Pure; knows no phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple
from xml.sax.saxutils import quoteattr


class Box(NamedTuple):
    """A rectangle in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    @property
    def centre(self) -> tuple[int, int]:
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    def within(self, other: Box) -> Box:
        """The part of it that is inside `other`."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def lowered(self, pixels: int) -> Box:
        return Box(self.left, self.top + pixels, self.right, self.bottom + pixels)

    def placed(self, scale: float, right: int, down: int) -> Box:
        """Where it is when all is made that much smaller and then moved; what has no place keeps none."""
        if not any(self):
            return self
        return Box(
            round(self.left * scale) + right,
            round(self.top * scale) + down,
            round(self.right * scale) + right,
            round(self.bottom * scale) + down,
        )

    def mirrored(self, width: int) -> Box:
        """Where it is in a right-to-left layout that wide; what has no place keeps none."""
        return Box(width - self.right, self.top, width - self.left, self.bottom) if any(self) else self

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x < self.right and self.top <= y < self.bottom

    def __str__(self) -> str:
        return f"[{self.left},{self.top}][{self.right},{self.bottom}]"


@dataclass(frozen=True)
class View:
    """One node. `taps`, `danger`, `size` and `paint` do not show in a dump: they are the phone's own business."""

    cls: str
    box: Box
    children: tuple[View, ...] = ()
    id: str = ""
    text: str = ""
    desc: str = ""
    hint: str = ""
    clickable: bool = False
    enabled: bool = True
    scrollable: bool = False
    checkable: bool = False
    checked: bool = False
    focused: bool = False
    password: bool = False
    taps: tuple[str, ...] = ()
    danger: str | None = None
    size: int = 0
    paint: str = ""

    def walk(self) -> Iterator[View]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def label(self) -> str:
        """The first words in or below it."""
        return next((view.text or view.desc for view in self.walk() if view.text or view.desc), "")


@dataclass(frozen=True)
class Window:
    """A root of the dump; `chrome` is the system's own: bars and keyboard."""

    name: str
    package: str
    root: View
    dialog: bool = False
    chrome: bool = False
    right_to_left: bool = False
    beside: bool = False
    """Whether it is the other app's, on a split screen."""
    takes_focus: bool = True

    def lowered(self, pixels: int) -> Window:
        """The same window on its way up: all but its root that much lower, as far as the screen reaches."""
        moved = (clipped(lowered(child, pixels), self.root.box) for child in self.root.children)
        return replace(self, root=replace(self.root, children=tuple(child for child in moved if child)))

    def placed(self, scale: float, right: int, down: int, glass: Box) -> Window:
        """The same window smaller, or elsewhere. What has left the glass altogether is reported as where it would be."""
        return replace(self, root=_placed(self.root, scale, right, down, glass))

    def mirrored(self) -> Window:
        """The same window as right-to-left languages have it; children keep their order."""
        width = self.root.box.left + self.root.box.right
        return replace(self, root=mirrored(self.root, width), right_to_left=True)


def _placed(view: View, scale: float, right: int, down: int, glass: Box) -> View:
    box = view.box.placed(scale, right, down)
    seen = box.within(glass)
    return replace(
        view,
        box=box if seen.empty else seen,
        size=round(view.size * scale),
        children=tuple(_placed(child, scale, right, down, glass) for child in view.children),
    )


def mirrored(view: View, width: int) -> View:
    children = tuple(mirrored(child, width) for child in view.children)
    return replace(view, box=view.box.mirrored(width), children=children)


def lowered(view: View, pixels: int) -> View:
    """The view and all in it, that much further down."""
    children = tuple(lowered(child, pixels) for child in view.children)
    return replace(view, box=view.box.lowered(pixels), children=children)


def clipped(view: View, box: Box) -> View | None:
    """The view as far as it lies inside `box`; None when nothing of it does."""
    seen = view.box.within(box)
    if seen.empty:
        return None
    kept = (clipped(child, seen) for child in view.children)
    return replace(view, box=seen, children=tuple(child for child in kept if child))


def stacked(views: Iterable[View]) -> Box:
    """What holds all of them."""
    boxes = [view.box for view in views]
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def path_to(view: View, x: float, y: float) -> list[View]:
    """The views under a point, outermost first; later siblings lie above earlier ones."""
    if not view.box.holds(x, y):
        return []
    for child in reversed(view.children):
        below = path_to(child, x, y)
        if below:
            return [view, *below]
    return [view]


def under(windows: Iterable[Window], x: float, y: float) -> tuple[Window, list[View]] | None:
    """The window and the views that a touch meets; `windows` from the bottom up."""
    for window in reversed(list(windows)):
        path = path_to(window.root, x, y)
        if path:
            return window, path
    return None


def to_xml(windows: Iterable[Window], *, plain: bool = False, depth: int = 50, rotation: int = 0) -> str:
    """The hierarchy as the on-device server writes it; `plain` leaves out what `uiautomator dump` does not know."""
    out = [f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n<hierarchy rotation=\"{rotation}\">"]
    for index, window in enumerate(windows):
        _write(out, window.root, window.package, index, 0, plain, depth)
    out.append("</hierarchy>")
    return "".join(out)


def _write(out: list[str], view: View, package: str, index: int, order: int, plain: bool, depth: int) -> None:
    edit = view.cls == "android.widget.EditText"
    focusable = view.clickable or view.scrollable or edit
    parts = [
        f'<node index="{index}" text={_quoted(view.text)} resource-id="{view.id}" class="{view.cls}" '
        f'package="{package}" content-desc={_quoted(view.desc)} checkable="{_bool(view.checkable)}" '
        f'checked="{_bool(view.checked)}" clickable="{_bool(view.clickable)}" enabled="{_bool(view.enabled)}" '
        f'focusable="{_bool(focusable)}" focused="{_bool(view.focused)}" scrollable="{_bool(view.scrollable)}" '
        f'long-clickable="{_bool(edit)}" password="{_bool(view.password)}" selected="false" ',
    ]
    if plain:
        parts.append(f'bounds="{view.box}"')
    else:
        parts.append(
            f'visible-to-user="true" bounds="{view.box}" drawing-order="{order}" '
            f'hint={_quoted(view.hint)} display-id="0"'
        )
    out.append("".join(parts))
    if not view.children or depth <= 1:
        out.append(" />")
        return
    out.append(">")
    for number, child in enumerate(view.children):
        _write(out, child, package, number, number + 1, plain, depth - 1)
    out.append("</node>")


def _quoted(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", '"': "&quot;"})


def _bool(value: bool) -> str:
    return "true" if value else "false"
