"""One screen of a phone as one file that its owner can attach to a report, and that a test can replay.

Stricter than the journal: a text is kept only where it is a label of the app that shows it; all else is struck out, in
the hierarchy and in the picture. Knows no terminal.
"""

from __future__ import annotations

import errno
import json
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from automator.atlas import Atlas, View, Words, of_phone, recognise
from automator.errors import PreflightError
from automator.hierarchy import Hierarchy, parse
from automator.journeys.eyes import with_picture
from automator.masking import MASK, mask_hierarchy, mask_text, picture_of
from automator.phone import Facts, Phone
from automator.text import T

FORMAT = 1
MOST_BYTES = 16 * 1024 * 1024
"""Of a capture, packed and unpacked: a dump, a picture and some labels. In memory it takes many times as much."""
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others may ask for gigabytes before the first byte is unpacked."""
HIERARCHY, PICTURE, ABOUT = "hierarchy.xml", "screen.jpg", "capture.json"


class _Facts(BaseModel):
    model_config = ConfigDict(extra="allow")

    locale: str
    keyboard: str | None


class _About(BaseModel):
    format: Literal[1]
    screen: str | None
    why: list[str]
    activity: str
    facts: _Facts
    texts: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Capture:
    """What a capture file holds. `texts` are labels by package and resource name; nothing in it is about the owner."""

    hierarchy: Hierarchy
    picture: bytes | None
    about: dict[str, Any]
    texts: dict[str, dict[str, str]]

    def words(self, atlas: Atlas) -> Words:
        """The words that its phone showed."""
        return of_phone(self.about["facts"]["locale"], dict(self.texts), atlas.words)

    def view(self, atlas: Atlas) -> View:
        """What the atlas makes of it today."""
        return recognise(self.hierarchy, atlas, self.words(atlas), self.about["facts"]["keyboard"])


def capture(phone: Phone, facts: Facts, atlas: Atlas) -> Capture:
    """The screen that the phone of these facts shows now, masked. Raises PhoneLost and MalformedHierarchy."""
    wanted = atlas.strings()
    phone.prepare()
    first = phone.look()
    owners = {window.package for window in first.windows} | set(wanted)
    read = {package: app.texts for package, app in phone.words(dict.fromkeys(owners), facts).items()}
    words = of_phone(facts.locale, read, atlas.words)

    def seen(hierarchy: Hierarchy) -> View:
        view = recognise(hierarchy, atlas, words, facts.keyboard)
        typing = any(node.password for node in hierarchy.nodes)
        return replace(view, secret=view.secret or typing)

    view, picture = with_picture(seen(first), lambda: seen(phone.look()), phone.picture)
    private = _private(view, words)
    xml, _ = mask_hierarchy(view.hierarchy, private)
    shown = {(node.package, node.text) for node in view.hierarchy.nodes if node.index not in private}
    return Capture(
        hierarchy=parse(xml),
        picture=picture_of(picture, view.hierarchy, private) if picture is not None else None,
        about={
            "format": FORMAT,
            "screen": view.name,
            "why": [mask_text(why) for why in view.why],
            "activity": phone.activity(),
            "facts": _masked(facts),
        },
        texts={
            package: {
                name: text
                for name, text in sorted(texts.items())
                if name in wanted.get(package, ()) or (package, text) in shown
            }
            for package, texts in sorted(read.items())
            if texts
        },
    )


def save(captured: Capture, path: Path) -> None:
    """Writes the file, the owner's alone to read. Raises PreflightError when it is there already or can't be written."""
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                about = {**captured.about, "texts": captured.texts}
                archive.writestr(_entry(ABOUT), json.dumps(about, ensure_ascii=False, indent=1))
                archive.writestr(_entry(HIERARCHY), captured.hierarchy.xml)
                if captured.picture is not None:
                    archive.writestr(_entry(PICTURE), captured.picture)
    except OSError as error:
        raise _not_written(path, error.strerror or type(error).__name__) from error


def writable(path: Path) -> None:
    """Raises PreflightError when it is plain already that the file can't be written."""
    if path.exists() or not path.absolute().parent.is_dir():
        raise _not_written(path, os.strerror(errno.EEXIST if path.exists() else errno.ENOENT))


def _not_written(path: Path, why: str) -> PreflightError:
    return PreflightError(
        T("The file can't be written."),
        T("{folder}: {why}.", folder=path, why=why),
        T("Name another one with -o."),
    )


def replay(path: Path) -> Capture:
    """The capture in that file. Raises PreflightError when it is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(path)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise ValueError(path)
            if any(entry.compress_type not in PACKINGS for entry in entries):
                raise ValueError(path)
            about = _About.model_validate_json(archive.read(ABOUT))
            picture = archive.read(PICTURE) if PICTURE in archive.namelist() else None
            hierarchy = parse(archive.read(HIERARCHY).decode())
    except (
        OSError,
        EOFError,
        KeyError,
        ValueError,
        OverflowError,
        struct.error,
        RuntimeError,
        NotImplementedError,
        zlib.error,
        zipfile.BadZipFile,
    ) as error:
        raise PreflightError(
            T("{path} is no capture.", path=path),
            T("It does not hold what “mi-automator capture” writes."),
            T("Name a file that “mi-automator capture” has written, or the XML of a hierarchy."),
        ) from error
    return Capture(hierarchy, picture, about.model_dump(exclude={"texts"}), about.texts)


def _entry(name: str) -> zipfile.ZipInfo:
    # Without the time of day, two captures of one screen are the same bytes.
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _private(view: View, words: Words) -> frozenset[int]:
    """The nodes whose text is no label of the app that shows it, besides those that are private in any case."""
    nodes = view.hierarchy.nodes
    unexplained = (
        n.index
        for n in nodes
        if n.text and (mask_text(n.text) != n.text or not words.explains(n.package, n.text))
    )
    return view.private.union(unexplained)


def _masked(facts: Facts) -> dict[str, Any]:
    """The facts without serial and names."""
    masked = facts.told()
    masked["serial"] = MASK
    if facts.accounts is not None:
        kinds = {account.type for account in facts.accounts}
        masked["accounts"] = sorted(
            kinds & {"com.xiaomi", "com.google"}
        )  # others tell which apps somebody has
    return masked
