"""What is told of the world outside the phone: dated, with its source, well formed, and all of it in one file."""

from __future__ import annotations

import re
import warnings
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import automator
from automator.ways import Address, Fact, Link, fact, link, ways

PACKAGE = Path(automator.__file__).parent
OFFICIAL = ("xiaomi.com", "mi.com", "google.com", "android.com")
"""Whose pages and addresses an owner is sent to."""
COMMANDS = (
    *("support/**/*.py", "support/templates/*", "cli/support.py", "cli/advise.py", "cli/journey.py"),
    *("cli/delete_account.py", "journeys/delet*.py"),
    *("cli/reflash.py", "journeys/reflash.py", "rom/**/*.py", "phone/fastboot.py"),
)
"""The modules of the commands that lead out of the phone's Settings."""
_PLACE = re.compile(
    r"https?://|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[\w-]+\.)*(?<![\w-])(?:mi|xiaomi|google|android|miui)\.com(?:/[\w-]+)+"
)
WAYS = ways()
EVERYTHING: dict[str, Link | Address | Fact] = {**WAYS.links, **WAYS.addresses, **WAYS.facts}


def test_names_are_given_once_and_all_have_a_source_and_a_date() -> None:
    assert len(EVERYTHING) == len(WAYS.links) + len(WAYS.addresses) + len(WAYS.facts)
    assert [name for name, known in EVERYTHING.items() if len(known.source) < 8] == []
    assert [
        name for name, known in EVERYTHING.items() if not date(2010, 1, 1) <= known.date <= date.today()
    ] == []


def test_high_is_what_xiaomi_or_google_say_themselves() -> None:
    own = re.compile(r"Xiaomi|\bmi\.com|MIUI|Google|Android")
    high = [name for name, known in EVERYTHING.items() if known.sure == "high"]
    assert high and [name for name in high if not own.search(EVERYTHING[name].source)] == []


@pytest.mark.parametrize("name", WAYS.links)
def test_pages_are_official_and_safe_to_open(name: str) -> None:
    url = link(name, "ru_RU").replace("{country}", "de")
    parts = urlsplit(url)
    assert re.fullmatch(r"[\x21-\x7e]+", url) and not set(url) & set("{}<>\"'\\ ")
    assert parts.scheme == "https" and parts.username is None and parts.port is None
    assert _official(parts.hostname or "")


@pytest.mark.parametrize("name", WAYS.addresses)
def test_addresses_are_official_and_countries_are_countries(name: str) -> None:
    known = WAYS.addresses[name]
    local, _, host = known.mail.partition("@")
    assert re.fullmatch(r"[a-z0-9.]+", local) and _official(host)
    assert all(re.fullmatch("[A-Z]{2}", country) for country in known.countries)


def _official(host: str) -> bool:
    return any(host == own or host.endswith(f".{own}") for own in OFFICIAL)


def test_mails_are_given_once() -> None:
    mails = [known.mail for known in WAYS.addresses.values()]
    assert len(mails) == len(set(mails))


@pytest.mark.parametrize("name", WAYS.facts)
def test_facts_are_sentences_without_fields_and_places(name: str) -> None:
    says = str(fact(name))
    assert says == says.strip() and says[-1] in ".?!" and "{" not in says
    assert _PLACE.search(says) is None


def test_no_page_or_address_stands_anywhere_else() -> None:
    files = [file for pattern in COMMANDS for file in PACKAGE.glob(pattern) if file.is_file()]
    assert PACKAGE / "cli" / "support.py" in files
    found = {
        f"{file.relative_to(PACKAGE)}: {place[0]}"
        for file in files
        for place in _PLACE.finditer(file.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "place",
    [
        "see https://example.org",
        "write to mishu@xiaomi.com",
        "open i.mi.com/find/device",
        "www.mi.com/de/support",
    ],
)
def test_places_are_found_where_they_stand(place: str) -> None:
    assert _PLACE.search(place)


def test_what_is_older_than_a_year_is_listed() -> None:
    """Never fails: what a page said years ago may still be so. Somebody should look."""
    limit = date.today() - timedelta(days=365)
    old = [f"{name} ({known.date})" for name, known in EVERYTHING.items() if known.date < limit]
    if old:
        warnings.warn(f"told to owners, and older than a year: {', '.join(old)}", stacklevel=1)
