"""The tables of the document store: one a kind, with a column for each value that documents are found by.

The layout has a version of its own, kept in the file: what an older Hindcast laid out is completed when it is opened,
its index fields filled from the documents; what a newer one laid out is refused.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.services.documents.codec import decode
from hindcast.services.documents.kinds import KINDS, Kind
from hindcast.services.ports import IndexValue, StoredDocument

LAYOUT: Final = 1  # one more whenever the statements below change
COLUMNS: Final = ("id", "version", "schema_version", "content_hash", "document")
_TYPES: Final = {"id": str, "version": int, "schema_version": int, "content_hash": str, "document": str}
_logger = logging.getLogger(__name__)


def statements() -> tuple[str, ...]:
    """What makes the tables and their indexes, where they are not there yet."""
    return tuple(each for kind in KINDS.values() for each in (_table(kind), *_indexes(kind)))


def is_laid_out(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there, as this Hindcast knows them. Raises StorageError where a newer one made them."""
    found = _layout(connection)
    if found > LAYOUT:
        raise StorageError(
            f"the documents were laid out by a newer Hindcast (layout {found}, this one knows up to {LAYOUT}): "
            "use that one, or another data folder"
        )
    return found == LAYOUT


def lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables, or complete those of an older layout, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_laid_out(connection):
            for kind in KINDS.values():
                _complete(connection, kind)
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def row_of(kind: Kind[Any], document: StoredDocument) -> tuple[object, ...]:
    """A document as a row: its columns, then its index fields."""
    return (*(getattr(document, name) for name in COLUMNS), *(document.index[name] for name in kind.fields))


def document_of(kind: Kind[Any], row: Sequence[Any]) -> StoredDocument:
    """The document of a row. Raises CorruptDataError where a value has another type than was written."""
    values = dict(zip((*COLUMNS, *kind.fields), row, strict=True))
    index: dict[str, IndexValue] = {name: values.pop(name) for name in kind.fields}
    fits = all(isinstance(value, _TYPES[name]) for name, value in values.items())
    fits = fits and all(index[name] is None or isinstance(index[name], str) for name in kind.texts)
    if not fits or not all(index[name] is None or isinstance(index[name], int) for name in kind.numbers):
        raise CorruptDataError(f"a row of {kind.name} holds a value of another type than was written")
    return StoredDocument(**values, index=index)


def select(kind: Kind[Any], condition: str) -> str:
    """The statement that reads rows for `document_of`."""
    return f"SELECT {', '.join((*COLUMNS, *kind.fields))} FROM {kind.name} {condition}"


def _layout(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _complete(connection: sqlite3.Connection, kind: Kind[Any]) -> None:
    """Make the table of a kind, or give it the index fields that it lacks."""
    connection.execute(_table(kind))
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({kind.name})")}
    for name in kind.fields:
        if name not in there:
            connection.execute(f"ALTER TABLE {kind.name} ADD COLUMN {_index_column(kind, name)}")
    for statement in _indexes(kind):
        connection.execute(statement)
    _refill(connection, kind)


def _refill(connection: sqlite3.Connection, kind: Kind[Any]) -> None:
    """Have every document found by what this Hindcast reads in it; a damaged one stays as it is, and is told."""
    changes = ", ".join(f"{name} = ?" for name in kind.fields)
    for (document_id,) in connection.execute(f"SELECT id FROM {kind.name}").fetchall():
        (row,) = connection.execute(select(kind, "WHERE id = ?"), (document_id,)).fetchall()
        try:
            stored = document_of(kind, row)
            index = kind.index_of(decode(kind, StoredDocument(**_without_index(stored), index={})))
        except CorruptDataError as error:
            _logger.warning("%s %s keeps its index fields as they are: %s", kind.name, document_id, error)
            continue
        if index != stored.index:
            values = (*(index[name] for name in kind.fields), document_id)
            connection.execute(f"UPDATE {kind.name} SET {changes} WHERE id = ?", values)


def _without_index(stored: StoredDocument) -> dict[str, Any]:
    return {name: getattr(stored, name) for name in COLUMNS}


# Names come from KINDS alone: nothing here was typed by a user.
def _table(kind: Kind[Any]) -> str:
    columns = ["id TEXT NOT NULL PRIMARY KEY", "version INTEGER NOT NULL", "schema_version INTEGER NOT NULL"]
    columns += ["content_hash TEXT NOT NULL", *(_index_column(kind, name) for name in kind.fields)]
    return f"CREATE TABLE IF NOT EXISTS {kind.name} ({', '.join(columns)}, document TEXT NOT NULL)"


def _indexes(kind: Kind[Any]) -> tuple[str, ...]:
    return tuple(
        f"CREATE INDEX IF NOT EXISTS {kind.name}_by_{'_'.join(fields)} ON {kind.name} ({', '.join((*fields, 'id'))})"
        for fields in kind.indexes
    )


def _index_column(kind: Kind[Any], name: str) -> str:
    return f"{name} {'TEXT' if name in kind.texts else 'INTEGER'}"
