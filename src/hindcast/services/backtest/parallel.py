"""ParallelBacktestExecutor: many backtests at once, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from types import TracebackType
from typing import Self

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import HindcastError, InputError, WorkStoppedError
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.backtest.run_pool import RunPlaces, RunPool
from hindcast.services.backtest.run_records import RunRecords
from hindcast.services.jobs.queue import Claim

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOutcome:
    """What came of one request: its stored result, or the error that says why there is none."""

    request: BacktestRequest
    result: BacktestResult | None = None
    error: HindcastError | None = None


class ParallelBacktestExecutor:
    """Runs many backtests at once.

    Built-in strategies share processes; the code of users gets a process of its own for each run. Threads of this
    process watch over them, and write what came of them: the processes need no document store.
    """

    def __init__(
        self,
        max_workers: int = 4,
        *,
        records: RunRecords,
        places: RunPlaces,
        has_own_code: Callable[[BacktestRequest], bool],
        executor: Executor | None = None,
    ) -> None:
        self._max_workers = _checked_workers(max_workers)
        self._records = records
        self._places = places
        self._has_own_code = has_own_code
        self._pool = RunPool(places, self._max_workers, executor)
        self._entered = False

    def execute_parallel(
        self, configs: Sequence[BacktestRequest], *, progress: Progress | None = None
    ) -> list[BacktestOutcome]:
        """Run every request; the outcomes come in the order of the requests.

        What fails is its own outcome's `error`, and the others go on. Every result is stored like that of any other
        run. Inside a `with` block the processes stay for the next call, else they end with this one.

        Parameters
        ----------
        configs : sequence of BacktestRequest
        progress : callable(text, share), optional
            Called after each run, in this thread.

        Raises
        ------
        InputError
            Something that is no BacktestRequest; nothing has been run then.
        """
        requests = list(configs)
        for place, request in enumerate(requests):
            if not isinstance(request, BacktestRequest):
                raise InputError(f"configs[{place}] is a {type(request).__name__}; expected hc.BacktestRequest(...)")
        try:
            return self._watched(requests, progress or (lambda text, share: None))
        finally:
            if not self._entered:
                self.close()

    def close(self) -> None:
        """End the processes."""
        self._pool.end()

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        self.close()

    def _watched(self, requests: Sequence[BacktestRequest], tell: Progress) -> list[BacktestOutcome]:
        """A thread for each run that is under way; an interrupt ends all of them."""
        stop = Event()
        with ThreadPoolExecutor(self._max_workers, thread_name_prefix="hindcast-parallel") as threads:
            runs = [threads.submit(self._outcome, request, stop.is_set) for request in requests]
            try:
                for done, _ in enumerate(as_completed(runs), start=1):
                    tell(f"{done} of {len(runs)} backtests", done / len(runs))
            except BaseException:
                stop.set()
                threads.shutdown(wait=False, cancel_futures=True)
                self._pool.end(at_once=True)
                raise
        return [run.result() for run in runs]

    def _outcome(self, request: BacktestRequest, stopped: Callable[[], bool]) -> BacktestOutcome:
        try:
            own_code = self._has_own_code(request)
            claim = self._records.begin(request)
        except HindcastError as error:
            return BacktestOutcome(request=request, error=error)
        try:
            found = self._run(claim, stopped, own_code=own_code)
            return BacktestOutcome(request=request, result=self._records.complete(claim, found))
        except WorkStoppedError as error:
            self._records.cancel(claim, error)
            return BacktestOutcome(request=request, error=error)
        except HindcastError as error:
            self._records.fail(claim, error)
            return BacktestOutcome(request=request, error=error)

    def _run(self, claim: Claim, stopped: Callable[[], bool], *, own_code: bool) -> BacktestResult:
        if own_code:
            return self._places.apart(claim, stopped)
        return self._pool.run(claim, stopped)


def _checked_workers(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InputError(f"max_workers={given!r}; expected how many backtests run at once, such as 4")
    return given
