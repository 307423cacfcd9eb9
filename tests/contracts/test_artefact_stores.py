"""What every store of tables promises: each column comes back bit for bit, or an error does."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from tests.contracts.records import some_tables

from hindcast.domain.backtest import Artefact
from hindcast.domain.errors import StorageError
from hindcast.infrastructure.files.artefacts import FileArtefactStore
from hindcast.infrastructure.memory.artefacts import MemoryArtefactStore
from hindcast.services.ports import ArtefactStore


@pytest.fixture(params=["memory", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtefactStore:
    return MemoryArtefactStore() if request.param == "memory" else FileArtefactStore(tmp_path / "home")


def assert_same(found: object, expected: NDArray[np.generic]) -> None:
    assert isinstance(found, np.ndarray)
    assert found.dtype == expected.dtype
    if expected.dtype == object:
        assert found.tolist() == expected.tolist()
    else:
        assert found.tobytes() == expected.tobytes()


def test_every_kind_of_column_comes_back_bit_for_bit_and_in_order(store: ArtefactStore) -> None:
    for name, columns in some_tables().items():
        kept = store.keep(name, columns)
        assert (kept.name, kept.rows) == (name, len(next(iter(columns.values()))))
        found = store.table(kept)
        assert list(found) == list(columns)
        for column, values in columns.items():
            assert_same(found[column], values)


def test_any_numbers_come_back_bit_for_bit(store: ArtefactStore) -> None:
    @settings(max_examples=25)
    @given(
        arrays.arrays(np.float64, st.integers(0, 30), elements=st.floats(width=64)),
        st.lists(st.text(max_size=8).filter(lambda text: text.isprintable()), max_size=10),
    )
    def kept(numbers: NDArray[np.float64], words: list[str]) -> None:
        for columns in ({"x": numbers}, {"word": np.array(words, dtype=object)}):
            found = store.table(store.keep("table", columns))
            assert_same(*found.values(), *columns.values())

    kept()


def test_a_table_without_columns_and_one_without_rows_can_be_kept(store: ArtefactStore) -> None:
    assert store.table(store.keep("none", {})) == {}
    empty = store.keep("empty", {"a": np.array([], dtype=np.int64)})
    assert empty.rows == 0
    assert_same(store.table(empty)["a"], np.array([], dtype=np.int64))


def test_the_same_table_twice_is_there_for_both(store: ArtefactStore) -> None:
    first, second = (store.keep("equity", some_tables()["equity"]) for _ in range(2))
    for kept in (first, second):
        assert_same(store.table(kept)["equity"], some_tables()["equity"]["equity"])


def test_what_is_changed_outside_changes_nothing_that_is_kept(store: ArtefactStore) -> None:
    given_to = {"a": np.array([1.0, 2.0])}
    kept = store.keep("a", given_to)
    given_to["a"][:] = 9
    read = store.table(kept)["a"]
    assert read.tolist() == [1.0, 2.0]
    if read.flags.writeable:
        read[:] = 9
    assert store.table(kept)["a"].tolist() == [1.0, 2.0]


def test_a_table_that_was_never_kept_is_a_storage_error(store: ArtefactStore) -> None:
    unknown = Artefact(name="equity", path="artefacts/aa/none.parquet", content_hash="0" * 64, rows=1)
    with pytest.raises(StorageError, match="equity"):
        store.table(unknown)


def test_threads_that_keep_tables_at_once_all_get_theirs_back(store: ArtefactStore) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(10):
            values = np.array([turn, number % 2], dtype=np.int64)  # every other thread keeps the same tables
            found = store.table(store.keep("t", {"a": values}))["a"]
            if found.tolist() != values.tolist():
                wrong.append((number, turn, found))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
