"""BacktestService: backtests as their owners make, change, run, read and delete them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.errors import ConflictError, NotFoundError
from hindcast.domain.intervals import canonical_interval
from hindcast.domain.strategy import StrategySnapshot
from hindcast.services.backtest.question import BacktestQuestion, DataCheck
from hindcast.services.documents.codec import decode
from hindcast.services.documents.kinds import RESULTS
from hindcast.services.documents.owned import check_revision
from hindcast.services.documents.paging import Page
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.ports import DocumentStore, Find, IndexValue, ResultStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hindcast.services.jobs.queue import JobQueue
    from hindcast.services.market_data.service import MarketDataService
    from hindcast.services.strategy.service import StrategyService

IN_HAND: Final = (BacktestStatus.QUEUED, BacktestStatus.RUNNING)
_RESULTS_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A backtest as it was when its document had this version."""

    version: int
    backtest: Backtest


class BacktestService:
    """Backtests by owner: what belongs to another is not there."""

    def __init__(
        self,
        documents: DocumentStore,
        queue: JobQueue,
        strategies: StrategyService,
        results: ResultStore,
        market_data: MarketDataService,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._backtests = BacktestRepository(documents)
        self._summaries = ResultRepository(documents)
        self._queue = queue
        self._strategies = strategies
        self._results = results
        self._data = DataCheck(market_data)
        self._clock = clock

    def create(self, question: BacktestQuestion, *, owner: str, backtest_id: str | None = None) -> Backtest:
        """Keep a new backtest, PENDING. With an id that is there already, that backtest is the answer.

        Raises NotFoundError for the strategy, and InputError, SymbolError, DateRangeError or BenchmarkError for what
        could only fail when it is run.
        """
        known = None if backtest_id is None else self._backtests.find(backtest_id)
        if known is not None:
            self._backtests.check_owner(known, owner)
            return known
        asked = {each.name: getattr(question, each.name) for each in fields(question)}
        asked["interval"] = canonical_interval(question.interval)
        backtest = Backtest(id=backtest_id or uuid4().hex, owner=owner, created_at=self._clock(), **asked)
        self._check(backtest)
        try:
            self._backtests.insert(backtest)
        except ConflictError:  # a repeat of the request that came at the same time
            return self.get(backtest.id, owner=owner)
        return backtest

    def get(self, backtest_id: str, *, owner: str) -> Backtest:
        """A backtest. Raises NotFoundError, also where it is another's."""
        return self._backtests.get_owned(backtest_id, owner=owner)

    def page(
        self,
        *,
        owner: str,
        status: BacktestStatus | None = None,
        strategy_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Backtest]:
        """A page of the owner's backtests, newest first. Raises InputError for the cursor or the limit."""
        where: dict[str, IndexValue] = {"owner": owner}
        if status is not None:
            where["status"] = str(status)
        if strategy_id is not None:
            where["strategy_id"] = strategy_id
        return self._backtests.page(where, cursor=cursor, limit=limit)

    def update(
        self, backtest_id: str, *, owner: str, changes: Mapping[str, object], revision: int | None = None
    ) -> Backtest:
        """Ask something else, in the fields that are named. Raises ConflictError unless PENDING and of this revision.

        Raises NotFoundError, and what `create` raises.
        """
        seen = self.get(backtest_id, owner=owner)
        check_revision(seen, revision)
        _check_pending(seen)
        changed = Backtest(**{**dict(seen), **changes, "revision": seen.revision + 1})
        changed = changed.model_copy(update={"interval": canonical_interval(changed.interval)})
        self._check(changed)

        def put(backtest: Backtest) -> Backtest:
            check_revision(backtest, seen.revision)
            _check_pending(backtest)
            return changed

        self._backtests.change(backtest_id, put)
        return changed

    def delete(self, backtest_id: str, *, owner: str, revision: int | None = None) -> None:
        """Take a backtest and its result away, also one whose document is damaged.

        Raises NotFoundError, ConflictError while it is queued or runs.
        """

        def check(backtest: Backtest) -> None:
            if backtest.status in IN_HAND:
                raise ConflictError(f"backtest {backtest_id} is {backtest.status}: cancel it before you delete it")

        self._backtests.delete_owned(backtest_id, owner=owner, revision=revision, check=check)
        # From here on no result of it counts; its tables are kept by content, and may be another result's, too.
        wanted = Find(where={"backtest_id": backtest_id}, limit=_RESULTS_AT_ONCE)
        for result in self._documents.find(RESULTS.name, wanted):
            self._documents.delete(RESULTS.name, result.id, version=result.version)

    def execute(self, backtest_id: str, *, owner: str, key: str = "") -> Backtest:
        """Queue a backtest, with its strategy as it is now; `key`: a repeat finds what the first one did.

        Raises NotFoundError, ConflictError where it is queued, runs, or is completed, or where its strategy is gone.
        """
        backtest = self.get(backtest_id, owner=owner)
        if key and backtest.job.execute_key == key:
            return backtest
        try:
            strategy = self._strategies.get(backtest.strategy_id, owner=owner)
        except NotFoundError:
            raise ConflictError(
                f"the strategy {backtest.strategy_id!r} of backtest {backtest_id} is gone: make another backtest, or "
                "give a PENDING one another strategy_id"
            ) from None
        snapshot = StrategySnapshot(strategy_type=strategy.strategy_type, parameters=strategy.parameters)
        return self._queue.enqueue(backtest_id, snapshot, execute_key=key)

    def cancel(self, backtest_id: str, *, owner: str) -> Backtest:
        """Stop a backtest that is queued or runs. Raises NotFoundError, ConflictError where it does neither."""
        self.get(backtest_id, owner=owner)
        return self._queue.cancel(backtest_id)

    def result(self, backtest_id: str, *, owner: str) -> BacktestResult:
        """The result of a backtest. Raises NotFoundError, and ConflictError where it is not COMPLETED."""
        backtest = self.get(backtest_id, owner=owner)
        if backtest.status is not BacktestStatus.COMPLETED:
            raise ConflictError(_words_of_no_result(backtest))
        if backtest.job.result_id:
            return self._summaries.get(backtest.job.result_id)
        found = self._results.get(backtest.id)  # of a run without a worker
        if found.backtest_id != backtest.id:
            raise NotFoundError(f"no BacktestResult has the id {backtest_id!r}")
        return found

    def table(self, result: BacktestResult, name: str) -> Mapping[str, NDArray[np.generic]]:
        """One table of a result, column by column. Raises NotFoundError, CorruptDataError."""
        return self._results.table(result, name)

    def look(self, backtest_id: str, *, known: int = 0) -> Sighting | None:
        """A backtest whose document has another version than the one that is known; None where it has that one.

        It is for watching what `get` has allowed. Raises NotFoundError once it is deleted.
        """
        kind = self._backtests.kind
        stored = self._documents.get(kind.name, backtest_id)
        if stored is None:
            raise self._backtests.unknown(backtest_id)
        if stored.version == known:
            return None
        return Sighting(version=stored.version, backtest=decode(kind, stored))

    def _check(self, backtest: Backtest) -> None:
        self._strategies.get(backtest.strategy_id, owner=backtest.owner)
        self._data.check(backtest)


def _check_pending(backtest: Backtest) -> None:
    if backtest.status is not BacktestStatus.PENDING:
        raise ConflictError(
            f"backtest {backtest.id} is {backtest.status}; only a PENDING one can be changed: make another one"
        )


def _words_of_no_result(backtest: Backtest) -> str:
    said = f"backtest {backtest.id} is {backtest.status}"
    if backtest.status is BacktestStatus.PENDING:
        return f"{said}: execute it first"
    if backtest.status in IN_HAND:
        return f"{said}: its result is there once it is COMPLETED"
    reason = f" ({backtest.job.failure})" if backtest.job.failure else ""
    told = f": {backtest.error_message}" if backtest.error_message else ""
    return f"{said}{reason} and has no result{told}"
