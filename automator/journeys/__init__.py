"""Goals and the ways to them: tables, gates, and the loop that walks them."""

from automator.journeys.loop import Card, Owner
from automator.journeys.model import Journey, Outcome
from automator.journeys.reset import reset
from automator.journeys.session import PATIENCE, conduct
from automator.journeys.unlink import unlink

__all__ = ["PATIENCE", "Card", "Journey", "Outcome", "Owner", "conduct", "reset", "unlink"]
