"""Whom to write to from a country, and which pages are for it. Pure; all of it stands in `selectors/ways.yaml`."""

from __future__ import annotations

from babel.languages import get_official_languages

from automator.ways import Address, link, ways

_SURE = ("high", "medium", "low")
_PATHS = {"GB": "uk"}
"""Countries that mi.com calls otherwise than by their two letters."""
_PAGE_LOCALES = {"CN": "zh_CN", "TW": "zh_TW", "HK": "zh_TW", "ID": "in_ID"}
"""Xiaomi's page of the lock had these and en_US when it was last seen."""
_LETTERS = ("en", "ru", "zh", "es")


def contacts_for(country: str) -> list[Address]:
    """Whom to write to, best first: the country's own before those for anybody, Xiaomi's newer before its older."""
    fitting = [one for one in ways().addresses.values() if not one.countries or country in one.countries]
    return sorted(
        fitting,
        key=lambda one: (one.older, not one.countries, _SURE.index(one.sure), -one.date.toordinal()),
    )


def page_url(name: str, country: str) -> str:
    """The page of this name for the country (empty: for all), in a language that it was seen to have."""
    path = _PATHS.get(country, country.lower()) or "global"
    return link(name, _PAGE_LOCALES.get(country, "en_US")).replace("{country}", path)


def letter_language(country: str) -> str:
    """What Xiaomi's people in the country are likely to read: one of ours that is official there, else English."""
    official = (
        get_official_languages(country) or get_official_languages(country, de_facto=True) if country else ()
    )
    # The Chinese letter is in simplified characters.
    spoken = [language.split("_")[0] for language in official if not language.endswith("_Hant")]
    return next((language for language in _LETTERS if language in spoken), "en")
