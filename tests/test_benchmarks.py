"""What the benchmarks rest on: that the practice phone takes its time as a real one does, and that the sums are right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automator.practice.phone import Phone
from automator.practice.state import PRESETS, REAL, Latency
from tests.benchmarks.phones import Watched, _covered
from tests.benchmarks.recognition import settings_page, ten_times
from tests.benchmarks.table import Row, printed, ratios
from tests.conftest import ATLAS


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize(
    ("params", "held"),
    [([540, 1200, 40], 0.04), ([540, 1200], 0.1), ([{"text": "Settings"}], 0.1)],
    ids=["for so long", "at a place", "by words"],
)
def test_a_finger_is_held_as_long_as_the_server_does(preset: str, params: list[object], held: float) -> None:
    phone = Phone(latency=PRESETS[preset])
    assert phone.delay("rpc.click", params) == pytest.approx(PRESETS[preset].tap + held)
    assert Phone(latency=Latency()).delay("rpc.click", params) == 0


def test_a_swipe_takes_as_long_as_its_steps() -> None:
    phone = Phone(latency=REAL)
    phone.show("settings.home")
    assert phone.delay("rpc.swipe", [540, 1800, 540, 600, 60]) == pytest.approx(REAL.scroll + 0.3)


def test_scrolling_to_something_takes_all_its_swipes_and_trying_moves_nothing() -> None:
    phone = Phone("miui14", latency=REAL)
    phone.show("settings.home")
    a_swipe = REAL.scroll + 0.275
    lists = {"scrollable": True}
    near, far = (
        phone.delay("rpc.scrollTo", [lists, {"text": text}, True]) for text in ("Wi-Fi", "Special features")
    )
    assert near == 0
    # To the beginning, which is where it is, and then on.
    assert far / a_swipe == pytest.approx(round(far / a_swipe))
    assert far >= 2 * a_swipe
    assert (phone.flow.top.scroll, phone.swipes) == (0, 0)


def test_the_shells_dump_waits_until_nothing_has_stirred_for_a_second() -> None:
    phone = Phone(latency=REAL)
    phone.show("settings.home")
    dump = phone.delay("rpc.dumpWindowHierarchy")
    assert phone.delay("shell", ["uiautomator dump /sdcard/x.xml"]) == pytest.approx(REAL.shell + 1 + dump)


def test_the_diary_tells_the_phones_own_time_from_the_clients() -> None:
    phone = Watched("hyperos2", "en", "real")
    start = phone.flow.clock()
    phone.delay("rpc.dumpWindowHierarchy")
    phone.delay("shell")
    phone.shell("am start -a android.settings.SETTINGS")
    share = phone.share(start, start + 60)
    assert share.own == pytest.approx(REAL.transition)
    assert (share.requests, share.dumps, share.acts) == (2, 1, 1)


def test_what_overlaps_counts_once() -> None:
    assert _covered([(0, 2), (1, 3), (5, 6), (6, 5)]) == 4


def test_the_made_up_page_is_as_large_as_it_says_and_the_large_atlas_is_ten_times_as_large() -> None:
    assert settings_page(300).count("<node") == pytest.approx(300, abs=3)
    assert len(ten_times(ATLAS).screens) == 10 * len(ATLAS.screens)
    assert replace(ATLAS, screens=dict(list(ten_times(ATLAS).screens.items())[: len(ATLAS.screens)])) == ATLAS


def test_a_row_is_a_ratio_of_what_was_measured_side_by_side() -> None:
    row = Row("start", "one to another", ratios([1.0, 3.0, 4.0], [2.0, 2.0, 2.0]), "≤ 2", "some")
    assert row.cells()[2:5] == ("1.50", "0.50–2.00", "≤ 2")
    assert printed([row], markdown=True).startswith("| part |")
