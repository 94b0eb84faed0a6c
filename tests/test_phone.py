"""The phone side where it is pure: lists, choices, facts, and what `am start` may be given."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automator.atlas import load
from automator.phone.facts import (
    COMMAND,
    Account,
    mask_name,
    parse_accounts,
    parse_facts,
    parse_free,
    parse_owners,
    parse_restrictions,
    rom_name,
)
from automator.phone.find import Listed, choose, parse_devices, remedy
from automator.phone.start import ALLOWED, IntentForbidden, start_command

LISTING = """* daemon not running; starting now at tcp:5037
* daemon started successfully
List of devices attached
8f2a1b3c               device usb:1-2 product:fuxi_global model:2211133G device:fuxi transport_id:4\r
0123456789ABCDEF       unauthorized usb:1-3 transport_id:5
a1b2                   no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-4 transport_id:6
192.168.1.7:5555       offline transport_id:7
adb-8f2a1b3c-Xy12Zz._adb-tls-connect._tcp device product:fuxi model:2211133G device:fuxi transport_id:8
emulator-5554          device product:sdk model:sdk_gphone64 device:emu64 transport_id:9
"""


def test_every_line_of_adb_devices_is_read() -> None:
    assert [(p.serial, p.state, p.over, p.transport_id) for p in parse_devices(LISTING)] == [
        ("8f2a1b3c", "device", "usb", 4),
        ("0123456789ABCDEF", "unauthorized", "usb", 5),
        ("a1b2", "no permissions", "usb", 6),
        ("192.168.1.7:5555", "offline", "network", 7),
        ("adb-8f2a1b3c-Xy12Zz._adb-tls-connect._tcp", "device", "network", 8),
        ("emulator-5554", "device", "emulator", 9),
    ]


def _usb(serial: str) -> Listed:
    return Listed(serial, "device", "usb")


NETWORK = Listed("192.168.1.7:5555", "device", "network")


@pytest.mark.parametrize(
    ("listed", "wanted", "expected"),
    [
        ([], None, None),
        ([NETWORK], None, None),
        ([NETWORK], NETWORK.serial, NETWORK),
        ([_usb("a"), NETWORK], None, _usb("a")),
        ([_usb("a"), _usb("b")], None, [_usb("a"), _usb("b")]),
        ([_usb("a"), _usb("b")], "b", _usb("b")),
        ([_usb("a")], "gone", None),
    ],
)
def test_choosing(listed: list[Listed], wanted: str | None, expected: object) -> None:
    assert choose(listed, wanted) == expected


@pytest.mark.parametrize("state", ["unauthorized", "offline", "no permissions", "recovery", "sideload", "x"])
def test_every_state_but_ready_has_a_remedy(state: str) -> None:
    why, fix = remedy(state) or ("", "")
    assert str(why) and str(fix)
    assert remedy("device") is None


@pytest.mark.parametrize(
    ("dump", "accounts"),
    [
        ("", None),
        ("Can't find service: account", None),
        ("User UserInfo{0:Owner:c13}:\n", ()),
        (
            "User UserInfo{0:Owner:c13}:\n  Account {name=6230***535, type=com.xiaomi}\n"
            "  Account {name=6230***535, type=com.xiaomi}\n    Account {name=mila@example.org, type=com.google}\n",
            (Account("com.xiaomi", "62•••35"), Account("com.google", "m•••@e•••")),
        ),
    ],
)
def test_accounts_are_proof_only_when_the_list_was_read(
    dump: str, accounts: tuple[Account, ...] | None
) -> None:
    assert parse_accounts(dump) == accounts


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"ro.miui.ui.version.name": "V140"}, "MIUI 14"),
        ({"ro.miui.ui.version.name": "V125"}, "MIUI 12.5"),
        ({"ro.miui.ui.version.name": "V12"}, "MIUI 12"),
        ({"ro.miui.ui.version.name": "V816"}, "HyperOS 1"),
        ({"ro.miui.ui.version.name": "V816", "ro.mi.os.version.name": "OS2.0"}, "HyperOS 2"),
        ({}, ""),
    ],
)
def test_rom_names(properties: dict[str, str], name: str) -> None:
    assert rom_name(properties) == name


# The shapes are those of AOSP: Owners.dump of Android 11 and of Android 13, which leaves the name out.
@pytest.mark.parametrize(
    ("dump", "owners"),
    [
        ("", {}),
        ("  Device Owner Type: -1\n", {}),
        (
            "  Device Owner: \n    admin=ComponentInfo{com.acme.dpc/com.acme.dpc.Admin}\n    name=Acme Ltd\n"
            "    package=com.acme.dpc\n",
            {"Device Owner": "Acme Ltd"},
        ),
        (
            "  Device Owner: \n    admin=ComponentInfo{a/b}\n    package=com.acme.dpc\n"
            "  Profile Owner (User 10): \n    admin=ComponentInfo{c/d}\n    name=null\n    package=com.acme.work\n",
            {"Device Owner": "com.acme.dpc", "Profile Owner": "com.acme.work"},
        ),
        ("package=com.acme.dpc\nname=nobody's\n", {}),
    ],
)
def test_owners_of_the_phone(dump: str, owners: dict[str, str]) -> None:
    assert parse_owners(dump) == owners


USERS = """Users:
  UserInfo{0:Owner:13} serialNo=0
    Restrictions:
      none
    Device policy global restrictions:
      no_modify_accounts
    Effective restrictions:
      no_factory_reset
  UserInfo{10:security space:10} serialNo=10
    Effective restrictions:
      no_modify_accounts
  Guest restrictions:
    no_modify_accounts
"""


@pytest.mark.parametrize(
    ("dump", "forbidden"),
    [
        ("", None),
        ("Can't find service: user", None),
        ("  UserInfo{0:Owner:13} serialNo=0\n", None),
        (USERS, ("no_factory_reset",)),
        (USERS.replace("no_factory_reset", "none"), ()),
    ],
)
def test_what_is_forbidden_to_the_main_user_in_effect(dump: str, forbidden: tuple[str, ...] | None) -> None:
    assert parse_restrictions(dump) == forbidden


@pytest.mark.parametrize(
    ("listing", "kib"),
    [
        (
            "Filesystem      1K-blocks     Used Available Use% Mounted on\n"
            "/dev/block/dm-48 113174644 43000000  70174644  38% /data/user/0\n",
            70174644,
        ),
        (
            "Filesystem               Size     Used     Free   Blksize\n/data                   11.8G     7.7G     4.1G   4096\n",
            4299161,
        ),
        ("df: /data/local/tmp: No such file or directory\n", None),
        ("", None),
    ],
)
def test_free_space(listing: str, kib: int | None) -> None:
    assert parse_free(listing) == kib


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ("ACCESSIBILITY MANAGER\n", False),
        ("ACCESSIBILITY MANAGER\nUi Automation[\n", True),
        ("ACCESSIBILITY MANAGER\nUi Automation[\n4711\n", False),
        ("ACCESSIBILITY MANAGER\nUi Automation[\n/system/bin/sh: pgrep: inaccessible or not found\n", None),
        ("", None),
    ],
)
def test_whether_another_program_reads_the_screen(lines: str, taken: bool | None) -> None:
    assert parse_facts("s", f"@@mi-automator:reader\n{lines}").reader_taken is taken


def test_apps_that_are_switched_off_are_not_missing() -> None:
    output = (
        "@@mi-automator:installed\npackage:com.android.settings\n"
        "@@mi-automator:disabled\npackage:com.xiaomi.account\npackage:com.xiaomi.finddevice\n"
    )
    facts = parse_facts("s", output)
    assert (facts.missing, facts.disabled) == ((), ("com.xiaomi.account", "com.xiaomi.finddevice"))
    assert parse_facts("s", "").missing == ()


SECTIONS = st.sampled_from(re.findall(r"@@mi-automator:\w+", COMMAND))


@given(
    st.lists(st.tuples(SECTIONS, st.text() | st.from_regex(r"(  )*\w+( restrictions:| Owner|=|\{0:|\d+G)")))
)
def test_no_shell_output_raises(parts: list[tuple[str, str]]) -> None:
    facts = parse_facts("s", "".join(f"{mark}\n{text}\n" for mark, text in parts))
    assert facts.serial == "s" and (facts.accounts is not None or not facts.signed_out)


@given(st.text())
def test_no_text_raises(output: str) -> None:
    facts = parse_facts("s", output)
    assert facts.serial == "s" and not facts.signed_out


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("6230***535", "62•••35"),
        ("6230481535", "62•••35"),
        ("mila@example.org", "m•••@e•••"),
        ("Mila", "M•••"),
        ("", "•••"),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_the_atlas_opens_nothing_that_is_not_allowed() -> None:
    for screen in load().screens.values():
        for intent in screen.opens:
            assert start_command(intent.action, intent.component, intent.fragment).startswith("am start -")


# What the reset page and its neighbours understand, and what would be sent if anybody could put an intent together.
DANGEROUS = [
    "com.android.settings/.MiuiFactoryResetReceived",
    "com.android.settings/.MiuiMasterClearApplyActivity",
    "com.android.settings.action.FACTORY_RESET",
    "android.intent.action.MASTER_CLEAR",
    "com.android.settings/.SubSettings --ez clear_all true",
    "com.android.settings/.SubSettings;reboot",
    "android.settings.SETTINGS --ez x true",
    "com.android.settings.MiuiMasterClear --ez format_internal_storage true",
    "",
]


@pytest.mark.parametrize(
    ("action", "component", "fragment"),
    [
        way
        for word in DANGEROUS
        for way in (
            (word, None, None),
            (None, word, None),
            (None, "com.android.settings/.SubSettings", word),
            ("android.settings.SETTINGS", None, word),
        )
    ],
)
def test_nothing_dangerous_can_be_started(
    action: str | None, component: str | None, fragment: str | None
) -> None:
    with pytest.raises(IntentForbidden):
        start_command(action, component, fragment)


@given(st.none() | st.text(), st.none() | st.text(), st.none() | st.text())
def test_only_the_list_leaves_the_program(
    action: str | None, component: str | None, fragment: str | None
) -> None:
    try:
        command = start_command(action, component, fragment)
    except IntentForbidden:
        return
    assert tuple(command.split()[2:]) in ALLOWED


def test_the_list_has_no_extra_but_the_fragment() -> None:
    extras = {
        pair for allowed in ALLOWED for pair in itertools.pairwise(allowed) if pair[0] not in ("-a", "-n")
    }
    assert {flag for flag, _ in extras if flag.startswith("-")} == {"-e"}
    assert not any("monkey" in word for allowed in ALLOWED for word in allowed)
