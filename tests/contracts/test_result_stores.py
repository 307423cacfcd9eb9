from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.contracts.records import a_backtest, a_result, some_tables
from tests.contracts.stores import forgotten_results, stored_documents, stored_results

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.errors import NotFoundError
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.ports import DocumentStore, ResultStore


@pytest.fixture(params=["memory", "files"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    return MemoryDocumentStore() if request.param == "memory" else stored_documents(tmp_path / "home")


@pytest.fixture
def store(documents: DocumentStore, tmp_path: Path) -> ResultStore:
    in_memory = isinstance(documents, MemoryDocumentStore)
    return forgotten_results(documents) if in_memory else stored_results(tmp_path / "home")


def test_a_result_comes_back_with_its_artefacts_named(store: ResultStore) -> None:
    stored = store.save(a_result(), some_tables())
    assert [(each.name, each.rows) for each in stored.artefacts] == [("equity", 2), ("orders", 3), ("fills", 0)]
    assert store.get("r1") == stored
    assert stored.model_copy(update={"artefacts": ()}) == a_result()


def test_every_column_comes_back_bit_for_bit(store: ResultStore) -> None:
    stored = store.save(a_result(), some_tables())
    for name, columns in some_tables().items():
        found = store.table(stored, name)
        assert list(found) == list(columns)
        for column, values in columns.items():
            assert found[column].dtype == values.dtype, (name, column)
            if values.dtype == object:
                assert found[column].tolist() == values.tolist()
            else:
                assert found[column].tobytes() == values.tobytes(), (name, column)


def test_changing_arrays_after_saving_or_reading_changes_nothing_that_is_kept(store: ResultStore) -> None:
    tables = some_tables()
    stored = store.save(a_result(), tables)
    tables["orders"]["order_id"][:] = 0
    assert store.table(stored, "orders")["order_id"].tolist() == [1, 2, 2**53 + 1]
    read = store.table(stored, "orders")["order_id"]
    if read.flags.writeable:
        read[:] = 0
    assert store.table(stored, "orders")["order_id"].tolist() == [1, 2, 2**53 + 1]


def test_a_result_may_have_no_tables_and_a_table_no_columns(store: ResultStore) -> None:
    assert store.save(a_result("r1"), {}).artefacts == ()
    stored = store.save(a_result("r2"), {"equity": {}})
    assert stored.artefacts[0].rows == 0
    assert store.table(stored, "equity") == {}


def test_an_unknown_table_names_those_that_there_are(store: ResultStore) -> None:
    stored = store.save(a_result(), some_tables())
    with pytest.raises(NotFoundError, match="has no table 'trade'; it has: equity, orders, fills"):
        store.table(stored, "trade")


def test_a_result_is_found_by_the_beginning_of_its_backtest_id(store: ResultStore) -> None:
    store.save(a_result("20240101-abc", manifest_id="a" * 64), {})
    store.save(a_result("20240102-def", manifest_id="b" * 64), {})
    assert store.get("20240102").backtest_id == "20240102-def"


def test_a_result_is_found_by_its_manifest_id_or_the_beginning_of_it(store: ResultStore) -> None:
    store.save(a_result("r1", manifest_id="a1" + "0" * 62), {})
    store.save(a_result("r2", manifest_id="a2" + "0" * 62), {})
    assert store.get("a2").backtest_id == "r2"
    assert store.get("a1" + "0" * 62).backtest_id == "r1"


def test_a_whole_id_wins_over_longer_ones_that_begin_with_it(store: ResultStore) -> None:
    store.save(a_result("run", manifest_id="a" * 64), {})
    store.save(a_result("run-2", manifest_id="b" * 64, day=2), {})
    assert store.get("run").backtest_id == "run"


def test_a_backtest_id_wins_over_a_manifest_id_that_begins_alike(store: ResultStore) -> None:
    store.save(a_result("abc", manifest_id="d" * 64), {})
    store.save(a_result("zzz", manifest_id="ab" + "0" * 62), {})
    assert store.get("ab").backtest_id == "abc"


def test_an_ambiguous_beginning_names_the_candidates(store: ResultStore) -> None:
    store.save(a_result("2024-1", manifest_id="a" * 64), {})
    store.save(a_result("2024-2", manifest_id="b" * 64), {})
    with pytest.raises(NotFoundError, match="2 results .*'2024': 2024-[12], 2024-[12]; say more of it"):
        store.get("2024")


def test_of_the_same_run_stored_twice_the_newest_stands_for_both(store: ResultStore) -> None:
    store.save(a_result("r-new", day=5), {})
    store.save(a_result("r-old", day=1), {})
    assert store.get("a" * 10).backtest_id == "r-new"


@pytest.mark.parametrize("unknown", ["", "zz", "../r1", "r1\0", "*"])
def test_an_unknown_id_is_an_error(store: ResultStore, unknown: str) -> None:
    store.save(a_result("r1"), {})
    with pytest.raises(NotFoundError):
        store.get(unknown)


def test_results_are_listed_newest_first(store: ResultStore) -> None:
    assert store.list() == ()
    for backtest_id, day in (("r1", 3), ("r2", 9), ("r3", 1)):
        store.save(a_result(backtest_id, day=day), {})
    assert [result.backtest_id for result in store.list()] == ["r2", "r1", "r3"]


def test_saving_a_backtests_result_again_takes_the_place_of_the_first(store: ResultStore) -> None:
    store.save(a_result(), some_tables())
    second = store.save(a_result(total_trades=2), {"equity": {"equity": np.array([1.0])}})
    assert store.list() == (second,)
    assert store.table(store.get("r1"), "equity")["equity"].tolist() == [1.0]


def test_of_the_results_that_workers_stored_the_one_counts_that_the_backtest_names(
    documents: DocumentStore, store: ResultStore
) -> None:
    backtests = BacktestRepository(documents)
    backtests.save(a_backtest("b1", status=BacktestStatus.RUNNING))
    for fence, trades in ((1, 10), (2, 20), (3, 30)):
        store.save(a_result("b1", id=f"b1.{fence}", total_trades=trades, day=fence), some_tables())
    assert store.list() == ()
    for unseen in ("b1", "b", "a" * 64, "b1.2"):
        with pytest.raises(NotFoundError):
            store.get(unseen)
    job = a_backtest().job.model_copy(update={"result_id": "b1.2"})
    backtests.change("b1", lambda each: each.model_copy(update={"status": BacktestStatus.COMPLETED, "job": job}))
    assert [result.id for result in store.list()] == ["b1.2"]
    for seen in ("b1", "b", "a" * 64):
        assert store.get(seen).total_trades == 20


def test_a_result_of_a_worker_whose_backtest_is_gone_stays_unseen(store: ResultStore) -> None:
    store.save(a_result("b1", id="b1.1"), {})
    assert store.list() == ()
    with pytest.raises(NotFoundError):
        store.get("b1")


@pytest.mark.parametrize("status", [each for each in BacktestStatus if each is not BacktestStatus.COMPLETED])
def test_a_result_of_a_run_without_a_worker_counts_once_its_backtest_is_completed(
    documents: DocumentStore, store: ResultStore, status: BacktestStatus
) -> None:
    backtests = BacktestRepository(documents)
    backtests.save(a_backtest("b1", status=status))
    saved = store.save(a_result("b1"), {})
    assert store.list() == ()
    with pytest.raises(NotFoundError):
        store.get("b1")
    backtests.save(a_backtest("b1", status=BacktestStatus.COMPLETED))
    assert store.list() == (saved,)


def test_a_result_of_a_cancelled_run_without_a_worker_is_none_beside_that_of_a_later_run(
    documents: DocumentStore, store: ResultStore
) -> None:
    store.save(a_result("b1", manifest_id="b" * 64), {})
    store.save(a_result("b1", id="b1.2"), {})
    job = a_backtest().job.model_copy(update={"result_id": "b1.2"})
    BacktestRepository(documents).save(a_backtest("b1", status=BacktestStatus.COMPLETED, job=job))
    assert [each.id for each in store.list()] == ["b1.2"]
    assert store.get("b1").id == "b1.2"


def test_a_result_that_does_not_count_hides_none_that_does(documents: DocumentStore, store: ResultStore) -> None:
    job = a_backtest().job.model_copy(update={"result_id": "b1.1"})
    BacktestRepository(documents).save(a_backtest("b1", status=BacktestStatus.COMPLETED, job=job))
    store.save(a_result("b1", id="b1.1", day=1), {})
    store.save(a_result("b1", id="b1.7", day=2), {})
    store.save(a_result("b2", id="b2.1", day=3), {})
    assert store.get("b").id == "b1.1"
    assert store.get("a" * 64).id == "b1.1"


def test_a_taken_away_summary_takes_its_result_from_every_list(documents: DocumentStore, store: ResultStore) -> None:
    store.save(a_result("r1"), some_tables())
    ResultRepository(documents).delete("r1")
    assert store.list() == ()
