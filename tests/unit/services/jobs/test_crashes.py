"""A process that dies at any call of its store, before or after it is done: what another one finds, and makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

import pytest
from tests.contracts.records import a_backtest
from tests.unit.services.jobs.queued_backtests import CROSSING, SetClock, result_ids, result_of, stored

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.errors import ConflictError, StoreUnavailableError
from hindcast.domain.jobs import FailureKind
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.repositories import BacktestRepository
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.ports import DocumentStore

RUN: Final = ("b1", "b2")  # each of them must end in one result
FAILS, STOPPED = "b3", "b4"
HOURS: Final = 2 * 3_600.0
MOST_CALLS: Final = 500


class ProcessDied(BaseException):
    """The end of a process, as its own code never sees it."""


class MortalStore:
    """A store whose caller ends at the n-th call: before it, or when it is done and not yet answered."""

    def __init__(self, documents: MemoryDocumentStore, *, dies_at: int, done: bool, error: type[BaseException]) -> None:
        self._documents = documents
        self._dies_at = dies_at
        self._done = done
        self._error = error
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._documents, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self._dies_at and not self._done:
                raise self._error("before the call")
            answer = method(*arguments, **named)
            if self.calls == self._dies_at:
                raise self._error("before the answer")
            return answer

        return call


class World:
    """Backtests, what clients were told of them, and the claims of whoever lives no more."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.documents = MemoryDocumentStore(self.clock)
        self.told: set[str] = set()  # clients know that these are queued
        self.claims: list[Claim] = []
        for name in (*RUN, FAILS, STOPPED):
            BacktestRepository(self.documents).insert(a_backtest(name))

    def queue(self) -> JobQueue:
        """The queue as a process sees it that has just been started."""
        return JobQueue(self.documents)

    def dying(self, dies_at: int, *, done: bool, error: type[BaseException] = ProcessDied) -> JobQueue:
        """The queue of a process that ends at this call."""
        self.mortal = MortalStore(self.documents, dies_at=dies_at, done=done, error=error)
        return JobQueue(cast("DocumentStore", self.mortal))

    def request(self, queue: JobQueue) -> None:
        """What clients ask for, each until it was told that it is done."""
        for name in (*RUN, FAILS, STOPPED):
            if name not in self.told:
                with suppress(ConflictError):  # cancelled by the first try
                    queue.enqueue(name, CROSSING, execute_key=f"key of {name}")
                self.told.add(name)
        if f"end of {STOPPED}" not in self.told:
            with suppress(ConflictError):  # it has ended before
                queue.cancel(STOPPED)
            self.told.add(f"end of {STOPPED}")

    def work(self, queue: JobQueue) -> None:
        """What a worker does until there is nothing to be done; the first it gives back, as one that closes."""
        queue.sweep()
        claim = queue.claim("w1")
        if claim is not None:
            self.claims.append(claim)
            queue.give_back(claim, counted=False)
        while (claim := queue.claim("w1")) is not None:
            self.claims.append(claim)
            queue.beat(claim, step="simulating trades", progress=0.5)
            if claim.backtest.id == FAILS:
                queue.fail(claim, FailureKind.STRATEGY, "raised")
            else:
                queue.commit(claim, result_of(claim))
        queue.sweep()

    def recover(self) -> None:
        """Half a minute later another process does what is left; those that were lost wake up, and say their part."""
        self.clock.advance(31)
        self.request(self.queue())
        self.work(self.queue())
        for claim in self.claims:
            assert not self.queue().holds(claim)
            self.queue().commit(claim, result_of(claim))
            self.queue().give_back(claim, counted=True)
        self.clock.advance(HOURS)
        for _ in range(2):
            self.queue().sweep()

    def check(self) -> None:
        """Each backtest has ended as it must, and there is one result of each, and no other."""
        found = {name: stored(self.documents, name) for name in (*RUN, FAILS, STOPPED)}
        assert {name: found[name].status for name in RUN} == dict.fromkeys(RUN, BacktestStatus.COMPLETED)
        assert found[FAILS].job.failure is FailureKind.STRATEGY
        # a worker may have been faster than a cancel that had to be asked for again
        assert found[STOPPED].status in (BacktestStatus.CANCELLED, BacktestStatus.COMPLETED)
        ended = [name for name in found if found[name].status is BacktestStatus.COMPLETED]
        assert result_ids(self.documents) == {found[name].job.result_id for name in ended}
        assert {name: found[name].job.result_id.rpartition(".")[0] for name in ended} == {name: name for name in ended}


def live(world: World, queue: JobQueue) -> None:
    """What the first process does."""
    world.request(queue)
    world.work(queue)


def deaths(step: int = 1) -> list[tuple[int, bool]]:
    """Every call of a quiet life, before it and after it."""
    world = World()
    live(world, world.dying(0, done=False))
    assert 30 < world.mortal.calls < MOST_CALLS
    return list(itertools.product(range(1, world.mortal.calls + 1, step), (False, True)))


def test_a_quiet_life_leaves_what_must_be():
    world = World()
    live(world, world.queue())
    assert stored(world.documents, STOPPED).status is BacktestStatus.CANCELLED
    world.recover()
    world.check()


def test_whenever_a_process_dies_nothing_is_lost_or_doubled():
    for dies_at, done in deaths():
        world = World()
        with pytest.raises(ProcessDied):
            live(world, world.dying(dies_at, done=done))
        world.recover()
        world.check()


def test_two_that_die_one_after_the_other_lose_and_double_nothing():
    for (first, done), (second, second_done) in itertools.product(deaths(23), deaths(17)):
        world = World()
        with pytest.raises(ProcessDied):
            live(world, world.dying(first, done=done))
        world.clock.advance(31)
        with suppress(ProcessDied):
            live(world, world.dying(second, done=second_done))
        world.recover()
        world.check()


@pytest.mark.parametrize("lasting", [True, False], ids=["the worker tries again", "the worker gives up"])
def test_whichever_call_is_not_answered_nothing_is_lost_or_doubled(lasting: bool):
    for silent_at, done in deaths():
        world = World()
        queue = world.dying(silent_at, done=done, error=StoreUnavailableError)
        for act in cast("tuple[Callable[[JobQueue], None], ...]", (world.request, world.work)):
            for _ in range(2 if lasting else 1):
                with suppress(StoreUnavailableError):
                    act(queue)
        world.recover()
        world.check()
