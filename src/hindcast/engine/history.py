"""What a simulation leaves behind, as arrays: the record that analysis, storage and reports read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hindcast.engine import layout
from hindcast.engine.accounting_report import AccountingReport

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioHistory:
    """The books of one run, bar by bar, and everything that changed them.

    T bars, S symbols. Arrays are read-only. ``equity`` and its neighbours hold the values recorded at each bar's
    close; the initial capital stands before them, at ``start``.
    """

    timestamps: IntArray  # (T,), UTC nanoseconds, the bars' stamps
    start: int  # UTC nanoseconds: the stamp of the initial capital
    initial_capital: float
    symbols: tuple[str, ...]
    equity: FloatArray  # (T,), money
    cash: FloatArray  # (T,), money
    gross_exposure: FloatArray  # (T,), money: sum of |quantity * mark|
    net_exposure: FloatArray  # (T,), money: sum of quantity * mark
    orders: RecordArray  # ORDER_DTYPE
    fills: RecordArray  # FILL_DTYPE
    trades: RecordArray  # TRADE_DTYPE: closed round trips, without mae and mfe (`match_trades` with high, low has them)
    open_lots: RecordArray  # TRADE_DTYPE: lots still open at the end, marked at the last close (exit_bar = T - 1)
    total_financing: float  # money paid for borrowing, over the run
    total_dividends: float  # money received (short: paid, negative), over the run
    ruined_at: int  # bar of ruin, -1 if none
    ignored_signals: int  # signals that the rules ignore (already in, one order works, warm-up)
    stale_symbols: tuple[str, ...]  # symbols still held whose last price is before the last bar
    terms: RecordArray = field(default_factory=lambda: np.empty(0, dtype=layout.TERMS_DTYPE))  # beside `orders`
    ambiguous: IntArray = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))  # index of an order, bar
    commands: RecordArray = field(default_factory=lambda: np.empty(0, dtype=layout.COMMAND_DTYPE))  # event lane
    lane: str = "vectorised"  # or "event"
    type_names: tuple[str, ...] = layout.TYPE_NAMES  # order types by code, custom ones included
    accounting: AccountingReport | None = None  # how exactly the books balance
    extra_symbols: tuple[str, ...] = ()  # names that orders named and the panel lacks: their codes follow the panel's

    @property
    def curve(self) -> FloatArray:
        """The initial capital, then the equity at each bar's close: shape (T + 1,), money."""
        return np.concatenate((np.array([self.initial_capital]), self.equity))

    @property
    def curve_timestamps(self) -> IntArray:
        """The stamps of ``curve``: shape (T + 1,), UTC nanoseconds."""
        return np.concatenate((np.array([self.start], dtype=np.int64), self.timestamps))
