"""Reflash end to end: the real fastboot client, the practice phone, and a practice bootloader whose log proves the rest."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
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

from automator.cli.journey import Options, last_words
from automator.cli.output import Output
from automator.cli.reflash import PracticeFinder, _Plugged
from automator.errors import PreflightError
from automator.events import Event
from automator.journeys import Ending, to_the_end
from automator.journeys.reflash import Found, Order, Times, flash, remembered
from automator.phone import wait_for_phone
from automator.phone.fastboot import Answer, Fastboot, listed, program
from automator.practice import smallrom
from automator.practice.bootloader import Bootloader, State
from tests.conftest import MakePlugged, Plugged, ScriptedOwner, Terminal, outcome_of

CLIENT = shutil.which("fastboot")
pytestmark = pytest.mark.skipif(CLIENT is None, reason="fastboot is not installed")


def _quickly(table: dict[str, Any], *rest: str) -> list[Any]:
    """The table's cases; the `rest` of them in a full run alone."""
    return [pytest.param(case, marks=pytest.mark.full if case in rest else ()) for case in table]


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
    practice: bool = True
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
                    *(order, finder, self.owner, journal),
                    practice=self.practice,
                    times=self.times,
                    folders=[place],
                )

            ending = to_the_end("reflash", self.events.append, work)
        assert list(place.iterdir()) == []
        last = [str(line) for line in last_words(ending.outcome)] if ending.outcome else []
        self.said = "\n".join([*self.owner.told, str(ending.error or ""), *last])
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
        plan = [command for command in plan if command not in self.boot.state.refused]
        assert [_obeyed(command) for command in plan][: len(once)] == once


def _obeyed(command: str) -> str:
    words = command.split()
    return command if words[0] in ("reboot", "oem") else f"{words[0]}:{words[1]}"


def _fake(rig: Rig, body: str) -> None:
    """The real client behind a script that does `body` first, for the rest of the test."""
    folder = rig.folder / "bin"
    folder.mkdir(exist_ok=True)
    file = folder / "fastboot"
    file.write_text(f'#!/bin/sh\n{body}\nexec {CLIENT} "$@"\n')
    file.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def rig(plug: MakePlugged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with Bootloader(State(product="degas", serialno="a1b2c3d4")) as boot:
        monkeypatch.setenv("PATH", os.environ["PATH"])
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


def _client(words: str, does: str) -> Callable[[Rig], None]:
    """The program does that when it is called with these words, and the phone is newer than the ROM."""

    def arrange(rig: Rig) -> None:
        rig.boot.state.anti = 7
        _fake(rig, f'case "$*" in *"{words}"*) {does};; esac')

    return arrange


def _client_refuses(rig: Rig) -> None:
    _fake(
        rig,
        'case "$*" in *"erase boot_ab"*) echo "fastboot: error: no /home/mary.smith/x" >&2; exit 1;; esac',
    )


def _older_sparing_data(rig: Rig) -> None:
    rig.keep_data = True
    _rom("OS1.0.1.0.UNEMIXM")(rig)


def _unrunnable(rig: Rig) -> None:
    _fake(rig, "")
    (rig.folder / "bin" / "fastboot").write_bytes(b"\x7fELFxxxx")


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
    "a bootloader whose number can't be asked": (_client("getvar anti", "exit 1"), 3, "fastboot failed"),
    "a program that crashes": (_client("getvar anti", "kill -SEGV $$"), 3, "fastboot failed"),
    "a program that says nothing": (_client("getvar anti", "exit 0"), 3, "fastboot failed"),
    "a program that can't run": (_unrunnable, 3, "fastboot failed"),
    "a program that gives up at the first command": (_client_refuses, 3, "error: no ~/x"),
    "an older version": (_rom("OS2.0.203.0.VNEMIXM"), 3, "older than what the phone runs"),
    "an older version that spares the data": (_older_sparing_data, 3, "older than what the phone runs"),
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


@pytest.mark.parametrize(
    "case",
    _quickly(
        NOTHING_WRITTEN,
        *("a program that says nothing", "a program that can't run", "an older version", "a wrong MD5"),
        *("a download that was cut", "a script that locks"),
    ),
)
def test_nothing_is_written(rig: Rig, case: str) -> None:
    arrange, code, words = NOTHING_WRITTEN[case]
    arrange(rig)
    ending = rig.run()
    assert ending.event.exit_code == code and words in rig.said, rig.said
    assert rig.boot.state.log == []
    if case == "a bootloader that adb says is locked":
        assert rig.plugged.wire.plugged
    if any(e.event == "ask" and e.answer == "yes" for e in rig.events):
        assert "to start it normally, hold its power button" in rig.said
        assert "tap nothing" not in rig.said
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


def _touch_boot(rig: Rig) -> None:
    def touch(command: str) -> None:
        if command == "flash:abl_ab":
            (image,) = (rig.folder / "place").glob("*/boot.img")
            image.write_bytes(b"EVIL" * 30000)

    rig.boot.before = touch


def _at(words: str, does: str) -> Callable[[Rig], None]:
    return lambda rig: _fake(rig, f'case "$*" in *"{words}"*) {does};; esac')


ODD_BREAKS: dict[str, tuple[Callable[[Rig], None], str, str]] = {
    "an image changed while others were written": (
        *(_touch_boot, "boot.img was changed before I could write it", "Not written: boot_ab"),
    ),
    "the program is killed": (
        *(_at("flash super", "kill -KILL $$"), "The program fastboot says", "Not sure: flash super"),
    ),
    "the program is killed at once": (
        *(_at("erase boot_ab", "kill -KILL $$"), "The program fastboot says", "Not sure: erase boot_ab"),
    ),
    "the program vanishes": (
        *(_at("flash abl_ab", 'rm "$0"'), "The program fastboot says", "Not sure: flash super"),
    ),
}


@pytest.mark.parametrize("case", _quickly(ODD_BREAKS, "the program is killed"))
def test_whatever_breaks_in_the_middle_the_state_is_told(rig: Rig, case: str) -> None:
    arrange, words, state = ODD_BREAKS[case]
    arrange(rig)
    ending = rig.run()
    assert ending.event.exit_code == 7 and words in rig.said and state in rig.said, rig.said
    assert "Leave the phone in fastboot" in rig.said
    assert "flash:boot_ab" not in rig.boot.state.log


def test_a_word_of_the_bootloader_is_no_failure(rig: Rig) -> None:
    _fake(rig, 'case "$*" in *"erase boot_ab"*) echo "(bootloader) error: FAILED (none)";; esac')
    assert rig.run().error is None and rig.boot.state.log == WRITTEN, rig.said


OUTPUTS = [
    ("OKAY [  0.001s]\n", 0, "done"),
    ("getvar:anti FAILED (remote: 'GetVar Variable Not found')\nFinished.\n", 0, "failed"),
    ("FAILED (remote: 'no')\nfastboot: error: Command failed\n", 1, "failed"),
    ("Sending 'x'  FAILED (Status read failed (Connection reset by peer))\n", 0, "lost"),
    ("(bootloader) error: FAILED (remote: 'no')\nOKAY\n", 0, "done"),
    ("fastboot: error: cannot load 'x'\n", 1, "client"),
    ("", 1, "client"),
    ("", -11, "client"),
    ("Sending 'x'\n", None, "timeout"),
    ("< waiting for tcp:x >\n", None, "absent"),
]


@pytest.mark.parametrize(("text", "code", "how"), OUTPUTS)
def test_what_a_run_of_the_program_came_to(text: str, code: int | None, how: str) -> None:
    assert Answer(text, code, 0.0).how == how


REBOOT = 'fastboot $* reboot\nif [ $? -ne 0 ] ; then echo "Reboot error"; exit 1; fi\n'
CDMS = "fastboot $* oem cdms\n"
ENDS: dict[str, tuple[str, dict[str, str], int, str]] = {
    "all confirmed": (CDMS + REBOOT, {}, 0, "confirmed every command, and the phone restarts"),
    "a restart that is refused": (REBOOT, {"reboot": "fail"}, 0, "did not say that it restarts"),
    "a restart with the cable pulled": (REBOOT, {"reboot": "pull"}, 0, "did not say that it restarts"),
    "a restart that hangs": (REBOOT, {"reboot": "hang"}, 0, "did not say that it restarts"),
    "no restart": ("", {}, 0, "did not say that it restarts"),
    "an oem refused": (CDMS + REBOOT, {"oem cdms": "fail"}, 0, "It refused “oem cdms”"),
    "an oem that hangs": (CDMS + REBOOT, {"oem cdms": "hang"}, 7, "whether “oem cdms” was carried out"),
    "an oem with the cable pulled": (CDMS + REBOOT, {"oem cdms": "pull"}, 6, "during “oem cdms”"),
    "an oem at the end, the cable pulled": (CDMS, {"oem cdms": "pull"}, 6, "during “oem cdms”"),
}


@pytest.mark.parametrize(
    "case",
    _quickly(
        ENDS, "a restart that hangs", "a restart with the cable pulled", "an oem at the end, the cable pulled"
    ),
)
def test_nothing_is_called_confirmed_that_was_not(rig: Rig, case: str) -> None:
    end, faults, code, words = ENDS[case]
    text = smallrom.script("degas").replace(REBOOT, end)
    rig.rom = smallrom.make(rig.folder, texts={"flash_all.sh": text}).path
    rig.boot.faults.update(faults)  # type: ignore[arg-type]
    rig.times = Times(ask=5.0, arrive=10.0, act=0.4)
    ending = rig.run()
    assert ending.event.exit_code == code and words in rig.said, rig.said
    assert ("confirmed every command" in rig.said) == (case == "all confirmed")
    assert ending.event.verified == (case in ("all confirmed", "no restart"))


def _alive(command: str) -> bool:
    return command in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_a_restart_that_fails_changes_nothing_about_what_is_written(rig: Rig) -> None:
    rig.boot.faults["reboot"] = "pull"
    ending = rig.run()
    assert ending.error is None and "hold its power button" in rig.said
    assert rig.boot.state.log == WRITTEN[:-1]


def _finishes(rig: Rig) -> None:
    rig.run()


def _declined_before(rig: Rig) -> None:
    answers, rig.owner = rig.owner, ScriptedOwner(rig.plugged, lambda card: "no")
    rig.run()
    rig.owner = answers


def _breaks(rig: Rig) -> None:
    rig.boot.faults["flash:super"] = "fail"
    rig.run()
    rig.boot.faults.clear()


def _broken_and_declined(rig: Rig) -> None:
    _breaks(rig)
    rig.owner = ScriptedOwner(rig.plugged, lambda card: "no")
    rig.run(in_fastboot=True)
    rig.owner = ScriptedOwner(rig.plugged)


def _broken_and_mended(rig: Rig) -> None:
    _breaks(rig)
    rig.run(in_fastboot=True)


def _rehearsed(rig: Rig) -> None:
    _breaks(rig)
    rig.practice = False


def _breaks_with_a_newer_one(rig: Rig) -> None:
    older = rig.rom
    _rom("OS2.0.300.0.VNEMIXM")(rig)
    _breaks(rig)
    rig.rom = older


BEFORE: dict[str, tuple[Callable[[Rig], None], str]] = {
    "finished": (_finishes, "Start the phone normally"),
    "declined": (_declined_before, "Start the phone normally"),
    "broke": (_breaks, ""),
    "broke, and was then declined": (_broken_and_declined, ""),
    "broke, and was mended": (_broken_and_mended, "Start the phone normally"),
    "was a rehearsal": (_rehearsed, "Start the phone normally"),
    "broke with a newer ROM": (_breaks_with_a_newer_one, "older than what the phone runs"),
}


def _reading(about: list[str]) -> Callable[[Any], str]:
    def answer(card: Any) -> str:
        about.extend(str(value) for _, value in card.about)
        return str(card.phrase)

    return answer


@pytest.mark.parametrize("case", _quickly(BEFORE, "declined", "broke", "broke, and was mended"))
def test_only_a_run_that_began_and_did_not_finish_stands_in_for_the_phone(rig: Rig, case: str) -> None:
    arrange, refused = BEFORE[case]
    arrange(rig)
    rig.boot.state.log.clear()
    rig.owner.told.clear()
    about: list[str] = []
    if not refused:
        rig.owner = ScriptedOwner(rig.plugged, _reading(about))
    ending = rig.run(in_fastboot=True)
    assert refused in rig.said and (ending.error is None) == (not refused), rig.said
    assert bool(rig.boot.state.log) == (not refused)
    if not refused:
        day = time.strftime("%Y-%m-%d", time.gmtime())
        assert any(f"as compared on {day}" in value for value in about)


def test_a_battery_that_nobody_tells_is_said_to_be_unknown(rig: Rig) -> None:
    _breaks(rig)
    rig.boot.state.variables = {"battery-voltage": "", "battery-soc-ok": ""}
    about: list[str] = []
    rig.owner = ScriptedOwner(rig.plugged, _reading(about))
    rig.run(in_fastboot=True)
    assert any(value.startswith("unknown: the phone does not say") for value in about)


def test_a_phone_in_fastboot_that_nobody_compared_is_refused(rig: Rig) -> None:
    ending = rig.run(in_fastboot=True)
    assert ending.event.exit_code == 3 and "Start the phone normally" in rig.said
    assert rig.boot.state.log == [] and remembered("a1b2c3d4") is None


def test_a_phone_that_never_arrives_is_lost(rig: Rig) -> None:
    rig.times = Times(ask=1.0, arrive=0.5, act=1.0)
    rig.boot.faults["getvar:product"] = "hang"
    ending = rig.run()
    assert ending.event.exit_code == 6 and "does not answer in fastboot" in rig.said


def test_without_the_program_it_says_how_to_install_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    ending = rig.run()
    assert ending.event.exit_code == 3 and "sudo apt install fastboot" in rig.said and "winget" in rig.said


def test_the_list_of_phones_in_fastboot_is_read(rig: Rig) -> None:
    assert listed(program()) == []
    _fake(rig, _lists("aaaa1111\\tfastboot\\nbbbb2222\\t fastboot\\ncccc3333\\tfastbootd\\n"))
    assert listed(program()) == ["aaaa1111", "bbbb2222"]


def _lists(lines: str) -> str:
    return f'if [ "$1" = devices ]; then printf "{lines}"; exit 0; fi'


LISTS: dict[str, tuple[str, str | None, str]] = {
    "one": ("aaaa1111\\tfastboot\\n", None, "=aaaa1111"),
    "the one that is meant": ("aaaa1111\\tfastboot\\nbbbb2222\\tfastboot\\n", "bbbb2222", "=bbbb2222"),
    "two": ("aaaa1111\\tfastboot\\nbbbb2222\\tfastboot\\n", None, "aaaa1111, bbbb2222"),
    "another than is meant": ("aaaa1111\\tfastboot\\n", "cccc", "In fastboot stands aaaa1111"),
    "one without permission": ("no permissions\\tfastboot\\n", None, "android-sdk-platform-tools-common"),
    "one with a link": ("????????????\\tno permissions; see [x]\\n", None, "let you use the USB port"),
}


@pytest.mark.parametrize("case", _quickly(LISTS, "the one that is meant", "one with a link"))
def test_the_phone_in_fastboot_that_is_meant(
    rig: Rig, case: str, monkeypatch: pytest.MonkeyPatch, lab: Any
) -> None:
    lines, wanted, words = LISTS[case]
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    _fake(rig, _lists(lines))
    with ExitStack() as opened:
        finder = _Plugged(Output(json=False), Options(serial=wanted, wait=0), opened)
        finder.ready()
        try:
            found = finder.find()
            said = f"={found.fastboot.serial}" if found.fastboot else ""
        except PreflightError as error:
            said = str(error)
    assert words in said


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
    rig.practice = False
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
    # However often, and however, it is told to: a write is not torn apart.
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(int(person.child.pid or 0), again)
        person.see("I stop after this command")
    person.see("seconds at most")
    go_on.set()
    code, rest = person.end()
    assert code == 130 and "Written: boot_ab, abl_ab, super" in rest and "Not written: vbmeta_ab" in rest
    assert "the phone's system is half written" in rest and " tap " not in rest
    assert rig.boot.state.log == ["erase:boot_ab", "flash:abl_ab", "flash:super"]
    assert rig.boot.state.partitions["super"] == rig.made.images["super.img"]
