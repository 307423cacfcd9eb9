from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.contracts.records import a_backtest, a_result, a_strategy, some_tables
from tests.contracts.stores import change_document, stored_documents, stored_results

import hindcast as hc
from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.domain.strategy import StrategySnapshot
from hindcast.infrastructure.files.parquet_tables import read_table, table_bytes
from hindcast.services.documents.codec import content_hash, newest_version
from hindcast.services.documents.collection import Collection
from hindcast.services.documents.kinds import KINDS
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.jobs.queue import JobQueue

FLIPS = 200


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def stored_text(home: Path, kind: str, document_id: str) -> str:
    stored = stored_documents(home).get(kind, document_id)
    assert stored is not None
    return stored.document


def some_bits(content: bytes, count: int, *, seed: int) -> list[int]:
    bits = np.random.default_rng(seed).choice(8 * len(content), size=min(count, 8 * len(content)), replace=False)
    return [0, 8 * len(content) - 1, *bits.tolist()]


@pytest.mark.parametrize("name", ["equity", "orders", "fills"])
def test_every_flipped_bit_of_a_table_is_found(tmp_path: Path, name: str) -> None:
    store = stored_results(tmp_path)
    result = store.save(a_result(), some_tables())
    path = tmp_path / next(each.path for each in result.artefacts if each.name == name)
    content = path.read_bytes()
    for bit in some_bits(content, FLIPS, seed=1):
        path.write_bytes(flipped(content, bit))
        with pytest.raises(CorruptDataError, match="is not what was written"):
            store.table(result, name)
    path.write_bytes(content)
    store.table(result, name)


def test_every_flipped_bit_of_a_summary_is_found(tmp_path: Path) -> None:
    store = stored_results(tmp_path)
    store.save(a_result(), {})
    content = stored_text(tmp_path, "results", "r1").encode()
    for bit in some_bits(content, FLIPS, seed=2):
        change_document(tmp_path, "results", "r1", document=flipped(content, bit))
        with pytest.raises(CorruptDataError):
            store.get("r1")
        with pytest.raises(CorruptDataError):
            store.list()
    change_document(tmp_path, "results", "r1", document=content.decode())
    store.get("r1")


def test_every_flipped_bit_of_a_backtest_and_of_a_strategy_is_found(tmp_path: Path) -> None:
    documents = stored_documents(tmp_path)
    backtests, strategies = BacktestRepository(documents), StrategyRepository(documents)
    backtests.save(a_backtest())
    strategies.save(a_strategy())
    for get, kind, document_id in ((backtests.get, "backtests", "b1"), (strategies.get, "strategies", "s1")):
        content = stored_text(tmp_path, kind, document_id).encode()
        for bit in some_bits(content, FLIPS // 2, seed=3):
            change_document(tmp_path, kind, document_id, document=flipped(content, bit))
            with pytest.raises(CorruptDataError):
                get(document_id)


def test_views_show_no_number_of_a_damaged_table(tmp_path: Path) -> None:
    result = stored_results(tmp_path).save(a_result(), some_tables())
    path = tmp_path / result.artefacts[0].path
    content = path.read_bytes()
    for bit in some_bits(content, 20, seed=4):
        path.write_bytes(flipped(content, bit))
        with pytest.raises(CorruptDataError, match=path.name):
            hc.open_results(tmp_path).query("SELECT 1")


@pytest.mark.parametrize("cut", [0, 1, 10, -1, -8])
def test_a_truncated_file_is_found(tmp_path: Path, cut: int) -> None:
    store = stored_results(tmp_path)
    result = store.save(a_result(), some_tables())
    table = tmp_path / result.artefacts[0].path
    table.write_bytes(table.read_bytes()[:cut])
    change_document(tmp_path, "results", "r1", document=stored_text(tmp_path, "results", "r1")[:cut])
    with pytest.raises(CorruptDataError):
        store.table(result, "equity")
    with pytest.raises(CorruptDataError):
        store.get("r1")


def test_a_table_that_is_gone_names_itself_and_its_place(tmp_path: Path) -> None:
    store = stored_results(tmp_path)
    result = store.save(a_result(), some_tables())
    (tmp_path / result.artefacts[0].path).unlink()
    with pytest.raises(StorageError, match="table 'equity' can't be read from .*No such file"):
        store.table(result, "equity")
    with pytest.raises(StorageError, match="can't read"):
        hc.open_results(tmp_path).query("SELECT 1")


def test_running_again_heals_a_damaged_table(tmp_path: Path) -> None:
    store = stored_results(tmp_path)
    result = store.save(a_result(), some_tables())
    path = tmp_path / result.artefacts[0].path
    path.write_bytes(b"garbage")
    store.save(a_result(), some_tables())
    assert store.table(result, "equity")["equity"].tolist() == [100_000.0, 0.1 + 0.2]


def test_a_summary_that_points_outside_the_data_folder_shows_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "secret.parquet"
    outside.write_bytes(table_bytes({"a": np.array([1.0])}))
    store = stored_results(tmp_path / "home")
    result = store.save(a_result(), some_tables())
    artefact = result.artefacts[0].model_copy(update={"path": "../secret.parquet"})
    with pytest.raises(CorruptDataError):
        store.table(result.model_copy(update={"artefacts": (artefact,)}), "equity")


@pytest.mark.parametrize("kind", ["results", "backtests", "strategies"])
def test_a_document_of_a_newer_hindcast_is_refused_before_its_fields_are_looked_at(tmp_path: Path, kind: str) -> None:
    documents = stored_documents(tmp_path)
    record = {"results": a_result(), "backtests": a_backtest("r1"), "strategies": a_strategy("r1")}[kind]
    collection = Collection(documents, KINDS[kind])
    collection.save(record)
    newest = newest_version(KINDS[kind])
    newer = json.dumps(json.loads(record.model_dump_json()) | {"schema_version": newest + 1, "of_tomorrow": 1})
    change_document(tmp_path, kind, "r1", document=newer, content_hash=content_hash(newer), schema_version=newest + 1)
    with pytest.raises(CorruptDataError) as caught:
        collection.get("r1")
    assert str(caught.value) == (
        f"{type(record).__name__} 'r1' has schema version {newest + 1}, this Hindcast reads up to {newest}: "
        "use a newer one"
    )


def test_a_table_of_another_schema_version_is_refused(tmp_path: Path) -> None:
    content = table_bytes({"a": np.array([1.0])})
    newer = content.replace(b"hindcast_schema_version\x181", b"hindcast_schema_version\x182")
    key = content.find(b"hindcast_schema_version")
    assert key > 0
    if newer == content:
        place = content.index(b"1", key + len(b"hindcast_schema_version"))
        newer = content[:place] + b"2" + content[place + 1 :]
    with pytest.raises(CorruptDataError, match="has schema version 2, this Hindcast reads 1"):
        read_table(tmp_path / "x.parquet", newer)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"{}", b"PAR1" * 100, b"\0" * 1000])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CorruptDataError, match="x.parquet"):
        read_table(tmp_path / "x.parquet", content)


@pytest.mark.parametrize("body", ["[]", "3", "{", '{"schema_version":"1"}', '{"schema_version":true,"id":"x"}', "{}"])
@pytest.mark.parametrize("schema_version", [1, 3])
def test_a_document_that_is_whole_but_no_backtest_is_refused_in_one_sentence(
    tmp_path: Path, body: str, schema_version: int
) -> None:
    backtests = BacktestRepository(stored_documents(tmp_path))
    backtests.save(a_backtest())
    change_document(
        tmp_path, "backtests", "b1", document=body, content_hash=content_hash(body), schema_version=schema_version
    )
    with pytest.raises(CorruptDataError, match="Backtest 'b1'") as caught:
        backtests.get("b1")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("column", ["document", "owner", "content_hash", "version", "created_ms", "schema_version"])
@pytest.mark.parametrize("value", [b"{\xff}", b"\xef\xbf", 2.5])
def test_a_damaged_row_costs_its_neighbours_nothing(tmp_path: Path, column: str, value: object) -> None:
    documents = stored_documents(tmp_path)
    backtests = BacktestRepository(documents)
    queue = JobQueue(documents)
    for backtest_id in ("b1", "b2", "b3"):
        backtests.save(a_backtest(backtest_id))
        queue.enqueue(backtest_id, StrategySnapshot(strategy_type="sma_crossover"))
    change_document(tmp_path, "backtests", "b1", **{column: value})
    page = backtests.page({})
    assert {each.id for each in page.items} == {"b2", "b3"}
    assert page.damaged == ("b1",)
    claims = [queue.claim("w1"), queue.claim("w1")]
    assert {claim.backtest.id for claim in claims if claim is not None} == {"b2", "b3"}
    assert queue.claim("w1") is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("owner", "somebody-else"), ("status", "COMPLETED"), ("created_ms", 7), ("lease_ms", 7),
        ("schema_version", 2), ("schema_version", "3x"), ("version", "many"), ("owner", b"\xff"), ("version", 2.5),
        ("content_hash", "0" * 64), ("content_hash", 5), ("document", b"{}"), ("document", 3.5), ("id", "b2"),
    ],
)  # fmt: skip
def test_a_column_that_says_something_else_than_the_document_is_found(
    tmp_path: Path, column: str, value: object
) -> None:
    """What a document is found by is no part of its hash: it must be what the document itself says."""
    backtests = BacktestRepository(stored_documents(tmp_path))
    backtests.save(a_backtest())
    stored_id = value if column == "id" else "b1"
    change_document(tmp_path, "backtests", "b1", **{column: value})
    with pytest.raises(CorruptDataError):
        backtests.get(str(stored_id))
