"""The tables of the document store: one a kind, with a column for each value that documents are found by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hindcast.services.documents.kinds import KINDS, Kind
from hindcast.services.ports import IndexValue, StoredDocument

COLUMNS: Final = ("id", "version", "schema_version", "content_hash", "document")
_TYPES: Final = {"id": str, "version": int, "schema_version": int, "content_hash": str, "document": str}


def statements() -> tuple[str, ...]:
    """What makes the tables and their indexes."""
    return tuple(each for kind in KINDS.values() for each in (table_of(kind), *indexes_of(kind)))


# Names come from KINDS alone: nothing here was typed by a user. Rows have numbers (no WITHOUT ROWID): SQLite then
# finds out when damage has taken a row away that an index leads to, and a document lies in one piece.
def table_of(kind: Kind[Any]) -> str:
    """What makes the table of a kind; the document comes last, so that nothing is read past it."""
    columns = ["id TEXT NOT NULL PRIMARY KEY", "version INTEGER NOT NULL", "schema_version INTEGER NOT NULL"]
    columns += ["content_hash TEXT NOT NULL", *(index_column(kind, name) for name in kind.fields)]
    return f"CREATE TABLE IF NOT EXISTS {kind.name} ({', '.join(columns)}, document TEXT NOT NULL)"


def indexes_of(kind: Kind[Any]) -> tuple[str, ...]:
    """What makes the indexes of a kind."""
    return tuple(
        f"CREATE INDEX IF NOT EXISTS {kind.name}_by_{'_'.join(fields)} ON {kind.name} ({', '.join((*fields, 'id'))})"
        for fields in kind.indexes
    )


def index_column(kind: Kind[Any], name: str) -> str:
    """The column of an index field."""
    return f"{name} {'TEXT' if name in kind.texts else 'INTEGER'}"


def insert_of(kind: Kind[Any]) -> str:
    """The statement that keeps a row of `row_of`, where its id is not taken."""
    names = (*COLUMNS, *kind.fields)
    marks = ", ".join("?" for _ in names)
    return f"INSERT INTO {kind.name} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING"


def select_of(kind: Kind[Any], condition: str) -> str:
    """The statement that reads rows for `document_of`."""
    return f"SELECT {', '.join((*COLUMNS, *kind.fields))} FROM {kind.name} {condition}"


def row_of(kind: Kind[Any], document: StoredDocument) -> tuple[object, ...]:
    """A document as a row: its columns, then its index fields."""
    return (*(getattr(document, name) for name in COLUMNS), *(document.index[name] for name in kind.fields))


def document_of(kind: Kind[Any], row: Sequence[Any]) -> StoredDocument:
    """The document of a row. Where a value has another type than was written, its hash fits to no text."""
    values = dict(zip((*COLUMNS, *kind.fields), row, strict=True))
    index: dict[str, IndexValue] = {name: values.pop(name) for name in kind.fields}
    fits = all(isinstance(value, _TYPES[name]) for name, value in values.items())
    fits = fits and all(index[name] is None or isinstance(index[name], str) for name in kind.texts)
    if fits and all(index[name] is None or isinstance(index[name], int) for name in kind.numbers):
        return StoredDocument(**values, index=index)
    whole: dict[str, Any] = {name: value for name, value in values.items() if isinstance(value, _TYPES[name])}
    lacking: dict[str, Any] = {"id": str(values["id"]), "version": 0, "schema_version": 0, "document": ""}
    return StoredDocument(**{**lacking, **whole, "content_hash": ""}, index=_typed(kind, index))


def _typed(kind: Kind[Any], index: Mapping[str, IndexValue]) -> dict[str, IndexValue]:
    """Index fields without those of another type than was written."""
    return {
        name: value if isinstance(value, str if name in kind.texts else int) else None for name, value in index.items()
    }
