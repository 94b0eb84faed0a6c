"""What the shell offers after Tab: serials, ROMs, runs. Quick, silent, and starts nothing: any trouble means no offer."""

from __future__ import annotations

import contextlib
import os
import socket

ADB_PATIENCE = 0.5
"""Seconds for each answer of adb's server."""


def serials(incomplete: str) -> list[tuple[str, str]]:
    """The phones that adb lists, each with its model or state. No server of adb is started where none runs."""
    with contextlib.suppress(Exception):
        from automator.phone.find import parse_devices

        return [
            (phone.serial, phone.model if phone.ready else phone.state)
            for phone in parse_devices(_listing())
            if phone.serial.startswith(incomplete)
        ]
    return []


def roms(incomplete: str) -> list[str]:
    """The practice phones, from the oldest ROM to the newest."""
    with contextlib.suppress(Exception):
        from automator.practice.rom import ROMS

        return [name for name in ROMS if name.startswith(incomplete)]
    return []


def runs(incomplete: str) -> list[str]:
    """The folders of past runs, newest first; their names begin with the time."""
    with contextlib.suppress(Exception):
        from automator.journal import runs_folder

        folders = (item.name for item in runs_folder().iterdir() if item.is_dir())
        return sorted((name for name in folders if name.startswith(incomplete)), reverse=True)
    return []


def _listing() -> str:
    """What adb's server lists; adbutils would start one. Raises OSError, ValueError."""
    server = (
        os.environ.get("ANDROID_ADB_SERVER_HOST", "127.0.0.1"),
        int(os.environ.get("ANDROID_ADB_SERVER_PORT", "5037")),
    )
    with socket.create_connection(server, ADB_PATIENCE) as adb, adb.makefile("rb") as answer:
        adb.sendall(b"000ehost:devices-l")
        if answer.read(4) != b"OKAY":
            return ""
        return answer.read(int(answer.read(4), 16)).decode("utf-8", "replace")
