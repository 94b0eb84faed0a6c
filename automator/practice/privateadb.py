"""A real adb server that never meets a real phone, and plain questions to it. Must not know what a phone is."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import adbutils

_LOOPBACK = "127.0.0.1"
_PATIENCE = 10.0
_START_LOOK = 0.003
_ATTEMPTS = 3

# What could lead a server to real devices, to emulators, or to the owner's files.
_ADB_OFF = ("ADB_USB", "ADB_MDNS", "ADB_MDNS_AUTO_CONNECT", "ADB_LOCAL_TRANSPORT_MAX_PORT")
_ADB_UNSET = ("ANDROID_SERIAL", "ADB_TRACE", "ADB_VENDOR_KEYS", "ADB_SERVER_SOCKET", "ANDROID_ADB_LOG_PATH")
_NO_DEVICE = "NO-SUCH-DEVICE"


class _Connection(adbutils.AdbConnection):  # type: ignore[misc]  # adbutils has no types
    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        super().__init__(host, port)

    def _safe_connect(self) -> socket.socket:
        """Connect or raise: adbutils would start a server, on the owner's port at that."""
        try:
            return socket.create_connection(self._address)
        except OSError as error:
            raise adbutils.errors.AdbConnectionError(f"no adb server: {error}") from error

    def check_okay(self) -> None:
        """Hang up when the server refuses, as it does itself: adbutils would leave the socket open."""
        try:
            super().check_okay()
        except adbutils.AdbTimeout:
            raise
        except adbutils.AdbError:
            self.close()
            raise


class _Client(adbutils.AdbClient):  # type: ignore[misc]  # adbutils has no types
    def make_connection(self, timeout: float | None = None) -> _Connection:
        connection = _Connection(self.host, self.port)
        connection.conn.settimeout(timeout)
        return connection


class PrivateAdb:
    """An adb server of our own, on a free port of this computer; it sees only the phones connected to it.

    Its keys are kept in `home`, else in a temporary folder. (On Windows adb does not ask the environment for
    its folder: there it reads the owner's keys.)
    """

    def __init__(self, home: Path | None = None) -> None:
        self.port = 0
        self._home = home
        self._folder = Path()
        self._files = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once the server answers."""
        home = self._home or Path(
            self._files.enter_context(tempfile.TemporaryDirectory(prefix="adb-", ignore_cleanup_errors=True))
        )
        self._folder = home
        atexit.register(self.stop)
        for _ in range(_ATTEMPTS):
            with socket.create_server((_LOOPBACK, 0)) as free:
                self.port = free.getsockname()[1]
            # Somebody may take the port before the server does: then it ends.
            self._process = _spawn(self.port, home)
            if self._answers(self._process):
                return
        self.stop()
        raise RuntimeError("the private adb server does not start; adb may be older than 33")

    def kill(self) -> None:
        """End the server as if it had crashed. Its port and its keys are kept for `start_again`."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.kill()
        else:
            with contextlib.suppress(OSError):
                ask(self.port, "host:kill")
        self._process.wait()

    def start_again(self) -> None:
        """Start a killed server on its port. A client may have started one there meanwhile: then that one stays."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                ask(self.port, "host:version")
                return
            process = _spawn(self.port, self._folder)
            if self._answers(process):
                if self._process is not None:
                    self._process.wait()
                self._process = process
                return
            process.wait()
        raise RuntimeError("the private adb server does not start again")

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(ConnectionError):
                ask(self.port, "host:version")
                return process.poll() is None
            time.sleep(_START_LOOK)
        return False

    def stop(self) -> None:
        """End the server, and one that a client may have started in its place."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.kill()
        else:
            with contextlib.suppress(OSError):
                ask(self.port, "host:kill")
        self._process.wait()
        self._process = None
        self._files.close()
        atexit.unregister(self.stop)

    def client(self) -> adbutils.AdbClient:
        """An adbutils client of this server, which never starts another."""
        return _Client(_LOOPBACK, self.port)


@contextlib.contextmanager
def _asking(port: int, question: str) -> Iterator[Callable[[], str]]:
    """Ask an adb server; inside, each call gives its next answer. adbutils might start a server."""
    with (
        socket.create_connection((_LOOPBACK, port), _PATIENCE) as connection,
        connection.makefile("rb") as answers,
    ):

        def answer() -> str:
            length = answers.read(4)
            if len(length) < 4:
                raise ConnectionResetError("the adb server has gone")
            return answers.read(int(length, 16)).decode()

        connection.sendall(f"{len(question):04x}{question}".encode())
        verdict = answers.read(4)
        if verdict == b"FAIL":
            raise ConnectionError(answer())
        if verdict != b"OKAY":
            raise ConnectionResetError("the adb server has gone")
        yield answer


def ask(port: int, question: str) -> str:
    """The adb server's one answer, `host:version` for example; raises OSError when it fails or is gone."""
    with _asking(port, question) as answer:
        return answer()


def wait(port: int, serial: str, state: str | None) -> None:
    """Return once the adb server lists the phone in this state (None: not at all). Raises TimeoutError."""
    with _asking(port, "host:track-devices") as answer:
        while True:
            listed = dict(line.split("\t", 1) for line in answer().splitlines())
            if listed.get(serial) == state:
                return


def _spawn(port: int, home: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _ADB_UNSET}
    environment |= dict.fromkeys(_ADB_OFF, "0") | dict.fromkeys(("HOME", "ANDROID_USER_HOME"), str(home))
    words = [adbutils.adb_path(), "-P", str(port), "--one-device", _NO_DEVICE, "server", "nodaemon"]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603  # all words are ours
        words,
        env=environment,
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        creationflags=flags,
        start_new_session=True,  # Ctrl-C on the terminal must not end it before we do
    )
