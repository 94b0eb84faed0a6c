"""Records `mi-automator unlink` in a terminal, on a practice phone, for the README: `python -m tests.make_cast`.

What is written is what the command wrote; pauses are shortened, and the question stands as long as one reads it.
"""

from __future__ import annotations

import time
from html import escape
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect
from pyte.screens import Char

from automator.consent import phrase
from automator.practice.lab import Lab
from automator.practice.phone import Latency, Phone
from tests.test_live import Window

CAST = Path(__file__).with_name("unlink.svg")
COLUMNS, ROWS = 88, 34
ACROSS, DOWN, EDGE = 8, 17, 12
"""Pixels of a letter, of a row, and of the margin."""
SHORTEST, LONGEST, READING, LAST = 0.12, 1.2, 6.0, 6.0
"""Seconds that a frame is shown: at least, at most, the one with the question, the last."""
SHADES = {"default": "#d6d6d6", "red": "#ff6b6b", "green": "#6fcf7c"}

Row = tuple[Char, ...]
Frame = tuple[Row, ...]


def record() -> list[tuple[Frame, float]]:
    """What stood in the window, and for how many seconds."""
    frames: list[tuple[Frame, float]] = []
    phone = Phone("hyperos2", "en", latency=Latency())
    with Lab() as lab, TemporaryDirectory(prefix="runs-") as runs:
        serial = lab.add(phone).serial
        environment = {"ANDROID_ADB_SERVER_PORT": str(lab.port), "MI_AUTOMATOR_RUNS": runs}
        one = Window("unlink", "-s", serial, columns=COLUMNS, rows=ROWS, environment=environment)
        words = phrase("unlink", serial)
        answered = acted = False
        began = time.monotonic()
        while True:
            try:
                one.read(40)
            except pexpect.EOF:
                break
            now, text = time.monotonic(), "\n".join(one.lines())
            asks = not answered and "anything else stops:" in text
            pause = READING if asks else min(LONGEST, now - began)
            if pause >= SHORTEST:
                frames.append((seen(one), pause))
                began = now
            if asks:
                answered = True
                one.child.sendline(words)
            if not acted and "(I wait and go on by myself.)" in text:
                frames.append((seen(one), LONGEST))
                acted = True
                phone.owner_acts()
        frames.append((seen(one), LAST))
    return frames


def seen(window: Window) -> Frame:
    """The letters in the window, row by row."""
    return tuple(tuple(window.screen.buffer[row][column] for column in range(COLUMNS)) for row in range(ROWS))


def drawn(row: Row) -> str:
    """A row as SVG; empty when nothing stands in it."""
    spans, column = [], 0
    for (shade, bold), letters in groupby(row, lambda letter: (letter.fg, letter.bold)):
        text = "".join(letter.data for letter in letters)
        if words := text.strip():
            start = column + len(text) - len(text.lstrip())
            weight = ' font-weight="bold"' if bold else ""
            fill = f' fill="{SHADES[shade]}"' if shade != "default" else ""
            place = f'x="{start * ACROSS}" textLength="{len(words) * ACROSS}"'
            spans.append(f"<text {place}{fill}{weight}>{escape(words)}</text>")
        column += len(text)
    return "".join(spans)


def svg(frames: list[tuple[Frame, float]]) -> str:
    """All frames beside each other, behind a window that jumps from one to the next. Where motion is unwanted, the last one stands."""
    width, height = COLUMNS * ACROSS + 2 * EDGE, ROWS * DOWN + 2 * EDGE
    whole = sum(pause for _, pause in frames)
    rows: dict[str, int] = {}
    film, jumps, passed = [], [], 0.0
    for number, (frame, pause) in enumerate(frames):
        jumps.append(f"{passed / whole:.3%}{{transform:translateX(-{number * width}px)}}")
        passed += pause
        for place, row in enumerate(frame):
            if content := drawn(row):
                name = rows.setdefault(content, len(rows))
                film.append(f'<use href="#r{name}" x="{number * width}" y="{place * DOWN}"/>')
    last = (len(frames) - 1) * width
    style = (
        "text{font-family:Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:13px;white-space:pre}"
        f"@keyframes film{{{''.join(jumps)}}}"
        f"#film{{animation:film {whole:.1f}s step-end infinite}}"
        f"@media(prefers-reduced-motion:reduce){{#film{{animation:none;transform:translateX(-{last}px)}}}}"
    )
    defined = "".join(f'<g id="r{name}">{content}</g>' for content, name in rows.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<style>{style}</style><defs>{defined}</defs>"
        f'<rect width="{width}" height="{height}" rx="8" fill="#16181d"/>'
        f'<svg x="{EDGE}" y="{EDGE + DOWN - 5}" width="{width - EDGE}" height="{height - EDGE}" overflow="visible">'
        f'<g id="film" fill="{SHADES["default"]}">{"".join(film)}</g></svg></svg>\n'
    )


if __name__ == "__main__":
    CAST.write_text(svg(record()), encoding="utf-8")
    print(CAST, CAST.stat().st_size)
