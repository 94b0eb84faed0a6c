"""Every practice ROM in every language, to the end: the phone's own words lead the way, whatever they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from automator.journeys import Journey, reset, unlink
from tests.conftest import MakePlugged, every_phone


@every_phone()
@pytest.mark.parametrize(
    ("make", "result"), [(unlink, "signed_out"), (reset, "reset_started")], ids=["unlink", "reset"]
)
def test_a_phone_goes_to_the_end(
    plug: MakePlugged, rom: str, language: str, make: Callable[[], Journey], result: str
) -> None:
    phone = plug(rom, language)
    outcome = phone.run(make())
    assert (outcome.result, outcome.verified) == (result, True)
    assert {event.origin for event in phone.of("words")} <= {"phone", "cache", "absent"}
    assert phone.device.state.erased or phone.device.state.account is None
