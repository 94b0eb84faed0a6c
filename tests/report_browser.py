"""A report in Debian's Chromium: what a person would see of it, and what tools say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
FACTS = """() => ({
    wide: document.documentElement.scrollWidth > window.innerWidth,
    broken: [...document.images].filter(i => !i.complete || !i.naturalWidth).length,
    images: document.images.length,
    scripts: document.scripts.length,
    ran: window.ran === true,
    loaded: performance.getEntriesByType("resource").filter(r => !r.name.startsWith("data:")).length,
    ground: getComputedStyle(document.body).backgroundColor,
    marks: [...document.querySelectorAll(".shot .mark")].filter(mark => {
        const m = mark.getBoundingClientRect(), p = mark.parentElement.getBoundingClientRect();
        return m.width > 0 && m.left >= p.left - 1 && m.right <= p.right + 1 && m.top >= p.top - 1 && m.bottom <= p.bottom + 1;
    }).length,
})"""


@dataclass(frozen=True)
class Seen:
    """One look at a page."""

    wide: bool
    broken: int
    images: int
    scripts: int
    ran: bool
    loaded: int
    ground: str
    marks: int
    console: tuple[str, ...]
    violations: tuple[str, ...]
    text: str


class Viewer:
    """A browser that is open."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def look(self, page: Path, width: int, scheme: str, *, axe: bool = True) -> Seen:
        """Opens the page in a window of this width."""
        with self._open(page, width, scheme) as (tab, console):
            facts = tab.evaluate(FACTS)
            text = tab.inner_text("body")
            return Seen(
                **facts, console=tuple(console), violations=_violations(tab) if axe else (), text=text
            )

    def printed(self, page: Path) -> int:
        """How many pages it has on paper."""
        with self._open(page, 1280, "dark") as (tab, _):
            return len(re.findall(rb"/Type\s*/Page\b", tab.pdf(prefer_css_page_size=True)))

    @contextmanager
    def _open(self, page: Path, width: int, scheme: str) -> Iterator[tuple[Any, list[str]]]:
        console: list[str] = []
        context = self._browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        try:
            tab = context.new_page()
            tab.on("console", lambda message: console.append(message.text))
            tab.on("pageerror", lambda error: console.append(str(error)))
            tab.goto(page.as_uri(), wait_until="load")
            yield tab, console
        finally:
            context.close()


def _violations(tab: Any) -> tuple[str, ...]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    return tuple(f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found)


@contextmanager
def viewer() -> Iterator[Viewer]:
    """Skips the test where there is no Chromium to look with."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM} (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        # Without its sandbox, which root has not; it opens nothing but our own pages.
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield Viewer(browser)
        finally:
            browser.close()
