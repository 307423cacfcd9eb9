"""JobQueue: backtests on their way from the request to their one result, shared by any number of workers."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
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
from hindcast.services.ports import DocumentStore, Find

LEASE_SECONDS: Final = 30.0
_CANDIDATES: Final = 16  # looked at for one claim: so many workers may be faster before one goes away empty


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
        for backtest_id in self._candidates(now):
            with suppress(NotFoundError, CorruptDataError):  # one that can't be read must not keep the others waiting
                if taken := self._backtests.change(backtest_id, step):
                    return Claim(backtest=taken)
        return None

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

    def sweep(self) -> int:
        """End what was lost for good, and take away what nobody needs any more; gives the number of changes."""
        return self._housekeeping.sweep()

    def _candidates(self, now: int) -> Iterator[str]:
        """Ids of backtests that may be claimed: the oldest first, after it others in any order.

        Workers that come at the same time meet at the first only, and scatter then.
        """
        waiting = Find(
            where={"status": str(BacktestStatus.QUEUED)}, order="queued_ms", descending=False, limit=_CANDIDATES
        )
        left = Find(
            where={"status": str(BacktestStatus.RUNNING)},
            below={"lease_ms": now},
            order="lease_ms",
            descending=False,
            limit=_CANDIDATES,
        )
        kind = self._backtests.kind.name
        found = [*self._documents.find(kind, waiting), *self._documents.find(kind, left)]
        found.sort(key=lambda each: (each.index["queued_ms"] or 0, each.id))
        others = [each.id for each in found[1:]]
        random.shuffle(others)
        yield from (each.id for each in found[:1])
        yield from others
