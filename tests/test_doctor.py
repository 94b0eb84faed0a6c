"""The doctor: each broken set-up has its cause named and its remedy; what it prints, and what journeys make of it."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pexpect
import pytest

from automator import doctor
from automator.doctor import Computer, Interface, Row, UsbDevice, computer_rows, examine, plugged, state_row
from automator.doctor.computer import gather
from automator.doctor.phone import phone_rows
from automator.journeys.preflight import cautions, obstacle
from automator.phone import Listed, remedy
from automator.phone.facts import Facts
from automator.practice.lab import Lab
from automator.text import LANGUAGES, Text, use_language
from tests.conftest import MakePlugged, Plugged

# USB: a tree as Linux shows it


@dataclass(frozen=True)
class Gadget:
    """A device as it goes into the tree: its ids, its interfaces `class/subclass/protocol`, each with its name."""

    ids: str
    interfaces: dict[str, str] = field(default_factory=dict)
    name: str = "Redmi Note 13"
    maker: str = "Xiaomi"
    serial: str = "8f2a1b3c"


def sysfs(root: Path, *gadgets: Gadget) -> Path:
    """The folders of these devices below `root`, and the root hub that is always there."""
    folder = root / "sys/bus/usb/devices"
    hub = Gadget("1d6b:0002", {"09/00/00": ""}, "xHCI Host Controller", "Linux", "0000:00:14.0")
    for number, gadget in enumerate((hub, *gadgets)):
        place = f"1-{number}" if number else "usb1"
        vendor, _, product = gadget.ids.partition(":")
        files = {
            "idVendor": vendor,
            "idProduct": product,
            "serial": gadget.serial,
            "product": gadget.name,
            "manufacturer": gadget.maker,
            "busnum": "1",
            "devnum": str(number + 1),
        }
        _write(folder / place, files)
        for index, (code, name) in enumerate(gadget.interfaces.items()):
            parts = dict(
                zip(
                    ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"),
                    code.split("/"),
                    strict=True,
                )
            )
            _write(folder / f"{place}:1.{index}", {**parts, "interface": name})
    return root


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        if content:
            (folder / name).write_text(f"{content}\n", encoding="utf-8")


ADB, FASTBOOT, MTP, PTP = "ff/42/01", "ff/42/03", "ff/ff/00", "06/01/01"
LINUX = Computer(
    "linux", "/usr/bin/adb", "Android Debug Bridge version 1.0.41\nVersion 36.0.0-1", 41, (), (), root=True
)
"""A computer on which all is well, but for a phone."""
DEBIAN_RULES = """# Android
SUBSYSTEM!="usb", GOTO="end"
ATTR{idVendor}=="18d1", GOTO="adb"
ATTR{idVendor}=="2717", GOTO="adb"
LABEL="adb", MODE="0660", GROUP="plugdev"
"""
OURS = UsbDevice("2717", "ff48", "8f2a1b3c", interfaces=(Interface(ADB),))


def _usb(serial: str, state: str = "device") -> Listed:
    return Listed(serial, state, "usb")


# broken set-ups

Making = Callable[[MakePlugged, Path], list[Row]]


def _phone(before: Callable[[Plugged], None] = lambda _: None, **state: Any) -> Making:
    """The checks of a practice phone in that state."""

    def make(plug: MakePlugged, _: Path) -> list[Row]:
        phone = plug(**state)
        before(phone)
        return list(examine(phone.lab.client, phone.wire.serial))

    return make


def _bus(gadget: Gadget) -> Making:
    """The checks of a computer with that on its USB bus, which adb does not list."""

    def make(_: MakePlugged, root: Path) -> list[Row]:
        return computer_rows(replace(LINUX, usb=tuple(plugged(sysfs(root, gadget)) or ())))

    return make


def _computer(wanted: str | None = None, **seen: Any) -> Making:
    return lambda _, __: computer_rows(replace(LINUX, **seen), wanted)


def _state(state: str) -> Making:
    return lambda _, __: [state_row(_usb("8f2a1b3c", state))]


def _remove(package: str) -> Callable[[Plugged], None]:
    def remove(phone: Plugged) -> None:
        del phone.device.packages[package]

    return remove


def _unauthorize(phone: Plugged) -> None:
    phone.wire.unplug()
    phone.device.authorised = False
    phone.wire.plug()
    phone.lab.client.connect(phone.wire.serial)
    phone.lab.wait(phone.wire, "unauthorized")


BROKEN: dict[str, tuple[Making, str, str, str]] = {
    # what is broken: how to make it so, the row that names the cause, its status, a word of it
    "not a Xiaomi": (
        _phone(properties={"ro.product.brand": "samsung"}),
        "brand",
        "fail",
        "samsung",
    ),
    "another system on a Xiaomi": (
        _phone(properties={"ro.miui.ui.version.name": "", "ro.mi.os.version.name": ""}),
        "rom",
        "fail",
        "MIUI or HyperOS",
    ),
    "a system that nobody knows": (
        _phone(properties={"ro.mi.os.version.name": "OS9.0"}),
        "rom",
        "warn",
        "HyperOS 9",
    ),
    "second space": (_phone(user=10), "user", "fail", "Second Space"),
    "not set up": (_phone(provisioned=False), "setup", "fail", "not set up"),
    "account app switched off": (
        _phone(disabled=("com.xiaomi.account",)),
        "com.xiaomi.account",
        "fail",
        "Xiaomi Account is switched off",
    ),
    "account app removed": (
        _phone(_remove("com.xiaomi.account")),
        "com.xiaomi.account",
        "fail",
        "Xiaomi Account is not on the phone",
    ),
    "Settings switched off": (
        _phone(disabled=("com.android.settings",)),
        "com.android.settings",
        "fail",
        "Settings is switched off",
    ),
    "Find Device switched off": (
        _phone(disabled=("com.xiaomi.finddevice",)),
        "com.xiaomi.finddevice",
        "warn",
        "Find Device is switched off",
    ),
    "a company forbids the reset": (
        _phone(device_owner="com.acme.dpc", forbidden=("no_factory_reset",)),
        "admin",
        "fail",
        "com.acme.dpc",
    ),
    "a work profile forbids the reset": (
        _phone(work_profile="com.acme.work", forbidden=("no_factory_reset",)),
        "admin",
        "fail",
        "company or a school",
    ),
    "a company forbids signing out": (
        _phone(device_owner="com.acme.dpc", forbidden=("no_modify_accounts",)),
        "admin_accounts",
        "fail",
        "signing in or out",
    ),
    "a company owns the phone": (_phone(device_owner="com.acme.dpc"), "admin", "warn", "managed by com.acme"),
    "a work profile": (_phone(work_profile="com.acme.work"), "admin", "warn", "work profile"),
    "accounts can't be read": (_phone(accounts_time_out=True), "accounts", "fail", "which accounts"),
    "no internet, signed in": (_phone(network=False), "network", "fail", "no internet"),
    "no internet, signed out": (_phone(network=False, account=None), "network", "warn", "no internet"),
    "no SIM": (_phone(sim=False), "sim", "warn", "SIM"),
    "battery low": (_phone(battery=7, charging=False), "battery", "warn", "7 %"),
    "storage full": (_phone(disk_full=True), "storage", "fail", "0 MB free; the small program that reads"),
    "another program reads the screen": (_phone(reader_taken=True), "reader", "fail", "Another program"),
    "bootloader unlocked": (
        _phone(properties={"ro.secureboot.lockstate": "unlocked"}),
        "bootloader",
        "warn",
        "unlocked",
    ),
    "screen off": (_phone(awake=False), "screen", "warn", "off or locked"),
    "screen locked": (_phone(keyguard=True), "screen", "warn", "off or locked"),
    "taps refused": (_phone(adbinput=False), "taps", "warn", "“USB debugging (Security settings)” is off"),
    "taps refused, whatever the property says": (
        _phone(adbinput=False, adbinput_says="1"),
        "taps",
        "warn",
        "all the same",
    ),
    "not authorised": (_phone(_unauthorize), "state", "fail", "does not trust this computer"),
    # on the bus, not with adb
    "charging only": (_bus(Gadget("2717:ff08")), "usb", "fail", "only charges"),
    "file transfer without debugging": (
        _bus(Gadget("2717:ff40", {MTP: "MTP"})),
        "usb",
        "fail",
        "for file transfer",
    ),
    "file transfer of a newer phone": (
        _bus(Gadget("2717:ff40", {PTP: "MTP"})),
        "usb",
        "fail",
        "for file transfer",
    ),
    "photos without debugging": (_bus(Gadget("2717:ff10", {PTP: "PTP"})), "usb", "fail", "for photos"),
    "tethering without debugging": (
        _bus(Gadget("2717:ff80", {"e0/01/03": "RNDIS Communications Control", "0a/00/00": ""})),
        "usb",
        "fail",
        "shares its internet",
    ),
    "debugging that adb does not list": (
        _bus(Gadget("2717:ff48", {MTP: "MTP", ADB: "ADB Interface"})),
        "usb",
        "fail",
        "adb does not list it",
    ),
    "fastboot": (
        _bus(Gadget("18d1:d00d", {FASTBOOT: "fastboot"}, "Android", "Google")),
        "usb",
        "fail",
        "stands in fastboot",
    ),
    "recovery": (
        _bus(Gadget("18d1:d001", {ADB: "ADB Interface"}, "Redmi", "Xiaomi")),
        "usb",
        "fail",
        "stands in its recovery",
    ),
    "Qualcomm's emergency mode": (
        _bus(Gadget("05c6:9008", {"ff/ff/ff": ""}, "QUSB__BULK", "Qualcomm CDMA Technologies MSM", "")),
        "usb",
        "fail",
        "emergency mode",
    ),
    "MediaTek's preloader": (
        _bus(Gadget("0e8d:2000", {"02/02/01": "", "0a/00/00": ""}, "MT65xx Preloader", "MediaTek", "")),
        "usb",
        "fail",
        "emergency mode",
    ),
    "modem only": (_bus(Gadget("2717:ff18", {"ff/ff/30": ""})), "usb", "fail", "only its modem"),
    "something unheard of": (_bus(Gadget("2717:ff99", {"08/06/50": ""})), "usb", "fail", "nothing that I"),
    # the computer
    "no adb": (_computer(adb="", version="", listed=None), "adb", "fail", "is missing"),
    "no adb, but its server": (_computer(adb="", version=""), "adb", "warn", "is missing"),
    "adb of another machine": (_computer(version="", listed=None), "adb", "fail", "does not run"),
    "no adb server": (_computer(server=None, listed=None), "adb_server", "fail", "does not answer"),
    "two versions of adb": (_computer(server=40), "adb_version", "warn", "1.0.41"),
    "no udev rules": (_computer(root=False), "udev", "warn", "no rules"),
    "no udev rules, and a phone": (
        _computer(root=False, listed=(_usb("8f2a1b3c", "no permissions"),)),
        "udev",
        "fail",
        "no rules",
    ),
    "not in the group": (
        _computer(root=False, rules=(DEBIAN_RULES,), groups=frozenset({"users"}), user="mila"),
        "udev",
        "warn",
        "plugdev",
    ),
    "rules that came too late": (
        _computer(
            root=False,
            rules=(DEBIAN_RULES,),
            groups=frozenset({"plugdev"}),
            usb=(replace(OURS, writable=False),),
        ),
        "udev",
        "fail",
        "did not reach",
    ),
    "nothing on the bus": (_computer(), "phones", "fail", "none is on the USB bus"),
    "nothing with adb, and no bus to look at": (
        _computer(platform="darwin", usb=None),
        "phones",
        "fail",
        "does not see the phone",
    ),
    "nothing with adb on Windows": (_computer(platform="win32", usb=None), "driver", "warn", "no driver"),
    "Linux inside Windows": (_computer(wsl=True), "phones", "fail", "inside Windows"),
    "a serial that nobody has": (_computer("nope"), "phones", "fail", "no phone nope"),
    "two phones": (_computer(listed=(_usb("a"), _usb("b"))), "phones", "warn", "a, b"),
    "offline": (_state("offline"), "state", "fail", "offline"),
    "no permissions": (_state("no permissions"), "state", "fail", "USB port"),
    "asking": (_state("authorizing"), "state", "fail", "about to ask"),
    "adb in recovery": (_state("recovery"), "state", "fail", "recovery"),
    "adb in rescue": (_state("rescue"), "state", "fail", "recovery"),
    "sideload": (_state("sideload"), "state", "fail", "waits for an update"),
    "bootloader": (_state("bootloader"), "state", "fail", "fastboot"),
    "let go": (_state("detached"), "state", "fail", "let go"),
    "a state unheard of": (_state("host"), "state", "fail", "“host”"),
}
TOGETHER = {
    "no adb": {"adb", "adb_server"},
    "adb of another machine": {"adb", "adb_server"},
    "rules that came too late": {"udev", "usb"},
}
"""Where one cause fails several checks."""


@pytest.mark.parametrize("what", BROKEN)
def test_the_cause_of_each_broken_set_up_is_named(what: str, plug: MakePlugged, tmp_path: Path) -> None:
    make, identity, status, word = BROKEN[what]
    rows = make(plug, tmp_path / "computer")
    (row,) = [row for row in rows if row.id == identity]
    assert (row.status, word in row.reason) == (status, True), row.reason
    assert row.fix.english
    # Nothing else is blamed. (Without a phone there is none to be seen, on top of whatever is broken.)
    failed = {row.id for row in rows if row.status == "fail"} - {"phones"}
    assert failed == TOGETHER.get(what, {identity} - {"phones"} if status == "fail" else set())
    warned = {row.id for row in rows if row.status == "warn" and row.phone}
    assert warned <= {identity}


@pytest.mark.parametrize("what", ["no adb", "no adb, but its server", "adb of another machine"])
def test_adb_is_to_be_had_for_every_computer(what: str, plug: MakePlugged, tmp_path: Path) -> None:
    (row,) = [row for row in BROKEN[what][0](plug, tmp_path) if row.id == "adb"]
    for way in (
        "brew install android-platform-tools” on a Mac",
        "sudo apt install adb”",
        "adbutils” on Windows",
    ):
        assert way in str(row.fix)


def test_there_are_many_of_them() -> None:
    assert len(BROKEN) >= 25


def test_a_healthy_phone_has_nothing_that_is_not_well(plug: MakePlugged) -> None:
    for rom in ("miui8", "miui12.5", "hyperos3"):
        phone = plug(rom)
        rows = [row for row in examine(phone.lab.client, phone.wire.serial) if row.phone]
        assert [row for row in rows if row.status != "pass"] == []
        assert {row.id for row in rows} >= {"brand", "rom", "com.xiaomi.account", "admin", "reader", "taps"}
        assert phone.device.log == []


def test_taps_without_the_switch(plug: MakePlugged) -> None:
    """Some models have no such switch and take taps all the same: the key that does nothing tells."""
    phone = plug(adbinput_says="")
    rows = {row.id: row for row in examine(phone.lab.client, phone.wire.serial)}
    assert rows["taps"].status == "pass"


def test_a_wedged_phone_does_not_hold_the_others_up(plug: MakePlugged, lab: Lab) -> None:
    wedged, well = plug(), plug()
    wedged.wire.freeze()
    began = time.monotonic()
    rows = list(examine(lab.client))
    assert time.monotonic() - began < 15
    found = {(row.phone, row.id): row.status for row in rows}
    assert found[wedged.wire.serial, "answers"] == "fail"
    assert (wedged.wire.serial, "brand") not in found
    assert found[well.wire.serial, "taps"] == "pass"


# the USB bus


def test_the_bus_is_read(tmp_path: Path) -> None:
    root = sysfs(tmp_path, Gadget("2717:FF48", {MTP: "MTP", ADB: "ADB Interface"}))
    (root / "dev/bus/usb/001").mkdir(parents=True)
    (root / "dev/bus/usb/001/002").touch(0o600)
    assert plugged(root) == [
        UsbDevice(
            "2717",
            "ff48",
            "8f2a1b3c",
            "Xiaomi",
            "Redmi Note 13",
            (Interface(MTP, "MTP"), Interface(ADB, "ADB Interface")),
            True,
        )
    ]
    assert plugged(tmp_path / "elsewhere") is None


@pytest.mark.parametrize(
    "gadget",
    [
        Gadget("2717:5001", {"03/01/02": ""}, "Xiaomi Mouse"),
        Gadget("2717:3801", {"01/01/00": "", "03/00/00": ""}, "Mi ANC & Type-C In-Ear Earphones"),
        Gadget("18d1:4ee1", {MTP: "MTP"}, "Pixel 8", "Google"),
        Gadget("04e8:6860", {MTP: "MTP"}, "SAMSUNG_Android", "SAMSUNG"),
        Gadget("0bda:8152", {"ff/ff/00": ""}, "USB 10/100 LAN", "Realtek"),
    ],
)
def test_other_things_on_the_bus_are_left_alone(gadget: Gadget, tmp_path: Path) -> None:
    seen = replace(LINUX, usb=tuple(plugged(sysfs(tmp_path, gadget)) or ()))
    assert [row.id for row in computer_rows(seen) if row.status == "fail"] == ["phones"]


def test_where_one_phone_is_asked_for_the_others_on_the_bus_fail_nothing() -> None:
    other = replace(OURS, serial="c0ffee00", writable=False)
    seen = replace(LINUX, root=False, rules=(DEBIAN_RULES,), groups=frozenset({"plugdev"}), usb=(OURS, other))
    seen = replace(seen, listed=(_usb(OURS.serial), _usb("????????????", "no permissions")))

    def failed(seen: Computer, wanted: str | None) -> list[tuple[str, str]]:
        return [(row.id, row.phone) for row in computer_rows(seen, wanted) if row.status == "fail"]

    assert failed(seen, OURS.serial) == []
    # One that adb lists is asked for, and one on the network.
    nearby = replace(seen, listed=(*(seen.listed or ()), Listed("192.168.0.5:5555", "device", "network")))
    assert failed(nearby, "192.168.0.5:5555") == []
    # The one that is meant is told of, and all are where none is named.
    assert failed(seen, other.serial) == [("udev", ""), ("usb", other.serial), ("phones", "")]
    assert failed(seen, None) == [("udev", ""), ("usb", other.serial)]


def test_a_listed_phone_is_no_stranger() -> None:
    hidden = replace(OURS, serial="")
    for serial, device in (("8f2a1b3c", OURS), ("????????????", hidden)):
        rows = computer_rows(replace(LINUX, listed=(_usb(serial),), usb=(device,)))
        assert [row.id for row in rows] == ["adb", "adb_server", "udev"]


@pytest.mark.parametrize(
    ("rules", "groups"),
    [
        (DEBIAN_RULES, {"plugdev"}),
        (DEBIAN_RULES.replace('GROUP="plugdev"', 'GROUP="plugdev", TAG+="uaccess"'), set()),
        ('SUBSYSTEM=="usb", ATTR{idVendor}=="2717", MODE="0666"', set()),
        ('ENV{ID_USB_INTERFACES}=="*:ff4201:*", ENV{ID_DEBUG_APPLIANCE}="android"', set()),
    ],
)
def test_rules_that_let_one_at_the_phone(rules: str, groups: set[str]) -> None:
    seen = replace(LINUX, root=False, rules=("# 2717", rules), groups=frozenset(groups))
    assert {row.id: row.status for row in computer_rows(seen)}["udev"] == "pass"


def test_gathering_looks_below_the_root_that_it_is_given(lab: Lab, tmp_path: Path) -> None:
    sysfs(tmp_path, Gadget("2717:ff40", {MTP: "MTP"}))
    _write(tmp_path / "etc/udev/rules.d", {"51-android.rules": DEBIAN_RULES})
    _write(tmp_path / "proc", {"version": "Linux version 6.6 (Microsoft)"})
    seen = gather(lab.client, root=tmp_path, platform="linux")
    assert seen.usb is not None and [device.product for device in seen.usb] == ["ff40"]
    assert (seen.rules, seen.wsl) == ((DEBIAN_RULES + "\n",), True)
    assert f"version 1.0.{seen.server}\n" in seen.version
    # macOS and Windows have none of these.
    assert gather(lab.client, root=tmp_path, platform="darwin").usb is None


# what is said


def _remedies() -> Iterator[Text]:
    """Every remedy that the doctor can name: each `fix=` in its source, and those for adb's states."""
    for file in Path(doctor.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "fix":
                parts = list(ast.walk(node.value))
                named = [
                    constants[part.id]
                    for part in parts
                    if isinstance(part, ast.Name) and part.id in constants
                ]
                for call in [*parts, *named]:
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "T":
                        yield Text(str(ast.literal_eval(call.args[0])))
    for state in ("unauthorized", "authorizing", "offline", "connecting", "no permissions", "x"):
        found = remedy(state)
        assert found is not None
        yield found[1]


VERB = {
    "en": r"\b(?i:ask|bring|charge|choose|close|connect|delete|finish|hold|install|look|plug|put|remove|restart|run|see|"
    r"switch|tell|type|unlock|unplug|use)\b",
    "ru": r"(?i:включите|верните|вставьте|введите|возьмите|воспользуйтесь|выберите|выключите|дождитесь|закройте|закончите|"
    r"завершите|зарядите|сделайте|найдите|отключите|отсоедините|перезагрузите|подключите|попросите|посмотрите|предупредите|спросите|нажимайте|"
    r"разблокируйте|следите|сбросьте|переключите|перейдите|вернитесь|удалите|удерживайте|установите|используйте|запустите|"
    r"пройдите|доделайте)",
}
PLACE = {
    "en": r"Settings|Developer options|the phone|cable|computer|terminal|console|Device Manager|Windows|“mi-automator ",
    "ru": r"[Нн]астро|Для разработчиков|телефон|кабел|компьютер|терминал|консол|Диспетчер|Windows|«mi-automator ",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_remedy_has_a_verb_and_a_place(language: str) -> None:
    remedies = list(_remedies())
    assert len({text.english for text in remedies}) >= 40
    use_language(language)
    try:
        said = [str(text) for text in remedies]
    finally:
        use_language("en")
    assert [text for text in said if not re.search(VERB[language], text)] == []
    assert [text for text in said if not re.search(PLACE[language], text)] == []


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "automator", "doctor", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_one_object_a_row_for_machines(plug: MakePlugged, lab: Lab) -> None:
    port = {"ANDROID_ADB_SERVER_PORT": str(lab.port)}
    well, ill = plug(), plug(network=False, keyguard=True)
    done = _run("--json", "-s", well.wire.serial, **port)
    assert done.returncode == 0, done.stdout
    done = _run("--json", "-s", ill.wire.serial, "--lang", "en", **port)
    assert done.returncode == 3 and done.stderr == ""
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        assert row.keys() == {"id", "status", "why", "fix", "phone"}
        assert row["status"] in ("pass", "warn", "fail")
        assert row["why"] and bool(row["fix"]) == (row["status"] != "pass")
        assert row["phone"] in ("", ill.wire.serial)
    assert {row["id"]: row["status"] for row in rows if row["phone"] and row["status"] != "pass"} == {
        "network": "fail",
        "screen": "warn",
    }


def test_without_adb_it_ends_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        began = time.monotonic()
        done = _run("--json", ANDROID_ADB_SERVER_PORT=port, ADBUTILS_ADB_PATH="/nonexistent/adb")
    assert done.returncode == 3 and time.monotonic() - began < 20
    found = {row["id"]: row["status"] for row in map(json.loads, done.stdout.splitlines())}
    assert (found["adb"], found["adb_server"]) == ("fail", "fail")


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_list_for_people(plug: MakePlugged, lab: Lab, no_color: str) -> None:
    phone = plug(battery=7, charging=False, account=None, network=False)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "automator", "doctor", "-s", phone.wire.serial],
        env={
            # With COLUMNS set, as pytest-xdist does, nobody asks the terminal.
            **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")},
            "ANDROID_ADB_SERVER_PORT": str(lab.port),
            "TERM": "xterm",
            **({"NO_COLOR": no_color} if no_color else {}),
        },
        encoding="utf-8",
        timeout=40,
        dimensions=(50, 60),
    )
    child.expect(pexpect.EOF)
    child.close()
    shown = str(child.before)
    assert child.exitstatus == 0, shown
    assert ("\x1b[3" in shown) is not bool(no_color)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).replace("\r", "").splitlines()
    assert "This computer" in lines and f"Phone {phone.wire.serial}" in lines
    place = lines.index("  ! The battery is at 7 %.")
    assert lines[place + 1] == "    → Charge the phone first: plug its charger in."
    assert max(map(len, lines)) < 60 and lines[-1].startswith("To mend before a run: 0.")


# journeys are started on the same rows


def _facts(plug: MakePlugged, before: Callable[[Plugged], None] = lambda _: None, **state: Any) -> Facts:
    phone = plug(**state)
    before(phone)
    return phone.connect().facts()


@pytest.mark.parametrize(
    ("state", "stops"),
    [
        ({}, {}),
        ({"awake": False, "keyguard": True}, {}),
        ({"adbinput": False}, {}),
        ({"reader_taken": True}, {}),
        ({"user": 10}, dict.fromkeys(("unlink", "reset"), "Second Space")),
        ({"disabled": ("com.xiaomi.account",)}, dict.fromkeys(("unlink", "reset"), "switched off")),
        ({"disabled": ("com.xiaomi.account",), "account": None}, {"unlink": "switched off"}),
        (
            {"disabled": ("com.xiaomi.account",), "accounts_time_out": True},
            dict.fromkeys(("unlink", "reset"), "switched off"),
        ),
        (
            {"disabled": ("com.android.settings",), "account": None},
            dict.fromkeys(("unlink", "reset"), "switched off"),
        ),
        ({"disk_full": True}, dict.fromkeys(("unlink", "reset"), "storage is full")),
        ({"network": False}, {"unlink": "no internet"}),
        ({"accounts_time_out": True}, {"unlink": "which accounts"}),
        ({"device_owner": "com.acme.dpc", "forbidden": ("no_factory_reset",)}, {"reset": "factory reset"}),
        ({"device_owner": "com.acme.dpc", "forbidden": ("no_modify_accounts",)}, {"unlink": "signing in or"}),
    ],
    ids=str,
)
def test_what_stops_a_journey(plug: MakePlugged, state: dict[str, Any], stops: dict[str, str]) -> None:
    facts = _facts(plug, **state)
    found = {journey: obstacle(journey, facts) for journey in ("unlink", "reset")}
    assert {journey: error.what.english for journey, error in found.items() if error} == {
        journey: next(row.what.english for row in phone_rows(facts) if word in row.what.english)
        for journey, word in stops.items()
    }


@pytest.mark.parametrize("account", [True, False])
def test_a_reset_without_an_account_does_without_the_account_app(plug: MakePlugged, account: bool) -> None:
    facts = _facts(plug, _remove("com.xiaomi.account"), **({} if account else {"account": None}))
    found = {row.id: row for row in phone_rows(facts)}["com.xiaomi.account"]
    assert found.status == found.of("unlink").status == "fail"
    assert found.of("reset").status == ("fail" if account else "warn")


@pytest.mark.parametrize(
    ("state", "unlink", "reset"),
    [
        ({"google_account": False}, [], []),
        ({"google_account": True}, [], ["Google's factory-reset protection"]),
        ({"google_account": False, "network": False, "account": None}, ["no internet"], ["no internet"]),
        ({"google_account": False, "battery": 7, "charging": False}, ["7 %"], ["7 %"]),
        ({"google_account": False, "sim": False}, ["SIM"], []),
        ({"google_account": False, "awake": False, "adbinput": False}, [], []),
        (
            {"google_account": False, "account": None, "disabled": ("com.xiaomi.account",)},
            [],
            ["while a Xiaomi Account is on the phone"],
        ),
    ],
    ids=str,
)
def test_what_the_owner_hears_first(
    plug: MakePlugged, state: dict[str, Any], unlink: list[str], reset: list[str]
) -> None:
    facts = _facts(plug, **state)
    *said, password = map(str, cautions("unlink", facts))
    assert "password" in password
    assert [word in text for text, word in zip(said, unlink, strict=True)] == [True] * len(unlink)
    said = list(map(str, cautions("reset", facts)))
    assert [word in text for text, word in zip(said, reset, strict=True)] == [True] * len(reset)
