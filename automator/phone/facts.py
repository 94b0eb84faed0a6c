"""What adb tells about a phone without looking at its screen: one shell round trip. Parsing is pure.

Sources for the commands and their output: real captures of MIUI 12 and HyperOS 1 to 3 for properties, accounts,
window and power; stock Android for the rest. Of AOSP's frameworks/base: UserManagerService and UserRestrictionsUtils
(`dumpsys user`), DevicePolicyManagerService and Owners (`device_policy`), UiAutomationManager (`accessibility`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

NEEDED = ("com.android.settings", "com.xiaomi.account")
HELPFUL = ("com.xiaomi.finddevice",)
"""Sign-out and reset ask it whether the phone is locked to the account; phones without it were not seen."""
NO_RESET, NO_ACCOUNT_CHANGES = "no_factory_reset", "no_modify_accounts"
"""What an administrator may forbid: UserManager.DISALLOW_FACTORY_RESET and DISALLOW_MODIFY_ACCOUNTS."""
MOST_LOCALES = 50
"""Languages of a phone that count; nobody lists as many."""
_PROPERTY = re.compile(r"^\[([^\]\n]{1,300})\]: \[([^\]\n]{0,4096})\]$", re.MULTILINE)
"""Values end at 92 letters, or for those of the ROM at some thousand. None of ours holds a line break or a bracket."""
_BRANDS = {"xiaomi", "redmi", "poco", "blackshark"}
_MARK = "@@mi-automator:"
FREE_SPACE = "df /data/local/tmp"
_OURS = "|".join(rf"{re.escape(name)}$" for name in (*NEEDED, *HELPFUL))
_COMMANDS = {
    "properties": "getprop",
    "accounts": r"dumpsys account | grep -E 'UserInfo\{|Account \{|Accounts: |TIMEOUT'",
    "battery": "dumpsys battery",
    "window": "dumpsys window | grep -E 'mCurrentFocus|KeyguardShowing|mShowingLockscreen|isKeyguardShowing'",
    "power": "dumpsys power | grep mWakefulness=",
    "network": "dumpsys connectivity | grep 'Active default network'",
    "user": "am get-current-user",
    "setup": "settings get secure user_setup_complete",
    "keyboard": "settings get secure default_input_method",
    "languages": "settings get system system_locales",
    "installed": f"pm list packages -e | grep -E '{_OURS}'",
    "disabled": f"pm list packages -d | grep -E '{_OURS}'",
    "owners": "dumpsys device_policy | grep -E 'Device Owner|Profile Owner|admin=|name=|package='",
    "restrictions": rf"dumpsys user | grep -E 'UserInfo\{{|estrictions:|{NO_RESET}|{NO_ACCOUNT_CHANGES}'",
    "storage": FREE_SPACE,
    # The brackets keep the shell that runs this out of what is found.
    "reader": r"dumpsys accessibility | grep -o -E 'ACCESSIBILITY MANAGER|Ui Automation\['; pgrep -f '[c]om.wetest.uia2.Main'",
}
COMMAND = "; ".join(f"echo {_MARK}{name}; {command} 2>&1" for name, command in _COMMANDS.items())


@dataclass(frozen=True)
class Account:
    """An account on the phone. The name is masked; the whole one is never kept."""

    type: str
    name: str


@dataclass(frozen=True)
class Facts:
    """What is known of one phone. None stands for: the phone did not say."""

    serial: str
    identity: str
    """The same for the same phone, whatever adb calls it: a digest, told to nobody."""
    brand: str
    model: str
    rom: str
    """For people: `MIUI 14`, `HyperOS 2`; empty when it is neither."""
    build: str
    android: str
    locale: str
    locales: tuple[str, ...]
    """The phone's languages as BCP 47 tags, the first preferred; apps show the first that they have."""
    sdk: int | None
    accounts: tuple[Account, ...] | None
    """None when `dumpsys account` did not parse: then nothing is proved."""
    user: int | None
    setup_complete: bool | None
    awake: bool | None
    locked: bool | None
    network: bool | None
    battery: int | None
    charging: bool | None
    sim: bool | None
    taps_allowed: bool | None
    """`persist.security.adbinput`: whether the phone takes a computer's taps."""
    keyboard: str | None
    missing: tuple[str, ...]
    """Packages of NEEDED that are not installed for this user."""
    disabled: tuple[str, ...]
    """Packages of NEEDED and HELPFUL that are installed and switched off."""
    bootloader: str | None
    """`locked` or `unlocked`."""
    managed_by: str | None
    """The app, or the organisation, that owns the whole phone (device owner); None when none is known of."""
    work_profile: str | None
    """The same of a work profile."""
    forbidden: tuple[str, ...] | None
    """What is forbidden to the main user, of NO_RESET and NO_ACCOUNT_CHANGES."""
    free_kib: int | None
    """Free space where the helper that reads the screen is put."""
    reader_taken: bool | None
    """Whether a program other than our helper is reading the screen, which only one may at a time."""

    def told(self) -> dict[str, Any]:
        """All that may be written down or printed."""
        return {name: value for name, value in asdict(self).items() if name != "identity"}

    @property
    def is_xiaomi(self) -> bool:
        return self.brand.lower() in _BRANDS

    @property
    def xiaomi_account(self) -> Account | None:
        return next((a for a in self.accounts or () if a.type == "com.xiaomi"), None)

    @property
    def google_account(self) -> Account | None:
        return next((a for a in self.accounts or () if a.type == "com.google"), None)

    @property
    def signed_out(self) -> bool:
        """Proved: the list of accounts was read and no Xiaomi account is in it."""
        return self.accounts is not None and self.xiaomi_account is None


@dataclass(frozen=True)
class Label:
    """What stands on a phone's box and is asked for by its maker. Not among the facts: the serial number is its owner's to tell."""

    codename: str
    region: str
    """Two letters of the country that its system is set to."""
    serial: str
    """That of the phone itself, however adb reaches it."""


def parse_label(properties: str) -> Label:
    """The label in what `getprop` printed; empty for what it does not say."""
    prop = dict(_PROPERTY.findall(properties.replace("\r", "")))
    region = prop.get("ro.miui.region", "")
    return Label(
        codename=prop.get("ro.product.device", ""),
        region=region.upper() if re.fullmatch("[A-Za-z]{2}", region) else "",
        serial=prop.get("ro.serialno", ""),
    )


def parse_facts(serial: str, output: str) -> Facts:
    """The facts in what COMMAND printed. Whatever is missing or garbled becomes None; nothing is raised."""
    parts = _sections(output)
    prop = dict(_PROPERTY.findall(parts.get("properties", "")))
    window = parts.get("window", "")
    battery = parts.get("battery", "")
    level = re.search(r"level: (\d{1,3})(?!\d)", battery)
    sim = prop.get("gsm.sim.state")
    installed = set(re.findall(r"package:(\S+)", parts.get("installed", "")))
    disabled = set(re.findall(r"package:(\S+)", parts.get("disabled", "")))
    owners = parse_owners(parts.get("owners", ""))
    keyboard = re.match(r"[\w.]+(?=/)", parts.get("keyboard", "").strip())
    # Android 5 and older keep language and country apart.
    old = "-".join(filter(None, (prop.get("persist.sys.language"), prop.get("persist.sys.country"))))
    locale = prop.get("persist.sys.locale") or old or prop.get("ro.product.locale") or "en-US"
    return Facts(
        serial=serial,
        identity=_identity(prop),
        brand=prop.get("ro.product.brand") or prop.get("ro.product.manufacturer", ""),
        model=prop.get("ro.product.marketname") or prop.get("ro.product.model", ""),
        rom=rom_name(prop),
        build=prop.get("ro.build.version.incremental", ""),
        android=prop.get("ro.build.version.release", ""),
        locale=locale,
        locales=_locales(parts.get("languages", ""), locale),
        sdk=_number(prop.get("ro.build.version.sdk", "")),
        accounts=parse_accounts(parts.get("accounts", "")),
        user=_number(parts.get("user", "")),
        setup_complete=_flag(parts.get("setup", "").strip(), "1", "0"),
        awake=_flag(
            "".join(re.findall(r"mWakefulness=(\w+)", parts.get("power", ""))[:1]),
            "Awake",
            "Asleep",
            "Dozing",
        ),
        locked=_locked(window),
        network=_network(parts.get("network", "")),
        battery=int(level[1]) if level else None,
        charging=bool(re.search(r"(AC|USB|Wireless) powered: true", battery)) if level else None,
        sim=None if sim is None else any(state in ("LOADED", "READY") for state in sim.split(",")),
        taps_allowed=prop.get("persist.security.adbinput", "") == "1" if prop else None,
        keyboard=keyboard[0] if keyboard else None,
        missing=tuple(name for name in NEEDED if name not in installed | disabled) if installed else (),
        disabled=tuple(name for name in (*NEEDED, *HELPFUL) if name in disabled),
        bootloader=_flag_name(prop.get("ro.secureboot.lockstate") or _flash_lock(prop)),
        managed_by=owners.get("Device Owner"),
        work_profile=owners.get("Profile Owner"),
        forbidden=parse_restrictions(parts.get("restrictions", "")),
        free_kib=parse_free(parts.get("storage", "")),
        reader_taken=_reader_taken(parts.get("reader", "")),
    )


def parse_accounts(dump: str) -> tuple[Account, ...] | None:
    """The accounts that `dumpsys account` lists, names masked; None when it is no such list.

    A heading per user, then `Account {name=6230***535, type=com.xiaomi}` (real captures, MIUI 12 and HyperOS 1).
    Stock Android announces their number (`Accounts: 2`) and ends a dump that took too long with a line that says so.
    The same account stands in it more than once. One whose kind can't be read may be Xiaomi's: then nothing is proved.
    """
    named = (piece for line in dump.split("\n") for piece in line.split("Account {name=")[1:])
    read = [re.match(r"(.*?), type=([\w.]+)\}", piece) for piece in named]
    found = [account.groups() for account in read if account]
    announced = sum(int(count) for count in re.findall(r"Accounts: (\d{1,6})", dump))
    if "UserInfo{" not in dump or "TIMEOUT" in dump or len(found) < max(announced, len(read)):
        return None
    return tuple(dict.fromkeys(Account(kind, mask_name(name)) for name, kind in found))


def parse_owners(dump: str) -> dict[str, str]:
    """Who owns the phone (`Device Owner`) and a work profile (`Profile Owner`): the name given, else the app's.

    Under each heading of `dumpsys device_policy` come `admin=ComponentInfo{…}`, up to Android 12 `name=`, and `package=`.
    The second space and doubled apps are users without an owner.
    """
    owners: dict[str, str] = {}
    heading = ""
    for line in dump.splitlines():
        key, _, value = line.strip().partition("=")
        if found := re.match(r"(Device Owner|Profile Owner)\b", line.strip()):
            heading = found[1]
        elif heading and key == "name" and value not in ("", "null"):
            owners.setdefault(heading, value)
        elif heading and key == "package":
            owners.setdefault(heading, value)
            heading = ""
    return owners


def parse_restrictions(dump: str) -> tuple[str, ...] | None:
    """What `dumpsys user` says is forbidden to the main user in effect; None when it does not say (before Android 6).

    A block for each user begins with `UserInfo{0:…}`; below `Effective restrictions:` one stands in each line.
    """
    main, effective, said = False, False, False
    found = []
    for line in dump.splitlines():
        if user := re.search(r"UserInfo\{(\d+):", line):
            main, effective = user[1] == "0", False
        elif line.rstrip().endswith("estrictions:"):
            effective = main and line.strip() == "Effective restrictions:"
            # What follows, for guests and the like, is nobody's block.
            main = main and line.startswith("    ")
            said = said or effective
        elif effective:
            found.append(line.strip())
    known = (NO_RESET, NO_ACCOUNT_CHANGES)
    return tuple(name for name in known if name in found) if said else None


def parse_free(listing: str) -> int | None:
    """The free KiB in what `df` prints: toybox counts KiB, toolbox (before Android 6) says `7.7G`."""
    last = listing.strip().rpartition("\n")[2].split()
    found = re.fullmatch(r"(\d{1,15})(\.\d+)?([KMGT]?)", last[3]) if len(last) > 4 else None
    if found is None:
        return None
    return int(float(f"{found[1]}{found[2] or ''}") * 1024 ** "KMGT".find(found[3] or "K"))


def mask_name(name: str) -> str:
    """An account's name as it may be shown: its ends, the middle struck out. `6230***535` → `62•••35`."""
    local, at, domain = name.partition("@")
    if at:
        return f"{local[:1]}•••@{domain[:1]}•••"
    return f"{name[:2]}•••{name[-2:]}" if len(name) > 6 else f"{name[:1]}•••"


def rom_name(prop: Mapping[str, str]) -> str:
    """`HyperOS 2`, `MIUI 14`, or nothing for a phone that runs neither. From its properties.

    HyperOS keeps MIUI's properties at V816 (real captures of HyperOS 2 and 3).
    """
    if hyper := re.match(r"OS(\d{1,4})(?!\d)", prop.get("ro.mi.os.version.name", "")):
        return f"HyperOS {hyper[1]}"
    if miui := re.match(r"V(\d{1,4})(?!\d)", prop.get("ro.miui.ui.version.name", "")):
        if miui[1] == "816":
            return "HyperOS 1"
        number = int(miui[1])
        return f"MIUI {number / 10:g}" if number > 100 else f"MIUI {number}"
    return ""


def _identity(prop: Mapping[str, str]) -> str:
    names = ("ro.serialno", "ro.product.model", "ro.product.device", "ro.build.version.incremental")
    return sha256(repr([prop.get(name) for name in names]).encode()).hexdigest()[:16]


def _sections(output: str) -> dict[str, str]:
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in output.replace("\r", "").split("\n"):
        if line.startswith(_MARK):
            current = parts.setdefault(line.removeprefix(_MARK), [])
        else:
            current.append(line)
    return {name: "\n".join(lines) for name, lines in parts.items()}


def _locales(setting: str, locale: str) -> tuple[str, ...]:
    """What `system_locales` says since Android 7 (`ru-RU,en-US`), unless the language was changed without it."""
    tags = setting.strip().split(",", MOST_LOCALES)[:MOST_LOCALES]
    listed = tuple(tag for tag in tags if re.fullmatch(r"[A-Za-z]{2,3}(-[\w-]{1,60})?", tag))
    return listed if listed[:1] == (locale,) else (locale, *(tag for tag in listed if tag != locale))


def _locked(window: str) -> bool | None:
    if re.search(r"(KeyguardShowing|mShowingLockscreen|isKeyguardShowing)=true", window):
        return True
    return False if "KeyguardShowing=false" in window or "mShowingLockscreen=false" in window else None


def _reader_taken(lines: str) -> bool | None:
    """`dumpsys accessibility` names a UiAutomation while one is connected; it may be that of our own helper."""
    if "Ui Automation[" not in lines:
        return False if "ACCESSIBILITY MANAGER" in lines else None
    if re.search(r"^\d+$", lines, re.MULTILINE):
        return False
    # Without pgrep (before Android 8) nobody knows whose it is.
    return None if "not found" in lines else True


def _network(lines: str) -> bool | None:
    if "Active default network: none" in lines:
        return False
    return True if re.search(r"Active default network: \d+", lines) else None


def _flash_lock(prop: Mapping[str, str]) -> str:
    return {"1": "locked", "0": "unlocked"}.get(prop.get("ro.boot.flash.locked", ""), "")


def _flag_name(value: str) -> str | None:
    return value if value in ("locked", "unlocked") else None


def _flag(value: str, yes: str, *no: str) -> bool | None:
    return True if value == yes else False if value in no else None


def _number(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\d{1,6}", value := value.strip()) else None
