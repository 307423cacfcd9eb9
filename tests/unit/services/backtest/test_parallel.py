from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from tests.contracts.records import a_result

from hindcast.domain.backtest import BacktestResult, BacktestStatus
from hindcast.domain.errors import InputError, StrategyError, SymbolError, WorkLostError, WorkStoppedError
from hindcast.domain.strategy import Strategy
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.backtest.parallel import ParallelBacktestExecutor
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.backtest.run_records import RunRecords
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.jobs.queue import Claim, JobQueue

PATIENCE = 30  # seconds; a test that waits longer hangs


class Places:
    """Pools of threads in which a run does what the test says; a pool is broken once one of its runs breaks it."""

    def __init__(self, work: Callable[[str], None] = lambda name: None) -> None:
        self.work = work
        self.opened: list[int] = []
        self.ended: list[bool] = []
        self.runs: list[tuple[str, int]] = []  # name of a backtest, and the pool's number; 0: a process of its own
        self.broken: set[Executor] = set()
        self._numbers: dict[Executor, int] = {}
        self._lock = threading.Lock()

    def open_pool(self, workers: int) -> Executor:
        with self._lock:
            self.opened.append(workers)
            pool = ThreadPoolExecutor(workers)
            self._numbers[pool] = len(self.opened)
        return pool

    def end_pool(self, pool: Executor, *, at_once: bool) -> None:
        self.ended.append(at_once)
        pool.shutdown(wait=not at_once)

    def in_pool(self, pool: Executor, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        if pool in self.broken:
            raise BrokenExecutor("a process is gone")
        try:
            return pool.submit(self._run, claim, self._numbers.get(pool, -1)).result()
        except BrokenExecutor:
            self.broken.add(pool)
            raise

    def apart(self, claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        return self._run(claim, 0)

    def _run(self, claim: Claim, number: int) -> BacktestResult:
        backtest = claim.backtest
        with self._lock:
            self.runs.append((backtest.name, number))
        self.work(backtest.name)
        return a_result(backtest.id, name=backtest.name)

    def tries(self, name: str) -> int:
        return sum(1 for found, _ in self.runs if found == name)


class Stage:
    """An executor over memory and places that a test directs."""

    def __init__(
        self, work: Callable[[str], None] = lambda name: None, *, workers: int = 2, executor: Executor | None = None
    ) -> None:
        documents = MemoryDocumentStore()
        self.backtests = BacktestRepository(documents)
        self.results = ResultRepository(documents)
        self.places = Places(work)
        self.parallel = ParallelBacktestExecutor(
            workers,
            records=RunRecords(documents, JobQueue(documents), prepared, lambda: datetime(2026, 1, 2, tzinfo=UTC)),
            places=self.places,
            has_own_code=lambda request: request.strategy_type == "plugin",
            executor=executor,
        )

    def statuses(self) -> dict[str, str]:
        return {backtest.name: str(backtest.status) for backtest in self.backtests.list()}


def prepared(request: BacktestRequest) -> Strategy:
    if request.strategy_type == "unheard":
        raise InputError("no strategy of type 'unheard'")
    return Strategy(id=f"of-{request.name}", name=request.name, strategy_type=request.strategy_type)


def asked(name: str, strategy_type: str = "sma_crossover") -> BacktestRequest:
    return BacktestRequest(strategy_type=strategy_type, symbols=("SPX",), name=name)


def names(count: int) -> list[str]:
    return [f"run-{number}" for number in range(count)]


def test_the_outcomes_come_in_the_order_of_the_requests_however_the_runs_end():
    first_may_end = threading.Event()

    def work(name: str) -> None:
        if name == "run-0":
            assert first_may_end.wait(PATIENCE)
        if name == "run-5":
            first_may_end.set()

    stage = Stage(work)
    outcomes = stage.parallel.execute_parallel([asked(name) for name in names(6)])
    assert [outcome.request.name for outcome in outcomes] == names(6)
    assert [outcome.result.name for outcome in outcomes if outcome.result] == names(6)
    assert stage.statuses() == dict.fromkeys(names(6), "COMPLETED")
    assert {result.name for result in stage.results.all()} == set(names(6))


def test_what_fails_is_its_own_outcome_and_says_why():
    def work(name: str) -> None:
        if name == "run-1":
            raise SymbolError("no symbol 'SPZ'")
        if name == "run-2":
            raise StrategyError("on_bar raised ZeroDivisionError")

    stage = Stage(work)
    outcomes = stage.parallel.execute_parallel([*map(asked, names(4)), asked("odd", "unheard")])
    assert [type(outcome.error).__name__ for outcome in outcomes] == [
        "NoneType",
        "SymbolError",
        "StrategyError",
        "NoneType",
        "InputError",
    ]
    assert stage.statuses() == {
        "run-0": "COMPLETED",
        "run-1": "FAILED",
        "run-2": "FAILED",
        "run-3": "COMPLETED",
    }
    failed = next(backtest for backtest in stage.backtests.list() if backtest.name == "run-1")
    assert failed.error_message == "no symbol 'SPZ'"
    assert failed.end_time is not None
    assert failed.job.failure == "input"


def test_own_strategies_share_a_pool_and_the_code_of_users_never_enters_it():
    stage = Stage(workers=3)
    stage.parallel.execute_parallel([asked("ours"), asked("theirs", "plugin"), asked("ours-too")])
    assert dict(stage.places.runs) == {"ours": 1, "theirs": 0, "ours-too": 1}
    assert stage.places.opened == [3]


def test_no_pool_is_opened_where_all_code_is_of_users():
    stage = Stage()
    stage.parallel.execute_parallel([asked("theirs", "plugin")])
    assert stage.places.opened == []


def test_of_a_broken_pool_every_run_is_repeated_and_the_poison_alone_is_told():
    def work(name: str) -> None:
        if name == "poison":
            raise BrokenExecutor("a process is gone")

    stage = Stage(work)
    requests = [asked(name) for name in ("run-0", "poison", "run-1", "run-2", "run-3")]
    outcomes = stage.parallel.execute_parallel(requests)
    assert [outcome.request.name for outcome in outcomes if outcome.error] == ["poison"]
    poison = outcomes[1].error
    assert isinstance(poison, WorkLostError)
    assert "was lost with each process that ran it" in str(poison)
    assert stage.places.tries("poison") == 3
    assert stage.statuses()["poison"] == "FAILED"
    assert next(each for each in stage.backtests.list() if each.name == "poison").job.failure == "lost"
    assert len(stage.places.ended) == len(stage.places.opened)  # no pool is left


def test_a_run_that_was_near_the_poison_is_repeated_alone_and_counts_once():
    """Its first process is lost, and its second try succeeds."""
    lost = threading.Event()

    def work(name: str) -> None:
        if name == "unlucky" and not lost.is_set():
            lost.set()
            raise BrokenExecutor("a process is gone")

    stage = Stage(work)
    outcomes = stage.parallel.execute_parallel([asked("unlucky"), asked("run-0")])
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert stage.places.tries("unlucky") == 2
    assert 1 in stage.places.opened
    assert len(list(stage.results.all())) == 2


def test_an_executor_that_was_given_is_used_as_it_is_and_left_open():
    with ThreadPoolExecutor(2) as threads:
        stage = Stage(executor=threads)
        with stage.parallel:
            outcomes = stage.parallel.execute_parallel([asked("one"), asked("two")])
        assert [outcome.error for outcome in outcomes] == [None, None]
        assert stage.places.opened == []
        assert threads.submit(int, "7").result(PATIENCE) == 7


def test_a_given_executor_that_breaks_can_not_be_opened_anew():
    def work(name: str) -> None:
        raise BrokenExecutor("all workers are gone")

    with ThreadPoolExecutor(1) as threads:
        outcomes = Stage(work, executor=threads).parallel.execute_parallel([asked("one")])
    assert isinstance(outcomes[0].error, WorkLostError)
    assert "the executor that runs the backtests is broken" in str(outcomes[0].error)


def test_whatever_a_foreign_executor_raises_is_the_failure_of_one_run():
    def work(name: str) -> None:
        if name == "one":
            raise RuntimeError("the scheduler said no")

    with ThreadPoolExecutor(1) as threads:
        outcomes = Stage(work, executor=threads).parallel.execute_parallel([asked("one"), asked("two")])
    assert str(outcomes[0].error).endswith("was lost: RuntimeError: the scheduler said no")
    assert outcomes[1].error is None


def test_the_pool_ends_with_the_call_and_inside_with_only_at_its_end():
    stage = Stage()
    stage.parallel.execute_parallel([asked("one")])
    assert stage.places.ended == [False]
    with stage.parallel:
        stage.parallel.execute_parallel([asked("two")])
        stage.parallel.execute_parallel([asked("three")])
        assert stage.places.ended == [False]
    assert stage.places.ended == [False, False]
    assert stage.places.opened == [2, 2]


def test_progress_counts_what_has_ended():
    told: list[tuple[str, float]] = []
    Stage().parallel.execute_parallel(
        [asked("one"), asked("odd", "unheard")], progress=lambda text, share: told.append((text, share))
    )
    assert told == [("1 of 2 backtests", 0.5), ("2 of 2 backtests", 1.0)]


def test_an_interrupt_ends_all_processes_and_what_ran_is_cancelled():
    """The interrupt comes while one run is under way and others wait."""
    killed = threading.Event()

    def work(name: str) -> None:
        if name == "long":
            assert killed.wait(PATIENCE)
            raise BrokenExecutor("its process was killed")

    stage = Stage(work)
    end_pool = stage.places.end_pool

    def end(pool: Executor, *, at_once: bool) -> None:
        killed.set()
        end_pool(pool, at_once=at_once)

    stage.places.end_pool = end  # type: ignore[method-assign]  # a fake that tells when it is asked

    def interrupt(text: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage.parallel.execute_parallel([asked("short"), asked("long"), *map(asked, names(20))], progress=interrupt)
    assert True in stage.places.ended
    found = stage.statuses()
    assert found["long"] == "CANCELLED"
    assert "RUNNING" not in found.values()
    assert len(found) < 22  # what waited was not begun


def test_a_run_that_was_stopped_is_told_as_stopped():
    stage = Stage()

    def nobody_waits(claim: Claim, stopped: Callable[[], bool]) -> BacktestResult:
        raise WorkStoppedError("nobody waits")

    stage.places.apart = nobody_waits  # type: ignore[method-assign]
    outcomes = stage.parallel.execute_parallel([asked("theirs", "plugin")])
    assert isinstance(outcomes[0].error, WorkStoppedError)
    assert stage.statuses() == {"theirs": "CANCELLED"}


def test_a_result_whose_backtest_has_ended_meanwhile_does_not_count():
    stage = Stage()

    def cancel(name: str) -> None:
        backtest = next(iter(stage.backtests.list()))
        stage.backtests.change(backtest.id, lambda found: found.model_copy(update={"status": BacktestStatus.CANCELLED}))

    stage.places.work = cancel
    outcomes = stage.parallel.execute_parallel([asked("one")])
    assert outcomes[0].result is None
    assert stage.statuses() == {"one": "CANCELLED"}
    assert list(stage.results.all()) == []


@pytest.mark.parametrize("workers", [0, -1, True, 2.0, "4"])
def test_a_number_of_workers_that_can_not_be_is_refused(workers: object):
    with pytest.raises(InputError, match="expected how many backtests run at once"):
        Stage(workers=workers)  # type: ignore[arg-type]


def test_something_that_is_no_request_is_refused_before_anything_runs():
    stage = Stage()
    with pytest.raises(InputError, match=r"configs\[1\] is a dict; expected hc.BacktestRequest"):
        stage.parallel.execute_parallel([asked("one"), {"symbols": ["SPX"]}])  # type: ignore[list-item]
    assert stage.statuses() == {}


def test_no_requests_are_no_outcomes():
    stage = Stage()
    assert stage.parallel.execute_parallel([]) == []
    assert stage.places.opened == []


def test_where_no_process_ever_lives_the_rest_is_not_tried_three_times_each():
    """As in a script that starts parallel runs while its processes import it."""

    def work(name: str) -> None:
        raise BrokenExecutor("a process is gone")

    stage = Stage(work, workers=1)
    outcomes = stage.parallel.execute_parallel([asked(name) for name in names(10)])
    assert all("below `if __name__ == '__main__':`" in str(outcome.error) for outcome in outcomes)
    assert len(stage.places.runs) == 3 + 9
