"""Consents: what makes one, what it opens, and what ends it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automator.consent import AGES_OUT, Consents, DangerousTap, Target, phrase
from automator.errors import ConsentDeclined

TARGET = Target("8f2a1b3c", "unlink", "unlink.sign_out", "account.home", "sign_out", "d1")


class Hand:
    """A clock that a test turns."""

    time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.mark.parametrize(
    ("journey", "serial", "expected"),
    [
        ("unlink", "8f2a1b3c", "UNLINK-1B3C"),
        ("reset", "127.0.0.1:41234", "RESET-1234"),
        ("reset", "adb-xy_Z.._-9", "RESET-XYZ9"),
        ("unlink", "ab", "UNLINK-AB"),
    ],
)
def test_the_phrase_names_the_phone(journey: str, serial: str, expected: str) -> None:
    assert phrase(journey, serial) == expected


@pytest.mark.parametrize("answer", ["UNLINK-1B3C", "  UNLINK-1B3C \n"])
def test_exactly_the_phrase_is_consent(answer: str) -> None:
    consents = Consents("8f2a1b3c", "unlink", Hand())
    consents.spend(consents.grant(TARGET, answer), TARGET)
    assert consents.given("unlink.sign_out") and not consents.given("unlink.delete_synced")


@given(
    st.none() | st.text() | st.sampled_from(["", "\n", "yes", "y", "unlink-1b3c", "UNLINK-1B3", "RESET-1B3C"])
)
def test_anything_else_is_a_refusal(answer: str | None) -> None:
    if answer is not None and answer.strip() == "UNLINK-1B3C":
        return
    with pytest.raises(ConsentDeclined):
        Consents("8f2a1b3c", "unlink", Hand()).grant(TARGET, answer)


@pytest.mark.parametrize(
    "other",
    [
        {"serial": "other"},
        {"journey": "reset"},
        {"gate": "unlink.delete_synced"},
        {"screen": "signout.synced"},
        {"element": "remove"},
        {"digest": "d2"},
    ],
)
def test_a_consent_opens_nothing_else(other: dict[str, str]) -> None:
    consents = Consents("8f2a1b3c", "unlink", Hand())
    consent = consents.grant(TARGET, "UNLINK-1B3C")
    with pytest.raises(DangerousTap):
        consents.spend(consent, replace(TARGET, **other))
    with pytest.raises(DangerousTap):  # and the attempt has used it up
        consents.spend(consent, TARGET)


def test_a_consent_is_spent_once_and_ages_out() -> None:
    clock = Hand()
    consents = Consents("8f2a1b3c", "unlink", clock)
    first, second = consents.grant(TARGET, "UNLINK-1B3C"), consents.grant(TARGET, "UNLINK-1B3C")
    consents.spend(first, TARGET)
    with pytest.raises(DangerousTap):
        consents.spend(first, TARGET)
    clock.time = AGES_OUT + 1
    assert not consents.fresh(second)
    with pytest.raises(DangerousTap):
        consents.spend(second, TARGET)


def test_a_consent_of_another_run_opens_nothing() -> None:
    stolen = Consents("8f2a1b3c", "unlink", Hand()).grant(TARGET, "UNLINK-1B3C")
    with pytest.raises(DangerousTap):
        Consents("8f2a1b3c", "unlink", Hand()).spend(stolen, TARGET)
