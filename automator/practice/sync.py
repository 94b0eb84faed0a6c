"""The `sync:` service, as adbd serves it over the phone's files. Must not know what the files are for.

The protocol is AOSP's packages/modules/adb: SYNC.TXT, file_sync_protocol.h and daemon/file_sync_service.cpp.
"""

from __future__ import annotations

import errno
import posixpath
import stat
import struct
from dataclasses import dataclass

from automator.practice.adbd import Device, MalformedError, Stream, send, serving
from automator.practice.files import Files

_REQUEST = struct.Struct("<4sI")
_STAT_1 = struct.Struct("<4sIII")  # id, mode, size, mtime
_STAT_2 = struct.Struct(
    "<4sIQQIIIIQqqq"
)  # id, error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime
_LENGTH = struct.Struct("<I")
_SEND_2 = struct.Struct("<4sII")  # id, mode, flags

_MAX_PATH = 1024
_MAX_CHUNK = 64 * 1024

# Directories that a phone has before anything is pushed; others are there as soon as a file is in them.
_DIRECTORIES = frozenset({"/", "/data", "/data/local", "/data/local/tmp", "/sdcard", "/sdcard/Download"})

# The practice phone keeps no clock for files; Android dates those of its system image like this.
_TIME = 1_230_768_000


@dataclass(frozen=True)
class _Entry:
    mode: int
    size: int


async def serve(device: Device, stream: Stream) -> None:
    """Serve requests until the computer quits."""
    while True:
        request, length = _REQUEST.unpack(await stream.inbox.readexactly(_REQUEST.size))
        if request == b"QUIT":
            return
        if length > _MAX_PATH:
            raise MalformedError("path too long")
        path = (await stream.inbox.readexactly(length)).decode(errors="replace")
        if request in (b"STAT", b"STA2", b"LST2"):
            await _stat(device, stream, request, path)
        elif request in (b"LIST", b"LIS2"):
            await _list(device, stream, request, path)
        elif request == b"SEND":
            if not await _send(device, stream, path.rpartition(",")[0]):
                return
        elif request == b"SND2":
            _, _, flags = _SEND_2.unpack(await stream.inbox.readexactly(_SEND_2.size))
            _refuse_compression(flags)
            if not await _send(device, stream, path):
                return
        elif request == b"RECV":
            await _recv(device, stream, path)
        elif request == b"RCV2":
            _, flags = _REQUEST.unpack(await stream.inbox.readexactly(_REQUEST.size))
            _refuse_compression(flags)
            await _recv(device, stream, path)
        else:
            await _fail(stream, f"unknown command {request.hex()}")
            return


async def _stat(device: Device, stream: Stream, request: bytes, path: str) -> None:
    async with serving(device, "sync.stat"):
        entry = _entry(device.files, _plain(path))
    if request == b"STAT":
        answer = (
            _STAT_1.pack(request, entry.mode, entry.size, _TIME) if entry else _STAT_1.pack(request, 0, 0, 0)
        )
    else:
        answer = _stat_2(request, entry)
    await stream.write(answer)


async def _list(device: Device, stream: Stream, request: bytes, path: str) -> None:
    version_2 = request == b"LIS2"
    async with serving(device, "sync.list"):
        answer = b""
        for name, entry in _directory(device.files, _plain(path)).items():
            encoded = name.encode()
            head = (
                _stat_2(b"DNT2", entry) if version_2 else _STAT_1.pack(b"DENT", entry.mode, entry.size, _TIME)
            )
            answer += head + _LENGTH.pack(len(encoded)) + encoded
    end_size = (_STAT_2 if version_2 else _STAT_1).size + _LENGTH.size
    await stream.write(answer + b"DONE".ljust(end_size, b"\0"))


async def _send(device: Device, stream: Stream, path: str) -> bool:
    """Take a file; False when it could not be written, which ends the service, as in adbd."""
    content = bytearray()
    async with serving(device, "sync.send"):
        while True:
            part, length = _REQUEST.unpack(await stream.inbox.readexactly(_REQUEST.size))
            if part == b"DONE":
                break
            if part != b"DATA" or length > _MAX_CHUNK:
                raise MalformedError(f"{part!r} of {length} bytes in a file")
            content += await stream.inbox.readexactly(length)
        entry = _entry(device.files, _plain(path))
        is_directory = entry is not None and stat.S_ISDIR(entry.mode)
        failure = "couldn't create file: Is a directory" if is_directory else ""
        if not failure:
            try:
                device.files[_plain(path)] = bytes(content)
            except OSError as full:
                # handle_send_file reads to the end what it cannot write, unlinks the file, and fails like this.
                failure = f"write failed: {full.strerror}"
    if failure:
        await _fail(stream, failure)
    else:
        await stream.write(_REQUEST.pack(b"OKAY", 0))
    return not failure


async def _recv(device: Device, stream: Stream, path: str) -> None:
    async with serving(device, "sync.recv"):
        content, failure = _read(device.files, _plain(path))
    if failure:
        await _fail(stream, f"open failed: {failure}")
        return
    answer = bytearray()
    for start in range(0, len(content), _MAX_CHUNK):
        chunk = content[start : start + _MAX_CHUNK]
        answer += _REQUEST.pack(b"DATA", len(chunk)) + chunk
    answer += _REQUEST.pack(b"DONE", 0)
    await send(device, "sync.recv", stream, bytes(answer))


def _read(files: Files, path: str) -> tuple[bytes, str]:
    """What the file holds, or why it cannot be read."""
    try:
        return files[path], ""
    except KeyError:
        return b"", "No such file or directory"
    except PermissionError:
        return b"", "Permission denied"


async def _fail(stream: Stream, why: str) -> None:
    await stream.write(_REQUEST.pack(b"FAIL", len(why)) + why.encode())


def _refuse_compression(flags: int) -> None:
    if flags:
        raise MalformedError(f"flags {flags:x}, though the banner offers none")


def _plain(path: str) -> str:
    return "/" + posixpath.normpath(path).lstrip("/")


def _entry(files: Files, path: str) -> _Entry | None:
    if path in files:
        return _Entry(stat.S_IFREG | 0o644, files.size(path))
    if path in _DIRECTORIES or any(name.startswith(path.rstrip("/") + "/") for name in files):
        return _Entry(stat.S_IFDIR | 0o771, 4096)
    return None


def _directory(files: Files, path: str) -> dict[str, _Entry]:
    """What a directory holds, by name, with `.` and `..` as readdir has them; empty for anything else."""
    here = _entry(files, path)
    if here is None or not stat.S_ISDIR(here.mode):
        return {}
    inside = path.rstrip("/") + "/"
    below = (name.removeprefix(inside) for name in (*files, *_DIRECTORIES) if name.startswith(inside))
    names = sorted({name.partition("/")[0] for name in below} - {""})
    found = {name: _entry(files, inside + name) for name in names}
    return {".": here, "..": here} | {name: entry for name, entry in found.items() if entry}


def _stat_2(request: bytes, entry: _Entry | None) -> bytes:
    if entry is None:
        return _STAT_2.pack(request, errno.ENOENT, *(0,) * 10)
    return _STAT_2.pack(request, 0, 0, 0, entry.mode, 1, 0, 0, entry.size, _TIME, _TIME, _TIME)
