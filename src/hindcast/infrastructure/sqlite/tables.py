"""The tables of the document store: one a kind, with a column for each value that documents are found by."""

from __future__ import annotations

from hindcast.services.documents.kinds import KINDS, Kind

COLUMNS = ("id", "version", "schema_version", "document", "content_hash")


def statements() -> tuple[str, ...]:
    """What makes the tables and their indexes, where they are not there yet."""
    return tuple(statement for kind in KINDS.values() for statement in _of_kind(kind))


def _of_kind(kind: Kind) -> tuple[str, ...]:  # type: ignore[type-arg]  # of any record
    # Names come from KINDS alone: nothing here was typed by a user.
    columns = ["id TEXT PRIMARY KEY", "version INTEGER NOT NULL", "schema_version INTEGER NOT NULL"]
    columns += ["document TEXT NOT NULL", "content_hash TEXT NOT NULL"]
    columns += [f"{name} TEXT" for name in kind.texts] + [f"{name} INTEGER" for name in kind.numbers]
    table = f"CREATE TABLE IF NOT EXISTS {kind.name} ({', '.join(columns)}) WITHOUT ROWID"
    indexes = (
        f"CREATE INDEX IF NOT EXISTS {kind.name}_by_{'_'.join(fields)} ON {kind.name} ({', '.join((*fields, 'id'))})"
        for fields in kind.indexes
    )
    return (table, *indexes)
