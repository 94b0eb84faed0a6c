"""Goals and the ways to them: tables, gates, and the loop that walks them."""

from automator.journeys.ending import Ending, InterruptedInFlight, to_the_end
from automator.journeys.model import Hands, Journey, Outcome
from automator.journeys.ports import Card, Deed, Owner
from automator.journeys.reset import reset
from automator.journeys.session import PATIENCE, conduct
from automator.journeys.unlink import unlink

__all__ = [
    "PATIENCE",
    "Card",
    "Deed",
    "Ending",
    "Hands",
    "InterruptedInFlight",
    "Journey",
    "Outcome",
    "Owner",
    "conduct",
    "reset",
    "to_the_end",
    "unlink",
]
