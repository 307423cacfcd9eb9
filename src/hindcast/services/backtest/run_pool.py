"""RunPool: runs of Hindcast's own strategies in processes that they share; a lost process costs nobody else's run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from threading import Lock
from typing import Final, Protocol

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import HindcastError, WorkLostError, WorkStoppedError
from hindcast.services.jobs.queue import Claim

TRIES: Final = 3
_GUARD: Final = "a script must start parallel runs below `if __name__ == '__main__':`, for its processes import it"


class RunPlaces(Protocol):
    """Where a backtest can be run: in a process that is shared, or in one of its own."""

    def open_pool(self, workers: int) -> Executor:
        """Processes that have the engine loaded."""
        ...

    def end_pool(self, pool: Executor, *, at_once: bool) -> None:
        """End its processes, `at_once` whatever they are doing."""
        ...

    def in_pool(self, pool: Executor, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        """Run it there; its tables are kept. Raises HindcastError, BrokenExecutor."""
        ...

    def apart(self, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        """Run it in a process of its own, ended when `stopped` says so. Raises HindcastError."""
        ...


class RunPool:
    """One pool, opened for the first run, or an executor that somebody else opened."""

    def __init__(self, places: RunPlaces, workers: int, executor: Executor | None = None) -> None:
        self._places = places
        self._workers = workers
        self._given = executor
        self._shared: Executor | None = None
        self._open: set[Executor] = set()
        self._changing = Lock()
        self._alone = Lock()  # held by the one run that has a process to itself
        self._works = False  # whether any run has come back
        self._hopeless = False  # whether no process of our own ever lived long enough for one

    def run(self, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        """Run a backtest; where its process is lost, once more by itself, so that who is to blame shows.

        Raises HindcastError; WorkLostError after three lost processes, or where an executor that was given is broken.
        """
        pool = self._given or self._pool()
        try:
            return self._in(pool, claim, stopped)
        except BrokenExecutor as error:
            if self._given is not None:
                raise WorkLostError(
                    f"the executor that runs the backtests is broken ({error}): backtest {claim.backtest.id} is lost"
                ) from error
            self._discard(pool)
        with self._alone:
            for _ in range(0 if self._hopeless else TRIES - 1):
                own = self._opened(1)
                try:
                    return self._in(own, claim, stopped)
                except BrokenExecutor:
                    pass
                finally:
                    self._end(own, at_once=True)
            self._hopeless = not self._works
        raise WorkLostError(
            f"backtest {claim.backtest.id} was lost with each process that ran it: ended from outside, or out of "
            f"memory{'' if self._works else f'; {_GUARD}'}"
        )

    def end(self, *, at_once: bool = False) -> None:
        """End every process that was started here; an executor that was given is left alone."""
        with self._changing:
            pools, self._shared = list(self._open), None
        for pool in pools:
            self._end(pool, at_once=at_once)

    def _in(self, pool: Executor, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        if stopped():
            raise WorkStoppedError(f"backtest {claim.backtest.id} was stopped before it was done")
        try:
            found = self._places.in_pool(pool, claim, stopped)
            self._works = True
            return found
        except HindcastError:
            raise
        except Exception as error:  # the executor may be anybody's: whatever it raises is this run's failure
            if stopped():
                raise WorkStoppedError(f"backtest {claim.backtest.id} was stopped before it was done") from error
            if isinstance(error, BrokenExecutor):
                raise
            if self._was_ended(pool):  # by a run that found it broken before this one came to it
                raise BrokenExecutor(str(error)) from error
            raise WorkLostError(f"backtest {claim.backtest.id} was lost: {type(error).__name__}: {error}") from error

    def _pool(self) -> Executor:
        with self._changing:
            if self._shared is None:
                self._shared = self._places.open_pool(self._workers)
                self._open.add(self._shared)
            return self._shared

    def _opened(self, workers: int) -> Executor:
        with self._changing:
            pool = self._places.open_pool(workers)
            self._open.add(pool)
            return pool

    def _was_ended(self, pool: Executor) -> bool:
        with self._changing:
            return pool is not self._given and pool not in self._open

    def _discard(self, pool: Executor) -> None:
        """Leave a broken pool; the next run opens another."""
        with self._changing:
            if self._shared is pool:
                self._shared = None
        self._end(pool, at_once=True)

    def _end(self, pool: Executor, *, at_once: bool) -> None:
        with self._changing:
            mine = pool in self._open
            self._open.discard(pool)
        if mine:
            self._places.end_pool(pool, at_once=at_once)
