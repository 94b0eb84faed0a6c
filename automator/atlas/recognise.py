"""Which screen a hierarchy is, and where its elements are. Pure: hierarchy + atlas + words in, a view out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from automator.atlas.load import Atlas
from automator.atlas.model import Furniture, Screen, Selector
from automator.atlas.words import MOST_LABEL, Label, Words, normalise
from automator.hierarchy import Hierarchy, Node


@dataclass(frozen=True)
class View:
    """What is on the phone's screen, as far as the atlas can tell.

    `screen` is None when it can't: nothing was recognised, a window nobody knows lies over it, or two things
    were recognised at once. `why` says which, one line a window.
    """

    hierarchy: Hierarchy
    screen: Screen | None
    window: Node | None
    why: tuple[str, ...]
    elements: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    """What a tap on each element would hit; several where it is not unique, none where it is not in view."""
    found_by: dict[str, Selector] = field(default_factory=dict)
    """The selector that found each element."""
    below: frozenset[int] = frozenset()
    """Windows of known pages under a known dialog, by index: a tap on the dialog does not reach them."""
    strange: tuple[Node, ...] = ()
    """Where no screen is known: the windows that are no furniture."""
    secret: bool = False
    """Something secret may be typed on a page that is to be seen: no picture is taken."""
    private: frozenset[int] = frozenset()
    """Nodes that show something about the owner, by index: masked wherever they are written down."""

    @property
    def name(self) -> str | None:
        return self.screen.screen if self.screen else None

    def texts(self) -> list[str]:
        """What is written on the screen, top to bottom; bars and private nodes left out."""
        return [n.text for n in self._shown() if n.text and not n.typed and n.index not in self.private]

    def digest(self, *, whole: bool = False) -> str:
        """Changes whenever anything on the screen does: words, places, what is enabled.

        Bars do not count, nor pages under a dialog, unless it is the `whole` of what is to be seen.
        """
        return _digest(self.hierarchy.nodes) if whole else self._digest_shown

    @cached_property
    def _digest_shown(self) -> str:
        return _digest(self._shown())

    def _shown(self) -> list[Node]:
        """The screen's window; when no screen is known, all windows that are not furniture."""
        windows = [self.window] if self.window else self.strange
        return [node for window in windows for node in self.hierarchy.subtree(window)]


def _digest(nodes: Iterable[Node]) -> str:
    # What is typed does not count, where it is typed does.
    seen = [("" if n.typed else n.text, n.resource_id, n.enabled, n.checked, str(n.bounds)) for n in nodes]
    return sha256(repr(seen).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Guess:
    screen: Screen
    window: Node
    score: int
    why: str


class _Index:
    """Nodes by what selectors ask for: so they are gone through once, and not anew for every selector."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._by_id: dict[str, list[Node]] = {}
        self._by_text: dict[str, list[Node]] = {}
        self._by_words: dict[str, list[Node]] = {}
        for node in nodes:
            if name := node.id_name:
                self._by_id.setdefault(name, []).append(node)
            if text := node.text:
                self._by_text.setdefault(text, []).append(node)
                if len(text) <= MOST_LABEL:
                    self._by_words.setdefault(normalise(text), []).append(node)

    def perhaps(self, selector: Selector, labels: Iterable[Label]) -> list[Node]:
        """The nodes that it may name, in the order of the dump: by its first facet alone."""
        if selector.id:
            found = [self._by_id.get(name, ()) for name in selector.id]
        elif selector.string:
            found = [nodes for label in labels for nodes in self._showing(label)]
        else:
            found = [self._by_text.get(text, ()) for text in selector.text]
        merged = [node for nodes in found for node in nodes]
        if len(found) < 2 or len(merged) < 2:
            return merged
        return sorted({node.index: node for node in merged}.values(), key=lambda node: node.index)

    def _showing(self, label: Label) -> list[list[Node]]:
        if label.pattern is None:
            return [self._by_words[label.text]] if label.text in self._by_words else []
        return [nodes for words, nodes in self._by_words.items() if label.pattern.fullmatch(words)]

    def has_id(self, names: Iterable[str]) -> bool:
        """Whether any node has one of these ids."""
        return any(name in self._by_id for name in names)


class Finder:
    """Finds what selectors name, in one window. Binds the atlas's resource names to a phone's words."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def matches(self, selector: Selector, node: Node, packages: Sequence[str]) -> bool:
        """Whether the node is what the selector names; `packages` serve where the selector names none."""
        owners = selector.package or packages
        if node.package not in owners:
            return False
        if selector.id and node.id_name not in selector.id:
            return False
        if selector.string and not self._shows(node, selector.string, owners):
            return False
        return not selector.text or node.text in selector.text

    def _shows(self, node: Node, strings: Iterable[str], owners: Sequence[str]) -> bool:
        if not node.text or node.typed:
            return False
        return any(label.matches(node.text) for label in self._labels(strings, owners))

    def _labels(self, strings: Iterable[str], owners: Sequence[str]) -> Iterator[Label]:
        for string in strings:
            package, _, name = string.rpartition(":")
            for candidate in (package,) if package else owners:
                yield from self._words.of(candidate, name)

    def among(self, selector: Selector, index: _Index, packages: Sequence[str]) -> Iterator[Node]:
        """The nodes that the selector names, in the order of the dump."""
        labels = self._labels(selector.string, selector.package or packages)
        perhaps = index.perhaps(selector, labels)
        return (node for node in perhaps if self.matches(selector, node, packages))

    def find(self, selector: Selector, index: _Index, packages: Sequence[str]) -> list[Node]:
        """The nodes that the selector names and that can be seen."""
        return [n for n in self.among(selector, index, packages) if n.visible and n.bounds.area]


def recognise(hierarchy: Hierarchy, atlas: Atlas, words: Words, keyboard: str | None = None) -> View:
    """Which screen this is. `keyboard` is the package of the phone's keyboard, whose window is no screen."""
    finder = Finder(words)
    known: list[_Guess] = []
    strange: list[Node] = []
    why: list[str] = []
    indexes = {window.index: _Index(hierarchy.subtree(window)) for window in hierarchy.windows}
    for window in hierarchy.windows:
        index = indexes[window.index]
        if name := _furniture(window, index, hierarchy.screen.area, atlas.furniture, keyboard):
            why.append(f"{window.package}: {name}")
            continue
        guesses = sorted(_guesses(window, index, atlas, finder), key=lambda guess: -guess.score)
        if not guesses:
            strange.append(window)
            why.append(f"{window.package}: nothing the atlas knows")
            continue
        best, *others = guesses
        if others and others[0].score == best.score:
            strange.append(window)
            why.append(f"{window.package}: {best.screen.screen} or {others[0].screen.screen}, as likely")
            continue
        known.append(best)
        second = f"; second {others[0].screen.screen} ({others[0].score})" if others else ""
        why.append(f"{window.package}: {best.screen.screen} ({best.score}) by {best.why}{second}")
    top = _topmost(known)
    # What lies beside it, as the other half of a split screen does, is nobody's business.
    strange = [w for w in strange if top is None or w.bounds.overlaps(top.window.bounds)]
    strange += [] if top else [guess.window for guess in known]
    named = {n.index for s in atlas.private for index in indexes.values() for n in finder.among(s, index, ())}
    private = _private(hierarchy, known, strange, named, words)
    secret = any(guess.screen.private for guess in known)
    if strange or top is None:
        return View(hierarchy, None, None, tuple(why), strange=tuple(strange), secret=secret, private=private)
    below = frozenset(guess.window.index for guess in known) - {top.window.index}
    covers = [w for w in hierarchy.windows if w.index != top.window.index and w.index not in below]
    elements, found_by = _elements(top, indexes[top.window.index], hierarchy, finder, covers)
    return View(
        hierarchy,
        top.screen,
        top.window,
        tuple(why),
        elements=elements,
        found_by=found_by,
        below=below,
        secret=secret,
        private=private,
    )


def _topmost(known: list[_Guess]) -> _Guess | None:
    # The order of windows in a dump is not their z-order; that a dialog lies over a page is all that is sure.
    for layer in ("over", "dialog", "page"):
        if here := [guess for guess in known if guess.screen.layer == layer]:
            return here[0] if len(here) == 1 else None
    return None


def _furniture(
    window: Node, index: _Index, screen: int, kinds: Iterable[Furniture], keyboard: str | None
) -> str | None:
    """What furniture the window is, on a screen of so many pixels; None when it is none."""
    if keyboard is not None and window.package == keyboard:
        return "keyboard"
    for kind in kinds:
        if kind.package and window.package not in kind.package:
            continue
        if window.bounds.area > kind.at_most * screen:
            continue
        if not kind.id or index.has_id(kind.id):
            return kind.called
    return None


def _guesses(window: Node, index: _Index, atlas: Atlas, finder: Finder) -> Iterable[_Guess]:
    for screen in atlas.screens.values():
        if window.package not in screen.package:
            continue
        signs = screen.signs

        def seen(selector: Selector, screen: Screen = screen) -> bool:
            return any(True for _ in finder.among(selector, index, screen.package))

        if not all(map(seen, signs.all)) or any(map(seen, signs.none)):
            continue
        some = [selector for selector in signs.any if seen(selector)]
        if signs.any and len(some) < signs.at_least:
            continue
        found = [*signs.all, *some]
        why = ", ".join(map(str, found))
        yield _Guess(screen, window, sum(s.weight for s in found), why)


def _elements(
    guess: _Guess, index: _Index, hierarchy: Hierarchy, finder: Finder, covers: list[Node]
) -> tuple[dict[str, tuple[Node, ...]], dict[str, Selector]]:
    elements: dict[str, tuple[Node, ...]] = {}
    found_by: dict[str, Selector] = {}
    for name, element in guess.screen.elements.items():
        targets: dict[int, Node] = {}
        for selector in element.find:
            for node in finder.find(selector, index, guess.screen.package):
                target = hierarchy.tap_target(node)
                centre = target.bounds.centre
                if hierarchy.screen.contains(*centre) and not any(c.bounds.contains(*centre) for c in covers):
                    targets[target.index] = target
            if targets:
                found_by[name] = selector
                break
        elements[name] = tuple(targets.values())
    return elements, found_by


def _private(
    hierarchy: Hierarchy,
    known: list[_Guess],
    strange: list[Node],
    named: Container[int],
    words: Words,
) -> frozenset[int]:
    """What is masked: what `private.yaml` names (`named`), and every text that no label explains, and every image, in any window

    but a page of Settings that shows nothing about the owner. Bars and the keyboard show notifications and suggestions.
    """
    plain = {guess.window.index for guess in known if not guess.screen.personal}
    plain -= {window.index for window in strange}
    furniture = {w.index for w in hierarchy.windows} - {g.window.index for g in known}
    furniture -= {window.index for window in strange}
    return frozenset(
        node.index
        for node in hierarchy.nodes
        if node.index in named
        or (node.window in furniture and node.text)
        or (
            node.window not in plain
            and (node.pictorial or (node.text and not words.explains(node.package, node.text)))
        )
    )
