"""JobQueue: backtests on their way from the request to their one result, shared by any number of workers."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.errors import ConflictError, CorruptDataError, NotFoundError
from hindcast.domain.jobs import FailureKind
from hindcast.domain.strategy import StrategySnapshot
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.jobs import transitions
from hindcast.services.jobs.housekeeping import Housekeeping
from hindcast.services.ports import DocumentStore, Find, StoredDocument

LEASE_SECONDS: Final = 30.0
_CANDIDATES: Final = 16  # looked at for one claim: so many workers may be faster before one goes away empty
_MOST_TOLD: Final = 1_000  # damaged backtests that the log names, each once
_LOG: Final = logging.getLogger(__name__)
Place = tuple[int, str]  # in the order of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's right to run a backtest and to say what came of it, until somebody else holds a newer one."""

    backtest: Backtest  # as it was when it was claimed

    @property
    def fence(self) -> int:
        """What tells this claim from those before and after it."""
        return self.backtest.job.fence

    @property
    def worker(self) -> str:
        """Who holds it."""
        return self.backtest.job.worker

    @property
    def result_id(self) -> str:
        """The id of the result's document that belongs to this claim."""
        return transitions.result_id(self.backtest.id, self.fence)


class JobQueue:
    """The queue over a document store: what it says is kept there, and each change is one atomic step.

    Every method raises StoreUnavailableError where the store does not answer; it may then have happened or not, and
    can be called again: `enqueue` by its key, the others by their claim know what is theirs already.
    """

    def __init__(self, documents: DocumentStore, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.lease_seconds = lease_seconds
        self._lease = round(lease_seconds * 1000)
        self._documents = documents
        self._backtests = BacktestRepository(documents)
        self._results = ResultRepository(documents)
        self._housekeeping = Housekeeping(documents)
        self._arrival = threading.Event()
        self._told: set[str] = set()  # damaged backtests that the log has named

    def enqueue(self, backtest_id: str, strategy: StrategySnapshot, *, execute_key: str = "") -> Backtest:
        """Put a backtest into the queue; the same key again gives it as it is now.

        Raises NotFoundError, and ConflictError where it is QUEUED, RUNNING or COMPLETED by another request.
        """
        now = self._documents.now()
        step = partial(transitions.queued, strategy=strategy, now=now, execute_key=execute_key)
        changed = self._backtests.change(backtest_id, step)
        self._arrival.set()
        return changed or self._backtests.get(backtest_id)

    def wait(self, seconds: float) -> None:
        """Wait until something is put into the queue by this process, at most so long."""
        self._arrival.wait(seconds)
        self._arrival.clear()

    def claim(self, worker: str) -> Claim | None:
        """The oldest backtest that waits or was left behind by a lost worker; None where there is none to be had."""
        now = self._documents.now()
        step = partial(transitions.claimed, worker=worker, now=now, lease=self._lease)
        last: tuple[Place | None, Place | None] = (None, None)
        while True:
            waiting, left = self._candidates(now, last)
            damaged = 0
            for backtest_id in _scattered((*waiting, *left)):
                try:
                    if taken := self._backtests.change(backtest_id, step):
                        return Claim(backtest=taken)
                except NotFoundError:
                    pass
                except CorruptDataError as error:  # it must not keep the others waiting, however many there are
                    damaged += 1
                    self._tell(backtest_id, error)
            if damaged < len(waiting) + len(left) or not damaged:
                return None
            last = (_behind(waiting, "queued_ms", last[0]), _behind(left, "lease_ms", last[1]))

    def beat(self, claim: Claim, *, step: str = "", progress: float | None = None) -> bool:
        """Hold a claim for another lease, and say how far it is; False where it is not ours any more."""
        now = self._documents.now()
        try:
            self._backtests.change(
                claim.backtest.id,
                partial(
                    transitions.beaten, fence=claim.fence, now=now, lease=self._lease, step=step, progress=progress
                ),
            )
        except (ConflictError, NotFoundError):
            return False
        return True

    def holds(self, claim: Claim) -> bool:
        """Whether a claim is still ours: nobody has cancelled the backtest or taken it over."""
        found = self._backtests.find(claim.backtest.id)
        return found is not None and transitions.is_held(found, claim.fence)

    def commit(self, claim: Claim, result: BacktestResult) -> bool:
        """Make this the one result that counts; False, and it is not kept, where the claim is not ours any more."""
        now = self._documents.now()
        kept = result.model_copy(update={"id": claim.result_id, "created_at": transitions.moment(now)})
        with suppress(ConflictError):  # kept by an earlier try whose answer was lost
            self._results.insert(kept)
        try:
            self._backtests.change(claim.backtest.id, partial(transitions.committed, fence=claim.fence, now=now))
        except (ConflictError, NotFoundError):
            with suppress(NotFoundError):
                self._results.delete(claim.result_id)
            return False
        return True

    def fail(self, claim: Claim, kind: FailureKind, message: str) -> bool:
        """End a backtest for good without a result; False where the claim is not ours any more."""
        now = self._documents.now()
        step = partial(transitions.failed, fence=claim.fence, kind=kind, message=message, now=now)
        try:
            self._backtests.change(claim.backtest.id, step)
        except (ConflictError, NotFoundError):
            return False
        return True

    def give_back(self, claim: Claim, *, counted: bool) -> bool:
        """Let another worker have it; False where the claim is not ours any more.

        `counted`: it was lost with a process, which may happen three times; not: this worker only closes.
        """
        now = self._documents.now()
        step = partial(transitions.given_back, fence=claim.fence, counted=counted, now=now)
        try:
            self._backtests.change(claim.backtest.id, step)
        except (ConflictError, NotFoundError):
            return False
        self._arrival.set()
        return True

    def cancel(self, backtest_id: str) -> Backtest:
        """End a backtest that waits or runs. Raises NotFoundError, and ConflictError where it does neither."""
        now = self._documents.now()
        changed = self._backtests.change(backtest_id, partial(transitions.cancelled, now=now))
        return changed or self._backtests.get(backtest_id)

    def count(self, status: BacktestStatus, *, most: int) -> int:
        """How many backtests are in a state; more than `most` are not counted."""
        return len(self._documents.find(self._backtests.kind.name, Find(where={"status": str(status)}, limit=most)))

    def sweep(self) -> int:
        """End what was lost for good, and take away what nobody needs any more; gives the number of changes."""
        return self._housekeeping.sweep()

    def _candidates(
        self, now: int, last: tuple[Place | None, Place | None]
    ) -> tuple[tuple[StoredDocument, ...], tuple[StoredDocument, ...]]:
        """Backtests that may be claimed: those that wait, and those that were left behind, behind these places."""
        waiting = Find(
            where={"status": str(BacktestStatus.QUEUED)},
            order="queued_ms",
            descending=False,
            after=last[0],
            limit=_CANDIDATES,
        )
        left = Find(
            where={"status": str(BacktestStatus.RUNNING)},
            below={"lease_ms": now},
            order="lease_ms",
            descending=False,
            after=last[1],
            limit=_CANDIDATES,
        )
        kind = self._backtests.kind.name
        return self._documents.find(kind, waiting), self._documents.find(kind, left)

    def _tell(self, backtest_id: str, error: CorruptDataError) -> None:
        if backtest_id not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(backtest_id)
            _LOG.warning("left in the queue: %s", error)


def _scattered(found: Sequence[StoredDocument]) -> list[str]:
    """Ids, the oldest first, after it the others in any order.

    Workers that come at the same time meet at the first only, and scatter then.
    """
    ids = [each.id for each in sorted(found, key=lambda each: (each.index["queued_ms"] or 0, each.id))]
    others = ids[1:]
    random.shuffle(others)
    return [*ids[:1], *others]


def _behind(found: Sequence[StoredDocument], order: str, last: Place | None) -> Place | None:
    """The place behind these documents."""
    return (int(found[-1].index[order] or 0), found[-1].id) if found else last
