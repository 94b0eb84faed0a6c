"""The only door for input. Checks every tap against what is dangerous, whatever the caller thinks it taps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from automator.consent import Consent, Consents, Target, dangerous_tap
from automator.errors import AmbiguousElement
from automator.hierarchy import Hierarchy, Node
from automator.phone.server import not_found
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
    def tap_node(self, node: Node, *, not_after: float) -> None: ...
    def swipe(self, x: int, start: int, end: int, *, not_after: float) -> None: ...
    def back(self, *, not_after: float) -> None: ...


By = Literal["words", "words only", "place"]
"""What a tap goes by: the node's words, by which the phone finds it again (its place where it has none of its own, but
for `words only`), or its place."""
Guard = Callable[[Hierarchy, int, int], Iterable[Dangerous]]


class Touch:
    """Sends input to one phone in one run."""

    def __init__(self, sender: Sender, guard: Guard, consents: Consents) -> None:
        self._sender = sender
        self._guard = guard
        self._consents = consents

    def permit(self, hierarchy: Hierarchy, node: Node) -> None:
        """Whether the node may be tapped without a consent, by whomever. Raises DangerousTap."""
        for spot in _spots(hierarchy, node):
            for danger in self._dangers(hierarchy, spot):
                if not (danger.continues and self._consents.given(danger.gate)):
                    raise dangerous_tap()

    def spend(self, hierarchy: Hierarchy, node: Node, consent: Consent, target: Target) -> None:
        """Uses the consent up for the one tap that it is for, by whomever. Raises DangerousTap."""
        for spot in _spots(hierarchy, node):
            if {danger.gate for danger in self._dangers(hierarchy, spot)} != {target.gate}:
                raise dangerous_tap()
        self._consents.spend(consent, target)

    def tap(self, hierarchy: Hierarchy, node: Node, *, by: By, not_after: float) -> None:
        """An ordinary tap.

        Raises DangerousTap; AmbiguousElement for what can't be tapped; NotFound where the phone does not find the words
        that it is to go by.
        """
        self.permit(hierarchy, node)
        self._send(hierarchy, node, by, not_after)

    def tap_with_consent(
        self, hierarchy: Hierarchy, node: Node, consent: Consent, target: Target, *, by: By, not_after: float
    ) -> None:
        """The one tap that the consent is for; the consent is spent before it is sent. Raises as `tap` does."""
        self.spend(hierarchy, node, consent, target)
        self._send(hierarchy, node, by, not_after)

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

    def _send(self, hierarchy: Hierarchy, node: Node, by: By, not_after: float) -> None:
        pin = None if by == "place" else hierarchy.pin(node)
        if pin is not None:
            self._sender.tap_node(pin, not_after=not_after)
        elif by == "words only":
            raise not_found()
        else:
            self._sender.tap(*node.bounds.centre, not_after=not_after)

    def _dangers(self, hierarchy: Hierarchy, node: Node) -> list[Dangerous]:
        x, y = node.bounds.centre
        if not (node.enabled and node.visible and hierarchy.screen.contains(x, y)):
            raise AmbiguousElement(
                T("What should be tapped can't be tapped."),
                T("It is switched off or outside the screen."),
                T("Look at the phone and run the command again."),
            )
        return list(self._guard(hierarchy, x, y))


def _spots(hierarchy: Hierarchy, node: Node) -> list[Node]:
    """Whatever a tap on the node may go by."""
    pin = hierarchy.pin(node)
    return [node] if pin is None or pin is node else [node, pin]
