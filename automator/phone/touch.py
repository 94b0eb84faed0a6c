"""The only door for input. Checks every tap against what is dangerous, whatever the caller thinks it taps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from automator.consent import Consent, Consents, Target, dangerous_tap
from automator.errors import AmbiguousElement
from automator.hierarchy import Hierarchy, Node
from automator.text import T

PRESS_MS = 40
"""How long a tap is held. uiautomator2's own is 100 ms."""


class Dangerous(Protocol):
    """What the guard says about a dangerous node."""

    @property
    def gate(self) -> str: ...
    @property
    def continues(self) -> bool: ...


class Sender(Protocol):
    """Sends input to a phone, once; `automator.phone.server.Server` is one."""

    def send(self, method: str, *params: Any) -> None: ...


Guard = Callable[[Hierarchy, int, int], Iterable[Dangerous]]


class Touch:
    """Sends input to one phone in one run."""

    def __init__(self, server: Sender, guard: Guard, consents: Consents) -> None:
        self._server = server
        self._guard = guard
        self._consents = consents

    def tap(self, hierarchy: Hierarchy, node: Node) -> None:
        """An ordinary tap. Raises DangerousTap when it is not one."""
        for danger in self._dangers(hierarchy, node):
            if not (danger.continues and self._consents.given(danger.gate)):
                raise dangerous_tap()
        self._send(node)

    def tap_with_consent(self, hierarchy: Hierarchy, node: Node, consent: Consent, target: Target) -> None:
        """The one tap that the consent is for; the consent is spent before it is sent. Raises DangerousTap."""
        gates = {danger.gate for danger in self._dangers(hierarchy, node)}
        if gates != {target.gate}:
            raise dangerous_tap()
        self._consents.spend(consent, target)
        self._send(node)

    def scroll(self, hierarchy: Hierarchy, container: Node, *, down: bool) -> None:
        """Moves a list by half its height, slowly enough that it does not go on by itself."""
        bounds = container.bounds
        x = (bounds.left + bounds.right) // 2
        height = bounds.bottom - bounds.top
        low, high = bounds.bottom - height // 5, bounds.top + height // 5
        start, end = (low, high) if down else (high, low)
        self._server.send("swipe", x, start, x, end, 60)

    def _dangers(self, hierarchy: Hierarchy, node: Node) -> list[Dangerous]:
        x, y = node.bounds.centre
        if not (node.enabled and node.visible and hierarchy.screen.contains(x, y)):
            raise AmbiguousElement(
                T("What should be tapped can't be tapped."),
                T("It is switched off or outside the screen."),
                T("Look at the phone and run the command again."),
            )
        return list(self._guard(hierarchy, x, y))

    def _send(self, node: Node) -> None:
        self._server.send("click", *node.bounds.centre, PRESS_MS)
