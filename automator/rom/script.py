"""A ROM's flash_all.sh as a plan: parsed line by line, never executed. What is not known word for word is refused.

Shapes: real scripts in public repositories, of Qualcomm phones (mido, sagit, raphaelin, umi, liuqin, piano, popsicle)
and MediaTek ones (lancelot, daisy, chopin, camellia, tanzanite), 2017 to 2025. Older ones that begin or flash
differently (`boot`, `reboot-bootloader`, `elif`, `soc-id`) are not known here, and so refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from automator.errors import PreflightError
from automator.rom.archive import ANTI
from automator.rom.refusal import ANEW, refused
from automator.text import T, plain

Kind = Literal["flash", "erase", "set_active", "oem", "reboot"]
WHOLE = ("flash_all.sh",)
KEEPING = ("flash_all_except_storage.sh", "flash_all_except_data_storage.sh", "flash_all_except_data.sh")
"""The scripts that spare the owner's data, the newest name first."""
DATA = frozenset({"userdata", "data"})
KEYS = frozenset({"metadata", "md_udc"})
"""Where the keys to the owner's data are: without them the data are lost, too."""
OWN = frozenset(
    {
        *("frp", "config", "persist", "persistbak", "persistent", "devinfo", "seccfg"),
        *("modemst1", "modemst2", "fsg", "fsc", "nvram", "nvdata", "nvcfg", "proinfo"),
        *("protect1", "protect2", "sec1"),
    }
)
"""Where the phone keeps its locks, its calibration and its IMEIs. No script that was seen writes there; that none of
Xiaomi's does is a guess, and the list is made of AOSP's and the chip makers' names."""


@dataclass(frozen=True)
class When:
    """A step's condition: what the bootloader says of a variable begins with this."""

    variable: str
    value: str


@dataclass(frozen=True)
class Step:
    """One fastboot command of the script."""

    kind: Kind
    target: str = ""
    """The partition, the slot, or what `oem` is told."""
    file: str = ""
    """Which image, for `flash`."""
    when: When | None = None

    @property
    def text(self) -> str:
        """The command without the program's name and the phone's."""
        return " ".join(word for word in (self.kind, self.target, self.file) if word)

    @property
    def partition(self) -> str:
        """The target without its slot, in small letters."""
        return re.sub(r"_(a|b|ab)$", "", self.target.lower())


@dataclass(frozen=True)
class Script:
    """What a script asks for and does."""

    name: str
    products: tuple[tuple[str, bool], ...]
    """Names of the bootloader's `product` that it accepts; false where more letters may follow."""
    anti: int | None
    """The ROM's anti-rollback number; None where the script has no check."""
    anti_variable: str
    steps: tuple[Step, ...]

    def accepts(self, product: str) -> bool:
        """Whether its own check would let this product pass."""
        return any(
            product == name or (not exact and product.startswith(name)) for name, exact in self.products
        )

    def names(self, product: str) -> bool:
        """Whether its own check has exactly this name."""
        return any(product == name for name, _ in self.products)

    @property
    def images(self) -> tuple[str, ...]:
        """The images that it may need, each once."""
        return tuple(dict.fromkeys(step.file for step in self.steps if step.file))

    def due(self, variables: Mapping[str, str | None]) -> tuple[Step, ...]:
        """The steps whose condition holds for what the bootloader said."""
        return tuple(
            step
            for step in self.steps
            if step.when is None or (variables.get(step.when.variable) or "").startswith(step.when.value)
        )

    @property
    def asks(self) -> tuple[str, ...]:
        """The variables that conditions are about."""
        return tuple(dict.fromkeys(step.when.variable for step in self.steps if step.when))


_NAME = r"[A-Za-z0-9][\w-]{0,35}"
_FB = r"fastboot \$\*"
_DIR = r'"?(?:`dirname \$0`|\$\(dirname \$0\)|\$\{?SCRIPT_PATH\}?)"?'
_IMAGE = rf'{_DIR}/images/(?P<file>[A-Za-z0-9][\w.+-]{{0,99}})"?'
_SAYS = r'(?:@?echo(?: "[^"`$\\]*"| [\w .,:!-]*)|echo \$@)'
_ELSE_STOPS = rf"(?: \|\| (?:handle_error [\w ]+|exit 1|{_SAYS} && exit (?:/B )?1))?"
_STEPS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("flash", re.compile(rf"{_FB} flash (?P<target>{_NAME}) {_IMAGE}{_ELSE_STOPS}")),
    ("erase", re.compile(rf"{_FB} erase (?P<target>{_NAME}){_ELSE_STOPS}")),
    ("set_active", re.compile(rf"{_FB} set_active (?P<target>a){_ELSE_STOPS}")),
    ("oem", re.compile(rf"{_FB} oem (?P<target>cdms){_ELSE_STOPS}")),
    ("reboot", re.compile(rf"{_FB} reboot{_ELSE_STOPS}")),
)
_PRODUCT = re.compile(
    rf'{_FB} getvar product 2>&1 \| grep (?:-E )?"(?P<pattern>[\w^:* $|-]+)"'
    rf"(?P<stops> \|\| (?:exit 1|{_SAYS}(?: && exit (?:/B )?1)?))?"
)
_PRODUCT_NAME = re.compile(r"(?:\^?product: ?\*?)?(\w+)(\$?)")
_UNLOCKED = re.compile(rf'{_FB} oem device-info 2>&1 \| grep (?:-E )?"Device unlocked: true"')
_CONDITION = re.compile(
    rf'{_FB} getvar (?P<variable>crc|partition-type:{_NAME}) 2>&1 \| grep (?:-E )?"\^(?P=variable): \*?(?P<value>\w+)"'
)
_ANTI_NUMBER = re.compile(r"CURRENT_ANTI_VER=(\d{1,3})")
_ANTI_FILE = re.compile(rf"CURRENT_ANTI_VER=`cat {_DIR}/images/{re.escape(ANTI)}`")
_ANTI_ASKED = re.compile(
    r"(?P<as>ver|version)=`fastboot (?:\$\* )?getvar (?P<variable>anti|rollback_ver) 2>&1 \| "
    r"""grep (?:-oP "(?P=variable): \\K\[0-9\]\+"|"?(?P=variable):"? \| """
    r"""(?:awk -F ": " '\{print \$2\}'|cut -f 2 -d ["'] ["']))`"""
)
_IF_FAILED, _IF_SO = "if [ $? -ne 0 ]", "if [ $? -eq 0 ]"
_IF_FILE = re.compile(rf"if \[ -[ef] {_IMAGE} \]")
_IF_NO_ANTI = re.compile(
    r'if \[ -z "\$\{?(CURRENT_ANTI_VER|ver|version)\}?" \]|if \[ "\$\{version\}"x == ""x \]'
)
_IF_OLDER = re.compile(r"if \[ \$\{?(?:ver|version)\}? -gt \$\{?CURRENT_ANTI_VER\}? \]")
_NOTHING = re.compile(rf"{_SAYS}|SCRIPT_PATH=\$\(dirname \$0\)")
_ERRORS_FUNCTION = ("handle_error(){", "echo $@", "exit 2", "}")
_LOCKS = re.compile(r"fastboot .*\b(?:oem|flashing) (?:un)?lock(?:_critical)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Piece:
    """A simple command, `if …`, `then`, `else` or `fi`, with its line."""

    text: str
    line: str
    number: int


def parse_script(name: str, text: str, images: Collection[str], anti: int | None) -> Script:
    """The plan in the script `name` of a ROM that holds these images and says `anti` in its anti_version.txt.

    Raises PreflightError: for a line that is not known, shown; for locking; for an image that is not there.
    """
    pieces = _pieces(text)
    for piece in pieces:
        if _LOCKS.match(piece.text):
            raise refused(
                T(
                    "Its script {name} would change the lock of the bootloader, in line {number}: {line}",
                    name=name,
                    number=piece.number,
                    line=plain(piece.line),
                )
            )
    parser = _Parser(name, pieces, images, anti)
    parser.block(None, ())
    parser.check()
    return Script(name, tuple(parser.products), parser.number, parser.variable, tuple(parser.steps))


def choose_script(scripts: Collection[str], *, keep_data: bool) -> str:
    """The name of the script to go by. Raises PreflightError when the ROM has none."""
    for name in KEEPING if keep_data else WHOLE:
        if name in scripts:
            return name
    if keep_data:
        raise refused(
            T("It has no script that spares your data."),
            T("Without --keep-data I use the one that erases everything."),
        )
    raise refused(T("It has no script flash_all.sh."))


class _Parser:
    def __init__(self, name: str, pieces: list[_Piece], images: Collection[str], anti: int | None) -> None:
        self.products: list[tuple[str, bool]] = []
        self.number: int | None = None
        self.variable = "anti"
        self.steps: list[Step] = []
        self._name = name
        self._pieces = pieces
        self._images = images
        self._anti = anti
        self._at = 0
        self._compared = False
        self._depth = 0

    def block(self, when: When | None, ends: tuple[str, ...], *, taken: bool = True) -> str:
        """Reads up to one of `ends`, and returns which; a block that is not taken leaves no step."""
        self._depth += bool(ends)
        while self._at < len(self._pieces):
            piece = self._next()
            if piece.text in ends:
                self._depth -= 1
                return piece.text
            self._statement(piece, when, taken)
        if ends:
            raise self._unknown(self._pieces[-1])
        return ""

    def check(self) -> None:
        """What a script must have, or must not do, taken as a whole."""
        if not self.products:
            raise refused(T("Its script {name} does not check the phone's model.", name=self._name))
        if self.number is not None and not self._compared:
            raise refused(T("Its script {name} does not check the anti-rollback number.", name=self._name))
        kinds = [step.kind for step in self.steps]
        if "flash" not in kinds or "reboot" in kinds[:-1]:
            raise refused(T("Its script {name} does not flash in the usual order.", name=self._name))
        for step in self.steps:
            if step.file and step.file not in self._images:
                raise refused(T("Its script asks for {file}, and that is not in it.", file=step.file))
            if step.kind in ("flash", "erase") and step.partition in OWN:
                raise refused(
                    T(
                        "Its script {name} would write to {partition}, where the phone keeps locks, calibration or IMEIs. "
                        "No ROM of Xiaomi's that I know of does.",
                        name=self._name,
                        partition=step.target,
                    )
                )
            if self._name in KEEPING and step.partition in DATA | KEYS:
                raise refused(T("Its script {name} would erase your data all the same.", name=self._name))

    def _statement(self, piece: _Piece, when: When | None, taken: bool) -> None:
        text = piece.text
        if self._depth and self._is_check(text):
            raise self._unknown(piece)  # one that the shell may never come to
        if self._compared and self._is_number(text):
            raise self._unknown(piece)  # one that comes too late
        if found := _PRODUCT.fullmatch(text):
            self._product(piece, found["pattern"])
            if found["stops"] is None:
                self._stops(piece)
        elif _UNLOCKED.fullmatch(text):
            self._stops(piece)
        elif found := _CONDITION.fullmatch(text):
            self._conditional(piece, When(found["variable"], found["value"]), when, taken)
        elif found := _ANTI_ASKED.fullmatch(text):
            self.variable = found["variable"]
        elif found := _ANTI_NUMBER.fullmatch(text):
            self.number = int(found[1])
        elif _IF_NO_ANTI.fullmatch(text):
            self._expect("then", piece)
            self._expect(re.compile(r"(?:CURRENT_ANTI_VER|ver|version)=0"), piece)
            self._expect("fi", piece)
            if "CURRENT_ANTI_VER" in text and self.number is None:
                self.number = 0
        elif _IF_OLDER.fullmatch(text):
            self._compared = True
            self._body_stops(piece)
        elif found := _IF_FILE.fullmatch(text):
            self._by_file(piece, found["file"], when, taken)
        elif text == _ERRORS_FUNCTION[0]:
            for line in _ERRORS_FUNCTION[1:]:
                self._expect(line, piece)
        elif text == "exit 0":
            if self._at < len(self._pieces):
                raise self._unknown(piece)
        elif not _NOTHING.fullmatch(text):
            self._step(piece, when, taken)

    def _is_check(self, text: str) -> bool:
        return bool(_PRODUCT.fullmatch(text) or _UNLOCKED.fullmatch(text)) or self._is_number(text)

    def _is_number(self, text: str) -> bool:
        """Whether it is about the anti-rollback number: the phone's, the ROM's, or the two compared."""
        shapes = (_ANTI_ASKED, _ANTI_NUMBER, _IF_NO_ANTI, _IF_OLDER)
        by_file = _IF_FILE.fullmatch(text)
        return any(shape.fullmatch(text) for shape in shapes) or bool(by_file and by_file["file"] == ANTI)

    def _step(self, piece: _Piece, when: When | None, taken: bool) -> None:
        for kind, shape in _STEPS:
            if found := shape.fullmatch(piece.text):
                words = found.groupdict()
                if taken:
                    self.steps.append(Step(kind, words.get("target") or "", words.get("file") or "", when))
                if self._peek() == _IF_FAILED:
                    self._next()
                    self._body_stops(piece)
                return
        raise self._unknown(piece)

    def _product(self, piece: _Piece, pattern: str) -> None:
        if self.products:
            raise self._unknown(piece)  # the shell would ask for both
        for one in pattern.split("|"):
            found = _PRODUCT_NAME.fullmatch(one)
            if found is None:
                raise self._unknown(piece)
            self.products.append((found[1], found[2] == "$"))

    def _conditional(self, piece: _Piece, asked: When, when: When | None, taken: bool) -> None:
        if when is not None:
            raise self._unknown(piece)
        self._expect(_IF_SO, piece)
        self._expect("then", piece)
        if self.block(asked, ("else", "fi"), taken=taken) == "else":
            self._only_says(piece)

    def _by_file(self, piece: _Piece, file: str, when: When | None, taken: bool) -> None:
        self._expect("then", piece)
        if file == ANTI:
            self._expect(_ANTI_FILE, piece)
            self._expect("fi", piece)
            self.number = self._anti if self._anti is not None else self.number
            return
        there = file in self._images
        if self.block(when, ("else", "fi"), taken=taken and there) == "else":
            self.block(when, ("fi",), taken=taken and not there)

    def _stops(self, piece: _Piece) -> None:
        """A check must be followed by the end of the script where it fails."""
        self._expect(_IF_FAILED, piece)
        self._body_stops(piece)

    def _body_stops(self, piece: _Piece) -> None:
        self._expect("then", piece)
        while re.fullmatch(_SAYS, self._peek()):
            self._next()
        self._expect("exit 1", piece)
        self._expect("fi", piece)

    def _only_says(self, piece: _Piece) -> None:
        while re.fullmatch(_SAYS, self._peek()):
            self._next()
        self._expect("fi", piece)

    def _expect(self, wanted: str | re.Pattern[str], after: _Piece) -> None:
        piece = self._next() if self._at < len(self._pieces) else after
        matches = piece.text == wanted if isinstance(wanted, str) else wanted.fullmatch(piece.text)
        if piece is after or not matches:
            raise self._unknown(piece)

    def _peek(self) -> str:
        return self._pieces[self._at].text if self._at < len(self._pieces) else ""

    def _next(self) -> _Piece:
        self._at += 1
        return self._pieces[self._at - 1]

    def _unknown(self, piece: _Piece) -> PreflightError:
        return refused(
            T(
                "I do not know what line {number} of its script {name} does: {line}",
                number=piece.number,
                name=self._name,
                line=plain(piece.line),
            ),
            T("{anew} If it is as Xiaomi made it, please report that line.", anew=ANEW),
        )


def _pieces(text: str) -> list[_Piece]:
    """The script's commands, one each, spaces made alike; comments left out."""
    found: list[_Piece] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        for command in _commands(line):
            head, space, rest = command.partition(" ")
            split = (head, rest) if head in ("then", "else") and space else (command,)
            found += [_Piece(part, line.strip()[:200], number) for part in split]
    return found


def _commands(line: str) -> list[str]:
    """The line at its semicolons, outside quotes; up to a `#` that begins a word."""
    commands, present, quote = [], "", ""
    for letter in line:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'`":
            quote = letter
        elif letter == "#" and (not present or present[-1].isspace()):
            break
        elif letter == ";":
            commands.append(present)
            present = ""
            continue
        present += letter
    return [" ".join(command.split()) for command in (*commands, present) if command.strip()]
