"""`capture`: the phone's present screen as one masked file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from automator.atlas import load
from automator.capture import capture as take
from automator.capture import save, writable
from automator.cli.output import Output, called
from automator.cli.pick import plugged_phone
from automator.text import T


def capture(*, path: Path | None, serial: str | None, wait: float | None) -> int:
    """Writes the file and says what is in it; the exit code. Raises AutomatorError."""
    output = Output(json=False)
    path = path or Path(f"mi-automator-{datetime.now():%Y%m%d-%H%M%S}.zip")
    writable(path)
    phone, _ = plugged_phone(output, serial, wait)
    try:
        captured = take(phone, phone.facts(), load())
    finally:
        phone.close()
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
