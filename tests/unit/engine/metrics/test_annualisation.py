"""Periods per year, rates per period, elapsed time."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hindcast.domain.errors import ConfigError
from hindcast.engine.metrics.annualisation import (
    checked_periods_per_year,
    elapsed_days,
    even_days,
    infer_periods_per_year,
    risk_free_per_period,
)


def stamps(*texts):
    return np.array(texts, dtype="M8[ns]").astype(np.int64)


def every(step, count, start="2024-01-01"):
    return (np.datetime64(start, "ns") + np.arange(count) * np.timedelta64(step, "m")).astype("M8[ns]").astype(np.int64)


def on_weekdays(values):
    return values[(values.astype("M8[ns]").astype("M8[D]").astype(np.int64) + 3) % 7 < 5]


DAY = 24 * 60


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (on_weekdays(every(DAY, 400)), 252),
        (every(DAY, 400), 365),
        (every(7 * DAY, 100), 52),
        (every(30 * DAY, 40), 12),
        (every(91 * DAY, 20), 4),
        (every(365 * DAY, 10), 1),
        (every(60, 24 * 30), 24 * 365),
        (on_weekdays(every(60, 24 * 30)), 24 * 252),
        (every(2 * DAY, 100), 365),
    ],
)
def test_periods_per_year_follow_from_the_median_spacing(values, expected):
    assert infer_periods_per_year(values) == expected


def test_a_session_of_seven_hourly_bars_makes_seven_times_252_periods():
    days = on_weekdays(every(DAY, 60))
    values = (days[:, None] + (14 + np.arange(7)) * 3_600_000_000_000).ravel()
    assert infer_periods_per_year(values) == 7 * 252


@pytest.mark.parametrize(
    ("hours", "expected"), [(19.9, 365), (20, 365), (95.9, 365), (96, 52), (240, 12), (1080, 4), (2880, 1)]
)
def test_the_thresholds_are_where_the_definitions_say(hours, expected):
    assert infer_periods_per_year(every(int(hours * 60), 200)) == expected


def test_a_single_stamp_counts_as_daily():
    assert infer_periods_per_year(stamps("2024-01-05")) == 252
    assert infer_periods_per_year(stamps("2024-01-06")) == 365


def test_stamps_before_1970_know_their_weekdays():
    assert infer_periods_per_year(on_weekdays(every(DAY, 300, start="1950-01-02"))) == 252


def naive_periods_per_year(values):
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value // 1000) for value in values]
    spacing = statistics.median(b - a for a, b in pairwise(values)) / 3_600_000_000_000
    for hours, periods in ((2880, 1), (1080, 4), (240, 12), (96, 52)):
        if spacing >= hours:
            return periods
    year = 365 if any(moment.weekday() >= 5 for moment in moments) else 252
    bars = Counter(moment.date() for moment in moments)
    return year if spacing >= 20 else statistics.median(bars.values()) * year


@given(
    st.lists(st.sampled_from([1, 30, 60, 1439, 1440, 1441, 2000, 4320, 10080]), min_size=1, max_size=30),
    st.integers(-20_000, 20_000),
)
@example([60, 60, 1440], 0)
@example([60, 1440], -3)
@example([1440] * 5, 2)
def test_any_spacing_gives_what_counting_by_hand_gives(steps, first_day):
    start = np.datetime64("1970-01-01T23:00", "ns") + np.timedelta64(first_day, "D")
    values = start.astype(np.int64) + np.cumsum([0, *steps]) * 60_000_000_000
    assert infer_periods_per_year(values) == naive_periods_per_year(values.tolist())


def test_a_rate_compounds_back_to_the_year():
    assert (1 + risk_free_per_period(0.05, 252)) ** 252 == pytest.approx(1.05, rel=1e-12)
    assert risk_free_per_period(0.0, 252) == 0.0


@pytest.mark.parametrize("rate", [-1.0, -2.0, float("nan"), float("inf")])
def test_an_impossible_risk_free_rate_is_refused(rate):
    with pytest.raises(ConfigError, match="risk_free_rate is .* above -1"):
        risk_free_per_period(rate, 252)


@pytest.mark.parametrize("value", [0, -12, float("nan"), float("inf")])
def test_impossible_periods_per_year_are_refused(value):
    with pytest.raises(ConfigError, match="periods_per_year is .* above 0"):
        checked_periods_per_year(value)


def test_days_are_counted_from_the_first_stamp():
    assert elapsed_days(stamps("2024-02-28", "2024-03-01", "2024-03-01T12")).tolist() == [0.0, 2.0, 2.5]


def test_days_without_stamps_make_whole_years_of_365_and_a_quarter():
    assert even_days(24, 12)[-1] == pytest.approx(2 * 365.25)
