from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.market_data import Coverage, DateRange, Unavailable
from hindcast.services.market_data.coverage import joined, missing_days, overlap, unavailable_days, without

NOW = datetime(2024, 3, 15, 12, 0, tzinfo=UTC)
FIRST = date(2024, 1, 1)


def days(first: int, last: int) -> DateRange:
    """The days of 2024 from the first-th to the last-th."""
    return DateRange(first=FIRST + timedelta(days=first), last=FIRST + timedelta(days=last))


def as_set(*ranges: DateRange) -> set[date]:
    return {r.first + timedelta(days=n) for r in ranges for n in range((r.last - r.first).days + 1)}


RANGES = st.builds(lambda a, b: days(min(a, b), max(a, b)), st.integers(0, 40), st.integers(0, 40))


@given(st.lists(RANGES, max_size=6))
def test_joining_keeps_the_days_and_leaves_ranges_apart(ranges):
    found = joined(ranges)
    assert as_set(*found) == as_set(*ranges)
    assert all(a.last + timedelta(days=1) < b.first for a, b in pairwise(found))


@given(RANGES, st.lists(RANGES, max_size=6))
def test_what_is_missing_is_what_is_wanted_and_not_known(wanted, known):
    assert as_set(*without(wanted, known)) == as_set(wanted) - as_set(*known)


@given(RANGES, RANGES)
def test_an_overlap_is_what_both_hold(one, other):
    common = overlap(one, other)
    assert (set() if common is None else as_set(common)) == as_set(one) & as_set(other)


def refused(first: int, last: int, asked_at: datetime) -> Coverage:
    entry = Unavailable(days=days(first, last), reason="the plan ends", remedy="pay", asked_at=asked_at)
    return Coverage(provider="vendor", interval="1d", symbol="AAA", covered=(days(20, 30),), unavailable=(entry,))


def test_without_coverage_everything_is_missing():
    assert missing_days(None, days(0, 5), NOW) == (days(0, 5),)


def test_old_days_that_were_refused_are_asked_for_again_after_a_day():
    coverage = refused(0, 19, NOW)
    assert missing_days(coverage, days(0, 30), NOW + timedelta(hours=23)) == ()
    assert missing_days(coverage, days(0, 30), NOW + timedelta(hours=24)) == (days(0, 19),)


def test_days_that_had_just_ended_are_asked_for_again_after_an_hour():
    coverage = refused(73, 73, NOW)  # 14 March, the day before
    assert missing_days(coverage, days(73, 73), NOW + timedelta(minutes=59)) == ()
    assert missing_days(coverage, days(73, 73), NOW + timedelta(minutes=60)) == (days(73, 73),)


def test_what_was_refused_is_told_as_far_as_it_was_wanted():
    (told,) = unavailable_days(refused(0, 19, NOW), days(10, 25))
    assert (told.days, told.reason, told.remedy) == (days(10, 19), "the plan ends", "pay")
    assert unavailable_days(refused(0, 19, NOW), days(25, 30)) == ()
    assert unavailable_days(None, days(25, 30)) == ()
