"""`reflash` and its rehearsal: which phone, which programs, and the words at the end."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from adbutils import AdbClient
from platformdirs import user_cache_path

from automator.cli.journey import Options, ended
from automator.cli.live import voice
from automator.cli.output import Output
from automator.cli.owner import RehearsalOwner, TerminalOwner
from automator.cli.pick import plugged_phone
from automator.errors import PreflightError
from automator.journal import Journal
from automator.journeys import Outcome
from automator.journeys.reflash import NAME, Found, Order, flash
from automator.phone import Facts, Listed, Phone, wait_for_phone
from automator.phone.fastboot import Fastboot, listed, program, restart_into
from automator.phone.find import listing
from automator.text import T

if TYPE_CHECKING:
    from automator.practice.bootloader import Bootloader

TCP = "tcp:"
"""What a serial begins with that fastboot reaches over the network."""


def reflash(rom: Path, options: Options, *, keep_data: bool) -> int:
    """Writes the ROM to the plugged-in phone; the exit code."""
    output = voice(json=options.json, verbose=options.verbose, plain=options.plain)
    owner = TerminalOwner(output)
    order = Order(rom, keep_data, options.dry_run)

    def run(journal: Journal) -> Outcome:
        with ExitStack() as opened:
            finder = _Plugged(output, options, opened)
            return flash(order, finder, owner, journal, folders=places(), report=output.progress)

    return ended(NAME, output, run)


def rehearsed(options: Options, rom: str, language: str) -> int:
    """Writes a ROM made on the spot to a practice bootloader that answers for itself; the exit code."""
    from automator.practice import smallrom
    from automator.practice.bootloader import Bootloader, State
    from automator.practice.lab import Lab
    from automator.practice.phone import Latency
    from automator.practice.phone import Phone as PracticePhone
    from automator.practice.phone import State as PhoneState

    output = voice(json=options.json, verbose=options.verbose, plain=options.plain)

    def run(journal: Journal) -> Outcome:
        state = PhoneState(language=language, properties={"ro.secureboot.lockstate": "unlocked"})
        practice = PracticePhone(rom, language, state=state, latency=Latency(second=0.1))
        output.say(T("This is a rehearsal on a practice phone ({rom}); no real phone is touched.", rom=rom))
        output.say(T("The ROM is a small one, made on the spot; its images are noise."))
        properties = practice.rom.properties
        codename = properties["ro.product.device"]
        with (
            tempfile.TemporaryDirectory(prefix="mi-automator-practice-") as folder,
            Bootloader(State(product=codename, serialno=practice.state.serialno)) as bootloader,
            Lab() as lab,
            ExitStack() as opened,
        ):
            made = smallrom.make(Path(folder), codename, properties["ro.build.version.incremental"])
            wire = lab.add(practice)
            found = wait_for_phone(lab.client, wire.serial, 0, output.say, lambda _: None)
            finder = PracticeFinder(lab.client, found, bootloader, opened)
            return flash(
                Order(made.path, dry_run=options.dry_run),
                finder,
                RehearsalOwner(output, practice),
                journal,
                practice=True,
                folders=[Path(folder)],
                report=output.progress,
            )

    return ended(NAME, output, run)


def places() -> list[Path]:
    """Where a ROM may be unpacked: the owner's cache, since other folders for what passes may be in memory alone."""
    return [user_cache_path("mi-automator"), Path(tempfile.gettempdir())]


class _Normal:
    """A phone that adb sees, on its way into fastboot."""

    def __init__(self, client: AdbClient, phone: Phone, found: Listed, fastboot: Fastboot) -> None:
        self.serial = found.serial
        self._client = client
        self._phone = phone
        self._found = found
        self._fastboot = fastboot

    def facts(self) -> Facts:
        """What adb tells."""
        return self._phone.facts()

    def codename(self) -> str:
        """`ro.product.device`."""
        return self._phone.label().codename

    def restart(self) -> Fastboot:
        """Restarts it into fastboot."""
        restart_into(self._client, self._found)
        return self._fastboot


class _Plugged:
    """The owner's phone: in fastboot already, or seen by adb."""

    def __init__(self, output: Output, options: Options, opened: ExitStack) -> None:
        self._output = output
        self._options = options
        self._opened = opened
        self._program = ""

    def ready(self) -> None:
        """Raises PreflightError when fastboot is missing."""
        self._program = program()

    def find(self) -> Found:
        """The phone that is meant."""
        wanted = self._options.serial or os.environ.get("ANDROID_SERIAL")
        if wanted and wanted.startswith(TCP):
            return Found("network", fastboot=Fastboot(self._program, wanted))
        every = listed(self._program)
        standing = [serial for serial in every if wanted in (None, "", serial)]
        client = AdbClient()
        if every and not standing and wanted not in [one.serial for one in listing(client)]:
            raise PreflightError(
                T("There is no phone {serial}, neither in its normal system nor in fastboot.", serial=wanted),
                T("In fastboot stands {serials}.", serials=", ".join(every)),
                T("Plug it in, or name another with --serial."),
            )
        if standing:
            others = [one.serial for one in listing(client) if one.over == "usb"] if not wanted else []
            if len(standing) + len(others) > 1:
                raise PreflightError(
                    T("Several phones are plugged in: {serials}.", serials=", ".join([*standing, *others])),
                    T("I work on one at a time and will not guess which."),
                    T("Unplug the others, or name one with --serial."),
                )
            return Found("usb", fastboot=Fastboot(self._program, standing[0]))
        phone, found = plugged_phone(self._output, self._options.serial, self._options.wait)
        self._opened.callback(phone.close)
        if found.over != "usb":
            raise PreflightError(
                T("A ROM is written over a cable alone."),
                T(
                    "{serial} is connected over the network, and the network ends where fastboot begins.",
                    serial=found.serial,
                ),
                T("Plug the phone in with a data cable, then run the command again."),
            )
        return Found("usb", normal=_Normal(client, phone, found, Fastboot(self._program, found.serial)))


class PracticeFinder:
    """The practice phone and its bootloader."""

    def __init__(self, client: AdbClient, found: Listed, bootloader: Bootloader, opened: ExitStack) -> None:
        self._client = client
        self._found = found
        self._bootloader = bootloader
        self._opened = opened
        self._program = ""

    def ready(self) -> None:
        """Raises PreflightError when fastboot is missing."""
        self._program = program()

    def find(self) -> Found:
        """The practice phone, in its normal system."""
        phone = Phone(self._client, self._found)
        self._opened.callback(phone.close)
        fastboot = Fastboot(self._program, self._bootloader.serial)
        return Found("network", normal=_Normal(self._client, phone, self._found, fastboot))
