"""`selectors/` as types: load, recognise, route. Knows no phone, no clock, and prints nothing."""

from automator.atlas.danger import dangers_at
from automator.atlas.load import Atlas, AtlasError, load
from automator.atlas.model import (
    GENERATIONS,
    Danger,
    Element,
    Generation,
    Intent,
    Screen,
    Selector,
    generation,
)
from automator.atlas.recognise import View, recognise
from automator.atlas.route import route
from automator.atlas.words import Words, every_language, of_phone

__all__ = [
    "GENERATIONS",
    "Atlas",
    "AtlasError",
    "Danger",
    "Element",
    "Generation",
    "Intent",
    "Screen",
    "Selector",
    "View",
    "Words",
    "dangers_at",
    "every_language",
    "generation",
    "load",
    "of_phone",
    "recognise",
    "route",
]
