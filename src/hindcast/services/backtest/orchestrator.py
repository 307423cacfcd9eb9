"""BacktestOrchestrator: a backtest from its id to its stored result, one step a line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.errors import HindcastError, InputError
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.backtest.benchmark import BenchmarkService
from hindcast.services.backtest.executor import EventExecution, Execution, StrategyExecutor, simulate
from hindcast.services.backtest.proof_replays import LookAheadProof
from hindcast.services.backtest.summary import certified, seed_of, summarise
from hindcast.services.backtest.tables import run_tables
from hindcast.services.documents.repositories import BacktestRepository
from hindcast.services.jobs.transitions import ended, started
from hindcast.services.market_data.data_processor import DataProcessor, ProcessedData
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import PanelTable, ResultStore
from hindcast.services.strategy.manager import StrategyManager

Value = TypeVar("Value")
Progress = Callable[[str, float], None]
Decided = Execution | EventExecution


class BacktestOrchestrator:
    """Runs stored backtests. Blocking steps run off the event loop."""

    def __init__(  # noqa: PLR0913  # the parts of the pipeline, each handed in by the composition root
        self,
        *,
        market_data: MarketDataService,
        data_processor: DataProcessor,
        strategy_executor: StrategyExecutor,
        trade_engine: TradeEngine,
        performance_analyzer: PerformanceAnalyzer,
        benchmarks: BenchmarkService,
        strategies: StrategyManager,
        backtests: BacktestRepository,
        results: ResultStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._market_data = market_data
        self._data_processor = data_processor
        self._strategy_executor = strategy_executor
        self._trade_engine = trade_engine
        self._performance_analyzer = performance_analyzer
        self._benchmarks = benchmarks
        self._strategies = strategies
        self._backtests = backtests
        self._results = results
        self._clock = clock

    async def execute(self, backtest_id: str, strategy_id: str, *, progress: Progress | None = None) -> BacktestResult:
        """Run a backtest and store its result.

        Raises NotFoundError where there is no such backtest, InputError where it runs already or has ended; whatever
        a step raises marks the backtest FAILED, with the message, and is raised again. A cancel marks it CANCELLED,
        unless the result is being stored by then: such a run ends as if there had been no cancel.
        """
        tell = progress or (lambda step, share: None)
        cancels_before = _cancels()
        backtest = await _to_its_end(self._mark_running, backtest_id)
        try:
            if _cancels() > cancels_before:
                raise asyncio.CancelledError
            backtest = backtest.model_copy(update={"config": backtest.config.loaded()})
            tell("loading bars", 0.0)
            table = await _off_loop(self._load, backtest)
            tell("checking bars", 0.2)
            data = await _off_loop(self._process, backtest, table)
            benchmark = await _off_loop(self._load_benchmark, backtest, data)
            tell("generating signals", 0.4)
            execution = await _off_loop(self._strategy_executor.generate_signals, strategy_id, data)
            tell("simulating trades", 0.6)
            history = await _off_loop(self._simulate, backtest, data, execution)
            tell("analysing performance", 0.8)
            result = await _off_loop(self._analyse, backtest, strategy_id, data, history, benchmark)
            tell("proving that nothing looks ahead", 0.85)
            result = await _off_loop(self._prove, backtest, strategy_id, data, execution, history, result)
            tell("storing the result", 0.9)
            stored = await _to_its_end(self._store, backtest, result, history, data, benchmark)
        except asyncio.CancelledError:
            await _to_its_end(self._mark_ended, backtest, BacktestStatus.CANCELLED, "cancelled before it was done")
            raise
        except Exception as error:
            await _to_its_end(self._mark_failed, backtest, error)
            raise
        tell("done", 1.0)
        return stored

    def _mark_running(self, backtest_id: str) -> Backtest:
        """Take a backtest: of all processes that try, one gets it."""
        running = self._backtests.change(backtest_id, partial(started, start=self._clock()))
        if running is None:
            raise InputError(f"backtest {backtest_id} can't be started")
        return running

    def _mark_failed(self, backtest: Backtest, error: Exception) -> None:
        """Keep why a run failed; where that can't be kept, the error itself says so."""
        try:
            self._mark_ended(backtest, BacktestStatus.FAILED, str(error) or type(error).__name__)
        except HindcastError as second:
            error.add_note(f"backtest {backtest.id} could not be marked FAILED: {second}")

    def _mark_ended(self, backtest: Backtest, status: BacktestStatus, error_message: str | None = None) -> None:
        self._backtests.change(
            backtest.id,
            partial(ended, fence=backtest.job.fence, status=status, end=self._clock(), message=error_message),
        )

    def _load(self, backtest: Backtest) -> PanelTable:
        return self._market_data.get_historical_data(
            backtest.symbols,
            backtest.start_date,
            backtest.end_date,
            provider=backtest.provider,
            interval=backtest.interval,
            adjusted=backtest.adjusted,
            versions=backtest.data_versions,
        )

    def _process(self, backtest: Backtest, table: PanelTable) -> ProcessedData:
        return self._data_processor.process(
            table, backtest.symbols, backtest.start_date, backtest.end_date, gap_rule=backtest.config.gap_rule
        )

    def _load_benchmark(self, backtest: Backtest, data: ProcessedData) -> BenchmarkSeries | None:
        if backtest.benchmark_symbol is None:
            return None
        return self._benchmarks.for_bars(data.bars, backtest.benchmark_symbol, versions=backtest.data_versions)

    def _simulate(self, backtest: Backtest, data: ProcessedData, execution: Decided) -> PortfolioHistory:
        return simulate(self._trade_engine, execution, data.bars, backtest.config)

    def _analyse(
        self,
        backtest: Backtest,
        strategy_id: str,
        data: ProcessedData,
        history: PortfolioHistory,
        benchmark: BenchmarkSeries | None,
    ) -> BacktestResult:
        metrics = self._performance_analyzer.analyze(
            history,
            benchmark_data=benchmark,
            risk_free_rate=backtest.config.risk_free_rate,
            periods_per_year=backtest.config.periods_per_year,
        )
        return summarise(
            self._strategies.get_instance(strategy_id),
            data.bars,
            backtest.config,
            history,
            metrics,
            benchmark,
            backtest_id=backtest.id,
            name=backtest.name,
            provider=backtest.provider,
            interval=backtest.interval,
            adjusted=backtest.adjusted,
            created_at=self._clock(),
        )

    def _prove(
        self,
        backtest: Backtest,
        strategy_id: str,
        data: ProcessedData,
        execution: Decided,
        history: PortfolioHistory,
        result: BacktestResult,
    ) -> BacktestResult:
        proof = LookAheadProof(self._strategies.get_instance(strategy_id), data, backtest.config)
        return certified(result, proof.certify(execution, history, seed_of(result.manifest)))

    def _store(
        self,
        backtest: Backtest,
        result: BacktestResult,
        history: PortfolioHistory,
        data: ProcessedData,
        benchmark: BenchmarkSeries | None,
    ) -> BacktestResult:
        stored = self._results.save(result, run_tables(history, data.bars, benchmark))
        self._mark_ended(backtest, BacktestStatus.COMPLETED)
        return stored


async def _off_loop(step: Callable[..., Value], *arguments: object) -> Value:
    return await asyncio.to_thread(step, *arguments)


def _cancels() -> int:
    """How often the task that runs this was asked to end."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


async def _to_its_end(step: Callable[..., Value], *arguments: object) -> Value:
    """Off the loop, and waited for whatever is cancelled meanwhile: a thread that writes can't be called back."""
    written = asyncio.get_running_loop().run_in_executor(None, partial(step, *arguments))
    while not written.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([written])
    return written.result()
