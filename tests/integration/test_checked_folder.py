"""`hindcast data check` over a whole data folder: bars, documents and tables of results."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import BacktestResult
from hindcast.infrastructure.memory.artefacts import MemoryArtefactStore
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.documents.checking import check_documents, check_tables
from hindcast.services.documents.repositories import ResultRepository
from hindcast.settings import load_settings


@pytest.fixture
def services() -> ServiceFactory:
    return ServiceFactory(load_settings())


@pytest.fixture
def result(services: ServiceFactory) -> BacktestResult:
    return services.run_backtest(BacktestRequest(strategy_type="buy_and_hold", symbols=("SPX",)))


def damaged(services: ServiceFactory) -> list[str]:
    return [name for name, error in services.databases.check() if error is not None]


def test_a_whole_folder_has_nothing_to_tell(services: ServiceFactory, result: BacktestResult) -> None:
    names = [name for name, _ in services.databases.check()]
    assert damaged(services) == []
    assert {artefact.path for artefact in result.artefacts} <= set(names)


def test_a_damaged_table_of_a_result_is_named(services: ServiceFactory, result: BacktestResult) -> None:
    table = result.artefacts[0].path
    file = services.settings.home / table
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert damaged(services) == [table]


def test_a_changed_document_is_named(services: ServiceFactory, result: BacktestResult) -> None:
    services.databases.documents.close()
    with sqlite3.connect(services.settings.home / "documents.sqlite") as connection:
        connection.execute("UPDATE backtests SET document = replace(document, 'SPX', 'SPY')")
    connection.close()
    assert damaged(services) == [f"documents.sqlite: backtests {result.backtest_id}"]


def test_any_store_of_documents_can_be_checked(
    services: ServiceFactory, result: BacktestResult, tmp_path: Path
) -> None:
    store = MemoryDocumentStore()
    ResultRepository(store).insert(result)
    assert [error for _, error in check_documents(store)] == [None]
    assert [name for name, _ in check_documents(store)] == [f"results {result.backtest_id}"]
    missing = [error for _, error in check_tables(store, MemoryArtefactStore())]
    assert len(missing) == len({artefact.path for artefact in result.artefacts})
    assert all(error is not None for error in missing)
