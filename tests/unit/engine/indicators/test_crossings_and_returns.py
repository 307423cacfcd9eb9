from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine.indicators.panels import random_prices

from hindcast.engine.indicators import crossings, log_returns, simple_returns, sma, sma_crossings
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_HOLD, SIGNAL_SELL

NAN = float("nan")


def naive_crossings(fast, slow):
    side, out = 0, []
    for f, w in zip(fast, slow, strict=True):
        now = 1 if f > w else -1 if f < w else 0
        out.append({(1, -1): SIGNAL_BUY, (-1, 1): SIGNAL_SELL}.get((now, side), SIGNAL_HOLD))
        side = now or side
    return out


@given(
    st.lists(
        st.tuples(st.sampled_from([1.0, 2.0, 3.0, NAN]), st.sampled_from([1.0, 2.0, 3.0, NAN])), min_size=1, max_size=30
    )
)
def test_crossings_equal_those_found_one_by_one(pairs):
    fast, slow = np.array(pairs).T
    expected = naive_crossings(fast, slow)
    assert crossings(fast, slow).tolist() == expected
    both = crossings(np.stack([slow, fast], axis=1), np.stack([slow, slow], axis=1))
    assert both[:, 1].tolist() == expected
    assert not both[:, 0].any()


def test_the_first_side_is_no_crossing():
    assert not crossings([2.0, 3.0, 4.0], [1.0, 1.0, 1.0]).any()


def test_a_touch_is_no_crossing():
    assert not crossings([2.0, 1.0, 2.0], [1.0, 1.0, 1.0]).any()


def test_what_crossed_in_a_gap_is_seen_after_it():
    assert crossings([0.0, NAN, 2.0], [1.0, 1.0, 1.0]).tolist() == [SIGNAL_HOLD, SIGNAL_HOLD, SIGNAL_BUY]


@pytest.mark.parametrize("columns", [1, 6])
@pytest.mark.parametrize("gaps", [0.0, 0.02])
def test_crossings_of_averages_equal_those_of_stored_averages(columns, gaps):
    prices = random_prices(400, columns, gaps=gaps).round(1)
    found = sma_crossings(prices, 4, 9)
    np.testing.assert_array_equal(found, crossings(sma(prices, 4), sma(prices, 9)))
    assert (found == SIGNAL_BUY).any()
    assert (found == SIGNAL_SELL).any()


@pytest.mark.parametrize("fast", [1, 7, 40])
@pytest.mark.parametrize("digits", [9, 2, 1, 0])
@pytest.mark.parametrize("gaps", [0.0, 0.001])
def test_crossings_of_a_long_column_equal_those_of_stored_averages(fast, digits, gaps):
    """The fewer digits, the more often both averages are equal; 9,000 bars are more than two stretches."""
    prices = random_prices(9_000, 1, gaps=gaps).round(digits)
    found = sma_crossings(prices, fast, 20)
    np.testing.assert_array_equal(found, crossings(sma(prices, fast), sma(prices, 20)))
    assert (found == SIGNAL_BUY).any()
    assert (found == SIGNAL_SELL).any()


@pytest.mark.filterwarnings("ignore:invalid value")  # with the compiler off, numpy warns of inf - inf
@pytest.mark.parametrize("value", [math.inf, -math.inf, NAN, 1e12, -1e12, 1e-308])
def test_an_extreme_value_in_a_long_column_reaches_no_further_than_the_longer_window(value):
    prices = random_prices(6_000, 1)
    prices[[3_000, 5_990]] = value
    np.testing.assert_array_equal(sma_crossings(prices, 4, 9), crossings(sma(prices, 4), sma(prices, 9)))
    calm = sma_crossings(random_prices(6_000, 1), 4, 9)
    np.testing.assert_array_equal(sma_crossings(prices, 4, 9)[3_020:5_990], calm[3_020:5_990])


def test_averages_of_a_flat_column_never_cross():
    assert not sma_crossings(np.full((6_000, 1), 100.1), 10, 30).any()


@pytest.mark.parametrize("columns", [1, 3])
def test_returns_reach_over_a_gap_to_the_last_price(columns):
    prices = np.repeat([[100.0], [110.0], [NAN], [121.0]], columns, axis=1)
    expected = np.repeat([[NAN], [0.1], [NAN], [0.1]], columns, axis=1)
    np.testing.assert_allclose(simple_returns(prices), expected, rtol=1e-12)
    np.testing.assert_allclose(log_returns(prices), np.log1p(expected), rtol=1e-12)


def test_returns_over_more_values_than_there_are_give_none():
    assert np.isnan(simple_returns([1.0, 2.0, 3.0], 3)).all()
    assert np.isnan(simple_returns([1.0, 2.0, 3.0], 7)).all()


def test_returns_over_several_values_look_back_that_far():
    np.testing.assert_allclose(simple_returns([1.0, 2.0, 3.0, 8.0], 2), [NAN, NAN, 2.0, 3.0])
