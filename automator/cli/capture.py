"""`capture`: the phone's present screen as one masked file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from adbutils import AdbClient

from automator.atlas import load
from automator.capture import capture as take
from automator.capture import save
from automator.cli.output import Output, called
from automator.cli.pick import pick_phone
from automator.phone import Phone, wait_for_phone
from automator.text import T


def capture(*, path: Path | None, serial: str | None, wait: float) -> int:
    """Writes the file and says what is in it; the exit code. Raises AutomatorError."""
    output = Output(json=False)
    client = AdbClient()
    wanted = serial or os.environ.get("ANDROID_SERIAL") or None
    listed = wait_for_phone(client, wanted, wait, output.say, lambda several: pick_phone(output, several))
    phone = Phone(client, listed)
    try:
        captured = take(phone, phone.facts(), load())
    finally:
        phone.close()
    path = path or Path(f"mi-automator-{datetime.now():%Y%m%d-%H%M%S}.zip")
    save(captured, path)
    output.say(T("• on the phone: {screen}", screen=called(captured.about["screen"])))
    output.path(T("Saved: {path}", path=path.resolve()))
    output.say(
        T(
            "Names, numbers and typed text are struck out, in the picture too: only the apps' own labels are left. "
            "Look it through before you send it to anybody."
        )
    )
    return 0
