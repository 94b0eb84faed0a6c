"""What stands between the owner and a run: the computer, its USB, and the phones. Knows no journey but by its name.

`examine` looks and says all; journeys are started on the same rows (`phone_rows`).
"""

from automator.doctor.computer import Computer, computer_rows, gather
from automator.doctor.examine import examine
from automator.doctor.model import NOTHING, Row, Status
from automator.doctor.phone import phone_rows, silent_row, state_row
from automator.doctor.usb import Interface, UsbDevice, plugged

__all__ = [
    "NOTHING",
    "Computer",
    "Interface",
    "Row",
    "Status",
    "UsbDevice",
    "computer_rows",
    "examine",
    "gather",
    "phone_rows",
    "plugged",
    "silent_row",
    "state_row",
]
