"""Sentences for the owner, in the owner's language. Knows no phone and no terminal.

The English sentence is the key (gettext's habit); the catalogues are in `locales/`. A `Text` is put
together where the fact is known and turned into words only when it is shown.
"""

from __future__ import annotations

import gettext
import locale
import os
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ru")
_LOCALES = Path(__file__).parent / "locales"
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
