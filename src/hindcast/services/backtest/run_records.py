"""RunRecords: the documents of runs that other processes do; those need no document store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.errors import ConflictError, HindcastError
from hindcast.domain.strategy import Strategy, StrategySnapshot
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository, StrategyRepository
from hindcast.services.jobs.transitions import ended, started

Prepare = Callable[[BacktestRequest], Strategy]


class RunRecords:
    """Begins a run, and keeps what came of it."""

    def __init__(
        self,
        *,
        strategies: StrategyRepository,
        backtests: BacktestRepository,
        results: ResultRepository,
        prepare: Prepare,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._strategies = strategies
        self._backtests = backtests
        self._results = results
        self._prepare = prepare
        self._clock = clock

    def begin(self, request: BacktestRequest) -> Backtest:
        """Store a request as strategy and backtest, RUNNING. Raises InputError and its kinds."""
        strategy = self._prepare(request)
        now = self._clock()
        backtest = Backtest(
            id=f"{now:%Y%m%d}-{uuid4().hex[:12]}",
            name=request.name or request.strategy_type,
            strategy_id=strategy.id,
            symbols=request.symbols,
            start_date=request.start_date,
            end_date=request.end_date,
            provider=request.provider,
            benchmark_symbol=request.benchmark_symbol,
            interval=request.interval,
            adjusted=request.adjusted,
            data_versions=request.data_versions,
            config=request.config,
            strategy=StrategySnapshot(strategy_type=strategy.strategy_type, parameters=strategy.parameters),
            created_at=now,
        )
        running = started(backtest, start=now)
        self._strategies.save(strategy)
        self._backtests.insert(running)
        return running

    def complete(self, backtest: Backtest, result: BacktestResult) -> BacktestResult:
        """Keep the result, then say that it is there. Raises ConflictError where the backtest has ended meanwhile."""
        self._results.save(result)
        try:
            self._end(backtest, BacktestStatus.COMPLETED)
        except ConflictError:
            self._results.delete(result.id or result.backtest_id)
            raise
        return result

    def fail(self, backtest: Backtest, error: HindcastError) -> None:
        """Keep why there is no result; where that can't be kept, the error itself says so."""
        self._ended_by(backtest, BacktestStatus.FAILED, str(error) or type(error).__name__, error)

    def cancel(self, backtest: Backtest, error: HindcastError) -> None:
        """Keep that nobody waits for it any more."""
        self._ended_by(backtest, BacktestStatus.CANCELLED, "cancelled before it was done", error)

    def _ended_by(self, backtest: Backtest, status: BacktestStatus, message: str, error: HindcastError) -> None:
        try:
            self._end(backtest, status, message)
        except HindcastError as second:
            error.add_note(f"backtest {backtest.id} could not be marked {status}: {second}")

    def _end(self, backtest: Backtest, status: BacktestStatus, message: str | None = None) -> None:
        step = partial(ended, fence=backtest.job.fence, status=status, end=self._clock(), message=message)
        self._backtests.change(backtest.id, step)
