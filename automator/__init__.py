"""mi-automator: signs an owner's Xiaomi phone out of its account, or starts its reset, by its own Settings.

What the commands do, a Python program can do too:

    from automator import Owner, devices, unlink

    class AtTheBench(Owner): ...                # asks a person, and returns what the person typed

    outcome = unlink(devices()[0].serial, AtTheBench())

`Owner` is asked at every gate; there is no way around it. See `automator.journeys.Owner`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automator.api import devices, reset, status, unlink
    from automator.errors import AutomatorError
    from automator.journeys import Card, Deed, Outcome, Owner
    from automator.phone import Facts, Listed

__version__ = "0.1.0"

__all__ = [
    "AutomatorError",
    "Card",
    "Deed",
    "Facts",
    "Listed",
    "Outcome",
    "Owner",
    "__version__",
    "devices",
    "reset",
    "status",
    "unlink",
]

_HOMES = {
    "AutomatorError": "automator.errors",
    "Card": "automator.journeys",
    "Deed": "automator.journeys",
    "Facts": "automator.phone",
    "Listed": "automator.phone",
    "Outcome": "automator.journeys",
    "Owner": "automator.journeys",
    "devices": "automator.api",
    "reset": "automator.api",
    "status": "automator.api",
    "unlink": "automator.api",
}


def __getattr__(name: str) -> Any:
    # On demand: the command line imports this package too, and must start fast.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
