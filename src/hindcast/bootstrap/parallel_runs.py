"""Where parallel runs take place: a pool of warm processes for our own strategies, children for the code of users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from hindcast.bootstrap.child_tasks import TASKS
from hindcast.domain.backtest import BacktestResult
from hindcast.domain.model_choice import CUSTOM
from hindcast.domain.strategy import Strategy
from hindcast.infrastructure.processes.pooled_children import PooledChildren, answer_of
from hindcast.infrastructure.processes.process_pool import end_pool, open_pool
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.backtest.run_records import RunRecords
from hindcast.services.jobs.queue import Claim
from hindcast.services.strategy.manager import as_json
from hindcast.strategies.builtin import BUILTIN_STRATEGIES

if TYPE_CHECKING:
    from hindcast.bootstrap.services import ServiceFactory

_WARM: Final = "hindcast.bootstrap.warm_process"


class ParallelRunPlaces:
    """Runs claimed backtests as workers do, in processes of either kind."""

    def __init__(self, services: ServiceFactory) -> None:
        self._runner = services.job_runner

    def open_pool(self, workers: int) -> Executor:
        """Processes that have the engine loaded."""
        return open_pool(workers, _WARM)

    def end_pool(self, pool: Executor, *, at_once: bool) -> None:
        """End its processes."""
        if isinstance(pool, ProcessPoolExecutor):
            end_pool(pool, at_once=at_once)

    def in_pool(self, pool: Executor, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        """Run it in a process that it shares. Raises HindcastError, BrokenExecutor."""
        return self._runner.run(claim, _silent, stopped, children=PooledChildren(pool, work))

    def apart(self, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        """Run it in a process of its own. Raises HindcastError."""
        return self._runner.run(claim, _silent, stopped)


def work(asked: str) -> str:
    """What a process of the pool does, again and again."""
    return answer_of(asked, TASKS)


def run_records(services: ServiceFactory) -> RunRecords:
    """The documents of parallel runs."""
    services.databases.open()

    def prepare(request: BacktestRequest) -> Strategy:
        if request.strategy_type in BUILTIN_STRATEGIES:
            return services.strategies.prepare(request.strategy_type, request.parameters)
        services.catalogue.template(request.strategy_type)
        now = datetime.now(UTC)
        return Strategy(
            id=uuid4().hex,
            name=request.strategy_type,
            strategy_type=request.strategy_type,
            parameters=as_json(request.parameters),
            created_at=now,
            updated_at=now,
        )

    return RunRecords(services.databases.documents, services.jobs, prepare)


def has_own_code(request: BacktestRequest) -> bool:
    """Whether a run would load code of a user: a plug-in, or a model of costs or sizes of his own."""
    if request.strategy_type not in BUILTIN_STRATEGIES:
        return True
    fields: Mapping[str, Any] = request.config.model_dump(mode="json")
    return any(isinstance(value, Mapping) and value.get("kind") == CUSTOM for value in fields.values())


def _silent(step: str, share: float) -> None:
    """Nobody is told how far a single run is."""
