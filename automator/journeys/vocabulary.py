"""The labels that the phone shows, read from it: in the background, since that takes its time."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

from automator.atlas import Atlas, Words, of_phone
from automator.events import WordsEvent, now
from automator.journal import Journal
from automator.journeys.ports import Owner, Phone
from automator.phone.facts import Facts
from automator.phone.words import DEADLINE, AppWords
from automator.text import T


def words_of(
    phone: Phone,
    facts: Facts,
    atlas: Atlas,
    owner: Owner,
    journal: Journal,
    meanwhile: Callable[[], None] = lambda: None,
) -> Words:
    """The labels that this phone shows, `meanwhile` being done at the same time; says what could not be read."""
    answers: SimpleQueue[dict[str, AppWords]] = SimpleQueue()
    # A daemon: whatever ends the run need not wait for a reading that hangs on the cable.
    Thread(target=lambda: answers.put(phone.words(atlas.strings(), facts)), name="words", daemon=True).start()
    meanwhile()
    try:
        read = answers.get(timeout=2 * DEADLINE)
    except Empty:
        read = {package: AppWords(None, "unread", "no answer") for package in atlas.strings()}
    for package, app in read.items():
        journal.write(
            WordsEvent(
                time=now(), package=package, origin=app.origin, found=len(app.texts or ()), why=app.why
            )
        )
    if unread := [package for package, app in read.items() if app.texts is None]:
        owner.tell(
            T(
                "I could not read from the phone what its menus say ({apps}). My short list serves instead: it knows "
                "English, Russian and Chinese. In another language I may stop at a page that I do not recognise.",
                apps=", ".join(unread),
            )
        )
    return of_phone(facts.locale, {package: app.texts for package, app in read.items()}, atlas.words)
