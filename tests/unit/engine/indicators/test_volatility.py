from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine.indicators.panels import by_fresh_windows, exact_variance, random_prices

from hindcast.domain.errors import ParameterError
from hindcast.engine.indicators import atr, bollinger_bands, natr, rolling_std, sma, true_range


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_the_deviation_is_that_of_a_fresh_window(ddof, gaps):
    prices = random_prices(120, 3, gaps=gaps)
    expected = by_fresh_windows(prices, 8, lambda cells: exact_variance(cells, ddof) ** 0.5)
    np.testing.assert_allclose(rolling_std(prices, 8, ddof=ddof), expected, rtol=1e-14)


@given(
    values=st.lists(st.integers(-1000, 1000), min_size=2, max_size=30),
    window=st.integers(2, 8),
    level=st.sampled_from([0.0, 1e6, 1e9]),
)
def test_the_deviation_is_right_however_far_from_zero_the_values_are(values, window, level):
    column = (np.array(values) * 0.01 + level)[:, None]
    expected = by_fresh_windows(column, window, lambda cells: exact_variance(cells, 1) ** 0.5)
    np.testing.assert_allclose(rolling_std(column, window), expected, rtol=1e-9, atol=0.0)


def test_equal_values_deviate_by_exactly_nothing():
    values = np.concatenate((random_prices(50, 1)[:, 0], np.full(30, 0.1)))
    assert (rolling_std(values, 20)[69:] == 0.0).all()
    assert (rolling_std(values, 20)[19:69] > 0.0).all()


def test_the_deviation_needs_more_values_than_it_has_degrees_to_lose():
    with pytest.raises(ParameterError, match="window = 1"):
        rolling_std(np.ones(5), 1)
    assert (rolling_std(np.ones(5), 1, ddof=0) == 0.0).all()
    with pytest.raises(ParameterError, match="ddof = 2"):
        rolling_std(np.ones(5), 3, ddof=2)


def test_bollinger_bands_stand_two_population_deviations_from_the_average():
    prices = random_prices(60, 2)
    bands = bollinger_bands(prices, 20)
    np.testing.assert_array_equal(bands.middle, sma(prices, 20))
    spread = np.array([prices[t - 19 : t + 1].std(axis=0) for t in range(19, 60)])
    np.testing.assert_allclose(bands.upper[19:] - bands.middle[19:], 2 * spread, rtol=1e-9)
    np.testing.assert_allclose(bands.middle[19:] - bands.lower[19:], 2 * spread, rtol=1e-9)


@pytest.mark.parametrize("width", [0.0, -1.0, float("nan"), float("inf")])
def test_bands_of_no_width_are_refused(width):
    with pytest.raises(ParameterError, match="width"):
        bollinger_bands(np.ones(30), 20, width)


def test_the_average_true_range_is_wilders():
    close = random_prices(80, 1)[:, 0]
    high, low = close * 1.01, close * 0.98
    ranges = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    np.testing.assert_allclose(true_range(high, low, close)[1:], ranges, rtol=1e-12)
    expected = [ranges[:14].mean()]
    for each in ranges[14:]:
        expected.append((expected[-1] * 13 + each) / 14)
    result = atr(high, low, close)
    assert np.isnan(result[:14]).all()
    np.testing.assert_allclose(result[14:], expected, rtol=1e-12)
    np.testing.assert_allclose(natr(high, low, close), 100 * result / close, rtol=1e-12)
