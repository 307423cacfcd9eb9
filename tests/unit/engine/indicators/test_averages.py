from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine.indicators.panels import by_fresh_windows, exact_mean, random_prices

from hindcast.domain.errors import InputError, ParameterError
from hindcast.engine.indicators import dema, ema, kama, sma, tema, wma


@pytest.mark.parametrize("columns", [1, 2, 9])
@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_the_simple_average_is_that_of_a_fresh_window_to_the_last_bit(columns, gaps):
    prices = random_prices(120, columns, gaps=gaps)
    np.testing.assert_array_max_ulp(sma(prices, 7), by_fresh_windows(prices, 7, exact_mean), maxulp=1)


@given(
    values=st.lists(st.floats(-1e9, 1e9) | st.just(np.nan) | st.just(np.inf), min_size=1, max_size=40),
    window=st.integers(1, 12),
)
def test_the_simple_average_equals_a_fresh_window_on_any_input(values, window):
    column = np.array(values)[:, None]
    expected = by_fresh_windows(column, window, exact_mean)
    np.testing.assert_allclose(sma(column, window), expected, rtol=1e-12, atol=1e-12)


def test_a_running_sum_does_not_drift_after_a_large_value():
    values = np.concatenate(([1e16], np.full(3000, 0.1)))
    np.testing.assert_allclose(sma(values, 10)[10:], 0.1, rtol=1e-15)


def test_the_average_of_equal_values_is_that_value():
    for price in (0.1, 1 / 3, 1234.56):
        for window in (3, 7, 49, 200):
            assert (sma(np.full(250, price), window)[window - 1 :] == price).all()


def test_one_column_and_a_panel_give_the_same_bits():
    prices = random_prices(300, 5, gaps=0.02)
    panel = sma(prices, 20)
    for s in range(5):
        np.testing.assert_array_equal(sma(prices[:, s], 20), panel[:, s])


def test_a_missing_value_starts_the_window_anew():
    values = np.array([1.0, 2.0, 3.0, np.nan, 4.0, 5.0, 6.0])
    np.testing.assert_array_equal(sma(values, 3), [np.nan, np.nan, 2.0, np.nan, np.nan, np.nan, 5.0])


def test_a_window_longer_than_the_panel_gives_no_value():
    assert np.isnan(sma(np.ones(5), 6)).all()


def test_a_frame_is_taken_as_an_array():
    frame = pd.DataFrame({"A": [1.0, 2.0, 3.0], "B": [3.0, 3.0, 3.0]})
    np.testing.assert_array_equal(sma(frame, 3)[-1], [2.0, 3.0])


def test_the_exponential_average_starts_with_the_simple_mean_and_then_recurs():
    prices = random_prices(60, 1)[:, 0]
    expected = [prices[:10].mean()]
    for price in prices[10:]:
        expected.append(expected[-1] + 2 / 11 * (price - expected[-1]))
    result = ema(prices, 10)
    assert np.isnan(result[:9]).all()
    np.testing.assert_allclose(result[9:], expected, rtol=1e-12)


def test_the_weighted_average_weighs_the_newest_most():
    prices = random_prices(40, 1)[:, 0]
    weights = np.arange(1, 6)
    expected = [(prices[t - 4 : t + 1] * weights).sum() / 15 for t in range(4, 40)]
    np.testing.assert_allclose(wma(prices, 5)[4:], expected, rtol=1e-12)


@pytest.mark.parametrize(("average", "first"), [(dema, 18), (tema, 27), (kama, 10)])
def test_an_average_of_a_constant_is_the_constant_after_its_first_values(average, first):
    result = average(np.full(80, 42.0), 10)
    assert np.isnan(result[:first]).all()
    np.testing.assert_allclose(result[first:], 42.0, rtol=1e-12)


@pytest.mark.parametrize("window", [0, -1, 100_001])
def test_a_window_out_of_bounds_is_refused_with_its_value(window):
    with pytest.raises(ParameterError, match=f"window = {window}"):
        sma(np.ones(5), window)


@pytest.mark.parametrize("window", [2.5, "10", True, None])
def test_a_window_that_is_no_whole_number_is_refused(window):
    with pytest.raises(ParameterError, match="whole number of bars"):
        sma(np.ones(5), window)


def test_three_dimensions_are_refused():
    with pytest.raises(InputError, match=r"\(2, 2, 2\)"):
        sma(np.ones((2, 2, 2)), 2)
