"""The letter: its words in four languages, the mail that programs open as a draft, and the files. Sends nothing.

`X-Unsent: 1` is what makes Outlook and others open a saved mail as a draft; programs that do not know it show it as a mail.
"""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from email.errors import MessageError
from email.message import EmailMessage
from functools import cache
from importlib.resources import files
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from automator.errors import PreflightError
from automator.support.attachments import Attachment
from automator.support.case import Case
from automator.text import T, Text

LANGUAGES = {"en": T("English"), "ru": T("Russian"), "zh": T("Chinese"), "es": T("Spanish")}
"""What a letter can be written in."""
_LOCALES = {"zh": "zh_Hans"}


@dataclass(frozen=True)
class Letter:
    """What it says."""

    subject: str
    body: str

    @property
    def text(self) -> str:
        """Both, as plain text."""
        return f"{self.subject}\n\n{self.body}"


def written_letter(
    case: Case, attachments: Sequence[Attachment], language: str, *, practice: bool = False
) -> Letter:
    """The letter in this language. What is not known is a place to fill in, in brackets."""
    locale = Locale.parse(_LOCALES.get(language, language))
    said = (
        _templates()
        .get_template(f"{language}.txt.j2")
        .render(
            asdict(case)
            | {
                "country": locale.territories.get(case.country, ""),
                "region": locale.territories.get(case.region, ""),
                "bought": format_date(date.fromisoformat(case.bought), "long", locale) if case.bought else "",
                "attachments": attachments,
                "kinds": {attachment.kind for attachment in attachments},
                "practice": practice,
            }
        )
    )
    subject, _, body = said.partition("\n")
    return Letter(subject.strip(), body.strip() + "\n")


def as_mail(letter: Letter, to: str, attachments: Sequence[Attachment]) -> bytes:
    """The mail as RFC 5322 has it, a draft to `to` (nobody when empty)."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["X-Unsent"] = "1"
    if to:
        mail["To"] = to
    mail["Subject"] = letter.subject
    mail.set_content(letter.body, cte="quoted-printable")
    for attachment in attachments:
        main, _, sub = attachment.type.partition("/")
        mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return mail.as_bytes()


def save(folder: Path, stem: str, contents: dict[str, bytes]) -> dict[str, Path]:
    """Writes files, by suffix, under a name that none has yet; their owner's alone to read. Raises PreflightError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1
        while True:
            name = stem if number == 1 else f"{stem}-{number}"
            paths = {suffix: folder / f"{name}{suffix}" for suffix in contents}
            if not any(os.path.lexists(path) for path in paths.values()):
                break
            number += 1
        for suffix, path in paths.items():
            binary: int = getattr(os, "O_BINARY", 0)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(contents[suffix])
    except OSError as error:
        raise PreflightError(
            T("The letter can't be written."),
            T("{folder}: {why}.", folder=folder, why=error.strerror or type(error).__name__),
            T("Make room, or name another folder with --output."),
        ) from error
    return paths


def read_back(path: Path, letter: Letter, to: str, attachments: Sequence[Attachment]) -> None:
    """Returns when the saved mail says what it should, attachments byte for byte. Raises PreflightError."""
    try:
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.strict)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        found = [
            (part.get_filename(), part.get_content_type(), part.get_content())
            for part in mail.iter_attachments()
        ]
        whole = (
            (mail["X-Unsent"], mail["To"] or "", mail["Subject"]) == ("1", to, letter.subject)
            and body is not None
            and body.get_content().replace("\r\n", "\n") == letter.body
            and found == [(one.name, one.type, one.content) for one in attachments]
        )
    except (OSError, MessageError, ValueError, LookupError) as error:
        raise _unlike(path, T("{why}.", why=type(error).__name__)) from error
    if not whole:
        raise _unlike(path, T("It says something else than I wrote."))


def _unlike(path: Path, why: Text) -> PreflightError:
    return PreflightError(
        T("The saved letter can't be relied on: {path}", path=path),
        why,
        T("Check the disk, delete the file, and run the command again."),
    )


@cache
def _templates() -> Environment:
    folder = str(files("automator") / "support" / "templates")
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
