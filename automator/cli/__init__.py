"""Words to and from the owner: commands, prompts, tables, exit codes, JSON, languages."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from automator.errors import AutomatorError

NOBODY_READS = 141
"""The exit code when the reader of a pipe left (`mi-automator devices | head -1`): what a shell says of SIGPIPE.

Not 0: nobody was told what was found, so nothing may be taken for done or ready.
"""


def main() -> None:
    """The command `mi-automator`."""
    # Python has none where it was closed (`>&-`), and much here asks it what it is.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    # A terminal that can't show ✓ or “ must not end a run, nor a slip of the keyboard that is no letter.
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    from automator.cli.app import app
    from automator.errors import AutomatorError

    # To be told to end is to be stopped: the record is closed, and the phone and the terminal left in order.
    for told in ("SIGTERM", "SIGHUP"):
        # What `nohup` lets go on goes on.
        if hasattr(signal, told) and signal.getsignal(getattr(signal, told)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, told), signal.default_int_handler)
    try:
        _check_environment()
        app()
    except AutomatorError as error:
        sys.exit(_told(error))
    except SystemExit as end:
        # Typer and Rich both make 1, a bug in us, of a reader that has left.
        if isinstance(end.__context__, BrokenPipeError):
            sys.exit(NOBODY_READS)
        raise
    except BrokenPipeError:
        sys.exit(NOBODY_READS)
    except OSError as error:
        sys.exit(_told(_no_room() if error.errno == errno.ENOSPC else _bug(error)))
    except Exception as bug:  # noqa: BLE001 - no traceback ever reaches an owner
        sys.exit(_told(_bug(bug)))
    finally:
        _last_flush()


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  no file, and open to the end


def _told(error: AutomatorError) -> int:
    """Says it, where somebody can be told; the exit code."""
    from automator.cli.lines import complain

    with contextlib.suppress(OSError):
        complain(error)
    return error.exit_code


def _bug(bug: Exception) -> AutomatorError:
    from automator.errors import AutomatorError
    from automator.text import T, Text

    what = T("A part of mi-automator failed: {kind}.", kind=type(bug).__name__)
    return AutomatorError(what, Text("{why}", {"why": bug}), T("Please report this."))


def _no_room() -> AutomatorError:
    from automator.errors import PreflightError
    from automator.text import T

    return PreflightError(
        T("What I say can't be written."),
        T("The disk, or what my output goes to, is full."),
        T("Make room, or send the output elsewhere, then run the command again."),
    )


def _last_flush() -> None:
    """Python would flush once more at its end, and fail where nobody reads any more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
