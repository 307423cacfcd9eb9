from __future__ import annotations

import duckdb
import pytest

from hindcast.domain.errors import StorageError
from hindcast.infrastructure.duckdb.connection import open_connection


def test_no_file_is_reached_without_leave(tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with open_connection() as connection, pytest.raises(duckdb.Error, match="disabled by configuration"):
        connection.execute("SELECT * FROM read_csv(?)", [str(tmp_path / "secret.csv")])


def test_files_under_the_given_paths_are_read_and_no_others(tmp_path):
    inside, outside = tmp_path / "it's inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.csv").write_text("a\n1\n")
    with open_connection([inside, outside / "a.csv"]) as connection:
        for file in (inside / "a.csv", outside / "a.csv"):
            assert connection.execute("SELECT a FROM read_csv(?)", [str(file)]).fetchall() == [(1,)]
        (outside / "b.csv").write_text("a\n1\n")
        for path in (outside / "b.csv", inside / ".." / "outside" / "b.csv"):
            with pytest.raises(duckdb.Error, match="disabled by configuration"):
                connection.execute("SELECT a FROM read_csv(?)", [str(path)])


def test_nothing_is_written_outside(tmp_path):
    with open_connection() as connection, pytest.raises(duckdb.Error, match="disabled by configuration"):
        connection.execute(f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SET threads = 4",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET lock_configuration",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH '/tmp/other.db'",
    ],
)
def test_the_lock_can_not_be_opened_again(statement):
    with open_connection() as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)


def test_python_variables_are_no_tables():
    rows = {"a": [1]}
    with open_connection() as connection, pytest.raises(duckdb.CatalogException, match="rows"):
        connection.execute("SELECT * FROM rows")
    assert rows


def test_threads_and_memory_are_as_asked():
    asked = "SELECT name, value FROM duckdb_settings() WHERE name IN ('threads', 'memory_limit')"
    with open_connection(threads=2, memory_limit="1GiB") as connection:
        assert dict(connection.execute(asked).fetchall()) == {"threads": "2", "memory_limit": "1.0 GiB"}
    with open_connection() as connection:
        assert dict(connection.execute(asked).fetchall())["threads"] == "1"


def test_a_setting_that_is_refused_is_told():
    with pytest.raises(StorageError, match="refuses memory_limit = 'much'"):
        open_connection(memory_limit="much")
