"""Fills into trades: an entry fill with an exit fill of the same symbol, first in first out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import SimulationError
from hindcast.engine.kernels import lot_queue
from hindcast.engine.kernels.trades import match_fills, write_open_lots
from hindcast.engine.layout import FILL_DTYPE, TRADE_DTYPE

_NONE = np.empty((0, 0))

FloatArray = NDArray[np.float64]
RecordArray = NDArray[np.void]


def match_trades(
    fills: RecordArray,
    *,
    close: FloatArray,
    high: FloatArray | None = None,
    low: FloatArray | None = None,
    split: FloatArray | None = None,
) -> tuple[RecordArray, RecordArray]:
    """Match fills into closed trades and open lots.

    Parameters
    ----------
    fills : ndarray of FILL_DTYPE, shape (n,)
        Executions in the order of work; their bars never decrease.
    close : ndarray, shape (T, S)
        Closes of the panel. NaN is a bar without prices: it moves neither excursions nor marks.
    high, low : ndarray, shape (T, S), optional
        Highs and lows, for the excursions: ``mae`` and ``mfe`` are NaN without them.
    split : ndarray, shape (T, S), optional
        New shares per old, 1 for none; applied to open lots before the fills of its bar.

    Returns
    -------
    trades : ndarray of TRADE_DTYPE
        Closed trades, by exit fill, then by age of the lot. Quantity and prices in the units (splits) of the exit.
    open_lots : ndarray of TRADE_DTYPE
        What is still held, by entry fill, marked at the symbol's last close, ``exit_bar`` T - 1, net of the entry's
        commission only.

    Raises
    ------
    SimulationError
        The fills are out of order or outside the panel.

    Notes
    -----
    A trade is the common quantity of one entry fill and one exit fill. The commission of a fill is shared over its
    trades by quantity. ``mae`` and ``mfe`` are the worst and best excursion from the entry price as fractions of it,
    over the highs and lows of the bars from entry to exit, both included, bounded by 0; NaN if none of them has
    prices. Differences below 1e-9 of a fill's quantity are rounding error and leave no lot behind; nor does anything
    outlast a fill after which ``position`` is 0.

    Examples
    --------
    >>> import numpy as np
    >>> fills = np.zeros(2, FILL_DTYPE)
    >>> fills["bar"], fills["side"], fills["quantity"], fills["price"] = [0, 2], [1, -1], 10.0, [100.0, 110.0]
    >>> fills["position"] = [10.0, 0.0]
    >>> panel = np.array([[100.0], [95.0], [110.0]])
    >>> trades, open_lots = match_trades(fills, high=panel, low=panel, close=panel)
    >>> [round(float(trades[0][name]), 6) for name in ("pnl", "return", "mae", "mfe")]
    [100.0, 0.1, -0.05, 0.1]
    """
    n = fills.size
    if n == 0:
        return np.zeros(0, TRADE_DTYPE), np.zeros(0, TRADE_DTYPE)
    symbols = close.shape[1]
    _check(fills, close.shape)
    lots = np.empty((n, lot_queue.LOT_VALUES))
    links = np.empty((n, lot_queue.LOT_LINKS), np.int64)
    entries = np.empty((n, 2), np.int64)
    queues = np.full((symbols, lot_queue.QUEUE_ENDS), -1, np.int64)
    held = np.empty((2, symbols), np.int64)
    ranges = np.zeros((2, symbols))
    trades = np.empty(2 * n, TRADE_DTYPE)
    highs, lows, splits = (_panel(_NONE if values is None else values) for values in (high, low, split))
    records = fills.view()
    records.flags.writeable = False
    count, made = match_fills(
        records, len(close), highs, lows, splits, lots, links, entries, queues, held, ranges, trades
    )
    still_open = np.empty(int(np.count_nonzero(lots[:made, lot_queue.QUANTITY])), TRADE_DTYPE)
    write_open_lots(_panel(close), splits, made, lots, links, entries, queues, still_open)
    return trades[:count].copy(), still_open


def _check(fills: RecordArray, shape: tuple[int, ...]) -> None:
    bars, symbols = fills["bar"], fills["symbol"]
    if fills.dtype != FILL_DTYPE:
        raise SimulationError(f"fills have dtype {fills.dtype}; expected FILL_DTYPE")
    if bars[0] < 0 or bars[-1] >= shape[0] or bool(np.any(bars[1:] < bars[:-1])):
        raise SimulationError(f"fills' bars {bars[0]}..{bars[-1]} must not decrease and lie within 0..{shape[0] - 1}")
    if symbols.min() < 0 or symbols.max() >= shape[1]:
        raise SimulationError(f"fills' symbols {symbols.min()}..{symbols.max()} must lie within 0..{shape[1] - 1}")


def _panel(values: FloatArray) -> FloatArray:
    """A read-only, contiguous view, so that each kernel is compiled for one type of array only."""
    view = np.ascontiguousarray(values, dtype=np.float64).view()
    view.flags.writeable = False
    return view
