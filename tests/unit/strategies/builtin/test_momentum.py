from __future__ import annotations

import numpy as np
import pytest
from tests.unit.strategies.panels import bars_of, decisions, random_bars

from hindcast.domain.errors import ParameterError
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_HOLD, SIGNAL_SELL
from hindcast.strategies.builtin.momentum import Momentum

NAN = float("nan")


def naive_decisions(close, lookback, skip, threshold):
    """Over the prices that are there, one bar at a time; a decision stands where the state changes."""
    prices, state, out = [], SIGNAL_HOLD, []
    for price in close:
        code = SIGNAL_HOLD
        if not np.isnan(price):
            prices.append(price)
            if len(prices) > lookback:
                past = prices[-1 - skip] / prices[-1 - lookback] - 1
                now = SIGNAL_BUY if past > threshold else SIGNAL_SELL
                code = SIGNAL_HOLD if now == state else now
                state = now
        out.append(code)
    return out


@pytest.mark.parametrize("skip", [0, 3])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_it_holds_what_has_gone_up_enough(skip, gaps):
    bars = random_bars(bars=300, columns=3, gaps=gaps)
    side = decisions(Momentum(lookback=20, skip=skip, threshold=0.02), bars)
    for column in range(3):
        expected = naive_decisions(bars.panel.close[:, column], 20, skip, 0.02)
        assert side[:, column].tolist() == expected


def test_the_first_return_decides_at_once():
    assert decisions(Momentum(lookback=2), bars_of([1.0, 2.0, 3.0, 4.0]))[:, 0].tolist() == [0, 0, SIGNAL_BUY, 0]
    assert decisions(Momentum(lookback=2), bars_of([4.0, 3.0, 2.0, 1.0]))[:, 0].tolist() == [0, 0, SIGNAL_SELL, 0]


def test_a_missing_bar_decides_nothing_and_does_not_count():
    side = decisions(Momentum(lookback=1), bars_of([1.0, 2.0, NAN, 3.0, 1.0]))
    assert side[:, 0].tolist() == [0, SIGNAL_BUY, 0, 0, SIGNAL_SELL]


def test_no_decision_is_made_before_the_warm_up_is_over():
    assert Momentum(lookback=30).warm_up == 30
    assert not decisions(Momentum(lookback=30), random_bars())[:30].any()


def test_leaving_out_as_much_as_is_looked_at_is_refused_with_both_values():
    with pytest.raises(ParameterError, match="skip = 21 and lookback = 21"):
        Momentum(lookback=21, skip=21)
