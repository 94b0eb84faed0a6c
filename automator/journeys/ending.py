"""How every run ends: the last lines of its journal, for the commands and for Python programs alike."""

from __future__ import annotations

import contextlib
import errno
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from automator.errors import (
    CTRL_C,
    AutomatorError,
    ConsentDeclined,
    NobodyToAsk,
    OutcomeUnknown,
    PreflightError,
)
from automator.events import ErrorEvent, Event, OutcomeEvent, Result, now
from automator.journal import Journal, runs_folder
from automator.journeys.model import Outcome
from automator.text import T


class InterruptedInFlight(KeyboardInterrupt):
    """Ctrl-C after a gated tap was sent and before its effect was seen."""


class InterruptedOnPage(InterruptedInFlight):
    """Ctrl-C after the owner was told to press what deletes on a page, and before they said what came of it."""


class InterruptedWriting(InterruptedInFlight):
    """Ctrl-C while a ROM was written, between two commands."""


@dataclass(frozen=True)
class Ending:
    """The last event, and what stopped the run: for a bug `error` is its report, for Ctrl-C it is None."""

    event: OutcomeEvent
    error: AutomatorError | None = None
    cause: BaseException | None = None
    outcome: Outcome | None = None


def to_the_end(journey: str, listen: Callable[[Event], None], run: Callable[[Journal], Outcome]) -> Ending:
    """Runs with a journal of its own, whatever happens; the last event is always an outcome."""
    try:
        journal = Journal(journey, listen)
    except OSError as error:
        return _end(journey, listen, "", _no_journal(error), error)
    try:
        outcome = run(journal)
        return _end(journey, journal.write, str(journal.path), None, None, outcome)
    except AutomatorError as error:
        return _end(journey, journal.write, str(journal.path), error, error)
    except BrokenPipeError as pipe:
        return _end(journey, journal.write, str(journal.path), _nobody_reads(), pipe)
    except KeyboardInterrupt as interrupt:
        return _end(journey, journal.write, str(journal.path), None, interrupt)
    except Exception as bug:  # noqa: BLE001 - a bug must not end in a traceback before an owner
        if isinstance(bug, OSError) and bug.errno == errno.ENOSPC:
            return _end(journey, journal.write, str(journal.path), _no_room(), bug)
        with contextlib.suppress(OSError):
            journal.keep("crash.txt", traceback.format_exc().encode())
        return _end(journey, journal.write, str(journal.path), _bug(bug, journal), bug)
    finally:
        journal.close()


def _end(
    journey: str,
    write: Callable[[Event], None],
    path: str,
    error: AutomatorError | None,
    cause: BaseException | None,
    outcome: Outcome | None = None,
) -> Ending:
    result: Result = outcome.result if outcome else _how(cause)
    code = error.exit_code if error else CTRL_C if cause else 0
    event = OutcomeEvent(
        time=now(),
        journey=journey,
        result=result,
        verified=outcome is not None and outcome.verified,
        exit_code=code,
        journal=path,
    )
    # Neither a full disk nor a reader that went away may hide how the run ended.
    if error is not None:
        with contextlib.suppress(OSError):
            write(
                ErrorEvent(
                    time=now(),
                    error=type(error).__name__,
                    what=str(error.what),
                    why=str(error.why),
                    fix=str(error.fix),
                    exit_code=error.exit_code,
                )
            )
    with contextlib.suppress(OSError):
        write(event)
    return Ending(event, error, cause, outcome)


def _how(cause: BaseException | None) -> Result:
    if isinstance(cause, OutcomeUnknown | InterruptedInFlight):
        return "unknown"
    return (
        "declined" if isinstance(cause, ConsentDeclined) and not isinstance(cause, NobodyToAsk) else "stopped"
    )


def _no_journal(error: OSError) -> PreflightError:
    return PreflightError(
        T("The record of the run can't be written."),
        T("{folder}: {why}.", folder=runs_folder(), why=error.strerror or type(error).__name__),
        T("Make room or name another folder in MI_AUTOMATOR_RUNS, then run the command again."),
    )


def _nobody_reads() -> PreflightError:
    return PreflightError(
        T("Nobody reads what I print."),
        T("The program that my output goes to has ended, so nobody could see a question."),
        T("Run the command without a pipe: it goes on where the phone is."),
    )


def _no_room() -> PreflightError:
    return PreflightError(
        T("There is no room left."),
        T(
            "Neither the record of the run nor what I print may be cut short: the disk, or what my output goes to, is full."
        ),
        T("Make room, then run the command again: it goes on where the phone is."),
    )


def _bug(bug: Exception, journal: Journal) -> AutomatorError:
    return AutomatorError(
        T("mi-automator made a mistake and stopped."),
        T("{kind}; the details are in {path}.", kind=type(bug).__name__, path=journal.folder / "crash.txt"),
        T("Look at the phone before you do anything else, and please report this with that file."),
    )
