"""The phone's own labels by string resource, and how a label is compared. Pure.

The labels come from `selectors/words/` in this version; a reader of the phone's own tables fills the same `Words`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

_FORMAT_ARGUMENT = re.compile(r"%(?:\d+\$)?[sd]")
# Left-to-right and right-to-left marks, embeddings and isolates, zero-width space and joiners, soft hyphen, BOM.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufeff]")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ARGUMENT = "\ue000"  # a private character that stands for a format argument while a label is normalised


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The text as it is compared: NFKC, case folded, spaces single, no invisible marks, no closing punctuation."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(text.split()).rstrip(" .:!?…。")


@dataclass(frozen=True)
class Label:
    """One label to look for; its format arguments (`%d`, `%1$s`) match anything."""

    text: str
    pattern: re.Pattern[str] | None = None

    @classmethod
    def of(cls, text: str) -> Label:
        marked = normalise(_FORMAT_ARGUMENT.sub(_ARGUMENT, _MARKUP.sub("", text)))
        if _ARGUMENT not in marked:
            return cls(marked)
        return cls(marked, re.compile(".*".join(map(re.escape, marked.split(_ARGUMENT))), re.DOTALL))

    def matches(self, text: str) -> bool:
        """Whether this label is what a node shows."""
        shown = normalise(text)
        return self.pattern.fullmatch(shown) is not None if self.pattern else shown == self.text


@dataclass(frozen=True)
class Words:
    """Labels by (package, resource name). More than one where releases word it differently."""

    locale: str
    labels: Mapping[tuple[str, str], tuple[Label, ...]]

    def of(self, package: str, name: str) -> tuple[Label, ...]:
        """The labels of `package:string/name`; none when nobody knows them."""
        return self.labels.get((package, name), ())

    def explains(self, package: str, text: str) -> bool:
        """Whether any label of the package is this text."""
        exact, patterns = self._by_package.get(package, (frozenset(), ()))
        return normalise(text) in exact or any(label.matches(text) for label in patterns)

    @cached_property
    def _by_package(self) -> dict[str, tuple[frozenset[str], tuple[Label, ...]]]:
        gathered: dict[str, list[Label]] = {}
        for (package, _), labels in self.labels.items():
            gathered.setdefault(package, []).extend(labels)
        return {
            package: (
                frozenset(label.text for label in labels if label.pattern is None),
                tuple(label for label in labels if label.pattern is not None),
            )
            for package, labels in gathered.items()
        }


def fallback(
    locale: str, tables: Mapping[str, Mapping[str, Mapping[str, Iterable[str]]]], default: str = "en"
) -> Words:
    """The words for a phone in `locale` (`ru-RU`), from tables of language, package, resource name.

    A name that its language lacks is taken from `default`, as Android does.
    """
    language = re.split(r"[-_]", locale)[0]
    labels: dict[tuple[str, str], tuple[Label, ...]] = {}
    for table in (tables[default], tables.get(language, {})):
        for package, names in table.items():
            for name, texts in names.items():
                labels[package, name] = tuple(map(Label.of, texts))
    return Words(locale, labels)
