"""A run as scenes: each screen that the phone showed, its picture, and what was said and done there."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree
from markupsafe import Markup
from PIL.JpegImagePlugin import JpegImageFile

from automator.events import (
    AskEvent,
    CommandEvent,
    ConsentEvent,
    ErrorEvent,
    Event,
    FlashPlanEvent,
    GateEvent,
    HandsEvent,
    LetterEvent,
    MoveEvent,
    ScreenEvent,
    TapEvent,
)
from automator.report import others
from automator.report.record import Record
from automator.report.say import called, clock
from automator.text import T, Text

MOST_WORDS = 12
"""How many of a screen's texts stand for its picture where it can't be seen."""
_BOUNDS = re.compile(r"\[(-?\d{1,6}),(-?\d{1,6})\]\[(-?\d{1,6}),(-?\d{1,6})\]")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass(frozen=True)
class Mark:
    """A frame round the tapped row, in per cent of the picture."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """A picture, embedded; its bytes are those of the file that the journal covers."""

    data: Markup
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Line:
    """One thing that was said or done."""

    time: str
    text: Text
    kind: Literal["does", "tap", "ask", "gate", "error"]
    more: tuple[Text, ...] = ()


@dataclass
class Scene:
    """One screen of the phone, or, without `title`, what came before the first."""

    time: str
    title: Text | None
    picture: Picture | None = None
    lacks: Text | None = None
    """Why there is no picture."""
    marks: list[Mark] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def scenes(record: Record) -> list[Scene]:
    """What happened, screen by screen."""
    told = [Scene(clock(record.began), None)]
    screen: ScreenEvent | None = None
    for number, event in enumerate(record.events):
        if isinstance(event, ScreenEvent):
            screen = event
            told.append(_scene(record, event))
        if isinstance(event, TapEvent) and (mark := _mark(record, screen, told[-1].picture, event)):
            told[-1].marks = [*(m for m in told[-1].marks if m != mark), mark]
        if repeats(event, record.events[number - 1] if number else None):
            continue
        if line := _line(event, record.events[number + 1 :]):
            told[-1].lines.append(line)
    return [scene for scene in told if scene.title or scene.lines]


def repeats(event: Event, before: Event | None) -> bool:
    """Whether it only says in words what the event before it was: the tap that the owner is asked to make."""
    return isinstance(event, AskEvent) and isinstance(before, TapEvent) and before.hands == "guided"


def answer_to(consent: ConsentEvent) -> Text:
    """How a gate was answered."""
    return {
        "given": T("Yes: the phrase was typed."),
        "declined": T("No: the phrase was not typed."),
        "nobody": T("Nobody was there to ask."),
        "void": T(
            "The screen changed, or it took too long: the answer counted for nothing, and nothing was tapped."
        ),
    }[consent.answer]


def _scene(record: Record, event: ScreenEvent) -> Scene:
    title = called(event.screen) or T("another screen")
    picture, lacks = None, None
    if event.picture is None:
        lacks = T(
            "No picture: none is taken of a page where something secret may be typed, or of a screen that moves."
        )
    else:
        path = record.file(event.picture)
        words = ", ".join(event.texts[:MOST_WORDS])
        picture = embedded(path.read_bytes(), f"{title}: {words}" if words else str(title)) if path else None
        lacks = (
            None
            if picture
            else T("The picture {name} is not there any more, or is broken.", name=event.picture)
        )
    return Scene(clock(event.time), title, picture, lacks)


def embedded(jpeg: bytes, alt: str) -> Picture | None:
    """A JPEG as a page carries it; None when it is none."""
    try:
        # A JPEG and nothing else: Pillow knows formats that start programs.
        width, height = JpegImageFile(io.BytesIO(jpeg)).size
    except (OSError, SyntaxError, ValueError):
        return None
    data = Markup("data:image/jpeg;base64," + base64.b64encode(jpeg).decode())  # noqa: S704 - letters, digits, +/=
    return Picture(data, width, height, alt)


def _mark(record: Record, screen: ScreenEvent | None, picture: Picture | None, tap: TapEvent) -> Mark | None:
    """Where the tap went on this picture; None where the page was scrolled since it was taken."""
    found = _BOUNDS.fullmatch(tap.bounds)
    if screen is None or picture is None or found is None or not _shows(record, screen, tap):
        return None
    left, top, right, bottom = map(int, found.groups())
    across, down = 100 / picture.width, 100 / picture.height
    return Mark(
        round(left * across, 2),
        round(top * down, 2),
        round((right - left) * across, 2),
        round((bottom - top) * down, 2),
    )


def _shows(record: Record, screen: ScreenEvent, tap: TapEvent) -> bool:
    """Whether what was tapped was at that place when the picture was taken."""
    path = record.file(screen.hierarchy)
    if path is None:
        return False
    try:
        root = etree.fromstring(path.read_bytes(), _PARSER)
    except (OSError, etree.XMLSyntaxError):
        return False
    for node in root.iter("node"):
        if node.get("bounds") != tap.bounds:
            continue
        # A button that counts down is the same one under another label; a row of a list has no id.
        if tap.node in (node.get("resource-id"), *(() if tap.label else (node.get("class"),))):
            return True
        if tap.label and any(inner.get("text") == tap.label for inner in node.iter("node")):
            return True
    return False


def _line(event: Event, later: tuple[Event, ...]) -> Line | None:
    time = clock(event.time)
    if isinstance(event, TapEvent):
        text = _tap(event, later)
        return Line(time, text, "tap") if text else None
    if isinstance(event, MoveEvent):
        text = _move(event)
        return Line(time, text, "does") if text else None
    if isinstance(event, AskEvent):
        if event.answer is None:
            return Line(time, T("The owner was told: {text}", text=event.text), "ask")
        answered = {"yes": T("yes"), "no": T("no")}.get(event.answer, event.answer)
        more = (T("Answer: {answer}", answer=answered),)
        return Line(time, T("The owner was asked: {text}", text=event.text), "ask", more)
    if isinstance(event, GateEvent):
        return Line(time, T("The owner was asked: {text}", text=event.title), "gate")
    if isinstance(event, ConsentEvent):
        return Line(time, answer_to(event), "gate")
    if isinstance(event, HandsEvent):
        return Line(time, hands_changed(event), "does")
    if isinstance(event, FlashPlanEvent | CommandEvent | LetterEvent):
        text = others.line(event)
        return Line(time, text, "does") if text else None
    if isinstance(event, ErrorEvent):
        return Line(time, Text("{what} {why}", {"what": event.what, "why": event.why}), "error")
    return None


def hands_changed(event: HandsEvent) -> Text:
    """Who taps from here on."""
    if event.hands == "guided":
        return T("From here on the owner's finger taps, told where to: {why}", why=event.why)
    return T("From here on the computer taps: the phone takes its taps now.")


def _tap(event: TapEvent, later: tuple[Event, ...]) -> Text | None:
    if event.sent:
        return T("The computer tapped “{label}”.", label=event.label)
    if event.hands == "guided":
        return T("The owner was asked to tap “{label}”.", label=event.label)
    after = next((one for one in later if isinstance(one, TapEvent | ScreenEvent | ConsentEvent)), None)
    arrived = isinstance(after, TapEvent) and after.sent
    if arrived or (isinstance(after, ConsentEvent) and after.answer == "void"):
        return None
    return T(
        "The computer was about to tap “{label}”; whether the tap arrived is not written down.",
        label=event.label,
    )


def _move(event: MoveEvent) -> Text | None:
    return {
        "open": T("The computer opened {screen}.", screen=called(event.screen) or ""),
        "scroll": T("The computer scrolled."),
        "back": T("The computer went one page back."),
        "wake": T("The computer switched the phone's screen on."),
        "facts": T("The computer read the phone's accounts and settings again, over adb."),
    }.get(event.move)
