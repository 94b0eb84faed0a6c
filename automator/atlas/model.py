"""The atlas as types: what a YAML file in `selectors/` may say. Knows no file and no phone."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")

Generation = Literal[
    "miui8",
    "miui9",
    "miui10",
    "miui11",
    "miui12",
    "miui12.5",
    "miui13",
    "miui14",
    "hyperos1",
    "hyperos2",
    "hyperos3",
]
GENERATIONS: tuple[Generation, ...] = get_args(Generation)
"""The ROMs that the atlas knows, oldest first."""


def generation(rom: str) -> Generation | None:
    """Which of GENERATIONS a ROM is (`MIUI 12.5`, `HyperOS 2`); None for one that the atlas does not know."""
    name = rom.replace(" ", "").lower()
    return next((known for known in GENERATIONS if known == name), None)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Way(_Strict):
    """A way to a screen, and the ROMs that have it. On a ROM that the atlas does not know every way is tried."""

    since: Generation | None = None
    until: Generation | None = None

    def fits(self, rom: Generation | None) -> bool:
        """Whether it is worth trying on this ROM."""
        if rom is None:
            return True
        place = GENERATIONS.index(rom)
        return (self.since is None or place >= GENERATIONS.index(self.since)) and (
            self.until is None or place <= GENERATIONS.index(self.until)
        )


class Selector(_Strict):
    """Finds nodes: every facet that is given must hold, by any one of its alternatives."""

    package: Names = ()
    """Owner package of the node; the screen's packages when not given."""
    id: Names = ()
    """The resource-id's part after `:id/`."""
    string: Names = ()
    """String resource whose label the node shows: `name`, or `package:name` for another package's."""
    text: Names = ()
    """The label itself: the last resort."""
    guess: bool = False
    """In none of the evidence."""

    @model_validator(mode="after")
    def _finds_something(self) -> Selector:
        if not (self.id or self.string or self.text):
            raise ValueError("a selector needs an id, a string or a text")
        return self

    def __str__(self) -> str:
        return "/".join(self.id or self.string or self.text)

    def names(self, packages: tuple[str, ...]) -> set[tuple[str, str]]:
        """The string resources that it names, (package, name); `packages` serve where it names none."""
        split = (string.rpartition(":") for string in self.string)
        return {
            (owner, name)
            for package, _, name in split
            for owner in ((package,) if package else self.package or packages)
        }

    @property
    def weight(self) -> int:
        """How much a match says: an id more than a label, a guess as good as nothing."""
        if self.guess:
            return 1
        return 3 * bool(self.id) + 2 * bool(self.string) + bool(self.text)


class Signs(_Strict):
    """What tells a screen: all of `all`, at least `at_least` of `any`, none of `none`."""

    all: tuple[Selector, ...] = ()
    any: tuple[Selector, ...] = ()
    none: tuple[Selector, ...] = ()
    at_least: int = 1

    @model_validator(mode="after")
    def _recognisable(self) -> Signs:
        if not (self.all or self.any):
            raise ValueError("a screen needs a sign")
        if self.any and not 1 <= self.at_least <= len(self.any):
            raise ValueError("at_least must be between 1 and the number of signs under any")
        return self


class Element(_Way):
    """Something on a screen: its selectors, best first, and the screen that a tap on it opens.

    `since` and `until` say on which ROMs it is a way to there.
    """

    find: tuple[Selector, ...] = Field(min_length=1)
    leads_to: str | None = None
    exact: bool = False
    """Its place is also that of something worse: the phone finds it again, by id and words, as it taps."""


class Intent(_Way):
    """What `am start` is given: an action or a component, and at most the name of a fragment."""

    action: str | None = None
    component: str | None = None
    fragment: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Intent:
        if (self.action is None) == (self.component is None):
            raise ValueError("an intent has either an action or a component")
        return self


class Screen(_Strict):
    """A place in Xiaomi's Settings that can be recognised."""

    screen: str = Field(pattern=NAME.pattern)
    called: str
    """What an owner would call it, in English; the catalogues hold the other languages."""
    package: Names = Field(min_length=1)
    layer: Literal["page", "dialog", "over"] = "page"
    """A dialog lies over pages; what is `over` lies over both."""
    evidence: str
    """Where it is known from, or `guess` and why."""
    private: bool = False
    """Something secret may be typed here: no picture is taken."""
    personal: bool = False
    """Shows things about the owner under no id of their own: what no label explains is masked when written down."""
    signs: Signs
    elements: dict[str, Element] = {}
    opens: tuple[Intent, ...] = ()
    """Ways to open the page without permission, as shortcuts, tried in order."""
    leave: str | None = None
    """How to get rid of something that came in between: the element that is its harmless way out, or `back`, `wait`
    (it goes by itself) or `owner`. No journey has a rule for such a screen."""


class Danger(_Strict):
    """Nodes that must never be tapped without consent."""

    danger: str
    gate: str
    """The gate whose consent opens it."""
    continues: bool = False
    """Goes on with what a consent for the same gate began, and needs no second one in the same run."""
    package: Names = Field(min_length=1)
    nodes: tuple[Selector, ...] = Field(min_length=1)
    where: tuple[Selector, ...] = ()
    """All of these must be in the node's window."""
    without: tuple[Selector, ...] = ()
    """None of these may be: then it is another danger."""
    unless: tuple[Selector, ...] = ()
    """The node is harmless when it is one of these."""
    evidence: str


class Furniture(_Strict):
    """Windows that are no screen: bars, the keyboard, small overlays."""

    called: str
    package: Names = ()
    id: Names = ()
    """Any of these is in the window."""
    at_most: float = Field(gt=0, le=1)
    """Its share of the screen."""
