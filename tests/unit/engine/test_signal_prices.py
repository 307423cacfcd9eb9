"""The prices of a strategy's signals, from its list to the orders that come of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.signals import StrategySignal
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.layout import REASON_NAMES, STATUS_NAMES, TYPE_NAMES
from hindcast.engine.trade_engine import TradeEngine
from hindcast.strategies.signal_list import signals_from_list

FLAT = np.full((4, 1), 100.0)
BARS = Bars.from_numpy(np.arange("2020-01-01", 4, dtype="M8[D]"), ["A"], FLAT, FLAT + 5, FLAT - 5, FLAT, FLAT * 10)


def run(**fields: Any) -> PortfolioHistory:
    decision = StrategySignal(symbol="A", timestamp=datetime(2020, 1, 1, tzinfo=UTC), **fields)
    return TradeEngine().simulate(signals_from_list([decision], BARS), BARS, BacktestConfig())


@pytest.mark.parametrize(
    ("fields", "kind", "stop", "limit"),
    [
        ({}, "market", math.nan, math.nan),
        ({"limit": 98}, "limit", math.nan, 98.0),
        ({"stop": 103}, "stop", 103.0, math.nan),
        ({"stop": 103, "limit": 104}, "stop_limit", 103.0, 104.0),
        ({"trailing": 3}, "trailing_stop", 103.0, math.nan),
        ({"trailing_pct": 0.03125}, "trailing_stop", 103.125, math.nan),
    ],
    ids=repr,
)
def test_a_signals_prices_make_the_type_of_its_order(
    fields: dict[str, float], kind: str, stop: float, limit: float
) -> None:
    order = run(signal_type="BUY", **fields).orders[0]
    assert TYPE_NAMES[order["type"]] == kind
    np.testing.assert_array_equal(order["limit"], limit)
    np.testing.assert_array_equal(order["stop"], stop)


@pytest.mark.parametrize("exit_at", [{"stop_loss": 96.0}, {"take_profit": 104.0}])
def test_a_signals_bracket_ends_its_position(exit_at: dict[str, float]) -> None:
    assert run(signal_type="BUY", **exit_at).fills["price"].tolist() == [100.0, *exit_at.values()]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"signal_type": "BUY", "limit": math.nan}, "bad_price"),
        ({"signal_type": "BUY", "limit": -98}, "bad_price"),
        ({"signal_type": "BUY", "stop": 0}, "bad_price"),
        ({"signal_type": "BUY", "take_profit": math.inf}, "bad_price"),
        ({"signal_type": "BUY", "stop_loss": 101}, "wrong_side"),
        ({"signal_type": "BUY", "trailing": 1, "limit": 98}, "bad_combination"),
        ({"signal_type": "BUY", "stop_loss": 90, "trailing_stop_pct": 0.02}, "bad_combination"),
        ({"target_weight": 0.5, "limit": 98}, "bad_combination"),
        ({"target_weight": 0.5, "stop_loss": 98}, "bad_combination"),
    ],
    ids=repr,
)
def test_prices_that_no_order_can_have_reject_the_order_and_nothing_else(fields: dict[str, Any], reason: str) -> None:
    history = run(**fields)
    assert [REASON_NAMES[order["reason"]] for order in history.orders] == [reason]
    assert [STATUS_NAMES[order["status"]] for order in history.orders] == ["rejected"]
    assert history.equity.tolist() == [100_000.0] * 4
