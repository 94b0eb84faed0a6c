"""Resource tables: against aapt2, in every form by hand, by locale, through references, and broken."""

from __future__ import annotations

import shutil
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automator.phone import arsc
from automator.phone.arsc import MalformedTable, Table
from tests.arsc_tables import (
    DYNAMIC,
    FRAMEWORK,
    NUMBER,
    REFERENCE,
    STRING,
    Form,
    built,
    chunk,
    config,
    framework_oracle,
    from_apk,
    oracle,
    package,
    simple,
    strings,
    table,
)

needs_aapt2 = pytest.mark.skipif(shutil.which("aapt2") is None, reason="aapt2 is not installed")
needs_aapt = pytest.mark.skipif(shutil.which("aapt") is None, reason="aapt is not installed")
needs_framework = pytest.mark.skipif(not FRAMEWORK.exists(), reason="Debian's framework-res is not installed")

WORDS = """
<string name="plain">Plain</string>
<string name="same">Plain</string>
<string name="empty"></string>
<string name="styled">A <b>bold</b> &amp; <i>odd</i> word</string>
<string name="quoted">"  two  spaces "</string>
<string name="escapes">a\\nb\\tc\\u0041\\'\\"\\@\\?\\\\</string>
<string name="space">   one
   two   </string>
<string name="emoji">😀 ❤️ 👨‍👩‍👧</string>
<string name="rtl">\u200fשלום %1$s</string>
<string name="ref">@string/plain</string>
<string name="ref_to_ref">@string/ref</string>
<string name="system">@android:string/ok</string>
<string name="number">@integer/seven</string>
<string name="formatted">Hi <xliff:g xmlns:xliff="urn:oasis:names:tc:xliff:document:1.2" id="x">%1$s</xliff:g>!</string>
<string name="of_127">{of_127}</string><string name="of_128">{of_128}</string><string name="of_16383">{of_16383}</string>
<string name="of_16384">{of_16384}</string><string name="cyrillic">{cyrillic}</string><string name="of_33000">{of_33000}</string>
<item type="string" name="item">Item</item>
<integer name="seven">7</integer>
<string-array name="several"><item>one</item><item>two</item></string-array>
<plurals name="counted"><item quantity="one">%d x</item><item quantity="other">%d xs</item></plurals>
<style name="fine"><item name="android:text">x</item></style>
""".format(
    of_127="a" * 127, of_128="b" * 128, of_16383="c" * 16383, of_16384="d" * 16384, cyrillic="ж" * 16000, of_33000="e" * 33000
)  # fmt: skip
PLACES = (
    *(
        "ru",
        "b+es+419",
        "es",
        "en-rGB",
        "b+sr+Latn",
        "b+de+1901",
        "b+fil",
        "b+sr+Latn+RS",
        "b+en+US+POSIX",
        "iw",
        "in-rID",
    ),
    *(
        "sw600dp-land-v21",
        "ru-v24",
        "mcc310-mnc26-ru",
        "mcc250-mnc01",
        "night",
        "h720dp",
        "ldrtl",
        "xlarge",
        "v17",
    ),
    *(
        "w820dp-port",
        "round-v23",
        "television",
        "long-car-hdpi",
        "keyshidden-qwerty-nonav",
        "ar-rXB",
        "notnight-nodpi",
    ),
)
VALUES = {"": WORDS} | {
    place: f'<string name="plain">{place} ж</string><string name="only_{at}">{at}</string>'
    for at, place in enumerate(PLACES)
}
MANY = {
    "": "".join(f'<string name="s{i}">{i}</string>' for i in range(400)),
    "ru": '<string name="s399">да</string>',
}


def read_as_dumped(data: arsc.Data) -> dict[tuple[str, str], str]:
    """Our entries in the oracle's form, references as ids."""
    return {
        (name, configuration.qualifiers): value if isinstance(value, str) else f"@{value:#010x}"
        for name, configuration, value in Table(data).entries()
    }


def different(
    read: dict[tuple[str, str], str], said: dict[tuple[str, str], str]
) -> dict[tuple[str, str], object]:
    """Where the two are not alike; pytest's own comparison takes minutes for a hundred thousand strings."""
    return {
        key: (read.get(key), said.get(key))
        for key in read.keys() | said.keys()
        if read.get(key) != said.get(key)
    }


@needs_aapt2
@needs_framework
@pytest.mark.parametrize(
    ("values", "tool", "options", "sdk"),
    [
        pytest.param(VALUES, "aapt2", ["--no-auto-version", "--no-resource-removal"], 16, id="aapt2"),
        pytest.param(MANY, "aapt2", ["--enable-sparse-encoding"], 26, id="sparse"),
        pytest.param(VALUES, "aapt", [], 16, id="aapt-utf8", marks=needs_aapt),
        pytest.param(VALUES, "aapt", ["--utf16"], 16, id="aapt-utf16", marks=needs_aapt),
    ],
)
def test_every_string_is_what_aapt2_says(
    tmp_path: Path, values: dict[str, str], tool: str, options: list[str], sdk: int
) -> None:
    apk = built(tmp_path, values, *options, tool=tool, sdk=sdk)
    said = oracle(apk)

    read = read_as_dumped(from_apk(apk))

    assert len(read) > 50
    assert different(read, said.entries) == {}


@needs_aapt2
@needs_framework
def test_every_string_of_the_framework_is_what_aapt2_says() -> None:
    said = framework_oracle()

    read = read_as_dumped(from_apk(FRAMEWORK))

    assert len(read) > 150_000
    assert different(read, said.entries) == {}


FORMS: list[tuple[Form, bool]] = [(f, c) for f in ("dense", "sparse", "offset16") for c in (False, True)]
ODD = {
    "": {
        "plain": "Plain",
        "empty": "",
        "astral": "😀𝄞",
        "zero": "a\0b",
        "long": "я" * 20_000,
        "rtl": "\u200fשלום",
    },
    "ru": {"plain": "Просто", "long": "x" * 127},
    "en-GB": {"plain": "Quite", "astral": "x" * 128},
    "sr-Latn": {"plain": "Sasvim", "only": "y" * 0x7FFF},
}


@pytest.mark.parametrize(("form", "compact"), FORMS)
@pytest.mark.parametrize(
    ("utf8", "java"), [(True, False), (True, True), (False, False)], ids=["utf8", "java", "utf16"]
)
def test_every_form_of_the_format_gives_the_same_strings(
    form: Form, compact: bool, utf8: bool, java: bool
) -> None:
    data = simple(ODD, form=form, compact=compact, utf8=utf8, java=java)

    read = {(name, where.qualifiers): text for name, where, text in Table(data).entries()}

    called = {"": "", "ru": "ru", "en-GB": "en-rGB", "sr-Latn": "b+sr+Latn"}
    assert read == {(name, called[tag]): text for tag, words in ODD.items() for name, text in words.items()}
    assert Table(data).texts(None, ["ru-RU"]) == ODD[""] | ODD["ru"]
    assert Table(data).texts({"plain", "only", "lost"}, ["sr-Latn-RS"]) == ODD["sr-Latn"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x03\x06\xed\xa0\xbd\xed\xb8\x80\0", "😀"),
        (b"\x01\x03\xed\xa0\xbd\0", "\ufffd"),
        (b"\x01\x02\xc0\x80\0", "\0"),
        (b"\x80\x01\x80\x01a\0", "a"),
    ],
    ids=["surrogates", "lone surrogate", "zero", "lengths in two bytes though one would do"],
)
def test_java_s_utf8_is_read_as_android_does(raw: bytes, text: str) -> None:
    strings_of = struct.pack("<IIIIII", 1, 0, 0x100, 32, 0, 0) + raw.ljust(12, b"\0")
    body = chunk(0x0001, strings_of[:20], strings_of[20:])
    part = strings(1, config(), {0: (0, (STRING, 0))})
    data = chunk(0x0002, struct.pack("<I", 1), body + package(0x7F, ["string"], ["a"], part))

    assert Table(data).texts({"a"}, ["en"]) == {"a": text}


def linked(*entries: tuple[int, int], keys: str = "abcdefgh") -> bytes:
    """A table with one string `text` and these values, called a, b, c…; the first type is `string`."""
    values = {i: (i, value) for i, value in enumerate(entries)}
    return table(["text"], package(0x7F, ["string"], list(keys), strings(1, config(), values)))


SYSTEM = table(["OK"], package(0x01, ["attr", "string"], ["ok"], strings(2, config(), {0: (0, (STRING, 0))})))
TEXT = (STRING, 0)


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([(REFERENCE, 0x7F010001), TEXT], {"a": "text", "b": "text"}),
        ([(REFERENCE, 0x7F010001), (REFERENCE, 0x7F010002), TEXT], {"a": "text", "b": "text", "c": "text"}),
        ([(DYNAMIC, 0x00010001), TEXT], {"a": "text", "b": "text"}),
        ([(DYNAMIC, 0x7F010001), TEXT], {"a": "text", "b": "text"}),
        ([(REFERENCE, 0x01020000)], {"a": "OK"}),
        ([(REFERENCE, 0x7F010001), (REFERENCE, 0x01020000)], {"a": "OK", "b": "OK"}),
        ([(REFERENCE, 0)], {}),
        ([(REFERENCE, 0x7F010000)], {}),
        ([(REFERENCE, 0x7F010001), (REFERENCE, 0x7F010000)], {}),
        ([(REFERENCE, 0x7F010009)], {}),
        ([(REFERENCE, 0x7F020000)], {}),
        ([(REFERENCE, 0x10010000)], {}),
        ([(REFERENCE, 0x01020001)], {}),
        ([(REFERENCE, 0xFFFFFFFF)], {}),
        ([(NUMBER, 7), TEXT], {"b": "text"}),
        ([(0x02, 0x7F010001), TEXT], {"b": "text"}),
    ],
    ids=[
        *(
            "one",
            "two",
            "dynamic, own package unnamed",
            "dynamic",
            "framework",
            "to the framework through another",
        ),
        *(
            "null",
            "itself",
            "cycle",
            "no such entry",
            "no such type",
            "no such package",
            "not in the framework",
        ),
        *("anywhere", "number", "attribute"),
    ],
)
def test_references_are_followed_to_a_text_or_left_out(
    entries: list[tuple[int, int]], found: dict[str, str]
) -> None:
    assert Table(linked(*entries)).texts(None, ["en"], framework=Table(SYSTEM)) == found


def test_without_a_framework_what_refers_to_it_is_left_out() -> None:
    assert Table(linked((REFERENCE, 0x01020000), TEXT)).texts(None, ["en"]) == {"b": "text"}


def test_twenty_references_are_followed_and_no_more() -> None:
    keys = [f"s{i}" for i in range(23)]
    values = {i: (i, (REFERENCE, 0x7F010001 + i)) for i in range(22)} | {22: (22, TEXT)}
    data = table(["text"], package(0x7F, ["string"], keys, strings(1, config(), values)))

    assert set(Table(data).texts(None, ["en"])) == set(keys[2:])


def test_a_reference_is_resolved_in_the_phone_s_language() -> None:
    here = strings(2, config(), {0: (0, (STRING, 0))}), strings(2, config("ru"), {0: (0, (STRING, 1))})
    system = table(["OK", "ОК"], package(0x01, ["attr", "string"], ["ok"], *here))
    app = strings(1, config(), {0: (0, (REFERENCE, 0x01020000))})
    data = table([], package(0x7F, ["string"], ["yes"], app))

    assert Table(data).texts({"yes"}, ["ru-RU"], framework=Table(system)) == {"yes": "ОК"}


def test_packages_have_their_own_types_names_and_numbers() -> None:
    first = package(0x7F, ["string"], ["a"], strings(1, config(), {0: (0, (REFERENCE, 0x80070000))}))
    moved = package(
        0x80, ["attr", "string"], ["x", "b"], strings(2, config(), {0: (1, (STRING, 1))}), shift=5
    )
    old = package(
        0x81, ["id", "attr", "string"], ["c"], strings(3, config(), {0: (0, TEXT)}), shift=None, utf8=False
    )

    assert Table(table(["C", "B"], first, moved, old)).texts(None, ["en"]) == {"a": "B", "b": "B", "c": "C"}


def test_names_that_a_shrinker_made_one_give_nothing_to_find() -> None:
    both = {0: (0, (STRING, 0)), 1: (0, (STRING, 1))}
    data = table(["A", "B"], package(0x7F, ["string"], ["(name removed)"], strings(1, config(), both)))

    assert Table(data).texts({"title"}, ["en"]) == {}


def test_arrays_and_plurals_among_the_strings_are_passed_over() -> None:
    data = table(["t"], package(0x7F, ["string"], ["a", "b"], strings(1, config(), {0: None, 1: (1, TEXT)})))

    assert Table(data).texts(None, ["en"]) == {"b": "t"}
    assert [(name, text) for name, _, text in Table(data).entries()] == [("b", "t")]


CONFIGS = {
    "default": config(),
    "v24": config(sdk=24),
    "v33": config(sdk=33),
    "land": config(orientation=2),
    "ru": config("ru"),
    "ru-v24": config("ru", sdk=24),
    "ru-land": config("ru", orientation=2),
    "ru-sim": config("ru", mcc=250),
    "en-GB": config("en-GB"),
    "old": config("ru", size=28),
}


@pytest.mark.parametrize(
    ("held", "locales", "sdk", "shown"),
    [
        ("default v24 v33", ["en-US"], 30, "v24"),
        ("default v24 v33", ["en-US"], 23, "default"),
        ("default v24 v33", ["en-US"], None, "v33"),
        ("v33", ["en-US"], 30, None),
        ("default ru v24", ["ru-RU"], 30, "ru"),
        ("v24 ru ru-v24", ["ru-RU"], 30, "ru-v24"),
        ("ru-v24 ru v24", ["ru-RU"], 30, "ru-v24"),
        ("ru-land default", ["ru-RU"], 30, "default"),
        ("ru-land land", ["ru-RU"], 30, "ru-land"),
        ("land", ["ru-RU"], 30, "land"),
        ("ru-sim ru-land en-GB", ["ru-RU"], 30, "ru-sim"),
        ("default ru en-GB", ["fr-FR", "ru-RU"], 30, "ru"),
        ("default ru en-GB", ["fr-FR", "en-US", "ru-RU"], 30, "default"),
        ("default ru en-GB", ["fr-FR", "de-DE"], 30, "default"),
        ("default ru en-GB", [], 30, "default"),
        ("ru", ["en-US"], 30, None),
        ("default old", ["ru"], 30, "old"),
    ],
)
def test_the_configuration_is_the_one_that_android_shows(
    held: str, locales: list[str], sdk: int | None, shown: str | None
) -> None:
    names = held.split()
    parts = [strings(1, CONFIGS[name], {0: (0, (STRING, at))}) for at, name in enumerate(names)]
    data = table(names, package(0x7F, ["string"], ["a"], *parts))

    for wanted in (None, {"a"}, {"a", "b"}):
        assert Table(data).texts(wanted, locales, sdk=sdk) == ({"a": shown} if shown else {})


def test_an_app_without_languages_goes_by_those_of_the_phone() -> None:
    here = strings(2, config(), {0: (0, TEXT)}), strings(2, config("ru"), {0: (0, (STRING, 1))})
    system = table(["OK", "ОК"], package(0x01, ["attr", "string"], ["ok"], *here))
    app = linked((REFERENCE, 0x01020000))

    assert Table(app).texts(None, ["tlh", "ru-RU"], framework=Table(system)) == {"a": "ОК"}


def test_pseudo_languages_count_for_those_who_asked_for_them() -> None:
    data = simple({"": {"a": "default"}, "en-XA": {"a": "[ðéƒåûļţ]"}, "ru": {"a": "ру"}})

    assert Table(data).texts({"a"}, ["en-XA", "ru-RU"]) == {"a": "[ðéƒåûļţ]"}
    assert Table(data).texts({"a"}, ["ar-XB", "ru-RU"]) == {"a": "ру"}
    assert Table(data).texts({"a"}, ["en-US", "ru-RU"]) == {"a": "default"}


class Watched:
    """Data that remembers which parts of it were read."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = data
        self.read: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, part: slice, /) -> bytes:
        self.read.append((part.start, part.stop))
        return bytes(self._data[part])

    @property
    def bytes_read(self) -> int:
        return sum(stop - start for start, stop in self.read)


@needs_framework
def test_only_what_is_wanted_is_read_of_a_large_table() -> None:
    watched = Watched(from_apk(FRAMEWORK))
    reader = Table(watched)

    assert watched.bytes_read < 500_000
    watched.read.clear()
    assert reader.texts({"ok", "cancel"}, ["ru-RU"]) == {"ok": "ОК", "cancel": "Отмена"}
    assert watched.bytes_read < 500_000
    back = sum(
        1 for before, after in zip(watched.read, watched.read[1:], strict=False) if after[0] < before[0]
    )
    assert back < 10


def test_strings_that_are_not_wanted_are_not_read() -> None:
    data = simple({"": {"a": "wanted", "b": "secret" * 50}, "ru": {"a": "нужно"}, "de": {"a": "gewünscht"}})
    watched = Watched(data)

    assert Table(watched).texts({"a"}, ["en-US"]) == {"a": "wanted"}

    read = b"".join(data[start:stop] for start, stop in watched.read)
    assert b"wanted" in read
    assert not any(word.encode() in read for word in ("secret", "нужно", "gewünscht"))


GOOD = simple({"": {"a": "A", "b": "B"}, "ru": {"a": "А"}}, utf8=False)
AT_PACKAGE = GOOD.index(struct.pack("<HHI", 0x0200, 288, 0)[:4])
AT_TYPE = GOOD.index(struct.pack("<HHI", 0x0201, 84, 0)[:4])
AT_KEYS = GOOD.index("a".encode("utf-16-le") + b"\0\0", AT_PACKAGE + 288) - 2 - 8 - 28


def broken(at: int, layout: str, value: int, good: bytes = GOOD) -> bytes:
    return good[:at] + struct.pack(layout, value) + good[at + struct.calcsize(layout) :]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x02\0\x0c\0", id="half a header"),
        pytest.param(b"PK\3\4" + bytes(100), id="a zip"),
        pytest.param(bytes(1000), id="zeros"),
        pytest.param(GOOD[:-1], id="cut short"),
        pytest.param(broken(2, "<H", 4), id="header smaller than a header"),
        pytest.param(broken(4, "<I", 0), id="table of no size"),
        pytest.param(broken(4, "<I", 2**32 - 1), id="table larger than the data"),
        pytest.param(broken(12 + 4, "<I", 0), id="pool of no size"),
        pytest.param(broken(12 + 8, "<I", 2**32 - 1), id="pool of four thousand million strings"),
        pytest.param(broken(12 + 20, "<I", 2**32 - 1), id="pool whose strings are elsewhere"),
        pytest.param(broken(12 + 28, "<I", 2**32 - 1), id="string that is elsewhere"),
        pytest.param(broken(12 + 28 + 12, "<H", 0x7FFF), id="string longer than the pool"),
        pytest.param(broken(12 + 28 + 12, "<I", 0xFFFFFFFF), id="string of four thousand million characters"),
        pytest.param(broken(12 + 28 + 12 + 4, "<H", 1), id="string without an end"),
        pytest.param(broken(AT_PACKAGE + 4, "<I", 8), id="package smaller than its header"),
        pytest.param(broken(AT_PACKAGE + 8, "<I", 0x100), id="package 256"),
        pytest.param(broken(AT_PACKAGE + 268, "<I", 2**32 - 1), id="names of types elsewhere"),
        pytest.param(broken(AT_PACKAGE + 268, "<I", 0), id="names of types that are no pool"),
        pytest.param(broken(AT_PACKAGE + 284, "<I", 0x100), id="types moved out of reach"),
        pytest.param(broken(AT_KEYS + 8, "<I", 0), id="no names"),
        pytest.param(broken(AT_TYPE + 2, "<H", 20), id="type without a configuration"),
        pytest.param(broken(AT_TYPE + 4, "<I", 84), id="type without its entries"),
        pytest.param(broken(AT_TYPE + 12, "<I", 2**32 - 1), id="type of four thousand million entries"),
        pytest.param(broken(AT_TYPE + 12, "<I", 0xFFFF), id="type of more entries than fit"),
        pytest.param(broken(AT_TYPE + 16, "<I", 2**32 - 1), id="entries elsewhere"),
        pytest.param(broken(AT_TYPE + 84, "<I", 2**32 - 2), id="entry elsewhere"),
        pytest.param(broken(AT_TYPE + 92, "<H", 0), id="entry of no size"),
        pytest.param(broken(AT_TYPE + 92, "<H", 0xFFFF), id="value elsewhere"),
        pytest.param(broken(AT_TYPE + 96, "<I", 2), id="name that is not there"),
        pytest.param(broken(AT_TYPE + 100, "<H", 0), id="value of no size"),
        pytest.param(broken(AT_TYPE + 104, "<I", 3), id="text that is not there"),
        pytest.param(chunk(2, b"\0\0\0\0", package(0x7F, ["string"], ["a"], strings(1, config(), {0: (0, TEXT)}))), id="no texts"),
        pytest.param(simple({"": {"a": "latin"}}).replace(b"latin", b"l\xe4tin"), id="no UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_table_is_refused(data: bytes) -> None:
    assert Table(GOOD).texts(None, ["en-US"]) == {"a": "A", "b": "B"}
    with pytest.raises(MalformedTable):
        Table(data).texts(None, ["en-US"])
    with pytest.raises(MalformedTable):
        list(Table(data).entries())


def overlapping() -> bytes:
    """Strings of UTF-16 that all end where the pool ends; each has its own length before it."""
    count, size = 20_000, 500_000
    units = [size + 2 * (count - at - 1) for at in range(count)]
    heads = b"".join(struct.pack("<HH", 0x8000 | length >> 16, length & 0xFFFF) for length in units)
    index = struct.pack(f"<{count}I", *range(0, 4 * count, 4))
    header = struct.pack("<IIIII", count, 0, 0, 28 + len(index), 0)
    texts = chunk(0x0001, header, index + heads + b"\0\0" * (size + 1))
    every = strings(1, config(), {i: (i, (STRING, i)) for i in range(count)})
    names = package(0x7F, ["string"], [str(i) for i in range(count)], every)
    return chunk(0x0002, struct.pack("<I", 1), texts + names)


def test_a_file_that_is_shorter_than_it_says_is_refused() -> None:
    class Shrunk(Watched):
        def __getitem__(self, part: slice, /) -> bytes:
            return super().__getitem__(part)[: 500 - part.start]

    with pytest.raises(MalformedTable):
        Table(Shrunk(GOOD))


def one_package(*parts: bytes) -> bytes:
    return table(["t"], package(0x7F, ["string"], ["a"], *parts))


def tiny_parts() -> bytes:
    return table([], chunk(0x0000, b"", b"") * 200_000)


def many_parts() -> bytes:
    return one_package(strings(1, config(), {0: (0, TEXT)}) * 30_000)


def ever_better() -> bytes:
    few = dict.fromkeys(range(10), (0, TEXT))
    return one_package(b"".join(strings(1, config(sdk=sdk), few) for sdk in range(10_000)))


def too_many_strings() -> bytes:
    same = chunk(0x0201, struct.pack("<BBHII", 1, 2, 0, 60_000, 84 + 120_000) + config(), bytes(120_000 + 16))
    return table(["t"], *(package(number, ["string"], ["a"], same) for number in range(5)))


def ring() -> bytes:
    count = 5_000
    return one_package(
        strings(1, config(), {i: (0, (REFERENCE, 0x7F010000 | (i + 1) % count)) for i in range(count)})
    )


@pytest.mark.parametrize(
    "hostile", [overlapping, tiny_parts, many_parts, ever_better, too_many_strings, ring]
)
def test_a_hostile_table_costs_seconds_and_little_memory(hostile: Callable[[], bytes]) -> None:
    data = hostile()
    started = time.monotonic()
    tracemalloc.start()
    try:
        Table(data).texts(None, ["en-US"])
    except MalformedTable:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert time.monotonic() - started < 10
    assert peak < 100_000_000


SOUND = [
    GOOD,
    SYSTEM,
    linked((REFERENCE, 0x7F010001), (REFERENCE, 0x01020000), TEXT, (NUMBER, 1)),
    simple(
        {"": {"a": "A", "b": "😀"}, "sr-Latn": {"a": "S"}, "es-419": {"b": "E"}}, form="sparse", java=True
    ),
    simple({"": {"a": "A", "b": "😀"}, "de-DE-1901": {"a": "S"}}, form="offset16", compact=True),
]


def use(data: bytes) -> None:
    """Everything that a table is asked, with malformed input as the only error."""
    system = Table(SYSTEM)
    try:
        read = Table(data)
        for locales in (["sr-Latn-RS", "es-MX"], ["ar-XB"], []):
            for text in read.texts(None, locales, sdk=30, framework=system).values():
                text.encode()
            read.texts({"a", "b"}, locales)
        for _, where, _ in read.entries():
            assert isinstance(where.qualifiers, str)
    except MalformedTable:
        pass


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=200, deadline=1000)
def test_any_bytes_are_read_or_refused(data: bytes, wrapped: bool) -> None:
    use(chunk(0x0002, b"\1\0\0\0", data) if wrapped else data)


@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 40),
)
@settings(max_examples=400, deadline=1000)
def test_a_damaged_table_is_read_or_refused(data: bytes, patches: list[tuple[int, bytes]], cut: int) -> None:
    damaged = bytearray(data)
    for at, patch in patches:
        at %= len(damaged)
        damaged[at : at + len(patch)] = patch
    use(bytes(damaged[: len(damaged) - cut]))
