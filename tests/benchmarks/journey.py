"""Journeys: mi-automator against the phone's own time, and against the same journey in other idioms."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean, median

from automator.practice.lab import Lab
from tests.benchmarks.phones import SECOND, Request, Share, Watched
from tests.benchmarks.table import Row, number, ratios, seconds
from tests.benchmarks.walk import Walk, other, ours

PHONES = (("miui14", "en"), ("hyperos2", "ar"), ("miui14", "ar"), ("hyperos2", "en"))
QUICK = PHONES[:2]
JOURNEYS = ("unlink", "reset")
PHASES = ("to the first gate", "from consent to the end")
TARGETS = {("real", "limit"): "≤ 1.15", ("real", "best"): "≤ 0.5", ("zero", "plain"): "≤ 0.2"}
CALLED = {
    "limit": "the limit",
    "plain": "uiautomator2, d(text=…)",
    "xpath": "uiautomator2, d.xpath(…)",
    "culebra": "AndroidViewClient",
    "best": "the best of them",
}


def limit(walk: Walk, phone: Watched) -> tuple[float, float]:
    """The least that any client could need, to the gate and from there: from the phone's diary of this walk.

    The phone's own time (transitions, count-downs, its busy pages), and for each screen where something is done one dump
    and one tap; no touch is held, no look is taken twice, and the process has started already.
    """
    return _least(walk.to_gate, phone, gate=True), _least(walk.to_end, phone, gate=False)


def _least(share: Share, phone: Watched, *, gate: bool) -> float:
    named: dict[str, list[Request]] = defaultdict(list)
    for one in phone.asked:
        if share.start <= one.at < share.start + share.seconds:
            named[one.name].append(one)
    dumps = [one.took for one in named["rpc.dumpWindowHierarchy"]]
    taps, swipes = len(named["rpc.click"]), named["rpc.swipe"]
    looks = taps + len(swipes) + (1 if gate else phone.owner_acted)
    acts = taps * phone.latency.tap + sum(one.took for one in swipes)
    acts += phone.latency.shell * len(named["shell.act"])
    # What proves the end is one more question to adb.
    proof = 0.0 if gate else phone.latency.shell
    return share.own + looks * mean(dumps) + acts + proof


def measure(rounds: int, *, quick: bool, culebra: str | None, told: Callable[[str], None]) -> list[Row]:
    """The rows of this part. `culebra` is a Python that has AndroidViewClient."""
    taken: dict[tuple[str, str, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    counted: dict[tuple[str, str, int, str], list[Share]] = defaultdict(list)
    with Lab() as lab, tempfile.TemporaryDirectory(prefix="mi-automator-bench-") as scratch:
        folder = Path(scratch)
        for rom, language in QUICK if quick else PHONES:
            # What a phone's menus say is kept on the computer: the first walk of all reads it.
            ours(lab, Watched(rom, language, "zero"), "unlink", folder)
        for number_of in range(rounds):
            for rom, language in QUICK if quick else PHONES:
                for preset in ("zero", "real"):
                    for journey in JOURNEYS:
                        told(f"round {number_of + 1}: {journey}, {preset}, {rom}, {language}")
                        walks: dict[str, Walk] = {}
                        phone = Watched(rom, language, preset)
                        walks["ours"] = ours(lab, phone, journey, folder)
                        least = limit(walks["ours"], phone)
                        for idiom in ("plain", "xpath"):
                            walks[idiom] = other(lab, Watched(rom, language, preset), journey, folder, idiom)
                        if culebra and preset == "real" and (rom, language) == PHONES[0] and not number_of:
                            slow = Watched(rom, language, preset)
                            walks["culebra"] = other(lab, slow, journey, folder, "culebra", culebra)
                        for phase in (0, 1):
                            taken[journey, preset, phase]["limit"].append(least[phase])
                            for who, walk in walks.items():
                                share = (walk.to_gate, walk.to_end)[phase]
                                taken[journey, preset, phase][who].append(share.seconds)
                                counted[journey, preset, phase, who].append(share)
    return list(_rows(taken, counted))


def _rows(
    taken: dict[tuple[str, str, int], dict[str, list[float]]],
    counted: dict[tuple[str, str, int, str], list[Share]],
) -> Iterable[Row]:
    for (journey, preset, phase), found in taken.items():
        found["best"] = [min(pair) for pair in zip(found["plain"], found["xpath"], strict=True)]
        part = f"journey, {preset}"
        for who, called in CALLED.items():
            if who not in found or (preset == "zero" and who == "limit"):
                continue
            note = f"{seconds(found['ours'])} / {seconds(found[who])}"
            trips = counted.get((journey, preset, phase, who), [])
            if trips:
                mine = _counts(counted[journey, preset, phase, "ours"])
                note += f"; round trips, looks, acts {mine} / {_counts(trips)}"
            yield Row(
                part,
                f"{journey}, {PHASES[phase]}: to {called}",
                ratios(found["ours"][: len(found[who])], found[who]),
                TARGETS.get((preset, who), ""),
                note,
            )


def _counts(shares: list[Share]) -> str:
    """Round trips, hierarchies and acts, as many as in the middle walk."""
    return " ".join(
        number(median(values)).removesuffix(".00")
        for values in (
            [share.requests for share in shares],
            [share.dumps for share in shares],
            [share.acts for share in shares],
        )
    )


ABOUT = (
    "Journey: `real` is a phone with transitions of 350 ms, dumps of 80 ms and 0.5 ms a node, taps of 30 ms and lists that "
    f"settle in 400 ms; its count-downs run {1 / SECOND:.0f} times as fast. `zero` takes no time. Both hold a finger as long as "
    "the server does (100 ms unless told). From the command's start, a fresh process, to the first gate; then from the "
    "typed phrase to the verified end; the practice owner acts at once. The phone's words were read before."
)
