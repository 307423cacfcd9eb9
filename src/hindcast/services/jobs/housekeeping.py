"""What any worker does now and then: end what was lost for good, take away what nobody needs any more."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.errors import CorruptDataError, NotFoundError
from hindcast.services.documents.kinds import IDEMPOTENCY_KEYS, RESULTS, SESSIONS
from hindcast.services.documents.repositories import BacktestRepository
from hindcast.services.jobs import transitions
from hindcast.services.ports import DocumentStore, Find, StoredDocument

HOUR_MS: Final = 3_600_000
KEY_MS: Final = 24 * HOUR_MS  # an idempotency key is remembered so long
MOST_AT_ONCE: Final = 100  # documents of a kind that one call looks at


class Housekeeping:
    """One pass after the other over what has grown old. All that it does can be done twice, and by several at once."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._backtests = BacktestRepository(documents)
        self._looked_at: tuple[int, str] | None = None  # the last result that was looked at
        self._open: set[str] = set()  # results among those before it that may still be committed

    def sweep(self) -> int:
        """One bounded pass; gives the number of documents that were changed or taken away."""
        now = self._documents.now()
        return (
            self._end_lost(now)
            + self._shorten_leases(now)
            + self._drop_results(now - HOUR_MS)
            + self._drop_old(IDEMPOTENCY_KEYS.name, "created_ms", now - KEY_MS)
            + self._drop_old(SESSIONS.name, "expires_ms", now)
        )

    def _end_lost(self, now: int) -> int:
        """Backtests that three workers were lost with become FAILED."""
        wanted = Find(
            where={"status": str(BacktestStatus.RUNNING)},
            below={"lease_ms": now},
            order="lease_ms",
            descending=False,
            limit=MOST_AT_ONCE,
        )
        count = 0
        for stored in self._documents.find(self._backtests.kind.name, wanted):
            with suppress(NotFoundError, CorruptDataError):
                count += self._backtests.change(stored.id, partial(transitions.expired, now=now)) is not None
        return count

    def _shorten_leases(self, now: int) -> int:
        """Leases of a clock that has been set back since."""
        wanted = Find(
            where={"status": str(BacktestStatus.RUNNING)},
            order="lease_ms",
            descending=False,
            after=(now + transitions.LONGEST_LEASE_MS + 1, ""),
            limit=MOST_AT_ONCE,
        )
        count = 0
        for stored in self._documents.find(self._backtests.kind.name, wanted):
            with suppress(NotFoundError, CorruptDataError):
                count += self._backtests.change(stored.id, partial(transitions.shortened, now=now)) is not None
        return count

    def _drop_results(self, before: int) -> int:
        """Summaries that no backtest names: what a worker kept and could not commit.

        Each is looked at once, in the order of their age; one that may still be committed is looked at again.
        """
        count = 0
        for document_id in sorted(self._open):
            stored = self._documents.get(RESULTS.name, document_id)
            self._open.discard(document_id)
            count += stored is not None and self._drop_result(stored)
        wanted = Find(below={"created_ms": before}, descending=False, after=self._looked_at, limit=MOST_AT_ONCE)
        for stored in self._documents.find(RESULTS.name, wanted):
            count += self._drop_result(stored)
            self._looked_at = (int(stored.index["created_ms"] or 0), stored.id)
        return count

    def _drop_result(self, stored: StoredDocument) -> bool:
        """Take away a result that can't count any more."""
        counts = self._counts(stored)
        if counts is None and len(self._open) < MOST_AT_ONCE:
            self._open.add(stored.id)
        return counts is False and self._documents.delete(RESULTS.name, stored.id, version=stored.version)

    def _counts(self, result: StoredDocument) -> bool | None:
        """Whether a result's document counts; None where that is open, as its worker has not committed it yet."""
        backtest_id = str(result.index["backtest_id"])
        own = result.id == backtest_id  # of a run without a worker
        try:
            backtest = self._backtests.find(backtest_id)
        except CorruptDataError:
            return True  # nobody knows: a person must look at it
        if backtest is None:
            return own  # older Hindcasts kept results without their backtests
        if backtest.status is BacktestStatus.RUNNING and (
            own or transitions.result_id(backtest.id, backtest.job.fence) == result.id
        ):
            return None
        return transitions.counts(backtest, result.id)

    def _drop_old(self, kind: str, order: str, before: int) -> int:
        wanted = Find(below={order: before}, order=order, descending=False, limit=MOST_AT_ONCE)
        found = self._documents.find(kind, wanted)
        return sum(self._documents.delete(kind, stored.id, version=stored.version) for stored in found)
