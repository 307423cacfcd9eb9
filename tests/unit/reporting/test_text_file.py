"""A text file is the old one or the whole new one."""

from __future__ import annotations

import pytest

from hindcast.domain.errors import StorageError
from hindcast.reporting.text_file import write_text


def test_a_text_replaces_what_was_there_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("before")
    write_text(path, "after – whole")
    assert path.read_text(encoding="utf-8") == "after – whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud800")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_has_gone_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="can't write"):
        write_text(tmp_path / "gone" / "out.txt", "text")
