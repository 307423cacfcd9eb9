"""DuckDB connections: in memory, locked down before the first query."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.domain.errors import StorageError

if TYPE_CHECKING:
    import duckdb


def open_connection(
    read_paths: Sequence[str | os.PathLike[str]] = (), *, threads: int = 1, memory_limit: str | None = None
) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that reaches no file but those under `read_paths`, and whose settings stay as they are.

    Parameters
    ----------
    read_paths : paths
        Folders and files that queries may name.
    threads : int
        1 by default: sums over several threads differ in their last digits from run to run.
    memory_limit : str, optional
        Such as "2GB"; DuckDB's own default is 80 % of the machine.

    Raises
    ------
    StorageError
        DuckDB refuses a setting.
    """
    import duckdb

    paths = [Path(path).absolute() for path in read_paths]
    folders = [str(path) for path in paths if not path.is_file()]
    files = [str(path) for path in paths if path.is_file()]
    settings: list[tuple[str, object]] = [
        ("threads", threads),
        ("TimeZone", "UTC"),  # else days and hours of stamps would be the machine's
        ("autoinstall_known_extensions", False),
        ("autoload_known_extensions", False),
        ("allow_community_extensions", False),
        ("python_enable_replacements", False),
        # The lists can't be changed once external access is off.
        ("allowed_directories", folders),
        ("allowed_paths", files),
        ("enable_external_access", False),
        ("lock_configuration", True),
    ]
    if memory_limit is not None:
        settings.insert(0, ("memory_limit", memory_limit))
    connection = duckdb.connect(":memory:")
    for name, value in settings:
        try:
            connection.execute(f"SET {name} = {_literal(value)}")
        except duckdb.Error as error:
            connection.close()
            raise StorageError(f"DuckDB {duckdb.__version__} refuses {name} = {value!r}: {error}") from None
    return connection


def _literal(value: object) -> str:
    """A setting's value in SQL: settings take no bound parameters."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
