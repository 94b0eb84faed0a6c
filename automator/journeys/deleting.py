"""Walks the owner through Xiaomi's page for deleting an account. Opens the page, proves, asks and looks; touches nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from adbutils import AdbClient

from automator.atlas import load
from automator.consent import Consents, Target
from automator.errors import ConsentDeclined, NobodyToAsk, PhoneLost, PreflightError, ScreenUnknown
from automator.events import AskEvent, ConsentEvent, FactsEvent, PhoneEvent, TapEvent, now
from automator.journal import Journal
from automator.journeys.delete_account import (
    JOURNEY,
    LAST_SCREEN,
    Plugged,
    Step,
    not_ready,
    not_said,
    not_told,
    obstacle,
    place_of,
    questions,
    steps,
)
from automator.journeys.ending import InterruptedOnPage
from automator.journeys.gate import ask_consent, show_gate
from automator.journeys.losses import LOSSES, AnotherPhone
from automator.journeys.model import Gate, Outcome
from automator.journeys.page import Page
from automator.journeys.ports import Card, Clock, Deed, Owner
from automator.phone import Phone, listing, remedy
from automator.text import T, Text
from automator.ways import fact, link

STRANGE = 3.0
"""Seconds that the phone may show what nobody knows before the owner is asked: pages take time to load."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
MOST_VOIDS = 3
"""How often a gate is asked because what it was asked for was not there any more."""


def delete_account(
    page: Page,
    client: AdbClient,
    owner: Owner,
    journal: Journal,
    clock: Clock,
    *,
    patience: float,
    practice: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Proves that no plugged-in phone holds the account, asks, opens the page and goes through it with the owner.

    `patience`: seconds that a page may stay as it is before the owner is asked. Raises AutomatorError.
    """
    return _Deletion(page, client, owner, journal, clock, patience, practice, dry_run).run()


class _Deletion:
    def __init__(
        self,
        page: Page,
        client: AdbClient,
        owner: Owner,
        journal: Journal,
        clock: Clock,
        patience: float,
        practice: bool,
        dry_run: bool,
    ) -> None:
        self._page = page
        self._client = client
        self._owner = owner
        self._journal = journal
        self._clock = clock
        self._patience = patience
        self._practice = practice
        self._dry_run = dry_run
        self._consents = Consents(page.serial, JOURNEY, clock.now)
        self._pressing = False
        """Whether the owner was told to press what deletes, and has not said yet what came of it."""
        self._lost_sight = False
        self._mistaken: set[str] = set()
        """Screens that the page seemed to show and, as the owner said, did not."""
        self._url = ""

    def run(self) -> Outcome:
        try:
            return self._run()
        except KeyboardInterrupt as interrupt:
            if self._pressing:
                raise InterruptedOnPage from interrupt
            raise
        except (*LOSSES, AnotherPhone) as error:
            if self._pressing:
                raise not_told(error.why) from error
            raise
        except OSError as error:  # nobody reads, or the disk is full
            if self._pressing:
                raise not_told(T("The record of the run, or what I say, could not be written.")) from error
            raise

    def _run(self) -> Outcome:
        self._url = link("delete_account", self._page.locale())
        plugged = self._proved()
        self._say_proved(plugged)
        if self._dry_run:
            return self._dry(plugged)
        for question in questions():
            *before, about = question.about
            for line in before:
                self._owner.tell(line)
            if not self._ask(about, question.asks, before):
                raise not_ready(question)
        self._page.open(self._url)
        place = 0
        while place < len(steps()):
            place = self._go(place, steps()[place])
        outcome = self._ended()
        self._pressing = False
        return outcome

    def _dry(self, plugged: Sequence[Plugged]) -> Outcome:
        """Says what would be asked, and shows the first gate; nothing is opened."""
        for question in questions():
            for line in (*question.about, question.asks):
                self._owner.tell(line)
        first = next(step for step in steps() if step.gate)
        assert first.gate is not None
        show_gate(
            self._card(first.gate, plugged),
            target_of(self._page.serial, first, self._url),
            self._owner,
            self._journal,
        )
        return Outcome("dry_run", verified=False)

    # what is proved

    def _proved(self) -> list[Plugged]:
        """Every phone that adb lists. Raises PreflightError when one holds a Xiaomi account, or does not say."""
        self._page.check()
        plugged = self._plugged("before")
        if found := obstacle(plugged):
            raise found
        return plugged

    def _plugged(self, when: Literal["before", "after"]) -> list[Plugged]:
        found = []
        for listed in listing(self._client):
            facts = None
            if listed.ready:
                with contextlib.suppress(PhoneLost):
                    facts = Phone(self._client, listed).facts()
            found.append(Plugged(listed, facts))
            why, fix = remedy(listed.state) or (Text(""), Text(""))
            self._journal.write(
                PhoneEvent(
                    time=now(),
                    serial=listed.serial,
                    model=facts.model if facts else listed.model,
                    rom=facts.rom if facts else "",
                    over=listed.over,
                    state=listed.state,
                    why=str(why),
                    fix=str(fix),
                    practice=self._practice,
                )
            )
            if facts:
                self._journal.write(FactsEvent.of(facts, when))
        return found

    def _say_proved(self, plugged: Sequence[Plugged]) -> None:
        if not plugged:
            self._owner.tell(
                T(
                    "adb lists no phone, so I can check none. What follows I know from you alone. To have a phone checked, plug "
                    "it in with USB debugging on, and run the command again."
                )
            )
        for phone in plugged:
            self._owner.tell(T("Checked: {phone} lists no Xiaomi Account.", phone=phone.name))

    # one step

    def _go(self, place: int, step: Step) -> int:
        """One step; the place of the next, which is an earlier one where the page went back."""
        back = self._open_gate(place, step, step.gate) if step.gate else None
        if back is not None and back < place:
            return back
        beyond = back is not None or (step.gate is None and self._seen_beyond(place))
        if beyond:
            self._owner.tell(T("The page is already further on than this step: {step}", step=step.does))
        else:
            for line in step.expect:
                self._owner.tell(line)
            self._journal.write(AskEvent(time=now(), text=str(step.does)))
            self._journal.sync()
            self._owner.act(Deed(step.does))
        last = step is steps()[-1]
        # What the last page said is the owner's to tell, whatever was seen.
        if not (beyond or self._followed(place, step)) or last:
            self._until_said(step)
        self._pressing = self._pressing and last
        return place + 1

    def _seen(self) -> str | None:
        """The screen that the page shows; None where nobody but the owner can tell."""
        screen = self._page.screen() if self._page.follows else None
        return None if screen in self._mistaken else screen

    def _seen_beyond(self, place: int) -> bool:
        at = place_of(self._seen())
        return at is not None and at > place

    def _open_gate(self, place: int, step: Step, gate: Gate) -> int | None:
        """None once the consent is spent; else where the page is by the owner's word: at an earlier step, or beyond this one.

        What the page shows is known by guess. So it opens no gate and passes none: it only makes me ask.
        """
        for _ in range(MOST_VOIDS):
            elsewhere = self._elsewhere(place, step)
            if elsewhere is not None:
                return elsewhere
            if self._ask_gate(step, gate):
                return None
        raise _never_still()

    def _elsewhere(self, place: int, step: Step) -> int | None:
        """The place that the page shows, if it is not this step's and the owner says so too."""
        shown = self._seen()
        at = place_of(shown)
        if shown is None or at is None or shown == step.screen:
            return None
        looks = T(
            "The phone shows what looks like this: {screen}. I know that page only by guess.",
            screen=Text(load().screens[shown].called),
        )
        if at < place:
            right = not self._ask(
                looks, T("Do you see “{label}”, which is to be pressed?", label=step.presses or "")
            )
        else:
            right = self._ask(looks, T("Have you pressed “{label}” already?", label=step.presses or ""))
            self._pressing = right
        if right:
            return at
        self._mistaken.add(shown)
        return None

    def _ask_gate(self, step: Step, gate: Gate) -> bool:
        """Asks for the consent and spends it; False when what it was given for is there no more, or it took too long."""
        returns = self._page.returns
        plugged = self._proved()
        target = target_of(self._page.serial, step, self._url)
        card = self._card(gate, plugged)
        show_gate(card, target, self._owner, self._journal)
        try:
            consent = ask_consent(card, target, self._consents, self._owner, self._journal)
        except NobodyToAsk:
            raise
        except ConsentDeclined as error:
            raise ConsentDeclined(
                error.what,
                error.why,
                T("Press nothing more on the page, and close it. Run the command again whenever you like."),
            ) from error
        # What was typed may have taken its time: a phone may have been plugged in meanwhile, and the page have gone.
        self._proved()
        shown = self._seen()
        moved = place_of(shown) is not None and shown != step.screen
        if moved or self._page.returns > returns or not self._consents.fresh(consent):
            self._consents.void(consent)
            self._journal.write(ConsentEvent(time=now(), gate=gate.name, answer="void"))
            self._owner.tell(
                T(
                    "The page changed after your answer, the phone was away, or it took too long: your answer counts for nothing. "
                    "Press nothing yet; I ask anew."
                )
            )
            return False
        self._pressing = True
        self._consents.spend(consent, target)
        self._journal.write(
            TapEvent(
                time=now(),
                screen=target.screen,
                element=target.element,
                label=str(step.presses or ""),
                gate=gate.name,
                node="",
                bounds="",
                sent=False,
                hands="guided",
            )
        )
        return True

    def _card(self, gate: Gate, plugged: Sequence[Plugged]) -> Card:
        phones: list[Text | str] = [
            T("{phone}: no Xiaomi Account", phone=phone.name) for phone in plugged
        ] or [T("no phone")]
        return Card(
            gate,
            None,
            self._consents.phrase,
            None,
            (
                (T("Account"), T("the one that you signed in to on the page")),
                (T("Page"), T("a practice page, not {url}", url=self._url) if self._practice else self._url),
                *((T("adb lists") if n == 0 else Text(""), phone) for n, phone in enumerate(phones)),
            ),
        )

    def _followed(self, place: int, step: Step) -> bool:
        """Whether the page was seen to go on. False when only the owner can tell."""
        began, pause = self._clock.now(), FIRST_PAUSE
        strange_since: float | None = None
        strange = 0.0 if self._lost_sight else STRANGE
        # The tick and the button are on one page, and no sign tells whether it is ticked.
        same_page = any(other.screen == step.screen for other in steps()[place + 1 :])
        while self._page.follows and not same_page:
            at = place_of(self._page.screen())
            time = self._clock.now()
            if at is not None and at > place:
                self._lost_sight = False
                return True
            strange_since = None if at is not None else time if strange_since is None else strange_since
            if strange_since is not None and time - strange_since >= strange:
                if not self._lost_sight:
                    self._owner.tell(
                        T("I do not know the page that the phone shows now, and go by what you say.")
                    )
                self._lost_sight = True
                return False
            if time - began >= self._patience:
                return False
            self._clock.pause(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return False

    def _until_said(self, step: Step) -> None:
        """Asks until the owner says that the step is done. Raises PreflightError when it is not to be."""
        look = T("Look at the page before you answer.")
        while not self._ask(look, step.done):
            if not self._ask(step.does, T("Do you need more time for this step? (No: I stop here.)")):
                if self._pressing:
                    raise not_told(T("I had told you to press it, and you did not say what came of it."))
                raise not_said(step)

    def _ask(self, about: Text, question: Text, before: Sequence[Text] = ()) -> bool:
        """A yes or a no, written down with what it was about, `before` that included, which the owner was told already."""
        said = self._owner.confirm(about, question)
        text = " ".join(str(line) for line in (*before, about, question))
        self._journal.write(AskEvent(time=now(), text=text, answer="yes" if said else "no"))
        return said

    # the end

    def _ended(self) -> Outcome:
        """What the owner told, and what was seen, apart from each other."""
        lines = [
            T(
                "  You said: {answer}",
                answer=T("the page says that the account is deleted, or that the deletion has begun."),
            )
        ]
        if self._practice:
            lines.insert(0, T("  This was a rehearsal on a practice page: no real account was touched."))
        time = datetime.now().astimezone().strftime("%H:%M")
        try:
            plugged = self._plugged("after")
        except PhoneLost:
            lines.append(T("  Seen: nothing. adb did not answer at the end."))
        else:
            lines += [_seen(phone, time) for phone in plugged]
            if not plugged:
                lines.append(T("  Seen: adb listed no phone, at {time}.", time=time))
        with contextlib.suppress(PhoneLost, PreflightError):
            if self._seen() == LAST_SCREEN:
                lines.append(
                    T(
                        "  Seen: the phone shows what looks like the page's last word. I know Xiaomi's own words only by "
                        "guess."
                    )
                )
        lines += [Text("  {fact}", {"fact": fact(f"delete.{name}")}) for name in ("final", "weeks", "number")]
        return Outcome("account_deleted", verified=False, on_word=True, words=tuple(lines))


def target_of(serial: str, step: Step, url: str) -> Target:
    """What a consent is for: this step's press, on the page opened at this address, on this phone or on none."""
    gate = step.gate.name if step.gate else ""
    return Target(serial, JOURNEY, gate, step.screen, step.name, url)


def _seen(phone: Plugged, time: str) -> Text:
    if phone.facts is None or phone.facts.accounts is None:
        return T("  Not seen: {phone} did not say which accounts are on it.", phone=phone.name)
    if phone.facts.xiaomi_account:
        return T(
            "  Seen: {phone} is on a Xiaomi Account, at {time}. If it is this one, sign it out at once: “mi-automator unlink”.",
            phone=phone.name,
            time=time,
        )
    return T("  Seen: {phone} lists no Xiaomi Account, at {time}.", phone=phone.name, time=time)


def _never_still() -> ScreenUnknown:
    return ScreenUnknown(
        T("The page does not stay where it is while I ask you."),
        T("Each time it had changed when you had answered, or the answer took too long."),
        T("Press nothing more on the page, and close it. Run the command again whenever you like."),
    )
