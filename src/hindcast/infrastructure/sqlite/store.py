"""SqliteDocumentStore: documents in one file of the data folder; any number of processes may use it at once."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hindcast.domain.errors import CorruptDataError, HindcastError, StorageError, StoreUnavailableError
from hindcast.infrastructure.sqlite.connections import Connections, is_busy
from hindcast.infrastructure.sqlite.layout import Older
from hindcast.infrastructure.sqlite.tables import COLUMNS, document_of, insert_of, row_of, select_of
from hindcast.services.documents.codec import decode
from hindcast.services.documents.kinds import KINDS, Kind
from hindcast.services.documents.questions import checked_question, first_behind, known_kind
from hindcast.services.ports import Find, StoredDocument

_DAMAGED: Final = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,  # a table or column that is gone: every statement here is known to be right
)


class SqliteDocumentStore:
    """A document store in a SQLite file, in write-ahead mode: readers never wait, writers for each other.

    When the file is made, it takes over what `older` gives: (kind, document) each.
    """

    def __init__(
        self,
        file: Path,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        *,
        older: Older = lambda: (),
    ) -> None:
        self._file = file
        self._clock = clock
        self._connections = Connections(file, older)

    def now(self) -> int:
        """Epoch milliseconds by this machine's clock: all who use the file run on it."""
        return self._clock()

    def insert(self, kind: str, document: StoredDocument) -> bool:
        """Keep a new document; False where the id is taken. Raises StoreUnavailableError."""
        known = known_kind(kind)
        return self._write(insert_of(known), row_of(known, document))

    def get(self, kind: str, document_id: str) -> StoredDocument | None:
        """The document of this id. Raises StoreUnavailableError, CorruptDataError."""
        found = self._read(known_kind(kind), "WHERE id = ?", (document_id,))
        return found[0] if found else None

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        """Put it in the place of the one with its id and this version. Raises StoreUnavailableError."""
        known = known_kind(kind)
        changes = ", ".join(f"{name} = ?" for name in (*COLUMNS, *known.fields))
        sql = f"UPDATE {known.name} SET {changes} WHERE id = ? AND version = ?"
        return self._write(sql, (*row_of(known, document), document.id, version))

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        """Take away the one of this id and version. Raises StoreUnavailableError."""
        return self._write(f"DELETE FROM {known_kind(kind).name} WHERE id = ? AND version = ?", (document_id, version))

    def find(self, kind: str, wanted: Find) -> tuple[StoredDocument, ...]:
        """The documents that a question asks for, in its order. Raises StoreUnavailableError, CorruptDataError."""
        return self._read(checked_question(kind, wanted), *condition_of(wanted))

    def ping(self) -> None:
        """Ask the file for its version. Raises StoreUnavailableError, StorageError."""
        with self._told("read"), self._connections.reading() as connection:
            connection.execute("PRAGMA schema_version").fetchone()

    def check(self) -> Iterator[tuple[str, HindcastError | None]]:
        """The file by name, its structure held against itself, then each damaged document: what is wrong, or None.

        It reads everything: some seconds for a hundred thousand documents.
        """
        if self._is_nowhere():
            return
        try:
            self._check_structure()
            yield self._file.name, None
        except StorageError as error:
            yield self._file.name, error
        for kind in KINDS.values():
            try:
                ids = self._ids(kind)
            except StorageError as error:
                yield f"{self._file.name}: {kind.name}", error
                continue
            for document_id in ids:
                try:
                    for stored in self._read(kind, "WHERE id = ?", (document_id,)):
                        decode(kind, stored)
                except StorageError as error:
                    yield f"{self._file.name}: {kind.name} {document_id}", error

    def close(self) -> None:
        """Close every connection; who asks again opens another."""
        self._connections.close()

    def _check_structure(self) -> None:
        with self._told("read"), self._connections.reading() as connection:
            findings = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        if findings != ["ok"]:
            raise CorruptDataError(f"{self._file} is damaged: {'; '.join(' '.join(each.split()) for each in findings)}")

    def _ids(self, kind: Kind[Any]) -> tuple[str, ...]:
        with self._told("read"), self._connections.reading() as connection:
            return tuple(str(row[0]) for row in connection.execute(f"SELECT id FROM {kind.name}"))

    def _write(self, sql: str, values: Sequence[object]) -> bool:
        with self._told("written"), self._connections.writing() as connection:
            return connection.execute(sql, values).rowcount == 1  # each statement is a transaction of its own

    def _read(self, kind: Kind[Any], condition: str, values: Sequence[object]) -> tuple[StoredDocument, ...]:
        if self._is_nowhere():
            return ()
        with self._told("read"), self._connections.reading() as connection:
            rows = connection.execute(select_of(kind, condition), values).fetchall()
        return tuple(document_of(kind, row) for row in rows)

    def _is_nowhere(self) -> bool:
        """Whether the data folder is empty or not there: who only reads makes no file then."""
        if os.path.lexists(self._file):
            return False
        try:
            with os.scandir(self._file.parent) as entries:
                return next(entries, None) is None
        except FileNotFoundError:
            return True
        except OSError:  # opening the file tells why
            return False

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Turn what SQLite raises into our errors."""
        try:
            yield
        except UnicodeDecodeError:  # of SQLite's own words, which name a damaged table
            raise CorruptDataError(f"{self._file} is damaged: it holds text that can't be read") from None
        except sqlite3.Error as error:
            if is_busy(error):
                raise StoreUnavailableError(f"{self._file} is locked by another process: {error}") from error
            code = getattr(error, "sqlite_errorcode", None)
            if code is None:  # text that is no UTF-8: the words of SQLite would show it
                raise CorruptDataError(f"{self._file} is damaged: it holds text that can't be read") from None
            if code & 0xFF in _DAMAGED:
                raise CorruptDataError(f"{self._file} is damaged: {error}") from error
            if code & 0xFF == sqlite3.SQLITE_CANTOPEN:
                raise StoreUnavailableError(f"{self._file} can't be opened: {error}") from error
            raise StoreUnavailableError(f"{self._file} can't be {done}: {error}") from error


def condition_of(wanted: Find) -> tuple[str, tuple[object, ...]]:
    """A question that was checked, as the end of a statement and its values."""
    terms, values = [f"{wanted.order} IS NOT NULL"], list[object]()
    for name, value in wanted.where.items():
        terms.append(f"{name} IS ?")
        values.append(value)
    for name, text in wanted.starting.items():
        terms.append(f"{name} >= ?")
        values.append(text)
        if (behind := first_behind(text)) is not None:
            terms.append(f"{name} < ?")
            values.append(behind)
    for name, limit in wanted.below.items():
        terms.append(f"{name} < ?")
        values.append(limit)
    if wanted.after is not None:
        terms.append(f"({wanted.order}, id) {'<' if wanted.descending else '>'} (?, ?)")
        values += wanted.after
    way = "DESC" if wanted.descending else "ASC"
    return f"WHERE {' AND '.join(terms)} ORDER BY {wanted.order} {way}, id {way} LIMIT ?", (*values, wanted.limit)
