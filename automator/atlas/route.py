"""The way from one screen to another. Pure."""

from __future__ import annotations

from collections import deque

from automator.atlas.load import Atlas


def route(atlas: Atlas, start: str, goal: str) -> list[str] | None:
    """The elements to tap, in order, from `start` to `goal`: the fewest; [] when already there, None when there is no way."""
    ways: dict[str, list[str]] = {start: []}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here == goal:
            return ways[here]
        for name, element in atlas.screens[here].elements.items():
            if element.leads_to and element.leads_to not in ways:
                ways[element.leads_to] = [*ways[here], name]
                queue.append(element.leads_to)
    return None
