"""A run's tables: what the engine's records look like to everyone else, column by column.

Stamps are datetime64[ns] in UTC, codes are words, text columns hold str. The same tables are stored, reported and
shown as pandas frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine import layout
from hindcast.engine.bars import Bars, as_mapping
from hindcast.engine.bounds import ambiguous_orders
from hindcast.engine.history import IntArray, PortfolioHistory, RecordArray
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.trades import match_trades

Columns = dict[str, NDArray[Any]]

ORDER_SIDES = ("sell", "", "buy")
TRADE_SIDES = ("short", "", "long")


def run_tables(history: PortfolioHistory, bars: Bars, benchmark: BenchmarkSeries | None = None) -> dict[str, Columns]:
    """All tables of a run: equity, fills, trades, open_trades, orders, positions, bars and, if any, benchmark."""
    panel = bars.panel
    split = None if bars.adjusted else panel.split
    trades, open_lots = match_trades(history.fills, close=panel.close, high=panel.high, low=panel.low, split=split)
    tables = {
        "equity": equity_table(history),
        "fills": fills_table(history),
        "trades": trades_table(history, trades),
        "open_trades": trades_table(history, open_lots),
        "orders": orders_table(history),
        "positions": positions_table(history, bars),
        "bars": bars_table(bars),
    }
    if benchmark is not None:
        tables["benchmark"] = {"timestamp": benchmark.timestamps.view("M8[ns]"), "value": benchmark.values}
    return tables


def equity_table(history: PortfolioHistory) -> Columns:
    """Books at each close; the first row is the initial capital before the first bar."""
    first = np.array([history.initial_capital])
    nothing = np.zeros(1)
    return {
        "timestamp": history.curve_timestamps.view("M8[ns]"),
        "equity": history.curve,
        "cash": np.concatenate((first, history.cash)),
        "gross_exposure": np.concatenate((nothing, history.gross_exposure)),
        "net_exposure": np.concatenate((nothing, history.net_exposure)),
    }


def fills_table(history: PortfolioHistory) -> Columns:
    """One row per execution."""
    fills = history.fills
    return {
        "timestamp": _stamps(history, fills["bar"]),
        "symbol": _words(history.symbols, fills["symbol"]),
        "side": _words(ORDER_SIDES, fills["side"] + 1),
        "quantity": fills["quantity"].copy(),
        "price": fills["price"].copy(),
        "commission": fills["commission"].copy(),
        "slippage": fills["slippage"].copy(),
        "order_id": fills["order_id"].copy(),
        "reason": _words(layout.REASON_NAMES, fills["reason"]),
        "ambiguous": fills["ambiguous"].astype(bool),
    }


def trades_table(history: PortfolioHistory, trades: RecordArray) -> Columns:
    """One row per round trip, or per open lot marked at the last close."""
    return {
        "symbol": _words(history.symbols, trades["symbol"]),
        "side": _words(TRADE_SIDES, trades["side"] + 1),
        "quantity": trades["quantity"].copy(),
        "entry_time": _stamps(history, trades["entry_bar"]),
        "entry_price": trades["entry_price"].copy(),
        "exit_time": _stamps(history, trades["exit_bar"]),
        "exit_price": trades["exit_price"].copy(),
        "pnl": trades["pnl"].copy(),
        "return": trades["return"].copy(),
        "commission": trades["commission"].copy(),
        "mae": trades["mae"].copy(),
        "mfe": trades["mfe"].copy(),
    }


def orders_table(history: PortfolioHistory) -> Columns:
    """One row per order, with its end state and its reason."""
    orders = history.orders
    return {
        "order_id": orders["order_id"].copy(),
        "parent_id": orders["parent_id"].copy(),
        "symbol": _words((*history.symbols, *history.extra_symbols), orders["symbol"]),
        "side": _words(ORDER_SIDES, orders["side"] + 1),
        "type": _words(history.type_names, orders["type"]),
        "quantity": orders["quantity"].copy(),
        "filled_quantity": orders["filled"].copy(),
        "limit": orders["limit"].copy(),
        "stop": orders["stop"].copy(),
        "time_in_force": _words(layout.TIF_NAMES, orders["time_in_force"]),
        "status": _words(layout.STATUS_NAMES, orders["status"]),
        "reason": _words(layout.REASON_NAMES, orders["reason"]),
        "created_at": _stamps(history, orders["created"]),
        "closed_at": _stamps(history, orders["closed"]),
    }


def ambiguous_table(history: PortfolioHistory) -> Columns:
    """One row per order and bar where the order of prices within the bar decides; whether the order filled there."""
    order, bar, filled = ambiguous_orders(history)
    return {
        "timestamp": _stamps(history, bar),
        "symbol": _words((*history.symbols, *history.extra_symbols), history.orders["symbol"][order]),
        "order_id": history.orders["order_id"][order],
        "type": _words(history.type_names, history.orders["type"][order]),
        "filled": filled,
    }


def positions_table(history: PortfolioHistory, bars: Bars) -> Columns:
    """One row per bar and symbol on which a position changed: by fills, or by a split."""
    rank = np.argsort(np.argsort(np.array(history.symbols)))
    changes = _changes_by_fills(history.fills, rank)
    by_split = _changes_by_splits(changes, bars)
    if len(by_split):
        changes = np.concatenate((changes, by_split))
        changes = changes[np.lexsort((rank[changes["symbol"]], changes["bar"]))]
    return {
        "timestamp": _stamps(history, changes["bar"]),
        "symbol": _words(history.symbols, changes["symbol"]),
        "quantity": changes["quantity"].copy(),
        "average_cost": changes["average_cost"].copy(),
    }


def bars_table(bars: Bars) -> Columns:
    """The panel, long: one row per bar and symbol that has prices."""
    t, s = np.nonzero(~np.isnan(bars.panel.close))
    table: Columns = {"timestamp": bars.timestamps[t].view("M8[ns]"), "symbol": _words(bars.symbols, s)}
    return table | {name: values[t, s] for name, values in as_mapping(bars.panel).items()}


CHANGE_DTYPE: Final = np.dtype([("bar", "i8"), ("symbol", "i8"), ("quantity", "f8"), ("average_cost", "f8")])
CHANGE_SOURCES: Final = {"bar": "bar", "symbol": "symbol", "quantity": "position", "average_cost": "average_cost"}


def _changes_by_fills(fills: RecordArray, rank: IntArray) -> RecordArray:
    """The state after the last fill of each bar and symbol, by bar, then by the symbol's rank."""
    places = fills["bar"].astype(np.int64) * len(rank) + rank[fills["symbol"]]
    order = np.argsort(places, kind="stable")
    last = order[np.diff(places[order], append=-1) != 0]
    changes = np.empty(len(last), dtype=CHANGE_DTYPE)
    for name, source in CHANGE_SOURCES.items():
        changes[name] = fills[source][last]
    return changes


def _changes_by_splits(by_fills: RecordArray, bars: Bars) -> RecordArray:
    """What splits do to positions held on bars without a fill."""
    found: list[tuple[int, int, float, float]] = []
    split = None if bars.adjusted else bars.panel.split
    if split is not None:
        by_symbol = by_fills[np.argsort(by_fills["symbol"], kind="stable")]
        splitting = np.flatnonzero((split != 1.0).any(axis=0))
        first, end = np.searchsorted(by_symbol["symbol"], (splitting, splitting + 1))
        for symbol, start, stop in zip(splitting.tolist(), first.tolist(), end.tolist(), strict=True):
            found += _changes_of_symbol(by_symbol[start:stop], symbol, split[:, symbol])
    return np.array(found, dtype=CHANGE_DTYPE)


def _changes_of_symbol(
    own: RecordArray, symbol: int, split: NDArray[np.float64]
) -> list[tuple[int, int, float, float]]:
    found: list[tuple[int, int, float, float]] = []
    known, quantity, cost = -1, 0.0, 0.0
    for bar in np.flatnonzero(split != 1.0).tolist():
        before = int(np.searchsorted(own["bar"], bar, side="right")) - 1
        if before < 0:
            continue
        if before != known:
            known, quantity, cost = before, float(own["quantity"][before]), float(own["average_cost"][before])
        if own["bar"][before] == bar or quantity == 0.0:
            continue
        quantity, cost = quantity * float(split[bar]), cost / float(split[bar])
        found.append((bar, symbol, quantity, cost))
    return found


def _stamps(history: PortfolioHistory, index: IntArray) -> NDArray[np.datetime64]:
    """Stamps of bars; -1 is no bar."""
    stamps = history.timestamps.view("M8[ns]")[index]
    stamps[index < 0] = np.datetime64("NaT", "ns")
    return stamps


def _words(names: Sequence[str], codes: IntArray) -> NDArray[np.object_]:
    return np.array(names, dtype=object)[codes]


def as_frame(columns: Mapping[str, NDArray[Any]]) -> Any:
    """One table as a pandas frame, stamps in UTC."""
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.DatetimeIndex(values, tz="UTC") if values.dtype.kind == "M" else values
            for name, values in columns.items()
        }
    )
