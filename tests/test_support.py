"""The letter to support: what gets into it and what never does, the mail as other programs read it, and the command."""

from __future__ import annotations

import email
import email.policy
import io
import json
import os
import select
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import jsonschema
import pexpect
import pyte
import pytest
from PIL import Image

import automator
from automator.errors import PreflightError
from automator.practice.lab import Lab
from automator.support import (
    FIELDS,
    KINDS,
    LANGUAGES,
    Attachment,
    Case,
    Unusable,
    as_mail,
    contacts_for,
    field_named,
    letter_language,
    missing,
    page_url,
    read_attachment,
    read_back,
    save,
    secret_in,
    total_warning,
    written_letter,
)
from automator.text import T, Text, use_language
from automator.ways import ways
from tests.conftest import MakePlugged, Terminal, outcome_of

OpenTerminal = Callable[..., Terminal]
SCHEMA = Path(automator.__file__).parent / "events.schema.json"
IMEI = "868014031187422"
PRIVATE = (IMEI, "SN12345678", "Mila Novak", "mila@example.com", "MEDIA-77", "1234567890", "swordfish")


def run(*arguments: str, lab: Lab | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command without a terminal; without a lab, adb's port is one that nobody answers on."""
    port = {"ANDROID_ADB_SERVER_PORT": str(lab.port if lab else 9)}
    if arguments[0] != "rehearse":
        port["ADBUTILS_ADB_PATH"] = "/nonexistent"
    done = subprocess.run(
        [sys.executable, "-m", "automator", *arguments],
        env={**os.environ, **port, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    drawn = io.BytesIO()
    image = Image.new("RGB", size, "teal")
    image.save(drawn, kind, **({"save_all": True, "append_images": [image]} if kind == "MPO" else {}))
    return drawn.getvalue()


PDF = b"%PDF-1.4\r\n\r\n\x00\xff\n.\n%%EOF\n"


# What never gets in.

PASSWORDS = (
    *(
        "password: hunter2",
        "Password = x",
        "my password is swordfish",
        "the PIN 2580",
        "pin: 2580",
        "pass: swordfish",
    ),
    *(
        'the password "swordfish"',
        "password – hunter2",
        "2580 is my PIN",
        "hunter2 was the password",
        "p\u200bassword: a1",
    ),
    *(
        "пароль: рыба",
        "пароль qwerty123",
        "Мой пароль — 12345",
        "пароль это рыба",
        "ПАРОЛЬ «рыба»",
        "пин-код 2580",
    ),
    *(
        "contraseña: pescado",
        "mi contraseña es pescado",
        "la clave es 12345",
        "密码：老虎",
        "密码abc123",
        "我的密码是老虎",
    ),
    *("password - Sunshine", "password → Sunshine", "password -> x", "пароль - солнышко", "пароль qwerty"),
    *("the password I use: correct horse", "password for my account: fish", "пароль от аккаунта: рыба"),
    *("password (Mi account): fish", "la contraseña de mi cuenta: pescado", "my password is innocent"),
    *("login mila@example.com / Sunshine1", "mila@example.com | Sunshine1", "pw: hunter2", "pasword: abc123"),
    *("screen lock 2580", "my screen lock is 2580", "mot de passe: soleil", "hasło: kot123"),
    *("ｐａｓｓｗｏｒｄ：ｘ", "password\n:\nhunter2", "I typed the password of it, hunter22, twice"),
)
CODES = (
    *(
        "code: 123456",
        "code 1234",
        "the code they sent was 482 113",
        "123456 is your code",
        "G-123456 code",
        "OTP 99120",
    ),
    *("код 123456", "код из СМС был 4821", "Код: 48-21-13", "123456 — код", "СМС 123456", "SMS: 4821"),
    *(
        "código 123456",
        "mi código es 9912",
        "验证码123456",
        "验证码：1234",
        "123456是验证码",
        "１２３４５６ is the code",
    ),
    *("I got 482193 by SMS", "482193 came by SMS", "the SMS said 482193", "482193 пришёл по СМС"),
    *("I got 482193 by text message", "the SMS was 2041"),
    *("unlock code from the SMS: 123456", "код разблокировки из СМС 123456"),
)
HARMLESS = (
    *(
        "I forgot the password",
        "The password is wrong, the phone says",
        "password: forgotten",
        "the password was not accepted",
    ),
    *(
        "I entered the password 3 times",
        "reset the password on 12.03.2026 by mail",
        "In 2026 the password was changed",
    ),
    *(
        "password reset in MIUI14",
        "I changed the password on 2026-01-05",
        "the code never came, not in 2026 either",
    ),
    *(
        "error code 20038",
        "the unlock code is 12345678",
        "postal code 10115",
        "no code came by SMS",
        "called on 2026-11-03",
    ),
    *(
        "я забыл пароль и сбросил его 2026-01-05",
        "пароль неверный",
        "пароль был не принят",
        "код ошибки 20038",
    ),
    *(
        "код разблокировки 12345678",
        "код по СМС не приходит",
        "olvidé la contraseña",
        "la contraseña es incorrecta",
    ),
    *("código de error 20038", "código de desbloqueo 12345678", "忘记密码", "密码是错误的", "没有收到验证码"),
    *(
        "My password is in my notebook",
        "Пароль записан в блокноте",
        "password-protected",
        "password – forgotten",
    ),
    *("пароль - забыл", "the password was correct but the phone stayed locked", "пароль Xiaomi не подходит"),
    *("I entered the password on the phone: it stayed locked", "I set a new password to be safe"),
    *("In 2026 no SMS came", "error 20038 came by SMS", "no SMS came to 44770090", "the screen lock is off"),
    *("wrote to service.es@support.mi.com / mishu@xiaomi.com", "mila@example.com / no answer"),
    *("Signed in on Xiaomi's page, the phone stayed locked", "Redmi Note 12 Pro", "Compass shop, passage 12"),
)


@pytest.mark.parametrize("said", PASSWORDS)
def test_passwords_are_seen(said: str) -> None:
    assert secret_in(said) == "password"


@pytest.mark.parametrize("said", CODES)
def test_codes_are_seen(said: str) -> None:
    assert secret_in(said) == "code"


@pytest.mark.parametrize("said", HARMLESS)
def test_what_is_said_about_passwords_and_codes_is_let_through(said: str) -> None:
    assert secret_in(said, free=True) is None


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("123456", "code"),
        ("482 113", "code"),
        ("hunter22", "password"),
        ("MIUI14.0.2", None),
        ("12.03.2026", None),
    ],
)
def test_a_lone_number_or_mixed_word_is_one_in_a_free_field_alone(said: str, secret: str | None) -> None:
    assert secret_in(said, free=True) == secret
    assert secret_in(said) is None


def test_a_long_text_is_looked_through_at_once() -> None:
    assert secret_in("password " * 4000 + "code " * 4000 + "a " * 4000) is None


WORDED = [
    field.name for field in FIELDS if field.name not in ("region", "country", "bought", "exists", "codename")
]


@pytest.mark.parametrize("name", WORDED)
@pytest.mark.parametrize("secret", ["password: swordfish9", "код из СМС: 482113"])
def test_no_field_takes_a_secret_and_no_refusal_repeats_it(name: str, secret: str) -> None:
    with pytest.raises(Unusable) as refused:
        field_named(name).check(secret)
    assert refused.value.exit_code == 2
    assert "swordfish9" not in str(refused.value) and "482113" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "said", "stands"),
    [
        ("imei", " 86-801403-118742-2 ", IMEI),
        ("imei", "868014031187423", None),
        ("imei", "8680140311874", None),
        ("imei", "8680140311874221", None),
        ("imei", "٨٦٨٠١٤٠٣١١٨٧٤٢٢", None),
        ("unlock", "Unlock code: AB12-9", "AB12-9"),
        ("unlock", "解锁码：12345678", "12345678"),
        ("unlock", "12345678", "12345678"),
        ("unlock", "two words", None),
        ("order", "123456", "123456"),
        ("order", "№ 77/12-A", "№ 77/12-A"),
        ("bought", "14.03.2025", "2025-03-14"),
        ("bought", "2025-03-14", "2025-03-14"),
        ("bought", "31.02.2025", None),
        ("bought", "2009-01-01", None),
        ("bought", "2025-W10-1", None),
        ("bought", "20250314", None),
        ("bought", f"{date.today().year + 1}-01-01", None),
        ("country", "de", "DE"),
        ("country", "UK", "GB"),
        ("country", "EU", None),
        ("country", "Germany", None),
        ("account", "6230481535", "62•••35"),
        ("account", "62•••35", "62•••35"),
        ("account", "+44 7700 900147", "+4•••47"),
        ("account", "mila@example.com", "m•••@e•••"),
        ("account", "swordfish", None),
        ("exists", "Да", "yes"),
        ("exists", "perhaps", None),
        ("number", "12345/A1XX12345", "12345/A1XX12345"),
        ("number", "not one", None),
        ("contact", "+44 7700 900147", "+44 7700 900147"),
        ("contact", "mila@example.com", "mila@example.com"),
        ("contact", "<script>", None),
        ("tried", "on\nJan 5\r\nBcc: x", "on Jan 5 Bcc: x"),
        ("tried", "word " * 500, None),
    ],
)
def test_what_may_stand_in_a_field(name: str, said: str, stands: str | None) -> None:
    if stands is None:
        with pytest.raises(Unusable):
            field_named(name).check(said)
    else:
        assert field_named(name).check(said) == stands


# Whom to write to.


@pytest.mark.parametrize(
    ("country", "mails", "page", "language"),
    [
        ("DE", ["service.de@support.mi.com", "service.eu@xiaomi.com", "mishu@xiaomi.com"], "/de/", "en"),
        ("GB", ["service.uk@support.mi.com", "mishu@xiaomi.com"], "/uk/", "en"),
        ("US", ["service.us@support.mi.com", "service.us@xiaomi.com", "mishu@xiaomi.com"], "/us/", "en"),
        ("ES", ["service.es@support.mi.com", "service.eu@xiaomi.com", "mishu@xiaomi.com"], "/es/", "es"),
        ("PL", ["service.eu@xiaomi.com", "mishu@xiaomi.com"], "/pl/", "en"),
        ("RU", ["mishu@xiaomi.com"], "/ru/", "ru"),
        ("KZ", ["mishu@xiaomi.com"], "/kz/", "ru"),
        ("CN", ["mishu@xiaomi.com"], "/cn/", "zh"),
        ("TW", ["mishu@xiaomi.com"], "/tw/", "en"),
        ("UA", ["mishu@xiaomi.com"], "/ua/", "en"),
        ("MX", ["mishu@xiaomi.com"], "/mx/", "es"),
        ("", ["mishu@xiaomi.com"], "/global/", "en"),
    ],
)
def test_addresses_page_and_language_of_a_country(
    country: str, mails: list[str], page: str, language: str
) -> None:
    contacts = contacts_for(country)
    assert [one.mail for one in contacts] == mails
    assert [one.older for one in contacts] == [one.mail.endswith("@xiaomi.com") for one in contacts]
    assert page in page_url("support.page", country)
    assert letter_language(country) == language


# The letter and the mail.

FULL = Case(
    model="Redmi Note 12 «проба»",
    codename="tapas",
    system="HyperOS 2 (OS2.0.1.0.VMTMIXM)",
    region="ES",
    number="SN12345678",
    imei=IMEI,
    imei2="356938035643809",
    unlock="AB12-9",
    country="ES",
    bought="2025-03-14",
    shop="Магазин & Söhne",
    order="MEDIA-77",
    account="62•••35",
    exists="no",
    tried="Signed in on the page <b>, it stayed locked. {{ 7 * 7 }}",
    name="Мила Новак",
    contact="mila@example.com",
)
NAMES = ("чек № 1 — " + "длинное имя " * 6 + ".jpg", 'a"b;c\\d.pdf', "发票.png")
ATTACHED = (
    Attachment("receipt", NAMES[0], "image/jpeg", picture()),
    Attachment("", NAMES[1], "application/pdf", PDF),
    Attachment("box", NAMES[2], "image/png", picture("PNG")),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_opens_strictly_with_all_that_was_put_in(language: str, tmp_path: Path) -> None:
    letter = written_letter(FULL, ATTACHED, language)
    raw = as_mail(letter, "service.es@support.mi.com", ATTACHED)
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) < 999
    assert raw.count(b"\n") == raw.count(b"\r\n")
    mail = email.message_from_bytes(raw, policy=email.policy.strict)
    assert isinstance(mail, EmailMessage)
    assert (mail["X-Unsent"], mail["To"], mail["Cc"]) == ("1", "service.es@support.mi.com", None)
    assert mail["Subject"] == letter.subject and FULL.model in letter.subject and "\n" not in letter.subject
    body = mail.get_body(("plain",))
    assert body is not None and body.get_content().replace("\r\n", "\n") == letter.body
    for part, attached in zip(mail.iter_attachments(), ATTACHED, strict=True):
        assert isinstance(part, EmailMessage)
        assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
            attached.name,
            attached.type,
            attached.content,
        )
    for value in (
        FULL.number,
        IMEI,
        FULL.imei2,
        FULL.unlock,
        FULL.shop,
        FULL.order,
        FULL.account,
        FULL.tried,
        *NAMES,
    ):
        assert value in letter.body
    assert letter.body.replace(FULL.tried, "").count("[") == 1  # the photo of the lock screen is missing
    assert (FULL.name in letter.body) and (FULL.contact in letter.body) and FULL.codename in letter.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_a_place_to_fill_in(language: str) -> None:
    letter = written_letter(Case(), (), language)
    places = [line for line in letter.body.splitlines() if "[" in line]
    assert len(places) == len(missing(Case())) + len(KINDS)
    assert written_letter(Case(), (), language, practice=True).subject != letter.subject


def test_a_letter_that_changed_on_the_disk_is_noticed(tmp_path: Path) -> None:
    letter = written_letter(FULL, ATTACHED, "en")
    raw = as_mail(letter, "x@mi.com", ATTACHED)
    first = save(tmp_path, "letter", {".eml": raw})[".eml"]
    second = save(tmp_path, "letter", {".eml": raw.replace(b"IMEI 2", b"IMEI 3")})[".eml"]
    assert (first.name, second.name) == ("letter.eml", "letter-2.eml")
    read_back(first, letter, "x@mi.com", ATTACHED)
    with pytest.raises(PreflightError):
        read_back(second, letter, "x@mi.com", ATTACHED)
    with pytest.raises(PreflightError):
        read_back(first, letter, "x@mi.com", ATTACHED[1:])


@pytest.mark.skipif(shutil.which("mutt") is None, reason="needs mutt")
def test_mutt_opens_it_as_a_draft_and_sends_the_files_as_they_are(tmp_path: Path) -> None:
    letter = written_letter(FULL, ATTACHED, "ru")
    draft = save(tmp_path, "letter", {".eml": as_mail(letter, "service.es@support.mi.com", ATTACHED)})[".eml"]
    sent = tmp_path / "sent.eml"
    outbox = tmp_path / "outbox"
    outbox.write_text(f"#!/bin/sh\ncat > {sent}\n")
    outbox.chmod(0o700)
    settings = tmp_path / "muttrc"
    settings.write_text(
        f'set editor=true abort_unmodified=no charset=utf-8 from="owner@example.com" record="" folder={tmp_path}\n'
        f"set sendmail={outbox} sendmail_wait=0\n"
    )
    child = pexpect.spawn(
        "mutt",
        ["-n", "-F", str(settings), "-H", str(draft)],
        env={**os.environ, "HOME": str(tmp_path), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        dimensions=(40, 160),
        encoding="utf-8",
        timeout=20,
    )
    screen = pyte.Screen(160, 40)
    stream = pyte.Stream(screen)

    def see(words: str) -> str:
        while words not in (shown := "\n".join(line.rstrip() for line in screen.display)):
            stream.feed(child.read_nonblocking(4096, 20))
        return shown

    see("To: service.es@support.mi.com")
    child.send("\r")
    see("Subject: ")
    child.send("\r")
    shown = see("Attachments")
    assert f"Subject: {letter.subject}" in shown and "image/jpeg" in shown and "发票.png" in shown
    child.send("y")
    child.expect(pexpect.EOF)
    child.close()
    mail = email.message_from_bytes(sent.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == letter.subject
    assert [part.get_content() for part in mail.iter_attachments()] == [one.content for one in ATTACHED]


# Files.


def _file(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


@pytest.mark.parametrize(
    ("name", "content", "type_", "called"),
    [
        ("a.jpg", picture(), "image/jpeg", "a.jpg"),
        ("b.JPEG", picture(), "image/jpeg", "b.JPEG"),
        ("two.jpg", picture("MPO"), "image/jpeg", "two.jpg"),
        ("half.jpg", picture("MPO")[:-300], "image/jpeg", "half.jpg"),
        ("c.png", picture("PNG"), "image/png", "c.png"),
        ("d.webp", picture("WEBP"), "image/webp", "d.webp"),
        ("e.pdf", PDF, "application/pdf", "e.pdf"),
        ("f.txt", picture(), "image/jpeg", "f.txt.jpg"),
        ("g", PDF, "application/pdf", "g.pdf"),
    ],
)
def test_a_file_is_what_is_in_it(tmp_path: Path, name: str, content: bytes, type_: str, called: str) -> None:
    path = _file(tmp_path, name, content)
    assert read_attachment(path) == Attachment("", called, type_, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "neither a photo nor a PDF"),
        (b"MZ\x90\x00 a program", "neither a photo nor a PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "neither a photo nor a PDF"),
        (picture(size=(900, 900))[:-900], "broken"),
        (picture("PNG", (300, 300))[:-60], "broken"),
        (PDF[:-9], "broken"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (picture() + b"\x00" * 8 * 1024 * 1024, "too large"),
    ],
)
def test_files_that_do_not_go_with_a_letter(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(Unusable) as refused:
        read_attachment(_file(tmp_path, "photo.jpg", content))
    assert says in str(refused.value) and "photo.jpg" in str(refused.value)


def test_neither_folders_nor_devices_nor_what_is_not_there_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    here = (tmp_path, tmp_path / "pipe", Path("/dev/zero"), tmp_path / "none.jpg")
    for said in (
        *map(str, here),
        "a\x00b",
        "~nosuchuser/x.jpg",
        "a" * 5000,
        "file://[x",
        "receipt=file://[x",
    ):
        with pytest.raises(Unusable) as refused:
            read_attachment(said)
        assert len(str(refused.value)) < 400


def test_paths_as_terminals_write_them_and_what_the_file_shows(tmp_path: Path) -> None:
    path = _file(tmp_path, "my photo (1).jpg", picture())
    escaped = path.replace(" ", r"\ ").replace("(", r"\(").replace(")", r"\)")
    for said in (path, f"'{path}'", f'"{path}" ', escaped, Path(path).as_uri()):
        assert read_attachment(said).name == "my photo (1).jpg"
    assert [read_attachment(f"{kind}={path}").kind for kind in KINDS] == list(KINDS)


def test_the_size_of_all_files_is_warned_of() -> None:
    large = Attachment("", "a.pdf", "application/pdf", b"x" * 7 * 1024 * 1024)
    assert total_warning((large, large)) is None
    assert "21 MB" in str(total_warning((large, large, large)))


# The command.

GIVEN = (
    *("--country", "ES", "--imei", IMEI, "--bought", "14.03.2025", "--shop", "Tienda", "--order", "MEDIA-77"),
    *(
        "--unlock-code",
        "AB12-9",
        "--account",
        "1234567890",
        "--account-exists",
        "yes",
        "--name",
        "Mila Novak",
    ),
    *("--tried", "Signed in on the page, it stayed locked", "--contact", "mila@example.com"),
)


WINDOWS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
"""Without any of these no browser can open."""


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_without_a_terminal_it_writes_what_it_is_given_and_lists_the_rest(
    tmp_path: Path, plug: MakePlugged, lab: Lab
) -> None:
    phone = plug("hyperos2", serialno="SN12345678")
    receipt = _file(tmp_path, "receipt.png", picture("PNG"))
    done = run(
        *(
            "support",
            *GIVEN[:10],
            *GIVEN[12:],
            "--attach",
            f"receipt={receipt}",
            "-o",
            str(tmp_path / "letters"),
        ),
        *("--json", "--serial", phone.wire.serial),
        lab=lab,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for line in lines:
        jsonschema.validate(line, schema)
    outcome = outcome_of(done.stdout)
    assert (outcome.journey, outcome.result, outcome.verified) == ("support", "letter_written", True)
    (letter,) = [line for line in lines if line["event"] == "letter"]
    assert (letter["to"], letter["language"], letter["country"]) == ("service.es@support.mi.com", "es", "ES")
    assert (letter["missing"], letter["attached"]) == (["unlock"], ["receipt"])
    assert "Still to be filled in" in done.stderr and "Not attached yet" in done.stderr
    assert "Nothing was opened" in done.stderr and "Xiaomi's own, " in done.stderr
    mail = email.message_from_bytes(Path(letter["mail"]).read_bytes(), policy=email.policy.strict)
    assert isinstance(mail, EmailMessage)
    (attached,) = mail.iter_attachments()
    assert attached.get_content() == Path(receipt).read_bytes()
    text = Path(letter["text"]).read_text(encoding="utf-8")
    for known in ("SN12345678", IMEI, "Xiaomi 14T", "degas", "OS2.0.204.0.VNEMIXM", "Reino Unido", "12•••90"):
        assert known in text
    assert "1234567890" not in text and "[rellenar: " in text
    assert {_mode(Path(letter[name])) for name in ("mail", "text")} == {0o600}
    assert _mode(tmp_path / "letters") == 0o700
    folder = Path(outcome.journal).parent
    kept = done.stdout + "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert [secret for secret in PRIVATE if secret in kept] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tried", "my password is swordfish"),
        ("--order", "code: 482113"),
        pytest.param(("--tried", "код из СМС 482113"), marks=pytest.mark.full),
        pytest.param(("--name", "482113"), marks=pytest.mark.full),
        pytest.param(("--imei", "482113482113482"), marks=pytest.mark.full),
        pytest.param(("--attach", "/nonexistent/482113.jpg"), marks=pytest.mark.full),
    ],
)
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(
    arguments: tuple[str, str], tmp_path: Path
) -> None:
    done = run("support", *arguments, "--json", "-o", str(tmp_path / "letters"))
    assert done.returncode == 2 and outcome_of(done.stdout).result == "stopped"
    assert arguments[0] == "--attach" or f"{arguments[0]}: " in done.stderr
    assert not (tmp_path / "letters").exists()
    if arguments[0] != "--attach":
        kept = done.stdout + done.stderr
        kept += "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "runs").glob("*/*"))
        assert "swordfish" not in kept and "482113" not in kept


def test_nothing_is_taken_from_a_phone_that_nobody_named(tmp_path: Path, plug: MakePlugged, lab: Lab) -> None:
    phone = plug("hyperos2", serialno="SN12345678")
    done = run("support", "--json", lab=lab, ANDROID_SERIAL=phone.wire.serial)
    assert done.returncode == 0 and "Name it with --serial" in done.stderr
    assert not {"phone", "facts"} & {json.loads(line)["event"] for line in done.stdout.splitlines()}
    (letter,) = (tmp_path / "runs").glob("*/support-letter.txt")
    assert not [
        known for known in ("SN12345678", "degas", "14T") if known in letter.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize(
    ("answer", "codename"), [("n", False), pytest.param("y", True, marks=pytest.mark.full)]
)
def test_a_person_says_whether_the_letter_is_about_the_phone(
    answer: str, codename: bool, tmp_path: Path, plug: MakePlugged, terminal: OpenTerminal
) -> None:
    phone = plug("hyperos2", serialno="SN12345678")
    person = terminal("support", *GIVEN, ANDROID_SERIAL=phone.wire.serial)
    person.see("Is the letter about this phone, Xiaomi 14T? [y/N]")
    person.type(answer)
    person.see("second IMEI" if codename else "the phone's model")
    person.child.sendintr()
    assert person.end()[0] == 130
    (journal,) = (tmp_path / "runs").glob("*/journal.jsonl")
    events = [json.loads(line)["event"] for line in journal.read_text(encoding="utf-8").splitlines()]
    assert ("phone" in events, "facts" in events) == (codename, codename)


@pytest.mark.full
def test_a_phone_of_another_maker_stops_no_letter(
    tmp_path: Path, plug: MakePlugged, terminal: OpenTerminal
) -> None:
    phone = plug("hyperos2", properties={"ro.product.brand": "google", "ro.product.manufacturer": "Google"})
    person = terminal("support", *GIVEN, ANDROID_SERIAL=phone.wire.serial)
    person.see("(Xiaomi 14T) is none of Xiaomi's")
    person.see("the phone's model")


def test_a_person_is_asked_and_nothing_opens_without_a_yes(tmp_path: Path, terminal: OpenTerminal) -> None:
    told = tmp_path / "opened"
    os.mkfifo(told)
    opened = os.open(told, os.O_RDWR)  # what the opener is told can be waited for
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" > {told}\n')
    opener.chmod(0o700)
    search = f"{opener.parent}{os.pathsep}{os.environ['PATH']}"
    person = terminal("support", *GIVEN[:-4], PATH=search, **dict.fromkeys(WINDOWS, ""))
    for question, answer in (
        ("the phone's model", "Redmi Note 12"),
        ("its system", ""),
        ("serial number", "SN12345678"),
        ("second IMEI", ""),
        ("what you tried", "my password is swordfish"),
        ("what you tried", "the code is 482113"),
        ("what you tried", "I signed in on the page"),
        ("where you are reached", ""),
        ("receipt or order: ", "/nonexistent"),
        ("receipt or order: ", ""),
        ("the phone: ", _file(tmp_path, "my box.jpg", picture())),
        ("lock screen: ", ""),
    ):
        person.see(question)
        person.type(answer)
    person.see("The letter, in Spanish")
    person.see("Open the letter in your mail program? [y/N]")
    assert not select.select([opened], [], [], 0)[0]
    person.type("y")
    assert select.select([opened], [], [], 20)[0]
    path = os.read(opened, 4096).decode().strip()
    person.see("Open Xiaomi's form for a locked phone? [y/N]")
    person.type("y")
    person.see("Xiaomi's page: https://i.mi.com/find/device/activationlock?_locale=en_US#/complain")
    person.see("I could not open a browser here.")
    code, rest = person.end()
    assert code == 0 and "✓ The letter is written" in rest
    assert not select.select([opened], [], [], 0)[0]
    os.close(opened)
    (letter,) = (tmp_path / "runs").glob("*/support-letter.eml")
    assert path == str(letter)
    mail = email.message_from_bytes(letter.read_bytes(), policy=email.policy.strict)
    assert isinstance(mail, EmailMessage)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["my box.jpg"]
    for file in letter.parent.iterdir():
        content = file.read_text(encoding="utf-8")
        assert "swordfish" not in content and "482113" not in content
        assert file.stem == letter.stem or "SN12345678" not in content


@pytest.mark.parametrize(("language", "spoken"), [("en", "en"), ("ru", "ru")])
def test_rehearsing_needs_no_terminal(language: str, spoken: str) -> None:
    done = run("rehearse", "support", "--json", "--lang", language, "--phone-lang", spoken)
    assert done.returncode == 0, done.stderr
    outcome = outcome_of(done.stdout)
    assert (outcome.journey, outcome.result, outcome.verified) == ("support", "letter_written", True)
    assert (
        _in(language, T("In a rehearsal nothing is opened, and the letter is addressed to nobody."))
        in done.stderr
    )
    assert IMEI not in done.stdout and IMEI in done.stderr
    assert ("the article that this project grew from" in done.stderr) == (language == "en")
    text = (Path(outcome.journal).parent / "support-letter.txt").read_text(encoding="utf-8")
    assert text.startswith({"en": "PRACTICE", "ru": "РЕПЕТИЦИЯ"}[spoken]) and "[" not in text
    mail = (Path(outcome.journal).parent / "support-letter.eml").read_bytes()
    assert b"\nTo:" not in mail and mail.count(b"Content-Disposition: attachment") == 3


def _in(language: str, text: Text) -> str:
    use_language(language)
    try:
        return str(text)
    finally:
        use_language("en")


def test_all_that_it_tells_stands_in_the_data_file() -> None:
    done = run("support")
    assert done.returncode == 0
    mine = {name: fact for name, fact in ways().facts.items() if name.startswith("support.")}
    optional = {"support.imei"}
    assert [name for name, fact in mine.items() if fact.says not in done.stdout] == sorted(optional)
