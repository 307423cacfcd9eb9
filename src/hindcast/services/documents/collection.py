"""Records of one kind over a document store: typed, checked, each change a compare-and-set of its own."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Generic

from hindcast.domain.errors import (
    ConflictError,
    CorruptDataError,
    InputError,
    NotFoundError,
    StoreUnavailableError,
)
from hindcast.services.documents.codec import decode, encode, newest_version
from hindcast.services.documents.kinds import Kind, Record
from hindcast.services.documents.paging import Page, checked_limit, cursor_of, read_cursor
from hindcast.services.ports import DocumentStore, Find, IndexValue, StoredDocument

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}")
_ID_RULE: Final = "expected 1 to 128 letters, digits, '-', '_' or '.', the first a letter or digit"
_RACES: Final = 100  # changes of one document that may get in between before it counts as a store that is overrun
_LOG: Final = logging.getLogger(__name__)


class Collection(Generic[Record]):
    """Records of one kind."""

    def __init__(self, store: DocumentStore, kind: Kind[Record]) -> None:
        self.store = store
        self.kind = kind

    def insert(self, record: Record) -> None:
        """Keep a new record. Raises ConflictError where its id is taken, InputError for an id that can't be one."""
        document_id = self.kind.id_of(record)
        if not _ID.fullmatch(document_id):
            raise InputError(f"{document_id!r} can't be an id: {_ID_RULE}")
        if not self.store.insert(self.kind.name, encode(self.kind, record, version=1)):
            raise ConflictError(f"there is a {self.kind.record.__name__} with the id {document_id!r} already")

    def save(self, record: Record) -> None:
        """Keep a record, in the place of the one of its id where there is one."""
        for _ in range(_RACES):
            try:
                self.insert(record)
                return
            except ConflictError:
                pass
            stored = self.store.get(self.kind.name, self.kind.id_of(record))
            if stored is None:
                continue
            document = encode(self.kind, record, version=stored.version + 1)
            if self.store.replace(self.kind.name, document, version=stored.version):
                return
        raise self._overrun(self.kind.id_of(record))

    def find(self, document_id: str) -> Record | None:
        """The record of this id, or None. Raises CorruptDataError."""
        if not _ID.fullmatch(document_id):
            return None
        stored = self.store.get(self.kind.name, document_id)
        return None if stored is None else decode(self.kind, stored)

    def get(self, document_id: str) -> Record:
        """The record of this id. Raises NotFoundError, CorruptDataError."""
        if not _ID.fullmatch(document_id):
            raise NotFoundError(f"{document_id!r} is no id: {_ID_RULE}")
        found = self.find(document_id)
        if found is None:
            raise self.unknown(document_id)
        return found

    def change(self, document_id: str, step: Callable[[Record], Record | None]) -> Record | None:
        """Put what `step` makes of a record in its place, in one atomic step; gives it, or None where `step` does.

        `step` is asked again where somebody else's change came first: it must decide by its argument alone. What it
        raises leaves the record as it is. Raises NotFoundError, CorruptDataError.
        """
        for _ in range(_RACES):
            stored = self.store.get(self.kind.name, document_id) if _ID.fullmatch(document_id) else None
            if stored is None:
                raise self.unknown(document_id)
            changed = step(decode(self.kind, stored))
            if changed is None:
                return None
            document = encode(self.kind, changed, version=stored.version + 1)
            if self.store.replace(self.kind.name, replace(document, id=document_id), version=stored.version):
                return changed
        raise self._overrun(document_id)

    def delete(
        self,
        document_id: str,
        check: Callable[[Record], None] = lambda record: None,
        *,
        damaged: Callable[[StoredDocument, CorruptDataError], None] | None = None,
    ) -> None:
        """Take a record away; `check` may raise to keep it, and `damaged` where it can't be read any more.

        Raises NotFoundError, and CorruptDataError where it can't be read: without `damaged`, or as a newer Hindcast
        wrote it.
        """
        for _ in range(_RACES):
            stored = self.store.get(self.kind.name, document_id) if _ID.fullmatch(document_id) else None
            if stored is None:
                raise self.unknown(document_id)
            self._check(stored, check, damaged)
            if self.store.delete(self.kind.name, document_id, version=stored.version):
                return
        raise self._overrun(document_id)

    def matching(self, wanted: Find) -> tuple[Record, ...]:
        """The records that a question asks for."""
        return tuple(decode(self.kind, stored) for stored in self.store.find(self.kind.name, wanted))

    def page(
        self,
        where: Mapping[str, IndexValue],
        *,
        cursor: str | None = None,
        limit: int = 50,
        order: str = "created_ms",
        descending: bool = True,
    ) -> Page[Record]:
        """One page, by default newest first; what can't be read is left out, named in the page and in the log.

        Raises InputError for a cursor that no page gave, or a limit > 200.
        """
        found, more = self._stored_page(where, cursor=cursor, limit=limit, order=order, descending=descending)
        items: list[Record] = []
        damaged: list[str] = []
        for stored in found:
            try:
                items.append(decode(self.kind, stored))
            except CorruptDataError as error:
                _LOG.warning("left out of a list: %s", error)
                damaged.append(stored.id)
        return Page(items=tuple(items), next_cursor=more, damaged=tuple(damaged))

    def all(self, where: Mapping[str, IndexValue] | None = None) -> Iterator[Record]:
        """Every record, newest first, a page at a time. Raises CorruptDataError."""
        cursor: str | None = None
        while True:
            found, cursor = self._stored_page(
                where or {}, cursor=cursor, limit=200, order="created_ms", descending=True
            )
            yield from (decode(self.kind, stored) for stored in found)
            if cursor is None:
                return

    def _stored_page(
        self, where: Mapping[str, IndexValue], *, cursor: str | None, limit: int, order: str, descending: bool
    ) -> tuple[tuple[StoredDocument, ...], str | None]:
        """The documents of a page, and the cursor that leads to the next."""
        size = checked_limit(limit)
        after = None if cursor is None else read_cursor(cursor)
        wanted = Find(where=where, order=order, descending=descending, after=after, limit=size + 1)
        found = self.store.find(self.kind.name, wanted)
        shown = found[:size]
        more = None
        if len(found) > size:
            more = cursor_of(int(shown[-1].index[order] or 0), shown[-1].id)
        return shown, more

    def _check(
        self,
        stored: StoredDocument,
        check: Callable[[Record], None],
        damaged: Callable[[StoredDocument, CorruptDataError], None] | None,
    ) -> None:
        """Raises what forbids that a document is taken away."""
        try:
            record = decode(self.kind, stored)
        except CorruptDataError as error:
            if damaged is None or stored.schema_version > newest_version(self.kind):
                raise
            damaged(stored, error)
        else:
            check(record)

    def unknown(self, document_id: str) -> NotFoundError:
        """The error that tells that there is no record of this id."""
        return NotFoundError(f"no {self.kind.record.__name__} has the id {document_id!r}")

    def _overrun(self, document_id: str) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"{self.kind.record.__name__} {document_id!r} changed {_RACES} times while it was being changed; try again"
        )
