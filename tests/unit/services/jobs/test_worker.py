"""A worker over a queue in memory: what it makes of each ending, of cancels, of a silent store, and of its own end."""

from __future__ import annotations

import threading
import time

import pytest
from tests.unit.services.jobs.queued_backtests import (
    FlakyDocuments,
    SetClock,
    enqueued,
    result_ids,
    result_of,
    stored,
)
from tests.unit.services.jobs.scripted_runners import (
    ScriptedRunner,
    raising,
    until_stopped,
    working,
)
from tests.waiting import wait_for

from hindcast.domain.backtest import BacktestResult, BacktestStatus
from hindcast.domain.errors import (
    BarsError,
    CorruptDataError,
    HindcastError,
    MemoryLimitError,
    PluginError,
    SimulationError,
    StoreUnavailableError,
    StrategyExitError,
    SymbolError,
    TimeLimitError,
    UnknownSymbolError,
    WorkLostError,
    WorkNotBegunError,
)
from hindcast.domain.jobs import FailureKind
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.jobs.failure_kinds import failure_kind
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.ports import Stopped, Tell


def has_ended(documents: MemoryDocumentStore, backtest_id: str) -> bool:
    return stored(documents, backtest_id).end_time is not None


def test_what_is_queued_is_run_and_its_result_counts():
    documents = MemoryDocumentStore()
    queue = JobQueue(documents)
    with working(queue, ScriptedRunner()):
        enqueued(documents, "b1", queue=queue)
        wait_for(lambda: has_ended(documents, "b1"))
    found = stored(documents, "b1")
    assert (found.status, found.job.worker) == (BacktestStatus.COMPLETED, "w1")
    assert result_ids(documents) == {found.job.result_id}


def test_an_idle_worker_starts_what_another_process_queued_within_a_second():
    documents = MemoryDocumentStore()
    with working(JobQueue(documents), ScriptedRunner()):
        time.sleep(1.0)  # it looks less often by now
        enqueued(documents, "b1")  # through a queue of its own: nothing wakes the worker
        begun = time.monotonic()
        wait_for(lambda: has_ended(documents, "b1"))
    assert time.monotonic() - begun < 1.0


def test_so_many_run_at_once_as_there_are_slots():
    documents = MemoryDocumentStore()
    gate = threading.Event()

    def wait(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        gate.wait(60)
        return result_of(claim)

    names = [f"b{number}" for number in range(7)]
    runner = ScriptedRunner(**dict.fromkeys(names, wait))
    queue = enqueued(documents, *names)
    with working(queue, runner, slots=3):
        wait_for(lambda: runner.at_once == 3)
        gate.set()
        wait_for(lambda: all(has_ended(documents, name) for name in names))
    assert runner.most_at_once == 3
    assert len(runner.runs) == 7


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (SymbolError("no such symbol"), FailureKind.INPUT),
        (BarsError("high below low"), FailureKind.DATA),
        (UnknownSymbolError("the vendor does not know it"), FailureKind.PROVIDER),
        (TimeLimitError("too slow"), FailureKind.TIME_LIMIT),
        (MemoryLimitError("too large"), FailureKind.MEMORY_LIMIT),
        (StrategyExitError("sys.exit"), FailureKind.EXIT),
        (PluginError("SyntaxError"), FailureKind.STRATEGY),
        (SimulationError("the books don't agree"), FailureKind.ENGINE),
        (CorruptDataError("not what was written"), FailureKind.STORAGE),
        (HindcastError("anything else"), FailureKind.ENGINE),
    ],
)
def test_each_kind_of_error_is_a_kind_of_failure(error: HindcastError, kind: FailureKind):
    assert failure_kind(error) is kind


def test_an_error_of_the_run_ends_it_for_good_with_its_message():
    documents = MemoryDocumentStore()
    runner = ScriptedRunner(b1=raising(TimeLimitError("it took longer than 900 s")))
    with working(enqueued(documents, "b1"), runner):
        wait_for(lambda: has_ended(documents, "b1"))
    found = stored(documents, "b1")
    assert (found.status, found.job.failure) == (BacktestStatus.FAILED, FailureKind.TIME_LIMIT)
    assert found.error_message == "it took longer than 900 s"
    assert len(runner.runs) == 1


def test_a_defect_ends_one_backtest_and_the_slot_goes_on():
    documents = MemoryDocumentStore()
    runner = ScriptedRunner(b1=raising(ZeroDivisionError("division by zero")))
    with working(enqueued(documents, "b1", "b2"), runner) as (_, log):
        wait_for(lambda: has_ended(documents, "b2"))
    found = stored(documents, "b1")
    assert (found.status, found.job.failure) == (BacktestStatus.FAILED, FailureKind.ENGINE)
    assert "ZeroDivisionError" in (found.error_message or "")
    assert stored(documents, "b2").status is BacktestStatus.COMPLETED
    assert log.said("run failed unexpectedly")


@pytest.mark.parametrize("error", [WorkLostError("killed from outside"), StoreUnavailableError("no answer")])
def test_what_the_infrastructure_lost_is_run_again_three_times_at_most(error: HindcastError):
    documents = MemoryDocumentStore()
    runner = ScriptedRunner(b1=raising(error))
    with working(enqueued(documents, "b1"), runner):
        wait_for(lambda: has_ended(documents, "b1"))
    found = stored(documents, "b1")
    assert (found.status, found.job.failure) == (BacktestStatus.FAILED, FailureKind.LOST)
    assert [claim.backtest.job.attempt for claim in runner.runs] == [1, 2, 3]


def test_words_that_are_no_unicode_are_kept_as_far_as_they_are():
    documents = MemoryDocumentStore()
    runner = ScriptedRunner(b1=raising(SymbolError("no file 'caf\udce9.csv'")))
    with working(enqueued(documents, "b1"), runner):
        wait_for(lambda: has_ended(documents, "b1"))
    found = stored(documents, "b1")
    assert (found.job.failure, found.error_message) == (FailureKind.INPUT, "no file 'caf?.csv'")


def test_a_result_that_can_not_be_kept_ends_its_backtest_with_the_reason():
    documents = MemoryDocumentStore()

    def unfit(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        return result_of(claim, notes=("half a character: \ud800",))

    runner = ScriptedRunner(b1=unfit)
    with working(enqueued(documents, "b1"), runner):
        wait_for(lambda: has_ended(documents, "b1"))
    found = stored(documents, "b1")
    assert (found.status, found.job.failure) == (BacktestStatus.FAILED, FailureKind.INPUT)
    assert "can't be kept" in (found.error_message or "")
    assert len(runner.runs) == 1
    assert result_ids(documents) == set()


def test_what_could_not_be_begun_waits_for_the_machine_to_be_well_and_costs_no_attempt():
    documents = MemoryDocumentStore()
    tries: list[int] = []

    def begun_at_last(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        tries.append(claim.backtest.job.attempt)
        if len(tries) <= 4:
            raise WorkNotBegunError("no space left for a working folder")
        return result_of(claim)

    with working(enqueued(documents, "b1"), ScriptedRunner(b1=begun_at_last), pause_seconds=0.01) as (_, log):
        wait_for(lambda: has_ended(documents, "b1"))
    assert stored(documents, "b1").status is BacktestStatus.COMPLETED
    assert tries == [1, 1, 1, 1, 1]
    assert log.said("not begun")


def test_a_slot_that_waits_for_its_machine_ends_with_its_worker():
    documents = MemoryDocumentStore()
    runner = ScriptedRunner(b1=raising(WorkNotBegunError("no space left for a working folder")))
    with working(enqueued(documents, "b1"), runner, pause_seconds=60.0) as (_, log):
        wait_for(lambda: log.said("given back"))
    assert stored(documents, "b1").status is BacktestStatus.QUEUED
    assert len(runner.runs) == 1


def test_a_cancel_stops_the_child_within_five_seconds_and_the_slot_goes_on():
    documents = MemoryDocumentStore()
    queue = enqueued(documents, "b1")
    runner = ScriptedRunner(b1=until_stopped)
    with working(queue, runner):
        wait_for(lambda: runner.at_once == 1)
        queue.cancel("b1")
        begun = time.monotonic()
        wait_for(lambda: runner.at_once == 0)
        assert time.monotonic() - begun < 5.0
        enqueued(documents, "b2", queue=queue)
        wait_for(lambda: has_ended(documents, "b2"))
    assert stored(documents, "b1").status is BacktestStatus.CANCELLED


def test_heartbeats_hold_a_long_run_and_tell_its_step():
    documents = MemoryDocumentStore()
    gate = threading.Event()

    def long(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        tell("simulating trades", 0.6)
        gate.wait(60)
        return result_of(claim)

    queue = enqueued(documents, "b1", queue=JobQueue(documents, lease_seconds=1.0))
    with working(queue, ScriptedRunner(b1=long)):
        wait_for(lambda: stored(documents, "b1").job.step == "simulating trades")
        first = stored(documents, "b1").job.lease_ms or 0
        wait_for(lambda: (stored(documents, "b1").job.lease_ms or 0) > first + 1_500)  # more than one lease later
        assert JobQueue(documents).claim("w2") is None
        gate.set()
        wait_for(lambda: has_ended(documents, "b1"))
    found = stored(documents, "b1")
    assert (found.status, found.job.attempt) == (BacktestStatus.COMPLETED, 1)


def test_steps_are_written_twice_a_second_at_most():
    writes: list[str] = []

    class Counting(MemoryDocumentStore):
        def replace(self, kind, document, *, version):
            writes.append(kind)
            return super().replace(kind, document, version=version)

    def chatty(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        until = time.monotonic() + 1.0
        step = 0
        while time.monotonic() < until:
            tell(f"step {(step := step + 1)}", 0.5)
            time.sleep(0.001)
        return result_of(claim)

    documents, begun = Counting(), time.monotonic()
    with working(enqueued(documents, "b1"), ScriptedRunner(b1=chatty)):
        wait_for(lambda: has_ended(documents, "b1"))
    taken = time.monotonic() - begun
    assert 4 <= len(writes) <= 4 + 2 * taken  # queued, claimed, committed, and a step each half second


def test_a_worker_that_was_frozen_beyond_its_lease_commits_nothing():
    clock = SetClock()
    documents = MemoryDocumentStore(clock)
    frozen = threading.Event()

    def freezing(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        clock.advance(31)
        other = JobQueue(documents).claim("w2")
        assert other is not None
        JobQueue(documents).commit(other, result_of(other))
        frozen.set()
        return result_of(claim)

    with working(enqueued(documents, "b1"), ScriptedRunner(b1=freezing)) as (_, log):
        wait_for(frozen.is_set)
        wait_for(lambda: log.said("refused: the claim is not ours any more"))
    assert stored(documents, "b1").job.worker == "w2"
    assert result_ids(documents) == {"b1.2"}


def test_a_finished_run_waits_for_a_store_that_is_silent_for_a_while():
    documents = FlakyDocuments(MemoryDocumentStore().now)
    done = threading.Event()

    def cutting(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        documents.down = True
        assert not stopped()
        done.set()
        return result_of(claim)

    runner = ScriptedRunner(b1=cutting)
    with working(enqueued(documents, "b1"), runner) as (_, log):
        wait_for(done.is_set)
        wait_for(lambda: log.said("store does not answer, trying again"))
        documents.down = False
        wait_for(lambda: has_ended(documents, "b1"))
    assert stored(documents, "b1").status is BacktestStatus.COMPLETED
    assert len(runner.runs) == 1


def test_a_run_goes_on_while_heartbeats_are_not_answered():
    documents = FlakyDocuments(MemoryDocumentStore().now)
    done = threading.Event()

    def cutting(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        documents.down = True
        wait_for(lambda: stopped() or log.said("store does not answer heartbeats"))
        documents.down = False
        wait_for(lambda: stopped() or log.said("store answers heartbeats again"))
        done.set()
        assert not stopped()
        return result_of(claim)

    queue = JobQueue(documents, lease_seconds=3.0)
    with working(queue, ScriptedRunner(b1=cutting)) as (_, log):
        enqueued(documents, "b1", queue=queue)
        wait_for(done.is_set)
        wait_for(lambda: has_ended(documents, "b1"))
    assert stored(documents, "b1").status is BacktestStatus.COMPLETED


def test_an_idle_worker_outlives_a_silent_store():
    documents = FlakyDocuments(MemoryDocumentStore().now)
    queue = JobQueue(documents)
    documents.down = True
    with working(queue, ScriptedRunner()) as (_, log):
        wait_for(lambda: log.said("no claims: the store does not answer"))
        documents.down = False
        enqueued(documents, "b1", queue=queue)
        wait_for(lambda: has_ended(documents, "b1"))


def test_a_worker_that_closes_lets_what_is_nearly_done_be_done():
    documents = MemoryDocumentStore()
    gate = threading.Event()

    def slow(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        wait_for(lambda: gate.is_set() or stopped())
        assert gate.is_set(), "it was stopped within its grace"
        return result_of(claim)

    runner = ScriptedRunner(b1=slow)
    with working(enqueued(documents, "b1", "b2"), runner, grace_seconds=30.0):
        wait_for(lambda: runner.at_once == 1)
        threading.Timer(0.3, gate.set).start()  # after the worker was told to close
    assert stored(documents, "b1").status is BacktestStatus.COMPLETED
    assert stored(documents, "b2").status is BacktestStatus.QUEUED


def test_a_worker_that_closes_gives_back_what_is_not_done_and_no_attempt_is_counted():
    documents = MemoryDocumentStore()
    runner = ScriptedRunner(b1=until_stopped)
    with working(enqueued(documents, "b1"), runner, grace_seconds=0.2):
        wait_for(lambda: runner.at_once == 1)
    found = stored(documents, "b1")
    assert (found.status, found.job.attempt) == (BacktestStatus.QUEUED, 0)
