"""What is left of a run for people: its report, the sheet for a buyer, and the check that nothing was changed.

Reads the folder of a run and nothing else; knows no phone.
"""

from automator.report.pages import Kind, Written, written
from automator.report.record import JOURNAL, Record, find_run, read, recorded_runs
from automator.report.seal import Seal, check

__all__ = [
    "JOURNAL",
    "Kind",
    "Record",
    "Seal",
    "Written",
    "check",
    "find_run",
    "read",
    "recorded_runs",
    "written",
]
