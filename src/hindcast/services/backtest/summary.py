"""The summary of a run: what is kept of it beside its tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from hindcast.domain.backtest import BacktestResult, RunManifest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.certificate import Certificate, Verdict
from hindcast.domain.intervals import DAILY
from hindcast.domain.performance import PerformanceMetrics
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.stamps import day_text, to_datetime
from hindcast.services.backtest.manifest import make_manifest
from hindcast.strategies.construction import parameters_of


def summarise(  # noqa: PLR0913  # what a result is made of
    strategy: Any,
    bars: Bars,
    config: BacktestConfig,
    history: PortfolioHistory,
    metrics: PerformanceMetrics,
    benchmark: BenchmarkSeries | None,
    *,
    backtest_id: str,
    name: str,
    provider: str,
    created_at: datetime,
    interval: str = DAILY,
    adjusted: bool = False,
) -> BacktestResult:
    """The result of a run, its tables not yet stored."""
    strategy_type = type_of(strategy)
    manifest = make_manifest(
        strategy_class=type(strategy),
        strategy_type=strategy_type,
        parameters=parameters_of(strategy),
        bars=bars,
        config=config,
        benchmark=benchmark,
    )
    return BacktestResult(
        backtest_id=backtest_id or manifest.id,
        name=name or strategy_type,
        strategy_type=strategy_type,
        symbols=bars.symbols,
        start_date=to_datetime(bars.timestamps[0]).date(),
        end_date=to_datetime(bars.timestamps[-1]).date(),
        provider=provider,
        benchmark_symbol=None if benchmark is None else benchmark.symbol,
        interval=interval,
        adjusted=adjusted,
        data_versions=data_versions(bars, benchmark),
        created_at=created_at,
        performance=metrics,
        final_portfolio_value=float(history.equity[-1]),
        total_trades=len(history.trades),
        ruined=history.ruined_at >= 0,
        lane=history.lane,
        manifest=manifest,
        books_deviation=None if history.accounting is None else history.accounting.largest,
        notes=run_notes(bars, config, history),
    )


def data_versions(bars: Bars, benchmark: BenchmarkSeries | None) -> tuple[str, ...]:
    """The versions of the data that a run saw; a result can be run again on them when there are newer ones."""
    seen = (bars.version, "" if benchmark is None else benchmark.version)
    return tuple(dict.fromkeys(version for version in seen if version))


def certified(result: BacktestResult, certificate: Certificate) -> BacktestResult:
    """The result with its look-ahead certificate; a finding is the first thing that a reader must know."""
    unfit = certificate.verdict not in (Verdict.PASSED, Verdict.NOT_RUN)
    notes = (f"Look-ahead proof: {certificate.explanation}", *result.notes) if unfit else result.notes
    return result.model_copy(update={"certificate": certificate, "notes": notes})


def seed_of(manifest: RunManifest) -> int:
    """The seed of a run's proof: the same question is examined in the same way."""
    return int(manifest.id[:12], 16)


def type_of(strategy: Any) -> str:
    """The name of a strategy's type: STRATEGY_TYPE, else the class's name."""
    return getattr(type(strategy), "STRATEGY_TYPE", "") or type(strategy).__name__


def run_notes(bars: Bars, config: BacktestConfig, history: PortfolioHistory) -> tuple[str, ...]:
    """What a reader of the result must know before believing it."""
    notes = list(bars.notes)
    if config.fill_on == "close":
        notes.append("Orders fill at the close that they were decided on: such fills can't be had in real trading.")
    if history.ruined_at >= 0:
        notes.append(
            f"The account was ruined on {day_text(history.timestamps[history.ruined_at])}; nothing traded after."
        )
    ambiguous = int(np.count_nonzero(history.fills["ambiguous"]))
    if ambiguous:
        notes.append(
            f"{ambiguous:,} of {len(history.fills):,} fills depend on the order of prices within a bar, which the data "
            "does not tell; `run.bounds` is what the other readings give."
        )
    if history.stale_symbols:
        few = ", ".join(history.stale_symbols[:5])
        notes.append(f"Still held at a last price from before the end of the run: {few}.")
    if len(history.open_lots):
        lots = "1 lot is" if len(history.open_lots) == 1 else f"{len(history.open_lots)} lots are"
        notes.append(f"Not in the trade statistics: {lots} open at the end.")
    return tuple(notes)
