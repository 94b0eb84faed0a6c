"""One screen of a phone as one file that its owner can attach to a report, and that a test can replay.

Stricter than the journal: a text is kept only where it is a label of the app that shows it; all else is struck out, in
the hierarchy and in the picture. Knows no terminal.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from automator.atlas import Atlas, View, Words, of_phone, recognise
from automator.errors import PreflightError
from automator.hierarchy import Hierarchy, Node, parse
from automator.journeys.eyes import with_picture
from automator.masking import MASK, mask_hierarchy, mask_picture, mask_text
from automator.phone import Facts, Phone
from automator.text import T

FORMAT = 1
HIERARCHY, PICTURE, ABOUT = "hierarchy.xml", "screen.jpg", "capture.json"
_WEB = "WebView"


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
    xml, places = mask_hierarchy(view.hierarchy, private)
    places += [node.bounds for node in view.hierarchy.nodes if _hides_more(node, atlas)]
    shown = {(node.package, node.text) for node in view.hierarchy.nodes if node.index not in private}
    return Capture(
        hierarchy=parse(xml),
        picture=mask_picture(picture, places) if picture is not None else None,
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
        raise PreflightError(
            T("The file can't be written."),
            T("{folder}: {why}.", folder=path, why=error.strerror or type(error).__name__),
            T("Name another one with -o."),
        ) from error


def replay(path: Path) -> Capture:
    """The capture in that file. Raises PreflightError when it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(ABOUT))
            picture = archive.read(PICTURE) if PICTURE in archive.namelist() else None
            texts = about.pop("texts")
            hierarchy = parse(archive.read(HIERARCHY).decode())
            if about["format"] != FORMAT or not {"locale", "keyboard"} <= about["facts"].keys():
                raise ValueError(about["format"])
            return Capture(hierarchy, picture, about, texts)
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise PreflightError(
            T("{path} is no capture.", path=path),
            T("It does not hold what “mi-automator capture” writes."),
            T("Name a file that “mi-automator capture” has written, or the XML of a hierarchy."),
        ) from error


def _entry(name: str) -> zipfile.ZipInfo:
    # Without the time of day, two captures of one screen are the same bytes.
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _private(view: View, words: Words) -> frozenset[int]:
    """The nodes whose text is no label of the app that shows it, besides those that are private in any case."""
    nodes = view.hierarchy.nodes
    unexplained = (n.index for n in nodes if n.text and not words.explains(n.package, n.text))
    return view.private.union(unexplained)


def _hides_more(node: Node, atlas: Atlas) -> bool:
    """Whether the picture may show more there than the hierarchy tells: a page of the web, another app, a bar."""
    known = {package for screen in atlas.screens.values() for package in screen.package}
    return _WEB in node.class_name or (node.parent < 0 and node.package not in known)


def _masked(facts: Facts) -> dict[str, Any]:
    """The facts without serial and names."""
    masked = asdict(facts)
    masked["serial"] = MASK
    if facts.accounts is not None:
        masked["accounts"] = sorted(account.type for account in facts.accounts)
    return masked
