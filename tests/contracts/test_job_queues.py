"""The queue over every document store: order, claims, commits, and what it forgets."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from tests.contracts.records import a_backtest, a_result
from tests.unit.services.jobs.queued_backtests import (
    CROSSING,
    SetClock,
    claimed,
    enqueued,
    result_ids,
    result_of,
    stored,
)

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.errors import ConflictError, NotFoundError
from hindcast.domain.jobs import FailureKind
from hindcast.domain.users import IdempotencyKey, LoginSession
from hindcast.services.documents.repositories import (
    BacktestRepository,
    IdempotencyKeyRepository,
    ResultRepository,
    SessionRepository,
)
from hindcast.services.jobs import transitions
from hindcast.services.jobs.queue import JobQueue
from hindcast.services.ports import DocumentStore

HOUR, DAY = 3_600.0, 86_400.0


class OwnTime:
    """A document store whose clock a test sets; all else is the store's."""

    def __init__(self, store: DocumentStore, clock: SetClock) -> None:
        self._store = store
        self.now = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def documents(documents: DocumentStore, clock: SetClock) -> DocumentStore:
    return cast("DocumentStore", OwnTime(documents, clock))


def test_the_oldest_is_claimed_first(documents: DocumentStore, clock: SetClock):
    queue = JobQueue(documents)
    for name in ("zz", "mm", "aa"):
        enqueued(documents, name, queue=queue)
        clock.advance(1)
    assert [claimed(queue).backtest.id for _ in range(3)] == ["zz", "mm", "aa"]
    assert queue.claim("w1") is None


def test_what_is_only_created_or_has_ended_is_not_claimed(documents: DocumentStore):
    BacktestRepository(documents).insert(a_backtest("pending"))
    queue = enqueued(documents, "cancelled")
    queue.cancel("cancelled")
    assert queue.claim("w1") is None


def test_a_backtest_that_is_not_there_can_not_be_queued_or_cancelled(documents: DocumentStore):
    queue = JobQueue(documents)
    with pytest.raises(NotFoundError):
        queue.enqueue("none", CROSSING)
    with pytest.raises(NotFoundError):
        queue.cancel("none")


def test_the_same_key_queues_once_and_another_is_refused(documents: DocumentStore):
    BacktestRepository(documents).insert(a_backtest())
    queue = JobQueue(documents)
    queue.enqueue("b1", CROSSING, execute_key="one")
    claim = claimed(queue)
    assert queue.enqueue("b1", CROSSING, execute_key="one").status is BacktestStatus.RUNNING
    with pytest.raises(ConflictError, match="b1 is RUNNING"):
        queue.enqueue("b1", CROSSING, execute_key="two")
    assert queue.holds(claim)


def test_what_a_dead_worker_left_is_taken_over_when_its_lease_has_run_out(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1")
    dead = claimed(queue, "dead")
    clock.advance(30)
    assert queue.claim("w2") is None
    clock.advance(0.001)
    taken = claimed(queue, "w2")
    assert (taken.worker, taken.fence, taken.backtest.job.attempt) == ("w2", dead.fence + 1, 2)
    assert not queue.holds(dead)


def test_a_clock_that_is_set_back_delays_a_takeover_by_a_lease_at_most(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1", "b2")
    lost, alive = claimed(queue), claimed(queue)
    clock.advance(-HOUR)
    assert queue.beat(alive)
    assert queue.sweep() == 1
    assert queue.holds(lost)  # its worker may live: it beats, or loses it as always
    for _ in range(6):
        clock.advance(5.5)
        assert queue.beat(alive)
    assert queue.sweep() == 0
    assert claimed(queue, "w2").backtest.id == lost.backtest.id
    assert queue.claim("w2") is None


def test_heartbeats_hold_a_claim_for_as_long_as_they_come(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1")
    claim = claimed(queue)
    for _ in range(10):
        clock.advance(29)
        assert queue.beat(claim, step="simulating trades", progress=0.6)
        assert queue.claim("w2") is None
    assert stored(documents, "b1").job.progress == 0.6


def test_a_commit_makes_the_result_count(documents: DocumentStore):
    queue = enqueued(documents, "b1")
    claim = claimed(queue)
    assert queue.commit(claim, result_of(claim))
    found = stored(documents, "b1")
    assert (found.status, found.job.result_id) == (BacktestStatus.COMPLETED, "b1.1")
    assert result_ids(documents) == {"b1.1"}


def test_a_stale_commit_is_refused_and_leaves_nothing(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1")
    stale = claimed(queue, "frozen")
    clock.advance(31)
    fresh = claimed(queue, "w2")
    assert not queue.commit(stale, result_of(stale))
    assert queue.commit(fresh, result_of(fresh))
    assert not queue.commit(stale, result_of(stale))
    assert stored(documents, "b1").job.result_id == "b1.2"
    assert result_ids(documents) == {"b1.2"}


def test_a_cancelled_run_commits_nothing_and_can_be_executed_again(documents: DocumentStore):
    queue = enqueued(documents, "b1")
    claim = claimed(queue)
    assert queue.cancel("b1").status is BacktestStatus.CANCELLED
    assert not queue.holds(claim)
    for told in (
        queue.beat(claim),
        queue.commit(claim, result_of(claim)),
        queue.fail(claim, FailureKind.DATA, "bad bars"),
        queue.give_back(claim, counted=True),
    ):
        assert not told
    queue.enqueue("b1", CROSSING)
    again = claimed(queue)
    assert again.fence > claim.fence
    assert queue.commit(again, result_of(again))


def test_what_became_of_a_deleted_backtest_is_told_and_not_kept(documents: DocumentStore):
    queue = enqueued(documents, "b1")
    claim = claimed(queue)
    BacktestRepository(documents).delete("b1")
    assert not queue.holds(claim)
    assert not queue.beat(claim)
    assert not queue.commit(claim, result_of(claim))
    assert result_ids(documents) == set()


def test_the_time_of_a_result_is_the_store_s_whatever_the_child_says(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1")
    claim = claimed(queue)
    queue.commit(claim, result_of(claim, created_at=datetime(2999, 1, 1, tzinfo=UTC)))
    assert ResultRepository(documents).get("b1.1").created_at.timestamp() * 1000 == clock.now


def test_of_many_workers_at_once_each_backtest_goes_to_one(documents: DocumentStore):
    names = [f"b{number:02}" for number in range(24)]
    queue = enqueued(documents, *names)
    taken: list[str] = []

    def work() -> None:
        while (claim := queue.claim("w")) is not None:
            taken.append(claim.backtest.id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == names


def test_three_lost_workers_end_a_backtest_as_lost(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1")
    claims = []
    for _ in range(3):
        claims.append(claimed(queue))
        clock.advance(31)
    assert queue.claim("w4") is None
    assert queue.sweep() == 1
    found = stored(documents, "b1")
    assert (found.status, found.job.failure) == (BacktestStatus.FAILED, FailureKind.LOST)
    assert not queue.commit(claims[-1], result_of(claims[-1]))


def test_a_sweep_takes_away_results_that_can_not_count_any_more(documents: DocumentStore, clock: SetClock):
    queue = enqueued(documents, "b1", "b2", "b3")
    results = ResultRepository(documents)
    first, second, third = (claimed(queue) for _ in range(3))
    assert queue.commit(first, result_of(first))
    for claim in (second, third):  # their workers die between the result and its commit
        results.insert(result_of(claim, created_at=first.backtest.start_time))
    results.insert(a_result("library", created_at=first.backtest.start_time))  # of a run without a worker
    queue.cancel(second.backtest.id)
    clock.advance(0.9 * HOUR)
    assert queue.sweep() == 0  # young
    clock.advance(2 * HOUR)
    assert queue.sweep() == 1
    assert third.result_id in result_ids(documents)  # still the claim that counts: it may commit
    fresh = claimed(queue)
    assert queue.commit(fresh, result_of(fresh))
    assert queue.sweep() == 1
    assert result_ids(documents) == {first.result_id, fresh.result_id, ""}


def test_a_result_that_is_open_for_ever_keeps_no_other_from_being_taken_away(documents: DocumentStore, clock: SetClock):
    """A process that ran a backtest itself died between the result and the end: it stays RUNNING, and has no lease."""
    queue = enqueued(documents, "b1", "b2")
    backtests, results = BacktestRepository(documents), ResultRepository(documents)
    start = transitions.moment(clock())
    backtests.change("b1", lambda backtest: transitions.started(backtest, start=start))
    results.insert(a_result("b1", id="b1.1", created_at=start))
    results.insert(a_result("b2", created_at=start))  # of a run without a worker that was cancelled meanwhile
    results.insert(a_result("b2", id="b2.1", created_at=start))
    queue.cancel("b2")
    clock.advance(2 * HOUR)
    assert queue.sweep() == 2
    assert result_ids(documents) == {"b1.1"}
    queue.cancel("b1")
    assert queue.sweep() == 1
    assert result_ids(documents) == set()


def test_a_sweep_forgets_old_keys_and_sessions(documents: DocumentStore, clock: SetClock):
    keys, sessions = IdempotencyKeyRepository(documents), SessionRepository(documents)
    keys.insert(IdempotencyKey(id="old", owner="local", fingerprint="f", created_ms=clock.now))
    clock.advance(DAY - 1)
    keys.insert(IdempotencyKey(id="new", owner="local", fingerprint="f", created_ms=clock.now))
    for name, ends in (("over", clock.now + 1_000), ("open", clock.now + 60_000)):
        sessions.insert(LoginSession(id=name, user_id="u", created_at=datetime.now(UTC), expires_ms=ends))
    clock.advance(2)
    assert JobQueue(documents).sweep() == 2
    assert [key.id for key in keys.all()] == ["new"]
    assert sessions.find("over") is None
    assert sessions.find("open") is not None
