"""The view in real terminals of several widths: what is whole, what stands still, what is left, what ears get."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event

import pexpect
import pyte
import pytest
from lxml import etree
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

from automator.cli.live import LiveOutput, Steps, window
from automator.cli.pictures import drawn
from automator.cli.spoken import spoken
from automator.consent import phrase
from automator.events import PlanStep
from automator.practice.lab import Lab
from automator.practice.phone import Phone as PracticePhone
from automator.text import Text, use_language
from tests.conftest import FAST, MakePlugged
from tests.strange import ESCAPES

COMMAND = re.compile("\x1b\\[[?0-9;]*[A-Za-z]")
COLOUR = re.compile("\x1b\\[(?:[0-9;]*;)?(?:[349][0-7]|10[0-7]|[34]8;)[0-9;]*m")
MOVES = re.compile("[▸⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]")
SIGNS = re.compile("[━═║╔╗╚╝│─✓✗☞◆→•·▸⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏\x1b]")
ROWS = 50
STILL = 0.4
"""Seconds: three refreshes of what moves."""
WHOLE = ("file://", "Journal:", "Журнал:", "Report:", "Отчёт:")
"""Lines that are copied, so never broken."""


class Window:
    """`mi-automator` in a terminal window, and what is seen on it."""

    def __init__(self, *arguments: str, columns: int, rows: int, environment: Mapping[str, str]) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.written = ""
        self._stream = pyte.Stream(self.screen)
        bare = {
            key: value
            for key, value in os.environ.items()
            if key not in ("NO_COLOR", "TMUX", "STY", "COLUMNS", "LINES")
        }
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "automator", *arguments],
            env={**bare, "TERM": "xterm-256color", **environment},
            encoding="utf-8",
            timeout=40,
            dimensions=(rows, columns),
        )

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    def see(self, words: str) -> None:
        """Returns when the words stand on the window, as one line or broken between words."""
        while words not in re.sub(r"\s+", " ", " ".join(self.lines())):
            self.read(40)

    def moved(self) -> str:
        """What is written in a while; nothing when all stands still."""
        before = len(self.written)
        with contextlib.suppress(pexpect.TIMEOUT):
            self.read(STILL)
        return self.written[before:]

    def end(self) -> int:
        """The exit code."""
        while True:
            try:
                self.read(40)
            except pexpect.EOF:
                break
        self.child.close()
        return int(self.child.exitstatus or 0)

    def read(self, seconds: float) -> None:
        """Shows what is written next. Raises TIMEOUT, EOF."""
        said = self.child.read_nonblocking(65536, timeout=seconds)
        self.written += said
        self._stream.feed(said)


OpenWindow = Callable[..., Window]


@pytest.fixture
def open_window(lab: Lab) -> Iterator[OpenWindow]:
    opened: list[Window] = []

    def open_one(*arguments: str, columns: int = 100, **environment: str) -> Window:
        port = {"ANDROID_ADB_SERVER_PORT": str(lab.port)}
        one = Window(*arguments, columns=columns, rows=ROWS, environment={**port, **environment})
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.child.close(force=True)


def too_wide(window: Window, columns: int) -> list[str]:
    """What was written as one line and is wider than the window, except what is meant to be."""
    lines = re.split("[\r\n]+", COMMAND.sub("", window.written))
    return [line for line in lines if cell_len(line) > columns and not any(word in line for word in WHOLE)]


def card(window: Window) -> list[str]:
    """The lines of the frame on the window; fails unless all of its edges are there, below each other."""
    lines = window.lines()
    top = next(number for number, line in enumerate(lines) if line.startswith("╔"))
    bottom = next(number for number, line in enumerate(lines) if line.startswith("╚"))
    frame = lines[top : bottom + 1]
    assert {len(line) for line in frame} == {min(window.screen.columns, 100)}
    assert all(line[0] + line[-1] == "║║" for line in frame[1:-1])
    return frame


SAYS = {
    "en": (
        "STOP · Sign the Xiaomi Account out of this phone",
        "anything else stops:",
        "lost",
        "left where it is",
    ),
    "ru": ("СТОП · Выйти из аккаунта Xiaomi", "любой другой ответ — остановка:", "потери", "остаётся"),
}


@pytest.mark.parametrize(
    ("columns", "language", "colour"),
    [
        (60, "en", True),
        (60, "ru", False),
        (100, "en", False),
        (100, "ru", True),
        (200, "en", True),
        (200, "ru", False),
    ],
)
def test_a_card_and_its_question_are_whole_and_stand_still(
    plug: MakePlugged, open_window: OpenWindow, columns: int, language: str, colour: bool
) -> None:
    phone = plug()
    title, question, lost, end = SAYS[language]
    environment = {} if colour else {"NO_COLOR": "1"}
    one = open_window("unlink", "-s", phone.wire.serial, "--lang", language, columns=columns, **environment)
    one.see(question)
    frame = " ".join(card(one)).lower()
    assert title.lower() in frame and lost in frame
    assert not MOVES.search(" ".join(one.lines())) and not one.screen.cursor.hidden
    seen = one.lines()
    assert (one.moved(), one.lines()) == ("", seen)
    one.child.sendline("no")
    assert one.end() == 4
    assert end in re.sub(r"\s+", " ", " ".join(one.lines()))
    assert not one.screen.cursor.hidden and phone.destructive() == []
    assert too_wide(one, columns) == []
    assert bool(COLOUR.search(one.written)) is colour


def waits(event: Event) -> None:
    """Until it is set."""
    event.wait(20)


@pytest.mark.parametrize("interrupted", [False, True])
def test_what_moves_shows_where_the_run_is_and_leaves_the_record(
    plug: MakePlugged, open_window: OpenWindow, interrupted: bool
) -> None:
    phone, slow = plug(), Event()
    phone.device.at("before:rpc.click", 1, lambda _: waits(slow))
    one = open_window("unlink", "-s", phone.wire.serial, columns=60)
    one.see("anything else stops:")
    one.child.sendline(phrase("unlink", phone.wire.serial))
    one.see("▸ ◆ Sign the Xiaomi Account out of this phone")
    lines = one.lines()
    asked = next(number for number, line in enumerate(lines) if line.startswith("Type UNLINK"))
    moving = [line for line in lines[asked + 1 :] if line]
    assert moving[0] == "  ✓ Open the page of the Xiaomi Account" and len(moving) <= 8
    assert re.fullmatch(r"  \S the page of the Xiaomi Account · 0:\d\d", moving[-1]) and MOVES.search(
        moving[-1]
    )
    assert one.screen.cursor.hidden
    if interrupted:
        one.child.sendintr()
        assert one.end() == 130
        slow.set()
    else:
        slow.set()
        one.see("(I wait and go on by myself.)")
        assert not MOVES.search(" ".join(one.lines())) and one.moved() == ""
        phone.device.owner_acts()
        assert one.end() == 0
        one.see("✓ Signed out.")
    assert not MOVES.search(" ".join(one.lines())) and not one.screen.cursor.hidden
    assert too_wide(one, 60) == []


def test_ctrl_c_at_the_question_leaves_a_sane_terminal(plug: MakePlugged, open_window: OpenWindow) -> None:
    phone = plug()
    one = open_window("unlink", "-s", phone.wire.serial, columns=60)
    one.see("anything else stops:")
    one.child.sendintr()
    assert one.end() == 130
    one.see("left where it is")
    card(one)
    assert not one.screen.cursor.hidden and phone.destructive() == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_ears_get_words_alone(plug: MakePlugged, open_window: OpenWindow, language: str) -> None:
    phone = plug(adbinput=False)
    one = open_window("unlink", "-s", phone.wire.serial, "--plain", "--lang", language, TERM="xterm-kitty")
    one.see({"en": "Attention. The phone lets me look", "ru": "Внимание. "}[language])
    one.see({"en": "Your turn. Scroll", "ru": "Ваш ход. Прокрутите"}[language])
    phone.device.finger_scroll_to("Sign out")
    one.see({"en": "STOP: Sign the", "ru": "СТОП: Выйти"}[language])
    one.see(SAYS[language][1])
    one.child.sendline(phrase("unlink", phone.wire.serial))
    one.see(
        {"en": "Your turn. Now tap “Sign out”", "ru": "Ваш ход. Теперь нажмите на телефоне «Sign out»"}[
            language
        ]
    )
    one.child.sendintr()
    assert one.end() == 130
    assert SIGNS.findall(one.written) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("✓ Signed out.", "Done. Signed out."),
        ("✓ Dry run: here I ask.", "Done. Dry run: here I ask."),
        ("✗ No phone.", "Error. No phone."),
        ("  → Check its cable.", "  What to do. Check its cable."),
        ("! It left. I wait. → Check its cable.", "Attention. It left. I wait. Check its cable."),
        ("  Settings → About phone", "  Settings, About phone"),
        ("  2. ◆ ☞ Switch it off", "  2. Question. Your turn. Switch it off"),
        ("(◆ I stop, ☞ you act)", "(Question. I stop, Your turn: you act)"),
        ("  → mi-automator unlink", "  What to do: mi-automator unlink"),
        ("• on the phone: another screen", "on the phone: another screen"),
        ("  · tap sign_out", "  tap sign_out"),
        ("  Account  62•••35", "  Account  62…35"),
        ("", ""),
        ("! ", "Attention. "),
    ],
)
def test_a_word_stands_for_each_sign(line: str, said: str) -> None:
    use_language("en")
    assert spoken(line) == said


def test_a_dumb_terminal_gets_the_lines_of_a_file(plug: MakePlugged, open_window: OpenWindow) -> None:
    phone = plug()
    one = open_window("unlink", "-s", phone.wire.serial, "--dry-run", TERM="dumb")
    assert one.end() == 0
    assert "━━ STOP · Sign the Xiaomi Account out of this phone ━━" in one.written
    assert "\x1b" not in one.written


def test_what_a_phone_says_commands_no_terminal(lab: Lab, open_window: OpenWindow) -> None:
    model = "Mi" + ESCAPES.replace("]", "").replace("\x00", "")

    class Strange(PracticePhone):
        def shell(self, command: str) -> tuple[bytes, int]:
            answer, code = super().shell(command)
            return answer.replace(b"[Xiaomi 14T]", f"[{model}]".encode()), code

    wire = lab.add(Strange("hyperos2", "en", latency=FAST))
    try:
        one = open_window("unlink", "-s", wire.serial, "--dry-run", columns=100)
        assert one.end() == 0
        assert "Mi\ufffd0;owned\ufffd\ufffd[2J\ufffd31m<b>[redMila[/b&amp;" in "\n".join(card(one))
        assert "The plan" in " ".join(one.lines())
    finally:
        wire.unplug()
        wire.stop()


def test_a_card_shows_what_stands_in_it() -> None:
    """Rich would take the one for a mistake, and make a link and a smile of the others."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    rows = [("[/b]x", ESCAPES), ("y", "[link=http://example.org]z[/link] :smile:")]
    LiveOutput(console, verbose=False).card(Text("[/i]"), rows, None)
    said = COMMAND.sub("", out.getvalue())
    assert "[/b]x" in said and "\ufffd]0;owned" in said and "[red]Mila[/b]" in said
    assert "[link=http://example.org]z[/link] :smile:" in said and "STOP · [/i]" in said
    assert "\x1b" not in said


ESCAPE_OF = {"\x1b_G": "kitty", "\x1b]1": "iterm", "\x1bPq": "sixel", "": "none"}
TERMINALS = [
    ({"TERM": "xterm-kitty"}, "kitty"),
    ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm"),
    ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm"),
    ({"TERM": "foot-extra"}, "sixel"),
    ({"TERM": "mlterm-256color"}, "sixel"),
    ({"TERM": "xterm-256color"}, "none"),
    ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, "none"),
    ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"}, "none"),
    ({"TERM": "xterm-256color", "STY": "1.pts", "LC_TERMINAL": "iTerm2"}, "none"),
    ({}, "none"),
]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture as tall as a phone's, with a red bar."""
    picture = Image.new("RGB", (300, 640), "white")
    picture.paste((214, 0, 28), (30, 300, 270, 340))
    picture.save(path := tmp_path / "photo.png")
    return path


@pytest.mark.parametrize(("environment", "kind"), TERMINALS)
def test_pictures_where_they_are_sure_to_be_seen(photo: Path, environment: dict[str, str], kind: str) -> None:
    assert ESCAPE_OF[drawn(photo, environment, 50, 16)[:3]] == kind
    assert drawn(photo, environment, 15, 16) == drawn(Path(__file__), environment, 50, 16) == ""


def test_the_picture_for_kitty_is_whole(photo: Path) -> None:
    chunks = re.findall("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\", drawn(photo, {"TERM": "xterm-kitty"}, 50, 24))
    assert chunks[0][0].startswith("a=T,f=100,q=2,m=") and chunks[-1][0].endswith("m=0")
    assert all(len(data) <= 4096 for _, data in chunks)
    sent = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in chunks))))
    assert sent.size == (225, 480)


def test_the_picture_for_iterm_is_whole(photo: Path) -> None:
    head, _, data = drawn(photo, {"TERM_PROGRAM": "iTerm.app"}, 20, 24).rstrip("\a").partition(":")
    sent = base64.b64decode(data)
    assert f"size={len(sent)};height=12;" in head and Image.open(io.BytesIO(sent)).size == (225, 480)


def test_the_picture_in_sixels_is_the_picture(photo: Path) -> None:
    said = drawn(photo, {"TERM": "foot"}, 50, 16)
    width, height = map(int, re.findall(r'"1;1;(\d+);(\d+)', said)[0])
    shades = {int(n): tuple(map(int, rgb.split(";"))) for n, rgb in re.findall(r"#(\d+);2;([\d;]+)", said)}
    body = said[said.index("#0", said.rindex(";2;")) :] if "#0" in said[said.rindex(";2;") :] else ""
    pixels: dict[tuple[int, int], tuple[int, ...]] = {}
    for band, line in enumerate(body.rstrip("\x1b\\").split("-")):
        for colour, runs in re.findall(r"#(\d+)((?:!\d+[?-~])+)", line):
            x = 0
            for count, bits in re.findall(r"!(\d+)([?-~])", runs):
                for _ in range(int(count)):
                    for bit in range(6):
                        if (ord(bits) - 63) >> bit & 1:
                            pixels[x, band * 6 + bit] = shades[int(colour)]
                    x += 1
    assert (width, height) == (150, 320) and len(pixels) == width * height
    assert pixels[75, 10][0] > 95 and pixels[75, 10][2] > 95
    assert pixels[75, 160][0] > 75 and pixels[75, 160][2] < 20


def test_a_picture_is_above_its_card_and_its_place_is_told_as_well(
    plug: MakePlugged, open_window: OpenWindow
) -> None:
    phone = plug()
    one = open_window("unlink", "-s", phone.wire.serial, "--dry-run", TERM="xterm-kitty")
    assert one.end() == 0
    assert one.written.index("\x1b_G") < one.written.index("╔") < one.written.index("file://")


def steps(*screens: str) -> Steps:
    """A plan; a screen with a question mark is on some phones only."""
    return Steps(
        tuple(
            PlanStep(
                screen=screen.rstrip("?"), title="", who="computer", text=screen, sometimes=screen[-1] == "?"
            )
            for screen in screens
        )
    )


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ("", " a| a| b| d"),
        ("home", " a| a| b| d"),
        ("a", "✓a|▸a| b| d"),
        ("a c", "✓a|✓a|▸c?| d"),
        ("a c home", "✓a|✓a|▸c?| d"),
        ("a b d", "✓a|✓a|✓b|▸d"),
        ("a b a", "✓a|▸a| b| d"),
        ("d", "▸d"),
    ],
)
def test_steps_tick_off(came: str, shown: str) -> None:
    plan = steps("a", "a", "b", "c?", "d")
    for screen in came.split():
        plan = plan.arrived(screen)
    assert "|".join(mark + text for mark, text in plan.shown()) == shown


@pytest.mark.parametrize(
    ("heights", "now", "seen"),
    [
        ([1] * 5, 0, range(5)),
        ([1] * 12, 0, range(6)),
        ([1] * 12, 5, range(3, 9)),
        ([1] * 12, 11, range(6, 12)),
        ([2] * 8, 4, range(3, 6)),
        ([1, 9, 1], 0, range(1)),
        ([], 0, range(0)),
    ],
)
def test_few_lines_show_the_present_step_and_its_neighbours(
    heights: list[int], now: int, seen: range
) -> None:
    assert window(heights, now, 6) == seen


def test_the_recording_in_the_readme_is_small_and_shows_the_question() -> None:
    cast = Path(__file__).with_name("unlink.svg")
    assert f"](tests/{cast.name})" in (cast.parents[1] / "README.md").read_text(encoding="utf-8")
    assert cast.stat().st_size < 100_000
    said = " ".join(map(str, etree.parse(cast).getroot().itertext()))
    assert "STOP · Sign the Xiaomi Account out" in said and "anything else stops:" in said and "▸" in said
