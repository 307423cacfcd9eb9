"""JobRunner: a claimed backtest from its question to its result, the user's code in a process of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from pydantic import JsonValue

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.errors import (
    BenchmarkError,
    InputError,
    StorageError,
    WorkNotBegunError,
    WorkStoppedError,
)
from hindcast.domain.intervals import DAILY, canonical_interval
from hindcast.services.jobs.child_results import checked_result
from hindcast.services.jobs.queue import Claim
from hindcast.services.market_data.bars_request import BarsRequest
from hindcast.services.market_data.benchmarks.benchmark_aliases import resolve
from hindcast.services.market_data.data_versions import pin_text, pinned_version
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import ChildLimits, ChildProcesses, Stopped, Tell
from hindcast.services.waiting import completed

TASK: Final = "run_backtest"
LEAST_FREE_BYTES: Final = 16 * 1024**2  # with less, a disk counts as full
LOOK_SECONDS: Final = 0.25  # how often a fetch is asked whether anybody still waits for it
Value = TypeVar("Value")


class JobRunner:
    """Runs claimed backtests; may be called from several threads at once.

    What a vendor must be asked for is fetched here: keys never reach a child. The child then reads the store, pinned
    to the versions that are the newest now, so that all that it reads is of one moment.
    """

    def __init__(
        self,
        children: ChildProcesses,
        market_data: MarketDataService,
        *,
        home: Path,
        plugin_dir: Path,
        limits: ChildLimits | None = None,
        alone: ChildProcesses | None = None,
    ) -> None:
        self._children = children
        self._alone = alone or children
        self._lone = Lock()  # held by the one run that nobody else's may be lost with
        self._market_data = market_data
        self._home = home
        self._plugin_dir = plugin_dir
        self._limits = limits
        self._fetching = Lock()  # one after the other: the second often finds what the first has fetched

    def run(
        self, claim: Claim, tell: Tell, stopped: Stopped, *, children: ChildProcesses | None = None
    ) -> BacktestResult:
        """The result, its tables stored, itself not yet. Raises what the run raises, and WorkStoppedError.

        `children` are other processes than the runner's own, for code that needs no process to itself.
        """
        backtest = claim.backtest
        if backtest.strategy is None:
            raise InputError(f"backtest {backtest.id} was queued without a strategy; create it again")
        with self._disk_with_space():
            missing = self._fetch(backtest, tell, stopped)
        pinned = backtest.model_copy(update={"data_versions": self._pins(backtest)})
        payload: dict[str, JsonValue] = {
            "backtest": pinned.model_dump(mode="json"),
            "home": str(self._home),
            "plugin_dir": str(self._plugin_dir),
            "result_id": claim.result_id,
        }
        with self._place(claim, children, stopped) as place, self._disk_with_space():
            answer = place.run(TASK, payload, limits=self._limits, tell=tell, stopped=stopped)
        result = checked_result(answer, backtest, result_id=claim.result_id, home=self._home)
        return result.model_copy(update={"notes": (*result.notes, *missing)})

    def free_bytes(self) -> int:
        """Bytes that are free on the disk of the data folder."""
        return shutil.disk_usage(self._home).free

    @contextmanager
    def _disk_with_space(self) -> Iterator[None]:
        """Raises WorkNotBegunError for a file that could not be written because the disk is full.

        That is nothing of the backtest's, and nothing that the next one in the queue would fare better with.
        """
        try:
            yield
        except StorageError as error:
            free = self.free_bytes()
            if free < LEAST_FREE_BYTES:
                raise WorkNotBegunError(
                    f"the disk of the data folder is full ({free // 1024**2} MiB are free): make room there"
                ) from error
            raise

    def _fetch(self, backtest: Backtest, tell: Tell, stopped: Stopped) -> tuple[str, ...]:
        """Have the store hold what vendors have of the bars and the benchmark; gives what they did not give."""
        notes: list[str] = []
        for request in self._questions(backtest):
            tell("fetching bars", 0.0)
            with _turn(self._fetching, stopped):
                reports = completed(_unless(stopped, self._market_data.fetch(request)))
            notes += [f"Not in these bars: {report.symbol} {gap}." for report in reports for gap in report.unavailable]
        return tuple(notes)

    def _questions(self, backtest: Backtest) -> Iterator[BarsRequest]:
        """What vendors are to be asked for: nothing of versions that are pinned."""
        vendors = self._market_data.vendors()
        interval = canonical_interval(backtest.interval)
        if backtest.provider in vendors and not pinned_version(backtest.data_versions, backtest.provider, interval):
            yield self._question(backtest, backtest.provider, backtest.symbols, interval)
        benchmark = self._benchmark(backtest)
        if benchmark is not None and benchmark[0] in vendors:
            provider, symbol = benchmark
            if not pinned_version(backtest.data_versions, provider, DAILY):
                yield self._question(backtest, provider, (symbol,), DAILY)

    def _question(self, backtest: Backtest, provider: str, symbols: Sequence[str], interval: str) -> BarsRequest:
        return BarsRequest.of(symbols, backtest.start_date, backtest.end_date, provider=provider, interval=interval)

    def _benchmark(self, backtest: Backtest) -> tuple[str, str] | None:
        """(provider, symbol) of a benchmark that is none of the run's own symbols; None where none is known."""
        if backtest.benchmark_symbol is None or backtest.benchmark_symbol in backtest.symbols:
            return None
        with suppress(BenchmarkError):  # told by the run itself, after what is wrong with the bars
            return resolve(self._market_data, backtest.benchmark_symbol)
        return None

    def _pins(self, backtest: Backtest) -> tuple[str, ...]:
        """The pins that were asked for, and the newest version of all else that the run reads: its bars' first."""
        pins = list(backtest.data_versions)
        wanted = [(backtest.provider, canonical_interval(backtest.interval))]
        benchmark = self._benchmark(backtest)
        if benchmark is not None:
            wanted.append((benchmark[0], DAILY))
        for provider, interval in wanted:
            if pinned_version(pins, provider, interval) or not self._market_data.keeps_versions(provider):
                continue
            versions = self._market_data.versions(provider, interval)
            pins += [pin_text(provider, interval, version.id) for version in versions[:1]]
        return tuple(pins)

    @contextmanager
    def _place(self, claim: Claim, given: ChildProcesses | None, stopped: Stopped) -> Iterator[ChildProcesses]:
        """Where it is run: what was lost before by itself, so that what loses others is lost alone."""
        if given is not None or claim.backtest.job.attempt <= 1:
            yield given or self._children
            return
        with _turn(self._lone, stopped):
            yield self._alone


@contextmanager
def _turn(lock: Lock, stopped: Stopped) -> Iterator[None]:
    while not lock.acquire(timeout=LOOK_SECONDS):
        _go_on(stopped)
    try:
        _go_on(stopped)
        yield
    finally:
        lock.release()


def _go_on(stopped: Stopped) -> None:
    if stopped():
        raise WorkStoppedError("stopped before its turn came")


async def _unless(stopped: Stopped, work: Coroutine[Any, Any, Value]) -> Value:
    """What the work gives; WorkStoppedError where nobody waits for it any more."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait([task], timeout=LOOK_SECONDS)
        if not task.done() and await asyncio.to_thread(stopped):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            raise WorkStoppedError("stopped while bars were fetched")
    return task.result()
