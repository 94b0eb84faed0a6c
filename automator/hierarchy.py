"""One UiAutomator dump as values: nodes, windows, bounds. Pure; knows neither phone nor atlas."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import cast

from lxml import etree

from automator.errors import MalformedHierarchy
from automator.text import T, Text

# The largest real dump that the tests know has 94 kB, 201 nodes, 19 levels and 3 windows.
MAX_BYTES = 10_000_000
MAX_NODES = 20_000
MAX_DEPTH = 200
"""The server on the phone is asked for 50; the reader of XML gives up at 256."""
MAX_WINDOWS = 100
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]"
    r"|&#0*(?:[0-8]|1[124-9]|2\d|3[01]);|&#[xX]0*(?:[0-8b-cB-Ce-fE-F]|1[0-9a-fA-F]);"
)
_BOUNDS = re.compile(r"\[(-?\d{1,6}),(-?\d{1,6})\]\[(-?\d{1,6}),(-?\d{1,6})\]")


@dataclass(frozen=True)
class Bounds:
    """A rectangle in pixels of the phone's screen; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def centre(self) -> tuple[int, int]:
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def overlaps(self, other: Bounds) -> bool:
        return self.within(other).area > 0

    def within(self, other: Bounds) -> Bounds:
        return Bounds(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def contains(self, x: int, y: int) -> bool:
        return self.left <= x < self.right and self.top <= y < self.bottom

    def __str__(self) -> str:
        return f"[{self.left},{self.top}][{self.right},{self.bottom}]"


@dataclass(frozen=True, slots=True)
class Node:
    """One node; `index`, `parent` and `window` are positions in the hierarchy's `nodes`.

    `text` is the text, or the content description where there is none (icon buttons have only that): then it is
    `described`. `text` of a password field is always empty.
    """

    index: int
    parent: int
    window: int
    last: int
    text: str
    described: bool
    resource_id: str
    class_name: str
    package: str
    clickable: bool
    enabled: bool
    scrollable: bool
    checked: bool
    password: bool
    visible: bool
    bounds: Bounds

    @property
    def id_name(self) -> str:
        """The part of the resource-id after `:id/`: the prefix changed with MIUI 12.5, this did not."""
        return self.resource_id.rpartition(":id/")[2]

    @property
    def sought(self) -> tuple[str, ...]:
        """Package, class, text and, where there is one, id: what it is found again by. Empty where it has no text."""
        if not self.text or self.described:
            return ()
        return (self.package, self.class_name, self.text, *([self.resource_id] if self.resource_id else []))

    @property
    def pictorial(self) -> bool:
        """Whether it may show something that no text tells: a photo, a map, a film, a page of the web."""
        return re.search(r"(Image|Texture|Surface|Video|Web)\w*$", self.class_name) is not None

    @property
    def typed(self) -> bool:
        """Whether its text is what somebody typed."""
        return self.password or self.class_name.endswith("EditText")


@dataclass(frozen=True)
class Hierarchy:
    """The windows of one dump, flat and in document order. A window is its root node's index."""

    nodes: tuple[Node, ...]
    xml: str

    @cached_property
    def windows(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.parent < 0)

    @cached_property
    def screen(self) -> Bounds:
        """What the windows cover together: the screen, as far as a dump tells. (Each half of a split one has a window.)"""
        seen = [window.bounds for window in self.windows if window.bounds.area] or [Bounds(0, 0, 0, 0)]
        return Bounds(
            min(bounds.left for bounds in seen),
            min(bounds.top for bounds in seen),
            max(bounds.right for bounds in seen),
            max(bounds.bottom for bounds in seen),
        )

    def subtree(self, node: Node) -> tuple[Node, ...]:
        """The node and everything below it."""
        return self.nodes[node.index : node.last + 1]

    def ancestors(self, node: Node) -> Iterator[Node]:
        """The node's parents, nearest first."""
        while node.parent >= 0:
            node = self.nodes[node.parent]
            yield node

    def tap_target(self, node: Node) -> Node:
        """The node that a tap on `node` is meant for: itself or its nearest clickable ancestor.

        Xiaomi's rows are clickable and have no id; their titles carry the id and are not clickable.
        """
        if node.clickable:
            return node
        return next((above for above in self.ancestors(node) if above.clickable), node)

    def pin(self, node: Node) -> Node | None:
        """The part of `node`, or itself, by whose words the phone can find the place for a tap on `node` again.

        None where it has no words of its own. (An id alone tells little: rows and menus share theirs.)
        """
        around = self._windows_at(*node.bounds.centre)
        for part in self.subtree(node):
            at = part.bounds.centre
            tells = part.visible and part.enabled and part.sought and self._found_by[part.sought] == 1
            if not tells or not node.bounds.contains(*at) or self._windows_at(*at) != around:
                continue
            if part.index == node.index or self.tap_target(part).index == node.index:
                return part
        return None

    @cached_property
    def _found_by(self) -> Counter[tuple[str, ...]]:
        """How many nodes the phone finds by what one is sought by."""
        ids = [node.sought for node in self.nodes if node.sought and node.resource_id]
        return Counter([*ids, *(node.sought[:3] for node in self.nodes)])

    def _windows_at(self, x: int, y: int) -> list[int]:
        return [window.index for window in self.windows if window.bounds.contains(x, y)]

    def under(self, x: int, y: int) -> Iterator[Node]:
        """Every node of every window that the point lies in: which of them is on top a dump does not tell."""
        return (node for node in self.nodes if node.bounds.contains(x, y))


def parse(xml: str) -> Hierarchy:
    """The hierarchy in a dump of `uiautomator dump` or uiautomator2; absent attributes are fine.

    A phone whose screen is off may show no window at all.

    Raises MalformedHierarchy for anything that is not one, including one too large to be one.
    """
    if len(xml) > MAX_BYTES:
        raise _malformed(_TOO_LARGE)
    # The phone's own labels hold control and bidi characters; XML forbids the first.
    clean = _FORBIDDEN.sub("", xml).encode()
    if len(clean) > MAX_BYTES:
        raise _malformed(_TOO_LARGE)
    if b"<!DOCTYPE" in clean:
        raise _malformed(T("It defines words of its own, which no screen does."))
    # Whatever encoding it claims to have: it is a text already.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(clean, parser)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise _malformed(_TOO_DEEP) from error
        raise _malformed(T("It does not read as XML.")) from error
    except ValueError as error:
        raise _malformed(T("It does not read as XML.")) from error
    if root.tag != "hierarchy":
        raise _malformed(_NO_WINDOWS)
    if len(root) > MAX_WINDOWS:
        raise _malformed(_TOO_MANY)
    nodes: list[Node] = []
    for window in root:
        _flatten(window, nodes)
    if len(root) and not nodes:  # Appium's dumps, for one, call each node by its class
        raise _malformed(_NO_WINDOWS)
    return Hierarchy(tuple(nodes), xml)


def _flatten(window: etree._Element, nodes: list[Node]) -> None:
    first = len(nodes)
    stack: list[tuple[etree._Element, int, int]] = [(window, -1, 1)]
    drafts: list[tuple[etree._Element, int]] = []
    while stack:
        element, parent, depth = stack.pop()
        if element.tag != "node":  # comments and entities included
            continue
        index = first + len(drafts)
        drafts.append((element, parent))
        if index >= MAX_NODES:
            raise _malformed(_TOO_MANY)
        if depth > MAX_DEPTH:
            raise _malformed(_TOO_DEEP)
        stack.extend((child, index, depth + 1) for child in reversed(element))
    last = list(range(first, first + len(drafts)))
    for offset in range(len(drafts) - 1, 0, -1):
        parent = drafts[offset][1] - first
        last[parent] = max(last[parent], last[offset])
    nodes.extend(
        _node(element, first + offset, parent, first, last[offset])
        for offset, (element, parent) in enumerate(drafts)
    )


def _node(element: etree._Element, index: int, parent: int, window: int, last: int) -> Node:
    get = dict(cast(Mapping[str, str], element.attrib)).get
    bounds = _bounds(get("bounds", ""))
    if bounds is None:
        raise _malformed(T("A part of it has no place on the screen."))
    password = get("password") == "true"
    return Node(
        index=index,
        parent=parent,
        window=window,
        last=last,
        text="" if password else get("text") or get("content-desc") or "",
        described=not get("text"),
        resource_id=get("resource-id", ""),
        class_name=get("class", ""),
        package=get("package", ""),
        clickable=get("clickable") == "true",
        enabled=get("enabled", "true") == "true",
        scrollable=get("scrollable") == "true",
        checked=get("checked") == "true",
        password=password,
        visible=get("visible-to-user", "true") == "true",
        bounds=bounds,
    )


@lru_cache(maxsize=4096)
def _bounds(text: str) -> Bounds | None:
    """A place as dumps write it; None for anything else. (The next look shows most parts where this one did.)"""
    match = _BOUNDS.fullmatch(text)
    return Bounds(*map(int, match.groups())) if match else None


_NO_WINDOWS = T("It is not a list of windows.")
_TOO_LARGE = T("It is larger than any screen.")
_TOO_MANY = T("It has more parts than any screen.")
_TOO_DEEP = T("Its parts lie deeper in each other than on any screen.")


def _malformed(why: Text) -> MalformedHierarchy:
    return MalformedHierarchy(
        T("The phone's description of its screen can't be read."),
        why,
        T("Wait until the screen is still and run the command again; if it stays, restart the phone."),
    )
