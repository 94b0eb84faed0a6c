"""Which language Android shows: cases from its documentation and from its own tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from automator.phone.locales import Locale, better, choose, matches, script_of


def locale(tag: str) -> Locale:
    return Locale.of(tag) if tag else Locale()


def resolved(phone: str, held: str) -> str | None:
    """The one of the locales held ("-" is the default) that a phone in one language is shown, whatever their order."""
    shown = set()
    tags = ["" if tag == "-" else tag for tag in held.split()]
    for order in (tags, tags[::-1]):
        best: str | None = None
        for tag in order:
            if not matches(locale(tag), locale(phone)):
                continue
            if best is None or better(locale(tag), locale(best), locale(phone)):
                best = tag
        shown.add(best)
    assert len(shown) == 1, shown
    return shown.pop()


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("ru", Locale("ru")),
        ("ru-RU", Locale("ru", "", "RU")),
        ("zh-Hant-TW", Locale("zh", "Hant", "TW")),
        ("zh_TW_#Hant", Locale("zh", "Hant", "TW")),
        ("es-419", Locale("es", "", "419")),
        ("de-1901", Locale("de", "", "", "1901")),
        ("de-Latn-DE-1901", Locale("de", "Latn", "DE", "1901")),
        ("EN-us", Locale("en", "", "US")),
        ("fil-PH", Locale("fil", "", "PH")),
        ("en-US-POSIX", Locale("en", "", "US", "posix")),
        ("ar-EG-u-nu-latn", Locale("ar", "", "EG", numbering="latn")),
        ("ar-EG-u", Locale("ar", "", "EG")),
        ("ar-EG-u-nu", Locale("ar", "", "EG")),
        ("ar-EG-u-attr-nu-latn", Locale("ar", "", "EG", numbering="latn")),
        ("ar-EG-u-ca-gregory-nu-latn", Locale("ar", "", "EG", numbering="latn")),
        ("ar-EG-u-nu-latn-ca-gregory", Locale("ar", "", "EG", numbering="latn")),
        ("ar-EG-u-nu-toolongnumsys", Locale("ar", "", "EG")),
        ("ar-EG-u-nu-latn-nu-arab", Locale("ar", "", "EG", numbering="latn")),
        ("ar-EG-u-co-nu-latn", Locale("ar", "", "EG")),
        ("ar-u-co-abcd-attr-nu-latn", Locale("ar")),
        ("en-US-u-fw-mon-mu-celsius", Locale("en", "", "US")),
        ("en-US-x-private-nu-latn", Locale("en", "", "US")),
        ("en-abcdefghi-US", Locale("en", "", "US")),
        ("", Locale()),
        ("und", Locale()),
        ("x-klingon", Locale()),
        ("-", Locale()),
        ("русский", Locale()),
    ],
)
def test_a_tag_is_taken_apart(tag: str, parts: Locale) -> None:
    assert Locale.of(tag) == parts


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        ("", ""),
        ("zh-TW", "Hant"),
        ("zh-HK", "Hant"),
        ("zh-CN", "Hans"),
        ("zh", "Hans"),
        ("az", "Latn"),
        ("az-AZ", "Latn"),
        ("az-IR", "Arab"),
        ("az-Cyrl", "Cyrl"),
        ("peo", "Xpeo"),
        ("qaa", ""),
        ("xx", ""),
        ("en-XA", "~~~A"),
        ("ar-XB", "~~~B"),
        ("en-XC", "Latn"),
        ("sr", "Cyrl"),
        ("sr-ME", "Latn"),
        ("iw", "Hebr"),
        ("ji", "Hebr"),
        ("pa-PK", "Arab"),
    ],
)
def test_a_script_that_is_not_given_is_the_likely_one(tag: str, script: str) -> None:
    assert script_of(locale(tag)) == script


# AOSP, libs/androidfw/tests/ConfigLocale_test.cpp, `match`.
@pytest.mark.parametrize(
    ("supported", "phone", "fits"),
    [
        ("", "fr-CA", True),
        ("en-CA", "fr-CA", False),
        ("tl-PH", "fil-PH", True),
        ("qaa-FR", "qaa-CA", False),
        ("qaa-Latn-FR", "qaa-CA", False),
        ("qaa-FR", "qaa-Latn-CA", False),
        ("qaa", "qaa-CA", True),
        ("qaa-CA", "qaa-CA", True),
        ("az", "az-Latn", True),
        ("az", "az-Cyrl", False),
        ("az", "az-IR", False),
        ("az-IR", "az-Arab", True),
        ("en", "en-XA", False),
        ("en-XA", "en", False),
        ("en-XA", "en-XA", True),
        ("ar", "ar-XB", False),
        ("ar-XB", "ar", False),
        ("ar-XB", "ar-XB", True),
        ("ar-EG-u-nu-latn", "ar-TN", True),
        ("fr-FR", "fr-CA", True),
        # Ours: one language under two codes.
        ("iw", "he-IL", True),
        ("he", "iw-IL", True),
        ("in", "id-ID", True),
        ("ji", "yi", True),
        ("xx", "xx-AA", True),
        ("xx-BB", "xx-AA", False),
        ("zh-CN", "zh-TW", False),
        ("zh-HK", "zh-TW", True),
        ("sr", "sr-Latn-RS", False),
        ("sr-Latn", "sr-RS", False),
    ],
)
def test_what_is_written_in_a_locale_fits_a_phone(supported: str, phone: str, fits: bool) -> None:
    assert matches(locale(supported), locale(phone)) == fits


# AOSP, libs/androidfw/tests/ConfigLocale_test.cpp, `isLocaleBetterThan_*`: phone, the better one, the other.
ANDROID_PREFERS = """
fr-CA fr-FR -
de-DE de-DE de-DE-1901
de-DE-1901 de-DE-1901 de-DE
fil-PH tl-PH fil-US
fil-PH-fonipa tl-PH-fonipa fil-PH
fil-PH fil-PH tl-PH
es-AR es-AR es-419
es-AR es-419 es
es-AR es-419 es-ES
es-AR es es-ES
es-AR es-PE es-ES
es-AR es-US es
es-MX es-US es
es-AR es-MX es
es-US es-MX es
es-AR es-419 es-MX
es-US es-419 es-MX
es-MX es-419 es-US
es-AR es-MX es-BO
es-AR es-US es-BO
es-IC es-ES es-GQ
es-AR es-MX es-US
es-GQ es-IC es-419
en-GB en-001 en
en-PR en en-001
en-DE en-150 en-001
en-IN en-AU en-US
en-PR en-001 en-GB
en-IN en-GB en-AU
en-IN en-AU en-CA
pt-MZ pt-PT pt
pt-MZ pt-PT pt-BR
zh-Hant-MO zh-Hant-HK zh-Hant-TW
zh-Hant-US zh-Hant-TW zh-Hant-HK
ar-DZ ar-015 ar
ar-EG ar ar-015
ar-QA ar-EG ar-BH
ar-QA ar-SA ar-015
ar-EG-u-nu-latn ar-u-nu-latn ar
ar-EG-u-nu-latn ar ar-TN-u-nu-latn
en-US - en-001
en-US - en-GB
en-PR - en-001
en-US en -
en-PR en -
en-US - en-PR
"""


@pytest.mark.parametrize("case", ANDROID_PREFERS.strip().splitlines())
def test_a_locale_is_preferred_as_in_android_s_own_tests(case: str) -> None:
    phone, *tags = case.split()
    wins, loses = (locale(tag.removeprefix("-") if tag == "-" else tag) for tag in tags)

    assert better(wins, loses, locale(phone))
    assert not better(loses, wins, locale(phone))


@pytest.mark.parametrize(
    ("phone", "one", "other"),
    [("", "fr-FR", "fr-CA"), ("fr-CA", "", ""), ("de-DE", "de-DE-1901", "de-DE-1996"), ("de-DE-1901", "de-DE-1996", "de-DE")],
)  # fmt: skip
def test_neither_is_preferred_where_android_prefers_neither(phone: str, one: str, other: str) -> None:
    assert not better(locale(one), locale(other), locale(phone))
    assert not better(locale(other), locale(one), locale(phone))


@pytest.mark.parametrize(
    ("phone", "held", "shown"),
    [
        ("es-MX", "- es-419 es es-ES", "es-419"),
        ("es-MX", "- es es-ES", "es"),
        ("es-MX", "- es-US es", "es-US"),
        ("es-MX", "- es-ES", "es-ES"),
        ("es-ES", "- es es-419", "es"),
        ("es-ES", "- es-US", "es-US"),
        ("en-GB", "- en-GB en-001", "en-GB"),
        ("en-GB", "- en-001 en", "en-001"),
        ("en-GB", "- en-IN", "en-IN"),
        ("en-NZ", "- en-AU en-GB", "en-GB"),
        ("en-US", "- en-GB en-XC", ""),
        ("en-XC", "- en-XC en-GB", "en-XC"),
        ("en-XA", "- en en-GB", ""),
        ("ru-UA", "- ru", "ru"),
        ("uk-UA", "- ru", ""),
        ("zh-TW", "- zh-CN zh-HK", "zh-HK"),
        ("zh-TW", "- zh-CN zh-Hant", "zh-Hant"),
        ("zh-TW", "- zh-CN", ""),
        ("zh-MO", "- zh-CN zh-HK zh-TW", "zh-HK"),
        ("zh-Hans-CN", "- zh-CN zh-TW", "zh-CN"),
        ("zh-Hans-SG", "- zh-CN zh-TW", "zh-CN"),
        ("pt-AO", "- pt pt-PT pt-BR", "pt-PT"),
        ("pt-BR", "- pt-PT", "pt-PT"),
        ("pt-BR", "- pt pt-PT", "pt"),
        ("sr-Latn-RS", "- sr sr-Latn", "sr-Latn"),
        ("sr-RS", "- sr sr-Latn", "sr"),
        ("sr-Latn-RS", "- sr", ""),
        ("he-IL", "- iw", "iw"),
        ("he-IL", "- he iw", "iw"),
        ("iw-IL", "- he", "he"),
        ("id-ID", "- in", "in"),
        ("id-ID", "- in-ID id", "in-ID"),
        ("fil-PH", "- tl", "tl"),
        ("az-AZ", "- az-Arab az", "az"),
        ("az-IR", "- az-Arab az", "az-Arab"),
        ("xx-AA", "- xx-BB", ""),
        ("xx-AA", "- xx-BB xx", "xx"),
        ("nb-NO", "- no nn", ""),
        ("fr-CH", "- fr-FR fr-CA", "fr-FR"),
        ("fr-CH", "- de it fr-CA", "fr-CA"),
    ],
)
def test_a_phone_is_shown_the_best_of_what_there_is(phone: str, held: str, shown: str) -> None:
    assert resolved(phone, held) == shown


@pytest.mark.parametrize(
    ("phone", "app", "chosen"),
    [
        ("fr-FR", "", "fr-FR"),
        ("fr-FR ru-RU", "ru", "ru-RU"),
        ("fr-FR ru-RU", "", "fr-FR"),
        ("fr-FR ru-RU", "de", "fr-FR"),
        ("fr-FR en-GB ru-RU", "ru", "en-GB"),
        ("fr-FR ru-RU en-GB", "ru", "ru-RU"),
        ("zh-TW zh-CN", "zh-CN", "zh-CN"),
        ("sr-Latn-RS ru-RU", "sr ru", "ru-RU"),
        ("de-CH fr-CH", "fr de", "de-CH"),
        ("fil-PH ru-RU", "tl ru", "fil-PH"),
        ("he-IL ru-RU", "iw ru", "he-IL"),
        ("en-XA ru-RU", "ru", "ru-RU"),
        ("xx-AA ru-RU", "xx ru", "xx-AA"),
        ("xx-AA ru-RU", "xx-BB ru", "ru-RU"),
        ("en-Shaw ru-RU", "ru", "ru-RU"),
        ("", "ru", ""),
    ],
)
def test_an_app_gets_the_first_language_that_it_supports(phone: str, app: str, chosen: str) -> None:
    tags = [locale(tag) for tag in phone.split()]

    assert choose(tags, {locale(tag) for tag in app.split()}) == locale(chosen)


def test_cldr_is_loaded_only_when_a_locale_is_judged() -> None:
    code = "import automator.phone.locales, sys; sys.exit('babel.core' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
