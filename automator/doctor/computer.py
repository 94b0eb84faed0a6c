"""Whether this computer can reach a phone: adb, its server, the rules for USB, and what adb does not list.

`gather` looks, and is all that touches anything; the rest judges what it saw, and is pure.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import adbutils
from adbutils import AdbClient, AdbError

from automator.doctor.model import Row, Status
from automator.doctor.usb import GOOGLE, XIAOMI, Kind, UsbDevice, plugged, unlisted
from automator.errors import PhoneLost
from automator.phone import Listed, listing
from automator.text import T

ADB_TIMEOUT = 5.0
"""Seconds for adb to tell its version."""
_RULES = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")


@dataclass(frozen=True)
class Computer:
    """What was seen of this computer. None stands for: it could not be seen."""

    platform: str
    """As `sys.platform` says it."""
    adb: str = ""
    """Where the adb program is; empty when there is none."""
    version: str = ""
    """What `adb version` printed; empty when it does not run."""
    server: int | None = None
    """The number after `1.0.` of the adb server that answers."""
    listed: tuple[Listed, ...] | None = None
    """What adb lists; None when its server can't be reached."""
    usb: tuple[UsbDevice, ...] | None = None
    rules: tuple[str, ...] = ()
    """The files of rules for devices (Linux)."""
    groups: frozenset[str] = frozenset()
    user: str = ""
    root: bool = False
    wsl: bool = False
    """Whether this Linux runs inside Windows."""


def gather(client: AdbClient, *, root: Path = Path("/"), platform: str = sys.platform) -> Computer:
    """Looks at the computer whose files are below `root`. Takes seconds at most, raises nothing, changes nothing.

    (Asking adb starts its server where none runs, as every command does.)
    """
    adb = _adb_path()
    seen = Computer(platform=platform, adb=adb, version=_adb_version(adb))
    with contextlib.suppress(PhoneLost):
        seen = replace(seen, listed=tuple(listing(client)), server=_server_version(client))
    if platform != "linux":
        return seen
    usb = plugged(root)
    return replace(
        seen,
        usb=None if usb is None else tuple(usb),
        rules=tuple(_rules(root)),
        groups=_groups(),
        user=_user(),
        root=_is_root(),
        wsl="microsoft" in _text(root / "proc/version").lower(),
    )


def _adb_path() -> str:
    try:
        path = str(adbutils.adb_path())
    except AdbError:
        return ""
    return path if Path(path).is_file() else ""


def _adb_version(adb: str) -> str:
    if not adb:
        return ""
    try:
        done = subprocess.run(  # noqa: S603  adb, with a word of ours
            [adb, "version"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=ADB_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _server_version(client: AdbClient) -> int | None:
    try:
        connection = client.make_connection(timeout=ADB_TIMEOUT)
        try:
            connection.send_command("host:version")
            connection.check_okay()
            return int(connection.read_string_block(), 16)
        finally:
            connection.close()
    except (AdbError, OSError, ValueError, subprocess.SubprocessError):
        return None


def _rules(root: Path) -> Iterator[str]:
    for folder in _RULES:
        for file in sorted((root / folder).glob("*.rules")):
            yield _text(file)


def _groups() -> frozenset[str]:
    # Windows has neither module, and mypy looks at the code as on every platform.
    if sys.platform == "win32":
        return frozenset()
    import grp

    names = set()
    for number in {*os.getgroups(), os.getegid()}:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return frozenset(names)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def computer_rows(seen: Computer, wanted: str | None = None) -> list[Row]:
    """The checks of the computer; `wanted` is the one phone that is asked for, by its serial."""
    rows = [_program(seen), _server(seen), *_versions(seen)]
    if seen.platform == "linux":
        rows.append(_access(seen, wanted))
    if seen.listed is None:
        return rows
    serials = [phone.serial for phone in seen.listed]
    strangers = [one for one in unlisted(seen.usb or (), serials) if wanted in (None, one.serial)]
    rows += [_stranger(device, seen) for device in strangers]
    if wanted is not None:
        if wanted not in serials:
            rows.append(_not_there(wanted))
    elif not seen.listed and not strangers:
        rows += _nobody(seen)
    elif len([phone for phone in seen.listed if phone.over == "usb"]) > 1:
        rows.append(_several(seen.listed))
    return rows


_INSTALL_ADB = T(
    "Install adb on this computer: “brew install android-platform-tools” on a Mac, “sudo apt install adb” on Debian or "
    "Ubuntu, “pip install --force-reinstall adbutils” on Windows; type it in a terminal."
)
"""Right for every processor: for ARM on Linux adbutils comes without an adb."""


def _program(seen: Computer) -> Row:
    if not seen.adb:
        # A server that answers is all that a run needs.
        return Row(
            "adb",
            "fail" if seen.listed is None else "warn",
            T("The adb program is missing."),
            T("It is what speaks to the phone."),
            fix=_INSTALL_ADB,
        )
    number = re.search(r"Version (\S+)", seen.version) or re.search(r"version (\S+)", seen.version)
    if number is None:
        return Row(
            "adb",
            "fail" if seen.listed is None else "warn",
            T("The adb program does not run: {path}.", path=seen.adb),
            T("It may be made for another kind of computer, or be damaged."),
            fix=T(
                "{install} Then remove that other adb from this computer's PATH, or from ADBUTILS_ADB_PATH if it is named "
                "there.",
                install=_INSTALL_ADB,
            ),
        )
    return Row("adb", "pass", T("The adb program is there, version {version}.", version=number[1]))


def _called(seen: Computer) -> str:
    """How to call adb in a terminal: the one that Python brings along is not on the PATH."""
    return f'"{seen.adb}"' if " " in seen.adb else seen.adb or "adb"


def _server(seen: Computer) -> Row:
    if seen.listed is None:
        return Row(
            "adb_server",
            "fail",
            T("The adb server does not answer."),
            T("It could not be started, or it was stopped, or another program sits on its port."),
            fix=T(
                "Type “{adb} kill-server” in a terminal and run this again; if that does not help, restart the computer.",
                adb=_called(seen),
            ),
        )
    return Row("adb_server", "pass", T("The adb server answers."))


def _versions(seen: Computer) -> Iterator[Row]:
    """adb stops a server of another version and starts its own, which cuts every phone off."""
    own = re.search(r"version 1\.0\.(\d+)", seen.version)
    if own is not None and seen.server is not None and int(own[1]) != seen.server:
        yield Row(
            "adb_version",
            "warn",
            T(
                "The adb program is 1.0.{own}, the server that runs is 1.0.{server}.",
                own=own[1],
                server=seen.server,
            ),
            T("Two versions of adb stop each other's server, and each time the phone is lost."),
            fix=T(
                "Close other programs that bring an adb of their own (Android Studio, emulators), then type “{adb} "
                "kill-server” in a terminal.",
                adb=_called(seen),
            ),
        )


@dataclass(frozen=True)
class _Access:
    """Whom the rules for USB let at a Xiaomi phone."""

    covered: bool
    group: str = ""
    """The group one has to be in; empty when whoever sits at the computer may."""


def access(rules: Sequence[str]) -> _Access:
    """What the udev rules say of Xiaomi's phones.

    Debian's 51-android.rules names 2717 and 18d1 and gives MODE 0660, GROUP plugdev and the tag `uaccess`; systemd 258
    and newer goes by the interfaces of adb and fastboot and names no maker (`ID_DEBUG_APPLIANCE`, 70-uaccess.rules).
    """
    groups: list[str] = []
    for text in rules:
        lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        maker = re.search(rf'"(?:{XIAOMI}|{GOOGLE})"', lines)
        if maker is None and not re.search(r'ID_DEBUG_APPLIANCE\}\s*=\s*"', lines):
            continue
        group = re.search(r'GROUP\s*:?=\s*"([^"]+)"', lines)
        if "uaccess" in lines or '"0666"' in lines or group is None:
            return _Access(covered=True)
        groups.append(group[1])
    return _Access(covered=bool(groups), group=groups[0] if groups else "")


def _access(seen: Computer, wanted: str | None) -> Row:
    """Device files tell the truth where a phone is plugged in; else the rules tell what will be."""
    ours = [device for device in seen.usb or () if device.may_be_ours]
    shut = [device.serial for device in ours if device.writable is False]
    shut += [phone.serial for phone in seen.listed or () if phone.state == "no permissions"]
    blocked = bool(shut) if wanted is None else wanted in shut
    status: Status = "fail" if blocked else "warn"
    rules = access(seen.rules)
    if seen.root or (not blocked and any(device.writable for device in ours)):
        return Row("udev", "pass", T("Linux lets you use phones on USB."))
    if not rules.covered:
        return Row(
            "udev",
            status,
            T("Linux has no rules that let you at a Xiaomi phone on USB."),
            T("Without them only the administrator may speak to it."),
            fix=T(
                "Install the package android-sdk-platform-tools-common on this computer (elsewhere it is called "
                "android-udev), then plug the cable in again."
            ),
        )
    if rules.group and rules.group not in seen.groups:
        return Row(
            "udev",
            status,
            T(
                "Linux lets only the group {group} at phones on USB, and you are not in it.",
                group=rules.group,
            ),
            fix=T(
                "Type “sudo usermod -aG {group} {user}” in a terminal, then log out of the computer and in again.",
                group=rules.group,
                user=seen.user or "$USER",
            ),
        )
    if blocked:
        return Row(
            "udev",
            "fail",
            T("Linux has rules for Xiaomi phones, but they did not reach this one."),
            T("They are read when the phone is plugged in."),
            fix=T("Type “sudo udevadm control --reload” in a terminal, then plug the cable in again."),
        )
    return Row("udev", "pass", T("Linux lets you use phones on USB."))


_ADB_ONLY = T("adb sees only phones on which it is on.")
_SWITCH_ON = T(
    "Switch on USB debugging in Settings → Additional settings → Developer options. They are not there? Tap the "
    "MIUI or OS "
    "version seven times in Settings → About phone."
)
_CHOOSE_TRANSFER = T(
    "Unlock the phone, pull its notifications down, tap the one about USB and choose File transfer; then switch on USB "
    "debugging in Settings → Additional settings → Developer options."
)
_USB: dict[Kind, Row] = {
    "charging": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in, but only charges."),
        T("It offers this computer nothing else."),
        fix=_CHOOSE_TRANSFER,
    ),
    "file_transfer": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in for file transfer, but its USB debugging is off."),
        _ADB_ONLY,
        fix=_SWITCH_ON,
    ),
    "photos": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in for photos, but its USB debugging is off."),
        _ADB_ONLY,
        fix=_SWITCH_ON,
    ),
    "tethering": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in and shares its internet over USB, but its USB debugging is off."),
        _ADB_ONLY,
        fix=_SWITCH_ON,
    ),
    "adb": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in with USB debugging on, but adb does not list it."),
        T("Another program holds it, or this adb server may not open it."),
        fix=T(
            "Close other programs that use the phone (Android Studio, a virtual machine, a second adb), type “{adb} "
            "kill-server” in a terminal and plug the cable in again."
        ),
    ),
    "fastboot": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in and stands in fastboot."),
        T("That is its loader, not its system: there are no Settings in it."),
        fix=T("Hold the phone's power button for about 15 seconds until it starts up normally."),
    ),
    "recovery": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in and stands in its recovery."),
        T("That is not its system: there are no Settings in it."),
        fix=T("Choose “Reboot to System” in the menu that the phone shows; do not choose “Wipe Data”."),
    ),
    "emergency": Row(
        "usb",
        "fail",
        T("A phone is plugged in whose chip waits in its emergency mode ({name})."),
        T("Its system does not run. It may be a Xiaomi phone or another maker's."),
        fix=T(
            "Unplug the cable and hold the phone's power button for about 15 seconds; if its system does not "
            "start, take "
            "it to a service centre."
        ),
    ),
    "modem": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in, but offers only its modem."),
        T("A phone in a test mode does that."),
        fix=T("Restart the phone, then choose File transfer in its notification about USB."),
    ),
    "other": Row(
        "usb",
        "fail",
        T("“{name}” is plugged in, but offers nothing that I know."),
        T("adb does not list it."),
        fix=_CHOOSE_TRANSFER,
    ),
}
"""What to say of a phone on the bus that adb does not list."""


def _stranger(device: UsbDevice, seen: Computer) -> Row:
    row = _USB[device.kind]
    values = {"name": device.title, "adb": _called(seen)}
    what, fix = replace(row.what, values=values), replace(row.fix, values=values)
    return replace(row, what=what, fix=fix, phone=device.serial)


def _not_there(wanted: str) -> Row:
    return Row(
        "phones",
        "fail",
        T("There is no phone {serial}.", serial=wanted),
        T("adb does not list it."),
        fix=T("See which phones there are with “mi-automator devices”, and check the cable."),
    )


def _nobody(seen: Computer) -> Iterator[Row]:
    if seen.wsl:
        yield Row(
            "phones",
            "fail",
            T("No phone is to be seen, and this Linux runs inside Windows."),
            T("Windows keeps its USB devices to itself."),
            fix=T(
                "Run mi-automator in Windows itself, or pass the phone on with usbipd in a PowerShell window of "
                "Windows."
            ),
        )
        return
    yield Row(
        "phones",
        "fail",
        T("The computer does not see the phone."),
        T("adb lists none, and none is on the USB bus.") if seen.usb is not None else T("adb lists none."),
        fix=T(
            "Use a data cable and another USB port, unlock the phone, choose File transfer in its USB "
            "notification, and switch USB debugging off and on in its Developer options."
        ),
    )
    if seen.platform == "win32":
        yield Row(
            "driver",
            "warn",
            T("Windows may have no driver for the phone."),
            T("Then adb does not see it, whatever the phone offers."),
            fix=T(
                "Look for the phone in Windows' Device Manager; if it has a yellow mark, install the Google USB "
                "Driver for it there (Update driver)."
            ),
        )


def _several(listed: Sequence[Listed]) -> Row:
    serials = ", ".join(phone.serial for phone in listed if phone.over == "usb")
    return Row(
        "phones",
        "warn",
        T("Several phones are plugged in: {serials}.", serials=serials),
        T("I work on one at a time and will not guess which."),
        fix=T("Unplug the others from the computer, or name one with --serial."),
    )
