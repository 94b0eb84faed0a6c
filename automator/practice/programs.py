"""The shell's small programs: grep, cat, md5sum and the like, over the phone's files. Knows no window."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automator.practice.phone import Phone


@dataclass(frozen=True)
class Result:
    """What a program wrote to its two streams, and its exit code."""

    out: bytes = b""
    err: bytes = b""
    code: int = 0


Program = Callable[["Phone", list[str], bytes], Result]


def said(text: str, code: int = 0) -> Result:
    """A program that prints that text, with a line end where it has none."""
    return Result(out=(text if not text or text.endswith("\n") else text + "\n").encode(), code=code)


def complained(text: str, code: int = 1) -> Result:
    return Result(err=(text.rstrip("\n") + "\n").encode(), code=code)


def options(args: list[str], takes: str = "") -> tuple[dict[str, str], list[str]]:
    """One-letter options, those in `takes` with their values, and the words left."""
    found: dict[str, str] = {}
    rest: list[str] = []
    waiting = list(args)
    while waiting:
        arg = waiting.pop(0)
        if not arg.startswith("-") or arg == "-" or rest:
            rest.append(arg)
            continue
        for place, letter in enumerate(arg[1:], 1):
            if letter in takes:
                found[letter] = arg[place + 1 :] or (waiting.pop(0) if waiting else "")
                break
            found[letter] = ""
    return found, rest


def _grep(phone: Phone, args: list[str], stream: bytes) -> Result:
    found, rest = options(args, takes="me")
    pattern = found.get("e") or (rest.pop(0) if rest else "")
    if "F" in found:
        pattern = re.escape(pattern)
    elif "E" not in found:
        pattern = re.sub(r"\\([|+?(){}])|([|+?(){}])", lambda m: m[1] or f"\\{m[2]}", pattern)
    for name in rest:
        if name not in phone.files:
            return complained(f"grep: {name}: No such file or directory", 2)
        stream = phone.files[name]
    wanted = re.compile(pattern, re.IGNORECASE if "i" in found else 0)
    lines = [
        line
        for line in stream.decode("utf-8", "replace").splitlines()
        if bool(wanted.search(line)) != ("v" in found)
    ]
    if "m" in found:
        lines = lines[: int(found["m"])]
    code = 0 if lines else 1
    if "q" in found:
        return Result(code=code)
    if "c" in found:
        return said(str(len(lines)), code)
    if "o" in found:
        lines = [match[0] for line in lines for match in wanted.finditer(line)]
    return said("".join(f"{line}\n" for line in lines), code)


def _contents(phone: Phone, program: str, names: list[str], stream: bytes) -> tuple[bytes, Result | None]:
    """What the files hold, one after the other, or the stream; or the complaint."""
    if not names:
        return stream, None
    for name in names:
        if name not in phone.files:
            return b"", complained(f"{program}: {name}: No such file or directory")
    contents = [phone.files[name] for name in names]
    return contents[0] if len(contents) == 1 else b"".join(contents), None


def _cat(phone: Phone, args: list[str], stream: bytes) -> Result:
    content, complaint = _contents(phone, "cat", args, stream)
    return complaint or Result(out=content)


def _head(phone: Phone, args: list[str], stream: bytes) -> Result:
    found, names = options(args, takes="nc")
    content, complaint = _contents(phone, "head", names, stream)
    if complaint:
        return complaint
    if "c" in found:
        return Result(out=content[: int(found["c"])])
    return Result(out=b"".join(content.splitlines(keepends=True)[: int(found.get("n", 10))]))


def _tail(phone: Phone, args: list[str], stream: bytes) -> Result:
    found, names = options(args, takes="nc")
    content, complaint = _contents(phone, "tail", names, stream)
    if complaint:
        return complaint
    count = found.get("c") or found.get("n", "10")
    start = int(count) - 1 if count.startswith("+") else -int(count)
    if "c" in found:
        return Result(out=content[start:])
    return Result(out=b"".join(content.splitlines(keepends=True)[start:]))


_DD = ("bs", "conv", "count", "ibs", "if", "obs", "of", "seek", "skip")
_TOYBOX_DD = (*_DD, "iflag", "oflag", "status")
_TOYBOX_DD_SINCE = 29
"""Up to Android 9 `dd` is NetBSD's (AOSP, shell_and_utilities/README.md), which counts in blocks alone."""
_UNITS = {"b": 512, "k": 1024, "m": 1024 * 1024}


def _dd(phone: Phone, args: list[str], stream: bytes) -> Result:
    given = {name: value for name, _, value in (arg.partition("=") for arg in args)}
    toybox = phone.rom.sdk >= _TOYBOX_DD_SINCE
    for name in given:
        if name not in (_TOYBOX_DD if toybox else _DD):
            return complained(f"dd: unknown {'arg' if toybox else 'operand'} {name}")
    try:
        size = _number(given.get("bs", given.get("ibs", "512")))
        skip, count = _number(given.get("skip", "0")), _number(given.get("count", "-1"))
    except ValueError as error:
        return complained(f"dd: invalid number '{error}'")
    content, complaint = _contents(phone, "dd", [given["if"]] if "if" in given else [], stream)
    if complaint:
        return complaint
    flags = given.get("iflag", "").split(",")
    start = skip * (1 if "skip_bytes" in flags else size)
    most = count * (1 if "count_bytes" in flags else size) if "count" in given else len(content)
    content = content[start : start + most]
    records = f"{len(content) // size}+{int(len(content) % size > 0)} records"
    sums = f"{records} in\n{records} out\n"
    if toybox:
        sums += (
            f"{len(content)} bytes ({_short(len(content))}) copied, 0.004 s, {_short(len(content) * 250)}/s\n"
        )
    else:
        sums += f"{len(content)} bytes transferred in 0.004 secs ({len(content) * 250} bytes/sec)\n"
    return Result(out=content, err=b"" if given.get("status") == "none" else sums.encode())


def _number(text: str) -> int:
    """`4`, `4k` or `1M`. Raises ValueError with the text."""
    found = re.fullmatch(r"(-?\d+)([bkmKM]?)", text)
    if not found:
        raise ValueError(text)
    return int(found[1]) * _UNITS.get(found[2].lower(), 1)


def _short(size: float) -> str:
    """As toybox prints a size for people: `1.5 M`."""
    for unit in ("B", "K", "M"):
        if size < 1000:
            return f"{size:.1f} {unit}" if unit != "B" else f"{size:.0f} B"
        size /= 1024
    return f"{size:.1f} G"


def _md5sum(phone: Phone, args: list[str], stream: bytes) -> Result:
    _, names = options(args)
    if not names:
        return said(f"{hashlib.md5(stream, usedforsecurity=False).hexdigest()}  -")
    lines, code = "", 0
    for name in names:
        if name in phone.files:
            lines += f"{hashlib.md5(phone.files[name], usedforsecurity=False).hexdigest()}  {name}\n"
        else:
            lines, code = lines + f"md5sum: {name}: No such file or directory\n", 1
    return said(lines, code)


def _ls(phone: Phone, args: list[str], _: bytes) -> Result:
    found, names = options(args)
    lines, code = "", 0
    for name in names or ["/"]:
        inside = {path for path in phone.files if path == name or path.startswith(name.rstrip("/") + "/")}
        if not inside:
            lines, code = lines + f"ls: {name}: No such file or directory\n", 1
        for path in sorted(inside):
            shown = path if path == name else path.removeprefix(name.rstrip("/") + "/")
            long = f"-rw-r--r-- 1 shell shell {phone.files.size(path)} 2025-01-01 00:00 "
            lines += f"{long if 'l' in found else ''}{shown}\n"
    return said(lines, code)


def _rm(phone: Phone, args: list[str], _: bytes) -> Result:
    found, names = options(args)
    for name in names:
        if phone.files.pop(name, None) is None and "f" not in found:
            return complained(f"rm: {name}: No such file or directory")
    return Result()


def _stat(phone: Phone, args: list[str], _: bytes) -> Result:
    found, names = options(args, takes="c")
    lines = ""
    for name in names:
        if name not in phone.files:
            return complained(f"stat: '{name}': No such file or directory")
        shown = found.get("c", "%n %s").replace("%s", str(phone.files.size(name))).replace("%n", name)
        lines += shown.replace("%Y", "1735689600") + "\n"
    return said(lines)


def _wc(phone: Phone, args: list[str], stream: bytes) -> Result:
    found, names = options(args)
    content, complaint = _contents(phone, "wc", names, stream)
    if complaint:
        return complaint
    numbers = {"l": content.count(b"\n"), "w": len(content.split()), "c": len(content)}
    return said(" ".join(str(numbers[letter]) for letter in "lwc" if letter in found or not found))


def _echo(_: Phone, args: list[str], __: bytes) -> Result:
    if args[:1] == ["-n"]:
        return Result(out=" ".join(args[1:]).encode())
    return said(" ".join(args) + "\n")


def _date(_: Phone, args: list[str], __: bytes) -> Result:
    form = args[0][1:] if args else "%a %b %d %H:%M:%S %Z %Y"
    return said(time.strftime(form.replace("%s", str(int(time.time())))))


def _uptime(phone: Phone) -> str:
    """As toybox prints it."""
    minutes = int(phone.uptime) // 60
    days = f"{minutes // 1440} days, " if minutes >= 1440 else ""
    hours = f"{minutes % 1440 // 60:2}:{minutes % 60:02}" if minutes % 1440 >= 60 else f"{minutes % 60} min"
    return f" 09:41:00 up {days}{hours},  0 users,  load average: 2.10, 2.05, 2.01"


def _pkill(phone: Phone, args: list[str], _: bytes) -> Result:
    """Knows no process but those of adb's own shells, and those by their whole command line, with -f."""
    found, words = options([arg for arg in args if not arg[1:].isdecimal()])
    if not words:
        return complained("pkill: Needs 1 argument")
    return Result(code=0 if "f" in found and phone.kill(words[0]) else 1)


PROGRAMS: Mapping[str, Program] = {
    "cat": _cat,
    "date": _date,
    "dd": _dd,
    "echo": _echo,
    "false": lambda phone, args, stream: Result(code=1),
    "grep": _grep,
    "head": _head,
    "id": lambda phone, args, stream: said(
        "2000"
        if args == ["-u"]
        else "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log)"
    ),
    "ls": _ls,
    "md5sum": _md5sum,
    "pkill": _pkill,
    "rm": _rm,
    "stat": _stat,
    "tail": _tail,
    "true": lambda phone, args, stream: Result(),
    "uptime": lambda phone, args, stream: said(_uptime(phone)),
    "wc": _wc,
    "whoami": lambda phone, args, stream: said("shell"),
    ":": lambda phone, args, stream: Result(),
}
