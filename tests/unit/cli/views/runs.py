"""Results and tables as a run gives them, small enough to read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from hindcast.domain.backtest import BacktestResult, RunManifest
from hindcast.domain.performance import PerformanceMetrics

DAYS = np.arange("2020-01-01", "2020-01-11", dtype="datetime64[D]").astype("datetime64[ns]")
EQUITY = np.array([100.0, 101, 99, 104, 108, 103, 107, 111, 109, 115]) * 1_000


def make_result(**changes: Any) -> BacktestResult:
    """A result of ten days, with a benchmark and two closed trades."""
    manifest = RunManifest(
        id="abcdef0123456789",
        data_hash="d" * 64,
        strategy_type="sma_crossover",
        strategy_hash="s" * 64,
        parameters={"short_window": 10, "long_window": 30},
        config={"initial_capital": 100_000.0},
        engine_version="0.1.0",
        engine_hash="e" * 64,
        environment={},
    )
    performance = PerformanceMetrics(
        periods_per_year=252,
        risk_free_rate=0,
        observations=9,
        ruined=False,
        total_return=0.15,
        annualized_return=1234.5,
        max_drawdown=0.0463,
        sharpe_ratio=2.5,
        total_trades=2,
        win_rate=0.5,
        total_commission=12_345.678,
    )
    fields: dict[str, Any] = {
        "backtest_id": "20200111-0123456789ab",
        "strategy_type": "sma_crossover",
        "symbols": ("SPX",),
        "start_date": date(2020, 1, 2),
        "end_date": date(2020, 1, 10),
        "provider": "sample",
        "benchmark_symbol": "IXIC",
        "created_at": datetime(2020, 1, 11, tzinfo=UTC),
        "performance": performance,
        "final_portfolio_value": 115_000.0,
        "total_trades": 2,
        "manifest": manifest,
    }
    return BacktestResult(**(fields | changes))


def make_tables(**changes: Any) -> dict[str, dict[str, Any]]:
    """The tables that the terminal reads."""
    tables = {
        "equity": {"timestamp": DAYS, "equity": EQUITY},
        "benchmark": {"timestamp": DAYS[1:], "value": np.linspace(9_000, 9_900, 9)},
        "fills": {"quantity": np.array([1.0, 1.0, 2.0, 2.0])},
        "orders": {
            "symbol": np.array(["SPX"] * 3, object),
            "side": np.array(["buy", "sell", "sell"], object),
            "quantity": np.array([1.0, 1.0, 5.0]),
            "filled_quantity": np.array([1.0, 1.0, 0.0]),
            "status": np.array(["filled", "filled", "rejected"], object),
            "reason": np.array(["", "", "margin"], object),
            "created_at": DAYS[[1, 3, 5]],
        },
    }
    return tables | changes
