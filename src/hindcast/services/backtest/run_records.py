"""RunRecords: the documents of runs that other processes do; those need no document store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import ConflictError, HindcastError, WorkLostError
from hindcast.domain.jobs import FailureKind
from hindcast.domain.strategy import Strategy, StrategySnapshot
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository, StrategyRepository
from hindcast.services.jobs.failure_kinds import failure_kind, failure_message
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.jobs.transitions import started
from hindcast.services.ports import DocumentStore

Prepare = Callable[[BacktestRequest], Strategy]


class RunRecords:
    """Begins a run, and keeps what came of it. `prepare` makes a request's strategy, checked."""

    def __init__(
        self,
        documents: DocumentStore,
        queue: JobQueue,
        prepare: Prepare,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._strategies = StrategyRepository(documents)
        self._backtests = BacktestRepository(documents)
        self._results = ResultRepository(documents)
        self._queue = queue
        self._prepare = prepare
        self._clock = clock

    def begin(self, request: BacktestRequest) -> Claim:
        """Store a request as strategy and backtest, RUNNING, where no worker takes it. Raises InputError, its kinds."""
        strategy = self._prepare(request)
        now = self._clock()
        snapshot = StrategySnapshot(strategy_type=strategy.strategy_type, parameters=strategy.parameters)
        backtest = request.backtest_of(strategy.id, now=now).model_copy(update={"strategy": snapshot})
        running = started(backtest, start=now)
        self._strategies.save(strategy)
        self._backtests.insert(running)
        return Claim(backtest=running)

    def complete(self, claim: Claim, result: BacktestResult) -> BacktestResult:
        """Keep a result, as it is kept. Raises ConflictError where the backtest was cancelled or deleted meanwhile."""
        if not self._queue.commit(claim, result):
            raise ConflictError(f"backtest {claim.backtest.id} was cancelled or deleted while it ran")
        return self._results.get(claim.result_id)

    def fail(self, claim: Claim, error: HindcastError) -> None:
        """Keep why there is no result; where that can't be kept, the error itself says so."""
        kind = FailureKind.LOST if isinstance(error, WorkLostError) else failure_kind(error)
        _noted(lambda: self._queue.fail(claim, kind, failure_message(error)), error)

    def cancel(self, claim: Claim, error: HindcastError) -> None:
        """Keep that nobody waits for it any more; where that can't be kept, the error itself says so."""
        _noted(lambda: self._queue.cancel(claim.backtest.id), error)


def _noted(step: Callable[[], object], error: HindcastError) -> None:
    try:
        step()
    except HindcastError as second:
        error.add_note(f"that could not be kept: {second}")
