"""`selectors/` against the practice phones' screens, and what may stand in it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from automator.atlas import (
    Atlas,
    AtlasError,
    View,
    dangers_at,
    load,
    of_phone,
    recognise,
    route,
)
from automator.atlas.words import Label, normalise
from automator.consent import Consents, DangerousTap
from automator.hierarchy import Hierarchy, Node, parse
from automator.journeys import reset, unlink
from automator.phone.touch import Touch
from automator.practice.phone import Latency, Phone, State
from automator.practice.rom import Rom
from tests.conftest import ATLAS, PHONES, every_phone, words_of

SHARED = Path(__file__).parents[2] / "shared"

SAME = (
    *("settings.home", "settings.additional", "backup.reset", "about.phone", "reset.home", "lock.confirm"),
    *("reset.wallet", "reset.backup", "reset.warning_1", "reset.warning_2"),
    *("account.home", "account.login", "signout.wallet", "signout.e2ee", "signout.synced"),
    *("signout.progress", "signout.failed", "find_device.home", "find_device.close"),
)
EXPECTED: dict[str, str | None] = {
    **{name: name for name in SAME},
    # One page, whoever asks for the password.
    "signout.password": "account.password",
    "reset.password": "account.password",
    "reset.checking": "reset.busy",
    "reset.switching_off": "reset.busy",
    "reset.performing": "reset.busy",
    "reset.find_device_failed": "settings.notice",
    # Nobody knows the words of this question, and a guess would erase an eSIM.
    "reset.esim": None,
    "keyguard": "lock.keyguard",
    # What gets in the way: tests/test_popups.py.
    **{
        name: name
        for name in ("popup.permission", "popup.permission_miui", "popup.update", "popup.app_update")
    },
    **{name: name for name in ("popup.cloud_ad", "popup.low_battery", "popup.usb", "popup.install")},
    **{name: name for name in ("popup.debugging_risk", "popup.call", "popup.volume", "popup.shade")},
    **{name: name for name in ("popup.power_menu", "popup.not_responding")},
    **{name: name for name in ("lock.find_device", "lock.lost", "lock.instalment", "lock.frp")},
    "popup.call_banner": "popup.call",
    "popup.control_center": "popup.shade",
    "popup.unknown": None,
    # No place of a journey, and never to be taken for one.
    **dict.fromkeys(("launcher", "app.notes", "settings.display", "settings.sound", "cloud.home")),
    **dict.fromkeys(("account.devices", "account.other_device", "about.specs", "about.status")),
    "backup.page": None,
    # A practice page: its words are ours, and those that the atlas looks for are guesses.
    **{f"web.{name}": f"web.{name}" for name in ("login", "warning", "consent", "code", "final", "done")},
    "web.ticked": "web.consent",
}
# In some languages their titles are the same, and what is missing on them is noticed there.
MAY_BE_TAKEN_FOR = {"about.specs": "about.phone", "backup.page": "backup.reset"}
WEB = {name for name in EXPECTED if name.startswith("web.")}
KNOWN_IN = {"lock.frp": {"en"}, **{name: {"en", "ru", "zh-CN"} for name in WEB}}
"""Screens that only some languages tell."""
LOCKS = {"lock.find_device", "lock.lost", "lock.instalment", "lock.frp", "lock.keyguard"}


def seen(phone: Phone, language: str) -> View:
    return recognise(parse(phone.dump()), ATLAS, words_of(phone.rom.name, language))


@every_phone()
def test_every_practice_screen_is_itself_or_unknown(rom: str, language: str) -> None:
    phone = Phone(rom, language)
    for name in phone.rom.screens:
        phone.show("settings.home")  # what came before it is closed
        if name == "account.login":
            phone.state.account = None
        phone.show(name)
        view = seen(phone, language)
        expected = EXPECTED[name] if language in KNOWN_IN.get(name, {language}) else None
        assert view.name in (expected, MAY_BE_TAKEN_FOR.get(name)), (name, view.why)


# Elements that only some phones show, with what brings them out.
STATES: dict[str, dict[str, Any]] = {"signout.e2ee": {"e2ee": True}, "signout.wallet": {"cards": True}}


@every_phone()
def test_every_element_that_a_journey_taps_is_there_once(rom: str, language: str) -> None:
    for journey in (unlink(), unlink(remove_synced=True), reset()):
        for screen, rule in journey.table.items():
            element = getattr(rule, "element", "")
            phone = Phone(rom, language, state=State(language=language, **STATES.get(screen, {})))
            if screen not in _on_the_way(phone.rom) or element not in ATLAS.screens[screen].elements:
                continue
            phone.show(screen)
            view = seen(phone, language)
            while not view.elements[element] and phone.finger_scroll():
                view = seen(phone, language)
            assert len(view.elements[element]) == 1, (screen, element, view.why)


@every_phone(PHONES[::3])
def test_a_tap_by_words_is_found_there_alone(rom: str, language: str) -> None:
    """What is tapped goes by words, or by its place; where by words, the phone finds that and nothing else."""
    pinned = set()
    for name in Phone(rom, language).rom.screens:
        phone = Phone(rom, language)
        phone.show(name)
        view = seen(phone, language)
        for nodes in view.elements.values():
            pin = view.hierarchy.pin(nodes[0]) if len(nodes) == 1 else None
            if pin is not None:
                named = {"resourceId": pin.resource_id} if pin.resource_id else {}
                sought = {"packageName": pin.package, "className": pin.class_name, "text": pin.text, **named}
                assert phone.rpc("count", [sought]) == 1, (name, sought)
                pinned.add(view.name)
    assert {"reset.home", "signout.synced"} <= pinned


def _on_the_way(rom: Rom) -> set[str]:
    """The screens that the ROM's chains go through: some ROMs have more, which nothing leads to."""
    chains = rom.chains.values()
    return {chain.origin for chain in chains} | {step.screen for chain in chains for step in chain.steps}


class Sent:
    """Stands where the phone is: remembers what would have been sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def tap(self, x: int, y: int, *, not_after: float) -> None:
        self.calls.append((x, y))

    def tap_node(self, node: Node, *, not_after: float) -> None:
        self.calls.append((node,))

    def swipe(self, x: int, start: int, end: int, *, not_after: float) -> None:
        self.calls.append((x, start, end))

    def back(self, *, not_after: float) -> None:
        self.calls.append(("back",))


@every_phone(PHONES[::2])
def test_no_destructive_node_can_be_tapped_without_consent(rom: str, language: str) -> None:
    """The practice ROMs mark what destroys; they know nothing of danger.yaml. (What gets in the way: test_popups.py.)"""
    marks = set()
    for name in Phone(rom, language).rom.screens:
        # No element of a web page is in the atlas, so that no journey taps there: tests/test_delete_account.py.
        if name.startswith("popup.") or EXPECTED[name] in LOCKS or name in WEB:
            continue
        phone = Phone(rom, language, latency=Latency(second=0))
        phone.show(name)
        scrolling = True
        while scrolling:
            marks |= _tap_all(phone, language)
            scrolling = phone.finger_scroll()
    expected = {"sign_out", "sign_out_continues", "delete_synced", "delete_cards", "erase", "erase_continues"}
    assert marks >= expected | {"find_device_off", "sign_out_password", "wipe"}


def _tap_all(phone: Phone, language: str) -> set[str]:
    """Tries to tap every node where the phone would find something destructive, and returns their marks."""
    view = seen(phone, language)
    sent = Sent()
    consents = Consents("s", "unlink", lambda: 0.0)

    def guard(_: Hierarchy, x: int, y: int) -> Any:
        return dangers_at(view, x, y, ATLAS, words_of(phone.rom.name, language))

    touch = Touch(sent, guard, consents)
    marks = set()
    for node in {node.bounds.centre: node for node in view.hierarchy.nodes}.values():
        hit = phone.would_hit(*node.bounds.centre)
        if node.enabled and node.visible and hit.landed and hit.destructive not in (None, "esim"):
            marks.add(str(hit.destructive))
            with pytest.raises(DangerousTap):
                touch.tap(view.hierarchy, node, by="words", not_after=0)
    assert sent.calls == []
    return marks


def test_a_warning_page_in_words_that_nobody_knows_is_the_last_one() -> None:
    phone = Phone("hyperos2", "ru")
    phone.show("reset.warning_1")
    english = of_phone("en", {}, ATLAS.words)
    view = recognise(parse(phone.dump()), ATLAS, english)
    assert view.name is None
    (button,) = [n for n in view.hierarchy.nodes if n.id_name == "ok"]
    (danger,) = dangers_at(view, *button.bounds.centre, ATLAS, english)
    assert danger.danger == "wipe" and not danger.continues


@pytest.mark.parametrize("title", ["Attention", "Sign out?", "Deleting your bank card"])
@pytest.mark.parametrize("button", ["logout_btn", "button1", ""])
def test_a_label_of_our_own_list_makes_nothing_harmless(title: str, button: str) -> None:
    """The short list calls the wallet's question “Attention”; this phone's own app does not."""
    texts = {"delete_bank_card_title": "Deleting your bank card", "logout_account": "Sign out"}
    ours = of_phone("en-GB", {"com.xiaomi.account": texts}, ATLAS.words)
    xml = f"""<hierarchy><node package="com.xiaomi.account" bounds="[0,0][100,200]">
        <node package="com.xiaomi.account" resource-id="com.xiaomi.account:id/alertTitle" text="{title}" bounds="[0,0][100,100]"/>
        <node package="com.xiaomi.account" resource-id="android:id/{button}" text="Sign out" clickable="true" bounds="[0,100][100,200]"/>
        </node></hierarchy>"""
    view = recognise(parse(xml), ATLAS, ours)
    dangers = {danger.danger for danger in dangers_at(view, 50, 150, ATLAS, ours)}
    assert dangers & {"sign_out", "delete_cards"}


def test_every_danger_has_a_gate_that_a_journey_has_or_none_at_all() -> None:
    gates = set()
    for journey in (unlink(), unlink(remove_synced=True), reset()):
        for rule in journey.table.values():
            gates |= {
                gate.name for gate in (getattr(rule, "gate", None), getattr(rule, "under", None)) if gate
            }
    assert {danger.gate for danger in ATLAS.dangers} - {"never"} <= gates


@pytest.mark.parametrize(
    ("start", "goal", "way"),
    [
        ("settings.home", "reset.home", ["about_phone", "factory_reset"]),
        ("settings.home", "account.home", ["account"]),
        ("reset.home", "reset.home", []),
        ("reset.home", "account.home", None),
    ],
)
def test_routes(start: str, goal: str, way: list[str] | None) -> None:
    assert route(ATLAS, start, goal) == way


@pytest.mark.parametrize(
    ("label", "text", "same"),
    [
        ("Next (%d)", "Next (7)", True),
        ("Next (%d)", "NEXT\u00a0（10）", True),
        ("Next (%d)", "Next", False),
        ("OK", "Ok ", True),
        ("OK", "Okay", False),
        ("Erase all data", "\u202bErase all\u00a0data\u202c.", True),
        ("<b>Reset</b> %1$s?", "Reset Mila’s phone?", True),
        ("Sign out", "Sign out of this device", False),
        ("%d%d%d%d%d%d%d%d%d%d", "1" * 60 + "x", False),
        ("100% sure", "100% SURE", True),
        ("Çıkış", "ÇIKIŞ", True),
        ("Αποσύνδεση", "ΑΠΟΣΥΝΔΕΣΗ", True),
        ("Отмена", "ОТМЕНА", True),
    ],
)
def test_labels_match_what_phones_make_of_them(label: str, text: str, same: bool) -> None:
    assert Label.of(label).matches(text) is same


def test_words_of_yaml_stay_words(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    file = folder / "words" / "en.yaml"
    file.write_text(file.read_text() + "x:\n  y: [No, On, 1.0, ~, 012]\n", encoding="utf-8")
    assert load(folder).words["en"]["x"]["y"] == ["No", "On", "1.0", "~", "012"]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "says"),
    [
        ("screens/about.phone.yaml", "called:", "colour: red\ncalled:", 2, "colour"),
        ("screens/about.phone.yaml", "leads_to: reset.home", "leads_to: nowhere", None, "nowhere"),
        ("screens/about.phone.yaml", "  at_least: 2", "  at_least: 9", 6, "at_least"),
        ("screens/about.phone.yaml", "called: the page About phone", "called: x\ncalled: y", 3, "twice"),
        ("screens/about.phone.yaml", "signs:", "signs: [", None, ""),
        ("danger.yaml", "  gate: unlink.sign_out\n", "", 4, "gate"),
        ("danger.yaml", "string: [master_clear_final", "string: [no_such_name, x_final", None, "no label"),
        ("furniture.yaml", "at_most: 0.1", "at_most: 7", 18, "at_most"),
        ("words/en.yaml", "  ok: [", "  ok: {", None, ""),
    ],
)
def test_lint_names_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, line: int | None, says: str
) -> None:
    folder = _copy(tmp_path)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AtlasError) as caught:
        load(folder)
    assert str(path) in str(caught.value) and says in str(caught.value)
    assert line is None or f"{path}:{line}:" in str(caught.value)


def _copy(tmp_path: Path) -> Path:
    folder = tmp_path / "selectors"
    shutil.copytree(Path(__file__).parents[1] / "selectors", folder)
    return folder


def test_the_atlas_holds_no_python_and_no_sentences() -> None:
    folder = Path(__file__).parents[1] / "selectors"
    assert list(folder.rglob("*.py")) == []
    for table in ATLAS.words.values():
        for names in table.values():
            for labels in names.values():
                assert all(len(label) <= 48 and "\n" not in label for label in labels)


TABLES = sorted(
    (file for file in (SHARED / "miui-strings").glob("*.json") if re.match(r"(miui|hyperos)\d", file.name)),
    key=lambda file: file.name,
)


@pytest.mark.skipif(not TABLES, reason="the real string tables are not here")
def test_fallback_words_are_what_real_phones_say() -> None:
    said: dict[tuple[str, str, str], set[str]] = {}
    for file in [*TABLES, SHARED / "miui-strings" / "alternates.json"]:
        content = json.loads(file.read_text(encoding="utf-8"))
        for table in content.values() if file.name == "alternates.json" else [content]:
            for package, names in table.items():
                for name, texts in names.items():
                    for language, text in texts.items():
                        all_of = text if isinstance(text, list) else [text]
                        said.setdefault((language, package, name), set()).update(map(normalise, all_of))
    for language, table in ATLAS.words.items():
        for package, names in table.items():
            for name, labels in names.items():
                if package != "android":
                    known = said.get((language, package, name), set())
                    assert {normalise(label) for label in labels} <= known, (language, package, name)


def test_the_atlas_that_is_shipped_is_the_one_of_the_checkout() -> None:
    assert isinstance(ATLAS, Atlas) and len(ATLAS.screens) >= 15
