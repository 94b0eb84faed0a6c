"""Pictures in terminals that are known to show them: kitty, iTerm2, WezTerm, foot and mlterm. Asks the terminal nothing.

An answer that comes late would end up in what the owner types at a gate; so a terminal goes by the name that it gives
itself, and one that only may show pictures gets none.
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_ROWS = 20
LEAST_ROWS = 8
"""In fewer rows nobody finds anything."""
WORDS = 8
"""Rows of the window that are left for what is said about the picture."""
_TALL = 480
"""Pixels, for a terminal that scales: as much as so few rows show."""
_ROW = 16
"""Pixels of a row in a terminal that does not tell."""
_COLOURS = 32
_CHUNK = 4096

Draw = Callable[["Image", int], str]


def drawn(path: Path, environment: Mapping[str, str], window: int, row: int) -> str:
    """What makes a terminal of `window` rows, each of `row` pixels, show the picture; empty where none is known to be shown.

    A picture that can't be read is not shown: its place is told in any case, and a run does not depend on it.
    """
    draw, rows = _way(environment), min(MOST_ROWS, window - WORDS)
    if draw is None or rows < LEAST_ROWS:
        return ""
    from PIL import Image

    try:
        with Image.open(path) as file:
            picture = file.convert("RGB")
    except OSError:
        return ""
    picture.thumbnail((picture.width, _TALL if draw is _iterm else rows * row))
    return draw(picture, rows)


def _way(environment: Mapping[str, str]) -> Draw | None:
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "TMUX" in environment or "STY" in environment or term.startswith(("tmux", "screen")):
        return None
    if term == "xterm-kitty" or "KITTY_WINDOW_ID" in environment:
        return _kitty
    if program in ("iTerm.app", "WezTerm") or environment.get("LC_TERMINAL") == "iTerm2":
        return _iterm
    if term.startswith(("foot", "mlterm")):
        return _sixel
    return None


def _kitty(picture: Image, _: int) -> str:
    """https://sw.kovidgoyal.net/kitty/graphics-protocol/: a PNG in chunks; `q=2`, so that nothing is answered.

    It has the size that it is shown in: kitty 0.26 does not keep the proportions of one that it scales to `rows`.
    """
    out = io.BytesIO()
    picture.quantize(_COLOURS).save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode()
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    control = ["a=T,f=100,q=2,", *[""] * (len(chunks) - 1)]
    more = [1] * (len(chunks) - 1) + [0]
    return "".join(
        f"\x1b_G{keys}m={follows};{chunk}\x1b\\"
        for keys, follows, chunk in zip(control, more, chunks, strict=True)
    )


def _iterm(picture: Image, rows: int) -> str:
    """https://iterm2.com/documentation-images.html"""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    size, data = out.tell(), base64.b64encode(out.getvalue()).decode()
    return f"\x1b]1337;File=inline=1;size={size};height={rows};preserveAspectRatio=1:{data}\a"


def _sixel(picture: Image, _: int) -> str:
    """https://vt100.net/docs/vt3xx-gp/chapter14.html: bands of six rows, one colour of a band after the other."""
    few = picture.quantize(_COLOURS)
    width, height, pixels = few.width, few.height, few.tobytes()
    shades = [value * 100 // 255 for value in few.getpalette() or ()]
    out = [f'\x1bPq"1;1;{width};{height}']
    out += [f"#{n};2;{r};{g};{b}" for n, (r, g, b) in enumerate(zip(*[iter(shades)] * 3, strict=False))]
    for top in range(0, height, 6):
        masks: dict[int, list[int]] = {}
        for bit in range(min(6, height - top)):
            start = (top + bit) * width
            for x, colour in enumerate(pixels[start : start + width]):
                masks.setdefault(colour, [0] * width)[x] |= 1 << bit
        out.append("$".join(f"#{colour}{_runs(mask)}" for colour, mask in masks.items()) + "-")
    return "".join(out) + "\x1b\\"


def _runs(mask: list[int]) -> str:
    return "".join(f"!{len(list(alike))}{chr(63 + bits)}" for bits, alike in groupby(mask))


def row_height(terminal: TextIO) -> int:
    """Pixels of a row of the terminal; a low guess where it does not tell."""
    try:
        import fcntl
        import termios

        told = fcntl.ioctl(terminal.fileno(), termios.TIOCGWINSZ, bytes(8))
    except (ImportError, OSError):
        return _ROW
    rows, _, _, high = struct.unpack("HHHH", told)
    return high // rows if rows and high else _ROW
