"""The analysis of a run: its curve, trades, activity and benchmark together."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from hindcast.domain.errors import BenchmarkError, ConfigError
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.layout import BUY, FILL_DTYPE, ORDER_DTYPE, SELL, TRADE_DTYPE
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.trades import match_trades

DAY = 86_400_000_000_000
MONDAY = int(np.datetime64("2024-01-01", "ns").astype(np.int64))


def stamps_of(bars):
    """Weekdays from Monday, 1 January 2024."""
    return np.array([MONDAY + (7 * (t // 5) + t % 5) * DAY for t in range(bars)], dtype=np.int64)


def history_of(equity, *, fills=None, close=None, exposure=None, ruined_at=-1, capital=1_000.0):
    equity = np.asarray(equity, dtype=np.float64)
    stamps = stamps_of(equity.size)
    fills = np.zeros(0, FILL_DTYPE) if fills is None else fills
    close = np.full((equity.size, 1), 100.0) if close is None else close
    trades, open_lots = match_trades(fills, high=close, low=close, close=close)
    arrays = {
        "timestamps": stamps,
        "equity": equity,
        "cash": equity,
        "gross_exposure": np.zeros(equity.size) if exposure is None else np.asarray(exposure, dtype=np.float64),
        "net_exposure": np.zeros(equity.size),
        "orders": np.zeros(0, ORDER_DTYPE),
        "fills": fills,
        "trades": trades,
        "open_lots": open_lots,
    }
    for array in arrays.values():
        array.flags.writeable = False
    return PortfolioHistory(
        **arrays,
        start=int(stamps[0]) - DAY,
        initial_capital=capital,
        symbols=("A",),
        total_financing=2.5,
        total_dividends=0.0,
        ruined_at=ruined_at,
        ignored_signals=0,
        stale_symbols=(),
    )


def round_trip():
    fills = np.zeros(2, FILL_DTYPE)
    fills["bar"], fills["side"], fills["quantity"], fills["position"] = [1, 3], [BUY, SELL], 10.0, [10.0, 0.0]
    fills["price"], fills["commission"], fills["slippage"] = [100.0, 110.0], [1.0, 1.5], [0.5, 0.25]
    return fills


@pytest.fixture
def run():
    return history_of(
        [1000.0, 999.0, 1049.0, 1097.5, 1097.5, 1097.5], fills=round_trip(), exposure=[0, 1000, 1050, 0, 0, 0]
    )


def analyze(history, **options):
    return PerformanceAnalyzer().analyze(history, **options)


def test_the_initial_capital_is_the_first_level(run):
    found = analyze(run)
    assert found.observations == 6
    assert found.total_return == pytest.approx(0.0975)
    assert found.start == datetime(2023, 12, 31, tzinfo=UTC)
    assert found.end == datetime(2024, 1, 8, tzinfo=UTC)
    assert found.annualized_return == pytest.approx(1.0975 ** (365.25 / 8) - 1)


def test_periods_per_year_come_from_the_bars_and_not_from_the_stamp_of_the_capital(run):
    assert analyze(run).periods_per_year == 252
    assert analyze(run, periods_per_year=365).periods_per_year == 365


def test_trades_and_activity_are_those_of_the_run(run):
    found = analyze(run)
    assert (found.total_trades, found.win_rate, found.max_losing_streak) == (1, 1.0, 0)
    assert found.expectancy == pytest.approx(100.0 - 2.5)
    assert found.avg_holding_days == 2.0
    assert found.time_in_market == pytest.approx(2 / 6)
    mean_equity = (1000.0 + 1000.0 + 999.0 + 1049.0 + 3 * 1097.5) / 7
    assert found.turnover == pytest.approx(2100.0 / mean_equity / (8 / 365.25))
    assert (found.total_commission, found.total_slippage, found.total_financing) == (2.5, 0.75, 2.5)
    assert not found.ruined


def test_other_trades_can_be_given(run):
    found = analyze(run, trades=np.zeros(0, TRADE_DTYPE))
    assert found.total_trades == 0
    assert found.win_rate is None


def test_without_a_benchmark_its_metrics_are_undefined(run):
    found = analyze(run).model_dump()
    against = [metric.name for metric in CATALOGUE if metric.group == "benchmark"]
    assert {found[name] for name in [*against, "benchmark_common_observations", "benchmark_dropped_dates"]} == {None}


def test_the_capital_meets_the_benchmarks_close_at_the_first_bar(run):
    stamps = stamps_of(6)
    benchmark = BenchmarkSeries(
        symbol="SPX",
        timestamps=np.concatenate(([stamps[0] - DAY], stamps)),
        values=np.array([1.0, 50.0, 51.0, 52.0, 51.0, 53.0, 54.0]),
    )
    found = analyze(run, benchmark_data=benchmark)
    assert found.benchmark_common_observations == 5
    assert found.benchmark_dropped_dates == 0
    assert found.relative_return == pytest.approx(1.0975 - 54.0 / 50.0)


def test_what_is_paid_on_the_first_bar_is_in_the_first_common_return():
    stamps = stamps_of(3)
    history = history_of([990.0, 990.0, 1000.0])
    benchmark = BenchmarkSeries(symbol="SPX", timestamps=stamps, values=np.array([100.0, 100.0, 100.0]))
    assert analyze(history, benchmark_data=benchmark).relative_return == pytest.approx(0.0, abs=1e-15)


def test_a_benchmark_that_starts_later_is_compared_from_there_on(run):
    benchmark = BenchmarkSeries(symbol="SPX", timestamps=stamps_of(6)[2:], values=np.array([10.0, 11.0, 12.0, 11.0]))
    found = analyze(run, benchmark_data=benchmark)
    assert found.relative_return == pytest.approx(1097.5 / 1049.0 - 1.1)
    assert (found.benchmark_common_observations, found.benchmark_dropped_dates) == (3, 2)


def test_a_benchmark_of_other_dates_is_an_error(run):
    benchmark = BenchmarkSeries(symbol="SPX", timestamps=stamps_of(6) + 1, values=np.ones(6))
    with pytest.raises(BenchmarkError, match="'SPX' shares no dates"):
        analyze(run, benchmark_data=benchmark)


def test_a_run_of_one_bar_has_a_return_and_no_ratios():
    found = analyze(history_of([1010.0]))
    assert (found.observations, found.periods_per_year) == (1, 252)
    assert found.total_return == pytest.approx(0.01)
    assert (found.sharpe_ratio, found.volatility, found.win_rate) == (None, None, None)


def test_a_run_that_never_trades_is_flat_and_says_so():
    found = analyze(history_of([1000.0] * 8))
    assert (found.total_return, found.volatility, found.turnover, found.time_in_market) == (0.0, 0.0, 0.0, 0.0)
    assert (found.sharpe_ratio, found.calmar_ratio, found.total_trades) == (None, None, 0)


def test_ruin_is_told_and_leaves_finite_metrics():
    found = analyze(history_of([1000.0, -50.0, -50.0, -50.0], ruined_at=1))
    assert found.ruined
    assert (found.annualized_return, found.max_drawdown) == (-1.0, 1.0)
    json.dumps(found.model_dump(mode="json"), allow_nan=False)


def test_an_impossible_risk_free_rate_is_refused(run):
    with pytest.raises(ConfigError, match="risk_free_rate"):
        analyze(run, risk_free_rate=-1.5)


def test_two_analyses_of_a_run_are_the_same_to_the_byte(run):
    assert analyze(run).model_dump_json() == analyze(run).model_dump_json()
