"""The way from one screen to another. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Container

from automator.atlas.load import Atlas
from automator.atlas.model import Generation


def route(
    atlas: Atlas,
    start: str,
    goal: str,
    *,
    rom: Generation | None = None,
    without: Container[tuple[str, str]] = (),
) -> list[str] | None:
    """The elements to tap, in order, from `start` to `goal`: the fewest.

    [] when already there, None when there is no way. Only by elements that this ROM may have, and by none of
    `without`, (screen, element).
    """
    ways: dict[str, list[str]] = {start: []}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here == goal:
            return ways[here]
        for name, element in atlas.screens[here].elements.items():
            if (here, name) in without or not element.fits(rom):
                continue
            if element.leads_to and element.leads_to not in ways:
                ways[element.leads_to] = [*ways[here], name]
                queue.append(element.leads_to)
    return None
