"""What must never be tapped without consent. Pure, and deaf to what a journey thinks it is tapping."""

from __future__ import annotations

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
    return tuple(
        danger
        for danger in atlas.dangers
        if any(_is(danger, node, hierarchy, *finders) for node in hit.values())
    )


def _is(danger: Danger, node: Node, hierarchy: Hierarchy, cautious: Finder, strict: Finder) -> bool:
    """Whether the node is that danger. A label too many may make a node dangerous, never harmless."""
    if not any(cautious.matches(selector, node, danger.package) for selector in danger.nodes):
        return False
    if any(strict.matches(selector, node, danger.package) for selector in danger.unless):
        return False
    window = hierarchy.subtree(hierarchy.nodes[node.window])

    def there(selector: Selector, finder: Finder) -> bool:
        return any(finder.matches(selector, other, danger.package) for other in window)

    return all(there(one, cautious) for one in danger.where) and not any(
        there(one, strict) for one in danger.without
    )
