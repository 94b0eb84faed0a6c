"""Strange input from phones, files, the command line and the environment: a clear error or none, in bounded time."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from automator.atlas import dangers_at, recognise
from automator.atlas.words import MOST_LABEL, Label, of_phone
from automator.capture import MOST_BYTES, replay
from automator.cli.output import Output
from automator.consent import phrase
from automator.errors import AutomatorError, MalformedHierarchy
from automator.hierarchy import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_WINDOWS, parse
from automator.journal import Journal
from automator.masking import MOST_SCANS, mask_hierarchy, mask_text
from automator.phone.facts import parse_accounts, rom_name
from automator.phone.find import Listed, choose, parse_devices
from automator.phone.remote import Copy, Unreadable
from automator.phone.server import MOST_ANSWER, CallLost, RpcFailed, result_of
from automator.phone.words import _ask, _paths
from automator.practice.lab import Lab
from automator.practice.phone import Account, State
from automator.practice.phone import Phone as PracticePhone
from automator.text import Text, json_line, plain
from tests.conftest import ATLAS, FAST, MakePlugged, Plugged
from tests.strange import (
    ESCAPES,
    LISTING,
    RIGHT_TO_LEFT,
    WORDS,
    devices_of,
    dumps,
    facts_of,
    harmless,
    jpeg,
    look_at,
    pictured,
    said,
)
from tests.test_cli import OpenTerminal, run

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SECONDS = 10.0
"""A generous end for what takes a fraction of it."""
MEMORY = 200_000_000
ROW = (
    '<node text="{0}" resource-id="android:id/title" package="com.android.settings" clickable="true" '
    'bounds="[0,0][1080,2400]">'
)
DUMPS = dumps()


def within_bounds(do: Callable[[], Any]) -> Any:
    """What that gives; it must end in time and take no more memory than a small computer has."""
    begun = time.monotonic()
    tracemalloc.start()
    try:
        return do()
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert time.monotonic() - begun < SECONDS
        assert most < MEMORY


# Hierarchies.


def nested(depth: int) -> str:
    return "<hierarchy>" + ROW.format("x") * depth + "</node>" * depth + "</hierarchy>"


LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "larger": (lambda: "<hierarchy>" + "x" * MAX_BYTES, "larger"),
    "larger as bytes": (lambda: "<hierarchy>" + "я" * (MAX_BYTES // 2 + 1), "larger"),
    "cut off": (lambda: DUMPS[0][: len(DUMPS[0]) // 2], "XML"),
    "5,000 deep": (lambda: nested(5_000), "deeper"),
    "5,000 deep and cut off": (lambda: "<hierarchy>" + ROW.format("x") * 5_000, "deeper"),
    "a bit too deep": (lambda: nested(MAX_DEPTH + 1), "deeper"),
    "laughs": (
        lambda: f'<!DOCTYPE h [<!ENTITY a "ha">{LAUGHS}]><hierarchy>{ROW.format("&i;")}</node></hierarchy>',
        "words of its own",
    ),
    "entities of a file": (
        lambda: '<!DOCTYPE h [<!ENTITY x SYSTEM "file:///etc/passwd">]><hierarchy>&x;</hierarchy>',
        "words of its own",
    ),
    "an entity nobody defined": (lambda: f"<hierarchy>{ROW.format('&x;')}</node></hierarchy>", "XML"),
    "another encoding": (
        lambda: (
            f'<?xml version="1.0" encoding="UTF-7"?><hierarchy>+ADw-{ROW.format("")[1:]}</node></hierarchy>'
        ),
        "XML",
    ),
    "many nodes": (
        lambda: (
            "<hierarchy>" + ROW.format("") + (ROW.format("") + "</node>") * MAX_NODES + "</node></hierarchy>"
        ),
        "more parts",
    ),
    "many windows": (
        lambda: "<hierarchy>" + (ROW.format("") + "</node>") * (MAX_WINDOWS + 1) + "</hierarchy>",
        "more parts",
    ),
    "windows by other names": (lambda: "<hierarchy><android.view.View /></hierarchy>", "list of windows"),
    "no place": (lambda: DUMPS[0].replace("bounds=", "bound="), "no place"),
    "a place that is none": (lambda: DUMPS[0].replace("[0,0]", "[0,1e9]"), "no place"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_hierarchy_that_can_be_none_is_refused_and_why_is_said(case: str) -> None:
    make, why = REFUSED[case]
    dump = make()
    with pytest.raises(MalformedHierarchy) as caught:
        within_bounds(lambda: parse(dump))
    assert why in str(caught.value.why)


def crowded(*, deep: int) -> str:
    """As large a dump as is read, each node a candidate for the danger that takes most looking round."""
    row = ROW.format("Erase all data").replace("title", "button1")
    rows = (row + "</node>") * (MAX_NODES - deep)
    return "<hierarchy>" + ROW.format("x") * deep + rows + "</node>" * deep + "</hierarchy>"


@pytest.mark.parametrize("deep", [1, MAX_DEPTH - 1])
def test_the_largest_screen_that_is_read_takes_no_eternity(deep: int) -> None:
    hierarchy = parse(crowded(deep=deep))
    assert len(hierarchy.nodes) == MAX_NODES
    begun = time.monotonic()
    view = recognise(hierarchy, ATLAS, WORDS)
    dangers_at(view, 500, 500, ATLAS, WORDS)
    mask_hierarchy(hierarchy, view.private)
    assert time.monotonic() - begun < 4 * SECONDS


def test_ten_megabytes_of_text_are_read_or_refused() -> None:
    row = ROW.format("a" * (MAX_BYTES // 21)) + "</node>"
    hierarchy = within_bounds(lambda: look_at("<hierarchy>" + row * 20 + "</hierarchy>"))
    assert hierarchy is not None


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a@" * 500_000,
        "a.b@c" * 200_000,
        "1 " * 500_000,
        "12345     " * 100_000,
        "1*" * 500_000,
    ],
    ids=lambda text: text[:10],
)
def test_masking_takes_no_longer_than_reading(text: str) -> None:
    within_bounds(lambda: mask_text(text))


@pytest.mark.parametrize("place", ["[0,0][0,0]", "[-5,-5][0,0]", "[9,9][1,1]", "[-999999,-1][999999,999999]"])
def test_a_screen_that_lies_about_its_place_has_no_picture_and_no_crash(place: str) -> None:
    hierarchy = parse(f'<hierarchy><node text="x" bounds="{place}" /></hierarchy>')
    assert look_at(hierarchy.xml) is not None
    assert pictured(jpeg(), hierarchy) == []


LETTERS = st.text(
    st.characters() | st.sampled_from(ESCAPES + "<>&\"'[](){}@:;=%\\/$`" + RIGHT_TO_LEFT), max_size=40
)


@st.composite
def mutated(draw: st.DrawFn, sound: list[str]) -> str:
    """One of the sound texts, with some places of it cut out, said again, moved or written over."""
    text = draw(st.sampled_from(sound))
    for _ in range(draw(st.integers(0, 4))):
        start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 300))
        middle = draw(LETTERS | st.just(text[start : start + length] * draw(st.integers(1, 5))))
        text = text[:start] + middle + text[start + length * draw(st.booleans()) :]
    return text


@st.composite
def attributed(draw: st.DrawFn) -> str:
    """A sound dump, some of its attributes saying something else."""
    parts = draw(st.sampled_from(DUMPS)).split('="')
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(1, len(parts) - 1))
        value = draw(
            LETTERS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")) | st.just("true")
        )
        parts[place] = value.replace('"', "&quot;") + parts[place][parts[place].find('"') :]
    return '="'.join(parts)


@QUICK
@given(mutated(DUMPS) | attributed() | st.text(max_size=200))
def test_any_hierarchy_goes_all_the_way_or_is_refused(dump: str) -> None:
    look_at(dump)


@settings(QUICK, max_examples=10)
@given(attributed())
def test_any_hierarchy_can_be_written_down(tmp_path_factory: pytest.TempPathFactory, dump: str) -> None:
    hierarchy = look_at(dump)
    if hierarchy is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MI_AUTOMATOR_RUNS", str(tmp_path_factory.mktemp("runs")))
        journal = Journal("unlink", lambda _: None)
        journal.screen(recognise(hierarchy, ATLAS, WORDS), jpeg())
        journal.close()
    (line,) = journal.path.read_bytes().split(b"\n")[:-1]
    assert json.loads(line)["event"] == "screen"
    parse((journal.folder / json.loads(line)["hierarchy"]).read_text(encoding="utf-8"))


# Pictures.

SCREEN = parse('<hierarchy><node text="x" bounds="[0,0][1080,2400]" /></hierarchy>')


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1080, 2400)).save(out, "PNG")
    return out.getvalue()


def _claiming(width: int, height: int) -> bytes:
    """A picture whose head tells another size."""
    content = bytearray(jpeg(16, 16))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 99,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1080 2400\n%%EndComments\n(/tmp/owned) (w) file\n",
        _png(),
        jpeg()[:300],
        jpeg(progressive=True) + b"\xff\xda" * MOST_SCANS,
        _claiming(65_500, 65_500),
    ],
    ids=["nothing", "gif", "a program", "png", "cut off", "many scans", "four gigapixels"],
)
def test_what_is_no_picture_of_the_screen_is_not_kept(content: bytes) -> None:
    large = parse('<hierarchy><node text="x" bounds="[0,0][65500,65500]" /></hierarchy>')
    for screen in (SCREEN, large):
        assert pictured(content, screen) == []


def test_a_sound_picture_is_kept() -> None:
    assert len(pictured(jpeg(), SCREEN)) == 2 and len(pictured(jpeg(progressive=True), SCREEN)) == 2


SMALL = parse('<hierarchy><node text="x" bounds="[0,0][40,40]" /></hierarchy>')


@QUICK
@given(st.data())
def test_any_broken_picture_is_kept_or_not(data: st.DataObject) -> None:
    content = bytearray(jpeg(40, 40))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    pictured(bytes(content), SMALL)


# Facts, lists, and what the shell says of packages.

MARK = "@@mi-automator:"


@pytest.mark.parametrize(
    "output",
    [
        f"{MARK}properties\n" + "[\n" * 500_000,
        f"{MARK}properties\n" + "[a]: [" * 200_000,
        f"{MARK}properties\n[ro.miui.ui.version.name]: [V{'9' * 4000}]",
        f"{MARK}battery\nlevel: {'9' * 5000}",
        f"{MARK}accounts\nUserInfo{{0\n" + "Account {name=" * 100_000,
        f"{MARK}accounts\nUserInfo{{0\n" + "Account {name=x, type=" * 50_000,
        f"{MARK}languages\n" + "ru-RU," * 200_000,
        f"{MARK}owners\n" + "Device Owner\n" * 100_000,
        f"{MARK}restrictions\n" + "UserInfo{0:\nEffective restrictions:\n" * 50_000,
        MARK * 200_000,
    ],
    ids=lambda output: output[14:40],
)
def test_facts_of_any_size_take_no_eternity(output: str) -> None:
    within_bounds(lambda: facts_of(output))


@QUICK
@given(mutated([said()]) | st.text(max_size=300))
def test_any_facts_are_facts(output: str) -> None:
    facts_of(output)


@pytest.mark.parametrize(
    ("version", "name"),
    [("V" + "9" * 400, ""), ("V14", "MIUI 14"), ("V125", "MIUI 12.5"), ("V\x1b[31m", ""), ("14", "")],
)
def test_a_version_that_is_none_names_no_rom(version: str, name: str) -> None:
    assert rom_name({"ro.miui.ui.version.name": version}) == name


@pytest.mark.parametrize(
    "line",
    [
        "  Account {name=Mila, type=com.xiaomi",
        "  Account {name=Mila",
        "  Account {name=Mila, type=\x1b}",
        "  Account {name=Mila, type=com.google}  Account {name=Mi",
    ],
)
def test_an_account_that_cannot_be_read_proves_nothing(line: str) -> None:
    assert parse_accounts(f"User UserInfo{{0:Owner:c13}}:\n{line}\n") is None


@pytest.mark.parametrize(
    ("line", "serial", "number"),
    [
        ("a;reboot device transport_id:7", "a;reboot", 7),
        ("$(reboot) device transport_id:7", "$(reboot)", 7),
        ("a device transport_id:x", "a", 0),
        ("a device transport_id:" + "9" * 5000, "a", 0),
        ("a\u202eb device transport_id:7", "a\u202eb", 7),
        ("a device product:\u2028b transport_id:7", "a", 7),
    ],
)
def test_a_strange_line_of_adbs_list_is_one_phone(line: str, serial: str, number: int) -> None:
    (phone,) = parse_devices(f"List of devices attached\n{line}\n")
    assert (phone.serial, phone.transport_id) == (serial, number)


@QUICK
@given(mutated([LISTING]) | st.text(max_size=200))
def test_any_list_is_a_list(listing: str) -> None:
    devices_of(listing)


def test_two_phones_that_tell_the_same_serial_are_not_told_apart_by_it() -> None:
    ready, other = (Listed("a", "device", "usb", transport_id=number) for number in (1, 2))
    assert choose([ready, other], "a") == [ready, other]
    # One that comes back may be listed beside what it was before.
    gone = Listed("a", "offline", "usb", transport_id=3)
    assert choose([gone, ready], "a") == ready and choose([gone], "a") == gone


class Shell:
    """A device of which only the shell is asked: it says one thing, and keeps what it was told."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.told: list[str] = []

    def shell(self, command: str) -> str:
        self.told.append(command)
        return self.answer


HOSTILE = [
    "x; reboot",
    "$(reboot)",
    "a\nreboot",
    "`reboot`",
    "../../x",
    "a'b",
    "",
    "-rf",
    "a b",
    "a|b",
    "a&b",
    "ü$",
]


@pytest.mark.parametrize("package", HOSTILE)
def test_no_package_that_a_screen_names_reaches_the_shell_as_a_command(package: str) -> None:
    shell = Shell(f"{MARK}{package}\npackage:/data/x.apk\n{MARK}other\npackage:/data/y.apk\n")
    assert _paths(shell, ["com.android.settings", package]).keys() <= {""}
    assert shell.told == [f"echo {MARK}; true; echo {MARK}com.android.settings; pm path com.android.settings"]


@QUICK
@given(
    mutated([f"{MARK}\nx\n{MARK}com.android.settings\npackage:/a/base.apk\npackage:/a/split_ru.apk\n"]),
    LETTERS,
)
def test_whatever_the_shell_says_of_packages(answer: str, package: str) -> None:
    asked = ["com.android.settings", package]
    assert _ask(Shell(answer), "pm path {}", asked).keys() <= {"", *asked}
    for paths in _paths(Shell(answer), asked).values():
        # As the file is read: one word of the shell, whatever is in it.
        assert all(shlex.split(shlex.quote(path)) == [path] for path in paths)


class Talking(PracticePhone):
    """Says something else than it should, or more than anybody reads."""

    says: dict[str, bytes]

    def shell(self, command: str) -> tuple[bytes, int]:
        answer, code = super().shell(command)
        for beginning, instead in self.says.items():
            if command.startswith(beginning):
                return instead, 0
        return answer, code


@pytest.fixture
def talking(lab: Lab) -> Iterator[Callable[[dict[str, bytes]], Plugged]]:
    opened: list[Plugged] = []

    def make(says: dict[str, bytes], **state: Any) -> Plugged:
        phone = Talking("hyperos2", "en", state=State(**state), latency=FAST)
        phone.says = says
        opened.append(Plugged(phone, lab.add(phone), lab))
        return opened[-1]

    yield make
    for plugged in opened:
        plugged.wire.unplug()
        plugged.wire.stop()


def test_a_phone_that_talks_without_end_is_not_listened_to(talking: Callable[..., Plugged]) -> None:
    phone = talking({f"echo {MARK}": b"x" * (17 * 1024 * 1024)})
    with pytest.raises(AutomatorError) as caught:
        phone.connect().facts()
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("name", ["x';reboot;'", "$(reboot)", "`reboot`", "a b|c&d", "-rf", "м"])
def test_paths_that_the_phone_tells_are_words_of_its_shell(
    talking: Callable[..., Plugged], name: str
) -> None:
    path, package = f"/data/app/{name}/base.apk", "com.android.settings"
    told = f"{MARK}android\npackage:/system/framework/framework-res.apk\n{MARK}{package}\npackage:{path}\n"
    phone = talking({f"echo {MARK}; true;": told.encode()})
    apk = next(where for where in phone.device.files if "Settings" in where and where.endswith(".apk"))
    phone.device.files[path] = phone.device.files[apk]
    connected = phone.connect()
    read = connected.words({package: None}, connected.facts())
    assert read[package].origin == "phone" and not phone.device.requests["sync.recv"]


@pytest.mark.parametrize("path", [b"/data/\xff\xfe/base.apk", b"", b"/" + b"a" * 9000, b"../../etc"])
def test_paths_that_lead_nowhere_are_not_read(talking: Callable[..., Plugged], path: bytes) -> None:
    names = (b"android", b"com.android.settings")
    phone = talking(
        {f"echo {MARK}; true;": b"".join(b"@@mi-automator:%s\npackage:%s\n" % (name, path) for name in names)}
    )
    connected = phone.connect()
    read = connected.words({"com.android.settings": ["reset"]}, connected.facts())
    assert read["com.android.settings"].origin == "unread"


def test_the_directory_of_an_archive_is_no_excuse_for_reading_all_of_it() -> None:
    archive = Copy(io.BytesIO(b"\0" * 9_000_000))
    with pytest.raises(Unreadable):
        archive.read()


# Answers of the server on the phone.


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", CallLost),
        (b"no json", CallLost),
        (b"\xff\xfe", CallLost),
        (b"[" * 1_000_000, CallLost),
        (b'{"result": ' + b"9" * 5_000 + b"}", CallLost),
        (b" " * (MOST_ANSWER + 1), CallLost),
        (b"7", RpcFailed),
        (b'{"error": 7}', RpcFailed),
        (b'{"error": {"message": {"a": ["\\ud800"]}}}', RpcFailed),
    ],
    ids=lambda content: repr(content)[:20],
)
def test_an_answer_that_is_none_is_an_error_by_name(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        within_bounds(lambda: result_of(content))


@QUICK
@given(mutated(['{"jsonrpc": "2.0", "id": 1, "result": "<hierarchy/>"}']) | st.text(max_size=100))
def test_any_answer_is_a_result_or_an_error_by_name(answer: str) -> None:
    with contextlib.suppress(CallLost, RpcFailed):
        look_at(str(result_of(answer.encode("utf-8", "replace"))))


# Tables of words.


@pytest.mark.parametrize(
    "label", ["%" + "0" * 100_000, "%" * 100_000, "<a" * 100_000, "&" * 100_000, "%1$" * 50_000]
)
def test_a_hostile_label_takes_no_eternity(label: str) -> None:
    within_bounds(lambda: Label.of(label))


@pytest.mark.parametrize("argument", ["%s", "%d", "%s%d", "%1$d,", "%d %s,"])
@pytest.mark.parametrize("times", [2, 3, 30])
def test_a_label_with_many_arguments_takes_no_eternity(argument: str, times: int) -> None:
    label = Label.of(f"a{argument}" * times + "c")
    assert within_bounds(lambda: label.matches("a1,1" * (MOST_LABEL // 5) + "b")) is False
    assert label.matches(
        f"a{argument}".replace("%s", "1").replace("%1$d", "1").replace("%d", "1") * times + "c"
    )


def test_a_label_longer_than_any_is_none() -> None:
    words = of_phone("en", {"x": {"long": "a" * (MOST_LABEL + 1), "short": "b"}}, {})
    assert words.of("x", "short") and not words.of("x", "long")
    assert not words.explains("x", "b" * 1_000_000)


# What is printed.


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Redmi 13C", "Redmi 13C"),
        ("\x1b[31mred\x1b]0;title\x07", "\ufffd[31mred\ufffd]0;title\ufffd"),
        ("\x9b31m", "\ufffd31m"),
        ("one\ntwo\r\n\u2028three\x85", "one two three "),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        (RIGHT_TO_LEFT, RIGHT_TO_LEFT),
        ("a\udcff\x00\x7f", "a\ufffd\ufffd\ufffd"),
        ("👩\u200d👧 نام\u200cها \u200f؟", "👩\u200d👧 نام\u200cها \u200f؟"),
    ],
)
def test_what_a_terminal_would_obey_is_not_printed(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters() | st.sampled_from(ESCAPES)))
def test_whatever_is_printed_is_harmless(text: str) -> None:
    assert harmless(plain(text))
    sayable = text.encode("utf-8", "replace").decode()
    line = json_line(json.dumps(sayable, ensure_ascii=False))
    assert harmless(line) and json.loads(line) == sayable


NICKNAME = f"Mila{ESCAPES}{RIGHT_TO_LEFT}".replace("\x00", "")
BOLD, NOT_BOLD = "\x1b[1m", "\x1b[0m"


def shown_on(rest: str) -> list[str]:
    """The lines on a terminal, without what the heads of tables ask of it."""
    return rest.replace(BOLD, "").replace(NOT_BOLD, "").split("\r\n")


def test_a_strange_nickname_reaches_neither_terminal_nor_journal(
    plug: MakePlugged, terminal: OpenTerminal, tmp_path: Path
) -> None:
    phone = plug("hyperos2", account=Account("6230481535", NICKNAME))
    for arguments in (("status",), ("unlink", "--dry-run", "--verbose"), ("unlink", "--dry-run", "--json")):
        code, rest = terminal(*arguments, "-s", phone.wire.serial, TERM="dumb").end()
        assert code == 0, rest
        assert [line for line in shown_on(rest) if not harmless(line)] == []
    for journal in (tmp_path / "runs").glob("*/journal.jsonl"):
        content = journal.read_text(encoding="utf-8")
        assert [json.loads(line) for line in content.splitlines()]
        assert "owned" not in content
    assert len(list((tmp_path / "runs").iterdir())) == 2


STRANGE = {
    b"[ro.product.marketname]: [Xiaomi 14T]": b"[ro.product.marketname]: [Mi\xff\xfe\x1b[31m 14T \x9b \xe2\x80\xae\xe2\x80\xa8\xd9\x85]",
    b"[ro.product.brand]: [Xiaomi]": b"[ro.product.brand]: [Xiaomi]\n[\xff]: [\xfe\n[x]: [\x00]",
}


def test_strange_properties_reach_no_terminal_and_break_no_journal(
    lab: Lab, terminal: OpenTerminal, tmp_path: Path
) -> None:
    class Strange(PracticePhone):
        def shell(self, command: str) -> tuple[bytes, int]:
            answer, code = super().shell(command)
            for sound, strange in STRANGE.items():
                answer = answer.replace(sound, strange)
            return answer, code

    wire = lab.add(Strange("hyperos2", "en", latency=FAST))
    try:
        code, rest = terminal("status", "-s", wire.serial).end()
        assert code == 0 and "14T" in rest and "\u0645" in rest and "HyperOS 2" in rest, rest
        assert [line for line in shown_on(rest) if not harmless(line)] == []
        code, rest = terminal("unlink", "--dry-run", "-s", wire.serial, TERM="dumb").end()
        assert code == 0 and "14T" in rest, rest
        assert [line for line in shown_on(rest) if not harmless(line)] == []
        (journal,) = (tmp_path / "runs").glob("*/journal.jsonl")
        lines = journal.read_text(encoding="utf-8").splitlines()
        assert all(map(harmless, lines)) and "\u2028" in json.loads(lines[0])["model"]
    finally:
        wire.unplug()
        wire.stop()


def test_a_table_shows_what_stands_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Rich would take the first for a mistake, and make a link and a smile of the others."""
    cells = ("[/b]x", "[link=http://example.org]y[/link]", ":smile:", "\x1b[31mz")
    Output(json=False).table([Text("a"), Text("b"), Text("c"), Text("d")], [cells])
    assert "[/b]x" in (said := capsys.readouterr().out) and "[link=http" in said
    assert ":smile:" in said and "\ufffd[31mz" in said and "\x1b" not in said


# The command line, the environment, files.

SERIALS = ["a;reboot $(x) `y`", "x\n✓ Signed out.", "\x1b[2J\u202eabc", "a\udcff", "x" * 70_000]


@pytest.mark.parametrize("serial", SERIALS, ids=lambda serial: ascii(serial)[:20])
def test_a_serial_of_no_phone_is_told_and_does_nothing(lab: Lab, serial: str) -> None:
    done = run("unlink", "--json", "--wait", "0", f"--serial={serial}", lab=lab)
    assert done.returncode == 3, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in told] == ["error", "outcome"]
    assert all(map(harmless, (*done.stdout.split("\n"), *done.stderr.split("\n"))))
    assert len(done.stderr.split("\n")) == 6  # what, why, remedy, journal, report, and the end


@pytest.mark.parametrize("serial", ["a;reboot", "\u202e$(x)", "127.0.0.1:5555", "\x1b[31m", "абв"])
def test_what_is_typed_as_a_consent_is_letters_and_digits(serial: str) -> None:
    assert phrase("unlink", serial).replace("-", "").isalnum() and phrase("unlink", serial).isascii()


def test_a_run_can_be_recorded_in_a_folder_whose_name_is_no_text(lab: Lab, tmp_path: Path) -> None:
    done = run("unlink", "--json", "--wait", "0", lab=lab, MI_AUTOMATOR_RUNS=f"{tmp_path}/\udcff")
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "outcome"


@pytest.mark.parametrize("port", ["", "0", "65536", "9" * 5000])
def test_a_port_that_is_none_is_told(port: str) -> None:
    done = run("devices", ANDROID_ADB_SERVER_PORT=port)
    assert done.returncode == 3 and "ANDROID_ADB_SERVER_PORT" in done.stderr


@pytest.mark.parametrize("host", ["a..b", "\udcff"])
def test_a_host_that_is_none_is_told(lab: Lab, host: str) -> None:
    done = run("devices", lab=lab, ANDROID_ADB_SERVER_HOST=host, ADBUTILS_ADB_PATH="/nonexistent")
    assert done.returncode == 6 and "adb server" in done.stderr


SOUND = {
    "capture.json": b'{"format": 1, "screen": null, "why": [], "activity": "", "facts": {"locale": "en", "keyboard": null}, "texts": {"x": {"a": "b"}}}',
    "hierarchy.xml": b'<hierarchy><node text="x" bounds="[0,0][1,1]"/></hierarchy>',
}


def zipped(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        zipped({**SOUND, "bomb": b"\0" * (MOST_BYTES + 1)}),
        zipped({**SOUND, "hierarchy.xml": b"<hierarchy>" + b" " * (MAX_BYTES + 1)}),
        zipped(SOUND, zipfile.ZIP_LZMA),
        zipped(SOUND, zipfile.ZIP_BZIP2),
        zipped(SOUND)[:-60],
        zipped(SOUND).replace(b"hierarchy", b"../../../"),
        zipped({**SOUND, "capture.json": b'{"format":' + b"9" * 9_000}),
        zipped({**SOUND, "capture.json": SOUND["capture.json"].replace(b'"en"', b'"\xff"')}),
        zipped({f"{n}": b"" for n in range(200_000)}),
    ],
    ids=["bomb", "large dump", "lzma", "bzip2", "cut off", "elsewhere", "a long number", "bytes", "many"],
)
def test_a_hostile_capture_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(AutomatorError) as caught:
        within_bounds(lambda: replay(path))
    assert caught.value.exit_code in (3, 5)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["x.zip"]


@QUICK
@given(st.data())
def test_any_broken_capture_is_one_or_is_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(zipped(SOUND))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("zip") / "x.zip"
    path.write_bytes(content)
    try:
        captured = replay(path)
        captured.view(ATLAS)
    except AutomatorError:
        pass


def test_a_file_without_end_is_not_read_to_it() -> None:
    done = run("selectors", "check", "/dev/zero")
    assert done.returncode == 3 and "/dev/zero" in done.stderr
