"""How much of the screen a window has: turned, split, in one-handed mode. Pure; knows no screen and no taps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from automator.practice.rom import Metrics
from automator.practice.state import State
from automator.practice.ui import Box, View, Window

SYSTEMUI = "com.android.systemui"
DIVIDER = 24
"""How high the bar between the halves of a split screen is."""
LOWERED = 0.4
"""How far one-handed mode pulls everything down, in heights of the screen; AOSP's config_one_handed_offset."""
SHRUNK = 0.75
"""How large MIUI's older one-handed mode leaves everything; a guess."""


@lru_cache(maxsize=64)
def turned(metrics: Metrics, rotation: int) -> Metrics:
    """The screen as it lies after so many quarter turns. That the bars keep their edges is a guess."""
    if rotation % 2 == 0:
        return metrics
    return metrics.model_copy(update={"width": metrics.height, "height": metrics.width})


@lru_cache(maxsize=64)
def halves(metrics: Metrics) -> tuple[Metrics, Metrics]:
    """The two parts of a split screen, each as if it were a screen of its own."""
    upper = (metrics.height - DIVIDER) // 2
    lower = metrics.height - DIVIDER - upper
    return (
        metrics.model_copy(update={"height": upper, "navigation_bar": 0}),
        metrics.model_copy(update={"height": lower, "status_bar": 0}),
    )


@lru_cache(maxsize=64)
def divider(metrics: Metrics) -> Window:
    """The bar between the halves, with AOSP's ids."""
    top = halves(metrics)[0].height
    whole = Box(0, top, metrics.width, top + DIVIDER)
    middle = metrics.width // 2
    handle = View(
        "android.view.View",
        Box(middle - 60, top + 8, middle + 60, top + 16),
        id=f"{SYSTEMUI}:id/docked_divider_handle",
        paint="bar",
    )
    ground = View("android.view.View", whole, id=f"{SYSTEMUI}:id/docked_divider_background")
    root = View("android.widget.FrameLayout", whole, (ground, handle))
    return Window("divider", SYSTEMUI, root, chrome=True)


def lower_half(window: Window, metrics: Metrics) -> Window:
    """A window of the other app, moved to where the lower half is."""
    top = halves(metrics)[0].height + DIVIDER
    return window.placed(1, 0, top, Box(0, 0, metrics.width, metrics.height))


def one_handed(windows: Sequence[Window], metrics: Metrics, mode: str) -> list[Window]:
    """The windows where a thumb reaches them: pulled down, or smaller and in the corner below on the right.

    What was pulled out of the screen stays in the dump with the place it would have: uiautomator2's server clips
    what overlaps the screen and leaves the rest as it is. That the phone still calls it visible is a guess.
    """
    whole = Box(0, 0, metrics.width, metrics.height)
    if mode == "lowered":
        down = int(metrics.height * LOWERED)
        return [
            window if window.name == "navigation_bar" else window.placed(1, 0, down, whole)
            for window in windows
        ]
    right, down = (int(side * (1 - SHRUNK)) for side in (metrics.width, metrics.height))
    return [window.placed(SHRUNK, right, down, whole) for window in windows]


def pace(state: State) -> float:
    """How many pixels of a page a finger's pixel moves."""
    return 1 / SHRUNK if state.one_handed == "shrunk" else 1.0
