"""Ticks are round, inside, few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.cli.views.axis_ticks import MOST_TICKS, short_number, time_ticks, value_ticks


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
def test_ticks_are_inside_the_range_and_few(lowest, width):
    highest = lowest + width
    ticks = value_ticks(lowest, highest)
    assert len(ticks.places) <= MOST_TICKS + 1
    assert all(lowest - 1e-6 <= place <= highest + 1e-6 for place in ticks.places)


@given(st.floats(1e-2, 1e6), st.floats(10, 1e12))
def test_ticks_of_a_logarithmic_axis_are_inside_the_range_and_few(lowest, ratio):
    ticks = value_ticks(lowest, lowest * ratio, log=True)
    assert 1 <= len(ticks.places) <= MOST_TICKS
    assert all(lowest <= place <= lowest * ratio for place in ticks.places)


def test_a_level_curve_has_one_tick_at_its_level():
    assert value_ticks(100_000, 100_000).labels == ("100k",)


def test_a_long_span_has_ticks_where_years_begin():
    when = np.arange("1999-01-04", "2018-12-31", dtype="datetime64[D]").astype("datetime64[ns]")
    ticks = time_ticks(when)
    assert ticks.labels == ("2000", "2004", "2008", "2012", "2016")
    assert [str(when[int(place)])[:10] for place in ticks.places] == [f"{year}-01-01" for year in ticks.labels]


def test_a_short_span_has_dates():
    when = np.arange("2020-03-02", "2020-03-09", dtype="datetime64[D]").astype("datetime64[ns]")
    assert time_ticks(when).labels == ("2020-03-02", "2020-03-04", "2020-03-06", "2020-03-08")


def test_minutes_are_shown_where_bars_have_them():
    when = np.datetime64("2020-03-02T14:30", "ns") + np.arange(4) * np.timedelta64(1, "m")
    assert time_ticks(when).labels[0] == "2020-03-02 14:30"


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-1_500, "-1.5k"), (2.5e12, "2.5T"), (0.25, "0.25")])
def test_numbers_are_short(value, text):
    assert short_number(value) == text


def test_a_year_without_a_bar_has_no_tick():
    when = np.array(["2000-06-01", "2001-06-01", "2004-06-01", "2005-06-01"], dtype="datetime64[ns]")
    assert time_ticks(when).labels == ("2001", "2004", "2005")
