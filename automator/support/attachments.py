"""Files that go with the letter: what they are by their content, and whether they are small enough. Changes none of them."""

from __future__ import annotations

import io
import re
import stat
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image, UnidentifiedImageError

from automator.support.case import Unusable
from automator.text import T, Text, plain

MOST = 8 * 1024 * 1024
"""Bytes of one file: what Xiaomi's form takes of an image."""
MOST_TOGETHER = 20 * 1024 * 1024
"""Bytes of all files: many mail servers refuse more than 25 MB, of which the encoding takes a quarter."""
_FORMATS = ("JPEG", "PNG", "WEBP")
# MPO is a JPEG with further pictures behind it, as many phones' cameras save photos.
_PICTURES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
LONGEST_NAME = 80

KINDS = {
    "receipt": T("a photo or PDF of the receipt or order"),
    "box": T("a photo of the box label with the IMEI, next to the phone"),
    "lock": T("a photo of the lock screen"),
}
"""What Xiaomi asks to see."""


@dataclass(frozen=True)
class Attachment:
    """One file, and what it shows: a key of KINDS, or nothing for another thing."""

    kind: str
    name: str
    type: str
    content: bytes


def read_attachment(said: str) -> Attachment:
    """The file named `PATH` or `KIND=PATH`, as typed or as a terminal writes what is dragged into it. Raises Unusable."""
    kind, typed = _parted(said)
    path = _located(typed)
    content = _content(path)
    type_ = _type(content, path)
    name = plain(path.name.encode("utf-8", "replace").decode())
    stem, suffix = Path(name).stem[:LONGEST_NAME], Path(name).suffix
    if suffix.lower() not in _SUFFIXES[type_]:
        # A name that says otherwise keeps mail programs from showing it.
        stem, suffix = name[:LONGEST_NAME], _SUFFIXES[type_][0]
    return Attachment(kind, f"{stem}{suffix}", type_, content)


def total_warning(attachments: Sequence[Attachment]) -> Text | None:
    """What to tell of their size, if anything."""
    size = sum(len(attachment.content) for attachment in attachments)
    if size <= MOST_TOGETHER:
        return None
    return T(
        "The files are {size} MB together. Many mail servers refuse that: make the photos smaller, or send them in two letters.",
        size=round(size / 1024 / 1024),
    )


def _parted(said: str) -> tuple[str, str]:
    kind, _, rest = said.partition("=")
    if kind.strip() not in KINDS or not rest:
        kind, rest = "", said
    return kind.strip(), rest.strip()


def _located(typed: str) -> Path:
    """Where the file is that was typed. Raises Unusable for what can be no file's name."""
    path = typed
    try:
        if len(path) > 1 and path[0] == path[-1] and path[0] in "'\"":
            path = path[1:-1]
        elif not Path(path).exists():
            path = re.sub(r"\\([ '()&])", r"\1", path)
        if path.startswith("file://"):
            path = unquote(urlsplit(path).path)
        return Path(path).expanduser()
    except (OSError, RuntimeError, ValueError) as error:
        raise _unreadable(typed.rpartition("/")[2], error) from error


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        regular = stat.S_ISREG(status.st_mode)
        content = b""
        if regular and status.st_size <= MOST:
            with path.open("rb") as file:
                content = file.read(MOST + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path.name, error) from error
    if not regular:
        raise Unusable(
            T("This is no file: {name}", name=path.name),
            T("It is a folder or a device."),
            T("Name a photo or a PDF."),
        )
    if status.st_size > MOST or len(content) > MOST:
        raise Unusable(
            T("The file is too large: {name}", name=path.name),
            T(
                "It has {size} MB; Xiaomi's form takes 8 MB of each, and mail seldom more.",
                size=round(status.st_size / 1024 / 1024, 1),
            ),
            T("Make the photo smaller, for example by sending it to yourself as “medium”."),
        )
    return content


def _unreadable(name: str, error: Exception) -> Unusable:
    why = getattr(error, "strerror", None)
    return Unusable(
        T(
            "The file can't be read: {name}",
            name=name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…",
        ),
        T("{why}.", why=why) if why else T("No file can have this name."),
        T("Check its name, or leave it out."),
    )


def _type(content: bytes, path: Path) -> str:
    """By what is in it. Raises Unusable for what is neither a picture nor a PDF, or broken."""
    if content[:1024].lstrip().startswith(b"%PDF-"):
        if b"%%EOF" not in content[-1024:].strip():
            raise _broken(path)
        return "application/pdf"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heif"):
        raise Unusable(
            T("This photo is of a kind that few can open: {name}", name=path.name),
            T("It is HEIC, as some phones save photos."),
            T("Save it as JPEG: open it, choose Share or Export, and JPEG."),
        )
    try:
        with warnings.catch_warnings():
            # A photo of 200 million dots is none of the bombs that Pillow warns of, and a broken second picture is nobody's loss.
            warnings.simplefilter("ignore")
            # These kinds alone: Pillow knows formats that start programs.
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                format_ = str(picture.format)
                # A JPEG is decoded at an eighth of its size; that is enough to see that it is whole.
                picture.draft("RGB", (1, 1))
                picture.load()
    except UnidentifiedImageError as error:
        raise Unusable(
            T("This is neither a photo nor a PDF: {name}", name=path.name),
            T("I look at what is in a file, not at its name, and know JPEG, PNG, WebP and PDF."),
            T("Take a photo or a screenshot of it, and attach that."),
        ) from error
    except Exception as error:  # Pillow raises whatever it stumbles over in a broken file
        raise _broken(path) from error
    return _PICTURES[format_]


def _broken(path: Path) -> Unusable:
    return Unusable(
        T("The file is broken: {name}", name=path.name),
        T("It begins as a photo or PDF does, and is not whole."),
        T("Copy it anew from where it comes from."),
    )
