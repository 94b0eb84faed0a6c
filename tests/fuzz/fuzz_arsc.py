"""Fuzzing of the reader of resource tables with atheris, outside the test suite.

    python -m tests.fuzz.fuzz_arsc CORPUS [libFuzzer options, such as -max_total_time=1200]

CORPUS is a folder; it is made, with the tables of the tests in it, if it is not there. Anything but MalformedTable is a
find, and so is a table that takes long (-timeout=5) or much memory (-rss_limit_mb=512).
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.arsc_tables import REFERENCE, STRING, config, package, simple, strings, table

atheris = importlib.import_module("atheris")
with atheris.instrument_imports(include=["automator.phone.arsc", "automator.phone.arsc_bytes", "automator.phone.arsc_config", "automator.phone.locales"]):  # fmt: skip
    from automator.phone.arsc import MalformedTable, Table
    from automator.phone.locales import Locale

SYSTEM = table(["OK"], package(0x01, ["attr", "string"], ["ok"], strings(2, config(), {0: (0, (STRING, 0))})))
LOCALES: tuple[list[str], ...] = (["sr-Latn-RS", "es-MX"], ["ar-XB"], ["en-US"], [])


def seeds() -> dict[str, bytes]:
    """Small sound tables in every form of the format."""
    words = {
        "": {"a": "A", "b": "😀", "c": "x" * 200},
        "sr-Latn": {"a": "S"},
        "es-419": {"b": "E"},
        "de-DE-1901": {"a": "D"},
    }
    forms = {
        f"{form}-{compact}-{utf8}": simple(words, form=form, compact=compact, utf8=utf8, java=utf8)
        for form in ("dense", "sparse", "offset16")
        for compact in (False, True)
        for utf8 in (False, True)
    }
    links = strings(1, config(), {0: (0, (REFERENCE, 0x7F010001)), 1: (1, (REFERENCE, 0x01020000)), 2: None})
    later = strings(2, config(sdk=24, mcc=250, size=28), {3: (0, (STRING, 0))})
    packages = (
        package(0x7F, ["string"], ["a", "b"], links),
        package(0x80, ["id", "string"], ["c"], later, shift=3),
    )
    return forms | {
        "system": SYSTEM,
        "references": table(["t"], *packages, package(0, ["string"], [], shift=None)),
    }


def one_input(data: bytes) -> None:
    """Everything that a table is asked; all but MalformedTable is an error."""
    try:
        read = Table(data)
        for locales in LOCALES:
            for text in read.texts(None, locales, sdk=30, framework=Table(SYSTEM)).values():
                text.encode()
        read.texts({"a", "b"}, ["sr-Latn-RS"])
        for _, where, _ in read.entries():
            Locale.of(where.qualifiers)
    except MalformedTable:
        pass


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
