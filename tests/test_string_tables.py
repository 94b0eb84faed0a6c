"""The atlas against the real string tables of MIUI 4 to HyperOS 3, in every language that they have.

For each screen a page is laid out of what evidence says may stand on it, in the words of one table; then the screen must
be recognised, each element must mean one thing, and a tap on it must be as dangerous as the journeys think.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from automator.atlas import GENERATIONS, Words, dangers_at, load, of_phone, recognise
from automator.atlas.words import normalise
from automator.hierarchy import parse
from automator.journeys import reset, unlink
from automator.practice.rom import ROMS
from automator.practice.rom import load as load_rom
from automator.practice.ui import Box, Window, to_xml
from automator.practice.ui import View as Drawn

TOP = Path(__file__).parents[1]
SHARED = TOP.parent / "shared" / "miui-strings"
TABLES = {file.stem: file for file in SHARED.glob("*.json") if re.fullmatch(r"(miui|hyperos)\d+", file.stem)}
ATLAS = load()
SETTINGS, ACCOUNT, CLOUD = "com.android.settings", "com.xiaomi.account", "com.miui.cloudservice"
FIND_DEVICE = "com.xiaomi.finddevice"

pytestmark = pytest.mark.skipif(not TABLES, reason="the real string tables are not here")

Row = tuple[str, str]
"""A resource's name, and the id of the node that shows it."""


@dataclass(frozen=True)
class Page:
    """What stands on a screen, by the evidence; texts in no table stand for themselves, in quotes."""

    package: str
    rows: tuple[Row, ...]
    meanings: Mapping[str, frozenset[str]]
    """What each element of the atlas may resolve to: names that are one thing."""


def page(package: str, *rows: str, **meanings: str) -> Page:
    """Rows are `name` or `name#id`; a meaning is the names of one thing, with spaces between."""
    split = tuple((row.partition("#")[0], row.partition("#")[2] or "title") for row in rows)
    return Page(package, split, {element: frozenset(names.split()) for element, names in meanings.items()})


PAGES = {
    "settings.home": page(
        SETTINGS,
        "settings_label#action_bar_title",
        *("my_device", "unlogin_account_title", "unlogin_account_summary#summary", "xiaomi_account#summary"),
        *("personal_section_title", "system_and_device_section_title", "header_category_accounts"),
        *("micloud_service_title", "xiaomi_cloud_service", "password_security_settings_title"),
        *("security_settings_title", "password_and_security", "miui_special_feature", "account_list"),
        *("other_advanced_settings", "sync_settings", "account_settings", "more_account_settings_title"),
        "about_settings",
        about_phone="about_settings my_device",
        additional_settings="other_advanced_settings",
        account="xiaomi_account",
    ),
    "settings.additional": page(
        SETTINGS,
        *("other_advanced_settings#action_bar_title", "privacy_settings"),
        "development_settings_title",
        backup_and_reset="privacy_settings",
    ),
    "backup.reset": page(
        SETTINGS,
        *("privacy_settings#action_bar_title", "backup_section_title", "local_backup_section_title"),
        *("cloud_backup_section_title", "google_backup_section_title", "system_backup_section_title"),
        *("master_clear_title", "master_clear_summary#summary", "miui_master_clear_summary#summary"),
        factory_reset="master_clear_title",
    ),
    "about.phone": page(
        SETTINGS,
        *("about_settings#action_bar_title", "my_device_info_device_name_preference_title"),
        *("device_miui_version", "firmware_version", "privacy_settings_new", "master_clear_title_new"),
        factory_reset="master_clear_title_new",
    ),
    "reset.home": page(
        SETTINGS,
        *("master_clear_title_new#action_bar_title", "master_clear_title#action_bar_title_expand"),
        *("erase_sure", "erase_personal_data", "erase_personal_data_description#summary", "erase_optional"),
        *("erase_application", "erase_external_storage", "erase_internal_storage", "tip_remove_data"),
        *("acount_data", "backup_data", "master_clear_button_text#action_menu_item_child_text"),
        "clear_all_data#action_menu_item_child_text",
        erase_all_data="clear_all_data master_clear_button_text",
    ),
    "lock.confirm": page(
        SETTINGS,
        *("lockpassword_confirm_your_pin_header#headerText", "lockpassword_confirm_your_pattern_header"),
        *("lockpassword_confirm_your_password_header", "lockpassword_confirm_your_lock_pattern_header"),
        *("lockpassword_confirm_your_lock_password_header", "lockpassword_confirm_your_lock_pin_header"),
        *("draw_your_pattern_password", "confirm_your_digit_password", "confirm_your_mixed_password"),
        "button_text_cancel#cancel",
    ),
    "reset.wallet": page(
        SETTINGS, "wallet_reset_title#alertTitle", "'Open#button1", "'Skip#button2", go_on="'Skip"
    ),
    "reset.backup": page(
        SETTINGS,
        *("'Back up first?#alertTitle", "clear_data_alert_info#message", "'Back up#button1"),
        "continue_reset_factory#button2",
        go_on="continue_reset_factory",
    ),
    "reset.warning_1": page(
        SETTINGS,
        *("master_clear_apply_title#action_bar_title", "master_clear_apply_step_1#warning_info"),
        *("button_text_cancel#cancel", "button_text_next_step#ok"),
        next="button_text_next_step",
    ),
    "reset.warning_2": page(
        SETTINGS,
        *("master_clear_apply_title#action_bar_title", "master_clear_apply_step_2#warning_info"),
        *("button_text_cancel#cancel", "button_text_ok#ok"),
        reset="button_text_ok",
    ),
    "account.home": page(
        ACCOUNT,
        *("app_name#action_bar_title", "'Mila#nick_name", "account_user_details", "account_security"),
        *("account_bind_settings", "account_bind_devices", "account_xiaomi_service", "cloud_service"),
        *("account_mibi_center", "mi_finance", "help_center", "about_mi_account", "logout_account"),
        "passport_logout_account",
        sign_out="logout_account passport_logout_account",
    ),
    "account.password": page(
        ACCOUNT,
        *("passport_quick_login_title#title", "'6230***535#passport_account_name"),
        *("passport_input_password_hint#et_account_password", "passport_forget_password#tv_forget_pwd"),
        *("'Cancel#cancel", "'OK#passport_confirm"),
    ),
    "signout.synced": page(
        CLOUD,
        *("micloud_wipe_data_confirm_label#alertTitle", "micloud_wipe_data_confirm_title#message"),
        *("micloud_wipe_data_retain#", "micloud_wipe_data_remove#", "button_cancel#"),
        keep="micloud_wipe_data_retain",
        remove="micloud_wipe_data_remove",
    ),
    "signout.wallet": page(
        ACCOUNT,
        *("delete_bank_card_title#alertTitle", "delete_bank_card_message#message"),
        *("cancel#button2", "ok#button1"),
        go_on="ok",
    ),
    "signout.e2ee": page(
        CLOUD,
        *("e2ee_exit_account_title#alertTitle", "e2ee_exit_account_subtitle#message"),
        *("e2ee_exit_account_button_exit#button1", "button_cancel#button2"),
        sign_out="e2ee_exit_account_button_exit",
    ),
    "signout.notice": page(
        CLOUD,
        *("wipe_data_dialog_title#alertTitle", "wipe_data_dialog_msg#message"),
        *("wipe_data_dialog_button_check_sync#button2", "'OK#button1"),
    ),
    "signout.progress": page(ACCOUNT, "removing_account#message"),
    "signout.failed": page(
        ACCOUNT, "logout_failed#alertTitle", "passport_error_network#message", "'OK#button1"
    ),
    "find_device.close": page(
        CLOUD,
        *(
            "micloud_find_device_close_alert_title#alertTitle",
            "micloud_find_device_close_alert_content#message",
        ),
        *(
            "micloud_find_device_close_alert_positive#button1",
            "micloud_find_device_close_alert_negtive#button2",
        ),
    ),
    "lock.find_device": page(
        FIND_DEVICE,
        *("activate_xiaomi_account", "device_locked", "phone_locked", "password#password", "unlock"),
        *("unlock_help_title", "'Unlock code: 4711"),
    ),
}
NO_WORDS = {
    *("reset.busy", "settings.notice", "account.login", "find_device.home", "lock.keyguard", "lock.frp"),
    *("popup.permission", "popup.permission_miui", "popup.update", "popup.cloud_ad", "popup.low_battery"),
    *("popup.install", "popup.debugging_risk", "popup.call", "popup.volume", "popup.shade"),
    *("popup.power_menu", "popup.not_responding"),
    *(name for name in ATLAS.screens if name.startswith("web.")),
}
"""Screens that ids alone tell, in every language, or one language alone; and pages of the web, which no app's table has."""
WORDS_ELSEWHERE = {"lock.lost", "lock.instalment", "popup.app_update", "popup.usb"}
"""Screens told by names that are in none of the tables, which hold a part only of each app's."""
NAMES_ELSEWHERE = {
    # a translation of MIUI 13's Find Device
    *("device_lost", "default_lock_msg_words_with_phone", "lock_msg_phone", "default_debt_msg_words"),
    *("unlock_number", "unlock_help", "open_wifi_settings", "emergency_call"),
    # a translation of MIUI 13's account app
    *("update_apk_version_later", "update_apk_version_now"),
    *("xiaomi_market_sdk_update_dialog_cancel", "xiaomi_market_sdk_update_dialog_ok"),
    # decompiled Settings of MIUI 13
    *("usb_use_charging_only", "usb_use", "usb_use_file_transfers", "usb_use_photo_transfers"),
    *("usb_use_miui12_5", "usb_use_file_transfers_miui12_5", "usb_use_photo_transfers_miui12_5"),
}


@cache
def table(generation: str) -> dict[str, dict[str, dict[str, str]]]:
    content: dict[str, dict[str, dict[str, str]]] = json.loads(TABLES[generation].read_text(encoding="utf-8"))
    return content


def locales(generation: str, package: str) -> list[str]:
    return sorted({locale for texts in table(generation).get(package, {}).values() for locale in texts})


@cache
def words_of(generation: str, locale: str) -> tuple[Words, dict[tuple[str, str], str]]:
    """The words of a phone in that language, and the texts: what a language lacks is shown in English."""
    read = {
        package: {
            name: texts.get(locale) or texts["en"]
            for name, texts in names.items()
            if locale in texts or "en" in texts
        }
        for package, names in table(generation).items()
    }
    flat = {(package, name): text for package, names in read.items() for name, text in names.items()}
    return of_phone(locale, dict(read), ATLAS.words), flat


def shown(text: str) -> str:
    """What a phone makes of a resource's text: arguments filled in, markup and entities gone."""
    text = re.sub(r"%(\d+\$)?d", "7", re.sub(r"%(\d+\$)?s", "x", re.sub(r"<[^<>]*>", "", text)))
    return re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), text)


def laid_out(sheet: Page, words: Mapping[tuple[str, str], str]) -> tuple[str, dict[Box, str]]:
    """The page as a dump, and which resource stands where. Rows that the table lacks are left out."""
    views: list[Drawn] = []
    names: dict[Box, str] = {}
    for row, id_name in sheet.rows:
        text = row[1:] if row.startswith("'") else words.get((sheet.package, row))
        if text is None:
            continue
        box = Box(0, 100 + 100 * len(views), 1080, 200 + 100 * len(views))
        full = f"{sheet.package}:id/{id_name}" if id_name else ""
        typed = id_name == "et_account_password"
        kind = "android.widget.EditText" if typed else "android.widget.TextView"
        views.append(Drawn(kind, box, id=full, text="" if typed else shown(text), clickable=True))
        names[box] = row
    whole = Box(0, 0, 1080, 2400)
    root = Drawn("android.widget.FrameLayout", whole, tuple(views))
    return to_xml([Window("page", sheet.package, root)]), names


def elements_that(generation: str, name: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The elements of a screen for which the generation has a name, with these names."""
    sheet = PAGES[name]
    for element, meaning in sheet.meanings.items():
        have = [
            one for one in meaning if one.startswith("'") or one in table(generation).get(sheet.package, {})
        ]
        if have:
            yield element, have


GATES = {
    (screen, getattr(rule, "element", "")): (getattr(rule, "gate", None) or getattr(rule, "under", None))
    for journey in (unlink(), unlink(remove_synced=True), reset())
    for screen, rule in journey.table.items()
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("generation", sorted(TABLES))
def test_every_element_means_one_thing_in_every_language(generation: str, name: str) -> None:
    sheet = PAGES[name]
    have = dict(elements_that(generation, name))
    if sheet.meanings and not have:
        return
    for locale in locales(generation, sheet.package):
        words, texts = words_of(generation, locale)
        xml, names = laid_out(sheet, texts)
        if not names:
            continue
        view = recognise(parse(xml), ATLAS, words)
        if generation in GENERATIONS and _signs_are_there(name, names):
            assert view.name == name, (locale, view.why)
        if view.name != name:
            continue
        for element in have:
            found = {names[Box(*_box(node.bounds))] for node in view.elements[element]}
            assert found, (locale, element)
            assert found <= sheet.meanings[element], (locale, element, found)
            for node in view.elements[element]:
                gates = {danger.gate for danger in dangers_at(view, *node.bounds.centre, ATLAS, words)}
                gate = GATES.get((name, element))
                assert gates == ({gate.name} if gate else set()), (locale, element, gates)


DESTRUCTIVE = {
    *("logout_account", "passport_logout_account", "passport_delete_account", "passport_remove_confirm"),
    *("delete_device_btn", "remove_btn", "micloud_wipe_data_retain", "micloud_wipe_data_remove"),
    *("e2ee_exit_account_button_exit", "e2ee_exit_account_button_close"),
    *("micloud_find_device_verify_close", "micloud_find_device_close_alert_negtive"),
    *("clear_all_data", "main_clear_button_text", "master_clear_button_text"),
    *("continue_reset_factory", "button_text_next_step", "button_text_ok"),
    *("unlock", "activate_xiaomi_account"),
}
"""What a tap on these begins, goes on with or does, by elements.json: never without consent, wherever they stand."""
OTHERS = {
    "another device": page(
        ACCOUNT, "account_bind_devices#action_bar_title", "delete_device_notice", "delete_device_btn"
    ),
    "sign-out question": page(
        ACCOUNT, "'Sign out?#alertTitle", "cancel#button2", "passport_remove_confirm#button1"
    ),
    "Find Device": page(
        CLOUD, "find_device_service_title#tv_title", "micloud_find_device_verify_close#btn_close"
    ),
    "stock reset": page(
        SETTINGS, "main_clear_title#title", "main_clear_desc", "main_clear_button_text#initiate_main_clear"
    ),
}
"""Pages that are no place of a journey."""


@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
@pytest.mark.parametrize("generation", sorted(set(TABLES) & set(GENERATIONS)))
def test_what_destroys_is_known_in_every_language(generation: str, name: str) -> None:
    sheet = {**PAGES, **OTHERS}[name]
    for locale in locales(generation, sheet.package):
        words, texts = words_of(generation, locale)
        xml, names = laid_out(sheet, texts)
        if not names:
            continue
        view = recognise(parse(xml), ATLAS, words)
        assert name not in OTHERS or view.name in (None, "find_device.home"), (locale, view.why)
        for box, row in names.items():
            if row in DESTRUCTIVE:
                assert dangers_at(view, *box.centre, ATLAS, words), (locale, row)


def _box(bounds: object) -> tuple[int, int, int, int]:
    left, top, right, bottom = (int(number) for number in re.findall(r"-?\d+", str(bounds)))
    return left, top, right, bottom


def _signs_are_there(name: str, names: Mapping[Box, str]) -> bool:
    """Whether the generation has what the screen is recognised by: else its page is another one there."""
    there = set(names.values())
    signs = ATLAS.screens[name].signs
    needed = [
        one for one in signs.all if one.string and not any(s.rpartition(":")[2] in there for s in one.string)
    ]
    some = [
        one for one in signs.any if not one.string or any(s.rpartition(":")[2] in there for s in one.string)
    ]
    return not needed and (not signs.any or len(some) >= signs.at_least)


def test_every_screen_of_the_atlas_has_a_page_here() -> None:
    assert set(PAGES) | NO_WORDS | WORDS_ELSEWHERE == set(ATLAS.screens)


def test_names_of_what_gets_in_the_way_are_real() -> None:
    there = {name for generation in TABLES for names in table(generation).values() for name in names}
    over = [screen for screen in ATLAS.screens.values() if screen.layer == "over"]
    named = {name for screen in over for package, name in ATLAS.strings_of(screen) if package != "android"}
    assert named - there == NAMES_ELSEWHERE


def coverage() -> dict[tuple[str, str], dict[str, str]]:
    """For each element and generation: in how many of its languages the words are the language's own."""
    rows: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name, sheet in PAGES.items():
        for element in sheet.meanings:
            for generation in (g for g in GENERATIONS if g in TABLES):
                have = dict(elements_that(generation, name)).get(element, ())
                every = locales(generation, sheet.package)
                names = table(generation).get(sheet.package, {})
                own = [loc for loc in every if any(loc in names.get(one, {}) for one in have)]
                rows[name, element][generation] = f"{len(own)}/{len(every)}" if own else "–"
    return rows


def matrix() -> str:
    """The coverage as the README shows it."""
    columns = [generation for generation in GENERATIONS if generation in TABLES]
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for (name, element), cells in coverage().items():
        lines.append(f"| `{name}` {element} | " + " | ".join(cells[column] for column in columns) + " |")
    return "\n".join(lines)


def test_the_readme_shows_the_coverage() -> None:
    print(matrix())
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    assert readme.partition("<!-- coverage -->\n")[2].partition("\n<!-- end -->")[0] == matrix()


def test_no_sentence_of_theirs_is_in_the_project() -> None:
    """Short labels of rows and buttons are facts; sentences are Xiaomi's and the translators' own."""
    theirs = {
        normalise(text)
        for generation in TABLES
        for names in table(generation).values()
        for texts in names.values()
        for text in texts.values()
        if len(text) > 48
    }
    ours = [
        (rom, package, name, text)
        for rom in ROMS
        for package, words in load_rom(rom).words.items()
        for name, texts in words.items()
        for text in texts.values()
    ]
    assert [one for one in ours if len(one[3]) > 48 and normalise(one[3]) in theirs] == []
