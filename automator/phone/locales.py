"""Which of an app's languages Android shows on a phone. Pure: knows locales, neither tables nor phones.

The rules are Android's: `ResTable_config::match` and `isLocaleBetterThan` (AOSP frameworks/base,
libs/androidfw/ResourceTypes.cpp), `localeDataCompareRegions` (LocaleData.cpp) and `LocaleList.computeFirstMatchIndex`
(core/java/android/os/LocaleList.java). Scripts and parents come from CLDR through Babel; AOSP builds its table from
CLDR too (tools/localedata/extract_icu_data.py), from the release of its day. Compared with Android 10's own library on
900,000 random triples of a request and two locales: given its data, none is judged otherwise.

Deviations: Babel's CLDR is newer than the phone's (against Android 10: the script of sd-IN, the parents of en-CA and
ar-AE, a few rarer ones); iw/he, in/id and ji/yi are one language here, while Android finds only what is stored under
the old code; the choice string by string of apps that declare a default locale (LocaleConfig, API 35) is not made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_MODERN = {"iw": "he", "in": "id", "ji": "yi", "tl": "fil"}
_ASKED_AS = {"he": "iw", "id": "in", "yi": "ji"}  # Locale.adjustLanguageCode, before the table is asked
_PSEUDO = {("en", "XA"): "~~~A", ("ar", "XB"): "~~~B"}  # match themselves and nothing else
# AOSP's own: Arabic with European digits descends from ar-015, since a table can't say `ar-u-nu-latn` (LocaleDataTables.cpp).
_ARABIC_WITH_LATIN_DIGITS = {"AE", "DZ", "EH", "LY", "MA", "TN"}
# AOSP's own: the locales that stand for en-001 and es-419 (extract_icu_data.py).
_STAND_INS = {"en_Latn_GB", "es_Latn_MX", "es_Latn_US"}


@dataclass(frozen=True, slots=True)
class Locale:
    """One locale by its subtags, "" for what is not given: `sr`, `Latn`, `RS`. The default locale has none."""

    language: str = ""
    script: str = ""
    region: str = ""
    variant: str = ""
    numbering: str = ""

    @classmethod
    def of(cls, tag: str) -> Locale:
        """The locale of a BCP-47 tag (`zh-Hant-TW`, also `zh_TW_#Hant`); what is no subtag is passed over."""
        language, *rest = re.split(r"[-_]", tag.replace("#", ""))
        if not re.fullmatch(r"[A-Za-z]{2,3}", language) or language.lower() == "und":
            return cls()
        script = region = variant = ""
        extensions: list[str] = []
        for at, part in enumerate(rest):
            if len(part) == 1:
                extensions = rest[at:]
                break
            if re.fullmatch(r"[A-Za-z]{4}", part):
                script = script or part.title()
            elif re.fullmatch(r"[A-Za-z]{2}|[0-9]{3}", part):
                region = region or part.upper()
            elif re.fullmatch(r"[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}", part):
                variant = variant or part.lower()
        return cls(language.lower(), script, region, variant, _numbering(extensions))

    @property
    def same_language(self) -> str:
        """The language by its present code: `he` for `iw`."""
        return _MODERN.get(self.language, self.language)

    @property
    def pseudo(self) -> bool:
        return (self.language, self.region) in _PSEUDO


def _numbering(extensions: Sequence[str]) -> str:
    """The numbering system in `u-…-nu-latn`; read as ResTable_config::setBcp47Locale does, key and value in turn."""
    if extensions[:1] != ["u"]:
        return ""
    first = next((at for at, part in enumerate(extensions) if len(part) == 2), len(extensions))
    for key, value in zip(extensions[first::2], extensions[first + 1 :: 2], strict=False):
        if key == "nu" or len(key) != 2:
            return value if key == "nu" and 3 <= len(value) <= 8 else ""
    return ""


@lru_cache(maxsize=1)
def _cldr() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """CLDR's likely subtags (`az_IR` to `az_Arab_IR`) and the parents that are not the tag cut short."""
    from babel.core import get_global  # 20 ms that only a reader of tables shall pay

    return get_global("likely_subtags"), get_global("parent_exceptions")


def script_of(locale: Locale) -> str:
    """The script that is given, or the likely one; "" when nobody knows."""
    if locale.script:
        return locale.script
    if pseudo := _PSEUDO.get((locale.language, locale.region)):
        return pseudo
    likely, _ = _cldr()
    language = locale.same_language
    full = likely.get(f"{language}_{locale.region}") or likely.get(language) or ""
    return full.split("_")[1] if full.count("_") == 2 else ""


@lru_cache(maxsize=1024)
def _ancestors(language: str, script: str, region: str) -> tuple[str, ...]:
    """The regions from the given one up to the language alone (""): AT, 150, 001, "" for English."""
    _, parents = _cldr()
    chain = [region]
    while region := chain[-1]:
        parent = parents.get(f"{language}_{script}_{region}") or ""
        if not parent and script_of(Locale(language, "", region)) == script:
            parent = parents.get(f"{language}_{region}") or ""
        if language == "ar" and script == "Arab" and region in _ARABIC_WITH_LATIN_DIGITS:
            parent = "ar_015"
        up, *parts = parent.split("_")
        chain.append(parts[-1] if up == language and parts else "")
    return tuple(chain)


def _distance(language: str, script: str, region: str, request: Sequence[str]) -> int:
    """Steps between two regions in the tree of parents."""
    up = _ancestors(language, script, region)
    return next(steps + request.index(ancestor) for steps, ancestor in enumerate(up) if ancestor in request)


def _representative(language: str, script: str, region: str) -> bool:
    likely, _ = _cldr()
    full = f"{language}_{script}_{region}"
    return full in _STAND_INS or full in (likely.get(language), likely.get(f"{language}_{script}"))


@lru_cache(maxsize=4096)
def _regions_compared(region: str, other: str, request: Locale) -> int:
    """Below zero when `region` is the better one for the request, above zero when `other` is."""
    if region == other:
        return 0
    language, script = request.same_language, script_of(request)
    if language == "es":  # es-US and es-MX stand for es-419 where it is not the one they are compared with
        special = {"US", "MX"}
        if region in special and other not in special | {"419"}:
            region = "419"
        elif other in special and region not in special | {"419"}:
            other = "419"
    wanted = _ancestors(language, script, request.region)

    def merit(place: str) -> tuple[bool, int, bool, int, str]:
        return (
            place not in wanted,
            _distance(language, script, place, wanted),
            not _representative(language, script, place),
            len(place),  # letters before digits, then as their packed bytes compare: digits from the last one
            place if len(place) < 3 else place[::-1],
        )

    mine, theirs = merit(region), merit(other)
    return (mine > theirs) - (mine < theirs)


def _close_to_us_english(region: str) -> bool:
    return "001" not in _ancestors("en", "Latn", region)


def matches(supported: Locale, request: Locale) -> bool:
    """Whether Android may show what is written in `supported` on a phone in `request`. The default always fits."""
    if not supported.language and not supported.region:
        return True
    if supported.same_language != request.same_language:
        return False
    offered, wanted = script_of(supported), script_of(request)
    if not offered or not wanted:
        return supported.region in ("", request.region)
    return offered == wanted


def better(supported: Locale, other: Locale, request: Locale) -> bool:
    """Whether `supported` is preferred to `other`; both match the request."""
    if not request.language or supported == other:
        return False
    if supported.same_language != other.same_language:
        return _beats_default(supported, other, request)
    compared = _regions_compared(supported.region, other.region, request)
    if compared:
        return compared < 0
    for mine, theirs, wanted in (
        (supported.variant, other.variant, request.variant),
        (supported.numbering, other.numbering, request.numbering),
        (supported.language, other.language, _ASKED_AS.get(request.language, request.language)),
    ):
        if (mine == wanted) != (theirs == wanted):
            return mine == wanted
    return False


def _beats_default(supported: Locale, other: Locale, request: Locale) -> bool:
    """One of the two is the default. It is where apps keep their US English, so that goes before British English."""
    named = supported if supported.language else other
    wins = True
    if request.language == "en" and request.region == "US":
        wins = named.region in ("", "US")
    elif request.language == "en" and _close_to_us_english(request.region):
        wins = _close_to_us_english(named.region)
    return wins == bool(supported.language)


def choose(locales: Sequence[Locale], supported: Collection[Locale]) -> Locale:
    """The one of the phone's languages that an app is shown in: the first it supports, else the first.

    English always counts as supported. None of the phone's languages known: the default locale.
    """
    offers = [Locale("en", "Latn"), *(offer for offer in supported if offer.language)]
    for wanted in locales:
        if any(_speaks(offer, wanted) for offer in offers):
            return wanted
    return locales[0] if locales else Locale()


def _speaks(supported: Locale, wanted: Locale) -> bool:
    if supported.pseudo or wanted.pseudo:
        return supported == wanted
    if supported.same_language != wanted.same_language:
        return False
    script = script_of(supported)
    return script == script_of(wanted) if script else supported.region in ("", wanted.region)
