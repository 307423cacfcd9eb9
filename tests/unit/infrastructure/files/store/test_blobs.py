from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.files.store.blobs import Blobs, FolderBlobs, content_name, hash_of, pointed, verified


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path)


def test_bytes_come_back_as_they_were_put(blobs):
    content = bytes(range(256)) * 1000
    name = content_name("bars", hash_of(content), ".parquet")
    blobs.put(name, content)
    assert bytes(blobs.get(name)) == content
    assert bytes(verified(blobs, name, hash_of(content))) == content
    assert blobs.names("bars") == (name,)
    assert Path(blobs.location(name)).read_bytes() == content


def test_a_large_blob_comes_back_as_it_was_put(blobs):
    content = np.random.default_rng(1).bytes((16 << 20) + 12345)
    name = content_name("bars", hash_of(content), ".parquet")
    blobs.put(name, content)
    assert bytes(blobs.get(name)) == content


def test_a_file_that_is_cut_while_it_is_read_is_a_storage_error(blobs, monkeypatch):
    blobs.put("a/x", b"content")
    monkeypatch.setattr(os, "preadv", lambda *_: 0)
    with pytest.raises(StorageError, match="shorter while it was read"):
        blobs.get("a/x")


def test_an_empty_blob_is_a_blob(blobs):
    blobs.put("a/empty", b"")
    assert bytes(blobs.get("a/empty")) == b""


def test_nothing_is_found_under_a_name_that_nobody_wrote(blobs):
    assert blobs.get("bars/ab/abc.parquet") is None
    assert blobs.names("bars") == ()
    with pytest.raises(CorruptDataError, match="is gone"):
        verified(blobs, "bars/ab/abc.parquet", "abc")


def test_content_that_is_there_is_not_written_again(blobs):
    blobs.put("a/x", b"content")
    before = Path(blobs.location("a/x")).stat().st_ino
    blobs.put("a/x", b"content")
    assert Path(blobs.location("a/x")).stat().st_ino == before


def test_damaged_content_is_replaced_when_it_is_put_again(blobs):
    blobs.put("a/x", b"content")
    Path(blobs.location("a/x")).write_bytes(b"contend")
    with pytest.raises(CorruptDataError, match="not what was written"):
        verified(blobs, "a/x", hash_of(b"content"))
    blobs.put("a/x", b"content")
    assert bytes(verified(blobs, "a/x", hash_of(b"content"))) == b"content"


def test_a_pointer_names_its_last_target(blobs):
    assert pointed(blobs, "datasets/p/1d/current") is None
    for target in ("0" * 64, "f" * 64):
        blobs.point("datasets/p/1d/current", target)
        assert pointed(blobs, "datasets/p/1d/current") == target


@pytest.mark.parametrize(
    "content", [b"", b"0" * 64, b"0" * 63 + b"\n", b"0" * 63 + b"A\n", b"0" * 65 + b"\n", b"\xff" * 65]
)
def test_a_pointer_that_holds_anything_but_a_hash_is_corrupt(blobs, content):
    blobs.point("current", "0" * 64)
    Path(blobs.location("current")).write_bytes(content)
    with pytest.raises(CorruptDataError, match="not what was written"):
        pointed(blobs, "current")


def test_a_lock_has_one_owner_at_a_time(blobs):
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with blobs.lock("datasets/p/lock"):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.01)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5


def test_a_lock_ends_where_its_owner_fails(blobs):
    with pytest.raises(KeyError), blobs.lock("lock"):
        raise KeyError
    with blobs.lock("lock"):
        pass


def test_stages_of_dead_writers_go_after_a_day_and_are_no_blobs(blobs, tmp_path):
    folder = tmp_path / "bars" / "ab"
    folder.mkdir(parents=True)
    old, new = folder / ".old.parquet.x1.staging", folder / ".new.parquet.x2.staging"
    for stage in (old, new):
        stage.write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    assert blobs.names("bars") == ()
    blobs.sweep()
    assert not old.exists()
    assert new.exists()


def test_a_folder_in_the_place_of_a_blob_is_a_storage_error(blobs, tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="can't read"):
        blobs.get("a")
    with pytest.raises(StorageError, match="can't lock"), blobs.lock("a"):
        pass


def test_a_file_in_the_place_of_a_folder_is_a_storage_error(blobs, tmp_path):
    (tmp_path / "bars").write_bytes(b"")
    assert blobs.get("bars/ab/x") is None
    with pytest.raises(StorageError, match="can't write"):
        blobs.put("bars/ab/x", b"content")
