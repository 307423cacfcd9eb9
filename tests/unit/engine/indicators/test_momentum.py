from __future__ import annotations

import numpy as np
import pytest
from tests.unit.engine.indicators.panels import random_prices

from hindcast.domain.errors import InputError, ParameterError
from hindcast.engine.indicators import cci, ema, macd, rsi, stochastic, williams_r


def naive_rsi(close, window):
    moves = np.diff(close)
    up = np.maximum(moves[:window], 0).mean()
    down = np.maximum(-moves[:window], 0).mean()
    out = [100 * up / (up + down)]
    for move in moves[window:]:
        up = (up * (window - 1) + max(move, 0)) / window
        down = (down * (window - 1) + max(-move, 0)) / window
        out.append(100 * up / (up + down))
    return np.array(out)


def test_the_relative_strength_index_is_wilders():
    close = random_prices(200, 1)[:, 0]
    result = rsi(close, 14)
    assert np.isnan(result[:14]).all()
    np.testing.assert_allclose(result[14:], naive_rsi(close, 14), rtol=1e-10)


def test_a_missing_price_is_left_out_and_stays_missing():
    close = random_prices(100, 3)
    holed = np.insert(close, [5, 40, 41], np.nan, axis=0)
    result = rsi(holed, 14)
    missing = np.isnan(holed[:, 0])
    assert np.isnan(result[missing]).all()
    np.testing.assert_array_equal(result[~missing], rsi(close, 14))


def test_a_column_without_any_price_gives_none():
    close = random_prices(50, 2)
    close[:, 0] = np.nan
    result = rsi(close)
    assert np.isnan(result[:, 0]).all()
    np.testing.assert_array_equal(result[:, 1], rsi(close[:, 1]))


def test_the_convergence_divergence_is_the_distance_of_two_averages():
    close = random_prices(300, 1)[:, 0]
    found = macd(close)
    assert np.isnan(found.line[:33]).all()
    np.testing.assert_allclose(found.line[200:], (ema(close, 12) - ema(close, 26))[200:], atol=1e-6)
    np.testing.assert_allclose(found.histogram[33:], (found.line - found.signal)[33:], atol=1e-12)


def test_a_fast_window_that_is_not_shorter_is_refused_with_both_values():
    with pytest.raises(ParameterError, match="fast = 26 and slow = 26"):
        macd(np.ones(50), 26, 26)


def test_a_close_at_the_top_of_its_range_reads_as_the_highest():
    close = np.arange(1.0, 41.0)
    found = stochastic(close, close - 0.5, close, window=14)
    np.testing.assert_allclose(found.slow_d[17:], 100.0)
    assert np.isnan(found.slow_k[:17]).all()
    np.testing.assert_allclose(williams_r(close, close - 0.5, close)[13:], 0.0, atol=1e-12)


def test_the_commodity_channel_index_counts_in_mean_deviations():
    high, low, close = random_prices(60, 3).T
    typical = (high + low + close) / 3
    windows = [typical[t - 19 : t + 1] for t in range(19, 60)]
    expected = [(each[-1] - each.mean()) / (0.015 * np.abs(each - each.mean()).mean()) for each in windows]
    np.testing.assert_allclose(cci(high, low, close)[19:], expected, rtol=1e-9)


def test_inputs_of_different_shapes_are_refused():
    with pytest.raises(InputError, match=r"low has shape \(4,\), high \(5,\)"):
        williams_r(np.ones(5), np.ones(4), np.ones(5))
