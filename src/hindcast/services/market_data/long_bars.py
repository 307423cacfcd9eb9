"""A panel's bars in a row: by stamp, then by symbol in the panel's order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hindcast.services.ports import PanelTable

IntArray = NDArray[np.int64]


def bar_places(table: PanelTable) -> IntArray:
    """Where bars are, shape (n,): row × number of symbols + column, increasing."""
    return np.flatnonzero(~np.isnan(table.close).ravel()).astype(np.int64)


def place_of(table: PanelTable, stamp: int, symbol: str) -> int:
    """Where a symbol's bar of this stamp is, or would be."""
    row = int(np.searchsorted(table.timestamps, stamp))
    return row * len(table.symbols) + table.symbols.index(symbol)


def bar_columns(table: PanelTable, places: IntArray) -> Mapping[str, NDArray[np.generic]]:
    """The bars at these places: timestamp, symbol, open, high, low, close, volume, split (1: none), dividend."""
    rows, columns = np.divmod(places, len(table.symbols))
    found: dict[str, NDArray[np.generic]] = {
        "timestamp": table.timestamps[rows].astype("M8[ns]"),
        "symbol": np.array(table.symbols, dtype=object)[columns],
    }
    for name in ("open", "high", "low", "close", "volume"):
        found[name] = getattr(table, name)[rows, columns]
    for name, none, values in (("split", 1.0, table.split), ("dividend", 0.0, table.dividend)):
        taken = np.full(len(places), none) if values is None else values[rows, columns]
        found[name] = np.where(np.isnan(taken), none, taken)
    return found
