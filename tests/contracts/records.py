"""Documents, results and tables that the stores' tests keep and read back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest import Backtest, BacktestResult, RunManifest
from hindcast.domain.performance import PerformanceMetrics
from hindcast.domain.strategy import Strategy

Tables = dict[str, dict[str, NDArray[np.generic]]]


def a_strategy(strategy_id: str = "s1", **changes: object) -> Strategy:
    fields: dict[str, object] = {
        "name": "Crossing",
        "strategy_type": "sma_crossover",
        "parameters": {"short_window": 10, "long_window": 30},
    }
    return Strategy(id=strategy_id, **(fields | changes))


def a_backtest(backtest_id: str = "b1", **changes: object) -> Backtest:
    fields: dict[str, object] = {"name": "Main", "strategy_id": "s1", "symbols": ("SPX",)}
    return Backtest(id=backtest_id, **(fields | changes))


def a_result(
    backtest_id: str = "r1", *, manifest_id: str = "a" * 64, day: int = 1, **changes: object
) -> BacktestResult:
    fields: dict[str, object] = {
        "strategy_type": "sma_crossover",
        "symbols": ("SPX",),
        "start_date": date(2020, 1, 1),
        "end_date": date(2020, 1, 3),
        "created_at": datetime(2024, 1, day, tzinfo=UTC),
        "performance": PerformanceMetrics(
            periods_per_year=252.0, risk_free_rate=0.0, observations=3, ruined=False, total_return=0.1 + 0.2
        ),
        "final_portfolio_value": 130_000.000_000_1,
        "total_trades": 1,
        "manifest": a_manifest(manifest_id),
    }
    return BacktestResult(backtest_id=backtest_id, **(fields | changes))


def a_manifest(manifest_id: str) -> RunManifest:
    return RunManifest(
        id=manifest_id,
        data_hash="d" * 64,
        strategy_type="sma_crossover",
        strategy_hash="e" * 64,
        parameters={"short_window": 10},
        config={"initial_capital": 100_000.0},
        engine_version="0.1.0",
        engine_hash="f" * 64,
        environment={"python": "3.11"},
    )


def some_tables() -> Tables:
    """Every kind of column, with the values that files find hard."""
    stamps = np.array(["2020-01-01", "2020-01-02T09:30:00.000000001", "NaT"], dtype="M8[ns]")
    return {
        "equity": {"timestamp": stamps[:2], "equity": np.array([100_000.0, 0.1 + 0.2])},
        "orders": {
            "order_id": np.array([1, 2, 2**53 + 1]),
            "symbol": np.array(["SPX", "삼성전자", 'it\'s; "x"\0'], dtype=object),
            "limit": np.array([np.nan, -0.0, 1e-308]),
            "ambiguous": np.array([True, False, True]),
            "closed_at": stamps,
        },
        "fills": {
            "timestamp": stamps[:0],
            "symbol": np.array([], dtype=object),
            "price": np.array([]),
            "order_id": np.array([], dtype=np.int64),
            "ambiguous": np.array([], dtype=bool),
        },
    }
