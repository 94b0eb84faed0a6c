"""The practice phone's wire, through a real adb server and the unmodified adbutils and uiautomator2."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shlex
import socket
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import adbutils
import pytest
from uiautomator2.core import BasicUiautomatorServer
from uiautomator2.exceptions import RPCUnknownError
from uiautomator2.utils import with_package_resource

from automator.practice.adbd import Message
from automator.practice.files import Files
from automator.practice.hostkey import HostKey
from automator.practice.lab import Lab, PrivateAdb, Wire
from automator.practice.phone import RpcError

PATIENCE = 10.0
BIG = bytes(range(256)) * 6000  # 1.5 MB: more than one message of adb
TAP = b'POST /jsonrpc/0 HTTP/1.1\r\nContent-Length: 35\r\n\r\n{"id":1,"method":"tap","params":[]}'
CNXN, AUTH = (int.from_bytes(word, "little") for word in (b"CNXN", b"AUTH"))
GREETING = Message(CNXN, 0x01000001, 1 << 20, b"host::").pack()
JPEG = b"\xff\xd8not a picture\xff\xd9"


class TinyDevice:
    """As little of a phone as the wire can carry."""

    def __init__(self) -> None:
        self.files = Files(lambda: {"/app/base.apk": lambda: BIG}, lambda: self.readable)
        self.files.update({"/sdcard/DCIM/one.jpg": b"1", "/sdcard/two.txt": b"22"})
        self.readable = True
        self.authorised = True
        self.on_leave: Callable[[], None] | None = None
        self.on_kill: Callable[[str], bool] | None = None
        self.boots = 0
        self.seconds: dict[str, float] = {}
        self.faults: dict[str, Callable[[], object]] = {}
        self.steps: Counter[str] = Counter()
        self.called: list[tuple[str, list[Any]]] = []
        self.blind = False
        self.tapped = threading.Event()

    def banner(self) -> str:
        names = "ro.product.name=tiny;ro.product.model=Tiny 1;ro.product.device=tiny;"
        return f"device::{names}features=shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,sendrecv_v2"

    def shell(self, command: str) -> tuple[bytes, int]:
        words = shlex.split(command)
        if words[:2] == ["toybox", "md5sum"]:
            return hashlib.md5(self.files.get(words[2], b"")).hexdigest().encode(), 0
        if words[0] == "fill":
            return b"x" * int(words[1]), 0
        if words[0] == "cat":
            return self.files[words[1]], 0
        return f"ran {command}\n".encode(), 7

    def rpc(self, method: str, params: list[Any]) -> Any:
        self.called.append((method, params))
        if method == "tap":
            self.tapped.set()
        if method == "refuse" or self.blind:
            raise RpcError(-32001, "java.lang.SecurityException: no INJECT_EVENTS")
        if method == "takeScreenshot":
            return base64.b64encode(JPEG).decode()
        return {"method": method, "params": params, "text": "Сброс"}

    def reboot(self) -> None:
        self.boots += 1

    def delay(self, request: str, params: Sequence[Any] = ()) -> float:
        return self.seconds.get(request, 0.0)

    def step(self, request: str) -> None:
        self.steps[request] += 1
        if fault := self.faults.pop(request, None):
            fault()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def phone() -> TinyDevice:
    return TinyDevice()


@pytest.fixture
def wire(lab: Lab, phone: TinyDevice) -> Iterator[Wire]:
    wire = lab.add(phone)
    yield wire
    wire.unplug()
    wire.stop()


@pytest.fixture
def adb(lab: Lab, wire: Wire) -> adbutils.AdbDevice:
    return lab.client.device(wire.serial)


@pytest.fixture
def u2(adb: adbutils.AdbDevice, wire: Wire, phone: TinyDevice) -> Iterator[BasicUiautomatorServer]:
    with with_package_resource("assets/u2.jar") as jar:
        phone.files["/data/local/tmp/u2.jar"] = Path(jar).read_bytes()
    server = BasicUiautomatorServer(adb)
    yield server
    wire.thaw()
    server.stop_uiautomator()


def states(lab: Lab) -> dict[str, str]:
    return {device.serial: device.state for device in lab.client.list()}


def run_adb(lab: Lab, wire: Wire, *words: str) -> subprocess.CompletedProcess[str]:
    command = [adbutils.adb_path(), "-P", str(lab.port), "-s", wire.serial, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def say(wire: Wire, words: bytes) -> bytes:
    """What the phone sends to one who says this to its port, until it hangs up."""
    host, _, port = wire.serial.partition(":")
    answer = b""
    with (
        socket.create_connection((host, int(port)), PATIENCE) as connection,
        contextlib.suppress(ConnectionError),
    ):
        connection.sendall(words)
        while part := connection.recv(65536):
            answer += part
    return answer


def read(adb: adbutils.AdbDevice, service: str) -> bytes:
    """What the service sends until it ends or is cut off."""
    with adb.open_transport(timeout=PATIENCE) as connection:
        connection.send_command(service)
        connection.check_okay()
        return b"".join(iter(lambda: connection.conn.recv(1 << 16), b""))


def http(adb: adbutils.AdbDevice, request: bytes) -> bytes:
    """What the on-device server sends on a new connection, until it hangs up."""
    with adb.create_connection(adbutils.Network.TCP, 9008) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


class TestShell:
    def test_prints(self, adb: adbutils.AdbDevice) -> None:
        assert adb.shell("echo  hi") == "ran echo  hi"

    def test_tells_its_exit_code_in_version_2(self, adb: adbutils.AdbDevice) -> None:
        result = adb.shell2("false", v2=True)
        assert (result.stdout, result.returncode) == ("ran false\n", 7)

    def test_prints_more_than_a_message_holds(self, adb: adbutils.AdbDevice) -> None:
        assert len(adb.shell("fill 3000000")) == 3_000_000
        assert len(adb.shell2("fill 3000000", v2=True).stdout) == 3_000_000

    def test_exec_has_no_packets(self, adb: adbutils.AdbDevice, phone: TinyDevice) -> None:
        with adb.open_transport() as connection:
            connection.send_command("exec:screencap -p")
            connection.check_okay()
            assert connection.read_until_close() == "ran screencap -p\n"
        assert phone.steps["before:exec"] == phone.steps["after:exec"] == 1

    def test_exec_carries_bytes_unharmed(self, adb: adbutils.AdbDevice) -> None:
        assert read(adb, "exec:cat /app/base.apk") == BIG

    def test_serves_many_at_once(self, adb: adbutils.AdbDevice) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(adb.shell, (f"job {number}" for number in range(40))))
        assert answers == [f"ran job {number}" for number in range(40)]

    def test_takes_the_time_the_phone_takes(self, adb: adbutils.AdbDevice, phone: TinyDevice) -> None:
        phone.seconds["shell"] = 30.0
        with pytest.raises(adbutils.AdbTimeout):
            adb.shell("slow", timeout=0.1)

    def test_refuses_unknown_services(self, adb: adbutils.AdbDevice) -> None:
        for name in ("tcp:80", "jdwp:1", "localabstract:x", "nonsense"):
            with adb.open_transport() as connection, pytest.raises(adbutils.AdbError):
                connection.send_command(name)
                connection.check_okay()


class TestFiles:
    @pytest.mark.parametrize("content", [b"", b"short", BIG], ids=["empty", "short", "big"])
    def test_come_back_as_they_went(
        self, adb: adbutils.AdbDevice, phone: TinyDevice, content: bytes, tmp_path: Path
    ) -> None:
        assert adb.sync.push(content, "/data/local/tmp/it", check=True) == len(content)
        assert phone.files["/data/local/tmp/it"] == content
        assert adb.sync.read_bytes("/data/local/tmp/it") == content
        assert adb.sync.pull("/data/local/tmp/it", tmp_path / "it") == len(content)
        assert (tmp_path / "it").read_bytes() == content

    def test_have_sizes_and_kinds(self, adb: adbutils.AdbDevice) -> None:
        assert oct(adb.sync.stat("/sdcard/two.txt").mode) == "0o100644"
        assert adb.sync.stat("/sdcard/two.txt").size == 2
        assert oct(adb.sync.stat("/sdcard/DCIM").mode) == "0o40771"
        assert not adb.sync.exists("/sdcard/three.txt")

    def test_are_listed(self, adb: adbutils.AdbDevice) -> None:
        assert [entry.path for entry in adb.sync.list("/sdcard/")] == [
            ".",
            "..",
            "DCIM",
            "Download",
            "two.txt",
        ]
        assert adb.sync.list("/nowhere") == adb.sync.list("/sdcard/two.txt") == []

    def test_that_are_missing_cannot_be_pulled(self, adb: adbutils.AdbDevice) -> None:
        with pytest.raises(adbutils.AdbError, match="No such file"):
            adb.sync.read_bytes("/sdcard/three.txt")

    def test_that_may_not_be_read_can_still_be_seen(self, adb: adbutils.AdbDevice, phone: TinyDevice) -> None:
        assert adb.sync.read_bytes("/app/base.apk") == BIG
        phone.readable = False
        assert adb.sync.stat("/app/base.apk").size == len(BIG)
        assert [entry.path for entry in adb.sync.list("/app")] == [".", "..", "base.apk"]
        with pytest.raises(adbutils.AdbError, match="Permission denied"):
            adb.sync.read_bytes("/app/base.apk")

    def test_do_not_replace_directories(self, adb: adbutils.AdbDevice, phone: TinyDevice) -> None:
        with adb.open_transport() as connection:
            connection.send_command("sync:")
            connection.check_okay()
            path = b"/sdcard,33188"
            connection.send(b"SEND" + struct.pack("<I", len(path)) + path + b"DONE" + bytes(4))
            assert connection.read_string(4) == "FAIL"
        assert "/sdcard" not in phone.files

    @pytest.mark.parametrize(
        "request_", [b"OOPS\4\0\0\0/tmp", b"STAT\xff\xff\xff\x7f", b"SEND\4\0\0\0/tmpDATA\xff\xff\xff\x7f"]
    )
    def test_nonsense_ends_the_stream(self, adb: adbutils.AdbDevice, request_: bytes) -> None:
        with adb.open_transport(timeout=PATIENCE) as connection:
            connection.send_command("sync:")
            connection.check_okay()
            connection.send(request_)
            assert connection.read_until_close()[:4] in ("", "FAIL")
        assert adb.shell("still") == "ran still"


class TestTheAdbProgram:
    def test_runs_a_shell(self, lab: Lab, wire: Wire) -> None:
        result = run_adb(lab, wire, "shell", "echo", "hi")
        assert (result.returncode, result.stdout, result.stderr) == (7, "ran echo hi\n", "")

    def test_pushes_pulls_and_lists(self, lab: Lab, wire: Wire, phone: TinyDevice, tmp_path: Path) -> None:
        (tmp_path / "big").write_bytes(BIG)
        assert run_adb(lab, wire, "push", str(tmp_path / "big"), "/data/local/tmp/").returncode == 0
        assert phone.files["/data/local/tmp/big"] == BIG
        assert run_adb(lab, wire, "pull", "/data/local/tmp/big", str(tmp_path / "back")).returncode == 0
        assert (tmp_path / "back").read_bytes() == BIG
        assert run_adb(lab, wire, "pull", "/sdcard", str(tmp_path)).returncode == 0
        assert (tmp_path / "sdcard" / "DCIM" / "one.jpg").read_bytes() == b"1"
        assert "two.txt" in run_adb(lab, wire, "ls", "/sdcard").stdout
        missing = run_adb(lab, wire, "pull", "/sdcard/three.txt", str(tmp_path))
        assert "No such file or directory" in missing.stderr

    def test_names_the_phone(self, lab: Lab, wire: Wire) -> None:
        assert "product:tiny model:Tiny_1 device:tiny" in run_adb(lab, wire, "devices", "-l").stdout


class TestUiautomator2:
    def test_starts_and_calls(self, u2: BasicUiautomatorServer, phone: TinyDevice) -> None:
        assert u2.jsonrpc_call("click", [1, 2]) == {"method": "click", "params": [1, 2], "text": "Сброс"}
        assert phone.called == [("click", [1, 2])]
        assert phone.steps["before:rpc.click"] == phone.steps["after:rpc.click"] == 1

    def test_pushes_its_jar_once(self, adb: adbutils.AdbDevice, phone: TinyDevice) -> None:
        server = BasicUiautomatorServer(adb)
        assert len(phone.files["/data/local/tmp/u2.jar"]) > 1 << 20
        BasicUiautomatorServer(adb).jsonrpc_call("deviceInfo", [])
        server.stop_uiautomator()
        assert phone.steps["before:sync.send"] == 1

    @pytest.mark.parametrize("nothing", [None, {}, []])
    def test_calls_without_parameters(
        self, u2: BasicUiautomatorServer, phone: TinyDevice, nothing: object
    ) -> None:
        u2.jsonrpc_call("deviceInfo", nothing)
        assert phone.called == [("deviceInfo", [])]

    def test_learns_why_a_call_failed(self, u2: BasicUiautomatorServer, phone: TinyDevice) -> None:
        with pytest.raises(RPCUnknownError, match=r"-32001 java\.lang\.SecurityException'") as caught:
            u2.jsonrpc_call("refuse", [])
        assert "no INJECT_EVENTS" in str(caught.value.args[2])
        assert phone.steps["after:rpc.refuse"] == 1

    def test_starts_it_again_after_it_was_killed(
        self, u2: BasicUiautomatorServer, wire: Wire, adb: adbutils.AdbDevice
    ) -> None:
        wire.kill_server()
        with pytest.raises(adbutils.AdbError):
            adb.create_connection(adbutils.Network.TCP, 9008)
        assert u2.jsonrpc_call("deviceInfo", [])["method"] == "deviceInfo"

    def test_cannot_have_two(self, u2: BasicUiautomatorServer, adb: adbutils.AdbDevice) -> None:
        command = "CLASSPATH=/data/local/tmp/u2.jar app_process / com.wetest.uia2.Main -p 9008"
        assert "already registered" in adb.shell(command)
        assert u2.jsonrpc_call("deviceInfo", [])["method"] == "deviceInfo"

    def test_needs_its_jar(self, adb: adbutils.AdbDevice) -> None:
        command = "CLASSPATH=/data/local/tmp/u2.jar app_process / com.wetest.uia2.Main -p 9008"
        result = adb.shell2(command, v2=True)
        assert "ClassNotFoundException" in result.stdout
        assert result.returncode == 1

    def test_stops_its_server(self, u2: BasicUiautomatorServer, adb: adbutils.AdbDevice) -> None:
        assert http(adb, b"GET /stop HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\nServer stopped!!!")
        with pytest.raises(adbutils.AdbError):
            adb.create_connection(adbutils.Network.TCP, 9008)

    @pytest.mark.parametrize(
        ("request_", "answer"),
        [
            (b"GET /ping HTTP/1.1\r\n\r\n", b"pong"),
            (b"GET /screenshot/0 HTTP/1.1\r\nAccept: */*\r\n\r\n", JPEG),
            (b"GET /nothing HTTP/1.1\r\n\r\n", b"Not Found!!!"),
            (b"POST /jsonrpc/0 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"Invalid Request"),
            (b"POST /jsonrpc/0 HTTP/1.1\r\nContent-Length: 1\r\n\r\n{", b"JSON parse error"),
        ],
        ids=["ping", "screenshot", "nothing", "empty", "broken"],
    )
    def test_server_speaks_http(
        self, u2: BasicUiautomatorServer, adb: adbutils.AdbDevice, request_: bytes, answer: bytes
    ) -> None:
        reply = http(adb, request_)
        assert reply.startswith(b"HTTP/1.1 ")
        assert answer in reply

    def test_server_tells_why_there_is_no_picture(
        self, u2: BasicUiautomatorServer, adb: adbutils.AdbDevice, phone: TinyDevice
    ) -> None:
        phone.blind = True
        reply = http(adb, b"GET /screenshot/0 HTTP/1.1\r\n\r\n")
        assert reply.startswith(b"HTTP/1.1 500 ")
        assert b"INJECT_EVENTS" in reply

    @pytest.mark.parametrize(
        "request_",
        [
            b"nonsense\r\n\r\n",
            b"POST /jsonrpc/0 HTTP/1.1\r\nContent-Length: many\r\n\r\n",
            b"POST /jsonrpc/0 HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
            b"GET /" + b"x" * 200_000,
        ],
        ids=["words", "length", "size", "line"],
    )
    def test_server_hangs_up_on_nonsense(
        self, u2: BasicUiautomatorServer, adb: adbutils.AdbDevice, request_: bytes
    ) -> None:
        with contextlib.suppress(ConnectionError):
            assert http(adb, request_) == b""
        assert u2.jsonrpc_call("deviceInfo", [])["method"] == "deviceInfo"


class TestAuthorisation:
    def test_is_withheld_until_the_owner_allows(self, lab: Lab, phone: TinyDevice) -> None:
        phone.authorised = False
        wire = lab.add(phone)
        assert states(lab) == {wire.serial: "unauthorized"}
        assert phone.steps["after:connect"] == 0
        with pytest.raises(adbutils.AdbError, match="unauthorized"):
            lab.client.device(wire.serial).shell("echo")
        phone.authorised = True
        lab.wait(wire, "device")
        assert lab.client.device(wire.serial).shell("echo") == "ran echo"
        assert phone.steps["after:connect"] == 1
        wire.unplug()

    def test_is_asked_once_for_a_computer(self, lab: Lab, wire: Wire) -> None:
        wire.unplug()
        with lab.client.make_connection(timeout=PATIENCE) as connection:
            connection.send_command("host:track-devices")
            connection.check_okay()
            lab.replug(wire)
            seen = ""
            while "device" not in seen:
                seen += connection.read_string_block()
        assert "unauthorized" not in seen

    def test_reads_the_key_that_adb_made(self, tmp_path: Path) -> None:
        server = PrivateAdb(tmp_path)
        server.start()
        server.stop()
        line = (tmp_path / ".android" / "adbkey.pub").read_bytes()
        key = HostKey.parse(line)
        assert key.modulus.bit_length() == 2048
        assert key.exponent == 65537
        assert not key.signed(bytes(20), bytes(256))

    @pytest.mark.parametrize("line", [b"", b"AAAA me@here", b"not base64 at all", b"A" * 700])
    def test_reads_no_key_in_nonsense(self, line: bytes) -> None:
        with pytest.raises(ValueError):
            HostKey.parse(line)


class TestTheCable:
    def test_can_be_pulled_and_put_back(
        self, lab: Lab, wire: Wire, adb: adbutils.AdbDevice, u2: BasicUiautomatorServer
    ) -> None:
        serial = wire.serial
        wire.unplug()
        wire.unplug()
        assert states(lab) == {}
        host, _, port = serial.partition(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))
        lab.replug(wire)
        assert states(lab) == {serial: "device"}
        assert adb.shell("echo") == "ran echo"
        with pytest.raises(
            adbutils.AdbError
        ):  # the server's shell went with the cable, and the server with it
            adb.create_connection(adbutils.Network.TCP, 9008)

    @pytest.mark.parametrize(("moment", "landed"), [("before:rpc.tap", []), ("after:rpc.tap", [("tap", [])])])
    @pytest.mark.parametrize("fault", ["unplug", "kill_server"])
    def test_can_be_pulled_around_a_tap(
        self,
        wire: Wire,
        adb: adbutils.AdbDevice,
        u2: BasicUiautomatorServer,
        phone: TinyDevice,
        fault: str,
        moment: str,
        landed: list[object],
    ) -> None:
        phone.faults[moment] = getattr(wire, fault)
        assert http(adb, TAP) == b""
        assert phone.called == landed

    @pytest.mark.parametrize("service", ["exec", "shell"])
    def test_can_be_pulled_in_the_middle_of_an_answer(
        self, lab: Lab, wire: Wire, adb: adbutils.AdbDevice, phone: TinyDevice, service: str
    ) -> None:
        phone.faults[f"amid:{service}"] = wire.unplug
        assert read(adb, f"{service}:cat /app/base.apk") == BIG[: len(BIG) // 2]
        assert phone.steps[f"after:{service}"] == 1

    def test_can_be_pulled_in_the_middle_of_a_file(
        self, wire: Wire, adb: adbutils.AdbDevice, phone: TinyDevice
    ) -> None:
        phone.faults["amid:sync.recv"] = wire.unplug
        with pytest.raises(adbutils.AdbError):
            adb.sync.read_bytes("/app/base.apk")

    def test_can_be_pulled_in_the_greeting(self, lab: Lab, wire: Wire, phone: TinyDevice) -> None:
        phone.faults["before:connect"] = wire.unplug
        assert say(wire, GREETING) == b""
        lab.replug(wire)
        assert states(lab) == {wire.serial: "device"}

    def test_a_tap_lands_though_the_computer_gave_up(
        self, adb: adbutils.AdbDevice, u2: BasicUiautomatorServer, phone: TinyDevice
    ) -> None:
        phone.seconds["rpc.tap"] = 0.1
        with adb.create_connection(adbutils.Network.TCP, 9008) as connection:
            connection.sendall(TAP)
        assert not phone.tapped.is_set()
        assert phone.tapped.wait(PATIENCE)

    def test_two_phones_do_not_meet(self, lab: Lab, wire: Wire, adb: adbutils.AdbDevice) -> None:
        other = lab.add(TinyDevice())
        other.unplug()
        assert states(lab) == {wire.serial: "device"}
        assert adb.shell("echo") == "ran echo"


class TestAFrozenPhone:
    def test_answers_nothing_until_it_thaws(self, wire: Wire, adb: adbutils.AdbDevice) -> None:
        wire.freeze()
        with adb.open_transport(timeout=0.2) as connection:
            connection.send_command("shell:echo")
            with pytest.raises(adbutils.AdbTimeout):
                connection.check_okay()
            wire.thaw()
            connection.conn.settimeout(PATIENCE)
            connection.check_okay()
            assert connection.read_until_close() == "ran echo\n"

    def test_can_freeze_between_a_tap_and_its_answer(
        self, wire: Wire, adb: adbutils.AdbDevice, u2: BasicUiautomatorServer, phone: TinyDevice
    ) -> None:
        phone.faults["after:rpc.tap"] = wire.freeze
        with adb.create_connection(adbutils.Network.TCP, 9008) as connection:
            connection.sendall(TAP)
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            wire.thaw()
            connection.settimeout(PATIENCE)
            assert connection.recv(5) == b"HTTP/"
        assert phone.called == [("tap", [])]

    def test_can_be_unplugged(self, lab: Lab, wire: Wire) -> None:
        wire.freeze()
        wire.unplug()
        assert states(lab) == {}
        wire.thaw()
        lab.replug(wire)
        assert states(lab) == {wire.serial: "device"}


class TestLeaving:
    def test_by_itself(self, lab: Lab, wire: Wire, phone: TinyDevice) -> None:
        assert phone.on_leave is not None
        phone.on_leave()
        lab.wait(wire, None)

    def test_in_a_call(
        self,
        lab: Lab,
        wire: Wire,
        adb: adbutils.AdbDevice,
        u2: BasicUiautomatorServer,
        phone: TinyDevice,
    ) -> None:
        phone.faults["before:http.ping"] = lambda: phone.on_leave and phone.on_leave()
        assert http(adb, b"GET /ping HTTP/1.1\r\n\r\n").endswith(b"pong")
        lab.wait(wire, None)

    def test_by_reboot(self, lab: Lab, wire: Wire, phone: TinyDevice) -> None:
        assert run_adb(lab, wire, "reboot", "recovery").returncode == 0
        lab.wait(wire, None)
        assert phone.steps["after:reboot"] == 1
        lab.replug(wire)
        assert states(lab) == {wire.serial: "device"}


class TestGarbage:
    def test_does_not_kill_the_port(self, wire: Wire, adb: adbutils.AdbDevice) -> None:
        for garbage in (
            os.urandom(4096),
            b"GET / HTTP/1.1\r\n\r\n" + bytes(100),
            GREETING[:12] + b"\xff\xff\xff\x7f" + GREETING[16:],
            GREETING + GREETING,
            GREETING + Message(AUTH, 3, 0, b"no key").pack(),
            Message(CNXN, 0x01000001, 0, b"host::").pack(),
        ):
            say(wire, garbage)
        assert adb.shell("still") == "ran still"

    def test_half_a_message_holds_up_nobody(self, wire: Wire, adb: adbutils.AdbDevice) -> None:
        host, _, port = wire.serial.partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"CNXN")
            assert adb.shell("still") == "ran still"


class TestTheRoom:
    def test_reports_a_mistake_in_the_phone(self, phone: TinyDevice) -> None:
        def mistake() -> None:
            raise ZeroDivisionError

        with pytest.raises(RuntimeError, match="failed while it served") as caught, Lab() as lab:
            wire = lab.add(phone)
            phone.faults["before:shell"] = mistake
            assert lab.client.device(wire.serial).shell("echo") == ""
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert phone.on_leave is None

    def test_leaves_nothing_behind(self, phone: TinyDevice) -> None:
        before = threading.active_count()
        with Lab() as lab:
            lab.add(phone)
        assert threading.active_count() == before
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", lab.port))

    def test_wire_out_of_reach(self, phone: TinyDevice) -> None:
        wire = Wire(phone)
        wire.start()
        wire.stop()
        wire.stop()
        wire.unplug()
        wire.freeze()

    def test_client_never_starts_another_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            elsewhere = free.getsockname()[1]
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(elsewhere))
        server = PrivateAdb()
        server.start()
        client = server.client()
        assert client.server_version() == 41
        client.server_kill()
        with pytest.raises(adbutils.AdbError):
            for _ in range(10_000):  # it says that it goes, then goes
                client.server_version()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", elsewhere))
        server.stop()
        server.stop()

    def test_ends_a_server_that_adb_started_in_place_of_a_dead_one(self, tmp_path: Path) -> None:
        server = PrivateAdb(tmp_path)
        server.start()
        command = [adbutils.adb_path(), "-P", str(server.port)]
        environment = os.environ | {"HOME": str(tmp_path), "ADB_USB": "0", "ADB_MDNS": "0"}
        for words in (["kill-server"], ["start-server"]):
            subprocess.run(
                [*command, *words], env=environment, check=True, capture_output=True, timeout=PATIENCE
            )
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            for _ in range(10_000):
                socket.create_connection(("127.0.0.1", server.port)).close()
