"""Statistics of closed trades."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.engine.kernels.trade_metrics import TRADE_COLUMNS
from hindcast.engine.layout import TRADE_DTYPE
from hindcast.engine.metrics.trades import trade_statistics

DAY = 86_400_000_000_000
STAMPS = np.arange(100, dtype=np.int64) * DAY


def trades_of(*pnls, held=1):
    trades = np.zeros(len(pnls), TRADE_DTYPE)
    trades["pnl"] = pnls
    trades["return"] = trades["pnl"] / 100.0
    trades["entry_bar"], trades["exit_bar"] = 5, 5 + np.asarray(held)
    return trades


def test_a_worked_example():
    found = trade_statistics(trades_of(30.0, -10.0, 0.0, -5.0, -15.0, 60.0, held=[1, 2, 3, 4, 5, 9]), STAMPS)
    assert found == {
        "total_trades": 6,
        "win_rate": pytest.approx(2 / 6),
        "avg_profit": 45.0,
        "avg_loss": 10.0,
        "profit_factor": 3.0,
        "expectancy": 10.0,
        "payoff_ratio": 4.5,
        "sqn": pytest.approx(math.sqrt(6) * 10.0 / statistics.stdev([30, -10, 0, -5, -15, 60])),
        "avg_holding_days": 4.0,
        "max_holding_days": 9.0,
        "best_trade": 0.6,
        "worst_trade": -0.15,
        "max_losing_streak": 2,
    }


def test_no_trades_leave_counts_of_zero_and_nothing_else():
    found = trade_statistics(trades_of(), STAMPS)
    assert (found.pop("total_trades"), found.pop("max_losing_streak")) == (0, 0)
    assert set(found.values()) == {None}
    assert len(found) == len(TRADE_COLUMNS) - 1


def test_winners_only_have_no_average_loss_profit_factor_or_payoff():
    found = trade_statistics(trades_of(1.0, 2.0), STAMPS)
    assert [found[name] for name in ("avg_loss", "profit_factor", "payoff_ratio")] == [None] * 3
    assert (found["win_rate"], found["avg_profit"], found["max_losing_streak"]) == (1.0, 1.5, 0)


def test_losers_only_have_a_profit_factor_of_zero_and_no_average_profit():
    found = trade_statistics(trades_of(-1.0, -3.0), STAMPS)
    assert (found["profit_factor"], found["avg_profit"], found["payoff_ratio"]) == (0.0, None, None)
    assert (found["avg_loss"], found["max_losing_streak"]) == (2.0, 2)


def test_trades_of_exactly_zero_are_neither_winners_nor_losers_and_end_a_streak():
    found = trade_statistics(trades_of(-1.0, 0.0, -1.0), STAMPS)
    assert (found["win_rate"], found["avg_loss"], found["max_losing_streak"]) == (0.0, 1.0, 1)


def test_equal_trades_have_no_system_quality_number():
    assert trade_statistics(trades_of(0.1, 0.1, 0.1), STAMPS)["sqn"] is None
    assert trade_statistics(trades_of(5.0), STAMPS)["sqn"] is None
    rounding = trades_of(1e6, 1e6 + 1e-7, 1e6 - 1e-7)
    assert len(set(rounding["pnl"].tolist())) == 3
    assert trade_statistics(rounding, STAMPS)["sqn"] is None


@given(st.lists(st.integers(-10_000, 10_000).map(lambda cents: cents / 100), min_size=2, max_size=40))
def test_expectancy_is_what_win_rate_and_averages_say(pnls):
    found = trade_statistics(trades_of(*pnls), STAMPS)
    losers = sum(pnl < 0 for pnl in pnls) / len(pnls)
    composed = (found["win_rate"] or 0.0) * (found["avg_profit"] or 0.0) - losers * (found["avg_loss"] or 0.0)
    assert found["expectancy"] == pytest.approx(composed, abs=1e-9)
    assert found["best_trade"] == max(pnls) / 100.0
    assert found["worst_trade"] == min(pnls) / 100.0
