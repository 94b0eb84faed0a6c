"""Reflash end to end: the real fastboot client, the practice phone, and a practice bootloader whose log proves the rest."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from automator.cli.reflash import PracticeFinder
from automator.events import Event
from automator.journeys import Ending, to_the_end
from automator.journeys.reflash import Found, Order, Times, flash, remembered
from automator.phone import wait_for_phone
from automator.phone.fastboot import Fastboot, listed, program
from automator.practice import smallrom
from automator.practice.bootloader import Bootloader, State
from tests.conftest import MakePlugged, Plugged, ScriptedOwner, Terminal, outcome_of

pytestmark = pytest.mark.skipif(shutil.which("fastboot") is None, reason="fastboot is not installed")
QUICK = Times(ask=5.0, arrive=10.0, act=5.0)
WRITTEN = ["erase:boot_ab", *(f"flash:{name}" for name in smallrom.PARTITIONS), "set_active:a", "reboot"]
"""What the small ROM's plain script does to the bootloader."""
FILES = {"abl_ab": "abl.elf", **{name: f"{name.removesuffix('_ab')}.img" for name in smallrom.PARTITIONS[1:]}}


class InFastboot:
    """Finds a phone that stands in fastboot."""

    def __init__(self, serial: str) -> None:
        self._serial = serial

    def ready(self) -> None:
        program()

    def find(self) -> Found:
        return Found("network", fastboot=Fastboot(program(), self._serial))


@dataclass
class Rig:
    """A practice phone with its bootloader, and the ROM for it."""

    plugged: Plugged
    boot: Bootloader
    folder: Path
    events: list[Event] = field(default_factory=list)
    times: Times = QUICK
    keep_data: bool = False
    dry_run: bool = False
    owner: ScriptedOwner = field(init=False)
    rom: Path = field(init=False)
    said: str = ""

    def __post_init__(self) -> None:
        self.owner = ScriptedOwner(self.plugged)
        self.made = smallrom.make(self.folder)
        self.rom = self.made.path

    def run(self, *, in_fastboot: bool = False) -> Ending:
        """A whole run; at its end nothing of the ROM is left unpacked."""
        before = len(self.boot.state.log)
        self.events.clear()
        place = self.folder / "place"
        place.mkdir(exist_ok=True)
        with ExitStack() as opened:
            client, serial = self.plugged.lab.client, self.plugged.wire.serial

            def work(journal: Any) -> Any:
                order = Order(self.rom, self.keep_data, self.dry_run)
                finder: Any = InFastboot(self.boot.serial)
                if not in_fastboot:
                    phone = wait_for_phone(client, serial, 0, lambda _: None, lambda _: None)
                    finder = PracticeFinder(client, phone, self.boot, opened)
                return flash(
                    order, finder, self.owner, journal, practice=True, times=self.times, folders=[place]
                )

            ending = to_the_end("reflash", self.events.append, work)
        assert list(place.iterdir()) == []
        self.said = "\n".join([*self.owner.told, str(ending.error or "")])
        self._prove(self.boot.state.log[before:])
        return ending

    def _prove(self, log: list[str]) -> None:
        """Whatever the bootloader obeyed was shown before the consent, in that order, and only after it."""
        given = [e.event for e in self.events if e.event in ("flash_plan", "gate", "consent", "command")]
        if log:
            assert given[:3] == ["flash_plan", "gate", "consent"]
            assert next(e.answer for e in self.events if e.event == "consent") == "given"
        plan = next((e.commands for e in self.events if e.event == "flash_plan"), [])
        # What is sent in pieces is flashed in pieces.
        once = [command for place, command in enumerate(log) if log[place - 1 : place] != [command]]
        assert [_obeyed(command) for command in plan][: len(once)] == once


def _obeyed(command: str) -> str:
    words = command.split()
    return words[0] if words[0] == "reboot" else f"{words[0]}:{words[1]}"


@pytest.fixture
def rig(plug: MakePlugged, tmp_path: Path) -> Iterator[Rig]:
    with Bootloader(State(product="degas", serialno="a1b2c3d4")) as boot:
        yield Rig(plug("hyperos2", properties={"ro.secureboot.lockstate": "unlocked"}), boot, tmp_path)


def test_the_images_arrive_byte_for_byte(rig: Rig) -> None:
    ending = rig.run()
    assert ending.error is None and ending.outcome is not None
    assert (ending.outcome.result, ending.outcome.verified) == ("flashed", True)
    assert rig.boot.state.log == WRITTEN and rig.boot.state.active == "a"
    for partition, data in rig.boot.state.partitions.items():
        assert data == rig.made.images[FILES[partition]]
    assert set(rig.boot.state.partitions) == set(smallrom.PARTITIONS)
    said = " ".join(rig.owner.told)
    assert "takes no account lock away" in said and "I do not unlock it" in said and "Sign out first" in said


def test_an_image_larger_than_the_phone_takes_at_once_arrives_whole(rig: Rig) -> None:
    """The client cuts it into pieces, each a sparse image."""
    rig.boot.state.variables = {"max-download-size": "0x40000"}
    assert rig.run().error is None, rig.said
    assert rig.boot.state.log.count("flash:super") == 4
    assert rig.boot.state.partitions["super"] == rig.made.images["super.img"]


def test_the_data_are_spared_where_that_is_wanted(rig: Rig) -> None:
    rig.keep_data = True
    rig.boot.state.variables = {"crc": "1"}
    assert rig.run().error is None
    assert not {"flash:userdata", "flash:metadata"} & set(rig.boot.state.log)
    assert rig.boot.state.log[:2] == ["flash:crclist", "flash:sparsecrclist"]
    assert any("not guaranteed" in loss for e in rig.events if e.event == "gate" for loss in e.loses)


def test_a_dry_run_neither_asks_nor_restarts(rig: Rig) -> None:
    rig.dry_run = True
    rig.owner.present = False
    ending = rig.run()
    assert ending.outcome is not None and ending.outcome.result == "dry_run"
    assert rig.plugged.wire.plugged and not any("Restart it now" in said for said in rig.owner.told)


def _locked(rig: Rig) -> None:
    rig.boot.state.unlocked = False


def _locked_for_adb(rig: Rig) -> None:
    rig.plugged.device.state.properties = {}


def _secretly_locked(rig: Rig) -> None:
    rig.boot.state.unlocked = False
    rig.boot.state.variables = {"unlocked": "yes"}


def _says_nothing_of_its_lock(rig: Rig) -> None:
    rig.boot.state.variables = {"unlocked": ""}
    rig.boot.faults["oem device-info"] = "fail"


def _other_product(rig: Rig) -> None:
    rig.boot.state.product = "goya"


def _rom(version: str = "OS2.0.204.0.VNEMIXM", **more: Any) -> Callable[[Rig], None]:
    def make(rig: Rig) -> None:
        rig.rom = smallrom.make(rig.folder, version=version, **more).path

    return make


def _unknown_line(rig: Rig) -> None:
    text = smallrom.script("degas").replace("fastboot $* set_active a", "fastboot $* oem edl")
    rig.rom = smallrom.make(rig.folder, texts={"flash_all.sh": text}).path


def _locking(rig: Rig) -> None:
    text = smallrom.script("degas", locks=True)
    rig.rom = smallrom.make(rig.folder, texts={"flash_all.sh": text}).path


def _rolled_back(rig: Rig) -> None:
    rig.boot.state.anti = 2


def _low(rig: Rig) -> None:
    rig.plugged.device.state.battery = 20


def _low_in_fastboot(rig: Rig) -> None:
    rig.boot.state.variables = {"battery-soc-ok": "no"}


def _wrong_md5(rig: Rig) -> None:
    rig.rom = rig.rom.rename(rig.rom.with_name(re.sub(r"_\w{10}\.tgz", "_0123456789.tgz", rig.rom.name)))


def _cut(rig: Rig) -> None:
    rig.rom.write_bytes(rig.rom.read_bytes()[:-1000])


def _declines(rig: Rig) -> None:
    rig.owner = ScriptedOwner(rig.plugged, lambda card: "yes")


def _stays(rig: Rig) -> None:
    rig.owner = ScriptedOwner(rig.plugged, wants=False)


def _alone(rig: Rig) -> None:
    rig.owner.present = False


def _after_yes(do: Callable[[Rig], None]) -> Callable[[Rig], None]:
    def arrange(rig: Rig) -> None:
        def answer(card: Any) -> str:
            do(rig)
            return str(card.phrase)

        rig.owner = ScriptedOwner(rig.plugged, answer)

    return arrange


def _change_image(rig: Rig) -> None:
    (image,) = (rig.folder / "place").glob("*/super.img")
    image.write_bytes(image.read_bytes())


def _swap_phone(rig: Rig) -> None:
    rig.boot.state.serialno = "ffff0000"


NOTHING_WRITTEN: dict[str, tuple[Callable[[Rig], None], int, str]] = {
    "a locked bootloader": (_locked, 3, "bootloader is locked"),
    "a bootloader that adb says is locked": (_locked_for_adb, 3, "bootloader is locked"),
    "a locked bootloader that says otherwise": (_secretly_locked, 3, "refused the first command"),
    "a bootloader that does not say": (_says_nothing_of_its_lock, 3, "does not say whether"),
    "another product": (_other_product, 3, "another model"),
    "another model's letters": (_rom("OS2.0.204.0.VNXMIXM"), 3, "another model"),
    "another region's letters": (_rom("OS2.0.204.0.VNECNXM"), 3, "another region"),
    "a lower anti-rollback number": (_rolled_back, 3, "too old for this phone"),
    "a wrong MD5": (_wrong_md5, 3, "its MD5 begins with"),
    "a download that was cut": (_cut, 3, "ends too early"),
    "an unknown command": (_unknown_line, 3, "fastboot $* oem edl"),
    "a script that locks": (_locking, 3, "change the lock"),
    "a low battery": (_low, 3, "battery is too low"),
    "a low battery in fastboot": (_low_in_fastboot, 3, "battery is too low"),
    "an owner who says something else": (_declines, 4, "REFLASH-C3D4"),
    "an owner who does not want the restart": (_stays, 4, "was not restarted"),
    "nobody there": (_alone, 8, "Nobody can be asked"),
    "an image changed after the yes": (_after_yes(_change_image), 3, "changed after you said yes"),
    "another phone after the yes": (_after_yes(_swap_phone), 3, "Another phone answers"),
}


@pytest.mark.parametrize("case", NOTHING_WRITTEN)
def test_nothing_is_written(rig: Rig, case: str) -> None:
    arrange, code, words = NOTHING_WRITTEN[case]
    arrange(rig)
    ending = rig.run()
    assert ending.event.exit_code == code and words in rig.said, rig.said
    assert rig.boot.state.log == []
    if case == "a bootloader that adb says is locked":
        assert rig.plugged.wire.plugged
    if code == 8:
        assert rig.plugged.wire.plugged and [e.event for e in rig.events] == ["error", "outcome"]


BREAKS = {
    "fastboot hangs": ("flash:super", "hang", 7, "Nobody knows whether", ["erase:boot_ab", "flash:abl_ab"]),
    "the connection ends and fastboot spins": (
        *("flash:super", "drop", 7, "Nobody knows whether", ["erase:boot_ab", "flash:abl_ab"]),
    ),
    "the bootloader fails": (
        *("flash:super", "fail", 7, "the flash memory is worn out", ["erase:boot_ab", "flash:abl_ab"]),
    ),
    "the bootloader fails at once": ("erase:boot_ab", "fail", 7, "worn out", []),
    "the cable is pulled in the middle of super": (
        *("download:super", "pull", 6, "went away during", ["erase:boot_ab", "flash:abl_ab"]),
    ),
    "the cable is pulled at once": ("erase:boot_ab", "pull", 6, "went away during", []),
}


@pytest.mark.parametrize("case", BREAKS)
def test_a_break_in_the_middle_is_told_and_mended_by_a_second_run(rig: Rig, case: str) -> None:
    command, fault, code, words, written = BREAKS[case]
    rig.boot.faults[command] = fault  # type: ignore[assignment]
    rig.times = Times(ask=5.0, arrive=10.0, act=0.4)
    began = time.monotonic()
    ending = rig.run()
    assert time.monotonic() - began < 8
    assert ending.event.exit_code == code and words in rig.said, rig.said
    assert rig.boot.state.log == written
    assert "Leave the phone in fastboot" in rig.said and "Not written: " in rig.said and "boot_ab" in rig.said
    assert not _alive(f"{program()} -s {rig.boot.serial}")
    rig.boot.faults.clear()
    rig.boot.plug()
    rig.boot.state.log.clear()
    rig.owner.told.clear()
    ending = rig.run(in_fastboot=True)
    assert ending.error is None and rig.boot.state.log == WRITTEN, rig.said


def _alive(command: str) -> bool:
    return command in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_a_restart_that_fails_changes_nothing_about_what_is_written(rig: Rig) -> None:
    rig.boot.faults["reboot"] = "pull"
    ending = rig.run()
    assert ending.error is None and "hold its power button" in rig.said
    assert rig.boot.state.log == WRITTEN[:-1]


def test_a_phone_in_fastboot_that_nobody_compared_is_refused(rig: Rig) -> None:
    ending = rig.run(in_fastboot=True)
    assert ending.event.exit_code == 3 and "Start the phone normally" in rig.said
    assert rig.boot.state.log == [] and remembered("a1b2c3d4") == ""


def test_a_phone_that_never_arrives_is_lost(rig: Rig) -> None:
    rig.times = Times(ask=1.0, arrive=0.5, act=1.0)
    rig.boot.faults["getvar:product"] = "hang"
    ending = rig.run()
    assert ending.event.exit_code == 6 and "does not answer in fastboot" in rig.said


def test_without_the_program_it_says_how_to_install_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    ending = rig.run()
    assert ending.event.exit_code == 3 and "sudo apt install fastboot" in rig.said and "winget" in rig.said


def test_the_list_of_phones_in_fastboot_is_read() -> None:
    assert listed(program()) == []


def _command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_the_rehearsal_needs_no_terminal_and_speaks_json() -> None:
    done = _command("rehearse", "reflash", "--json", "--rom", "miui14")
    outcome = outcome_of(done.stdout)
    assert (done.returncode, outcome.journey, outcome.result, outcome.verified) == (
        0,
        "reflash",
        "flashed",
        True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["event"] for line in lines} >= {"phone", "facts", "flash_plan", "gate", "consent", "command"}
    assert all(line["practice"] for line in lines if line["event"] == "phone")


def test_without_a_terminal_nothing_begins(tmp_path: Path) -> None:
    done = _command("reflash", str(tmp_path / "missing.tgz"), "--json")
    assert done.returncode == 8 and outcome_of(done.stdout).result == "stopped"


def test_by_hand_in_a_terminal_and_ctrl_c_lets_the_command_end(
    rig: Rig, terminal: Callable[..., Terminal]
) -> None:
    rig.boot.faults["flash:abl_ab"] = "fail"
    assert rig.run().event.exit_code == 7
    rig.boot.faults.clear()
    rig.boot.state.log.clear()
    waiting, go_on = threading.Event(), threading.Event()

    def hold(command: str) -> None:
        if command == "flash:super":
            waiting.set()
            go_on.wait(20)

    rig.boot.before = hold
    person = terminal("reflash", str(rig.rom), "-s", rig.boot.serial, "--plain")
    person.see("Type REFLASH-C3D4 to go on")
    person.type("REFLASH-C3D4")
    assert waiting.wait(20)
    person.child.sendintr()
    person.see("I stop after this command")
    go_on.set()
    code, rest = person.end()
    assert code == 130 and "Written: boot_ab, abl_ab, super" in rest and "Not written: vbmeta_ab" in rest
    assert rig.boot.state.log == ["erase:boot_ab", "flash:abl_ab", "flash:super"]
    assert rig.boot.state.partitions["super"] == rig.made.images["super.img"]
