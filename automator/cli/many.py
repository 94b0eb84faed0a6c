"""Several phones at once: each a run of its own in a thread of its own, and one person at one terminal.

A run's thread does what a single run does, by the same `conduct`: its own phone, journal and consents. It shares nothing
with the others but the loaded atlas and this desk. Only the main thread writes to the terminal and reads from it, so
questions stand in a queue, and nothing is printed while one is open.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread, current_thread, main_thread
from time import monotonic, sleep
from typing import Any, Literal, NoReturn, TypeVar

from adbutils import AdbClient, AdbDevice

from automator.atlas import load
from automator.cli.journey import HELPLESS, OTHER_WAYS, Options, interrupted, last_words
from automator.cli.keys import unheard
from automator.cli.many_view import HEADS, Row, TableOutput, many_voice
from automator.cli.output import Output, called
from automator.cli.owner import TerminalOwner, show_card
from automator.cli.pick import seconds_to_wait
from automator.cli.runs import in_words
from automator.consent import AGES_OUT
from automator.errors import CTRL_C, AutomatorError, OutcomeUnknown, PhoneLost, PreflightError
from automator.events import (
    ConsentEvent,
    ErrorEvent,
    Event,
    GateEvent,
    MoveEvent,
    OutcomeEvent,
    PhoneEnd,
    PhoneEvent,
    ScreenEvent,
    SummaryEvent,
    TapEvent,
    WordsEvent,
    now,
)
from automator.hierarchy import Hierarchy
from automator.journal import Journal
from automator.journeys import Card, Deed, Ending, Journey, Outcome, Owner, conduct, to_the_end
from automator.journeys.ending import InterruptedInFlight
from automator.journeys.many import letters_needed, meant, worst
from automator.phone import Facts, Listed, Phone, listing, wait_for_phone
from automator.phone.find import changes
from automator.phone.server import Server
from automator.phone.sign import post_sign
from automator.text import T, Text

SLICE = 1.0
"""Seconds of a wait after which Ctrl-C is noticed."""
TICK = 0.2
"""Seconds after which the main thread looks up when nothing happens."""
FOLLOW_UP = 10.0
"""Seconds that the next question waits, at most, until it is seen what comes of the last answer: a tap made, or told."""
_T = TypeVar("_T")


def several(
    journey: Journey,
    options: Options,
    named: list[str],
    *,
    every: bool,
    follow: bool,
    owner: Owner | None = None,
) -> int:
    """Runs the journey on all these phones; the worst exit code. `owner`: who is asked, else the person at the terminal."""
    output = many_voice(json=options.json, verbose=options.verbose, plain=options.plain)
    asked = owner or TerminalOwner(output, show_pictures=options.show)
    wanted = [serial.encode("utf-8", "replace").decode() for serial in named]
    desk = Desk(journey, options, output, asked, wanted, every=every, follow=follow)
    before = signal.getsignal(signal.SIGINT)
    with unheard():
        code = desk.work()
    if current_thread() is main_thread() and not (desk.stopped and owner is None):
        # A command that Ctrl-C stopped is about to end, and no further Ctrl-C may take its exit code.
        signal.signal(signal.SIGINT, before)
    return code


def _deaf() -> None:
    """Ctrl-C does no more than it did: how each run ended is still written down and said."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@dataclass(frozen=True)
class End:
    """How a run ended, for people: `said`, else the words of `error`. Holds nothing that the run held open."""

    event: OutcomeEvent
    said: Text | None = None
    more: tuple[Text, ...] = ()
    """What comes next for the owner; the same for all that end so."""
    error: AutomatorError | None = None


@dataclass
class Seat:
    """One phone of several, and how far it is. Its thread sets `place`, `over`, `signed`, `met` and `end`; the main thread all else."""

    number: int
    serial: str
    letters: int | None
    model: str = ""
    place: str = ""
    over: Literal["usb", "network", "emulator"] = "usb"
    met: bool = False
    """Whether it told what it is."""
    state: Text = field(default_factory=lambda: T("waiting for the phone"))
    signed: bool = False
    end: End | None = None
    thread: Thread | None = None
    told: bool = False
    """Whether its end was said."""

    @property
    def name(self) -> Text:
        """Which one it is, in every line about it."""
        about = ", ".join(filter(None, (self.model, self.serial)))
        return T("Phone {number} ({about})", number=self.number, about=about)

    def says(self, text: Text | str) -> Text:
        """The sentence, and which phone it is about."""
        return Text("{phone}: {text}", {"phone": self.name, "text": text})

    def listed_as(self, listed: Listed) -> None:
        """Where it is, as adb lists it now."""
        self.place, self.over = listed.place, listed.over

    @property
    def at_work(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


@dataclass(frozen=True)
class Question:
    """What only one can be asked at a time; the thread that asks waits for `reply`: an answer, or an error to raise."""

    seat: Seat
    ask: Callable[[Owner], Any]
    gate: bool
    reply: queue.SimpleQueue[Any]


class StoppableServer(Server):
    """A server that sends no input once the command was stopped: then it is too late for it."""

    def __init__(self, device: AdbDevice, stopped: Callable[[], bool]) -> None:
        super().__init__(device)
        self._stopped = stopped

    def _send(self, method: str, *params: Any, not_after: float, **more: Any) -> Any:
        if self._stopped():
            not_after = float("-inf")
        return super()._send(method, *params, not_after=not_after, **more)


class StoppablePhone(Phone):
    """A phone whose run notices at each look, in its waits, and before whatever it sends, that it was stopped."""

    def __init__(
        self,
        client: AdbClient,
        listed: Listed,
        check: Callable[[], None],
        stopped: Callable[[], bool],
        back: Callable[[Listed], None],
    ) -> None:
        """`check` raises what stopped the command, and `stopped` tells whether it was; `back` hears when it came back."""
        super().__init__(client, listed)
        self.server = StoppableServer(self._device, stopped)
        self._check = check
        self._back = back
        self._returned = False

    def facts(self) -> Facts:
        self._check()
        return super().facts()

    def look(self) -> Hierarchy:
        self._check()
        seen = super().look()
        self._check()
        return seen

    def wake(self) -> None:
        self._check()
        super().wake()

    def open(self, action: str | None, component: str | None, fragment: str | None) -> bool:
        self._check()
        return super().open(action, component, fragment)

    def come_back(self, seconds: float, tell: Callable[[Text], None]) -> None:
        once = _once(tell)
        in_slices(seconds, self._check, lambda left: super(StoppablePhone, self).come_back(left, once))
        self._returned = True

    def prepare(self) -> None:
        # By now one that came back has answered: what is asked of it here is not asked of a wedged one.
        if self._returned:
            self._returned = False
            for phone in listing(self._client):
                if phone.serial == self.serial and phone.ready:
                    self._back(phone)
        super().prepare()

    def left_within(self, seconds: float) -> bool:
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self._check()
            if super().left_within(min(left, SLICE)):
                return True
        return False


def in_slices(seconds: float, check: Callable[[], None], wait: Callable[[float], _T]) -> _T:
    """What `wait` returns, which is given a short time again and again. Raises as it does when all the time is over."""
    until = monotonic() + seconds
    while True:
        check()
        left = until - monotonic()
        try:
            return wait(min(max(left, 0.0), SLICE))
        except PreflightError:
            if left <= SLICE:
                raise
            if until - monotonic() > left - TICK:  # it did not wait at all
                sleep(TICK)


def _once(tell: Callable[[Text], None]) -> Callable[[Text], None]:
    said: list[Text] = []

    def tell_new(text: Text) -> None:
        if said[-1:] != [text]:
            said.append(text)
            tell(text)

    return tell_new


class Front:
    """One run's way to the person at the terminal; every word names the phone."""

    def __init__(self, desk: Desk, seat: Seat) -> None:
        self.present = desk.owner.present
        self.untold: BaseException | None = None
        """Why the tap that a consent was spent on was told to nobody."""
        self._desk = desk
        self._seat = seat
        self._stopping = self._dangerous = False
        self._answered_at = 0.0

    def show(self, card: Card) -> None:
        """The card is shown with the question, when its turn comes; in a dry run at once."""
        if self._desk.options.dry_run:
            marked = self._marked(card)
            self._desk.put(lambda: show_card(self._desk.output, marked))

    def answer(self, card: Card) -> str | None:
        """The line typed after the card was shown, in this phone's turn. Raises NobodyToAsk."""
        marked = self._marked(card)

        def ask(owner: Owner) -> str | None:
            owner.show(marked)
            return owner.answer(marked)

        typed: str | None = self._ask(ask, gate=True)
        self._answered_at = monotonic()
        return typed

    def confirm(self, warning: Text, question: Text) -> bool:
        """Yes or no, in this phone's turn. Raises NobodyToAsk."""
        named = self._seat.says(warning)
        yes: bool = self._ask(lambda owner: owner.confirm(named, question), gate=False)
        return yes

    def act(self, deed: Deed) -> None:
        """Tells what to do on this phone, as soon as no question is open; returns when that is told.

        What can't be undone is told only while the answer that it rests on is fresh. Raises PreflightError when it is
        not any more, and what stopped the command; then it was told to nobody, and `untold` has the error.
        """
        dangerous, self._dangerous = self._dangerous, False
        named = replace(deed, text=self._seat.says(deed.text))
        until = monotonic() + self._desk.patience
        if dangerous:
            # The run's own patience runs already: half of it is left to the owner.
            until = min(until - self._desk.patience / 2, self._answered_at + AGES_OUT)
        claim = Lock()  # taken by whoever comes first: the one that tells, or the one that gives up
        told = Flag()

        def tell() -> None:
            if not self._desk.stopped and monotonic() <= until and claim.acquire(blocking=False):
                self._desk.act(self._seat, named)
                told.set()

        try:
            self.check()
            self._desk.put(tell)
            while not told.wait(SLICE):
                self.check()
                if monotonic() > until and claim.acquire(blocking=False):
                    if dangerous:
                        self.untold = _told_too_late()
                        raise self.untold
                    return
        except (KeyboardInterrupt, OSError) as stop:
            if dangerous and claim.acquire(blocking=False):
                self.untold = stop
            raise

    def check(self) -> None:
        """Raises what stopped the command."""
        try:
            self._desk.check()
        except BaseException:
            self._stopping = True
            raise

    def heard(self, event: Event) -> None:
        """Notices in the run's thread whether the next deed is the tap that a consent was spent on."""
        if isinstance(event, TapEvent):
            self._dangerous = event.gate is not None and not event.sent and event.hands == "guided"

    def tell(self, text: Text) -> None:
        """Says something as soon as no question is open; once the command was stopped, only a run's last words."""
        last = self._stopping
        self._desk.put(lambda: self._desk.tell(self._seat, text, last=last))

    def _ask(self, ask: Callable[[Owner], Any], *, gate: bool) -> Any:
        question = Question(self._seat, ask, gate, queue.SimpleQueue())
        self._desk.put(question)
        while True:
            with contextlib.suppress(queue.Empty):
                answer = question.reply.get(timeout=SLICE)
                if isinstance(answer, AutomatorError):
                    raise answer
                return answer
            self.check()

    def _marked(self, card: Card) -> Card:
        seat = self._seat
        sign = (
            T("“{title}” should stand among its notifications", title=self._desk.title_of(seat))
            if seat.signed
            else T("none on its screen: compare model and serial (Settings → About phone)")
        )
        alone = T("opens this gate of this phone alone; any other stops it, and the others go on")
        unplaced = T("network") if seat.over == "network" else T("not told")
        place = T("USB {place}", place=seat.place) if seat.place else unplaced
        return replace(
            card,
            about=(
                (T("Which one"), T("phone {number} of {count}", number=seat.number, count=self._desk.count)),
                (T("Place"), place),
                (T("Sign"), sign),
                *card.about,
                *(((T("Your answer"), alone),) if not self._desk.options.dry_run else ()),
            ),
        )


class Desk:
    """The main thread's side: who sits at it, what they say in turn, and what the person is asked and shown."""

    def __init__(
        self,
        journey: Journey,
        options: Options,
        output: Output,
        owner: Owner,
        named: list[str],
        *,
        every: bool,
        follow: bool,
    ) -> None:
        self.options = options
        self.output = output
        self.owner = owner
        self._journey = journey
        self._named = named
        self._every = every
        self._following = self._open_ended = follow
        self._wait = seconds_to_wait(options.wait)
        self._client = AdbClient()
        self._seats: list[Seat] = []
        self._left: set[str] = set()
        """Serials of phones that went away and did not come back while their run waited for them."""
        self._inbox: queue.SimpleQueue[Question | Callable[[], None]] = queue.SimpleQueue()
        self._questions: deque[Question] = deque()
        self._answered: tuple[Seat, float] | None = None
        self._stopped: BaseException | None = None
        self._over = Flag()
        self._stdout = Lock()

    @property
    def count(self) -> int:
        """How many phones there are or were."""
        return len({seat.serial for seat in self._seats})

    @property
    def patience(self) -> float:
        """Seconds. One person serves all phones, one after the other."""
        return self.options.patience * self.count

    @property
    def stopped(self) -> bool:
        """Whether it was stopped: nothing is sent to any phone any more."""
        return self._stopped is not None

    def put(self, item: Question | Callable[[], None]) -> None:
        """From any thread: what the main thread does, or asks, in turn."""
        self._inbox.put(item)

    def check(self) -> None:
        """Raises what stopped the command: Ctrl-C, or that nobody reads. A new one for each run that it stops."""
        if isinstance(self._stopped, OSError):
            raise OSError(self._stopped.errno, os.strerror(self._stopped.errno or 0))
        if self._stopped is not None:
            raise KeyboardInterrupt

    def title_of(self, seat: Seat) -> str:
        """What stands on the phone itself."""
        return str(T("mi-automator: phone {number}", number=seat.number))

    # From the first phone to the last.

    def work(self) -> int:
        """Returns the worst exit code when every run has ended."""
        try:
            try:
                self._begin()
            except AutomatorError as error:
                return self._not_begun(error)
            while self._following or self._busy():
                self._turn()
        except (KeyboardInterrupt, OSError) as stop:
            self._stop(stop)
        except Exception:
            self._stop(KeyboardInterrupt())  # no run may be left without its end
            raise
        finally:
            self._over.set()
        _deaf()
        return self._end()

    def _begin(self) -> None:
        load()  # once for all threads
        listed = listing(self._client)
        if not meant(listed, self._named, every=self._every) and not self._following:
            listed = self._first()
        if self._following:
            self._seat_new(listed)
            Thread(target=copy_context().run, args=(self._watch,), daemon=True).start()
            self.output.say(T("Phones that you plug in join. To end: q and Enter, or Ctrl-C."))
        else:
            self._seat_all(meant(listed, self._named, every=self._every), listed)

    def _first(self) -> list[Listed]:
        """What adb lists once any phone is meant; the others are waited for by their own runs. Raises PreflightError."""
        if self._wait > 0:
            self.output.say(T("Plug the phone in with a data cable, unlock it, and switch USB debugging on."))
            for listed in changes(self._client, self._wait):
                if meant(listed, self._named, every=self._every):
                    return listed
        wait_for_phone(self._client, None, 0, self.output.say, lambda several: several[0])
        return listing(self._client)

    def _seat_all(self, serials: list[str], listed: list[Listed]) -> None:
        known = {phone.serial: phone for phone in listed}
        everybody = {*known, *serials, *(seat.serial for seat in self._seats)}
        new = []
        for serial in serials:
            phone = known.get(serial)
            before = [seat.number for seat in self._seats if seat.serial == serial]
            number = before[0] if before else self.count + 1
            seat = Seat(number, serial, letters_needed(serial, everybody))
            if phone is not None:
                seat.model = phone.model
                seat.listed_as(phone)
            self._seats.append(seat)
            new.append(seat)
        for seat in new:
            seat.thread = Thread(
                target=copy_context().run, args=(self._run, seat), name=seat.serial, daemon=True
            )
            seat.thread.start()
        self._draw()

    def _seat_new(self, listed: list[Listed]) -> None:
        """Phones that were never here, and those that come again after their run failed."""
        if not self._following:
            return
        last = {seat.serial: seat for seat in self._seats}
        ready = {phone.serial for phone in listed if phone.ready}
        self._left |= last.keys() - ready
        self._left -= {serial for serial in ready & last.keys() if last[serial].at_work}
        present = {phone.serial for phone in listed}
        joining = [
            serial
            for serial in meant(listed, self._named, every=self._every)
            if serial in present
            and (serial not in last or (serial in ready & self._left and _failed(last[serial])))
        ]
        self._left -= set(joining)
        if joining:
            self._seat_all(joining, listed)

    def _watch(self) -> None:
        """In a thread of its own: tells what adb lists whenever that changes. Touches no phone."""
        before: list[Listed] = []
        while not self._over.is_set():
            with contextlib.suppress(PhoneLost):
                for listed in changes(self._client, SLICE):
                    if listed != before:
                        before = listed
                        self.put(partial(self._seat_new, listed))
            self._over.wait(TICK)

    def _run(self, seat: Seat) -> None:
        """One phone, from first to last, in its own thread."""

        def run(journal: Journal) -> Outcome:
            if seat.letters is None:
                raise _alike(seat.serial)
            tell = _once(front.tell)
            listed = in_slices(
                self._wait,
                front.check,
                lambda left: wait_for_phone(
                    self._client, seat.serial, left, tell, lambda _: _twins(seat.serial)
                ),
            )
            phone = StoppablePhone(
                self._client,
                listed,
                front.check,
                lambda: self.stopped,
                lambda again: self._marks(seat, again),
            )
            try:
                self._marks(seat, listed)
                return conduct(
                    self._journey,
                    phone,
                    front,
                    journal,
                    over=listed.over,
                    hands=self.options.hands,
                    patience=self.patience,
                    wait=self._wait,
                    dry_run=self.options.dry_run,
                    letters=seat.letters,
                )
            except (InterruptedInFlight, OutcomeUnknown):
                if front.untold is not None:
                    raise front.untold from None  # nobody was told to tap, so nothing is unknown
                raise
            finally:
                phone.close()

        def hear(event: Event) -> None:
            front.heard(event)
            self._heard(seat, event)

        front = Front(self, seat)
        try:
            ending = to_the_end(self._journey.name, hear, run)
        except Exception as bug:  # noqa: BLE001 - no traceback ever reaches an owner
            what = T("A part of mi-automator failed: {kind}.", kind=type(bug).__name__)
            error = AutomatorError(
                seat.says(what),
                Text("{why}", {"why": bug}),
                T("Please report this."),
            )
            self.put(lambda: self.output.complain(error))
            return
        if ending.event.journal:
            with contextlib.suppress(Exception):  # the run is over, and its outcome stands
                from automator.report import written

                written(Path(ending.event.journal).parent, "report")
        seat.end = _told_of(ending, met=seat.met)
        self.put(lambda: self._say_end(seat))

    def _marks(self, seat: Seat, listed: Listed) -> None:
        """In the run's thread: where the phone is, and the sign on it."""
        seat.listed_as(listed)
        text = T("The computer asks about this phone by this number.")
        seat.signed = post_sign(self._client, listed, self.title_of(seat), str(text))

    def _heard(self, seat: Seat, event: Event) -> None:
        """In the run's thread. A machine's line is written here, so that the run notices when nobody reads."""
        seat.met = seat.met or isinstance(event, PhoneEvent)
        if self.options.json:
            line = {**json.loads(event.model_dump_json()), "serial": seat.serial}
            with self._stdout:
                self.output.machine(json.dumps(line, ensure_ascii=False))
        self.put(lambda: self._note(seat, event))

    # In the main thread.

    def _busy(self) -> bool:
        return any(seat.at_work for seat in self._seats) or not self._inbox.empty() or bool(self._questions)

    def _turn(self) -> None:
        """Whatever is to be said or shown goes first; then the next question, unless the last answer still has effect."""
        try:
            item = self._inbox.get(timeout=0.0 if self._may_ask() else TICK)
        except queue.Empty:
            if self._may_ask():
                self._ask(self._questions.popleft())
            elif self._following and _wants_to_quit():
                self._following = False
        else:
            self._take(item)

    def _take(self, item: Question | Callable[[], None]) -> None:
        if isinstance(item, Question):
            self._questions.append(item)
            self._state(item.seat, T("waits for your answer"))
        else:
            item()

    def _may_ask(self) -> bool:
        if self._answered is not None and monotonic() > self._answered[1]:
            self._answered = None
        return bool(self._questions) and self._answered is None

    def _ask(self, question: Question) -> None:
        try:
            answer = question.ask(self.owner)
        except AutomatorError as error:
            question.reply.put(error)
        else:
            if question.gate:
                self._answered = (question.seat, monotonic() + FOLLOW_UP)
            question.reply.put(answer)
        self._state(question.seat, T("at work"))

    def act(self, seat: Seat, deed: Deed) -> None:
        """What the person does on this phone, now."""
        self._came_of_it(seat)
        self.owner.act(deed)
        self._state(seat, T("your turn on the phone"))

    def tell(self, seat: Seat, text: Text, *, last: bool) -> None:
        """Says something about this phone. What a run said before it was stopped is over, but for its last words."""
        if not self.stopped or last or seat.end is not None:
            self.owner.tell(seat.says(text))

    def _came_of_it(self, seat: Seat) -> None:
        if self._answered is not None and self._answered[0] is seat:
            self._answered = None

    def _note(self, seat: Seat, event: Event) -> None:
        if isinstance(event, PhoneEvent):
            seat.model = event.model or seat.model
            self._state(seat, T("at work"))
        elif isinstance(event, ScreenEvent):
            self._state(seat, T("on the phone: {screen}", screen=called(event.screen)))
        elif isinstance(event, TapEvent) and event.sent:
            self._came_of_it(seat) if event.gate else None
            if event.gate:
                self.output.say(T("  {phone}: tapped “{label}”", phone=seat.name, label=event.label))
        elif isinstance(event, MoveEvent):
            self.output.detail(f"{seat.number}: {event.move} {event.element or ''}".rstrip())
        elif isinstance(event, WordsEvent):
            self.output.detail(f"{seat.number}: {event.package}: {event.origin}, {event.found}")
        elif isinstance(event, GateEvent | ErrorEvent | OutcomeEvent) or (
            isinstance(event, ConsentEvent) and event.answer != "given"
        ):
            self._came_of_it(seat)

    def _say_end(self, seat: Seat) -> None:
        """How it ended on this phone; the summary has where its record is."""
        end = seat.end
        if end is None or seat.told:
            return
        seat.told = True
        self._came_of_it(seat)
        self._state(seat, in_words(end.event), said=False)
        self.output.hold()
        if end.said is not None:
            mark, _, words = str(end.said).partition(" ")
            line = {"mark": mark, "text": seat.says(words)}
            self.output.say(Text("{mark} {text}", line))
        elif end.error is not None:
            error = end.error
            self.output.complain(AutomatorError(seat.says(error.what), error.why, error.fix))
        self._draw()

    def _state(self, seat: Seat, state: Text, *, said: bool = True) -> None:
        if str(seat.state) == str(state):
            return
        seat.state = state
        if isinstance(self.output, TableOutput):
            self._draw()
        elif said:
            self.output.say(Text("• {text}", {"text": seat.says(state)}))

    def _draw(self) -> None:
        if isinstance(self.output, TableOutput) and any(seat.at_work for seat in self._seats):
            last = {seat.serial: seat for seat in self._seats}
            self.output.show([self._row(seat) for seat in last.values()])

    def _row(self, seat: Seat) -> Row:
        return str(seat.number), seat.model, seat.serial, seat.place or "–", str(seat.state)

    # The end.

    def _stop(self, stop: BaseException) -> None:
        """Ctrl-C, or nobody reads: every run ends as a single one would, and writes down how."""
        self._stopped, self._following = stop, False
        _deaf()
        silent_until = monotonic() + SLICE
        while True:
            # Whatever can't be shown now must keep no run from its end.
            with contextlib.suppress(Exception, KeyboardInterrupt):
                self._questions.clear()
                with contextlib.suppress(queue.Empty):
                    self._take(self._inbox.get(timeout=TICK))
                if not self._busy():
                    return
                if monotonic() > silent_until:
                    silent_until = float("inf")
                    slow = ", ".join(str(seat.number) for seat in self._seats if seat.at_work)
                    self.output.say(
                        T("Stopping. I still wait for an answer of phone {numbers}.", numbers=slow)
                    )

    def _end_of(self, seat: Seat) -> PhoneEnd:
        event = seat.end.event if seat.end else None
        code = AutomatorError.exit_code
        if event is not None:
            code = event.exit_code
        elif seat.thread is None:
            code = self._code_of_stop()  # it was stopped before it began
        return PhoneEnd(
            serial=seat.serial,
            model=seat.model,
            place=seat.place,
            result=event.result if event else "stopped",
            verified=event is not None and event.verified,
            exit_code=code,
            journal=event.journal if event else "",
        )

    def _code_of_stop(self) -> int:
        return CTRL_C if isinstance(self._stopped, KeyboardInterrupt) else PreflightError.exit_code

    def _end(self) -> int:
        # Each try of each phone: one that came back and did well does not undo what went wrong before.
        ends = [self._end_of(seat) for seat in self._seats]
        code = worst(end.exit_code for end in ends)
        if not ends and self._stopped is not None and not self._open_ended:
            code = self._code_of_stop()
        with contextlib.suppress(OSError, KeyboardInterrupt):
            self.output.hold()
            for seat in self._seats:
                self._say_end(seat)
            self.output.hold()
            self._say_more([seat.end for seat in self._seats if seat.end is not None])
            self._summary(ends, code)
        return code

    def _say_more(self, ends: Sequence[End]) -> None:
        """What comes next, once for all phones that it holds for."""
        said = list(dict.fromkeys(str(line) for end in ends for line in end.more))
        if said:
            self.output.say("")
        for line in said:
            self.output.say(line)

    def _summary(self, ends: list[PhoneEnd], code: int) -> None:
        page = ""
        if ends:
            heads = (*HEADS[:-1], T("outcome"), T("exit code"))
            rows = [
                (*self._row(seat), str(end.exit_code)) for seat, end in zip(self._seats, ends, strict=True)
            ]
            self.output.say("")
            self.output.table(heads, rows)
            page = self._page(ends, code)
        if self.options.json:
            summary = SummaryEvent(
                time=now(), journey=self._journey.name, phones=ends, exit_code=code, summary=page
            )
            self.output.machine(summary.model_dump_json())

    def _page(self, ends: list[PhoneEnd], code: int) -> str:
        from automator.report.summary import write_summary

        try:
            path = write_summary(self._journey.name, ends, code)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the runs are over, and their outcomes stand
            kind = type(error).__name__
            self.output.say(T("! The summary could not be written ({kind}).", kind=kind))
            return ""
        self.output.path(T("Summary: {path}", path=path))
        return str(path)

    def _not_begun(self, error: AutomatorError) -> int:
        """Before there was any run."""
        event = ErrorEvent(
            time=now(),
            error=type(error).__name__,
            what=str(error.what),
            why=str(error.why),
            fix=str(error.fix),
            exit_code=error.exit_code,
        )
        self.output.machine(event.model_dump_json())
        self.output.complain(error)
        self._summary([], error.exit_code)
        return error.exit_code


def _told_of(ending: Ending, *, met: bool) -> End:
    if ending.outcome is not None:
        mark = Text("✓ {text}", {"text": in_words(ending.event)})
        first, *more = last_words(ending.outcome) or [mark]
        return End(ending.event, said=first, more=tuple(more))
    if ending.error is not None:
        error = ending.error
        helpless = met and error.exit_code in HELPLESS
        more = [OTHER_WAYS[ending.event.journey]] if helpless else []
        return End(ending.event, error=AutomatorError(error.what, error.why, error.fix), more=tuple(more))
    if ending.cause is not None:
        return End(ending.event, said=Text("• {text}", {"text": interrupted(ending.cause)}))
    return End(ending.event)


def _failed(seat: Seat) -> bool:
    """Whether it may begin again by itself: not where something may have been lost unseen."""
    if seat.at_work or seat.end is None:
        return False
    return seat.end.event.exit_code not in (0, OutcomeUnknown.exit_code)


def _told_too_late() -> PreflightError:
    return PreflightError(
        T("I could not tell you in time what to tap."),
        T("The question about another phone was open, and your answer for this one grew too old."),
        T("Nothing was tapped. Run the command again: it goes on where the phone is."),
    )


def _twins(serial: str) -> NoReturn:
    raise PreflightError(
        T("Two phones have the same serial: {serial}.", serial=serial),
        T("Neither I nor you could say which of them is meant."),
        T("Unplug one of them, and run the command again."),
    )


def _alike(serial: str) -> PreflightError:
    return PreflightError(
        T("Two phones have serials that read alike: {serial}.", serial=serial),
        T("What you type could not say which of them is meant."),
        T("Unplug one of them, and run the command again."),
    )


def _wants_to_quit() -> bool:
    """Whether q was typed while nothing was asked."""
    if not sys.stdin.isatty():
        return False
    try:
        import termios  # noqa: F401
    except ImportError:  # Windows
        import msvcrt

        hit: bool = msvcrt.kbhit()  # type: ignore[attr-defined,unused-ignore]
        return hit and msvcrt.getwch() in "qQ"  # type: ignore[attr-defined,unused-ignore]
    import select

    return bool(select.select([sys.stdin], [], [], 0)[0]) and sys.stdin.readline().strip().lower() == "q"
