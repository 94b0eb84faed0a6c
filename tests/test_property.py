"""Orders of screens, answers and popups that nobody thought of, against the loop: no dangerous tap without its consent.

The practice phone here obeys only when it likes: a tap may go its usual way or have no effect, and any screen may come
next, at any time, while the owner is answering as well. What destroys is what the practice ROM marks, which knows
nothing of the tool.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from automator.cli.owner import follow
from automator.errors import AutomatorError
from automator.events import Event
from automator.hierarchy import Hierarchy, Node, parse
from automator.journal import Journal
from automator.journeys import Card, Deed, Hands, reset, unlink
from automator.journeys.loop import Run
from automator.journeys.losses import Losses
from automator.phone.facts import COMMAND, Facts, parse_facts
from automator.phone.start import start_command
from automator.phone.touch import Sender
from automator.phone.words import AppWords
from automator.practice.phone import Latency, State
from automator.practice.phone import Phone as PracticePhone
from automator.text import Text
from tests.conftest import ATLAS, CONTINUES, GATES, PHONES, words_of

PLACES = ["account.home", "signout.synced", "signout.wallet", "signout.e2ee", "reset.home", "reset.backup"]
PLACES += ["reset.wallet", "reset.warning_1", "reset.warning_2", "reset.password"]
SCREENS = PLACES * 3 + sorted(PracticePhone("hyperos3").rom.screens)
POPUPS = tuple(name for name in PracticePhone("hyperos3").rom.screens if name.startswith("popup."))
NEVER = ("find_device_off", "sign_out_password", "other_device")


class Turned:
    """A clock that runs only when somebody waits."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


class Shuffled(Sender):
    """A phone on which anything may follow anything."""

    serial = "a1b2c3d4"
    obeys = True

    def __init__(self, device: PracticePhone, clock: Turned) -> None:
        self.device = device
        self.clock = clock
        self.destroyed: list[str] = []

    @property
    def server(self) -> Sender:
        return self

    def facts(self) -> Facts:
        return parse_facts(self.serial, self.device.shell(COMMAND)[0].decode())

    def words(self, wanted: Mapping[str, Collection[str] | None], facts: Facts) -> dict[str, AppWords]:
        return {}

    def prepare(self) -> None: ...

    def come_back(self, seconds: float, tell: Callable[[Text], None]) -> None: ...

    def takes_taps(self) -> bool:
        return True

    def wake(self) -> None:
        if self.obeys:
            self.device.rpc("wakeUp", [])

    def probe_input(self) -> None: ...

    def look(self) -> Hierarchy:
        self.clock.time += 0.2
        return parse(self.device.dump())

    def picture(self) -> None:
        return None

    def open(self, action: str | None, component: str | None, fragment: str | None) -> bool:
        if self.obeys:
            self.device.shell(start_command(action, component, fragment))
        return True

    def left_within(self, seconds: float) -> bool:
        return True

    def tap(self, x: int, y: int, *, not_after: float) -> None:
        assert self.clock.time <= not_after
        hit = self.device.would_hit(x, y)
        if hit.landed and hit.destructive:
            self.destroyed.append(hit.destructive)
        if self.obeys:
            self.device.rpc("click", [x, y, 40])

    def tap_node(self, node: Node, *, not_after: float) -> None:
        self.tap(*node.bounds.centre, not_after=not_after)

    def back(self, *, not_after: float) -> None:
        if self.obeys:
            self.device.rpc("pressKeyCode", [4])

    def swipe(self, x: int, start: int, end: int, *, not_after: float) -> None:
        if self.obeys:
            self.device.rpc("swipe", [x, start, x, end, 60])


class Anything(RuleBasedStateMachine):
    """A run, a phone, and an owner who types whatever hypothesis likes."""

    @initialize(
        phone=st.sampled_from(PHONES),
        remove=st.booleans(),
        journey=st.sampled_from(("unlink", "reset")),
        hands=st.sampled_from(("injected", "injected", "guided")),
    )
    def begin(self, phone: tuple[str, str], remove: bool, journey: str, hands: Hands) -> None:
        self.hands: Hands = hands
        self.clock = Turned()
        self.rom, self.language = phone
        self.journey = unlink(remove_synced=remove) if journey == "unlink" else reset()
        self.next_answer: str | None = "yes"
        self.meanwhile: str | None = None
        self.restart()

    journal: Journal | None = None

    def teardown(self) -> None:
        if self.journal is not None:
            self.journal.close()

    def restart(self) -> None:
        self.teardown()
        self.events: list[Event] = []
        state = State(language=self.language, cards=True, e2ee=True)
        device = PracticePhone(self.rom, state=state, latency=Latency(second=0), clock=self.clock.now)
        self.phone = Shuffled(device, self.clock)
        self.journal = Journal(self.journey.name, self.events.append)
        facts = self.phone.facts()
        self.run_ = Run(
            self.journey,
            self.phone,
            Losses(self.phone, self, self.clock, 0),
            facts,
            ATLAS,
            words_of(self.rom, self.language),
            self,
            self.journal,
            self.clock,
            hands=self.hands,
            patience=5,
            dry_run=False,
        )

    # The owner.

    present = True

    def answer(self, card: Card) -> str | None:
        if self.meanwhile is not None:
            self._put(self.meanwhile)
        return card.phrase if self.next_answer == "yes" else self.next_answer

    def show(self, card: Card) -> None: ...

    def act(self, deed: Deed) -> None:
        if self.phone.obeys:
            # What was to be tapped may be gone by now.
            with contextlib.suppress(LookupError):
                follow(self.phone.device, deed)

    def tell(self, text: Text) -> None: ...

    def confirm(self, warning: Text, question: Text) -> bool:
        return True

    # What happens.

    def _put(self, screen: str) -> None:
        if screen in self.phone.device.rom.screens:
            self.phone.device.close_popup()
            (self.phone.device.popup if screen in POPUPS else self.phone.device.show)(screen)

    @rule(screen=st.sampled_from(SCREENS))
    def another_screen(self, screen: str) -> None:
        self._put(screen)

    @rule(obeys=st.booleans())
    def it_obeys_or_not(self, obeys: bool) -> None:
        self.phone.obeys = obeys

    @rule(by=st.sampled_from((-600, -37, 37, 600, 2000)))
    def something_moves(self, by: int) -> None:
        self.phone.device.swipe(1000 + by, 1000)

    @rule(
        answer=st.sampled_from(("yes", "yes", "yes", "", None, "UNLINK-C3D4 ", "RESET-0000")),
        meanwhile=st.none() | st.sampled_from(SCREENS),
    )
    def the_owner_will_answer(self, answer: str | None, meanwhile: str | None) -> None:
        self.next_answer, self.meanwhile = answer, meanwhile

    @rule(times=st.integers(1, 30))
    def go_on(self, times: int) -> None:
        try:
            for _ in range(times):
                if self.run_.step():
                    self.restart()
                self.prove()
        except AutomatorError as error:
            assert error.exit_code != 1, error
            self.prove()
            self.restart()

    def prove(self) -> None:
        given = [e.gate for e in self.events if e.event == "consent" and e.answer == "given"]
        voided = [e.gate for e in self.events if e.event == "consent" and e.answer == "void"]
        for mark, gates in GATES.items():
            opened = sum(given.count(gate) - voided.count(gate) for gate in gates)
            assert self.phone.destroyed.count(mark) <= opened, (mark, self.events)
        for mark, gate in CONTINUES.items():
            assert mark not in self.phone.destroyed or gate in given
        assert not set(NEVER) & set(self.phone.destroyed)
        assert self.hands == "injected" or not [tap for tap in self.phone.device.log if tap.by == "injected"]


TestAnything = Anything.TestCase
TestAnything.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking a run of a whole phone takes minutes
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
