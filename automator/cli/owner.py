"""The person at the terminal: cards, prompts, answers. The only place where a consent is typed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from automator.cli.output import Output
from automator.errors import NobodyToAsk
from automator.journeys import Card
from automator.text import T, Text

if TYPE_CHECKING:
    from automator.practice.phone import Phone as PracticePhone

_DONE = {
    "pin": T("enters the screen lock"),
    "password": T("types the password"),
    "unlock": T("unlocks the screen"),
}
_YES = {"y", "yes", "д", "да"}


class TerminalOwner:
    """Asks on the terminal; without one, nobody is there."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.present = sys.stdin.isatty()

    def show(self, card: Card) -> None:
        """Prints the card."""
        show_card(self._output, card)

    def answer(self, card: Card) -> str | None:
        """The typed line. Raises NobodyToAsk when standard input is no terminal."""
        self._need_terminal()
        return self._ask(T("Type {phrase} to go on; anything else stops: ", phrase=card.phrase))

    def confirm(self, warning: Text) -> bool:
        """Yes or no, no being the default. Raises NobodyToAsk when standard input is no terminal."""
        self._output.say(T("! {warning}", warning=warning))
        self._need_terminal()
        return (self._ask(T("Go on with the reset? [y/N] ")) or "").strip().lower() in _YES

    def act(self, text: Text) -> None:
        """Tells what to do on the phone."""
        self._output.say(T("☞ {text}", text=text))
        self._output.say(T("  (I wait and go on by myself.)"))

    def tell(self, text: Text) -> None:
        """Says something."""
        self._output.say(T("! {warning}", warning=text))

    def _ask(self, prompt: Text) -> str | None:
        # What was typed or pasted before the question is no answer to it.
        forget_typed()
        print(prompt, end="", file=self._output.talk, flush=True)
        return sys.stdin.readline() or None

    def _need_terminal(self) -> None:
        if not self.present:
            raise NobodyToAsk(
                T("Nobody can be asked."),
                T("This needs your typed confirmation, and standard input is not a terminal."),
                T("Run the command in a terminal. The phone is left where it is."),
            )


def forget_typed() -> None:
    """Drops what was typed on the terminal and not read yet."""
    try:
        import termios
    except ImportError:  # Windows
        import msvcrt

        while msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
            msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
    else:
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def show_card(output: Output, card: Card) -> None:
    """What will be lost, on which phone, and what comes next."""
    facts = card.facts
    account = facts.xiaomi_account
    rows: list[tuple[Text, Text | str]] = [
        (T("Phone"), f"{facts.model}, {facts.rom}, {T('serial')} {facts.serial}"),
        (T("Account"), account.name if account else T("none")),
        *((T("Lost") if n == 0 else Text(""), loss) for n, loss in enumerate(card.gate.loses)),
        (T("Next"), card.gate.next),
    ]
    output.say("")
    output.say(T("━━ STOP · {title} ━━", title=card.gate.title))
    output.rows([(str(name), str(value)) for name, value in rows])
    if card.picture:
        output.path(T("  Picture: {path}", path=Path(card.picture).as_uri()))
    output.say("")


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

    def confirm(self, warning: Text) -> bool:
        """Yes, said aloud."""
        self._output.say(T("! {warning}", warning=warning))
        self._output.say(T("Go on with the reset? [y/N] "))
        self._output.say(T("  (rehearsal answers: {answer})", answer="y"))
        return True

    def act(self, text: Text) -> None:
        """Lets the practice phone's own finger do it."""
        self._output.say(T("☞ {text}", text=text))
        done = self._practice.owner_acts()
        self._output.say(
            T(
                "  (rehearsal does it on the practice phone: {done})",
                done=_DONE.get(done or "", T("not needed")),
            )
        )

    def tell(self, text: Text) -> None:
        """Says something."""
        self._output.say(T("! {warning}", warning=text))
