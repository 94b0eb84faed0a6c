"""Dumps, real and broken, as hierarchies."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automator.errors import MalformedHierarchy
from automator.hierarchy import Bounds, parse

DUMPS = Path(__file__).parents[2] / "shared" / "miui-evidence" / "dumps"
real_dumps = pytest.mark.skipif(not DUMPS.is_dir(), reason="the real dumps are not here")

ROW = """<hierarchy rotation="0">
<node class="android.widget.LinearLayout" package="com.android.settings" clickable="true" bounds="[0,0][1080,200]">
  <node text="About phone" resource-id="android:id/title" bounds="[80,60][500,140]" />
  <node text="secret" password="true" bounds="[80,60][500,140]" />
</node></hierarchy>"""


def test_a_tap_on_a_title_is_meant_for_its_row() -> None:
    hierarchy = parse(ROW)
    row, title, _ = hierarchy.nodes
    assert hierarchy.tap_target(title) is row
    assert hierarchy.subtree(row) == hierarchy.nodes
    assert row.bounds == Bounds(0, 0, 1080, 200)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ('<node text="One" bounds="[0,0][9,9]" />', "One"),
        ('<node content-desc="One" bounds="[0,0][9,9]" />', None),
        ('<node resource-id="a:id/b" bounds="[0,0][9,9]" />', None),
        (
            '<node resource-id="a:id/icon" bounds="[0,0][9,9]" /><node text="One" bounds="[0,0][9,9]" />',
            "One",
        ),
        ('<node text="One" bounds="[0,0][9,9]" /><node text="One" bounds="[0,0][9,9]" />', None),
        ('<node text="Two" bounds="[0,0][9,9]" /><node content-desc="Two" bounds="[0,0][9,9]" />', "Two"),
        (
            '<node text="One" bounds="[0,0][9,9]" /><node text="One" resource-id="b" bounds="[0,0][9,9]" />',
            "b",
        ),
        ('<node text="One" enabled="false" bounds="[0,0][9,9]" />', None),
        ('<node text="One" bounds="[0,0][9,99]" />', None),  # its middle is another row's
        ('<node text="One" visible-to-user="false" bounds="[0,0][9,9]" />', None),
        ('<node clickable="true" text="One" bounds="[0,0][9,9]" />', None),  # a button of its own
        ("", None),
    ],
)
def test_what_the_phone_can_find_again(parts: str, found: str | None) -> None:
    hierarchy = parse(f'<hierarchy><node clickable="true" bounds="[0,0][20,20]">{parts}</node></hierarchy>')
    pin = hierarchy.pin(hierarchy.nodes[0])
    assert (pin and (pin.resource_id or pin.text)) == found


def test_nothing_is_found_by_a_place_that_another_window_covers() -> None:
    row = '<node clickable="true" bounds="[0,0][20,20]"><node text="One" bounds="[0,0][9,9]" /></node>'
    hierarchy = parse(f'<hierarchy>{row}<node bounds="[2,2][6,6]" /></hierarchy>')
    assert hierarchy.pin(hierarchy.nodes[0]) is None


def test_absent_attributes_are_fine_and_passwords_have_no_text() -> None:
    _, title, password = parse(ROW).nodes
    assert title.enabled and title.visible and not title.clickable
    assert password.text == "" and password.typed


def test_a_phone_that_sleeps_may_show_nothing() -> None:
    hierarchy = parse('<hierarchy rotation="0" />')
    assert hierarchy.windows == () and hierarchy.screen.area == 0


@pytest.mark.parametrize(
    "dump",
    [
        "",
        "no xml",
        "<hierarchy",
        "<html/>",
        '<hierarchy><node bounds="nowhere" /></hierarchy>',
        "<hierarchy><node /></hierarchy>",
        "<hierarchy><node bounds='[0,0][1,1]'>" + "<node bounds='[0,0][1,1]'>" * 5000,
        '<!DOCTYPE h [<!ENTITY x SYSTEM "file:///etc/passwd">]><hierarchy><node text="&x;"/></hierarchy>',
        "x" * 10_000_001,
        "<hierarchy>" + '<node bounds="[0,0][1,1]" />' * 50_001 + "</hierarchy>",
    ],
    ids=lambda dump: dump[:24],
)
def test_what_is_no_hierarchy_is_a_typed_error(dump: str) -> None:
    with pytest.raises(MalformedHierarchy):
        parse(dump)


@given(st.text() | st.builds(ROW.replace, st.text(max_size=3, min_size=1), st.text(max_size=5)))
def test_garbage_raises_nothing_else(dump: str) -> None:
    try:
        hierarchy = parse(dump)
    except MalformedHierarchy:
        return
    assert all(node.last >= node.index for node in hierarchy.nodes)


def test_control_characters_in_labels_do_not_hide_the_screen() -> None:
    assert parse(ROW.replace("About", "\x07About&#1;")).nodes[1].text == "About phone"


@real_dumps
@pytest.mark.parametrize(
    ("file", "windows"),
    [
        (
            "miui-notes-editor-gboard-ru.u2.xml",
            ["com.google.android.inputmethod.latin", "com.android.systemui", "com.miui.notes"],
        ),
        ("miui12-preferred-network-pt.xml", ["com.android.phone"]),
        ("miui-fingerprint-overlay-only.xml", ["com.android.systemui"]),
        ("aosp-usb-dialog-vi.xml", ["com.android.settings"]),
    ],
)
def test_real_dumps_keep_their_windows(file: str, windows: list[str]) -> None:
    hierarchy = parse((DUMPS / file).read_text(encoding="utf-8"))
    assert [window.package for window in hierarchy.windows] == windows
