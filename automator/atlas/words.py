"""The phone's own labels by string resource, and how a label is compared. Pure.

The labels are the phone's, read from its apps' tables; where those could not be read, the short ones of
`selectors/words/`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

Labels = Mapping[tuple[str, str], tuple["Label", ...]]
"""By package and resource name. More than one where releases word it differently."""

# What java.util.Formatter takes: `%d`, `%1$s`, `%02d`, `%,.1f`, `%%`.
# (The space among its flags is left out: more labels say "100% sure" than "% d".)
_FORMAT = re.compile(r"%(?:\d{1,3}\$)?[-#+0,(<]{0,8}\d{0,4}(?:\.\d{1,4})?([a-zA-Z%])")
# Left-to-right and right-to-left marks, embeddings and isolates, zero-width space and joiners, soft hyphen, BOM.
_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufeff]")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_QUOTES = str.maketrans("‘’‚‛ʼ“”„‟«»", "'''''" + '"' * 6)
# All capitals lose the accents of Greek and the difference between the two i of Turkish.
_TURKISH_I = str.maketrans({"ı": "i", "\u0307": None})
_GREEK_ACCENT = re.compile("(?<=[\u0370-\u03ff])\u0301")
# Private characters that stand for format arguments while a label is normalised.
_NUMBER, _ANYTHING = "\ue000", "\ue001"
_ARGUMENTS = {_NUMBER: r"[-+\d][\d.,\s]*", _ANYTHING: ".*"}
_ARGUMENT_RUN = re.compile(f"[{_NUMBER}{_ANYTHING}]{{2,}}")
_FIRST, _ARGUMENT = f"[^{_NUMBER}{_ANYTHING}]*", f"[{_NUMBER}{_ANYTHING}]"
# With k arguments, matching n letters takes up to n ** k steps.
_MANY_ARGUMENTS = re.compile(f"^({_FIRST}{_ARGUMENT}{_FIRST}){_ARGUMENT}.*{_ARGUMENT}", re.S)
_CLOSING = " .:!?…。"
MOST_LABEL = 2_000
"""Letters of a label that is looked for, and of a text that may be one: the longest warnings have some hundred."""
_NO_LABELS: Mapping[tuple[str, str], tuple[Label, ...]] = {}


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """The text as it is compared.

    NFKC (full-width brackets and non-breaking spaces become plain ones), case folded, quotes and spaces alike, no
    invisible marks, no closing punctuation.
    """
    if text.isascii():  # nothing but case and spaces to make alike
        return " ".join(text.casefold().split()).rstrip(_CLOSING)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    text = text.translate(_TURKISH_I).translate(_QUOTES)
    text = unicodedata.normalize("NFC", _GREEK_ACCENT.sub("", unicodedata.normalize("NFD", text)))
    return " ".join(text.split()).rstrip(_CLOSING)


@dataclass(frozen=True)
class Label:
    """One label to look for; its format arguments (`%d`, `%1$s`) match any number, or anything."""

    text: str
    pattern: re.Pattern[str] | None = None
    shown: str = field(default="", compare=False)
    """As the phone words it, before it was made comparable."""

    @classmethod
    def of(cls, text: str) -> Label:
        """The label that a resource's text is, markup and entities undone."""
        plain = _MARKUP.sub("", html.unescape(text))
        # Arguments side by side are as good as one, and cost no time to match.
        marked = _ARGUMENT_RUN.sub(_one_of, normalise(_FORMAT.sub(_argument, plain)))
        marked = _MANY_ARGUMENTS.sub(rf"\1{_ANYTHING}", marked)
        if _NUMBER not in marked and _ANYTHING not in marked:
            return cls(marked, shown=plain)
        parts = re.split(f"([{_NUMBER}{_ANYTHING}])", marked)
        pattern = re.compile("".join(_ARGUMENTS.get(part) or re.escape(part) for part in parts), re.S)
        return cls(marked, pattern, plain)

    @property
    def says_something(self) -> bool:
        """Whether anything but arguments and punctuation is in it: else it would match everything.

        Newer builds of Settings hold the word `null` where a text used to be (string tables of HyperOS).
        """
        return any(map(str.isalnum, self.text)) and self.text != "null"

    def matches(self, text: str) -> bool:
        """Whether this label is what a node shows."""
        if len(text) > MOST_LABEL:
            return False
        shown = normalise(text)
        return self.pattern.fullmatch(shown) is not None if self.pattern else shown == self.text


def _argument(found: re.Match[str]) -> str:
    kind = found[1]
    return "%" if kind == "%" else "\n" if kind == "n" else _NUMBER if kind in "dfoxX" else _ANYTHING


def _one_of(run: re.Match[str]) -> str:
    return _ANYTHING if _ANYTHING in run[0] else _NUMBER


@dataclass(frozen=True)
class Words:
    """The labels that a phone shows."""

    locale: str
    labels: Labels
    also_dangerous: Labels = field(default_factory=lambda: _NO_LABELS)
    """More labels, for finding what is dangerous: there, one too many does no harm."""

    def of(self, package: str, name: str) -> tuple[Label, ...]:
        """The labels of `package:string/name`; none when nobody knows them."""
        return self.labels.get((package, name), ())

    @cached_property
    def cautious(self) -> Words:
        """With the labels that only count where danger is judged."""
        both = {
            key: tuple(dict.fromkeys((*self.labels.get(key, ()), *self.also_dangerous.get(key, ()))))
            for key in (*self.labels, *self.also_dangerous)
        }
        return Words(self.locale, both)

    def explains(self, package: str, text: str) -> bool:
        """Whether any label of the package is this text; one that leaves room for more than a number explains nothing."""
        if len(text) > MOST_LABEL:
            return False
        exact, patterns = self._by_package.get(package, (frozenset(), ()))
        return normalise(text) in exact or any(label.matches(text) for label in patterns)

    @cached_property
    def _by_package(self) -> dict[str, tuple[frozenset[str], tuple[Label, ...]]]:
        gathered: dict[str, list[Label]] = {}
        for (package, _), labels in self.labels.items():
            gathered.setdefault(package, []).extend(one for one in labels if _ANYTHING not in one.text)
        return {
            package: (
                frozenset(label.text for label in labels if label.pattern is None),
                tuple(label for label in labels if label.pattern is not None),
            )
            for package, labels in gathered.items()
        }


Table = Mapping[str, Mapping[str, Iterable[str]]]
"""Labels by package and resource name, as `selectors/words/` has them."""


def every_language(tables: Mapping[str, Table]) -> Words:
    """The labels of `selectors/words/` in all their languages, for a hierarchy whose language nobody told."""
    labels: dict[tuple[str, str], tuple[Label, ...]] = {}
    for language in tables:
        for key, found in _short(language, tables, language).items():
            labels[key] = tuple(dict.fromkeys((*labels.get(key, ()), *found)))
    return Words("", labels)


def of_phone(
    locale: str,
    read: Mapping[str, Mapping[str, str] | None],
    tables: Mapping[str, Table],
    default: str = "en",
) -> Words:
    """The words that a phone's own tables gave, by package and resource name.

    A package that could not be read (None) is served by `selectors/words/`, as far as they know its language.
    """
    short = _short(locale, tables, default)
    labels: dict[tuple[str, str], tuple[Label, ...]] = {
        key: found for key, found in short.items() if read.get(key[0]) is None
    }
    for package, texts in read.items():
        for name, text in (texts or {}).items():
            if len(text) > MOST_LABEL:
                continue
            label = Label.of(text)
            if label.says_something:
                labels[package, name] = (label,)
    return Words(locale, labels, also_dangerous=short)


def _short(locale: str, tables: Mapping[str, Table], default: str) -> Labels:
    labels: dict[tuple[str, str], tuple[Label, ...]] = {}
    for table in (tables.get(default, {}), tables.get(_spoken(locale), {})):
        for package, names in table.items():
            for name, texts in names.items():
                labels[package, name] = tuple(map(Label.of, texts))
    return labels


def _spoken(locale: str) -> str:
    """The language of `selectors/words/` for a locale: `ru`, or `zh-CN` for Chinese in simplified letters."""
    language, *rest = re.split(r"[-_]", locale)
    if language != "zh":
        return language
    traditional = {"hant", "tw", "hk", "mo"} & {part.casefold() for part in rest}
    return "zh-TW" if traditional else "zh-CN"
