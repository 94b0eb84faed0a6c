"""What hangs on this computer's USB bus, from Linux's sysfs, and what it means when adb does not list it.

Says nothing of Windows and macOS, which have no sysfs. Reads files only; never needs root. Sources:

- The files of a device and of its interfaces (`idVendor`, `bInterfaceClass`, `interface`, …): Linux,
  Documentation/ABI/testing/sysfs-bus-usb and the directory layout `1-2`, `1-2:1.0`.
- ff/42/01 is adb, ff/42/03 fastboot: AOSP packages/modules/adb, adb.h, and system/core/fastboot; systemd 258 gives
  access by the same numbers (rules.d/70-uaccess.rules).
- File transfer is 06/01/01, or vendor-specific with the interface's name “MTP”: AOSP MtpDescriptors and the kernel's
  f_mtp; 06/01/01 without that name is the mode for photos (PTP).
- 2717:ff40 “MTP” and 2717:ff48 “MTP + ADB” are in usb.ids. Others of that range (ff08, ff18, ff80, ff88) are seen in
  forums; here only the interfaces decide, so none of their meanings is relied on.
- 18d1:d001 is Android's recovery (AOSP bootable/recovery, etc/init.rc).
- 05c6:9008 is Qualcomm's emergency mode (EDL); 0e8d:0003 and 0e8d:2000 are MediaTek's boot ROM and preloader (kernel logs;
  bkerler's mtkclient). 05c6:900e, a Qualcomm chip that crashed, is a guess from forums.
- A guess: what tethering and modems look like (e0/01/03, ef/04/01, 02/*), and that a Xiaomi phone set to charging alone
  with USB debugging off shows no interface of these, if it is on the bus at all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "adb",
    "fastboot",
    "recovery",
    "emergency",
    "file_transfer",
    "photos",
    "tethering",
    "modem",
    "charging",
    "other",
]

XIAOMI, GOOGLE, MEDIATEK, QUALCOMM = "2717", "18d1", "0e8d", "05c6"
_MAKER = re.compile(r"xiaomi|redmi|poco|blackshark", re.IGNORECASE)
_OTHER_MAKER = re.compile(r"pixel|nexus|samsung", re.IGNORECASE)
_EMERGENCY = {
    (QUALCOMM, "9008"),
    (QUALCOMM, "900e"),
    (MEDIATEK, "0003"),
    (MEDIATEK, "2000"),
    (MEDIATEK, "2001"),
}
_RECOVERY = (GOOGLE, "d001")
_ADB, _FASTBOOT, _STILL_IMAGE = "ff/42/01", "ff/42/03", "06/01/01"
_TETHERING = {"e0/01/03", "ef/04/01", "02/02/ff"}
_MODEM = {"02/02/01", "ff/ff/30", "ff/ff/ff"}


@dataclass(frozen=True)
class Interface:
    """One interface of a USB device: `ff/42/01` for class, subclass and protocol, and its name if it has one."""

    code: str
    name: str = ""


@dataclass(frozen=True)
class UsbDevice:
    """A device on the bus."""

    vendor: str
    product: str
    serial: str = ""
    maker: str = ""
    name: str = ""
    interfaces: tuple[Interface, ...] = ()
    writable: bool | None = None
    """Whether this user may talk to it; None when its device file is not there."""

    @property
    def title(self) -> str:
        """What to call it: its own name, else its numbers."""
        return self.name or f"{self.vendor}:{self.product}"

    @property
    def kind(self) -> Kind:
        """What it offers now. The first that holds: a phone with USB debugging on offers file transfer as well."""
        codes = {interface.code for interface in self.interfaces}
        names = {interface.name.upper() for interface in self.interfaces}
        if (self.vendor, self.product) in _EMERGENCY:
            return "emergency"
        if _FASTBOOT in codes:
            return "fastboot"
        if (self.vendor, self.product) == _RECOVERY:
            return "recovery"
        if _ADB in codes:
            return "adb"
        if "MTP" in names:
            return "file_transfer"
        if _STILL_IMAGE in codes:
            return "photos" if "PTP" in names else "file_transfer"
        if codes & _TETHERING:
            return "tethering"
        if codes & _MODEM:
            return "modem"
        return "charging" if not codes else "other"

    @property
    def may_be_ours(self) -> bool:
        """Whether it is a Xiaomi phone, or may be one; not the maker's mice, earphones and Wi-Fi sticks.

        Xiaomi's phones have its own number, or Google's in fastboot and recovery, or that of their chip.
        """
        if self.kind == "emergency":
            return True
        if self.vendor == XIAOMI:
            return self.product.startswith("ff") or self.kind not in ("other", "modem")
        named = _MAKER.search(f"{self.maker} {self.name}") is not None
        if self.vendor == GOOGLE and not named:
            other = _OTHER_MAKER.search(f"{self.maker} {self.name}") is not None
            return not other and self.kind not in ("other", "modem")
        return named and self.kind != "other"


def plugged(root: Path) -> list[UsbDevice] | None:
    """What is on the bus, as the sysfs below `root` (usually `/`) tells; None where there is no such thing."""
    folder = root / "sys/bus/usb/devices"
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return None
    # `usb1` is a root hub, `1-2` a device, `1-2:1.0` an interface of it.
    devices = [name for name in names if re.fullmatch(r"\d+-[\d.]+", name)]
    return [_device(root, folder / name, [n for n in names if n.startswith(f"{name}:")]) for name in devices]


def _device(root: Path, folder: Path, interfaces: Sequence[str]) -> UsbDevice:
    bus, number = _read(folder / "busnum"), _read(folder / "devnum")
    return UsbDevice(
        vendor=_read(folder / "idVendor").lower(),
        product=_read(folder / "idProduct").lower(),
        serial=_read(folder / "serial"),
        maker=_read(folder / "manufacturer"),
        name=_read(folder / "product"),
        interfaces=tuple(_interface(folder.parent / name) for name in interfaces),
        writable=_writable(root / f"dev/bus/usb/{bus.zfill(3)}/{number.zfill(3)}"),
    )


def _interface(folder: Path) -> Interface:
    parts = (_read(folder / f"bInterface{part}").lower() for part in ("Class", "SubClass", "Protocol"))
    return Interface("/".join(parts), _read(folder / "interface"))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _writable(file: Path) -> bool | None:
    return os.access(file, os.R_OK | os.W_OK) if file.exists() else None


def unlisted(devices: Sequence[UsbDevice], serials: Sequence[str]) -> Iterator[UsbDevice]:
    """Those that are or may be Xiaomi phones and that adb, which lists these serials, does not list.

    adb shows question marks for a device whose serial it may not read.
    """
    hidden = sum(1 for serial in serials if serial.startswith("?") or serial == "(no")
    for device in devices:
        if not device.may_be_ours or (device.serial and device.serial in serials):
            continue
        if hidden and device.kind in ("adb", "recovery") and not device.serial:
            hidden -= 1
            continue
        yield device
