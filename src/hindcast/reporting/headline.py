"""The first numbers that a reader sees, each beside the benchmark's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hindcast.domain.backtest import BacktestResult
from hindcast.reporting.curves import drawdowns
from hindcast.reporting.formatting import count, percent, ratio
from hindcast.reporting.run_tables import Tables, benchmark_levels, floats, stamps

YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One headline number."""

    label: str
    value: str
    beside: str  # what it compares with; may be empty
    tone: str  # "gain", "loss" or "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBenchmark:
    """What holding the benchmark over the same bars gave; fractions, None where undefined."""

    total_return: float | None
    annualized_return: float | None
    max_drawdown: float | None
    sharpe_ratio: float | None


def held_benchmark(tables: Tables, *, periods_per_year: float, risk_free_rate: float) -> HeldBenchmark:
    """Buying the benchmark at its first value of the run and holding it; all None without a benchmark."""
    from hindcast.engine.metrics.sharpe import sharpe_ratio

    when, level = benchmark_levels(tables)
    if len(level) < 2:
        return HeldBenchmark(total_return=None, annualized_return=None, max_drawdown=None, sharpe_ratio=None)
    growth = float(level[-1] / level[0])
    # The run's own clock starts one bar before its first stamp, as its equity does.
    start = min(when[0], stamps(tables, "equity")[0]) if len(stamps(tables, "equity")) else when[0]
    years = float((when[-1] - start) / np.timedelta64(1, "D")) / YEAR_DAYS
    return HeldBenchmark(
        total_return=growth - 1.0,
        annualized_return=growth ** (1.0 / years) - 1.0 if years > 0 else None,
        max_drawdown=float(-drawdowns(level).min()),
        sharpe_ratio=sharpe_ratio(
            level[1:] / level[:-1] - 1.0, periods_per_year=periods_per_year, risk_free_rate=risk_free_rate
        ),
    )


def headline(result: BacktestResult, tables: Tables) -> tuple[Tile, ...]:
    """Total return, yearly return, Sharpe ratio, drawdown and trades."""
    performance = result.performance
    held = held_benchmark(
        tables, periods_per_year=performance.periods_per_year, risk_free_rate=performance.risk_free_rate
    )
    name = result.benchmark_symbol or "benchmark"

    def against(value: float | None) -> str:
        return "" if value is None else f"{name} held: {percent(value, sign=True)}"

    fills = len(floats(tables, "fills", "quantity"))
    win_rate = performance.win_rate
    return (
        Tile(
            label="Total return",
            value=percent(performance.total_return, sign=True),
            beside=against(held.total_return),
            tone=_tone(performance.total_return),
        ),
        Tile(
            label="Per year (CAGR)",
            value=percent(performance.annualized_return, sign=True),
            beside=against(held.annualized_return),
            tone=_tone(performance.annualized_return),
        ),
        Tile(
            label="Sharpe ratio",
            value=ratio(performance.sharpe_ratio),
            beside="" if held.sharpe_ratio is None else f"{name} held: {ratio(held.sharpe_ratio)}",
            tone="plain",
        ),
        Tile(
            label="Max drawdown",
            value=percent(performance.max_drawdown),
            beside="" if held.max_drawdown is None else f"{name} held: {percent(held.max_drawdown)}",
            tone="plain",
        ),
        Tile(
            label="Closed trades",
            value=count(result.total_trades),
            beside=f"{percent(win_rate, digits=0)} won · {fills:,} fills"
            if win_rate is not None
            else f"{fills:,} fills",
            tone="plain",
        ),
    )


def _tone(value: float | None) -> str:
    if value is None or value == 0:
        return "plain"
    return "gain" if value > 0 else "loss"
