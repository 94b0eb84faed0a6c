"""The only door for input. Checks every tap against what is dangerous, whatever the caller thinks it taps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from automator.consent import Consent, Consents, Target, dangerous_tap
from automator.errors import AmbiguousElement
from automator.hierarchy import Hierarchy, Node
from automator.text import T


class Dangerous(Protocol):
    """What the guard says about a dangerous node."""

    @property
    def gate(self) -> str: ...
    @property
    def continues(self) -> bool: ...


class Sender(Protocol):
    """Sends input to a phone, once, and not after a time; `automator.phone.server.Server` is one."""

    def tap(self, x: int, y: int, *, not_after: float) -> None: ...
    def tap_exactly(self, node: Node, *, not_after: float) -> None: ...
    def swipe(self, x: int, start: int, end: int, *, not_after: float) -> None: ...
    def back(self, *, not_after: float) -> None: ...


Guard = Callable[[Hierarchy, int, int], Iterable[Dangerous]]


class Touch:
    """Sends input to one phone in one run."""

    def __init__(self, sender: Sender, guard: Guard, consents: Consents) -> None:
        self._sender = sender
        self._guard = guard
        self._consents = consents

    def permit(self, hierarchy: Hierarchy, node: Node) -> None:
        """Whether the node may be tapped without a consent, by whomever. Raises DangerousTap."""
        for danger in self._dangers(hierarchy, node):
            if not (danger.continues and self._consents.given(danger.gate)):
                raise dangerous_tap()

    def spend(self, hierarchy: Hierarchy, node: Node, consent: Consent, target: Target) -> None:
        """Uses the consent up for the one tap that it is for, by whomever. Raises DangerousTap."""
        if {danger.gate for danger in self._dangers(hierarchy, node)} != {target.gate}:
            raise dangerous_tap()
        self._consents.spend(consent, target)

    def tap(self, hierarchy: Hierarchy, node: Node, *, exact: bool, not_after: float) -> None:
        """An ordinary tap; an `exact` one only where the phone still finds the node. Raises DangerousTap."""
        self.permit(hierarchy, node)
        if exact:
            self._sender.tap_exactly(node, not_after=not_after)
        else:
            self._sender.tap(*node.bounds.centre, not_after=not_after)

    def tap_with_consent(
        self, hierarchy: Hierarchy, node: Node, consent: Consent, target: Target, *, not_after: float
    ) -> None:
        """The one tap that the consent is for; the consent is spent before it is sent. Raises DangerousTap."""
        self.spend(hierarchy, node, consent, target)
        self._sender.tap(*node.bounds.centre, not_after=not_after)

    def scroll(self, hierarchy: Hierarchy, container: Node, *, down: bool, not_after: float) -> None:
        """Moves a list by a good half of its height, as far as it is on the screen."""
        bounds = container.bounds.within(hierarchy.screen)
        edge = (bounds.bottom - bounds.top) // 5
        low, high = bounds.bottom - edge, bounds.top + edge
        start, end = (low, high) if down else (high, low)
        self._sender.swipe((bounds.left + bounds.right) // 2, start, end, not_after=not_after)

    def back(self, *, not_after: float) -> None:
        """Presses the phone's Back key, which confirms nothing on any page of the atlas."""
        self._sender.back(not_after=not_after)

    def _dangers(self, hierarchy: Hierarchy, node: Node) -> list[Dangerous]:
        x, y = node.bounds.centre
        if not (node.enabled and node.visible and hierarchy.screen.contains(x, y)):
            raise AmbiguousElement(
                T("What should be tapped can't be tapped."),
                T("It is switched off or outside the screen."),
                T("Look at the phone and run the command again."),
            )
        return list(self._guard(hierarchy, x, y))
