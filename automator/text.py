"""Sentences for the owner, in the owner's language. Knows no phone and no terminal.

The English sentence is the key (gettext's habit); the catalogues are in `locales/`. A `Text` is put
together where the fact is known and turned into words only when it is shown.
"""

from __future__ import annotations

import gettext
import locale
import os
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ru")
_LOCALES = Path(__file__).parent / "locales"
_BREAK = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_COMMAND = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb]")
_TURN = "\u202a-\u202e\u2066-\u2069"
_TURNS = re.compile(f"[{_TURN}]")
_UNSEEN_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_TURN}]")
_language: ContextVar[str] = ContextVar("language", default="en")


@dataclass(frozen=True)
class Text:
    """A sentence not yet said: its English form and the values for its fields.

    `str()` gives it in the language set by `use_language`.
    """

    english: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.english:
            return ""
        sentence = _catalogue(_language.get()).gettext(self.english)
        return sentence.format(**self.values) if self.values else sentence


def T(english: str, /, **values: Any) -> Text:  # noqa: N802 - reads as a mark on a sentence, like gettext's _
    """A sentence to be said later, its `{fields}` filled from `values`."""
    return Text(english, values)


def use_language(language: str) -> None:
    """Says everything from now on in `language`, one of LANGUAGES."""
    _language.set(language)


def plain(text: str) -> str:
    """The text as one line that commands no terminal: what a phone says is not ours.

    Line breaks become spaces; other control characters, escape sequences among them, show as `�`; what turns the
    direction of writing round is left out. Right-to-left letters need none of it and stay as they are.
    """
    return _TURNS.sub("", _COMMAND.sub("\ufffd", _BREAK.sub(" ", text)))


def json_line(json: str) -> str:
    """The JSON with all that a terminal obeys, or that some readers take for the end of a line, as `\\u…`: the same value.

    JSON itself wants that of the characters below the space alone.
    """
    return _UNSEEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def current_language() -> str:
    return _language.get()


def system_language() -> str:
    """The language of this computer as far as we speak it, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return _spoken(value)
    return _spoken(locale.getlocale()[0] or "")


def _spoken(name: str) -> str:
    # Windows says "Russian_Russia", everybody else "ru_RU.UTF-8".
    return next((language for language in LANGUAGES if name.lower().startswith(language)), "en")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("mi-automator", _LOCALES, languages=[language], fallback=True)
