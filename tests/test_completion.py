"""What the shell offers after Tab: quick, silent, and without starting anything."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from automator.cli.complete import ADB_PATIENCE, roms, runs, serials
from automator.practice.lab import Lab
from automator.practice.rom import ROMS
from tests.conftest import MakePlugged
from tests.test_cli import run

AS_COMMAND = "import sys; sys.argv[0] = 'mi-automator'; from automator.cli import main; main()"


def complete(words: str, **environment: str) -> list[str]:
    """What bash is offered for the last of these words."""
    done = subprocess.run(
        [sys.executable, "-c", AS_COMMAND],
        env={
            **os.environ,
            "_MI_AUTOMATOR_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
            **environment,
        },
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_roms_and_serials_are_offered(plug: MakePlugged, lab: Lab) -> None:
    serial = plug().wire.serial
    assert {"plan", "practice"} <= set(complete("mi-automator p"))
    assert complete("mi-automator plan u") == ["unlink"]
    assert complete("mi-automator rehearse unlink --rom hyper") == ["hyperos1", "hyperos2", "hyperos3"]
    (Path(os.environ["MI_AUTOMATOR_RUNS"]) / "20261124-101500-unlink-0a1b").mkdir(parents=True)
    assert complete("mi-automator report 2026") == ["20261124-101500-unlink-0a1b"]
    port = str(lab.port)
    assert serial in complete("mi-automator unlink --serial ", ANDROID_ADB_SERVER_PORT=port)


def test_serials_come_with_what_they_are(
    plug: MakePlugged, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = plug().wire.serial
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(lab.port))
    assert serial in dict(serials(""))
    assert serials("no-such-phone") == []


def _nobody(server: socket.socket) -> None:
    server.close()


def _silent(server: socket.socket) -> None:
    server.listen()


Broken = Callable[[socket.socket], None]


@pytest.mark.parametrize("broken", [_nobody, _silent])
def test_without_adb_nothing_is_offered_and_nothing_is_started(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        broken(server)
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        began = time.monotonic()
        assert serials("") == []
        assert time.monotonic() - began < ADB_PATIENCE + 1
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("port", ["", "x", "99999"])
def test_a_port_that_is_none_offers_nothing(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", port)
    assert serials("") == []


def test_runs_are_offered_newest_first(tmp_path: Path) -> None:
    assert runs("") == []
    names = ["20251124-101500-unlink-0a1b", "20261124-101500-unlink-0a1b", "20261124-101500-reset-0a1b"]
    for name in names:
        (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "runs" / "notes.txt").touch()
    assert runs("") == sorted(names, reverse=True)
    assert runs("2025") == names[:1]


def test_roms_are_offered_from_old_to_new() -> None:
    assert tuple(roms("")) == ROMS
    assert roms("x") == []


def test_it_can_be_installed() -> None:
    assert "--install-completion" in run("--help").stdout
