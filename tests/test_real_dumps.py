"""Dumps that others took on real phones: each is recognised rightly or not at all, and nothing on it is tapped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from automator.atlas import Words, dangers_at, load, of_phone, recognise
from automator.errors import MalformedHierarchy
from automator.hierarchy import Hierarchy, parse
from automator.journeys import Journey, reset, unlink
from automator.journeys.decide import decide
from automator.journeys.model import Past, Scroll, TapGated, TapNode
from automator.phone.facts import parse_facts

SHARED = Path(__file__).parents[2] / "shared"
DUMPS = SHARED / "miui-evidence" / "dumps"
TABLES = SHARED / "miui-strings"
ATLAS = load()
FACTS = parse_facts("a1b2c3d4", "")

NO_HIERARCHY = "no hierarchy"
READ: dict[str, tuple[str | None, str, str]] = {
    "aosp-keyguard-shade-zh.xml": ("lock.keyguard", "zh-CN", ""),  # a stock lock screen with its shade
    "aosp-usb-dialog-vi.xml": (None, "vi", ""),  # a question of stock Android about USB debugging
    "aosp14-settings-display-en.xml": (None, "en-US", "aosp14"),  # stock Settings: Display
    "aosp14-settings-home-en.xml": (None, "en-US", "aosp14"),  # stock Settings' home page: not Xiaomi's
    "hyperos1-securitycenter-appinfo.acs.txt": (NO_HIERARCHY, "en-US", "hyperos1"),  # lines of a log
    "miui-fingerprint-overlay-only.xml": (None, "en-US", "miui10"),  # the fingerprint spot alone
    "miui-notes-editor-gboard-ru.u2.xml": (None, "ru-RU", "miui12"),  # Notes, bars and a keyboard
    "miui12-preferred-network-pt.xml": (
        None,
        "pt-BR",
        "miui12",
    ),  # Preferred network type, of com.android.phone
    "miui12-rename-phone-en.appium.xml": (
        NO_HIERARCHY,
        "en-US",
        "miui12",
    ),  # Appium's form: tags are class names
    "xiaomi-pad-statusbar-tasks-en.u2.xml": (None, "en-US", "miui14"),  # Google Tasks on a tablet
}
"""What each dump is, by a person's reading: the screen of the atlas (None: none of them), language and string table."""

pytestmark = pytest.mark.skipif(not DUMPS.is_dir(), reason="the real dumps are not here")


def words_for(locale: str, generation: str) -> list[Words]:
    """The words of such a phone, and the short list's in every language."""
    lists = [of_phone(language, {}, ATLAS.words) for language in ATLAS.words]
    file = TABLES / f"{generation}.json"
    if not generation or not file.is_file():
        return lists
    read: dict[str, dict[str, str] | None] = {
        package: {
            name: texts.get(locale) or texts.get(locale[:2]) or texts.get("en", "")
            for name, texts in names.items()
        }
        for package, names in json.loads(file.read_text(encoding="utf-8")).items()
    }
    return [of_phone(locale, read, ATLAS.words), *lists]


def read(name: str) -> Hierarchy | None:
    try:
        return parse((DUMPS / name).read_text(encoding="utf-8"))
    except MalformedHierarchy:
        return None


def test_every_dump_has_been_read_by_a_person() -> None:
    assert {file.name for file in DUMPS.iterdir()} == set(READ)


@pytest.mark.parametrize("name", READ)
def test_a_real_dump_is_what_a_person_says_it_is(name: str) -> None:
    screen, locale, generation = READ[name]
    hierarchy = read(name)
    assert (hierarchy is None) is (screen == NO_HIERARCHY)
    for words in words_for(locale, generation):
        if hierarchy is not None:
            view = recognise(hierarchy, ATLAS, words)
            assert view.name == screen, view.why


@pytest.mark.parametrize("name", [name for name, expected in READ.items() if expected[0] != NO_HIERARCHY])
@pytest.mark.parametrize("journey", [unlink(), unlink(remove_synced=True), reset()], ids=lambda one: one.name)
def test_nothing_dangerous_is_tapped_on_a_real_dump(name: str, journey: Journey) -> None:
    _, locale, generation = READ[name]
    hierarchy = read(name)
    assert hierarchy is not None
    for words in words_for(locale, generation):
        view = recognise(hierarchy, ATLAS, words)
        for past in (
            Past(),
            Past(moves=5, still=60.0, opened=frozenset((s, n) for s in ATLAS.screens for n in (0, 1))),
        ):
            move = decide(journey, view, FACTS, past, ATLAS)
            assert not isinstance(move, TapGated | Scroll)
            if isinstance(move, TapNode):
                assert not dangers_at(view, *move.node.bounds.centre, ATLAS, words)
