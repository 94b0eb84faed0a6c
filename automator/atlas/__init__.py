"""`selectors/` as types: load, recognise, route. Knows no phone, no clock, and prints nothing."""

from automator.atlas.danger import dangers_at
from automator.atlas.load import Atlas, AtlasError, load
from automator.atlas.model import Danger, Element, Intent, Screen, Selector
from automator.atlas.recognise import View, recognise
from automator.atlas.route import route
from automator.atlas.words import Words, fallback

__all__ = [
    "Atlas",
    "AtlasError",
    "Danger",
    "Element",
    "Intent",
    "Screen",
    "Selector",
    "View",
    "Words",
    "dangers_at",
    "fallback",
    "load",
    "recognise",
    "route",
]
