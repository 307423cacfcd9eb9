"""Records that belong to somebody and count their changes: to others than their owner they are not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hindcast.domain.backtest import Backtest
from hindcast.domain.errors import ConflictError, CorruptDataError
from hindcast.domain.strategy import Strategy
from hindcast.domain.users import User
from hindcast.services.documents.collection import Collection
from hindcast.services.ports import StoredDocument

Owned = TypeVar("Owned", Strategy, Backtest)


class OwnedCollection(Collection[Owned]):
    """Records of one kind, each its owner's."""

    def get_owned(self, document_id: str, *, owner: str) -> Owned:
        """The owner's record of this id. Raises NotFoundError, also where it is another's; CorruptDataError."""
        found = self.get(document_id)
        self.check_owner(found, owner)
        return found

    def check_owner(self, record: Owned, owner: str) -> None:
        """Raise NotFoundError where a record is another's, in the words for one that is not there."""
        if record.owner != owner:
            raise self.unknown(record.id)

    def delete_owned(
        self,
        document_id: str,
        *,
        owner: str,
        revision: int | None = None,
        check: Callable[[Owned], None] = lambda record: None,
    ) -> None:
        """Take the owner's record away, also a damaged one; `check` may raise to keep it.

        Raises NotFoundError, and ConflictError where it has another revision than the one that is named.
        """

        def check_whole(record: Owned) -> None:
            self.check_owner(record, owner)
            check_revision(record, revision)
            check(record)

        def check_damaged(stored: StoredDocument, error: CorruptDataError) -> None:
            if stored.index["owner"] != owner:
                raise self.unknown(document_id)
            if revision is not None:  # nobody can say which one it has
                raise error

        self.delete(document_id, check_whole, damaged=check_damaged)


def check_revision(record: Strategy | Backtest | User, revision: int | None) -> None:
    """Raise ConflictError where a record has another revision than the one that a change names, if it names one."""
    if revision is not None and record.revision != revision:
        raise ConflictError(f"{type(record).__name__} {record.id!r} has revision {record.revision} now, not {revision}")
