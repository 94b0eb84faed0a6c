"""What is said when a ROM can't be used. Nothing has happened to the phone by then."""

from __future__ import annotations

from automator.errors import PreflightError
from automator.text import T, Text

ANEW = T(
    "Download the ROM once more from Xiaomi, the one for fastboot (its name ends in .tgz), and leave its name as it is."
)


def refused(why: Text, fix: Text = ANEW) -> PreflightError:
    """The error for a ROM that is not used; `fix` is to download it anew, unless said."""
    return PreflightError(T("I do not use this ROM. Nothing was written to the phone."), why, fix)
