from __future__ import annotations

import numpy as np
import pytest
from tests.unit.engine.indicators.panels import by_fresh_windows, random_prices

from hindcast.domain.errors import ParameterError
from hindcast.engine.indicators import (
    accumulation_distribution,
    aroon,
    directional_movement,
    money_flow_index,
    obv,
    parabolic_sar,
    rolling_max,
    rolling_min,
)


def test_a_steady_rise_is_a_strong_trend_upward():
    close = np.arange(100.0, 160.0)
    found = directional_movement(close + 0.5, close - 0.5, close)
    assert (found.plus[14:] > found.minus[14:]).all()
    np.testing.assert_allclose(found.adx[27:], 100.0)
    assert np.isnan(found.adx[:27]).all()
    recency = aroon(close + 0.5, close - 0.5)
    assert (recency.up[14:] == 100.0).all()
    assert (recency.down[14:] == 0.0).all()
    assert (parabolic_sar(close + 0.5, close - 0.5)[1:] < close[1:]).all()


@pytest.mark.parametrize("factors", [(0.0, 0.2), (0.3, 0.2), (0.02, 1.5), (float("nan"), 0.2)])
def test_acceleration_out_of_bounds_is_refused(factors):
    with pytest.raises(ParameterError, match="acceleration"):
        parabolic_sar(np.ones(5), np.ones(5), acceleration=factors[0], maximum=factors[1])


def test_balance_volume_adds_on_rises_and_takes_off_on_falls():
    close = random_prices(50, 1)[:, 0]
    volume = np.arange(1.0, 51.0)
    steps = np.sign(np.diff(close)) * volume[1:]
    np.testing.assert_allclose(obv(close, volume), 1.0 + np.concatenate(([0.0], np.cumsum(steps))))


def test_accumulation_weighs_volume_by_where_the_close_stands():
    high, low, close = np.full(3, 12.0), np.full(3, 10.0), np.array([12.0, 10.0, 11.5])
    np.testing.assert_allclose(accumulation_distribution(high, low, close, np.full(3, 4.0)), [4.0, 0.0, 2.0])


def test_money_that_only_flows_in_reads_as_a_hundred():
    close = np.arange(100.0, 130.0)
    index = money_flow_index(close + 1, close - 1, close, np.full(30, 5.0))
    np.testing.assert_allclose(index[14:], 100.0)


def test_the_extremes_are_those_of_each_window():
    prices = random_prices(60, 3)
    np.testing.assert_array_equal(rolling_max(prices, 5), by_fresh_windows(prices, 5, np.max))
    np.testing.assert_array_equal(rolling_min(prices, 5), by_fresh_windows(prices, 5, np.min))
