"""SQL over all stored results: one view a kind of table, each row under the id of its backtest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.domain.performance import PerformanceMetrics
from hindcast.infrastructure.duckdb.connection import open_connection
from hindcast.infrastructure.duckdb.select import select_frame

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

VIEWS: Final = ("equity", "fills", "trades", "open_trades", "orders", "positions", "benchmark")


class ResultViews:
    """Views `equity`, `fills`, `trades`, `open_trades`, `orders`, `positions`, `benchmark` and the table `results`.

    Each view has the columns of its table (docs/concepts/results.md) behind a column `backtest_id`; `results` has a row
    a backtest: backtest_id, manifest_id, name, strategy_type, start_date, end_date, created_at, and each metric.
    """

    def __init__(self, folder: Path, results: Iterable[BacktestResult]) -> None:
        self._folder = folder
        self._connection = open_connection([folder / "artefacts"])
        found = tuple(results)
        self._check(found)
        _make_results(self._connection, found)
        for view in VIEWS:
            self._make_view(view, found)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """The answer to one SELECT, as a pandas frame. Raises InputError for anything else."""
        return select_frame(self._connection, sql, parameters)

    def _check(self, results: Sequence[BacktestResult]) -> None:
        """Every table that a view shows must hold the bytes that were written."""
        wanted = {each.path: each.content_hash for result in results for each in result.artefacts if each.name in VIEWS}
        for path, content_hash in wanted.items():
            file = self._folder / path
            try:
                found = blake3(file.read_bytes()).hexdigest()
            except OSError as error:
                raise StorageError(f"can't read {file}: {error.strerror or error}") from error
            if found != content_hash:
                raise CorruptDataError(
                    f"{file} is not what was written: its content is {found[:12]}, expected {content_hash[:12]}"
                )

    def _make_view(self, view: str, results: Sequence[BacktestResult]) -> None:
        places = [
            (result.backtest_id, str((self._folder / each.path).absolute()))
            for result in results
            for each in result.artefacts
            if each.name == view
        ]
        if not places:
            self._connection.execute(f"CREATE TABLE {view} (backtest_id VARCHAR)")
            return
        self._connection.execute(f"CREATE TABLE {view}_files (backtest_id VARCHAR, path VARCHAR)")
        self._connection.executemany(f"INSERT INTO {view}_files VALUES (?, ?)", places)
        files = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted({path for _, path in places}))
        # View names come from VIEWS, file names from stored hashes: nothing here was typed by a user.
        self._connection.execute(
            f"CREATE VIEW {view} AS SELECT files.backtest_id, rows.* EXCLUDE (filename) "
            f"FROM read_parquet([{files}], filename = true, union_by_name = true) AS rows "
            f"JOIN {view}_files AS files ON files.path = rows.filename"
        )


def _make_results(connection: DuckDBPyConnection, results: Sequence[BacktestResult]) -> None:
    metrics = [
        name
        for name, field in PerformanceMetrics.model_fields.items()
        if field.annotation in (float | None, int | None)
    ]
    columns = ["backtest_id", "manifest_id", "name", "strategy_type"]
    dates = ["start_date", "end_date", "created_at"]
    types = [f"{name} VARCHAR" for name in columns]
    types += ["start_date DATE", "end_date DATE", "created_at TIMESTAMPTZ", "final_portfolio_value DOUBLE"]
    types += [f"{name} DOUBLE" for name in metrics]
    connection.execute(f"CREATE TABLE results ({', '.join(types)})")
    rows = [
        [
            result.backtest_id,
            result.manifest.id,
            result.name,
            result.strategy_type,
            *(getattr(result, name) for name in dates),
            result.final_portfolio_value,
            *(getattr(result.performance, name) for name in metrics),
        ]
        for result in results
    ]
    if rows:
        marks = ", ".join("?" for _ in types)
        connection.executemany(f"INSERT INTO results VALUES ({marks})", rows)
