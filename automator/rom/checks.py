"""Whether a ROM is for this phone: what is installed, and what the bootloader says, against name and script. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from automator.errors import PreflightError
from automator.rom.name import RomName, parse_build
from automator.rom.script import Script
from automator.text import T, Text
from automator.ways import fact

LOW_BATTERY = 50
"""Percent below which nothing is flashed: a phone in fastboot charges slowly or not at all. A guess, on the safe side."""
LOW_VOLTAGE = 3600
"""Millivolts below which nothing is flashed. A guess."""


@dataclass(frozen=True)
class Bootloader:
    """What the phone's bootloader says of itself. None, or nothing, stands for: it did not say."""

    serial: str
    product: str
    anti: int
    """0 where it says nothing, as Xiaomi's scripts take it."""
    unlocked: bool | None
    voltage: int | None
    """Millivolts."""
    battery_ok: bool | None
    most: str
    """`max-download-size`."""

    def told(self) -> dict[str, str]:
        """For the journal."""
        return {
            "product": self.product,
            "anti": str(self.anti),
            "unlocked": "" if self.unlocked is None else str(self.unlocked).lower(),
            "battery-voltage": "" if self.voltage is None else str(self.voltage),
            "max-download-size": self.most,
        }


def check_phone(
    rom: RomName, build: str, battery: int | None, bootloader: str | None, codename: str = ""
) -> None:
    """Raises PreflightError unless the ROM is of the model and region that is installed (`ro.build.version.incremental`).

    Nor may it be older. `battery` in percent; `bootloader` is `locked`, `unlocked`, or None where the system does not say;
    `codename` is `ro.product.device`, or nothing where it is not told.
    """
    installed = parse_build(build)
    if installed is None:
        raise _not_this(
            T("The phone runs {build}, and that does not tell its model and region.", build=build or "?"),
            T("I compare with Xiaomi's own system alone. Ask a service centre to write the ROM."),
        )
    if installed.model != rom.build.model:
        raise _not_this(
            T(
                "It is for another model: the ROM's letters are {rom}, the phone's {phone} ({build}).",
                rom=rom.build.model,
                phone=installed.model,
                build=installed.version,
            )
        )
    if installed.region != rom.build.region:
        raise _not_this(
            T(
                "It is for another region: the ROM's letters are {rom}, the phone's {phone} ({build}).",
                rom=rom.build.region,
                phone=installed.region,
                build=installed.version,
            )
        )
    if codename and not akin(rom.codename, codename):
        raise _not_this(
            T(
                "It is for another model: the ROM is for {rom}, and the phone is {phone}.",
                rom=rom.codename,
                phone=codename,
            )
        )
    if rom.build.older_than(installed):
        raise _not_this(
            T(
                "It is older than what the phone runs: the ROM is {rom}, the phone has {phone}.",
                rom=rom.build.version,
                phone=installed.version,
            ),
            fact("reflash.rollback"),
        )
    if bootloader == "locked":
        raise _locked(T("The phone's bootloader is locked. Nothing was written."))
    if battery is not None and battery < LOW_BATTERY:
        raise _low()


def akin(codename: str, phone: str) -> bool:
    """Whether a ROM of this codename may be for a phone that calls itself so.

    One ROM serves phones whose names go on (`camellia` and `camellian`); a phone's name may lack an end of the ROM's
    (`sweet` and `sweet_k6a`). That only such phones share a ROM is a guess, on the safe side.
    """
    short, long = sorted((codename.lower(), phone.lower()), key=len)
    return len(short) > 2 and long.startswith(short)


def check_bootloader(script: Script, phone: Bootloader, codename: str) -> None:
    """Raises PreflightError unless this bootloader is of the script's model, unlocked, and not newer than the ROM.

    The script's own check may let through whatever begins with a letter; such a product must be akin to the ROM's codename.
    """
    if not script.accepts(phone.product) or not (
        script.names(phone.product) or akin(codename, phone.product)
    ):
        raise _not_this(
            T(
                "It is for another model: the ROM is for {rom}, and the phone's bootloader says {phone}.",
                rom=", ".join(name for name, _ in script.products),
                phone=phone.product or "?",
            )
        )
    if phone.unlocked is not True:
        raise _locked(
            T("The phone's bootloader is locked. Nothing was written.")
            if phone.unlocked is False
            else T("The phone's bootloader does not say whether it is unlocked. Nothing was written.")
        )
    if phone.anti > (script.anti or 0):
        raise _not_this(
            T(
                "It is too old for this phone: its anti-rollback number is {rom}, the phone's {phone}.",
                rom=script.anti or 0,
                phone=phone.anti,
            ),
            fact("reflash.rollback"),
        )
    if phone.battery_ok is False or (phone.voltage is not None and phone.voltage < LOW_VOLTAGE):
        raise _low()


def millivolts(told: str | None) -> int | None:
    """`4012`, `4012mV` or `4012000`, in microvolts, as bootloaders tell it."""
    found = re.match(r"(\d{4,7})", told or "")
    number = int(found[1]) if found else None
    return number // 1000 if number and number > 100_000 else number


def yes_or_no(told: str | None) -> bool | None:
    """What `yes`, `true` and their contraries mean."""
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
        (told or "").strip().lower()
    )


def _locked(what: Text) -> PreflightError:
    return PreflightError(
        what, T("A locked bootloader refuses every ROM that is sent to it."), fact("reflash.unlocking")
    )


def _low() -> PreflightError:
    return PreflightError(
        T("The battery is too low. Nothing was written."),
        T("A phone that goes out while it is written to does not start any more."),
        T("Charge it to at least {percent} %, then run the command again.", percent=LOW_BATTERY),
    )


def _not_this(why: Text, fix: Text | None = None) -> PreflightError:
    return PreflightError(
        T("This ROM is not for this phone. Nothing was written."),
        why,
        fix
        or T(
            "Download the ROM of exactly this model and region from Xiaomi. No option of mine skips this check."
        ),
    )
