"""Queues, backtests, results and clocks for tests of jobs."""

from __future__ import annotations

from collections.abc import Callable

from tests.contracts.records import a_backtest, a_result

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.errors import StoreUnavailableError
from hindcast.domain.strategy import StrategySnapshot
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.ports import DocumentStore, Find, StoredDocument

START = 1_700_000_000_000  # epoch milliseconds
CROSSING = StrategySnapshot(strategy_type="sma_crossover", parameters={"short_window": 10, "long_window": 30})


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class FlakyDocuments(MemoryDocumentStore):
    """Documents in memory behind a line that can be cut: before a write is done, or before its answer is told."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock)
        self.down = False
        self.lose_answer_of: int | None = None  # the n-th write from now is done, and its answer lost
        self.refuse: int | None = None  # the n-th write from now is not done

    def now(self) -> int:
        self._reach()
        return super().now()

    def get(self, kind: str, document_id: str) -> StoredDocument | None:
        self._reach()
        return super().get(kind, document_id)

    def find(self, kind: str, wanted: Find) -> tuple[StoredDocument, ...]:
        self._reach()
        return super().find(kind, wanted)

    def insert(self, kind: str, document: StoredDocument) -> bool:
        return self._write(lambda: super(FlakyDocuments, self).insert(kind, document))

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        return self._write(lambda: super(FlakyDocuments, self).replace(kind, document, version=version))

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        return self._write(lambda: super(FlakyDocuments, self).delete(kind, document_id, version=version))

    def _reach(self) -> None:
        if self.down:
            raise StoreUnavailableError("the line is cut")

    def _write(self, write: Callable[[], bool]) -> bool:
        self._reach()
        if self.refuse is not None:
            self.refuse -= 1
            if self.refuse == 0:
                self.refuse = None
                raise StoreUnavailableError("the line was cut before the write")
        done = write()
        if self.lose_answer_of is not None:
            self.lose_answer_of -= 1
            if self.lose_answer_of == 0:
                self.lose_answer_of = None
                raise StoreUnavailableError("the line was cut before the answer")
        return done


def enqueued(documents: DocumentStore, *backtest_ids: str, queue: JobQueue | None = None) -> JobQueue:
    """A queue with these backtests in it."""
    queue = queue or JobQueue(documents)
    for backtest_id in backtest_ids:
        BacktestRepository(documents).insert(a_backtest(backtest_id))
        queue.enqueue(backtest_id, CROSSING)
    return queue


def claimed(queue: JobQueue, worker: str = "w1") -> Claim:
    """The next claim, which there must be."""
    claim = queue.claim(worker)
    assert claim is not None
    return claim


def result_of(claim: Claim, **changes: object) -> BacktestResult:
    """What a runner gives for a claim."""
    return a_result(claim.backtest.id).model_copy(update={"id": claim.result_id, **changes})


def stored(documents: DocumentStore, backtest_id: str) -> Backtest:
    """A backtest as it is now."""
    return BacktestRepository(documents).get(backtest_id)


def result_ids(documents: DocumentStore) -> set[str]:
    """The ids of all results' documents, those that count and the others."""
    return {result.id for result in ResultRepository(documents).all()}
