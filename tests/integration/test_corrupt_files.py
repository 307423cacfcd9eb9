from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3
from tests.contracts.records import a_backtest, a_result, a_strategy, some_tables

import hindcast as hc
from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.files.documents import (
    SCHEMA_VERSION,
    DocumentFolder,
    FileBacktestRepository,
    FileStrategyRepository,
)
from hindcast.infrastructure.files.parquet_tables import read_table, table_bytes
from hindcast.infrastructure.files.results import FileResultStore

FLIPS = 200


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def write_document(path: Path, body: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b'{"content_hash":"%s","document":%s}\n' % (blake3(body).hexdigest().encode(), body))


def some_bits(content: bytes, count: int, *, seed: int) -> list[int]:
    bits = np.random.default_rng(seed).choice(8 * len(content), size=min(count, 8 * len(content)), replace=False)
    return [0, 8 * len(content) - 1, *bits.tolist()]


@pytest.mark.parametrize("name", ["equity", "orders", "fills"])
def test_every_flipped_bit_of_a_table_is_found(tmp_path: Path, name: str) -> None:
    store = FileResultStore(tmp_path)
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
    store = FileResultStore(tmp_path)
    store.save(a_result(), {})
    path = tmp_path / "results" / "r1.json"
    content = path.read_bytes()
    for bit in some_bits(content, FLIPS, seed=2):
        path.write_bytes(flipped(content, bit))
        with pytest.raises(CorruptDataError, match="is not what was written"):
            store.get("r1")
        with pytest.raises(CorruptDataError):
            store.list()
    path.write_bytes(content)
    store.get("r1")


def test_every_flipped_bit_of_a_backtest_and_of_a_strategy_is_found(tmp_path: Path) -> None:
    backtests, strategies = FileBacktestRepository(tmp_path / "b"), FileStrategyRepository(tmp_path / "s")
    backtests.save(a_backtest())
    strategies.save(a_strategy())
    for repository, path in ((backtests, tmp_path / "b" / "b1.json"), (strategies, tmp_path / "s" / "s1.json")):
        content = path.read_bytes()
        for bit in some_bits(content, FLIPS // 2, seed=3):
            path.write_bytes(flipped(content, bit))
            with pytest.raises(CorruptDataError):
                repository.get(path.stem)


def test_views_show_no_number_of_a_damaged_table(tmp_path: Path) -> None:
    result = FileResultStore(tmp_path).save(a_result(), some_tables())
    path = tmp_path / result.artefacts[0].path
    content = path.read_bytes()
    for bit in some_bits(content, 20, seed=4):
        path.write_bytes(flipped(content, bit))
        with pytest.raises(CorruptDataError, match=path.name):
            hc.open_results(tmp_path).query("SELECT 1")


@pytest.mark.parametrize("cut", [0, 1, 10, -1, -8])
def test_a_truncated_file_is_found(tmp_path: Path, cut: int) -> None:
    store = FileResultStore(tmp_path)
    result = store.save(a_result(), some_tables())
    table, summary = tmp_path / result.artefacts[0].path, tmp_path / "results" / "r1.json"
    for path in (table, summary):
        path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CorruptDataError):
        store.table(result, "equity")
    with pytest.raises(CorruptDataError):
        store.get("r1")


def test_a_table_that_is_gone_names_itself_and_its_place(tmp_path: Path) -> None:
    store = FileResultStore(tmp_path)
    result = store.save(a_result(), some_tables())
    (tmp_path / result.artefacts[0].path).unlink()
    with pytest.raises(StorageError, match="table 'equity' of result r1 can't be read from .*No such file"):
        store.table(result, "equity")
    with pytest.raises(StorageError, match="can't read"):
        hc.open_results(tmp_path).query("SELECT 1")


def test_running_again_heals_a_damaged_table(tmp_path: Path) -> None:
    store = FileResultStore(tmp_path)
    result = store.save(a_result(), some_tables())
    path = tmp_path / result.artefacts[0].path
    path.write_bytes(b"garbage")
    store.save(a_result(), some_tables())
    assert store.table(result, "equity")["equity"].tolist() == [100_000.0, 0.1 + 0.2]


def test_a_summary_that_points_outside_the_data_folder_shows_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "secret.parquet"
    outside.write_bytes(table_bytes({"a": np.array([1.0])}))
    store = FileResultStore(tmp_path / "home")
    result = store.save(a_result(), some_tables())
    artefact = result.artefacts[0].model_copy(update={"path": "../secret.parquet"})
    with pytest.raises(CorruptDataError):
        store.table(result.model_copy(update={"artefacts": (artefact,)}), "equity")


@pytest.mark.parametrize("kind", ["results", "backtests", "strategies"])
def test_a_document_of_a_newer_hindcast_is_refused_before_its_fields_are_looked_at(tmp_path: Path, kind: str) -> None:
    models = {"results": a_result(), "backtests": a_backtest("r1"), "strategies": a_strategy("r1")}
    document = models[kind]
    newer = json.loads(document.model_dump_json()) | {"schema_version": SCHEMA_VERSION + 1, "of_tomorrow": 1}
    write_document(tmp_path / kind / "r1.json", json.dumps(newer).encode())
    with pytest.raises(CorruptDataError) as caught:
        DocumentFolder(tmp_path / kind, type(document)).read("r1")
    path = tmp_path / kind / "r1.json"
    assert str(caught.value) == (
        f"{path} has schema version {SCHEMA_VERSION + 1}, this Hindcast reads up to {SCHEMA_VERSION}: "
        "use a newer Hindcast"
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


@pytest.mark.parametrize(
    "body", [b"[]", b"3", b"{", b'{"schema_version":"1"}', b'{"schema_version":true,"id":"x"}', b"{}"]
)
def test_a_document_that_is_whole_but_no_backtest_is_refused_in_one_sentence(tmp_path: Path, body: bytes) -> None:
    write_document(tmp_path / "b1.json", body)
    with pytest.raises(CorruptDataError, match="b1.json") as caught:
        FileBacktestRepository(tmp_path).get("b1")
    assert "\n" not in str(caught.value)
