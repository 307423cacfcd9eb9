"""A disk that is full at any moment of a publication: a StorageError, and the version that was there."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.market_stores import damaged_names, publish_state, read_state

from hindcast.domain.errors import StorageError
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.files.store.blobs import Content, FolderBlobs


class FillingBlobs(FolderBlobs):
    """A folder on a disk that takes so many writes and no more."""

    def __init__(self, folder: Path, room: int) -> None:
        super().__init__(folder)
        self.room = room

    def put(self, name: str, content: Content) -> None:
        self._take(name)
        super().put(name, content)

    def point(self, name: str, target: str) -> None:
        self._take(name)
        super().point(name, target)

    def _take(self, name: str) -> None:
        if not self.room:
            raise StorageError(f"can't write {name}: {os.strerror(errno.ENOSPC)}")
        self.room -= 1


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """A limit on the size of files refuses writes as a full disk does, halfway through a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def refused(store: FileBarStore) -> bool:
    """Whether the disk is too full for state 1."""
    try:
        publish_state(store, 1)
    except StorageError as error:
        if "No space left" not in str(error):
            raise
        return True
    return False


def stages(home: Path) -> list[Path]:
    return list(home.rglob("*.staging"))


def test_a_disk_that_fills_at_any_write_leaves_the_version_that_was_there(tmp_path):
    publish_state(FileBarStore(tmp_path), 0)
    room = 0
    while True:
        store = FileBarStore(tmp_path, blobs=FillingBlobs(tmp_path / "market", room))
        if not refused(store):
            break
        assert read_state(tmp_path) == 0
        assert damaged_names(tmp_path) == []
        room += 1
    assert room == 4  # bars, actions, manifest, pointer
    assert read_state(tmp_path) == 1


@pytest.mark.parametrize("size", [0, 10, 64, 500, 2_000])
def test_a_file_that_does_not_fit_leaves_nothing_half(tmp_path, size):
    publish_state(FileBarStore(tmp_path), 0)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with files_up_to(size), pytest.raises(StorageError, match="can't write .*: File too large"):
        publish_state(FileBarStore(tmp_path), 1)
    assert read_state(tmp_path) == 0
    assert damaged_names(tmp_path) == []
    assert stages(tmp_path) == []
    assert size > 500 or {path for path in tmp_path.rglob("*") if path.is_file()} == before
    publish_state(FileBarStore(tmp_path), 1)
    assert read_state(tmp_path) == 1


def test_the_first_publication_on_a_full_disk_leaves_an_empty_store(tmp_path):
    with files_up_to(10), pytest.raises(StorageError, match="can't write"):
        publish_state(FileBarStore(tmp_path), 0)
    assert FileBarStore(tmp_path).datasets() == ()
    publish_state(FileBarStore(tmp_path), 0)
    assert read_state(tmp_path) == 0


def test_space_that_is_missed_when_the_disk_is_flushed_is_a_storage_error(tmp_path, monkeypatch):
    """Some file systems notice a full disk only when they are made to write."""
    whole = os.fsync
    left = [0]

    def fsync(handle: int) -> None:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= 1
        whole(handle)

    found: list[str] = []
    while not found or found[-1] != "done":
        home = tmp_path / str(len(found))
        publish_state(FileBarStore(home), 0)
        monkeypatch.setattr(os, "fsync", fsync)
        left[0] = len(found)
        found.append(str(read_state(home)) if refused(FileBarStore(home)) else "done")
        monkeypatch.setattr(os, "fsync", whole)
        assert damaged_names(home) == []
        assert stages(home) == []
        publish_state(FileBarStore(home), 1)
        assert read_state(home) == 1
    assert len(found) > 8
    assert found == sorted(found)  # the old version, then the new one, then no error
