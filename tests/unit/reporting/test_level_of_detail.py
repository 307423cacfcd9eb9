from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hindcast.reporting.level_of_detail import Candles, aggregate_candles, extremes


def candles(opened, high, low, close):
    count = len(opened)
    return Candles(
        timestamp=np.datetime64("2020-01-01", "ns") + np.arange(count) * np.timedelta64(1, "D"),
        open=np.array(opened, dtype=float),
        high=np.array(high, dtype=float),
        low=np.array(low, dtype=float),
        close=np.array(close, dtype=float),
        bars_per_candle=1,
    )


def test_a_short_curve_keeps_every_point():
    assert extremes(np.array([3.0, 1.0, 2.0]), limit=4).tolist() == [0, 1, 2]


@given(arrays(np.float64, st.integers(1, 3_000), elements=st.floats(-1e6, 1e6)), st.integers(4, 200))
def test_thinning_keeps_ends_and_extremes_in_order_within_the_limit(values, limit):
    kept = extremes(values, limit)
    assert len(kept) <= max(limit, 4)
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert values[kept].min() == values.min()
    assert values[kept].max() == values.max()


def test_a_spike_of_one_bar_in_a_million_survives():
    values = np.zeros(1_000_000)
    values[654_321] = -1.0
    assert 654_321 in extremes(values)


def test_missing_values_are_passed_over_but_a_gap_stays_a_gap():
    values = np.arange(1_000, dtype=float)
    values[::2] = np.nan
    values[400:600] = np.nan
    thinned = values[extremes(values, 40)]
    assert np.nanmax(thinned) == 999
    assert np.isnan(thinned).any()


def test_joined_candles_take_first_open_highest_high_lowest_low_and_last_close():
    bars = candles([1, 2, 3, 4, 5], [9, 8, 12, 7, 6], [0.5, 0.2, 1, 3, 4], [2, 3, 4, 5, 5.5])
    joined = aggregate_candles(bars, limit=2)
    assert joined.bars_per_candle == 3
    assert joined.open.tolist() == [1, 4]
    assert joined.high.tolist() == [12, 7]
    assert joined.low.tolist() == [0.2, 3]
    assert joined.close.tolist() == [4, 5.5]
    assert joined.timestamp.tolist() == bars.timestamp[[0, 3]].tolist()


@pytest.mark.parametrize("count", [1, 2, 1_500])
def test_bars_that_fit_are_left_as_they_are(count):
    bars = candles([1.0] * count, [2.0] * count, [0.5] * count, [1.5] * count)
    assert aggregate_candles(bars) is bars


def test_a_missing_high_does_not_hide_the_others():
    bars = candles([1, 1], [np.nan, 7], [np.nan, 0.5], [1, 1])
    joined = aggregate_candles(bars, limit=1)
    assert joined.high.tolist() == [7]
    assert joined.low.tolist() == [0.5]
