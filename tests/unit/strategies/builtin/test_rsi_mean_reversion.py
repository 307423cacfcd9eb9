from __future__ import annotations

import numpy as np
import pytest
from tests.unit.strategies.panels import decisions, random_bars

from hindcast.domain.errors import ParameterError
from hindcast.engine.indicators import rsi
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_SELL
from hindcast.strategies.builtin.rsi_mean_reversion import RsiMeanReversion


def test_it_buys_where_the_index_falls_below_and_sells_where_it_rises_above():
    bars = random_bars(bars=600, columns=2)
    side = decisions(RsiMeanReversion(window=10, oversold=35, overbought=65), bars)
    index = rsi(bars.panel.close, 10)
    before, now = index[:-1], index[1:]
    np.testing.assert_array_equal(side[1:] == SIGNAL_BUY, (before > 35) & (now < 35))
    np.testing.assert_array_equal(side[1:] == SIGNAL_SELL, (before < 65) & (now > 65))
    assert (side == SIGNAL_BUY).any()
    assert (side == SIGNAL_SELL).any()


def test_no_decision_is_made_before_the_warm_up_is_over():
    strategy = RsiMeanReversion(window=5, oversold=49, overbought=51)
    assert strategy.warm_up == 6
    for seed in range(10):
        assert not decisions(strategy, random_bars(seed=seed))[:6].any()


def test_levels_in_the_wrong_order_are_refused_with_both_values():
    with pytest.raises(ParameterError, match="oversold = 70 and overbought = 30"):
        RsiMeanReversion(oversold=70, overbought=30)


@pytest.mark.parametrize("parameters", [{"oversold": 0}, {"overbought": 100}, {"window": 1}])
def test_levels_and_windows_out_of_bounds_are_refused(parameters):
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        RsiMeanReversion(**parameters)
