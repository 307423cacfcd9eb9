"""`open_data`: what is stored of market data, its versions, and SQL over it."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.market_data import DataVersion
from hindcast.services.market_data.store_check import Finding, check_files, check_series
from hindcast.services.ports import SymbolInfo
from hindcast.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd


def open_data(home: str | PathLike[str] | None = None) -> StoredData:
    """The market data of a data folder; by default of the one that the settings name."""
    return StoredData(ServiceFactory(load_settings(None if home is None else {"home": Path(home)})))


class StoredData:
    """Symbols, versions, checks, and SQL over the newest versions."""

    def __init__(self, services: ServiceFactory) -> None:
        self._services = services

    def symbols(self, provider: str) -> tuple[SymbolInfo, ...]:
        """What a provider has here. Raises InputError for an unknown one."""
        return self._services.market_data.symbols(provider)

    def versions(self, provider: str, interval: str = "1d") -> tuple[DataVersion, ...]:
        """The versions of a provider's bars, newest first: when each became known, by what, and what it restated.

        Raises InputError for an unknown provider or interval.
        """
        return self._services.market_data.versions(provider, interval)

    def check(self) -> tuple[Finding, ...]:
        """Everything that is damaged, missing or strange; files are held against their hashes first."""
        store = self._services.bar_store
        damage = tuple(found for found in check_files(store.check()) if found is not None)
        if damage:
            return damage
        return tuple(found for _, some in check_series(store, self._services.calendars) for found in some)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """The answer to a SELECT over the newest version of everything stored.

        Views: `bars` (provider, interval, symbol, timestamp, open, high, low, close, volume), `actions`, `series` and
        `versions`. Raises InputError for SQL that DuckDB refuses, CorruptDataError where a stored file is damaged.
        """
        return self._services.market_views().query(sql, parameters)
