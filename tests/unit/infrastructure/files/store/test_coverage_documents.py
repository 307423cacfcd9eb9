from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.unit.infrastructure.files.store.clean_series import KNOWN_AT, daily, days, missing

from hindcast.domain.errors import InputError, StorageError
from hindcast.domain.market_data import Coverage
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.files.store.coverage_documents import FileCoverageRepository
from hindcast.infrastructure.memory.coverage import MemoryCoverageRepository
from hindcast.services.market_data.coverage_rebuild import rebuild_coverage


def known(symbol: str) -> Coverage:
    return Coverage(provider="prices", interval="1d", symbol=symbol, covered=(days("2024-01-01", "2024-03-31"),))


def the_file(home: Path) -> Path:
    (path,) = home.rglob("*.json")
    return path


def test_another_object_over_the_same_folder_knows_it_too(tmp_path):
    one, other = FileCoverageRepository(tmp_path), FileCoverageRepository(tmp_path)
    assert other.get("prices", "1d", "A") is None
    one.save([known("A")])
    assert other.get("prices", "1d", "A") == known("A")
    one.save([known("B")])
    assert other.get("prices", "1d", "B") == known("B")


def test_a_damaged_file_counts_as_empty_and_is_replaced(tmp_path):
    FileCoverageRepository(tmp_path).save([known("A"), known("B")])
    content = the_file(tmp_path).read_bytes()
    for place in range(0, len(content), 7):
        damaged = content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]
        the_file(tmp_path).write_bytes(damaged)
        assert FileCoverageRepository(tmp_path).get("prices", "1d", "A") is None
    repository = FileCoverageRepository(tmp_path)
    repository.save([known("B")])
    assert repository.get("prices", "1d", "B") == known("B")
    assert repository.get("prices", "1d", "A") is None


def test_a_file_that_goes_under_a_living_object_counts_as_empty(tmp_path):
    repository = FileCoverageRepository(tmp_path)
    repository.save([known("A")])
    assert repository.get("prices", "1d", "A") == known("A")
    the_file(tmp_path).unlink()
    assert repository.get("prices", "1d", "A") is None


def test_a_file_of_another_schema_counts_as_empty(tmp_path, monkeypatch):
    monkeypatch.setattr("hindcast.infrastructure.files.store.coverage_documents.SCHEMA_VERSION", 2)
    FileCoverageRepository(tmp_path).save([known("A")])
    monkeypatch.undo()
    assert FileCoverageRepository(tmp_path).get("prices", "1d", "A") is None


def test_two_that_save_at_once_lose_nothing(tmp_path):
    def save(first: int) -> None:
        repository = FileCoverageRepository(tmp_path)
        for number in range(first, first + 20):
            repository.save([known(f"S{number}")])

    threads = [threading.Thread(target=save, args=(first,)) for first in (0, 20, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    repository = FileCoverageRepository(tmp_path)
    assert [number for number in range(60) if repository.get("prices", "1d", f"S{number}") is None] == []


def test_no_provider_s_name_leaves_the_folder(tmp_path):
    repository = FileCoverageRepository(tmp_path / "home")
    with pytest.raises(InputError, match="provider="):
        repository.save([Coverage(provider="../x", interval="1d", symbol="A")])
    with pytest.raises(InputError, match="provider="):
        repository.get("../x", "1d", "A")
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_that_can_t_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "market").write_text("no folder")
    with pytest.raises(StorageError):
        FileCoverageRepository(tmp_path).save([known("A")])


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_coverage_is_rebuilt_from_the_store(tmp_path, kind):
    store = FileBarStore(tmp_path)
    entries = [
        daily("A", "2024-01-02", [10, 11], unavailable=[missing("2023-01-01", "2023-12-31")]),
        daily("B", "2024-01-02", [9]),
    ]
    store.publish("prices", "1d", entries, reason="import", known_at=KNOWN_AT)
    store.publish("other", "5min", [daily("A", "2024-02-02", [10])], reason="import", known_at=KNOWN_AT)
    coverage = MemoryCoverageRepository() if kind == "memory" else FileCoverageRepository(tmp_path)
    coverage.save([known("gone")])
    assert rebuild_coverage(store, coverage) == 3
    assert coverage.get("prices", "1d", "gone") is None
    for dataset in store.datasets():
        for symbol, series in store.series(*dataset).items():
            assert coverage.get(*dataset, symbol) == series.coverage
