"""Everything that can stop a run, each with what happened, why, and the remedy.

AutomatorError
    PreflightError      the phone or the computer is not ready            exit 3
    ConsentDeclined     the owner said no                                 exit 4
        NobodyToAsk     there is no terminal to ask on                    exit 8
    ScreenUnknown       the atlas does not know this screen               exit 5
        MalformedHierarchy  what the phone sent is no hierarchy           exit 5
    AmbiguousElement    an element was found not once: never, or twice    exit 5
    InputRefused        the phone refuses a computer's taps               exit 3
    PhoneLost           USB, adb or the phone went away                   exit 6
    OutcomeUnknown      a gated tap was sent, its effect was not seen     exit 7

Besides these: 0 done and verified, 1 a bug in us, 2 usage, 130 Ctrl-C.
"""

from __future__ import annotations

from automator.text import Text

CTRL_C = 130
"""The exit code of what Ctrl-C ended."""


class AutomatorError(Exception):
    """The run can't go on; `.what` happened, `.why`, and `.fix`, the one remedy."""

    exit_code = 1

    def __init__(self, what: Text, why: Text, fix: Text) -> None:
        super().__init__(what.english)
        self.what = what
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what} {self.why} {self.fix}"


class PreflightError(AutomatorError):
    """The phone or the computer is not ready."""

    exit_code = 3


class ConsentDeclined(AutomatorError):
    """The owner said no, or said something that is not the phrase."""

    exit_code = 4


class NobodyToAsk(ConsentDeclined):
    """A consent is needed and there is no terminal to ask for it."""

    exit_code = 8


class ScreenUnknown(AutomatorError):
    """The atlas does not know the screen that the phone shows."""

    exit_code = 5


class MalformedHierarchy(ScreenUnknown):
    """What the phone sent is not a hierarchy."""


class AmbiguousElement(AutomatorError):
    """An element that should be on the screen once is there never, or more than once."""

    exit_code = 5


class InputRefused(AutomatorError):
    """The phone refuses taps that come from a computer."""

    exit_code = 3


class PhoneLost(AutomatorError):
    """USB, adb or the phone went away."""

    exit_code = 6


class OutcomeUnknown(AutomatorError):
    """A gated tap was sent and nobody saw what it did. Never repeated by itself."""

    exit_code = 7
