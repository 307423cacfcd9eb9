"""Time in market and turnover."""

from __future__ import annotations

import numpy as np
import pytest

from hindcast.engine.layout import BUY, FILL_DTYPE, SELL
from hindcast.engine.metrics.activity import time_in_market, turnover


def test_time_in_market_is_the_share_of_closes_with_a_position():
    assert time_in_market([0.0, 0.0, 50.0, 60.0, 0.0]) == 0.4
    assert time_in_market([0.0]) == 0.0
    assert time_in_market([]) is None


def fills_worth(*notionals):
    fills = np.zeros(len(notionals), FILL_DTYPE)
    fills["quantity"], fills["price"] = 2.0, np.array(notionals) / 2.0
    fills["side"] = [BUY if i % 2 == 0 else SELL for i in range(len(notionals))]
    return fills


def test_turnover_counts_both_sides_over_mean_equity_and_years():
    assert turnover(fills_worth(100.0, 300.0), [100.0, 200.0, 300.0], years=0.5) == pytest.approx(4.0)


def test_no_fills_are_no_turnover():
    assert turnover(fills_worth(), [100.0, 100.0], years=1.0) == 0.0


def test_turnover_is_undefined_without_time_or_with_mean_equity_below_zero():
    assert turnover(fills_worth(100.0), [100.0, 100.0], years=0.0) is None
    assert turnover(fills_worth(100.0), [100.0, -300.0], years=1.0) is None
