"""Where Xiaomi's page is open: this computer's browser, or the phone's. Opens it and looks; touches nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from automator.atlas import load, of_phone
from automator.errors import MalformedHierarchy, PreflightError
from automator.journal import Journal
from automator.journeys.delete_account import locale_of
from automator.journeys.eyes import Eyes
from automator.journeys.losses import Losses
from automator.journeys.ports import Clock, Owner
from automator.phone import Facts, Phone
from automator.phone.server import NoServer
from automator.text import T
from automator.ways import link

_T = TypeVar("_T")


class Page(Protocol):
    """Where the official page is open."""

    serial: str
    """Of the phone; empty on the computer."""
    follows: bool
    """Whether what it shows can be seen."""
    returns: int
    """How often it went away and came back, or was lost sight of: what was known of it before counts no more."""

    def locale(self) -> str: ...
    def open(self, url: str) -> None:
        """Opens the page. Raises PreflightError, PhoneLost."""

    def check(self) -> None:
        """Raises PhoneLost when it is not there any more, AnotherPhone when it is another one."""

    def screen(self) -> str | None:
        """The screen that it shows; None when nobody knows."""


class ComputerPage:
    """The page in this computer's browser, which nobody but the owner sees."""

    serial = ""
    follows = False
    returns = 0

    def __init__(self, language: str, browse: Callable[[str], bool], owner: Owner) -> None:
        self._language = language
        self._browse = browse
        self._owner = owner

    def locale(self) -> str:
        return {"ru": "ru_RU"}.get(self._language, "en_US")

    def open(self, url: str) -> None:
        self._owner.tell(T("Xiaomi's page: {url}", url=url))
        if not self._browse(url):
            self._owner.tell(T("I could not open a browser here. Open that address in yours."))
        self._owner.tell(
            T("If that page does not open, this one is for the same: {url}", url=link("delete_account_short"))
        )

    def check(self) -> None: ...

    def screen(self) -> str | None:
        return None


class PhonePage:
    """The page in the phone's browser, which is looked at and never touched."""

    def __init__(self, phone: Phone, owner: Owner, journal: Journal, clock: Clock, wait: float) -> None:
        self.serial = phone.serial
        self.follows = True
        self.returns = 0
        self._phone = phone
        self._owner = owner
        self._journal = journal
        self._clock = clock
        self._losses = Losses(phone, owner, clock, wait)
        self._eyes: Eyes | None = None
        self._written: tuple[str, ...] = ()
        self._facts: Facts | None = None

    def locale(self) -> str:
        self.check()
        assert self._facts is not None
        return locale_of(self._facts.locale)

    def open(self, url: str) -> None:
        self._owner.tell(T("The page, on the phone: {url}", url=url))
        facts = self._facts
        assert facts is not None
        self._owner.tell(
            T("I follow it with my eyes and go on by myself where I know it. I touch nothing there.")
        )
        if facts.locked or facts.awake is False:
            self._owner.tell(T("Unlock the phone, and keep its screen on."))
        if not self._steadily(lambda: self._phone.view(url)):
            raise PreflightError(
                T("The phone opened no browser."),
                T("It says that it has no app for web pages."),
                T("Run the command again without “--on phone”: the page opens on this computer."),
            )
        atlas = load()
        # A page on the web has no words of an app: none need be read from the phone.
        words = of_phone(facts.locale, {}, atlas.words)
        self._eyes = Eyes(self._phone, facts.keyboard, atlas, words, self._journal, self._clock)

    def check(self) -> None:
        self._facts = self._losses.knows(self._steadily(self._phone.facts))

    def screen(self) -> str | None:
        assert self._eyes is not None
        try:
            view = self._steadily(self._eyes.look)
        except NoServer as error:
            self.follows = False
            self.returns += 1
            self._owner.tell(T("{what} {why} So I go by what you say.", what=error.what, why=error.why))
            return None
        except MalformedHierarchy:
            return None
        if view.why != self._written:
            self._written = view.why
            # No picture: nobody knows where on the page a name or a code stands.
            self._journal.screen(view, None)
        return view.name

    def _steadily(self, do: Callable[[], _T]) -> _T:
        """As `Losses.steadily`, and counts when the phone went away meanwhile."""
        tries = 0

        def tried() -> _T:
            nonlocal tries
            tries += 1
            return do()

        done = self._losses.steadily(tried)
        self.returns += tries - 1
        return done
