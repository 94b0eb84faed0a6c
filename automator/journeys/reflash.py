"""Reflash: an official ROM is read, compared with the phone, shown, and after one gate written, command by command.

Takes no lock away: neither Find Device's nor the bootloader's. Knows no terminal; what is read and decided is in `rom`.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from automator.consent import Consent, Consents, Target
from automator.errors import (
    AutomatorError,
    ConsentDeclined,
    NobodyToAsk,
    OutcomeUnknown,
    PhoneLost,
    PreflightError,
)
from automator.events import AskEvent, CommandEvent, FactsEvent, FlashPlanEvent, PhoneEvent, now
from automator.journal import Journal, runs_folder
from automator.journeys.ending import InterruptedInFlight, InterruptedWriting
from automator.journeys.gate import ask_consent, show_gate
from automator.journeys.model import Gate, Outcome
from automator.journeys.ports import Card, Owner
from automator.phone.facts import Facts
from automator.phone.fastboot import ARRIVE, ASK, Answer, Fastboot, Held, client_failed, unnamed
from automator.rom import (
    Bootloader,
    Image,
    Rom,
    Script,
    Step,
    check_bootloader,
    check_phone,
    inspect,
    parse_name,
    unpack,
)
from automator.rom.archive import room_for
from automator.rom.checks import millivolts, yes_or_no
from automator.rom.script import DATA, choose_script, parse_script
from automator.text import T, Text
from automator.ways import fact

NAME = "reflash"
SLOWEST = 4 << 20
"""Bytes a second that even an old phone on USB 2 takes and writes; a guess, from reports of ten times as much."""
LARGE = 200 << 20
"""Bytes of an image whose writing is announced."""
Report = Callable[[Text, int, int], None]
"""Progress: what is done, and how many bytes of how many."""


class HalfWritten(OutcomeUnknown):
    """Writing had begun when something failed: the system on the phone is neither the old nor the new one. Exit 7."""


@dataclass(frozen=True)
class Times:
    """Seconds that each kind of command may take before it is given up."""

    ask: float = ASK
    arrive: float = ARRIVE
    act: float = 180.0
    """For `erase`, `set_active`, `oem`, `reboot`, and for `flash` besides what its bytes take."""

    def of(self, step: Step, size: int) -> float:
        """For this step, whose image has so many bytes."""
        return self.act + size / SLOWEST


@dataclass(frozen=True)
class Order:
    """What the owner wants."""

    rom: Path
    keep_data: bool = False
    dry_run: bool = False


class Normal(Protocol):
    """A phone in its normal system, seen by adb, and the way from there into fastboot."""

    serial: str

    def facts(self) -> Facts: ...
    def codename(self) -> str:
        """What it calls its model; empty when it does not say."""

    def restart(self) -> Fastboot:
        """Restarts it; it need not have arrived. Raises PhoneLost."""


@dataclass(frozen=True)
class Found:
    """The phone: in its normal system, or in fastboot already."""

    over: str
    normal: Normal | None = None
    fastboot: Fastboot | None = None


class Finder(Protocol):
    """Where the phone is."""

    def ready(self) -> None:
        """Raises PreflightError when a program is missing."""

    def find(self) -> Found:
        """The phone that is meant. Raises PreflightError, PhoneLost."""


@dataclass(frozen=True)
class _Job:
    """All that the gate is about."""

    rom: Rom
    script: Script
    steps: tuple[Step, ...]
    images: dict[str, Image]
    phone: Bootloader
    installed: str
    compared: str
    """The day on which that was read from the phone, where it was not today: in an earlier run, that did not finish."""
    charge: int | None
    """Percent, as adb said."""

    @property
    def digest(self) -> str:
        """What a consent is bound to: the ROM, each command, and each image's content."""
        what = [self.rom.md5, *(step.text for step in self.steps)]
        what += [f"{name}:{image.sha256}" for name, image in sorted(self.images.items())]
        return sha256("\n".join(what).encode()).hexdigest()


@dataclass(frozen=True)
class Begun:
    """What an earlier run had compared before it began to write, and did not finish."""

    installed: str
    rom: str
    """The name of its file: what is half written."""
    day: str


@dataclass
class _Course:
    """How far the writing has come."""

    sent: list[Step] = field(default_factory=list)
    done: list[Step] = field(default_factory=list)
    """Those that the bootloader confirmed."""
    passed: list[Step] = field(default_factory=list)
    """Those that it did not, and that nothing hangs on."""


def flash(
    order: Order,
    finder: Finder,
    owner: Owner,
    journal: Journal,
    *,
    practice: bool = False,
    times: Times | None = None,
    folders: Collection[Path] = (),
    report: Report = lambda what, done, of: None,
) -> Outcome:
    """Reads, compares, asks, writes. Raises the AutomatorError that stops it.

    `folders`: where images may be unpacked, the best place first; what is put there goes again. Before the gate nothing on
    the phone changes, though it may be restarted into fastboot, which is asked first.
    Exit codes: 3 nothing was written; 6 the phone went away; 7 writing had begun and failed, or nobody knows.
    """
    times = times or Times()
    for name in ("reflash.not_the_lock", "reflash.unlocked_only", "reflash.power"):
        owner.tell(fact(name))
    if not owner.present and not order.dry_run:
        raise NobodyToAsk(
            T("Nobody can be asked."),
            T("This needs your typed confirmation, and standard input is not a terminal."),
            T("Run the command in a terminal. The phone is left where it is."),
        )
    finder.ready()
    rom = inspect(order.rom, lambda done, of: report(T("reading the ROM"), done, of))
    name = choose_script(rom.scripts, keep_data=order.keep_data)
    script = parse_script(name, rom.scripts[name], rom.images, rom.anti)
    if not rom.md5_checked:
        owner.tell(
            T("The file's name has no digits to compare with, so I can't check that it arrived whole.")
        )
    found = finder.find()
    begun, facts = _installed(found, rom, script, owner, journal, practice)
    folder = room_for(rom, script.images, folders or (Path(tempfile.gettempdir()),))
    with tempfile.TemporaryDirectory(prefix="mi-automator-rom-", dir=folder) as place:
        images: dict[str, Image] = {}
        if not order.dry_run:
            images = unpack(
                rom, script.images, Path(place), lambda done, of: report(T("unpacking the ROM"), done, of)
            )
        fastboot = found.fastboot or _restarted(found, owner, journal, order.dry_run, times)
        with _brought_here(owner, fastboot is not None and found.normal is not None):
            phone = (
                _unasked(found)
                if fastboot is None
                else about(fastboot, script, times, arriving=found.normal is not None)
            )
            steps: tuple[Step, ...] = script.steps
            if fastboot is not None:
                check_bootloader(script, phone, rom.name.codename)
                steps = script.due(
                    {variable: fastboot.variable(variable, times.ask) for variable in script.asks}
                )
            charge = facts.battery if facts else None
            job = _Job(rom, script, steps, images, phone, begun.installed, begun.day, charge)
            consents = Consents(phone.serial, NAME, time.monotonic)
            gate = gate_of(job, order.keep_data)
            journal.write(_plan_event(job, gate))
            card = Card(gate, facts, consents.phrase, None, about=_about_rows(job))
            target = Target(phone.serial, NAME, gate.name, "fastboot", script.name, job.digest)
            show_gate(card, target, owner, journal)
            if order.dry_run or fastboot is None:
                return Outcome("dry_run", verified=False)
            consent = _asked(card, target, consents, owner, journal)
            _still_the_same(job, fastboot, times)
            # What is unpacked now is what the consent is for; so is what the bootloader says it is.
            consents.spend(consent, target)
            journal.sync()
            course = _write(job, fastboot, owner, journal, times, report)
    return Outcome("flashed", verified=not course.passed, words=_last_words(course))


@contextmanager
def _brought_here(owner: Owner, brought: bool) -> Iterator[None]:
    """Whatever stops the run before anything is written says how a phone gets out of fastboot that was `brought` there."""
    here = T("The phone stands in fastboot: to start it normally, hold its power button for ten seconds.")
    try:
        yield
    except (PreflightError, ConsentDeclined) as error:
        if not brought:
            raise
        raise type(error)(error.what, error.why, T("{fix} {here}", fix=error.fix, here=here)) from error
    except InterruptedInFlight:
        raise
    except KeyboardInterrupt:
        if brought:
            with suppress(OSError):
                owner.tell(here)
        raise


def _asked(card: Card, target: Target, consents: Consents, owner: Owner, journal: Journal) -> Consent:
    """The owner's consent. Raises ConsentDeclined, NobodyToAsk."""
    try:
        return ask_consent(card, target, consents, owner, journal)
    except NobodyToAsk:
        raise
    except ConsentDeclined as error:
        again = T("Nothing was written. Run the command again whenever you like.")
        raise ConsentDeclined(error.what, error.why, again) from error


def gate_of(job: _Job, keep_data: bool) -> Gate:
    """The one gate before anything is written."""
    erased = any(step.partition in DATA for step in job.steps)
    loses = [
        T("The system on the phone is replaced by {version}.", version=job.rom.name.build.version),
        T("Everything you have on the phone: photos, chats, apps, settings.")
        if erased or not keep_data
        else fact("reflash.keep_data"),
    ]
    return Gate(
        "reflash.write",
        T("Write the ROM to the phone"),
        tuple(loses),
        T(
            "{count} commands, one after the other, then the phone restarts. The first start can take a quarter of an hour. The "
            "account lock stays as it is.",
            count=len(job.steps),
        ),
        T("The system on the phone is half written."),
    )


def about(fastboot: Fastboot, script: Script, times: Times, *, arriving: bool) -> Bootloader:
    """What the bootloader says of itself. Waits for a phone that is `arriving`. Raises PhoneLost. Some round trips."""
    product = fastboot.variable("product", times.arrive if arriving else times.ask) or ""

    def told(name: str) -> str | None:
        return fastboot.variable(name, times.ask)

    unlocked = yes_or_no(told("unlocked"))
    if unlocked is None:
        said = fastboot.run(["oem", "device-info"], times.ask).text
        found = re.search(r"Device unlocked: (true|false)", said)
        unlocked = yes_or_no(found[1]) if found else None
    anti = told(script.anti_variable) or told("anti") or told("rollback_ver") or "0"
    return Bootloader(
        serial=told("serialno") or fastboot.serial,
        product=product,
        # What can't be read is above every ROM's.
        anti=int(anti) if re.fullmatch(r"\d{1,6}", anti) else 10**6,
        unlocked=unlocked,
        voltage=millivolts(told("battery-voltage")),
        battery_ok=yes_or_no(told("battery-soc-ok")),
        most=told("max-download-size") or "",
    )


def remembered(serial: str, *, practice: bool = False) -> Begun | None:
    """What the newest run that began to write to the phone of this bootloader had compared; None where it finished.

    A phone whose system is half written can't tell any more, and only another run makes it whole. Any other phone in fastboot
    may have got another system since. A rehearsal knows of rehearsals alone.
    """
    newest: tuple[str, bool, Begun] | None = None
    for journal in runs_folder().glob(f"*-{NAME}-*/journal.jsonl"):
        events: list[dict[str, object]] = []
        with suppress(OSError):
            for line in journal.read_bytes().splitlines():
                with suppress(ValueError):
                    event = json.loads(line)
                    events += [event] if isinstance(event, dict) else []
        kinds = {str(event.get("event")): event for event in events}
        plan = kinds.get("flash_plan", {})
        rehearsed = bool(kinds.get("phone", {}).get("practice"))
        if plan.get("serial") != serial or "command" not in kinds or rehearsed != practice:
            continue
        when = str(plan.get("time"))
        finished = kinds.get("outcome", {}).get("result") == "flashed"
        begun = Begun(str(plan.get("installed")), str(plan.get("rom")), when[:10])
        if newest is None or when > newest[0]:
            newest = (when, finished, begun)
    return None if newest is None or newest[1] else newest[2]


def _installed(
    found: Found, rom: Rom, script: Script, owner: Owner, journal: Journal, practice: bool
) -> tuple[Begun, Facts | None]:
    """The installed version, and adb's facts. Raises PreflightError where the ROM is not for what is installed."""
    if found.normal is not None:
        facts = found.normal.facts()
        journal.write(
            PhoneEvent(
                time=now(),
                serial=found.normal.serial,
                model=facts.model,
                rom=facts.rom,
                over=found.over,
                state="device",
                practice=practice,
            )
        )
        journal.write(FactsEvent.of(facts, "before"))
        if facts.xiaomi_account is not None:
            owner.tell(fact("reflash.sign_out_first"))
        codename = found.normal.codename()
        # Two phones that share a ROM stand both in its script.
        compared = "" if script.names(codename) else codename
        check_phone(rom.name, facts.build, facts.battery, facts.bootloader, compared)
        return Begun(facts.build, "", ""), facts
    assert found.fastboot is not None
    serial = found.fastboot.variable("serialno") or found.fastboot.serial
    journal.write(
        PhoneEvent(
            time=now(), serial=serial, model="", rom="", over=found.over, state="fastboot", practice=practice
        )
    )
    begun = remembered(serial, practice=practice)
    if begun is None:
        raise PreflightError(
            T("I can't tell which region's system this phone has. Nothing was written."),
            T("In fastboot it does not say, and a ROM of another region can lock it up."),
            T(
                "Start the phone normally (hold the power button), plug it in with USB debugging on, and run the command again: I "
                "restart it into fastboot myself."
            ),
        )
    check_phone(rom.name, begun.installed, None, None)
    half = parse_name(begun.rom)
    if half is not None:
        check_phone(rom.name, half.build.version, None, None)
    return begun, None


def _restarted(found: Found, owner: Owner, journal: Journal, dry_run: bool, times: Times) -> Fastboot | None:
    """The phone on its way into fastboot; None in a dry run. Raises ConsentDeclined, NobodyToAsk, PhoneLost."""
    if dry_run or found.normal is None:
        return None
    warning = T(
        "The phone has to restart into fastboot. Nothing is lost by that; holding the power button leads back."
    )
    wanted = owner.confirm(warning, T("Restart it now?"))
    journal.write(AskEvent(time=now(), text=str(warning), answer="yes" if wanted else "no"))
    if not wanted:
        raise ConsentDeclined(
            T("You did not want to go on."),
            T("The phone was not restarted."),
            T("Nothing was written. Run the command again whenever you like."),
        )
    fastboot = found.normal.restart()
    owner.tell(
        T(
            "It restarts. I wait for it to arrive in fastboot, for up to {seconds} seconds; leave the cable in.",
            seconds=round(times.arrive),
        )
    )
    return fastboot


def _still_the_same(job: _Job, fastboot: Fastboot, times: Times) -> None:
    """Raises PreflightError unless phone and images are what the owner said yes to. Nothing was written yet."""
    if not all(image.unchanged() for image in job.images.values()):
        raise _touched()
    serial = fastboot.variable("serialno", times.ask) or fastboot.serial
    if (serial, fastboot.variable("product", times.ask) or "") != (job.phone.serial, job.phone.product):
        raise PreflightError(
            T("Another phone answers than the one you said yes to. Nothing was written."),
            T("It calls itself {serial}.", serial=serial),
            T("Leave one phone plugged in, then run the command again."),
        )


def _touched() -> PreflightError:
    return PreflightError(
        T("The unpacked ROM was changed after you said yes. Nothing was written."),
        T("Another program touched its files."),
        T("Find out which, then run the command again."),
    )


def _write(
    job: _Job, fastboot: Fastboot, owner: Owner, journal: Journal, times: Times, report: Report
) -> _Course:
    """Sends the commands, whatever signal comes meanwhile. Stops at the first that fails, and between two when told to.

    Raises HalfWritten, PhoneLost, InterruptedWriting; PreflightError when nothing was written.
    """
    course = _Course()
    with Held() as held:
        try:
            for number, step in enumerate(job.steps, 1):
                _send(job, number, step, course, fastboot, owner, journal, times, held, report)
                if held.times and number < len(job.steps):
                    raise InterruptedWriting
        except PreflightError:
            raise
        except (HalfWritten, PhoneLost):
            _tell_state(job, course, owner)
            raise
        except BaseException:
            _tell_state(job, course, owner)
            with suppress(OSError):
                owner.tell(fact("reflash.half_written"))
            raise
    return course


def _send(
    job: _Job,
    number: int,
    step: Step,
    course: _Course,
    fastboot: Fastboot,
    owner: Owner,
    journal: Journal,
    times: Times,
    held: Held,
    report: Report,
) -> None:
    """One command, and what came of it into `course`. Raises what `_write` does."""
    image = job.images.get(step.file)
    size = image.size if image else 0
    words = [step.kind, *filter(None, [step.target, str(image.path) if image else ""])]
    told = 0

    def write(state: str, answer: Answer | None = None) -> None:
        event = CommandEvent.model_validate(
            {
                "time": now(),
                "text": step.text,
                "number": number,
                "of": len(job.steps),
                "state": state,
                "output": unnamed(_short(answer.text)) if answer else "",
                "seconds": round(answer.seconds, 2) if answer else 0.0,
            }
        )
        # A phone that is half written is worse than a gap in its record, or than nobody who reads.
        with suppress(OSError):
            journal.write(event)

    def during(said: str, left: float) -> None:
        nonlocal told
        if held.times > told:
            told = held.times
            owner.tell(
                T(
                    "I stop after this command: a write that is torn apart does harm. It ends in {seconds} seconds at most.",
                    seconds=round(left),
                )
            )
        # An image that the phone does not take at once is sent in pieces.
        pieces = re.findall(r"Sending sparse '[^']*' (\d+)/(\d+)", said)
        if pieces:
            report(
                T("writing {name}", name=step.target),
                size * (int(pieces[-1][0]) - 1),
                size * int(pieces[-1][1]),
            )

    # Writing takes many minutes, and the consent is for what was unpacked then.
    if image is not None and not image.unchanged():
        raise _changed(step, course)
    write("begun")
    if size > LARGE:
        with suppress(OSError):
            owner.tell(
                T("I write {name}, {size} MB: that takes some minutes.", name=step.target, size=size >> 20)
            )
    course.sent.append(step)
    answer = fastboot.run(words, times.of(step, size), during)
    how = answer.how
    write({"absent": "lost", "client": "lost"}.get(how, how), answer)
    if how == "done":
        course.done.append(step)
    # The ROM's own script passes over an `oem` that is refused, and a restart can be done by hand.
    elif step.kind == "reboot" or (step.kind == "oem" and how == "failed"):
        course.passed.append(step)
    else:
        raise _failure(answer, step, course.done)


def _changed(step: Step, course: _Course) -> AutomatorError:
    """The error for an image that somebody touched after the consent."""
    if not course.sent:
        return _touched()
    return HalfWritten(
        T("The phone's system is half written: {name} was changed before I could write it.", name=step.file),
        T("Another program touched its files."),
        fact("reflash.half_written"),
    )


def _failure(answer: Answer, step: Step, done: Sequence[Step]) -> AutomatorError:
    """What stopped the writing, as an error."""
    again = fact("reflash.half_written")
    how = answer.how
    if not done and how == "failed" and re.search(r"\b(?:un)?lock|not allowed", answer.reason, re.IGNORECASE):
        return PreflightError(
            T("The bootloader refused the first command. Nothing was written."),
            T("It says: {words}.", words=answer.reason),
            fact("reflash.unlocking"),
        )
    # One that was killed (below 0) may have sent something.
    if not done and how == "client" and (answer.code or 0) > 0:
        return client_failed(answer)
    if how in ("failed", "client"):
        return HalfWritten(
            T("The phone's system is half written: “{command}” failed.", command=step.text),
            T("The bootloader says: {words}.", words=answer.reason)
            if how == "failed"
            else T("The program fastboot says: {words}.", words=answer.reason),
            again,
        )
    if how == "timeout":
        return HalfWritten(
            T("Nobody knows whether “{command}” was carried out.", command=step.text),
            T("The phone said nothing for {seconds} seconds.", seconds=round(answer.seconds)),
            again,
        )
    return PhoneLost(
        T("The phone went away during “{command}”.", command=step.text),
        T("The cable came loose, or the phone was switched off. What was written till then is said above."),
        again,
    )


def _last_words(course: _Course) -> tuple[Text, ...]:
    """What was confirmed, and what was not."""
    restarts = any(step.kind == "reboot" for step in course.done)
    if restarts and not course.passed:
        return (T("✓ The ROM is written: the bootloader confirmed every command, and the phone restarts."),)
    said = [T("✓ The ROM is written: the bootloader confirmed all that was written and erased.")]
    said += [
        T("  It refused “{command}”, which the ROM's own script passes over.", command=step.text)
        for step in course.passed
        if step.kind == "oem"
    ]
    said.append(
        T("  The phone restarts.")
        if restarts
        else T("  The phone did not say that it restarts: hold its power button until it does.")
    )
    return tuple(said)


def _tell_state(job: _Job, course: _Course, owner: Owner) -> None:
    """Says what was written and what was not; the last command that was sent may have been half done."""

    def names(steps: Sequence[Step]) -> str:
        return (
            ", ".join(dict.fromkeys(step.target for step in steps if step.kind in ("flash", "erase"))) or "–"
        )

    with suppress(OSError):  # nobody may read it
        owner.tell(T("Written: {names}.", names=names(course.done)))
        for step in course.sent[len(course.done) + len(course.passed) :]:
            owner.tell(T("Not sure: {names}.", names=step.text))
        owner.tell(T("Not written: {names}.", names=names(job.steps[len(course.sent) :])))


def _short(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return "\n".join(lines)[-2000:]


def _plan_event(job: _Job, gate: Gate) -> FlashPlanEvent:
    return FlashPlanEvent(
        time=now(),
        serial=job.phone.serial,
        rom=job.rom.path.name,
        md5=job.rom.md5,
        md5_checked=job.rom.md5_checked,
        script=job.script.name,
        installed=job.installed,
        bootloader=job.phone.told(),
        commands=[step.text for step in job.steps],
        loses=[str(loss) for loss in gate.loses],
    )


def _about_rows(job: _Job) -> tuple[tuple[Text, Text | str], ...]:
    written = list(dict.fromkeys(step.target for step in job.steps if step.kind == "flash"))
    erased = list(dict.fromkeys(step.target for step in job.steps if step.kind == "erase"))
    return (
        (
            T("In fastboot"),
            T("{product}, serial {serial}", product=job.phone.product, serial=job.phone.serial)
            if job.phone.product
            else T("not asked yet"),
        ),
        (
            T("Installed"),
            T(
                "{version}, as compared on {day}; that run did not finish",
                version=job.installed,
                day=job.compared,
            )
            if job.compared
            else job.installed,
        ),
        *(
            [(T("Battery"), T("unknown: the phone does not say. Charge it first"))]
            if (job.charge, job.phone.voltage, job.phone.battery_ok) == (None, None, None)
            else []
        ),
        (T("ROM"), job.rom.path.name),
        (
            T("Checked"),
            T("its MD5 is the one in its name") if job.rom.md5_checked else T("its MD5 can't be checked"),
        ),
        (T("Script"), job.script.name),
        (T("Written"), T("{count}: {names}", count=len(written), names=", ".join(written))),
        (T("Erased"), ", ".join(erased) or T("nothing else")),
    )


def _unasked(found: Found) -> Bootloader:
    """In a dry run nobody asks the bootloader of a phone in its normal system."""
    return Bootloader(found.normal.serial if found.normal else "", "", 0, None, None, None, "")
