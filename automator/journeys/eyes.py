"""Looks at the phone, recognises, and writes each new screen down. Keeps what was seen; decides nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from automator.atlas import Atlas, View, Words, recognise
from automator.errors import MalformedHierarchy
from automator.hierarchy import Hierarchy
from automator.journal import Journal
from automator.journeys.model import Past
from automator.journeys.past import after_look, after_return
from automator.journeys.ports import Clock, Phone

UNREADABLE = 5
"""How many malformed dumps in a row are too many."""
UNREADABLE_PAUSE = 0.4
PICTURE_TRIES = 3
"""How often a picture is tried of a screen that moves."""


def with_picture(
    view: View, look: Callable[[], View], picture: Callable[[], bytes | None]
) -> tuple[View, bytes | None]:
    """A view and a picture of the same screen; none of one where something secret may be typed, or that never stands still.

    What is private is painted over where the look before saw it: a picture of something that moved since would show it
    elsewhere.
    """
    for _ in range(PICTURE_TRIES):
        if view.secret or (jpeg := picture()) is None:
            break
        before, view = view, look()
        if view.digest(whole=True) == before.digest(whole=True):
            return view, jpeg
    return view, None


class Eyes:
    """The eyes of one run."""

    def __init__(
        self, phone: Phone, keyboard: str | None, atlas: Atlas, words: Words, journal: Journal, clock: Clock
    ) -> None:
        self.past = Past()
        self.view: View | None = None
        self.seen_at = clock.now()
        """When the last look was over."""
        self._phone = phone
        self.keyboard = keyboard
        self._atlas = atlas
        self.words = words
        self._journal = journal
        self._clock = clock
        self._written: tuple[str, ...] = ()
        self._pictured = ""

    def look(self) -> View:
        """One look, nothing written down."""
        view = recognise(self._readable(), self._atlas, self.words, self.keyboard)
        at = self._clock.now()
        self.past = after_look(self.past, view, self.view, at - self.seen_at)
        self.view, self.seen_at = view, at
        return view

    def observe(self) -> View:
        """One look; a screen that is new is written down, with a picture if it stands still, and looked at again."""
        view = self.look()
        if self._written != view.why:
            view = self._write(view)
        return view

    def start_anew(self) -> None:
        """The phone was away: what was seen before may be seen no more."""
        self.past, self.seen_at = after_return(self.past), self._clock.now()

    def picture_now(self) -> None:
        """Makes sure that the last screen written down is the one in view, scrolled as it is."""
        if self.view is not None and self.view.digest() != self._pictured:
            self._write(self.view)

    def _write(self, view: View) -> View:
        view, picture = with_picture(view, self.look, self._phone.picture)
        self._journal.screen(view, picture)
        self._written, self._pictured = view.why, view.digest()
        return view

    def _readable(self) -> Hierarchy:
        for _ in range(UNREADABLE - 1):
            with contextlib.suppress(MalformedHierarchy):
                return self._phone.look()
            self._clock.pause(UNREADABLE_PAUSE)
        return self._phone.look()
