"""What a run tells machines: one JSON object a line, on standard output with `--json` and in the journal.

`events.schema.json` beside this file is these classes as JSON Schema; a test keeps the two alike.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from automator.phone.facts import Facts

Result = Literal[
    "signed_out",
    "nothing_to_do",
    "reset_started",
    "account_deleted",
    "flashed",
    "letter_written",
    "dry_run",
    "declined",
    "stopped",
    "unknown",
]


def now() -> str:
    """The time as events carry it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    time: str
    """When, as ISO 8601 in UTC."""

    @model_validator(mode="before")
    @classmethod
    def _sayable(cls, values: Any) -> Any:
        # Paths and arguments that are no UTF-8 hold what JSON can't.
        if not isinstance(values, dict):
            return values
        return {
            name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
            for name, value in values.items()
        }


class PhoneEvent(_Event):
    """A phone that adb lists, or the one that the run is about. `why` and `fix` say why it is not ready."""

    event: Literal["phone"] = "phone"
    serial: str
    model: str
    rom: str
    over: str
    state: str
    why: str = ""
    fix: str = ""
    practice: bool = False


class FactsEvent(_Event):
    """What adb told; names of accounts are masked."""

    event: Literal["facts"] = "facts"
    when: Literal["before", "after"]
    facts: dict[str, Any]

    @classmethod
    def of(cls, facts: Facts, when: Literal["before", "after"]) -> FactsEvent:
        """These facts, now."""
        return cls(time=now(), when=when, facts=facts.told())


class WordsEvent(_Event):
    """Where the labels of one app come from: the phone, this computer's cache of it, or the short list."""

    event: Literal["words"] = "words"
    package: str
    origin: Literal["phone", "cache", "absent", "unread"]
    found: int
    """How many of the labels that the atlas knows by name the app has."""
    why: str = ""


class PlanStep(BaseModel):
    """One step of a plan, on one screen of the phone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    screen: str
    title: str
    """What an owner would call the screen."""
    who: Literal["computer", "owner", "phone"]
    """Who acts there: the computer taps (or tells where to), the owner does something, or the phone is at work."""
    text: str
    gate: str | None = None
    """The gate before it, where the owner is asked first."""
    loses: list[str] = []
    sometimes: bool = False
    """Whether only some phones show it."""


class PlanEvent(_Event):
    """What a journey will do on this phone, before anything is done."""

    event: Literal["plan"] = "plan"
    journey: str
    steps: list[PlanStep]
    seconds: int
    """About how long it takes, without the owner's own time."""


class Blocker(BaseModel):
    """One thing that may stand in the way of handing a phone on, and the command or menu that mends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    status: Literal["pass", "warn", "fail", "unknown"]
    """`unknown`: adb can't tell, `fix` says where to look; `warn`: worth knowing, nobody need mend it."""
    why: str
    fix: str = ""


class VerdictEvent(_Event):
    """Whether a phone is ready to hand on: `ready` is null when nothing was found and not all could be checked."""

    event: Literal["verdict"] = "verdict"
    ready: bool | None
    blockers: list[Blocker]


class ScreenEvent(_Event):
    """A new screen. `screen` is null when it was not recognised; paths are relative to the journal's folder."""

    event: Literal["screen"] = "screen"
    screen: str | None
    why: list[str]
    texts: list[str]
    hierarchy: str
    picture: str | None


class MoveEvent(_Event):
    """What the journey decided to do next."""

    event: Literal["move"] = "move"
    move: str
    element: str | None = None
    screen: str | None = None
    why: str = ""


class AskEvent(_Event):
    """A question that is no gate, or something for the owner to do on the phone (then without an answer)."""

    event: Literal["ask"] = "ask"
    text: str
    answer: str | None = None


class GateEvent(_Event):
    """The card that was shown before a destructive tap."""

    event: Literal["gate"] = "gate"
    gate: str
    screen: str
    element: str
    title: str
    loses: list[str]
    next: str
    phrase: str
    picture: str | None


class ConsentEvent(_Event):
    """How a gate was answered: `given`, `declined`, or `void` when the screen changed meanwhile."""

    event: Literal["consent"] = "consent"
    gate: str
    answer: Literal["given", "declined", "nobody", "void"]


class TapEvent(_Event):
    """A tap, written before it is sent when it is gated (`sent` false), and again when it was."""

    event: Literal["tap"] = "tap"
    screen: str
    element: str
    label: str
    """What is written on it, as the phone words it."""
    gate: str | None
    node: str
    bounds: str
    sent: bool
    hands: Literal["injected", "guided"] = "injected"
    """`guided`: the owner was told to make it; then `sent` is false."""


class HandsEvent(_Event):
    """Who taps from here on: the computer, or the owner, told where; `why` it changed."""

    event: Literal["hands"] = "hands"
    hands: Literal["injected", "guided"]
    why: str


class FlashPlanEvent(_Event):
    """What is written to a phone in fastboot, before anything is: the ROM, each command, and what is lost."""

    event: Literal["flash_plan"] = "flash_plan"
    serial: str
    """The bootloader's."""
    rom: str
    """The name of the file."""
    md5: str
    md5_checked: bool
    """Whether the name had the MD5's first digits, which were the same."""
    script: str
    installed: str
    """The version that adb read from the phone, in this run or an earlier one."""
    bootloader: dict[str, str]
    """What it says of itself."""
    commands: list[str]
    loses: list[str]


class CommandEvent(_Event):
    """One fastboot command: written before it is sent (`begun`), and again when it ended."""

    event: Literal["command"] = "command"
    text: str
    number: int
    of: int
    state: Literal["begun", "done", "failed", "timeout", "lost"]
    """`failed`: the bootloader said so; `timeout`: no answer in time; `lost`: the connection broke."""
    output: str = ""
    seconds: float = 0.0


class LetterEvent(_Event):
    """A letter to support that was written. What it says of the phone and its owner is in the files alone."""

    event: Literal["letter"] = "letter"
    language: str
    country: str
    to: str
    """The address of Xiaomi's; empty for a letter of a rehearsal."""
    mail: str
    """Path of the draft."""
    text: str
    """Path of the same as plain text."""
    attached: list[str]
    """What each file shows: `receipt`, `box`, `lock`, or `other`."""
    missing: list[str]
    """The fields that are left to be filled in."""


class ErrorEvent(_Event):
    """What stopped the run."""

    event: Literal["error"] = "error"
    error: str
    what: str
    why: str
    fix: str
    exit_code: int


class OutcomeEvent(_Event):
    """The last line of every run."""

    event: Literal["outcome"] = "outcome"
    journey: str
    result: Result
    verified: bool
    exit_code: int
    journal: str


class PhoneEnd(BaseModel):
    """How it ended on one of several phones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    serial: str
    model: str
    place: str
    result: Result
    verified: bool
    exit_code: int
    journal: str
    """Empty when there was no run."""


class SummaryEvent(_Event):
    """The last line where several phones were worked on; no journal has it."""

    event: Literal["summary"] = "summary"
    journey: str
    phones: list[PhoneEnd]
    exit_code: int
    """The worst."""
    summary: str
    """Path of the page, empty when there is none."""


Event = (
    PhoneEvent
    | FactsEvent
    | WordsEvent
    | PlanEvent
    | VerdictEvent
    | ScreenEvent
    | MoveEvent
    | AskEvent
    | GateEvent
    | ConsentEvent
    | TapEvent
    | HandsEvent
    | FlashPlanEvent
    | CommandEvent
    | LetterEvent
    | ErrorEvent
    | OutcomeEvent
    | SummaryEvent
)
EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])


def schema() -> dict[str, Any]:
    """All events as one JSON Schema. Where several phones are worked on, each line has its phone's `serial` besides."""
    found = EVENTS.json_schema()
    for name in found["discriminator"]["mapping"].values():
        properties = found["$defs"][name.rpartition("/")[2]]["properties"]
        properties.setdefault("serial", {"title": "Serial", "type": "string"})
    return found
