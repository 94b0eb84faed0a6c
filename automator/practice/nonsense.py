"""The made-up language `xx`: labels that nobody has seen before, so that nothing can know them by heart. Knows no ROM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

_HEADS = (
    "b",
    "d",
    "f",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "z",
    "br",
    "dr",
    "kl",
    "pl",
    "st",
    "tr",
)
_TAILS = ("a", "e", "i", "o", "u", "an", "el", "in", "or", "um")
_FIELD = re.compile(r"\(%d\)|%d|\{\w+\}")
_WORDS = {12: 1, 25: 2, 60: 5}
"""How many words a label has, by how long its English may be; anything longer is a sentence."""
_SENTENCE = 11


@lru_cache(maxsize=4096)
def nonsense(package: str, name: str, english: str) -> str:
    """The label of that name in `xx`: as long as its English, roughly, and with its `%d` and `{fields}`.

    Its first word alone tells it from others: one of 200⁴.
    """
    numbers = _numbers(f"{package}/{name}")
    count = next((words for most, words in _WORDS.items() if len(english) <= most), _SENTENCE)
    words = ["".join(_syllable(numbers) for _ in range(2 if place else 4)) for place in range(count)]
    label = " ".join(words).capitalize() + ("." if count == _SENTENCE else "")
    return " ".join([label, *_FIELD.findall(english)])


def _syllable(numbers: Iterator[int]) -> str:
    return _HEADS[next(numbers) % len(_HEADS)] + _TAILS[next(numbers) % len(_TAILS)]


def _numbers(seed: str) -> Iterator[int]:
    """Numbers below 65536 without end, the same on every computer."""
    block = seed.encode()
    while True:
        block = sha256(block).digest()
        yield from (int.from_bytes(block[at : at + 2], "big") for at in range(0, len(block), 2))
