"""Takes the owner's names, numbers and typed text out of what is written down. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable

from lxml import etree
from PIL import Image, ImageDraw
from PIL.JpegImagePlugin import JpegImageFile

from automator.hierarchy import Bounds, Hierarchy

MASK = "•••"
BRIM = 16
"""Pixels that are painted over round each place: letters reach out of it, and a JPEG spreads them over its blocks."""
GREY, PAPER, LINE = (96, 96, 96), (245, 245, 245), (170, 170, 170)
MOST = 1.2
"""How much larger a picture may be than the largest window of its dump."""
MOST_PIXELS = 20_000_000
"""Of a picture that is looked into: four times those of 1440 x 3200. They cost 60 MB."""
MOST_SCANS = 16
"""Passes over a JPEG: a phone's has one, a progressive one ten. Each costs time and next to no bytes."""
_SCAN = b"\xff\xda"
# From where such a word begins: else a long one would be tried from each of its letters.
_MAIL = re.compile(r"(?<![\w.+*•…-])[\w.+*•…-]+@[\w-]+\.[\w.-]+")
# Account ids, phone numbers and IMEIs, with the usual separators, and numbers that the phone masked already.
_GAP = r"[\s().\u2010-\u2015-]{0,3}"
_NUMBER = re.compile(rf"[+(]{{0,2}}\d(?:{_GAP}\d){{5,}}|\d+{_GAP}[*•…]{{1,}}{_GAP}\d*")


def mask_text(text: str) -> str:
    """The text without mail addresses, account ids, phone numbers and IMEIs."""
    return _NUMBER.sub(MASK, _MAIL.sub(MASK, text))


def mask_hierarchy(hierarchy: Hierarchy, private: Collection[int]) -> tuple[str, list[Bounds]]:
    """The dump as XML with the nodes `private` (by index) struck out, and the places on the screen where it was."""
    places: list[Bounds] = []
    shown: dict[int, str] = {}
    for node in hierarchy.nodes:
        secret = node.typed or node.index in private
        shown[node.index] = (MASK if node.text else "") if secret else mask_text(node.text)
        if secret or shown[node.index] != node.text:
            places.append(node.bounds)
    return _xml(hierarchy, shown), places


def mask_picture(jpeg: bytes, screen: Bounds, places: Iterable[Bounds]) -> bytes | None:
    """The picture of the screen with these places painted over; None when it is none, or of another size."""
    picture = _opened(jpeg, screen)
    if picture is None:
        return None
    _paint_over(picture, places)
    return _jpeg(picture)


def picture_of(jpeg: bytes, hierarchy: Hierarchy, private: Collection[int]) -> bytes | None:
    """A picture of the labels alone: what is written on the nodes that are not `private`, and where all nodes are.

    Whatever no node tells of (photos, maps, what lies over the windows) is not in it. None as `mask_picture`.
    """
    picture = _opened(jpeg, hierarchy.screen)
    if picture is None:
        return None
    drawn = Image.new("RGB", picture.size, PAPER)
    draw = ImageDraw.Draw(drawn)
    hidden = [node for node in hierarchy.nodes if node.typed or node.index in private]
    for node in hierarchy.nodes:
        if node.text and node.last == node.index and not node.pictorial and node.bounds.area:
            left, top = max(0, node.bounds.left), max(0, node.bounds.top)
            drawn.paste(picture.crop((left, top, node.bounds.right, node.bounds.bottom)), (left, top))
    _paint_over(drawn, (node.bounds for node in hidden if node.text))
    for node in hierarchy.nodes:
        if node.bounds.area:
            place = node.bounds
            draw.rectangle((place.left, place.top, place.right - 1, place.bottom - 1), outline=LINE)
    return _jpeg(drawn)


def _opened(jpeg: bytes, screen: Bounds) -> Image.Image | None:
    if jpeg.count(_SCAN) > MOST_SCANS:
        return None
    try:
        # A JPEG and nothing else: Pillow knows formats that start programs.
        picture = JpegImageFile(io.BytesIO(jpeg))
        # A dump may leave a bar out, but a picture on another scale would show in one place what is painted over in another.
        fits = (
            screen.right <= picture.width < MOST * screen.right
            and screen.bottom <= picture.height < MOST * screen.bottom
            and picture.width * picture.height <= MOST_PIXELS
        )
        return picture.convert("RGB") if fits else None
    except (OSError, SyntaxError, ValueError):  # Pillow's words for what is no JPEG, or a broken one
        return None


def _paint_over(picture: Image.Image, places: Iterable[Bounds]) -> None:
    draw = ImageDraw.Draw(picture)
    for place in places:
        if place.area:
            left, top = place.left - BRIM, place.top - BRIM
            draw.rectangle((left, top, place.right + BRIM - 1, place.bottom + BRIM - 1), fill=GREY)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _xml(hierarchy: Hierarchy, shown: dict[int, str]) -> str:
    # Written anew from what was read, so that an attribute nobody thought of can't carry something private.
    root = etree.Element("hierarchy")
    made: dict[int, etree._Element] = {}
    for node in hierarchy.nodes:
        parent = made[node.parent] if node.parent >= 0 else root
        made[node.index] = etree.SubElement(
            parent,
            "node",
            {
                "text": shown[node.index],
                "resource-id": node.resource_id,
                "class": node.class_name,
                "package": node.package,
                "clickable": str(node.clickable).lower(),
                "enabled": str(node.enabled).lower(),
                "scrollable": str(node.scrollable).lower(),
                "checked": str(node.checked).lower(),
                "password": str(node.password).lower(),
                "visible-to-user": str(node.visible).lower(),
                "bounds": str(node.bounds),
            },
        )
    return etree.tostring(root, encoding="unicode", pretty_print=True)
