"""The append-only record of one run: chained JSON lines, the hierarchies and the pictures. Masks before it writes."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

from platformdirs import user_state_path

from automator.atlas import View
from automator.chain import chained
from automator.events import Event, ScreenEvent, now
from automator.hierarchy import Bounds
from automator.masking import mask_hierarchy, mask_picture, mask_text
from automator.outline import outline
from automator.text import json_line


def runs_folder() -> Path:
    """Where runs are kept: `MI_AUTOMATOR_RUNS`, else the user's state folder."""
    return Path(os.environ.get("MI_AUTOMATOR_RUNS") or user_state_path("mi-automator") / "runs")


class Journal:
    """The folder of one run. Files are the owner's alone (0600 in 0700)."""

    def __init__(self, journey: str, listen: Callable[[Event], None]) -> None:
        name = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{journey}-{secrets.token_hex(3)}"
        self.folder = runs_folder() / name
        self.folder.mkdir(parents=True, mode=0o700)
        self.path = self.folder / "journal.jsonl"
        # Windows would put a letter of its own before each line's end, and the chain would not fit.
        binary: int = getattr(os, "O_BINARY", 0)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | binary, 0o600)
        self._listen = listen
        self._written = (0, "")
        """How many bytes are in the file, and the chain of its last line."""
        self._pending: tuple[int, str] | None = None
        """What that is once the line being written is in the file."""
        self._kept: dict[str, str] = {}
        """The SHA-256 of each file that no line covers yet."""
        self._screens = 0
        self._outlined = 0
        self.picture: Path | None = None
        """The picture of the last screen written down, if there is one."""

    def write(self, event: Event) -> None:
        """Adds an event, and tells the listener. Raises OSError when there is no room for the whole line."""
        self._settle()
        size, before = self._written
        line, chain = chained(json_line(event.model_dump_json()), self._kept, before)
        self._pending = (size + len(line), chain)
        os.write(self._file, line)
        if not self._settle():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._listen(event)

    def _settle(self) -> bool:
        """Finds out from the file itself whether the last line got there: Ctrl-C may come at any moment. Half a line goes."""
        if self._pending is None:
            return True
        size = os.fstat(self._file).st_size
        arrived = size >= self._pending[0]
        if arrived:
            self._written = self._pending
            self._kept = {}
        elif size > self._written[0]:
            os.ftruncate(self._file, self._written[0])
        self._pending = None
        return arrived

    def sync(self) -> None:
        """Returns when all that was written is on the disk: before a gated tap is sent."""
        os.fsync(self._file)

    def screen(self, view: View, picture: bytes | None) -> None:
        """Adds a new screen: its hierarchy and, unless it is a private page, its picture; both masked."""
        self._screens += 1
        stem = f"{self._screens:03d}-{view.name or 'unknown'}"
        xml, places = mask_hierarchy(view.hierarchy, view.private)
        self.keep(f"{stem}.xml", xml.encode())
        self.picture = None
        masked = mask_picture(picture, view.hierarchy.screen, places) if picture is not None else None
        if masked is not None:
            self.picture = self.keep(f"{stem}.jpg", masked)
        self.write(
            ScreenEvent(
                time=now(),
                screen=view.name,
                why=list(view.why),
                texts=[mask_text(text) for text in view.texts()][:60],
                hierarchy=f"{stem}.xml",
                picture=self.picture.name if self.picture else None,
            )
        )

    def keep(self, name: str, content: bytes) -> Path:
        """Adds a file beside the journal; the next line covers it."""
        self._settle()
        path = self.folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        self._kept[name] = sha256(content).hexdigest()
        return path

    def outlined(self, screen: Bounds, place: Bounds) -> Path | None:
        """The picture of the last screen written down, once more, with one place of it outlined; None without one."""
        if self.picture is None:
            return None
        jpeg = outline(self.picture.read_bytes(), screen, place)
        self._outlined += 1
        return self.keep(f"{self.picture.stem}-tap{self._outlined}.jpg", jpeg)

    def close(self) -> None:
        os.close(self._file)
