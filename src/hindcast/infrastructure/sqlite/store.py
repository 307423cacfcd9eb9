"""SqliteDocumentStore: documents in one file of the data folder; any number of processes may use it at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hindcast.domain.errors import CorruptDataError, StorageError, StoreUnavailableError
from hindcast.infrastructure.sqlite.tables import COLUMNS, statements
from hindcast.services.documents.kinds import KINDS
from hindcast.services.ports import Find, StoredDocument

WAIT_SECONDS: Final = 1.5  # for another process's write, before the store counts as unavailable
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SqliteDocumentStore:
    """A document store in a SQLite file, in write-ahead mode: readers never wait, writers for each other."""

    def __init__(self, file: Path, clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._file = file
        self._clock = clock
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def now(self) -> int:
        """Epoch milliseconds by this machine's clock: all who use the file run on it."""
        return self._clock()

    def insert(self, kind: str, document: StoredDocument) -> bool:
        """Keep a new document; False where the id is taken. Raises StoreUnavailableError."""
        fields = KINDS[kind].fields
        marks = ", ".join("?" for _ in (*COLUMNS, *fields))
        sql = f"INSERT INTO {kind} ({', '.join((*COLUMNS, *fields))}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING"
        return self._write(sql, _values(document, fields)) == 1

    def get(self, kind: str, document_id: str) -> StoredDocument | None:
        """The document of this id. Raises StoreUnavailableError, CorruptDataError."""
        found = self._read(kind, "WHERE id = ?", (document_id,))
        return found[0] if found else None

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        """Put it in the place of the one with its id and this version. Raises StoreUnavailableError."""
        fields = KINDS[kind].fields
        changes = ", ".join(f"{name} = ?" for name in (*COLUMNS, *fields))
        sql = f"UPDATE {kind} SET {changes} WHERE id = ? AND version = ?"
        return self._write(sql, (*_values(document, fields), document.id, version)) == 1

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        """Take away the one of this id and version. Raises StoreUnavailableError."""
        return self._write(f"DELETE FROM {kind} WHERE id = ? AND version = ?", (document_id, version)) == 1

    def find(self, kind: str, wanted: Find) -> tuple[StoredDocument, ...]:
        """The documents that a question asks for, in its order. Raises StoreUnavailableError, CorruptDataError."""
        terms, values = [f"{wanted.order} IS NOT NULL"], list[object]()
        for name, value in wanted.where.items():
            terms.append(f"{name} IS ?")
            values.append(value)
        for name, text in wanted.starting.items():
            terms.append(f"{name} >= ? AND {name} < ?")
            values += [text, text + "\U0010ffff"]
        for name, limit in wanted.below.items():
            terms.append(f"{name} < ?")
            values.append(limit)
        if wanted.after is not None:
            terms.append(f"({wanted.order}, id) {'<' if wanted.descending else '>'} (?, ?)")
            values += wanted.after
        way = "DESC" if wanted.descending else "ASC"
        order = f"ORDER BY {wanted.order} {way}, id {way} LIMIT ?"
        return self._read(kind, f"WHERE {' AND '.join(terms)} {order}", (*values, wanted.limit))

    def ping(self) -> None:
        """Ask the file for its version. Raises StoreUnavailableError, StorageError."""
        with self._told():
            self._connection().execute("PRAGMA schema_version").fetchone()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()

    def _write(self, sql: str, values: Sequence[object]) -> int:
        with self._told():
            return self._connection().execute(sql, values).rowcount  # each statement is a transaction of its own

    def _read(self, kind: str, condition: str, values: Sequence[object]) -> tuple[StoredDocument, ...]:
        fields = KINDS[kind].fields
        sql = f"SELECT {', '.join((*COLUMNS, *fields))} FROM {kind} {condition}"
        with self._told():
            rows = self._connection().execute(sql, values).fetchall()
        return tuple(
            StoredDocument(
                id=row[0],
                version=row[1],
                schema_version=row[2],
                document=row[3],
                content_hash=row[4],
                index=dict(zip(fields, row[5:], strict=True)),
            )
            for row in rows
        )

    def _connection(self) -> sqlite3.Connection:
        """The connection of the thread that asks."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            return known
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"can't make the folder of {self._file}: {error.strerror or error}") from error
        made = sqlite3.connect(self._file, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")  # acknowledged is on the disk
            for statement in statements():
                made.execute(statement)
        except BaseException:
            made.close()
            raise
        self._local.connection = made
        with self._lock:
            self._open.append(made)
        return made

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite raises into our errors."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _BUSY:
                raise StoreUnavailableError(f"{self._file} is locked by another process: {error}") from error
            if code in _DAMAGED:
                raise CorruptDataError(f"{self._file} is damaged: {error}") from error
            raise StoreUnavailableError(f"{self._file} can't be used: {error}") from error


def _values(document: StoredDocument, fields: Sequence[str]) -> tuple[object, ...]:
    return (
        document.id,
        document.version,
        document.schema_version,
        document.document,
        document.content_hash,
        *(document.index[name] for name in fields),
    )
