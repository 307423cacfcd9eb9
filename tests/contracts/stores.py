"""Repositories and result stores as the embedded set-up puts them together, for tests that keep and read back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hindcast.infrastructure.files.artefacts import FileArtefactStore
from hindcast.infrastructure.memory.artefacts import MemoryArtefactStore
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.backtest.result_store import DocumentResultStore
from hindcast.services.documents.kinds import KINDS
from hindcast.services.ports import DocumentStore, Find, StoredDocument


def stored_documents(home: Path) -> SqliteDocumentStore:
    """The documents of a data folder."""
    return SqliteDocumentStore(home / "documents.sqlite")


def stored_results(home: Path) -> DocumentResultStore:
    """The results of a data folder."""
    return DocumentResultStore(stored_documents(home), FileArtefactStore(home))


def forgotten_results(documents: DocumentStore | None = None) -> DocumentResultStore:
    """Results in memory alone."""
    return DocumentResultStore(documents or MemoryDocumentStore(), MemoryArtefactStore())


def every_document(documents: DocumentStore) -> dict[str, tuple[StoredDocument, ...]]:
    """All that a store keeps, by kind; of each kind at most ten thousand."""
    return {name: documents.find(name, Find(order=kind.indexes[0][-1], limit=10_000)) for name, kind in KINDS.items()}


def change_document(home: Path, kind: str, document_id: str, **columns: object) -> None:
    """Put other values into a stored document, behind the store's back; bytes become text as they are."""
    connection = sqlite3.connect(home / "documents.sqlite")
    with connection:
        changes = ", ".join(
            f"{name} = {'CAST(? AS TEXT)' if isinstance(value, bytes) else '?'}" for name, value in columns.items()
        )
        done = connection.execute(f"UPDATE {kind} SET {changes} WHERE id = ?", (*columns.values(), document_id))
        assert done.rowcount == 1
    connection.close()
