"""One check and how it came out. Values only; knows no computer and no phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from automator.text import Text

Status = Literal["pass", "warn", "fail"]
NOTHING = Text("")


@dataclass(frozen=True)
class Row:
    """One check: what was found, why that matters, and the one remedy where it is not well."""

    id: str
    status: Status
    what: Text
    why: Text = NOTHING
    fix: Text = NOTHING
    phone: str = ""
    """The phone's serial; empty for a check of the computer."""
    journeys: Mapping[str, Status] = field(default_factory=dict)
    """The journeys in which it counts otherwise than in general."""

    def of(self, journey: str) -> Row:
        """The check as it counts for that journey."""
        return replace(self, status=self.journeys.get(journey, self.status))

    def on(self, phone: str) -> Row:
        """The check as that phone's."""
        return replace(self, phone=phone)

    @property
    def reason(self) -> str:
        """What was found and why that matters, for reading in one go."""
        return " ".join(str(part) for part in (self.what, self.why) if part != NOTHING)

    def as_json(self) -> dict[str, str]:
        """The row for machines, in the language in force; what is well needs no remedy."""
        return {
            "id": self.id,
            "status": self.status,
            "why": self.reason,
            "fix": "" if self.status == "pass" else str(self.fix),
            "phone": self.phone,
        }
