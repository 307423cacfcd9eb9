"""Workers that are frozen, killed, told to end; runs that are cancelled: real processes, one of each at a time."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from tests.contracts.records import a_backtest
from tests.contracts.stores import stored_documents
from tests.faults.service_processes import ServiceProcess, a_worker
from tests.unit.services.jobs.queued_backtests import result_ids, stored
from tests.waiting import wait_for

from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.strategy import StrategySnapshot
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.documents.repositories import BacktestRepository
from hindcast.services.jobs.queue import JobQueue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc as Linux has them")

LEASE = 2.0
SLOW_PLUGIN = '''
import time

from hindcast import BaseStrategy, Field, StrategyConfig


class Slow(BaseStrategy):
    """Takes its time, and buys nothing."""

    STRATEGY_TYPE = "slow"

    class Config(StrategyConfig):
        """How long it takes."""

        seconds: float = Field(1.0, ge=0)

    def generate_signals(self, data):
        time.sleep(self.config.seconds)
        return []
'''


class Bench:
    """A data folder with a slow strategy, its queue, and two workers that run one backtest at a time each."""

    def __init__(self, home: Path, ending: ExitStack, *, lease_seconds: float) -> None:
        plugins = home / "plugins" / "strategies"
        plugins.mkdir(parents=True)
        (plugins / "slow.py").write_text(SLOW_PLUGIN)
        self.documents: SqliteDocumentStore = stored_documents(home)
        ending.callback(self.documents.close)
        self.queue = JobQueue(self.documents, lease_seconds=lease_seconds)
        self.workers = [
            a_worker(home, name, slots=1, lease_seconds=lease_seconds, HINDCAST_PLUGIN_DIR=str(plugins))
            for name in ("first", "second")
        ]
        for worker in self.workers:
            ending.callback(worker.end)

    def make_ready(self) -> None:
        """Have both workers work."""
        for worker in self.workers:
            if worker.has_ended:
                worker.start()
        for worker in self.workers:
            worker.wait_until_ready()

    def run_slow(self, seconds: float) -> tuple[str, ServiceProcess]:
        """Have a worker run the strategy's code for so long; gives the backtest's id and who runs it, once it does."""
        backtest = a_backtest(uuid4().hex, config=BacktestConfig(proof="off"))
        BacktestRepository(self.documents).insert(backtest)
        self.queue.enqueue(backtest.id, StrategySnapshot(strategy_type="slow", parameters={"seconds": seconds}))
        wait_for(lambda: self.now(backtest.id).job.step == "generating signals")
        runs = self.now(backtest.id).job.worker
        return backtest.id, next(worker for worker in self.workers if runs.endswith(f":{worker.pid}"))

    def now(self, backtest_id: str) -> Backtest:
        return stored(self.documents, backtest_id)

    def wait_until(self, backtest_id: str, status: BacktestStatus, *, fence: int) -> None:
        def is_so() -> bool:
            found = self.now(backtest_id)
            return found.status is status and found.job.fence == fence

        wait_for(is_so)


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ExitStack() as ending:
        yield Bench(tmp_path_factory.mktemp("stalls"), ending, lease_seconds=LEASE)


@pytest.fixture
def bench(shared_bench: Bench) -> Bench:
    shared_bench.make_ready()
    return shared_bench


def test_a_cancel_ends_the_strategy_s_process_within_five_seconds(bench: Bench):
    before = set().union(*(worker.children() for worker in bench.workers))
    backtest_id, worker = bench.run_slow(300.0)
    running = worker.children() - before
    assert running
    bench.queue.cancel(backtest_id)
    asked = time.monotonic()
    wait_for(lambda: not running & worker.children())
    assert time.monotonic() - asked < 5.0
    assert worker.is_ready  # for the next one
    assert bench.now(backtest_id).status is BacktestStatus.CANCELLED


def test_a_worker_that_was_frozen_beyond_its_lease_commits_nothing_when_it_wakes(bench: Bench):
    backtest_id, worker = bench.run_slow(1.0)
    worker.signal(signal.SIGSTOP)
    bench.wait_until(backtest_id, BacktestStatus.COMPLETED, fence=2)
    worker.signal(signal.SIGCONT)
    wait_for(lambda: "refused: the claim is not ours any more" in worker.said)
    found = bench.now(backtest_id)
    assert (found.status, found.job.attempt, found.job.fence) == (BacktestStatus.COMPLETED, 2, 2)
    assert not found.job.worker.endswith(f":{worker.pid}")
    assert f"{backtest_id}.1" not in result_ids(bench.documents)


def test_a_worker_that_is_told_twice_to_end_gives_its_backtest_back_at_once(bench: Bench):
    backtest_id, worker = bench.run_slow(2.0)
    (other,) = (each for each in bench.workers if each is not worker)
    other.signal(signal.SIGSTOP)  # so that it does not take it at once
    worker.signal(signal.SIGTERM)
    time.sleep(0.2)
    worker.signal(signal.SIGTERM)
    assert worker.wait(20.0) == 0
    found = bench.now(backtest_id)
    assert (found.status, found.job.attempt, found.job.lease_ms) == (BacktestStatus.QUEUED, 0, None)
    other.signal(signal.SIGCONT)
    bench.wait_until(backtest_id, BacktestStatus.COMPLETED, fence=2)
    assert bench.now(backtest_id).job.attempt == 1


def test_a_dead_worker_s_backtest_is_taken_over_within_its_lease_and_five_seconds(bench: Bench):
    assert seconds_to_take_over(bench) < LEASE + 5.0


@pytest.mark.slow
def test_a_dead_worker_s_backtest_is_taken_over_within_35_seconds(tmp_path: Path):
    with ExitStack() as ending:
        bench = Bench(tmp_path / "home", ending, lease_seconds=30.0)
        bench.make_ready()
        assert seconds_to_take_over(bench) < 35.0


@pytest.mark.slow
def test_a_worker_that_is_told_once_to_end_gives_back_what_is_not_done_after_its_grace(bench: Bench):
    backtest_id, worker = bench.run_slow(300.0)
    (other,) = (each for each in bench.workers if each is not worker)
    other.kill()
    worker.signal(signal.SIGTERM)
    assert worker.wait(30.0) == 0
    assert bench.now(backtest_id).status is BacktestStatus.QUEUED
    bench.queue.cancel(backtest_id)


def seconds_to_take_over(bench: Bench) -> float:
    """Kill a worker at its work; gives the time until the other one has it."""
    backtest_id, worker = bench.run_slow(1.0)
    worker.kill()
    died = time.monotonic()
    bench.wait_until(backtest_id, BacktestStatus.RUNNING, fence=2)
    taken = time.monotonic()
    bench.wait_until(backtest_id, BacktestStatus.COMPLETED, fence=2)
    assert {each for each in result_ids(bench.documents) if each.startswith(backtest_id)} == {f"{backtest_id}.2"}
    return taken - died
