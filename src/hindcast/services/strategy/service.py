"""StrategyService: stored strategies, each its owner's, each change counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from hindcast.domain.errors import InputError
from hindcast.domain.strategy import Strategy
from hindcast.services.documents.owned import check_revision
from hindcast.services.documents.paging import Page
from hindcast.services.documents.repositories import StrategyRepository
from hindcast.services.ports import DocumentStore, IndexValue

Clock = Callable[[], datetime]

CHANGEABLE: Final = ("name", "strategy_type", "parameters", "description")


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class StrategyService:
    """Creates, reads, changes and deletes strategies. Whether they can run, `StrategyManager` and catalogue say.

    What belongs to another owner is not there: NotFoundError, in the same words.
    """

    def __init__(self, documents: DocumentStore, *, clock: Clock = utc_now) -> None:
        self._strategies = StrategyRepository(documents)
        self._clock = clock

    def create(self, strategy: Strategy) -> Strategy:
        """Keep a new strategy, stamped with the time; gives it as it is kept.

        Raises ConflictError where its id is taken, InputError for an id that can't be one.
        """
        now = self._clock()
        kept = strategy.model_copy(
            update={"revision": 1, "created_at": strategy.created_at or now, "updated_at": strategy.updated_at or now}
        )
        self._strategies.insert(kept)
        return kept

    def get(self, strategy_id: str, *, owner: str) -> Strategy:
        """The owner's strategy of this id. Raises NotFoundError."""
        return self._strategies.get_owned(strategy_id, owner=owner)

    def page(
        self, *, owner: str, cursor: str | None = None, limit: int = 50, strategy_type: str | None = None
    ) -> Page[Strategy]:
        """A page of the owner's strategies, newest first. Raises InputError for a cursor or limit that can't be."""
        where: dict[str, IndexValue] = {"owner": owner}
        if strategy_type is not None:
            where["strategy_type"] = strategy_type
        return self._strategies.page(where, cursor=cursor, limit=limit)

    def update(
        self, strategy_id: str, *, owner: str, changes: Mapping[str, object], revision: int | None = None
    ) -> Strategy:
        """Change the fields that are named; gives the strategy as it is then. What changes nothing counts as nothing.

        Raises
        ------
        NotFoundError
        ConflictError
            It has another revision than the one that is named.
        InputError
            A field that can't be changed, or a value that does not fit.
        """
        if unknown := sorted(set(changes) - set(CHANGEABLE)):
            raise InputError(f"{', '.join(unknown)} can't be changed; what can: {', '.join(CHANGEABLE)}")
        now = self._clock()
        seen: list[Strategy] = []

        def step(strategy: Strategy) -> Strategy | None:
            self._strategies.check_owner(strategy, owner)
            check_revision(strategy, revision)
            seen[:] = [strategy]
            changed = Strategy(**{**strategy.model_dump(), **changes})
            if changed.model_dump_json() == strategy.model_dump_json():
                return None
            return changed.model_copy(update={"revision": strategy.revision + 1, "updated_at": now})

        return self._strategies.change(strategy_id, step) or seen[0]

    def delete(self, strategy_id: str, *, owner: str, revision: int | None = None) -> None:
        """Take a strategy away, also one whose document is damaged; backtests that ran it or wait keep their copy.

        Raises NotFoundError, and ConflictError where it has another revision than the one that is named.
        """
        self._strategies.delete_owned(strategy_id, owner=owner, revision=revision)
