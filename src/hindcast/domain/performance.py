"""The performance of a run or of an equity curve: every metric, and what they were computed with."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from hindcast.domain.errors import HindcastError, SimulationError
from hindcast.domain.records import CheckedRecord


class PerformanceMetrics(CheckedRecord):
    """Every metric of one run or curve. None is undefined (too few returns, no variance, no trades, no benchmark).

    Fractions, not percent; money in the currency of the equity. Never NaN, never infinite. The definitions are those of
    `hindcast.engine.metrics.catalogue`.
    """

    error_class: ClassVar[type[HindcastError]] = SimulationError

    # What the metrics were computed with, and from.
    periods_per_year: float
    risk_free_rate: float
    observations: int  # returns
    start: datetime | None = None  # of E_0: in a run the initial capital, one spacing before the first bar
    end: datetime | None = None
    ruined: bool
    benchmark_common_observations: int | None = None  # returns that curve and benchmark have in common
    benchmark_dropped_dates: int | None = None  # dates within the curve's span that only one of them has

    # Return.
    total_return: float | None = None
    annualized_return: float | None = None

    # Risk.
    volatility: float | None = None
    max_drawdown: float | None = None
    max_drawdown_duration: float | None = None  # days
    value_at_risk_95: float | None = None
    expected_shortfall_95: float | None = None
    skewness: float | None = None
    excess_kurtosis: float | None = None
    ulcer_index: float | None = None

    # Ratios.
    sharpe_ratio: float | None = None
    sortino_ratio: float | None = None
    calmar_ratio: float | None = None
    omega_ratio: float | None = None
    tail_ratio: float | None = None

    # Against the benchmark.
    relative_return: float | None = None
    alpha: float | None = None
    beta: float | None = None
    tracking_error: float | None = None
    information_ratio: float | None = None
    up_capture: float | None = None
    down_capture: float | None = None
    correlation: float | None = None
    r_squared: float | None = None

    # Closed trades.
    total_trades: int | None = None
    win_rate: float | None = None
    avg_profit: float | None = None
    avg_loss: float | None = None
    profit_factor: float | None = None
    expectancy: float | None = None
    payoff_ratio: float | None = None
    sqn: float | None = None
    avg_holding_days: float | None = None
    max_holding_days: float | None = None
    best_trade: float | None = None
    worst_trade: float | None = None
    max_losing_streak: int | None = None

    # Activity.
    time_in_market: float | None = None
    turnover: float | None = None
    total_commission: float | None = None
    total_slippage: float | None = None
    total_financing: float | None = None
