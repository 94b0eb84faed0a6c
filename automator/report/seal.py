"""Whether a run's folder is as it was written: every line of the journal, and every file that its lines name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from automator.chain import follows
from automator.report.record import JOURNAL

State = Literal["whole", "open", "cut", "changed", "unsealed"]


@dataclass(frozen=True)
class Seal:
    """What was found: the chain of the last line that fits, and the first thing that does not.

    `whole`: everything fits, and the run's end is there. `open`: everything fits, and the end is not there. `cut`: the last
    line is not whole. `changed`: a line, or a file, is not what was written. `unsealed`: no line has a chain.
    """

    state: State
    chain: str
    lines: int
    """How many fit."""
    files: int
    line: int | None = None
    """The number of the first line that does not fit, or that names the first file that does not."""
    file: str | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing in it was changed, as far as it goes."""
        return bool(self.chain) and self.state in ("whole", "open", "cut")


def check(folder: Path) -> Seal:
    """Checks everything. Raises OSError when the journal can't be read."""
    data = (folder / JOURNAL).read_bytes()
    *lines, tail = data.split(b"\n")
    chain, files, ended = "", 0, False
    if lines and b',"chain":"' not in data:
        return Seal("unsealed", "", 0, 0)
    for number, line in enumerate(lines, 1):
        following, fields = follows(line, chain), _fields(line)
        if following is None or fields is None:
            return Seal("changed", chain, number - 1, files, number)
        chain = following
        for name, digest in fields["files"].items():
            if _digest(folder, name) != digest:
                return Seal("changed", chain, number, files, number, name)
            files += 1
        ended = fields.get("event") == "outcome"
    if tail:
        return Seal("cut", chain, len(lines), files, len(lines) + 1)
    return Seal("whole" if ended else "open", chain, len(lines), files)


def _fields(line: bytes) -> dict[str, Any] | None:
    """What a line says; None for what nobody wrote so, though its chain may fit."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.setdefault("files", {}), dict):
        return None
    return fields


def _digest(folder: Path, name: str) -> str | None:
    """None when there is no such file in the folder."""
    path = folder / name
    if Path(name).name != name or not path.is_file():
        return None
    return sha256(path.read_bytes()).hexdigest()
