"""`support` and its rehearsal: asks what Xiaomi asks for, writes the letter, and shows where to go with it. Sends nothing."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

import typer
from adbutils import AdbClient

from automator.cli.delete_account import browse
from automator.cli.journey import Options, ended
from automator.cli.keys import ask_line
from automator.cli.output import Output
from automator.cli.owner import TerminalOwner
from automator.cli.pick import plugged_phone
from automator.cli.spoken import SpokenOutput
from automator.errors import PhoneLost, PreflightError
from automator.events import AskEvent, FactsEvent, LetterEvent, PhoneEvent, now
from automator.journal import Journal
from automator.journeys import Outcome
from automator.journeys.preflight import obstacle
from automator.phone import Listed, Phone, listing, remedy, wait_for_phone
from automator.phone.facts import Facts
from automator.support import (
    FIELDS,
    KINDS,
    LANGUAGES,
    Attachment,
    Case,
    Field,
    Letter,
    Unusable,
    as_mail,
    contacts_for,
    field_named,
    from_phone,
    letter_language,
    missing,
    page_url,
    read_attachment,
    read_back,
    save,
    total_warning,
    written_letter,
)
from automator.text import T, Text, current_language
from automator.ways import Address, fact, how_sure, ways

_A = TypeVar("_A")

STEM = "support-letter"
_FIRST = (
    (("support.remote",), "support.find"),
    (("support.instalment",), ""),
    (("support.google_lock",), "support.google"),
)
"""What makes the letter needless, or the wrong one: facts, and the page that they are about."""
_BESIDE = (
    (("support.page_first",), "support.page"),
    (("support.status_page", "support.no_checkers"), "support.status"),
    (("support.appeal_asks", "support.appeal_phones"), "support.appeal"),
    (("support.centre", "support.centre_bring", "support.papers", "support.blocked", "support.time"), ""),
)
"""Other ways, and what to mind."""
_OPTIONS = {"number": "serial-number", "imei2": "imei", "unlock": "unlock-code", "exists": "account-exists"}
"""Fields that the command line calls otherwise."""


class Asker(Protocol):
    """Who answers questions that words are the answer to."""

    present: bool

    def ask(self, name: str, question: Text) -> str:
        """The line for the field or kind of attachment of this name; empty when it is left out."""


class TerminalAsker:
    """Asks on the terminal; without one, nobody is there."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.present = sys.stdin.isatty()

    def ask(self, name: str, question: Text) -> str:
        """The typed line."""
        self._output.hold()
        # What was typed or pasted before the question is no answer to it.
        return (ask_line(str(question), self._output.talk) or "").strip()


class RehearsalAsker:
    """Answers for the owner in plain sight, with made-up things."""

    present = True

    def __init__(self, output: Output, answers: Mapping[str, str]) -> None:
        self._output = output
        self._answers = answers

    def ask(self, name: str, question: Text) -> str:
        """The made-up answer, said aloud."""
        answer = self._answers.get(name, "")
        self._output.say(question)
        self._output.say(T("  (rehearsal answers: {answer})", answer=answer or T("nothing")))
        return answer


def support(
    given: Mapping[str, str],
    attach: Sequence[str],
    options: Options,
    *,
    language: str | None = None,
    folder: Path | None = None,
    open_it: bool = False,
) -> int:
    """Writes the letter from what is given, what adb tells and what the owner types; the exit code."""
    output = _voice(options)

    def run(journal: Journal) -> Outcome:
        desk = Desk(output, TerminalAsker(output), journal)
        desk.begin()
        case = desk.checked(Case(), given)
        case = _filled(_from_phone(output, options, journal), case)
        letter = desk.write(case, attach, language, folder)
        desk.ways(letter.case.country)
        _offer(output, letter, open_it)
        return Outcome("letter_written", verified=True)

    return ended("support", output, run)


def rehearsed(options: Options, rom: str, language: str) -> int:
    """Writes a letter about a practice phone, from made-up answers; the exit code."""
    from automator.practice.lab import Lab
    from automator.practice.phone import Phone as PracticePhone

    output = _voice(options)

    def run(journal: Journal) -> Outcome:
        practice = PracticePhone(rom, language)
        output.say(T("This is a rehearsal on a practice phone ({rom}); no real phone is touched.", rom=rom))
        with Lab() as lab:
            wire = lab.add(practice)
            listed = wait_for_phone(lab.client, wire.serial, 0, output.say, lambda _: None)
            phone = Phone(lab.client, listed)
            case = _told(phone, phone.facts(), listed, journal, practice=True)
        answers = {
            "imei": practice.state.imei,
            "unlock": "PRACTICE-0",
            "country": case.region,
            "bought": "2025-03-14",
            "shop": "PRACTICE SHOP",
            "order": "PRACTICE-0001",
            "exists": "yes",
            "tried": "PRACTICE: signed in on Xiaomi's page on 2026-01-05, and the phone stayed locked.",
            "name": "PRACTICE OWNER",
            "contact": practice.state.email,
            **{kind: str(_practice_photo(journal.folder, kind)) for kind in KINDS},
        }
        desk = Desk(output, RehearsalAsker(output, answers), journal)
        desk.begin()
        spoken = {"ru": "ru", "es": "es", "zh-CN": "zh"}.get(language, "en")
        letter = desk.write(case, (), spoken, None, practice=True)
        desk.ways(letter.case.country)
        output.say(T("In a rehearsal nothing is opened, and the letter is addressed to nobody."))
        return Outcome("letter_written", verified=True)

    return ended("support", output, run)


def _voice(options: Options) -> Output:
    # Nothing is waited for: no view that moves.
    return SpokenOutput(json=options.json) if options.plain else Output(json=options.json)


@dataclass(frozen=True)
class Written:
    """A letter on the disk."""

    case: Case
    path: Path


class Desk:
    """Where the letter is put together."""

    def __init__(self, output: Output, asker: Asker, journal: Journal) -> None:
        self._output = output
        self._asker = asker
        self._journal = journal

    def begin(self) -> None:
        """What this can do, and whether it is the right way."""
        say = self._output.say
        say(T("I write a letter to Xiaomi's support and show you where to take it. I send nothing."))
        for name in ("support.no_promise", "support.never"):
            say(fact(name))
        say("")
        say(T("First see whether you need it:"))
        self._bullets(_FIRST, "")
        say("")

    def checked(self, case: Case, given: Mapping[str, str]) -> Case:
        """The case with what was given on the command line. Raises Unusable."""
        for name, value in given.items():
            if value.strip():
                try:
                    case = replace(case, **{name: field_named(name).check(value)})
                except Unusable as error:
                    option = f"--{_OPTIONS.get(name, name)}"
                    what = Text("{option}: {what}", {"option": option, "what": error.what})
                    raise Unusable(what, error.why, error.fix) from None
        return case

    def write(
        self,
        case: Case,
        attach: Sequence[str],
        language: str | None,
        folder: Path | None,
        *,
        practice: bool = False,
    ) -> Written:
        """Asks for the rest, shows the letter and saves it. Raises Unusable for attachments that are, PreflightError."""
        attachments = [read_attachment(said) for said in attach]
        if self._asker.present:
            case = self._ask_fields(case)
            attachments += self._ask_files(attachments)
        if not case.country and case.region:
            case = replace(case, country=case.region)
            self._output.say(
                T(
                    "I take {country} for your country, as the phone is set. Say otherwise with --country.",
                    country=case.region,
                )
            )
        language = language or letter_language(case.country)
        contacts = contacts_for(case.country)
        self._addresses(case.country, contacts)
        letter = written_letter(case, attachments, language, practice=practice)
        to = "" if practice else contacts[0].mail
        contents = {".eml": as_mail(letter, to, attachments), ".txt": letter.text.encode()}
        paths = save(folder or self._journal.folder, STEM, contents)
        read_back(paths[".eml"], letter, to, attachments)
        left = missing(case)
        self._journal.write(
            LetterEvent(
                time=now(),
                language=language,
                country=case.country,
                to=to,
                mail=str(paths[".eml"]),
                text=str(paths[".txt"]),
                attached=[one.kind or "other" for one in attachments],
                missing=[field.name for field in left],
            )
        )
        self._show(letter, language)
        self._to_do(left, attachments)
        self._output.path(T("Letter: {path}", path=paths[".eml"]))
        self._output.path(T("The same as plain text: {path}", path=paths[".txt"]))
        self._output.say(
            T(
                "It holds your numbers in full. Before you give the folder {folder} to anybody else, take the letter out.",
                folder=paths[".eml"].parent,
            )
        )
        return Written(case, paths[".eml"])

    def ways(self, country: str) -> None:
        """Pages, the service centre, and what to mind."""
        say = self._output.say
        say("")
        say(T("Other ways, which go on beside the letter:"))
        self._bullets(_BESIDE, country)

    def _ask_fields(self, case: Case) -> Case:
        self._output.say(
            T("Now what Xiaomi asks for. Press Enter to leave a line out; you can fill it in later.")
        )
        self._output.say(fact("support.imei"))
        for field in FIELDS:
            if field.asked and not getattr(case, field.name) and (field.needed or case.imei):
                answer = self._ask(field.name, field.label, field.check)
                case = replace(case, **{field.name: answer or ""})
        return case

    def _ask_files(self, attached: Sequence[Attachment]) -> list[Attachment]:
        found = []
        for kind, label in KINDS.items():
            if not any(one.kind == kind for one in attached):
                one = self._ask(kind, T("the name of a file with {thing}", thing=label), _reader(kind))
                found += [one] if one else []
        return found

    def _ask(self, name: str, label: Text, check: Callable[[str], _A]) -> _A | None:
        """What was answered, asked again while it can't be used; None when it is left out."""
        question = T("Type {thing}: ", thing=label)
        while answer := self._asker.ask(name, question):
            try:
                used = check(answer)
            except Unusable as error:
                self._write_down(label, T("(refused)"))
                self._output.complain(error)
            else:
                self._write_down(label, T("(given)"))
                return used
        self._write_down(label, T("(left out)"))
        return None

    def _write_down(self, label: Text, answer: Text) -> None:
        """What was asked, and of the answer no more than whether there was one."""
        self._journal.write(AskEvent(time=now(), text=str(label), answer=str(answer)))

    def _addresses(self, country: str, contacts: Sequence[Address]) -> None:
        say = self._output.say
        say("")
        if not country:
            say(T("I do not know your country, and show only addresses for anybody. Name it with --country."))
        say(T("Where support is written to, the best address first:"))
        for one in contacts:
            self._output.path(Text("  {mail}", {"mail": one.mail}))
            older = T("older, ") if one.older else Text("")
            sure = Text("{older}{sure}", {"older": older, "sure": how_sure(one)})
            # Sources are kept in English: they are for looking up.
            english = current_language() == "en"
            said = T("    {sure}; source: {source}", sure=sure, source=one.source)
            say(said if english else Text("    {sure}", {"sure": sure}))
        if any(one.older for one in contacts):
            say(fact("support.addresses_moved"))

    def _show(self, letter: Letter, language: str) -> None:
        self._output.say("")
        self._output.say(T("The letter, in {language}:", language=LANGUAGES[language]))
        for line in letter.text.splitlines():
            self._output.say(f"    {line}".rstrip())
        self._output.say("")

    def _to_do(self, left: Sequence[Field], attachments: Sequence[Attachment]) -> None:
        say = self._output.say
        if left:
            say(T("! Still to be filled in, where the letter has brackets:"))
            for field in left:
                say(Text("  – {thing}", {"thing": field.label}))
        kinds = {one.kind for one in attachments}
        if not set(KINDS) <= kinds:
            say(T("! Not attached yet:"))
            for kind, label in KINDS.items():
                if kind not in kinds:
                    say(Text("  – {thing}", {"thing": label}))
        if warning := total_warning(attachments):
            say(T("! {warning}", warning=warning))

    def _bullets(self, facts: Sequence[tuple[Sequence[str], str]], country: str) -> None:
        for names, page in facts:
            for name in names:
                self._output.say(T("• {text}", text=fact(name)))
            if page:
                url = page_url(page, country)
                sure = how_sure(ways().links[page])
                self._output.path(Text("    {url} ({sure})", {"url": url, "sure": sure}))


def _reader(kind: str) -> Callable[[str], Attachment]:
    return lambda said: replace(read_attachment(said), kind=kind)


def _from_phone(output: Output, options: Options, journal: Journal) -> Case:
    """What the phone that the letter is about tells; of one that nobody named, only when the owner says that it is the one.

    Most phones that need this letter are locked, and adb lists none of them. Raises PhoneLost and PreflightError for
    the phone of `--serial` alone.
    """
    if options.serial:
        phone, listed = plugged_phone(output, options.serial, options.wait or 0.0)
        with contextlib.closing(phone):
            return _told(phone, phone.facts(), listed, journal)
    if not sys.stdin.isatty():
        output.say(
            T("I ask no phone: nobody is here to say whether the letter is about it. Name it with --serial.")
        )
        return Case()
    try:
        return _agreed(output, options, journal)
    except (PreflightError, PhoneLost) as error:
        output.say(T("{what} I go on without a phone.", what=error.what))
        return Case()


def _agreed(output: Output, options: Options, journal: Journal) -> Case:
    """What the plugged-in phone tells, if the letter is about it. Raises PhoneLost, PreflightError."""
    if not (options.wait or os.environ.get("ANDROID_SERIAL")):
        seen = [one for one in listing(AdbClient()) if one.over == "usb"]
        if not any(one.ready for one in seen):
            why = remedy(seen[0].state) if seen else None
            output.say(
                T("The phone that is plugged in can't be asked ({why}) I go on without it.", why=why[0])
                if why
                else T("No phone is plugged in that I can ask: I go on without one.")
            )
            return Case()
    phone, listed = plugged_phone(output, None, options.wait or 0.0)
    with contextlib.closing(phone):
        facts = phone.facts()
        if not facts.is_xiaomi:
            output.say(
                T(
                    "The phone that is plugged in ({model}) is none of Xiaomi's: I go on without it.",
                    model=facts.model,
                )
            )
            return Case()
        question = T("Is the letter about this phone, {model}?", model=facts.model)
        warning = T("A phone is plugged in. The locked one may be another: adb seldom lists a locked phone.")
        agreed = TerminalOwner(output).confirm(warning, question)
        journal.write(AskEvent(time=now(), text=str(question), answer="yes" if agreed else "no"))
        return _told(phone, facts, listed, journal) if agreed else Case()


def _told(phone: Phone, facts: Facts, listed: Listed, journal: Journal, *, practice: bool = False) -> Case:
    """What the phone tells. Raises PhoneLost, and PreflightError for one that is none of Xiaomi's."""
    label = phone.label()
    journal.write(
        PhoneEvent(
            time=now(),
            serial=phone.serial,
            model=facts.model,
            rom=facts.rom,
            over=listed.over,
            state=listed.state,
            practice=practice,
        )
    )
    journal.write(FactsEvent.of(facts, "before"))
    if not facts.is_xiaomi and (foreign := obstacle("reset", facts)):
        raise foreign
    return from_phone(facts, label)


def _filled(told: Case, given: Case) -> Case:
    """What the owner gave counts more than what the phone tells."""
    return replace(told, **{field.name: value for field in FIELDS if (value := getattr(given, field.name))})


def _offer(output: Output, letter: Written, open_it: bool) -> None:
    """Opens the letter, then the form, if the owner wants it. Only on a terminal."""
    owner = TerminalOwner(output)
    if not owner.present:
        output.say(T("Nothing was opened: that needs a terminal to ask you on."))
        return
    sends = T("Opening sends nothing: you read it, fill it in, and press Send yourself.")
    wanted = open_it or owner.confirm(sends, T("Open the letter in your mail program?"))
    if wanted and typer.launch(str(letter.path)) != 0:
        output.path(T("It could not be opened. Open it yourself: {what}", what=letter.path))
    if not open_it and owner.confirm(
        fact("support.appeal_phones"), T("Open Xiaomi's form for a locked phone?")
    ):
        url = page_url("support.appeal", letter.case.country)
        output.path(T("Xiaomi's page: {url}", url=url))
        if not browse(url):
            output.say(T("I could not open a browser here. Open that address in yours."))


def _practice_photo(folder: Path, kind: str) -> Path:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (320, 200), "white")
    ImageDraw.Draw(picture).text((20, 90), f"PRACTICE: {kind}", fill="black")
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG")
    return save(folder, f"practice-{kind}", {".jpg": drawn.getvalue()})[".jpg"]
