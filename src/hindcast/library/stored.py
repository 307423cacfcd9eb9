"""`open_results`: what earlier runs have stored, read from any process."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import BacktestResult
from hindcast.domain.verification import Verification
from hindcast.services.backtest.tables import as_frame
from hindcast.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd


def open_results(home: str | PathLike[str] | None = None) -> StoredResults:
    """The stored results of a data folder; by default of the one that the settings name."""
    return StoredResults(ServiceFactory(load_settings(None if home is None else {"home": Path(home)})))


class StoredResults:
    """Summaries, tables, and SQL over all of them."""

    def __init__(self, services: ServiceFactory) -> None:
        self._services = services

    def list(self) -> tuple[BacktestResult, ...]:
        """All results, newest first."""
        return self._services.results.list()

    def get(self, result_id: str) -> BacktestResult:
        """The result of a backtest id or manifest id, or of the beginning of one. Raises NotFoundError."""
        return self._services.results.get(result_id)

    def table(self, result_id: str, name: str) -> pd.DataFrame:
        """One table of a result: equity, fills, trades, open_trades, orders, positions, bars or benchmark.

        Raises NotFoundError, CorruptDataError.
        """
        frame: pd.DataFrame = as_frame(self._services.results.table(self.get(result_id), name))
        return frame

    def verify(self, result_id: str) -> Verification:
        """Run a result's backtest again, on data from its provider, and compare every table and every metric.

        The verdict is `identical`, `equal_within_tolerance`, `different` or `not_comparable`; with it comes what
        differs, and what has changed since. Raises NotFoundError, CorruptDataError, and SymbolError, DateRangeError,
        BenchmarkError or UnknownStrategyError where data or strategy are no longer there.
        """
        return self._services.verify(result_id)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """The answer to a SELECT over all results.

        There is a view per table (equity, fills, trades, open_trades, orders, positions, benchmark), each with a column
        `backtest_id`, and a table `results` with a row per backtest and a column per metric.

        Raises InputError for SQL that DuckDB refuses, CorruptDataError where a stored file is damaged.
        """
        return self._services.result_views().query(sql, parameters)
