"""What is known outside the phone: Xiaomi's pages, its addresses, and facts told to the owner, each dated, with its source.

All of it stands in `selectors/ways.yaml`. Pages of Xiaomi's move and rules change: what is told goes by the date.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from automator.atlas.load import read, selectors_folder
from automator.text import T, Text

Sure = Literal["high", "medium", "low"]
"""`high`: Xiaomi's or Google's own page or shipped software; `medium`: several sources; `low`: one, or weak ones."""


class _Known(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    date: date
    """Of the source; for one without a date, when it was read."""
    sure: Sure
    guess: str = ""
    """What of it no source says."""


class Link(_Known):
    """A page of Xiaomi's. `{locale}` in it is filled with a language and country, `en_US` for one."""

    url: str


class Address(_Known):
    """Where support of a country is written to. `countries` are ISO 3166 codes; none means anywhere."""

    mail: str
    countries: tuple[str, ...] = ()
    older: bool = False
    """Whether Xiaomi has newer ones of its kind."""


class Fact(_Known):
    """A sentence told to the owner, in English; the catalogues have it in other languages."""

    says: str


class Ways(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    links: dict[str, Link]
    addresses: dict[str, Address]
    facts: dict[str, Fact]


@cache
def ways() -> Ways:
    """What `selectors/ways.yaml` says. Raises AtlasError when the file is wrong."""
    known: Ways = read(selectors_folder() / "ways.yaml", Ways)
    return known


def fact(name: str) -> Text:
    """The sentence of this name. Raises KeyError."""
    return Text(ways().facts[name].says)


def link(name: str, locale: str = "en_US") -> str:
    """The page's address, in this language where it has several. Raises KeyError."""
    return ways().links[name].url.replace("{locale}", locale)


def is_link(url: str) -> bool:
    """Whether it is one of the pages, in any language, word for word."""
    return any(
        re.fullmatch(re.escape(known.url).replace(re.escape("{locale}"), "[a-z]{2,3}_[A-Z]{2}"), url)
        for known in ways().links.values()
    )


def how_sure(known: _Known) -> Text:
    """How far it can be relied on, and of when it is."""
    return {
        "high": T("Xiaomi's own, {date}", date=known.date),
        "medium": T("several sources, {date}", date=known.date),
        "low": T("one source, {date}", date=known.date),
    }[known.sure]
