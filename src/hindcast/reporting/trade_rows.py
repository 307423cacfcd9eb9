"""Trades as compact columns for the page's table: the most recent ones, where there are very many."""

from __future__ import annotations

import numpy as np

from hindcast.reporting.run_tables import FloatArray, StampArray, Tables, floats, stamps, words

MAX_ROWS = 20_000
_NUMBERS = ("quantity", "entry_price", "exit_price", "pnl", "return", "commission", "mae", "mfe")

Columns = dict[str, object]


def trade_columns(tables: Tables, table: str) -> Columns:
    """The table `trades` or `open_trades` column by column, in the order of exits; JSON-ready.

    Symbols are indices into `symbols`, times are milliseconds since 1970 UTC, NaN is None. `total` counts all rows,
    of which the last 20,000 are held.
    """
    exits = stamps(tables, table, "exit_time")
    kept = np.argsort(exits, kind="stable")[-MAX_ROWS:]
    symbol = words(tables, table, "symbol")[kept]
    names = sorted({str(name) for name in symbol})
    places = {name: place for place, name in enumerate(names)}
    columns: Columns = {
        "total": len(exits),
        "symbols": names,
        "symbol": [places[str(name)] for name in symbol],
        "long": [int(side == "long") for side in words(tables, table, "side")[kept]],
        "entry_time": _milliseconds(stamps(tables, table, "entry_time")[kept]),
        "exit_time": _milliseconds(exits[kept]),
    }
    for name in _NUMBERS:
        columns[name] = _compact(floats(tables, table, name)[kept])
    return columns


def _milliseconds(when: StampArray) -> list[int | None]:
    values = when.astype("datetime64[ms]")
    missing = np.isnat(values)
    return [None if gone else int(value) for value, gone in zip(values.astype(np.int64), missing, strict=True)]


def _compact(values: FloatArray) -> list[float | None]:
    return [float(f"{value:.9g}") if np.isfinite(value) else None for value in values]
