"""The phone side where it is pure: lists, choices, facts, and what `am start` may be given."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automator.atlas import load
from automator.phone.facts import Account, mask_name, parse_accounts, parse_facts, rom_name
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


@given(st.text())
def test_no_shell_output_raises(output: str) -> None:
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
