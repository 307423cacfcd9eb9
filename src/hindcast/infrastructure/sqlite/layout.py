"""Laying out the file of documents, and taking over what an older Hindcast kept, in one transaction.

The layout has a version of its own, in the file: what an older Hindcast laid out is completed when it is opened, its
index fields filled from the documents; what a newer one laid out is refused.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.sqlite.tables import (
    document_of,
    index_column,
    indexes_of,
    insert_of,
    row_of,
    select_of,
    table_of,
)
from hindcast.services.documents.codec import decode
from hindcast.services.documents.kinds import KINDS, Kind
from hindcast.services.ports import StoredDocument

LAYOUT: Final = 1  # one more whenever tables, indexes, or what index fields hold change
Older = Callable[[], Iterable[tuple[str, StoredDocument]]]
_logger = logging.getLogger(__name__)


def is_laid_out(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there, as this Hindcast knows them. Raises StorageError where a newer one made them."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > LAYOUT:
        raise StorageError(
            f"the documents were laid out by a newer Hindcast (layout {found}, this one knows up to {LAYOUT}): "
            "use that one, or another data folder"
        )
    return found == LAYOUT


def lay_out(connection: sqlite3.Connection, older: Older) -> None:
    """Make or complete the tables; into a new file, take over older documents (by kind): all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_laid_out(connection):
            is_new = connection.execute("PRAGMA user_version").fetchone()[0] == 0
            for kind in KINDS.values():
                _complete(connection, kind)
            for name, document in older() if is_new else ():
                connection.execute(insert_of(KINDS[name]), row_of(KINDS[name], document))
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _complete(connection: sqlite3.Connection, kind: Kind[Any]) -> None:
    """Make the table of a kind, or give it the index fields that it lacks."""
    connection.execute(table_of(kind))
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({kind.name})")}
    for name in kind.fields:
        if name not in there:
            connection.execute(f"ALTER TABLE {kind.name} ADD COLUMN {index_column(kind, name)}")
    for statement in indexes_of(kind):
        connection.execute(statement)
    _refill(connection, kind)


def _refill(connection: sqlite3.Connection, kind: Kind[Any]) -> None:
    """Have every document found by what this Hindcast reads in it; a damaged one stays as it is, and is told."""
    changes = ", ".join(f"{name} = ?" for name in kind.fields)
    for (document_id,) in connection.execute(f"SELECT id FROM {kind.name}").fetchall():
        (row,) = connection.execute(select_of(kind, "WHERE id = ?"), (document_id,)).fetchall()
        try:
            stored = document_of(kind, row)
            index = kind.index_of(decode(kind, replace(stored, index={})))
        except CorruptDataError as error:
            _logger.warning("%s %s keeps its index fields as they are: %s", kind.name, document_id, error)
            continue
        if index != stored.index:
            values = (*(index[name] for name in kind.fields), document_id)
            connection.execute(f"UPDATE {kind.name} SET {changes} WHERE id = ?", values)
