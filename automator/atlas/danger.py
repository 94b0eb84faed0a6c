"""What must never be tapped without consent. Pure, and deaf to what a journey thinks it is tapping."""

from __future__ import annotations

from collections.abc import Iterable

from automator.atlas.load import Atlas
from automator.atlas.model import Danger, Selector
from automator.atlas.recognise import Finder, View
from automator.atlas.words import Words
from automator.hierarchy import Hierarchy, Node


def dangers_at(view: View, x: int, y: int, atlas: Atlas, words: Words) -> tuple[Danger, ...]:
    """The dangers that a tap at the point could set off.

    Every node under the point counts, in every window, for a dump does not tell which is on top; only pages under a
    known dialog do not, where the dialog covers them. So does all that is inside the row or button that would take
    the tap. Labels are the phone's own and, for caution, those of `selectors/words/` as well.
    """
    hierarchy = view.hierarchy
    on_dialog = view.window is not None and view.window.bounds.contains(x, y)
    finders = Finder(words.cautious), Finder(words)
    hit: dict[int, Node] = {}
    for node in hierarchy.under(x, y):
        if on_dialog and node.window in view.below:
            continue
        hit[node.index] = node
        if node.clickable:
            hit.update((inner.index, inner) for inner in hierarchy.subtree(node))
    return tuple(danger for danger in atlas.dangers if _hits(danger, hit.values(), hierarchy, *finders))


def _hits(
    danger: Danger, nodes: Iterable[Node], hierarchy: Hierarchy, cautious: Finder, strict: Finder
) -> bool:
    """Whether one of the nodes is that danger. A label too many may make a node dangerous, never harmless."""
    # By window, once: with thousands of nodes in each, not for every node anew.
    around: dict[int, bool] = {}
    for node in nodes:
        if not any(cautious.matches(selector, node, danger.package) for selector in danger.nodes):
            continue
        if any(strict.matches(selector, node, danger.package) for selector in danger.unless):
            continue
        if node.window not in around:
            window = hierarchy.subtree(hierarchy.nodes[node.window])
            around[node.window] = _around(danger, window, cautious, strict)
        if around[node.window]:
            return True
    return False


def _around(danger: Danger, window: tuple[Node, ...], cautious: Finder, strict: Finder) -> bool:
    """Whether a window is one that the danger is in."""

    def there(selector: Selector, finder: Finder) -> bool:
        return any(finder.matches(selector, other, danger.package) for other in window)

    return all(there(one, cautious) for one in danger.where) and not any(
        there(one, strict) for one in danger.without
    )
