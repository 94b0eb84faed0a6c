"""Words to and from the owner: commands, prompts, tables, exit codes, JSON, languages."""

from __future__ import annotations

import io
import os
import signal
import sys


def main() -> None:
    """The command `mi-automator`."""
    # A terminal that can't show ✓ or “ must not end a run.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    from automator.cli.app import app
    from automator.cli.lines import complain
    from automator.errors import AutomatorError
    from automator.text import T, Text

    # To be told to end is to be stopped: the record is closed, and the phone and the terminal left in order.
    for told in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, told):
            signal.signal(getattr(signal, told), signal.default_int_handler)
    try:
        _check_environment()
        app()
    except AutomatorError as error:
        complain(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `mi-automator devices | head -1`: nobody is there to be told
        sys.exit(AutomatorError.exit_code)
    except Exception as bug:  # noqa: BLE001 - no traceback ever reaches an owner
        what = T("A part of mi-automator failed: {kind}.", kind=type(bug).__name__)
        complain(AutomatorError(what, Text("{why}", {"why": bug}), T("Please report this.")))
        sys.exit(AutomatorError.exit_code)
    finally:
        _last_flush()


def _last_flush() -> None:
    """Python would flush once more at its end, and fail where nobody reads any more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_environment() -> None:
    """Raises PreflightError for a port that is none: adbutils can't even be imported with it."""
    from automator.errors import PreflightError
    from automator.text import T

    port = os.environ.get("ANDROID_ADB_SERVER_PORT")
    if port is not None and not (port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise PreflightError(
            T("ANDROID_ADB_SERVER_PORT is not a port."),
            T("It says “{value}”.", value=port),
            T("Set it to a number, or unset it."),
        )
