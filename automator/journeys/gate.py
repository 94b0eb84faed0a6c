"""A gate's question: what will be lost is shown and written down, and the owner's typed phrase makes the consent."""

from __future__ import annotations

from typing import Literal

from automator.consent import Consent, Consents, Target
from automator.errors import NobodyToAsk
from automator.events import ConsentEvent, GateEvent, now
from automator.journal import Journal
from automator.journeys.ports import Card, Owner


def show_gate(card: Card, target: Target, owner: Owner, journal: Journal) -> None:
    """Writes the card down and shows it."""
    picture = journal.picture if card.picture else None
    journal.write(
        GateEvent(
            time=now(),
            gate=card.gate.name,
            screen=target.screen,
            element=target.element,
            title=str(card.gate.title),
            loses=[str(loss) for loss in card.gate.loses],
            next=str(card.gate.next),
            phrase=card.phrase,
            picture=picture.name if picture else None,
        )
    )
    owner.show(card)


def ask_consent(card: Card, target: Target, consents: Consents, owner: Owner, journal: Journal) -> Consent:
    """The owner's consent for what the card showed. Raises ConsentDeclined, NobodyToAsk."""
    answered: Literal["given", "declined", "nobody"] = "declined"
    try:
        consent = consents.grant(target, owner.answer(card))
        answered = "given"
    except NobodyToAsk:
        answered = "nobody"
        raise
    finally:
        journal.write(ConsentEvent(time=now(), gate=card.gate.name, answer=answered))
    return consent
