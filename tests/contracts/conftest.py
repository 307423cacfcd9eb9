"""Document stores for the contract suites: in memory, in a file, and on a server where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.contracts.stores import every_document, stored_documents

from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.ports import DocumentStore

if TYPE_CHECKING:
    from tests.contracts.document_server import DocumentServer


@pytest.fixture(scope="session")
def document_server() -> Iterator[DocumentServer]:
    """A document server for the whole session; without one, whoever asks for it is skipped."""
    from tests.contracts.document_server import running_document_server

    with running_document_server() as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "mongo"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DocumentStore]:
    """An empty document store of each kind."""
    if request.param == "memory":
        yield MemoryDocumentStore()
        return
    if request.param == "sqlite":
        store: DocumentStore = stored_documents(tmp_path / "home")
    else:
        store = request.getfixturevalue("document_server").store()
        empty(store)
    yield store
    store.close()


def empty(store: DocumentStore) -> None:
    """Take every document away."""
    for kind, found in every_document(store).items():
        for each in found:
            assert store.delete(kind, each.id, version=each.version)
