"""The phone's shell: enough of its language for what tools send. Knows what commands are, not what they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automator.practice.commands import COMMANDS
from automator.practice.programs import Result

if TYPE_CHECKING:
    from automator.practice.phone import Phone

NOWHERE = "/dev/null"
_OPERATOR = re.compile(r"&&|\|\||[;|&\n]")
_REDIRECTION = re.compile(r"([12]?)(>>?)[ \t]*(&[12])?")
_VARIABLE = re.compile(r"\$(\?|\w+|\{\w+\})")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass
class Command:
    """One program with its words, and where its two streams go: None for on, else a file or the other one."""

    words: list[str] = field(default_factory=list)
    output: str | None = None
    errors: str | None = None


@dataclass
class Pipeline:
    """Commands whose output feeds the next; run when `after` (`&&`, `||`, or nothing) says so."""

    after: str
    commands: list[Command]


def run(phone: Phone, line: str) -> tuple[bytes, int]:
    """Run a line; both streams as the terminal shows them, and the last exit code."""
    shown = bytearray()
    code = 0
    for pipeline in _parse(line):
        if (pipeline.after == "&&" and code != 0) or (pipeline.after == "||" and code == 0):
            continue
        said, code = _run(phone, pipeline, code)
        shown += said
    return bytes(shown), code


def _run(phone: Phone, pipeline: Pipeline, last: int) -> tuple[bytes, int]:
    """What the pipeline shows, complaints of its last command after what that prints, and its exit code."""
    stream, shown, err, code = b"", b"", b"", last
    for command in pipeline.commands:
        shown += err
        words = [word.replace("\0?", str(last)) for word in command.words]
        while words and _ASSIGNMENT.match(words[0]):
            words = words[1:]
        result = _call(phone, words, stream)
        out, err, code = result.out, result.err, result.code
        if command.output not in (None, NOWHERE, "&2"):
            try:
                phone.files[str(command.output)] = out
            except OSError as full:
                err, code = err + f"{words[0] if words else 'sh'}: write: {full.strerror}\n".encode(), 1
        stream = out if command.output is None else b""
        if command.output == "&2":
            err += out
        if command.errors == "&1":
            stream, err = (stream + err, b"") if command.output is None else (stream, b"")
        if command.errors is not None:
            err = b""
    return b"".join((shown, stream, err)), code


def _call(phone: Phone, words: list[str], stream: bytes) -> Result:
    if not words:
        return Result()
    name = words[0].rpartition("/")[2]
    program = COMMANDS.get(name)
    if program is None or (name == "dd" and not phone.state.dd):
        return Result(err=f"/system/bin/sh: {words[0]}: inaccessible or not found\n".encode(), code=127)
    try:
        return program(phone, words[1:], stream)
    except PermissionError as error:
        return Result(err=f"{name}: {error.filename}: Permission denied\n".encode(), code=1)


def _parse(line: str) -> Iterator[Pipeline]:
    after, commands, command = "", list[Command](), Command()
    for token in _tokens(line):
        if isinstance(token, str):
            command.words.append(token)
        elif isinstance(token, Redirection):
            if token.stream == "2":
                command.errors = token.target
            else:
                command.output = token.target
        else:
            if command.words:
                commands.append(command)
            command = Command()
            if token.sign == "|":
                continue
            if commands:
                yield Pipeline(after, commands)
            after, commands = token.sign if token.sign in ("&&", "||") else "", []
    if command.words:
        commands.append(command)
    if commands:
        yield Pipeline(after, commands)


@dataclass(frozen=True)
class Operator:
    sign: str


@dataclass(frozen=True)
class Redirection:
    stream: str
    target: str


def _tokens(line: str) -> Iterator[str | Operator | Redirection]:
    """Words without their quotes, operators, redirections; an exit code's place is held by a mark."""
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
        elif line[at] == "#":
            end = line.find("\n", at)
            at = len(line) if end < 0 else end
        elif found := _REDIRECTION.match(line, at):
            at = found.end()
            target = found[3]
            if not target:
                target, at = _word(line, at)
            yield Redirection(found[1] or "1", target)
        elif found := _OPERATOR.match(line, at):
            at = found.end()
            yield Operator(found[0])
        else:
            start = at
            word, at = _word(line, at)
            if word or '"' in line[start:at] or "'" in line[start:at]:
                yield word


def _word(line: str, at: int) -> tuple[str, int]:
    word = ""
    while at < len(line) and line[at] not in " \t\n;|&<>":
        letter = line[at]
        if letter == "'":
            end = line.find("'", at + 1)
            end = len(line) if end < 0 else end
            word, at = word + line[at + 1 : end], end + 1
        elif letter == '"':
            inside, at = _in_quotes(line, at + 1)
            word += inside
        elif letter == "\\" and at + 1 < len(line):
            word, at = word + line[at + 1], at + 2
        elif letter == "$" and (found := _VARIABLE.match(line, at)):
            word, at = word + _value(found[1]), found.end()
        else:
            word, at = word + letter, at + 1
    return word, max(at, 1)


def _in_quotes(line: str, at: int) -> tuple[str, int]:
    inside = ""
    while at < len(line) and line[at] != '"':
        if line[at] == "\\" and line[at + 1 : at + 2] in ('"', "\\", "$", "`"):
            inside, at = inside + line[at + 1], at + 2
        elif line[at] == "$" and (found := _VARIABLE.match(line, at)):
            inside, at = inside + _value(found[1]), found.end()
        else:
            inside, at = inside + line[at], at + 1
    return inside, at + 1


def _value(name: str) -> str:
    """What a variable stands for: a mark for the exit code, nothing for all others, which nobody has set."""
    return "\0?" if name == "?" else ""
