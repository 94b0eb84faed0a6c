"""Recognition: from a dump's letters to a view, over every practice screen and real dump, and how it grows."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from lxml import etree

from automator.atlas import Atlas, Words, load, of_phone, recognise
from automator.errors import MalformedHierarchy
from automator.hierarchy import parse
from automator.phone.arsc import Table
from automator.practice.apk import tables
from automator.practice.phone import Latency, Phone
from automator.practice.rom import ROMS
from automator.practice.state import LOCALES
from tests.benchmarks.table import Row, ratios, seconds

DUMPS = Path(__file__).parents[3] / "shared" / "miui-evidence" / "dumps"
LANGUAGES = ("en", "ar")
SIZES = (100, 300, 1_000, 5_000, 20_000)
SOME = 300
LEAST, LONG_ENOUGH = 3, 0.3
"""How often, and for how many seconds, each thing is done at least."""


def measure(rounds: int, *, quick: bool, told: Callable[[str], None]) -> list[Row]:
    """The rows of this part."""
    atlas = load()
    rows = []
    for name, screens in (("practice screens", _practice(atlas, quick=quick)), ("real dumps", _real(atlas))):
        told(name)
        found = list(screens)
        if not found:
            continue
        mine = [_time(partial(_all, found, atlas)) / len(found) for _ in range(rounds)]
        bare = [_time(partial(_bare, found)) / len(found) for _ in range(rounds)]
        nodes = sum(len(parse(xml).nodes) for xml, _ in found) / len(found)
        rows.append(
            Row(
                "recognition",
                f"{len(found)} {name}: to lxml reading the same XML",
                ratios(mine, bare),
                note=f"{seconds(mine)} / {seconds(bare)} a screen of {nodes:.0f} nodes",
            )
        )
    told("growth")
    return rows + _growth(rounds, atlas)


def _growth(rounds: int, atlas: Atlas) -> list[Row]:
    words = of_phone("en-GB", {}, atlas.words)
    large = ten_times(atlas)
    taken: dict[int, list[float]] = {size: [] for size in SIZES}
    alone: list[float] = []
    wide: list[float] = []
    for _ in range(rounds):
        for size in SIZES:
            xml = settings_page(size)
            taken[size].append(_time(partial(_one, xml, atlas, words)))
        xml = settings_page(SOME)
        page = parse(xml)
        alone.append(_time(partial(recognise, page, atlas, words)))
        wide.append(_time(partial(_one, xml, large, words)))
    a_node = {size: [one / size for one in found] for size, found in taken.items()}
    growth = ", ".join(f"{size}: {seconds(found)}" for size, found in taken.items())
    return [
        Row(
            "recognition",
            f"{SIZES[-1]} nodes to {SIZES[0]}, a node",
            ratios(a_node[SIZES[-1]], a_node[SIZES[0]]),
            "≤ 1: linear",
            growth,
        ),
        Row(
            "recognition",
            f"{SOME} nodes, recognised, to 2 ms",
            ratios(alone, [0.002] * rounds),
            "≤ 1",
            f"{seconds(alone)}; with reading the XML {seconds(taken[SOME])}",
        ),
        Row(
            "recognition",
            f"{SOME} nodes, with ten times the screens",
            ratios(wide, taken[SOME]),
            "≤ 10: linear",
            f"{seconds(wide)} / {seconds(taken[SOME])}; {len(large.screens)} / {len(atlas.screens)} screens",
        ),
    ]


def _practice(atlas: Atlas, *, quick: bool) -> Iterator[tuple[str, Words]]:
    for rom in ("hyperos2",) if quick else ROMS:
        for language in LANGUAGES:
            phone = Phone(rom, language, latency=Latency(second=1e6))
            words = _words(rom, LOCALES[language], atlas)
            for screen in phone.rom.screens:
                phone.show(screen)
                yield phone.dump(), words


def _words(rom: str, locale: str, atlas: Atlas) -> Words:
    compiled = tables(rom)
    framework = Table(compiled["android"])
    read = {
        package: Table(compiled[package]).texts(names, [locale], framework=framework)
        for package, names in atlas.strings().items()
        if package in compiled
    }
    return of_phone(locale, read, atlas.words)


def _real(atlas: Atlas) -> Iterator[tuple[str, Words]]:
    words = of_phone("en-US", {}, atlas.words)
    for file in sorted(DUMPS.glob("*.xml")):
        xml = file.read_text(encoding="utf-8")
        try:
            parse(xml)
        except MalformedHierarchy:
            continue
        yield xml, words


def settings_page(size: int) -> str:
    """A page of Settings with so many nodes, most of them rows that nobody knows."""
    rows = []
    for number_of in range((size - 3) // 3):
        top = 200 + number_of * 5 % 2000
        place = f'bounds="[0,{top}][1080,{top + 100}]"'
        rows.append(
            f'<node class="android.widget.LinearLayout" package="com.android.settings" clickable="true" {place}>'
            f'<node class="android.widget.TextView" package="com.android.settings" resource-id="android:id/title" '
            f'text="Row {number_of}" {place}/>'
            f'<node class="android.widget.TextView" package="com.android.settings" resource-id="android:id/summary" '
            f'text="What row {number_of} says" {place}/></node>'
        )
    return (
        '<hierarchy rotation="0"><node class="android.widget.FrameLayout" package="com.android.settings" '
        'bounds="[0,0][1080,2400]"><node class="android.widget.TextView" package="com.android.settings" '
        'resource-id="com.android.settings:id/action_bar_title" text="Settings" bounds="[0,90][1080,200]"/>'
        '<node class="androidx.recyclerview.widget.RecyclerView" package="com.android.settings" '
        'resource-id="com.android.settings:id/recycler_view" scrollable="true" bounds="[0,200][1080,2400]">'
        f"{''.join(rows)}</node></node></hierarchy>"
    )


def ten_times(atlas: Atlas) -> Atlas:
    """The atlas with nine strangers for each of its screens: as many signs, and none of them on any page."""
    screens = dict(atlas.screens)
    for name, screen in atlas.screens.items():
        for copy in range(9):
            called = f"{name}_{chr(ord('a') + copy)}"
            signs = screen.signs
            strange = signs.model_copy(
                update={
                    kind: tuple(
                        one.model_copy(update={"id": tuple(f"{i}_{copy}" for i in one.id)}) if one.id else one
                        for one in getattr(signs, kind)
                    )
                    for kind in ("all", "any")
                }
            )
            screens[called] = screen.model_copy(update={"screen": called, "signs": strange})
    return replace(atlas, screens=screens)


def _all(screens: list[tuple[str, Words]], atlas: Atlas) -> None:
    for xml, words in screens:
        recognise(parse(xml), atlas, words)


def _one(xml: str, atlas: Atlas, words: Words) -> None:
    recognise(parse(xml), atlas, words)


def _bare(screens: list[tuple[str, Words]]) -> None:
    for xml, _ in screens:
        etree.fromstring(xml.encode())


def _time(do: Callable[[], object]) -> float:
    """Seconds of processor time, the best of many: what others do on this computer meanwhile counts for little."""
    best, until = float("inf"), time.process_time() + LONG_ENOUGH
    for number_of in itertools.count():
        started = time.process_time()
        if number_of >= LEAST and started > until:
            return best
        do()
        best = min(best, time.process_time() - started)
    raise AssertionError
