"""Fuzzing of what a phone says (hierarchies, pictures, facts, adb's list) with atheris, outside the test suite.

    python -m tests.fuzz.fuzz_hierarchy CORPUS [libFuzzer options, such as -max_total_time=1200]

CORPUS is a folder; it is made, with what practice phones say in it, if it is not there. An input's first letter says what
it is: `x` a dump, `n` the nodes of one in three bytes each, `j` a picture, `f` facts, `d` a list of devices. Anything but
MalformedHierarchy is a find, and so is what takes long (-timeout=10) or much memory (-rss_limit_mb=1024).
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

atheris = importlib.import_module("atheris")
with atheris.instrument_imports(include=["automator.hierarchy", "automator.masking", "automator.atlas.recognise", "automator.atlas.danger", "automator.atlas.words", "automator.phone.facts", "automator.phone.find"]):  # fmt: skip
    from tests.strange import (
        ESCAPES,
        LISTING,
        WORDS,
        devices_of,
        dumps,
        facts_of,
        jpeg,
        look_at,
        pictured,
        said,
    )

from automator.hierarchy import parse  # noqa: E402  after it was instrumented

LABELS = sorted({label.text for labels in WORDS.labels.values() for label in labels if label.pattern is None})
TEXTS = ["", "+998712345678", "a@b.c", "x" * 3000, "%1$s" * 9, "1,1,1,1", *ESCAPES.split("\x00"), *LABELS]
IDS = [
    "",
    "android:id/title",
    "android:id/button1",
    "android:id/button2",
    "android:id/alertTitle",
    "x:id/list",
]
PACKAGES = ["com.android.settings", "com.xiaomi.account", "com.android.systemui", "x", "com.android.settings"]
BOUNDS = [
    "[0,0][1080,2400]",
    "[0,0][1080,200]",
    "[0,0][0,0]",
    "[-999999,-1][999999,999999]",
    "[90,90][10,10]",
]
SCREEN = parse(f'<hierarchy><node bounds="{BOUNDS[0]}"/></hierarchy>')


def seeds() -> dict[str, bytes]:
    """One of each kind, and more of what is read most."""
    texts = {f"dump{number}": b"x" + dump.encode() for number, dump in enumerate(dumps())}
    return texts | {
        "nodes": b"n" + bytes(range(256)),
        "picture": b"j" + jpeg(),
        "progressive": b"j" + jpeg(progressive=True),
        "facts": b"f" + said().encode(),
        "list": b"d" + LISTING.encode(),
    }


def built(data: bytes) -> str:
    """A well-formed hierarchy out of any bytes: each three of them are a node."""
    out, depth = ["<hierarchy>"], 0
    for start in range(0, len(data) - 2, 3):
        shape, text, look = data[start : start + 3]
        while depth and depth > shape % 16:
            out.append("</node>")
            depth -= 1
        words = TEXTS[(text + 256 * (shape >> 4)) % len(TEXTS)]
        quoted = "".join(f"&#{ord(letter)};" for letter in words)
        out.append(
            f'<node text="{quoted}" resource-id="{IDS[look % len(IDS)]}" class="{"Edit" * (look & 1)}Text" '
            f'package="{PACKAGES[look % len(PACKAGES)]}" clickable="{str(bool(look & 2)).lower()}" '
            f'password="{str(look > 250).lower()}" bounds="{BOUNDS[(look >> 3) % len(BOUNDS)]}">'
        )
        depth += 1
    return "".join([*out, "</node>" * depth, "</hierarchy>"])


def one_input(data: bytes) -> None:
    """One thing that a phone says; all but a refusal by name is an error."""
    kind, content = data[:1], data[1:]
    if kind == b"j":
        pictured(content, SCREEN)
    elif kind == b"n":
        look_at(built(content))
    elif kind == b"f":
        facts_of(content.decode(errors="replace"))
    elif kind == b"d":
        devices_of(content.decode(errors="replace"))
    else:
        look_at(content.decode(errors="surrogateescape"))


def main() -> None:
    for argument in sys.argv[1:]:
        folder = Path(argument)
        if not argument.startswith("-") and not folder.exists():
            folder.mkdir(parents=True)
            for name, data in seeds().items():
                (folder / name).write_bytes(data)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
