"""DatabaseManager: opens the stores that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hindcast.bootstrap.built_once import built_once
from hindcast.domain.errors import HindcastError, StorageError
from hindcast.infrastructure.files.artefacts import FileArtefactStore
from hindcast.infrastructure.files.older_documents import older_documents
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.files.store.coverage_documents import FileCoverageRepository
from hindcast.infrastructure.files.store.quarantine_reports import FileQuarantineReports
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.backtest.result_store import DocumentResultStore
from hindcast.services.documents.checking import check_documents, check_tables
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.ports import CoverageRepository, DocumentStore, QuarantineReports, ResultStore
from hindcast.settings import Settings


class DatabaseManager:
    """The stores of one data folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = settings.home

    def open(self) -> None:
        """Make the data folder. Raises StorageError where that can't be done."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"can't make the data folder {self._home}: {error.strerror or error}") from error

    @built_once
    def documents(self) -> DocumentStore:
        """Users, strategies, backtests, results' summaries: on a MongoDB server, else in a file of the data folder."""
        if self._settings.mongodb_url is not None:
            from hindcast.infrastructure.mongo.opening import mongo_document_store

            return mongo_document_store(self._settings.mongodb_url, self._settings.mongodb_database)
        return SqliteDocumentStore(self._home / "documents.sqlite", older=partial(older_documents, self._home))

    def check(self) -> Iterator[tuple[str, HindcastError | None]]:
        """Everything that is stored, by name, held against its hash: what is wrong with it, or None."""
        documents = self.documents
        yield from documents.check() if isinstance(documents, SqliteDocumentStore) else check_documents(documents)
        yield from check_tables(documents, FileArtefactStore(self._home))
        yield from self.bars.check()

    @built_once
    def strategies(self) -> StrategyRepository:
        """Stored strategies."""
        return StrategyRepository(self.documents)

    @built_once
    def backtests(self) -> BacktestRepository:
        """Stored backtests."""
        return BacktestRepository(self.documents)

    @built_once
    def results(self) -> ResultStore:
        """Stored results."""
        return DocumentResultStore(self.documents, FileArtefactStore(self._home))

    @built_once
    def bars(self) -> FileBarStore:
        """Stored bars."""
        return FileBarStore(self._home)

    @built_once
    def coverage(self) -> CoverageRepository:
        """Which days of which symbol are known."""
        return FileCoverageRepository(self._home)

    @built_once
    def quarantine(self) -> QuarantineReports:
        """The reports of imports: rows that were left out, each with its reasons."""
        return FileQuarantineReports(self._home)
