"""Argon2id: what a hash tells, and which ones are old."""

from __future__ import annotations

import pytest

from hindcast.domain.errors import CorruptDataError, RateLimitError
from hindcast.infrastructure.argon2.hasher import Argon2Cost, Argon2Hasher

QUICK = Argon2Cost(passes=1, memory_kib=8, lanes=1)


def test_a_password_is_verified_against_its_own_hash_only():
    hasher = Argon2Hasher(QUICK)
    made = hasher.hash("correct horse")
    assert hasher.verify(made, "correct horse")
    assert not hasher.verify(made, "Correct horse")
    assert made != hasher.hash("correct horse")


def test_the_default_cost_is_the_one_that_rfc_9106_recommends_for_little_memory():
    assert Argon2Hasher().hash("correct horse").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_of_another_cost_is_outdated_and_still_understood():
    made = Argon2Hasher(QUICK).hash("correct horse")
    today = Argon2Hasher(Argon2Cost(passes=2, memory_kib=8, lanes=1))
    assert today.verify(made, "correct horse")
    assert today.is_outdated(made)
    assert not Argon2Hasher(QUICK).is_outdated(made)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$m=8,t=1,p=1$broken", "$2b$12$" + "x" * 53])
def test_a_stored_text_that_is_no_hash_is_corrupt(stored):
    with pytest.raises(CorruptDataError, match="none of Argon2"):
        Argon2Hasher(QUICK).verify(stored, "correct horse")


def test_when_all_places_are_taken_who_comes_is_told_to_come_again():
    hasher = Argon2Hasher(QUICK, patience=0.01)
    with hasher._place(), hasher._place(), pytest.raises(RateLimitError, match="right now"):
        hasher.hash("correct horse")
    assert hasher.verify(hasher.hash("correct horse"), "correct horse")
