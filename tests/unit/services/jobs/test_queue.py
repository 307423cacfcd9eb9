"""The queue where the store is damaged, or does not answer; and who waits for it."""

from __future__ import annotations

import threading

import pytest
from tests.unit.services.jobs.queued_backtests import (
    FlakyDocuments,
    SetClock,
    claimed,
    enqueued,
    result_ids,
    result_of,
    stored,
)

from hindcast.domain.errors import StoreUnavailableError
from hindcast.domain.jobs import FailureKind
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.jobs.queue import JobQueue


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def test_a_damaged_backtest_does_not_keep_the_others_waiting(clock: SetClock):
    documents = MemoryDocumentStore(clock)
    queue = enqueued(documents, "a-damaged", "b1")
    found = documents.get("backtests", "a-damaged")
    assert found is not None
    object.__setattr__(found, "document", "{}")
    assert claimed(queue).backtest.id == "b1"
    clock.advance(31)
    assert queue.sweep() == 0


def test_any_number_of_damaged_backtests_keeps_none_waiting(clock: SetClock, caplog: pytest.LogCaptureFixture):
    documents = MemoryDocumentStore(clock)
    damaged = [f"a{number:02}" for number in range(40)]
    queue = enqueued(documents, *damaged[:20])
    while queue.claim("dead") is not None:
        pass
    clock.advance(31)
    enqueued(documents, *damaged[20:])
    for backtest_id in damaged:
        found = documents.get("backtests", backtest_id)
        assert found is not None
        object.__setattr__(found, "document", "{}")
    clock.advance(1)
    enqueued(documents, "b1", "b2")
    assert {claimed(queue).backtest.id, claimed(queue).backtest.id} == {"b1", "b2"}
    assert queue.claim("w1") is None
    told = [each for each in caplog.messages if each.startswith("left in the queue")]
    assert len(told) == 40


@pytest.mark.parametrize("write", [1, 2])
def test_a_commit_whose_answer_is_lost_is_known_as_ours_when_it_is_tried_again(clock: SetClock, write: int):
    documents = FlakyDocuments(clock)
    queue = enqueued(documents, "b1")
    claim = claimed(queue)
    documents.lose_answer_of = write
    with pytest.raises(StoreUnavailableError):
        queue.commit(claim, result_of(claim))
    clock.advance(60)
    assert queue.commit(claim, result_of(claim))
    assert result_ids(documents) == {"b1.1"}


def test_a_failure_or_a_return_whose_answer_is_lost_is_known_as_ours_when_it_is_tried_again(clock: SetClock):
    documents = FlakyDocuments(clock)
    queue = enqueued(documents, "b1", "b2")
    first, second = claimed(queue), claimed(queue)
    documents.lose_answer_of = 1
    with pytest.raises(StoreUnavailableError):
        queue.fail(first, FailureKind.DATA, "bad bars")
    assert queue.fail(first, FailureKind.DATA, "bad bars")
    documents.lose_answer_of = 1
    with pytest.raises(StoreUnavailableError):
        queue.give_back(second, counted=False)
    assert queue.give_back(second, counted=False)
    assert stored(documents, "b2").job.attempt == 0


def test_who_waits_for_work_is_woken_by_what_this_process_queues():
    documents = MemoryDocumentStore()
    queue = JobQueue(documents)
    woken = threading.Event()

    def wait() -> None:
        queue.wait(60)
        woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    enqueued(documents, "b1", queue=queue)
    thread.join(30)
    assert woken.is_set()
