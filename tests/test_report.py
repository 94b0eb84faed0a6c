"""The report, the hand-over sheet and the seal, of real runs on practice phones."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.cells import cell_len

from automator import events
from automator.chain import chained
from automator.cli.report import report as report_command
from automator.cli.report import verify
from automator.cli.runs import in_words, lined_up
from automator.cli.runs import runs as runs_command
from automator.consent import phrase
from automator.errors import PreflightError
from automator.events import AskEvent, ErrorEvent, OutcomeEvent, PhoneEvent, ScreenEvent, TapEvent, now
from automator.journal import Journal
from automator.journeys import Card, Journey, Outcome, conduct, reset, to_the_end, unlink
from automator.practice.state import Account
from automator.report import JOURNAL, check, find_run, read, recorded_runs, written
from automator.report.evidence import account_seen, find_device_off, gated_taps, reset_begun
from automator.report.findings import dangerous, headline, next_steps, where_cut
from automator.report.sheet import claims
from automator.text import LANGUAGES, T, Text, use_language
from tests.conftest import MakePlugged, Plugged, ScriptedOwner, Terminal, unhashed
from tests.report_browser import SCHEMES, WIDTHS, Viewer, viewer

OpenTerminal = Callable[..., Terminal]
SECRETS = (
    *("6230481535", "6230***535", "+447700900147", "447700900147", "mila.novak", "868014031187422"),
    *("correct horse", "a1b2c3d4", "Mila", "onerror"),
)
"""What the practice phones know and nobody else may: what is typed, numbers, addresses, names, and what looks like HTML."""
HTML = "<img src=x onerror='window.ran=true'><script>window.ran=true</script>"


def _nothing(_: Plugged) -> None: ...


def _unplugged_at_the_tap(phone: Plugged) -> None:
    phone.device.at("after:rpc.click", 1, lambda _: phone.wire.unplug())


@dataclass(frozen=True)
class Way:
    """A journey on a practice phone to one of its ends."""

    journey: Callable[[], Journey]
    result: str
    says: str
    phone: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    answer: Callable[[Card], str | None] = lambda card: card.phrase
    breaks: Callable[[Plugged], None] = _nothing


WAYS = {
    "unlink": Way(unlink, "signed_out", "was signed out"),
    "unlink-guided": Way(unlink, "signed_out", "was signed out", options={"hands": "guided"}),
    "unlink-removing": Way(lambda: unlink(remove_synced=True), "signed_out", "was signed out"),
    "reset": Way(reset, "reset_started", "The reset has begun"),
    "reset-guided": Way(reset, "reset_started", "The reset has begun", options={"hands": "guided"}),
    "refused": Way(unlink, "signed_out", "was signed out", {"adbinput": False}),
    "nothing": Way(unlink, "nothing_to_do", "Nothing was to be done", {"account": None}),
    "dry-run": Way(reset, "dry_run", "A dry run", options={"dry_run": True}),
    "declined": Way(unlink, "declined", "The owner said no", answer=lambda _: "no"),
    "stopped": Way(unlink, "stopped", "stopped before its end", {"network": False}),
    "unknown": Way(
        unlink, "unknown", "its effect was not seen", {"synced_data": False}, breaks=_unplugged_at_the_tap
    ),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


def ended(phone: Plugged, journey: Journey, owner: ScriptedOwner | None = None, **options: Any) -> Path:
    """The folder of a run that went to its end, however that was."""

    def run(journal: Journal) -> Outcome:
        connected = phone.connect()
        try:
            told = owner or ScriptedOwner(phone)
            return conduct(
                journey, connected, told, journal, over="network", practice=True, patience=10, **options
            )
        finally:
            connected.close()

    return Path(to_the_end(journey.name, phone.events.append, run).event.journal).parent


def gone(plug: MakePlugged, name: str) -> Path:
    """The folder of a run that went this way."""
    way = WAYS[name]
    named = {"account": Account("6230481535", f"Mila{HTML}")}
    phone = plug(**(named | way.phone))
    way.breaks(phone)
    return ended(phone, way.journey(), ScriptedOwner(phone, way.answer), **way.options)


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a run to where it may be spoilt."""
    return lambda folder: Path(shutil.copytree(folder, tmp_path / "spoilt" / folder.name, dirs_exist_ok=True))


# The report.


def _pictured_taps(told: tuple[events.Event, ...]) -> set[tuple[int, str]]:
    """What was tapped on a screen that there is a picture of."""
    found, screen, pictured = set(), 0, False
    for event in told:
        if isinstance(event, ScreenEvent):
            screen, pictured = screen + 1, event.picture is not None
        if isinstance(event, TapEvent) and pictured:
            found.add((screen, event.bounds))
    return found


@EVERY_WAY
def test_every_end_has_a_report_that_says_it_and_holds_no_secret(plug: MakePlugged, way: str) -> None:
    folder = gone(plug, way)
    record, page = read(folder), written(folder, "report")
    assert record.outcome and record.outcome.result == WAYS[way].result and record.unread == 0
    assert page.seal.state == "whole" and page.path == folder / "report.html"
    assert stat.S_IMODE(page.path.stat().st_mode) == 0o600
    html = page.path.read_text(encoding="utf-8")
    assert WAYS[way].says in html and WAYS[way].says in str(headline(record).text)
    pictures = [e for e in record.events if isinstance(e, ScreenEvent) and e.picture]
    assert html.count("data:image/jpeg;base64,") == len(pictures)
    assert "not there any more" not in html
    assert html.count('class="mark"') == len(_pictured_taps(record.events))
    for file in folder.iterdir():
        content = unhashed(file.read_bytes().decode("utf-8", "replace"))
        assert [secret for secret in SECRETS if secret in content] == [], file
    assert page.seal.chain in html and verify(page.path) == 0


def test_a_rehearsal_ends_with_its_report_and_the_commands_find_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = _command("rehearse", "unlink", "--json", "--phone-lang", "ar")
    folder = Path(json.loads(done.stdout.splitlines()[-1])["journal"]).parent
    page = folder / "report.html"
    assert done.returncode == 0 and f"Report: {page}" in done.stderr
    assert verify(page) == 0
    before = page.read_bytes()
    page.unlink()
    capsys.readouterr()
    assert report_command(run=folder.name[:15], kind="report", unmask=[], show=False) == 0
    assert capsys.readouterr().out == f"Report: {page}\n" and page.read_bytes() == before
    assert runs_command(json=True) == 0
    line = json.loads(capsys.readouterr().out)
    told = {
        "run": folder.name,
        "journey": "unlink",
        "result": "signed_out",
        "cut_off": False,
        "practice": True,
    }
    assert line | told == line and line["report"] == str(page)
    assert runs_command(json=False) == 0
    assert "signed out" in (shown := capsys.readouterr().out) and folder.name[:15] in shown
    assert _command("report", "--handover", "--lang", "ru").returncode == 0
    assert _command("report", "--verify", str(folder / "handover.html"), "--lang", "en").returncode == 0
    assert _command("report", folder.name, "--unmask", "name").returncode == 2


def _command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_report_that_can_not_be_written_changes_nothing_about_the_run(tmp_path: Path) -> None:
    broken = "import automator.report.pages as p; p.drawn = lambda *a: 1 / 0; from automator.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", broken, "rehearse", "unlink", "--dry-run"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and "Dry run" in done.stdout
    assert "The report could not be written (ZeroDivisionError)" in done.stdout
    assert not list((tmp_path / "runs").glob("*/*.html"))


def test_runs_are_named_by_name_beginning_path_or_not_at_all(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    names = ["20260101-000000-unlink-aaaa", "20260101-000000-unlink-aabb", "20260102-000000-reset-cccc"]
    for name in names:
        (runs / name).mkdir(parents=True)
        (runs / name / JOURNAL).touch()
    assert recorded_runs(runs)[0].name == names[2] and find_run(runs, None).name == names[2]
    for wanted in (
        names[0],
        "20260101-000000-unlink-aaa",
        str(runs / names[0]),
        str(runs / names[0] / JOURNAL),
    ):
        assert find_run(runs, wanted).name == names[0]
    for number in range(5):
        (runs / f"20260103-00000{number}-reset-dddd").mkdir()
        (runs / f"20260103-00000{number}-reset-dddd" / JOURNAL).touch()
    for wanted, says in (
        ("20260101", "unlink-aaaa"),
        ("2026", "reset-dddd, and 3 more."),
        ("nonsense", "“nonsense”"),
    ):
        with pytest.raises(PreflightError, match=says):
            find_run(runs, wanted)
    with pytest.raises(PreflightError, match="No run is recorded yet"):
        find_run(tmp_path / "none", None)


def test_a_record_is_the_same_wherever_its_folder_lies(
    plug: MakePlugged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = gone(plug, "unlink")
    for kind in ("report", "handover"):
        written(folder, kind)
    elsewhere = tmp_path / "a copy"
    shutil.copytree(folder, elsewhere)
    monkeypatch.chdir(elsewhere)
    for page in ("report.html", "handover.html"):
        assert verify(elsewhere / page) == verify(Path(page)) == 0


@pytest.mark.parametrize("content", [b"", b'{"event":"phone","serial'])
def test_a_record_of_nothing_is_not_sound(tmp_path: Path, content: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(content)
    assert not check(tmp_path).sound


@pytest.mark.parametrize("body", ["{no JSON}", '{"files":[1]}', '{"files":{"a":1}}'])
def test_a_forged_line_is_a_changed_one_and_no_fault_of_ours(tmp_path: Path, body: str) -> None:
    link = sha256(body.encode()).hexdigest()
    (tmp_path / JOURNAL).write_text(f'{body[:-1]},"chain":"{link}"}}\n', encoding="utf-8")
    assert check(tmp_path).state == "changed"


def test_a_run_that_cannot_be_read_does_not_hide_the_others(
    plug: MakePlugged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = gone(plug, "unlink").name
    unreadable = tmp_path / "runs" / "20250101-000000-unlink-aaaa" / JOURNAL
    unreadable.mkdir(parents=True)
    capsys.readouterr()
    assert runs_command(json=False) == 0
    said = capsys.readouterr().out
    assert "can't be read: 20250101-000000-unlink-aaaa" in said and name[:15] in said
    unreadable.rmdir()


def test_a_reader_that_leaves_at_the_error_does_not_hide_the_outcome() -> None:
    def leaves(event: events.Event) -> None:
        if isinstance(event, ErrorEvent):
            raise BrokenPipeError

    def stops(_: Journal) -> Outcome:
        raise PreflightError(T("The phone went away."), Text(""), Text(""))

    record = read(Path(to_the_end("unlink", leaves, stops).event.journal).parent)
    assert record.error and record.outcome and record.outcome.result == "stopped"


def test_find_device_that_may_be_off_is_told(plug: MakePlugged) -> None:
    phone = plug()
    refuses = ScriptedOwner(phone, lambda card: None if card.gate.name == "reset.wipe" else card.phrase)
    record = read(ended(phone, reset(), refuses))
    assert record.outcome and record.outcome.result == "declined"
    assert "switch Find Device off, and may have" in str(dangerous(record))
    assert "switch Find Device on again" in str(next_steps(record)[-1])
    done = read(ended(plug(), reset()))
    assert "Find Device" not in str(dangerous(done)) + " ".join(map(str, next_steps(done)))


def test_a_dry_run_tells_no_facts_that_were_read_after_it(plug: MakePlugged) -> None:
    record = read(ended(plug(), unlink(), dry_run=True))
    assert record.facts("before") and record.facts("after") is None


# Runs that were cut off.


@pytest.mark.parametrize("way", [pytest.param("unlink", marks=pytest.mark.full), "reset-guided"])
def test_wherever_a_run_is_cut_off_its_report_says_so_and_where(
    plug: MakePlugged, copy: Callable[[Path], Path], way: str
) -> None:
    folder = copy(gone(plug, way))
    for picture in folder.glob("*.jpg"):
        Image.new("RGB", (54, 120)).save(picture)  # the pages are drawn many times
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines):
        for part in (0, len(line) // 2, len(line) - 1):
            whole = b"".join(lines[:number])
            (folder / JOURNAL).write_bytes(whole + line[:part])
            record = read(folder)
            ends = part == len(line) - 1 and number == len(lines) - 1  # only the line break is missing
            assert len(record.events) == number + (part == len(line) - 1)
            if ends:
                continue
            assert record.outcome is None and "cut off" in str(headline(record).text)
            assert str(where_cut(record))
            assert [claim.seen for claim in claims(record)][2] == "unseen"
            if number % 3 or part != len(line) // 2:
                continue  # drawing all of them takes long
            html = written(folder, "report").path.read_text(encoding="utf-8")
            assert "The run was cut off" in html
            assert "was signed out" not in html and "reset has begun" not in html


@pytest.mark.parametrize("moment", ["after:rpc.takeScreenshot", "before:rpc.click", "after:rpc.click"])
def test_a_killed_run_leaves_a_journal_that_makes_a_report(
    plug: MakePlugged,
    terminal: OpenTerminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    moment: str,
) -> None:
    phone = plug()
    person = terminal("unlink", "-s", phone.wire.serial)
    phone.device.at(moment, 1, lambda _: person.child.kill(signal.SIGKILL))
    if "click" in moment:
        person.see("anything else stops: ")
        person.type(phrase("unlink", phone.wire.serial))
    assert person.end()[0] == 128 + signal.SIGKILL
    (folder,) = recorded_runs(tmp_path / "runs")
    assert check(folder).state == "open" and verify(folder) == 3
    html = written(folder, "report").path.read_text(encoding="utf-8")
    assert "The run was cut off" in html and phone.wire.serial not in html
    assert ("at the tap on" in html) is ("click" in moment)
    monkeypatch.setenv("COLUMNS", "200")
    assert runs_command(json=False) == 0 and "cut off, or still running" in capsys.readouterr().out
    elsewhere = Path(shutil.copytree(folder, tmp_path / "a copy"))
    assert verify(elsewhere / "report.html") == 3
    assert "Letter for letter what the journal gives" in capsys.readouterr().out


# The seal.


def test_the_seal_finds_any_changed_byte(plug: MakePlugged, copy: Callable[[Path], Path]) -> None:
    folder = copy(gone(plug, "declined"))
    covered = [folder / JOURNAL, *folder.glob("*.jpg"), *folder.glob("*.xml")]
    assert check(folder).state == "whole" and check(folder).files == len(covered) - 1

    def spoil(path: Path, place: int, flip: int) -> None:
        good = path.read_bytes()
        bad = bytearray(good)
        bad[place] ^= flip
        path.write_bytes(bad)
        try:
            found = check(folder)
            assert found.state in ("changed", "cut"), (path, place, flip)
            if path.name == JOURNAL:
                assert found.line == good[:place].count(b"\n") + 1
            else:
                assert found.file == path.name
        finally:
            path.write_bytes(good)

    for place in (0, *(at for at, byte in enumerate((folder / JOURNAL).read_bytes()) if byte == 10)):
        spoil(folder / JOURNAL, place, 1)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def anywhere(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(covered))
        place = data.draw(st.integers(0, path.stat().st_size - 1))
        spoil(path, place, data.draw(st.integers(1, 255)))

    anywhere()
    assert check(folder).state == "whole"


def _without(number: int) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
        del lines[number]
        (folder / JOURNAL).write_bytes(b"".join(lines))

    return spoil


def _swapped(folder: Path) -> None:
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    lines[3], lines[4] = lines[4], lines[3]
    (folder / JOURNAL).write_bytes(b"".join(lines))


def _picture_gone(folder: Path) -> None:
    next(folder.glob("*.jpg")).unlink()


def _written_anew(folder: Path) -> None:
    """Somebody who knows how chains are made changes an answer and makes them all again."""
    chain, out = "", b""
    for line in (folder / JOURNAL).read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        files = event.pop("files", {})
        del event["chain"]
        text = json.dumps(event, separators=(",", ":"), ensure_ascii=False).replace('"declined"', '"given"')
        new, chain = chained(text, files, chain)
        out += new
    (folder / JOURNAL).write_bytes(out)


def _unchained(folder: Path) -> None:
    lines = [json.loads(line) for line in (folder / JOURNAL).read_text(encoding="utf-8").splitlines()]
    plain = [
        {name: value for name, value in line.items() if name not in ("files", "chain")} for line in lines
    ]
    (folder / JOURNAL).write_text("".join(json.dumps(line) + "\n" for line in plain), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (_without(0), "changed"),
        (_without(4), "changed"),
        (_without(-1), "open"),
        (_swapped, "changed"),
        (_picture_gone, "changed"),
        (_unchained, "unsealed"),
        (_written_anew, "whole"),
    ],
    ids=["first", "middle", "last", "swapped", "picture", "unchained", "anew"],
)
def test_what_verify_says_of_a_spoilt_run(
    plug: MakePlugged,
    copy: Callable[[Path], Path],
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
    state: str,
) -> None:
    folder = gone(plug, "declined")
    written(folder, "report")
    folder = copy(folder)
    seal = check(folder).chain
    spoil(folder)
    found = check(folder)
    assert found.state == state and (found.chain != seal or state == "changed")
    # The page has the seal of what was there when it was made; nobody's new chain is that one.
    assert verify(folder / "report.html") == 3
    assert verify(folder / JOURNAL) == verify(folder) == (0 if state == "whole" else 3)
    said = capsys.readouterr().out
    assert ("does not prove who wrote" in said) is (state == "whole")
    assert ("Seal: " in said) is (state in ("whole", "open"))
    assert said.count("  → ") == (1 if state == "whole" else 3)
    assert ("Do not trust this record" in said) is (state in ("changed", "unsealed"))
    if state in ("changed", "unsealed"):
        with pytest.raises(PreflightError):
            written(folder, "handover")
        assert ("CHANGED" in said) is (state == "changed")


@pytest.mark.parametrize("kind", ["report", "handover"])
def test_a_page_that_was_edited_is_not_what_its_journal_gives(plug: MakePlugged, kind: Any) -> None:
    page = written(gone(plug, "nothing"), kind).path
    assert verify(page) == 0
    page.write_bytes(page.read_bytes().replace(b"Xiaomi 14T", b"Xiaomi 15T"))
    assert verify(page) == 3
    page.write_text("<p>hello</p>", encoding="utf-8")
    assert verify(page) == 3


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("nothing", None, "nothing is not there."),
        (JOURNAL, None, f"{JOURNAL} is not there."),
        ("rom.bin", b"\x00\xff", "is no journal and no report of a run."),
        ("empty", b"", "is no journal and no report of a run."),
        (".", None, "is no folder of a run: no journal.jsonl is in it."),
        (
            "report.html",
            b'<html lang="en"><meta name="mi-automator-page" content="report">',
            "there is no journal.jsonl to compare it with.",
        ),
    ],
)
def test_what_can_not_be_verified_is_told_for_what_it_is(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PreflightError) as told:
        verify(tmp_path / name)
    assert str(told.value.why).endswith(why)


@pytest.mark.parametrize(("opener", "code"), [("exit 0", 0), ("echo no browser >&2; exit 3", 3), (None, 3)])
def test_a_page_that_does_not_open_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    opener: str | None,
    code: int,
) -> None:
    (tmp_path / JOURNAL).touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    if opener is not None:
        (programs / "xdg-open").write_text(f"#!/bin/sh\n{opener}\n", encoding="utf-8")
        (programs / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(sys, "platform", "linux")
    try:
        ended = report_command(run=str(tmp_path), kind="report", unmask=[], show=True)
    except PreflightError as error:
        ended = error.exit_code
    said = capfd.readouterr()
    assert ended == code and said.err == "" and str(tmp_path / "report.html") in said.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
@pytest.mark.parametrize("arguments", ["help", pytest.param("runs", marks=pytest.mark.full)])
def test_an_output_that_is_full_is_no_bug(arguments: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  no file
        done = _into(full, arguments)
    assert done.returncode == 3 and "What I say can't be written." in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's way to close it")
@pytest.mark.parametrize("closed", [">&-", pytest.param("2>&-", marks=pytest.mark.full)])
def test_an_output_that_is_closed_is_no_bug(closed: str) -> None:
    command = ["sh", "-c", f'"{sys.executable}" -m automator runs {closed}']
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [("runs", "--json"), pytest.param(("help",), marks=pytest.mark.full)],
)
def test_a_reader_that_has_enough_is_no_bug_and_no_yes(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    run = tmp_path / "runs" / "20260101-000000-unlink-aaaa"
    run.mkdir(parents=True)
    (run / JOURNAL).touch()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        done = _into(nobody, *arguments)
    assert (done.returncode, done.stderr) == (141, "")


def _into(stdout: IO[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


LONG_ROW = ("20260101-000000-delete-account-aaaa", "2026-01-01 00:00", "delete-account", "小米14", "dry run")
SHORT_ROW = ("20260101-000001", "2026-01-01 00:00", "unlink", "Mi 9", "signed out")


@pytest.mark.parametrize("columns", [None, 200, 60, 20])
def test_the_list_of_runs_breaks_no_name_and_ends_no_line_with_blanks(columns: int | None) -> None:
    lines = lined_up([LONG_ROW, SHORT_ROW], columns)
    assert len(lines) == (4 if columns and columns < 100 else 2)
    assert [line for line in lines if line != line.rstrip()] == []
    assert all(cell in "\n".join(lines) for cell in (*LONG_ROW, *SHORT_ROW))
    first, second = lines[:: len(lines) // 2]
    assert first.index("2026-01-01") == second.index("2026-01-01")
    last = lines[len(lines) // 2 - 1], lines[-1]
    assert cell_len(last[0].split("dry run")[0]) == cell_len(last[1].split("signed out")[0])


def test_a_run_that_ctrl_c_ended_is_told_so() -> None:
    assert [str(in_words(_outcome("stopped", verified=False, code=code))) for code in (130, 6)] == [
        "stopped by Ctrl-C",
        "stopped (exit code 6)",
    ]


def test_a_line_for_which_there_is_no_room_leaves_a_whole_journal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A disk that fills up takes half a line; Ctrl-C comes when a line is written and nobody knows yet."""
    journal = Journal("unlink", lambda _: None)
    write = os.write
    journal.write(AskEvent(time=now(), text="one"))
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:20]))
    with pytest.raises(OSError, match="space"):
        journal.write(AskEvent(time=now(), text="two"))

    def interrupted(file: int, line: bytes) -> int:
        write(file, line)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.write(AskEvent(time=now(), text="three"))
    monkeypatch.setattr(os, "write", write)
    journal.keep("crash.txt", b"bug")
    journal.write(AskEvent(time=now(), text="four"))
    journal.close()
    assert [e.text for e in read(journal.folder).events if isinstance(e, AskEvent)] == [
        "one",
        "three",
        "four",
    ]
    assert (check(journal.folder).state, check(journal.folder).lines, check(journal.folder).files) == (
        "open",
        3,
        1,
    )


def test_a_newer_versions_journal_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    phone = {"serial": "a1b2c3d4", "model": "M", "rom": "R", "over": "usb", "state": "device"}
    lines = [
        {"time": now(), "event": "phone", **phone, "warmth": 31},
        {"time": now(), "event": "song", "text": "la"},
        {"time": 5, "event": "ask"},
    ]
    (tmp_path / JOURNAL).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    record = read(tmp_path)
    assert record.phone and record.phone.model == "M" and record.unread == 2
    html = written(tmp_path, "report").path.read_text(encoding="utf-8")
    assert "2 lines of the journal" in html and "a1b2c3d4" not in html


# The hand-over sheet.


@pytest.mark.parametrize(
    ("way", "seen"),
    [
        ("unlink", ["seen", "unseen", "unseen"]),
        ("reset", ["no", "part", "seen"]),
        ("nothing", ["seen", "unseen", "unseen"]),
        ("declined", ["no", "unseen", "unseen"]),
        ("unknown", ["no", "unseen", "unseen"]),
        ("dry-run", ["no", "unseen", "unseen"]),
    ],
)
def test_the_sheet_claims_what_was_seen_and_no_more(plug: MakePlugged, way: str, seen: list[str]) -> None:
    folder = gone(plug, way)
    assert [claim.seen for claim in claims(read(folder))] == seen
    signed_out = "Xiaomi Account signed out" in str(claims(read(folder))[0].name)
    assert signed_out is (way != "nothing")
    page = written(folder, "handover").path.read_text(encoding="utf-8")
    assert "62•••35" not in page and check(folder).chain in page
    assert all(f'<section lang="{language}"' in page for language in LANGUAGES)


def test_the_sheet_of_a_reset_after_signing_out_has_both(plug: MakePlugged) -> None:
    phone = plug()
    ended(phone, unlink())
    phone.device.show("settings.home")
    folder = ended(phone, reset())
    assert [claim.seen for claim in claims(read(folder))] == ["seen", "unseen", "seen"]


def test_the_owners_word_is_said_to_be_one(plug: MakePlugged) -> None:
    phone = plug()
    folder = ended(phone, reset(), hands="guided")
    begun = reset_begun(read(folder))
    assert begun and begun.how == "told"
    assert claims(read(folder))[2].seen == ("part" if begun.on_word else "seen")


def _record(folder: Path, *told: events.Event) -> Path:
    journal = Journal("reset", lambda _: None)
    for event in told:
        journal.write(event)
    journal.close()
    shutil.rmtree(folder, ignore_errors=True)
    return Path(shutil.move(journal.folder, folder))


def _tap(**what: Any) -> TapEvent:
    given = {
        "screen": "reset.warning_2",
        "element": "reset",
        "label": "OK",
        "gate": "reset.wipe",
        "node": "n",
    }
    return TapEvent(**{"time": now(), "bounds": "[0,0][9,9]", "sent": False, **given, **what})


def _screen(name: str) -> ScreenEvent:
    return ScreenEvent(time=now(), screen=name, why=[], texts=[], hierarchy="001.xml", picture=None)


def _outcome(result: Any, *, verified: bool, code: int = 0) -> OutcomeEvent:
    return OutcomeEvent(
        time=now(), journey="reset", result=result, verified=verified, exit_code=code, journal=""
    )


@pytest.mark.parametrize(
    ("told", "how", "mark"),
    [
        ([_tap(), _tap(sent=True)], ["made"], "seen"),
        ([_tap(hands="guided")], ["told"], "seen"),
        ([_tap(hands="guided"), AskEvent(time=now(), text="restarts?", answer="yes")], ["told"], "part"),
        ([_tap()], ["lost"], "unseen"),
        ([_tap(), _screen("reset.busy")], ["made"], "seen"),
        ([], [], "unseen"),
    ],
    ids=["computer", "owner", "word", "lost", "answer lost, at work", "none"],
)
def test_what_proves_that_a_reset_began(
    tmp_path: Path, told: list[events.Event], how: list[str], mark: str
) -> None:
    record = read(_record(tmp_path / "run", *told, _outcome("reset_started", verified=True)))
    assert [one.how for one in gated_taps(record.events)] == how
    assert claims(record)[2].seen == mark
    lie = read(_record(tmp_path / "run", *told, _outcome("reset_started", verified=False)))
    assert reset_begun(lie) is None and "does not prove" in str(headline(lie).text)
    assert account_seen(lie).state == "unknown" and find_device_off(lie) is None


# What nobody may read, and what nobody may run.


@pytest.mark.parametrize(
    "arguments",
    [
        ("reset",),
        ("unlink", "--hands", "guided"),
        pytest.param(("unlink",), marks=pytest.mark.full),
        pytest.param(("reset", "--dry-run"), marks=pytest.mark.full),
    ],
    ids=" ".join,
)
def test_no_secret_is_on_the_terminal(arguments: tuple[str, ...]) -> None:
    done = _command("rehearse", *arguments, "--json", "--verbose")
    said = done.stdout + done.stderr
    assert done.returncode == 0 and [secret for secret in SECRETS if secret in said] == []


def test_the_serial_is_masked_unless_its_owner_wants_it(
    plug: MakePlugged, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = plug()
    folder, serial = ended(phone, unlink()), phone.wire.serial
    for kind in ("report", "handover"):
        page = written(folder, kind).path
        assert serial not in page.read_text(encoding="utf-8") and f"•••{serial[-4:]}" in page.read_text(
            encoding="utf-8"
        )
    assert report_command(run=str(folder), kind="report", unmask=["serial", "imei"], show=False) == 0
    shown = folder / "report-unmasked.html"
    assert serial in shown.read_text(encoding="utf-8") and verify(shown) == 0
    assert "The IMEI is not in the record" in capsys.readouterr().out


def test_a_phone_that_was_not_found_is_masked_too(tmp_path: Path) -> None:
    done = _command(
        "unlink", "-s", "f00dcafe9a", ANDROID_ADB_SERVER_PORT="1", ADBUTILS_ADB_PATH="/nonexistent"
    )
    (folder,) = recorded_runs(tmp_path / "runs")
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert done.returncode in (3, 6) and "f00dcafe9a" not in html and "No phone was reached" in html
    assert f"<p>{folder.name}</p>" in html


def hostile(folder: Path) -> Path:
    """A run in which all that a phone may say is markup."""
    picture = io.BytesIO()
    Image.new("RGB", (108, 240), "white").save(picture, "JPEG")
    journal = Journal("unlink", lambda _: None)
    journal.keep("001.jpg", picture.getvalue())
    journal.write(
        PhoneEvent(
            time=now(), serial="a1b2c3d4e5", model=f"Mila {HTML}", rom=HTML, over="usb", state="device"
        )
    )
    journal.write(
        ScreenEvent(
            time=now(),
            screen=HTML,
            why=[],
            texts=[f'" onload="{HTML}'],
            hierarchy="001.xml",
            picture="001.jpg",
        )
    )
    journal.write(
        ScreenEvent(
            time=now(), screen=None, why=[], texts=[], hierarchy="../x", picture="../../../etc/passwd"
        )
    )
    journal.write(_tap(label=HTML, gate=None, sent=True))
    journal.write(AskEvent(time=now(), text=HTML, answer=HTML))
    journal.write(ErrorEvent(time=now(), error="X", what=HTML, why="a1b2c3d4e5", fix=HTML, exit_code=3))
    journal.write(_outcome("stopped", verified=False))
    journal.close()
    return Path(shutil.move(journal.folder, folder))


def test_what_a_phone_says_is_shown_and_not_run(tmp_path: Path) -> None:
    folder = hostile(tmp_path / "run")
    for kind in ("report", "handover"):
        html = written(folder, kind).path.read_text(encoding="utf-8")
        assert "<script" not in html and "<img src=x" not in html and "&lt;script&gt;" in html
        assert "a1b2c3d4e5" not in html and "root:" not in html


# In a browser.


def looks_right(look: Viewer, page: Path, images: int, marks: int = 0) -> str:
    """Opens the page in each width and in light and dark; what can be read on it."""
    grounds, text = set(), ""
    for width in WIDTHS:
        for scheme in SCHEMES:
            seen = look.look(page, width, scheme)
            assert (seen.console, seen.violations) == ((), ()), (page, width, scheme)
            assert (seen.wide, seen.broken, seen.images, seen.scripts, seen.ran, seen.loaded) == (
                False,
                0,
                images,
                0,
                False,
                0,
            )
            assert seen.marks >= marks
            grounds.add(seen.ground)
            text = seen.text
    assert len(grounds) == len(SCHEMES)
    return text


SOON = ("reset-guided",)


@pytest.mark.parametrize(
    "way", [way if way in SOON else pytest.param(way, marks=pytest.mark.full) for way in WAYS]
)
def test_in_a_browser(plug: MakePlugged, way: str) -> None:
    with viewer() as look:
        folder = gone(plug, way)
        record = read(folder)
        pictures = sum(isinstance(e, ScreenEvent) and bool(e.picture) for e in record.events)
        taps = any(isinstance(e, TapEvent) for e in record.events)
        report = written(folder, "report").path
        assert WAYS[way].says in looks_right(look, report, pictures, int(taps))
        assert look.printed(report) >= 1
        sheet = written(folder, "handover").path
        looks_right(look, sheet, 0)
        assert look.printed(sheet) == 1


def test_markup_in_a_browser(tmp_path: Path) -> None:
    folder = hostile(tmp_path / "run")
    with viewer() as look:
        for page, images in ((written(folder, "report").path, 1), (written(folder, "handover").path, 0)):
            seen = look.look(page, WIDTHS[0], "dark", axe=False)
            assert (seen.ran, seen.console, seen.images, seen.loaded, seen.wide) == (
                False,
                (),
                images,
                0,
                False,
            )
            assert "<script>window.ran=true</script>" in seen.text


def test_the_pages_speak_both_languages(plug: MakePlugged) -> None:
    folder = gone(plug, "nothing")
    use_language("ru")
    try:
        page = written(folder, "report").path
        assert '<html lang="ru">' in page.read_text(encoding="utf-8") and str(T("yes")) == "да"
    finally:
        use_language("en")
    assert verify(page) == 0
    assert str(Text("{a}", {"a": T("yes")})) == "yes"
