"""How a journal's lines are chained, so that a later change of one of them shows. Pure.

A line is an event as JSON with one or two fields more. `files` has the SHA-256 of each file that was kept beside the
journal since the line before. `chain` is the SHA-256 of the chain of the line before (nothing before the first) and of
this line as it is without its chain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256

EXTRA = ("files", "chain")
"""The fields that a line of a journal has, and its event has not."""
_CHAINED = re.compile(rb'(\{.*),"chain":"([0-9a-f]{64})"\}', re.DOTALL)


def chained(event: str, files: Mapping[str, str], before: str) -> tuple[bytes, str]:
    """The whole line for an event's JSON, and its chain. `before` is that of the line before."""
    body = f'{event[:-1]},"files":{json.dumps(files)}}}' if files else event
    chain = _link(body.encode(), before)
    return f'{body[:-1]},"chain":"{chain}"}}\n'.encode(), chain


def follows(line: bytes, before: str) -> str | None:
    """The chain of a line (without its line break) if it is the one that was written after `before`; else None."""
    found = _CHAINED.fullmatch(line)
    if found is None or _link(found[1] + b"}", before) != found[2].decode():
        return None
    return found[2].decode()


def _link(body: bytes, before: str) -> str:
    return sha256(before.encode() + body).hexdigest()
