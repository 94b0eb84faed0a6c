"""What a phone may say that nobody expects, and the way of it through everything that reads it."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

from PIL import Image

from automator.atlas import dangers_at, recognise
from automator.errors import MalformedHierarchy
from automator.events import EVENTS, ScreenEvent, now
from automator.hierarchy import MAX_DEPTH, MAX_NODES, MAX_WINDOWS, Hierarchy, parse
from automator.masking import mask_hierarchy, mask_picture, mask_text, picture_of
from automator.phone.facts import COMMAND, parse_facts
from automator.phone.find import choose, parse_devices, remedy
from automator.practice.phone import Phone as PracticePhone
from automator.text import json_line, plain
from tests.conftest import ATLAS, words_of

DUMPS = Path(__file__).parents[2] / "shared" / "miui-evidence" / "dumps"
PHONE = ("hyperos2", "en")
WORDS = words_of(*PHONE)
SCREENS = (
    "settings.home",
    "account.home",
    "signout.confirm",
    "reset.home",
    "reset.warning_2",
    "account.password",
)
LISTING = """* daemon started successfully
List of devices attached
8f2a1b3c               device usb:1-2 product:fuxi_global model:2211133G device:fuxi transport_id:4\r
a1b2                   no permissions (user in plugdev group); see [http://developer.android.com/tools/device.html] usb:1-4 transport_id:6
192.168.1.7:5555       offline transport_id:7
emulator-5554          device product:sdk model:sdk_gphone64 device:emu64 transport_id:9
"""
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m<b>[red]Mila[/b]\u202e\u2066&amp;\u2028\x85\x00\x7f"
"""What terminals, readers of lines, Rich and the like would obey."""
RIGHT_TO_LEFT = "\u0645\u062d\u0645\u062f \u05d3\u05d5\u05d3"


def dumps() -> list[str]:
    """Sound hierarchies: of a practice phone, and the real ones where they are."""
    phone = PracticePhone(*PHONE)
    found = []
    for screen in SCREENS:
        if screen in phone.rom.screens:
            phone.show(screen)
            found.append(phone.dump())
    return found + [file.read_text(encoding="utf-8") for file in sorted(DUMPS.glob("*.xml"))]


def said() -> str:
    """What the command for the facts prints on a practice phone."""
    return PracticePhone(*PHONE).shell(COMMAND)[0].decode()


def jpeg(width: int = 1080, height: int = 2400, **options: bool) -> bytes:
    """A picture of that size."""
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "JPEG", **options)
    return out.getvalue()


def harmless(line: str) -> bool:
    """Whether a terminal only shows it, as one line, in the direction of its letters."""
    turns = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return not any(
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(letter) in turns
        for letter in line
    )


def look_at(xml: str) -> Hierarchy | None:
    """A dump's whole way: read, recognised, judged, masked, written down. None when it is refused."""
    try:
        hierarchy = parse(xml)
    except MalformedHierarchy as error:
        assert str(error.why) and str(error.fix)
        return None
    assert len(hierarchy.nodes) <= MAX_NODES and len(hierarchy.windows) <= MAX_WINDOWS
    assert all(node.index <= node.last < len(hierarchy.nodes) for node in hierarchy.nodes)
    assert all(sum(1 for _ in hierarchy.ancestors(node)) < MAX_DEPTH for node in hierarchy.nodes[-3:])
    assert not any(node.text for node in hierarchy.nodes if node.password)
    view = recognise(hierarchy, ATLAS, WORDS)
    for node in hierarchy.nodes[:1]:
        pin = hierarchy.pin(node)
        assert pin is None or node.index <= pin.index <= node.last
    for node in hierarchy.nodes[len(hierarchy.nodes) // 2 :][:1]:
        dangers_at(view, *node.bounds.centre, ATLAS, WORDS)
    view.digest(whole=True)
    masked, places = mask_hierarchy(hierarchy, view.private)
    again = parse(masked)
    assert [node.bounds for node in again.nodes] == [node.bounds for node in hierarchy.nodes]
    assert not any(again.nodes[private].text not in ("", "•••") for private in view.private)
    assert {hierarchy.nodes[index].bounds for index in view.private} <= set(places)
    event = ScreenEvent(
        time=now(),
        screen=view.name,
        why=list(view.why),
        texts=[mask_text(text) for text in view.texts()],
        hierarchy="1.xml",
        picture=None,
    )
    line = json_line(event.model_dump_json())
    assert harmless(line) and EVENTS.validate_json(line) == event
    assert all(harmless(plain(text)) for text in view.texts())
    return hierarchy


def pictured(content: bytes, hierarchy: Hierarchy) -> list[bytes]:
    """What is kept of a picture."""
    kept = (mask_picture(content, hierarchy.screen, [hierarchy.screen]), picture_of(content, hierarchy, []))
    return [one for one in kept if one is not None]


def facts_of(output: str) -> None:
    """What is made of the facts that a phone tells."""
    facts = parse_facts("8f2a1b3c", output)
    assert facts.battery is None or 0 <= facts.battery <= 999
    assert len(facts.locales) <= 51
    assert facts.accounts is None or "UserInfo{" in output


def devices_of(listing: str) -> None:
    """What is made of adb's list."""
    found = parse_devices(listing)
    for phone in found:
        remedy(phone.state)
        assert choose(found, phone.serial) is not None
    choose(found, None)
