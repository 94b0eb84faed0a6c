"""The person at the terminal: cards, prompts, answers. The only place where a consent is typed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from automator.cli.keys import ask_line
from automator.cli.output import Output
from automator.errors import NobodyToAsk
from automator.journeys import Card, Deed
from automator.text import T, Text

if TYPE_CHECKING:
    from automator.phone.facts import Facts
    from automator.practice.phone import Phone as PracticePhone

_DONE = {
    "pin": T("enters the screen lock"),
    "password": T("types the password"),
    "code": T("types the code"),
    "unlock": T("unlocks the screen"),
    "tap": T("taps it"),
    "scroll": T("scrolls"),
    "back": T("goes back"),
    "wake": T("presses the power button"),
}
_YES = {"y", "yes", "д", "да"}


class TerminalOwner:
    """Asks on the terminal; without one, nobody is there."""

    def __init__(self, output: Output, *, show_pictures: bool = False) -> None:
        self._output = output
        self._show_pictures = show_pictures
        self.present = sys.stdin.isatty()

    def show(self, card: Card) -> None:
        """Prints the card."""
        show_card(self._output, card)

    def answer(self, card: Card) -> str | None:
        """The typed line. Raises NobodyToAsk when standard input is no terminal."""
        self._need_terminal()
        return self._ask(T("Type {phrase} to go on; anything else stops: ", phrase=card.phrase))

    def confirm(self, warning: Text, question: Text) -> bool:
        """Yes or no, no being the default. Raises NobodyToAsk when standard input is no terminal."""
        self._output.say(T("! {warning}", warning=warning))
        self._need_terminal()
        return (self._ask(T("{question} [y/N] ", question=question)) or "").strip().lower() in _YES

    def act(self, deed: Deed) -> None:
        """Tells what to do on the phone."""
        show_deed(self._output, deed)
        self._output.say(T("  (I wait and go on by myself.)"))
        if deed.picture and self._show_pictures:
            typer.launch(deed.picture)

    def tell(self, text: Text) -> None:
        """Says something."""
        self._output.say(T("! {warning}", warning=text))

    def _ask(self, prompt: Text) -> str | None:
        self._output.hold()
        return ask_line(str(prompt), self._output.talk)

    def _need_terminal(self) -> None:
        if not self.present:
            raise NobodyToAsk(
                T("Nobody can be asked."),
                T("This needs your typed confirmation, and standard input is not a terminal."),
                T("Run the command in a terminal. The phone is left where it is."),
            )


def show_card(output: Output, card: Card) -> None:
    """What will be lost, on which phone, and what comes next."""
    rows = [
        *(_phone_rows(card.facts) if card.facts else ()),
        *card.about,
        *((T("Lost") if n == 0 else Text(""), loss) for n, loss in enumerate(card.gate.loses)),
        (T("Next"), card.gate.next),
    ]
    output.hold()
    output.say("")
    output.card(card.gate.title, [(str(name), str(value)) for name, value in rows], card.picture)
    output.say("")


def _phone_rows(facts: Facts) -> list[tuple[Text, Text | str]]:
    account = facts.xiaomi_account
    return [
        (T("Phone"), f"{facts.model}, {facts.rom}, {T('serial')} {facts.serial}"),
        (T("Account"), account.name if account else T("none")),
    ]


def show_deed(output: Output, deed: Deed) -> None:
    """What to do on the phone, and where the picture of it is."""
    output.hold()
    output.say(T("☞ {text}", text=deed.text))
    if deed.picture:
        output.picture(deed.picture)


class RehearsalOwner:
    """Answers for the owner in plain sight, on a practice phone and nowhere else."""

    present = True

    def __init__(self, output: Output, practice: PracticePhone) -> None:
        self._output = output
        self._practice = practice

    def show(self, card: Card) -> None:
        """Prints the card."""
        show_card(self._output, card)

    def answer(self, card: Card) -> str | None:
        """The phrase, said aloud."""
        self._output.say(T("Type {phrase} to go on; anything else stops: ", phrase=card.phrase))
        self._output.say(T("  (rehearsal answers: {answer})", answer=card.phrase))
        return card.phrase

    def confirm(self, warning: Text, question: Text) -> bool:
        """Yes, said aloud."""
        self._output.say(T("! {warning}", warning=warning))
        self._output.say(T("{question} [y/N] ", question=question))
        self._output.say(T("  (rehearsal answers: {answer})", answer="y"))
        return True

    def act(self, deed: Deed) -> None:
        """Lets the practice phone's own finger do it."""
        show_deed(self._output, deed)
        done = follow(self._practice, deed)
        self._output.say(
            T(
                "  (rehearsal does it on the practice phone: {done})",
                done=_DONE.get(done or "", T("not needed")),
            )
        )

    def tell(self, text: Text) -> None:
        """Says something."""
        self._output.say(T("! {warning}", warning=text))


def _scroll(practice: PracticePhone, words: tuple[str, ...]) -> None:
    """To what bears any of the words; without words, a page further."""
    for text in words:
        with contextlib.suppress(LookupError):
            practice.finger_scroll_to(text)
            return
    practice.finger_scroll()


def follow(practice: PracticePhone, deed: Deed) -> str | None:
    """The practice phone's own finger does what the words say; what it did, or None when there was nothing to do."""
    does: Mapping[str, Callable[[], object]] = {
        "tap": lambda: practice.finger_tap(deed.words[0]),
        "scroll": lambda: _scroll(practice, deed.words),
        "back": practice.finger_back,
        "wake": practice.finger_power,
    }
    if deed.does == "answer":
        return practice.owner_acts()
    does[deed.does]()
    return deed.does
