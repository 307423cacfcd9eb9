"""What the simulation's kernels pass to one another: named tuples of arrays and scalars.

S symbols, T bars. The Python face builds and checks them; kernels trust them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ByteArray = NDArray[np.int8]
RecordArray = NDArray[np.void]


class Market(NamedTuple):
    """The panel."""

    timestamps: IntArray  # (T,), UTC nanoseconds
    open: FloatArray  # (T, S)
    high: FloatArray  # (T, S)
    low: FloatArray  # (T, S)
    close: FloatArray  # (T, S)
    volume: FloatArray  # (T, S)
    has_actions: bool  # whether the two below are to be read; else they are (1, 1)
    split: FloatArray  # (T, S)
    dividend: FloatArray  # (T, S)
    by_name: IntArray  # (S,), columns in the order of the symbols' names


class Decisions(NamedTuple):
    """What the strategy decides: its signals, column by column, and what it asks for by hand."""

    side: ByteArray  # (T, S), or (1, 1) where there are only commands
    has_signals: bool
    has_strength: bool
    strength: FloatArray  # (T, S), or (1, 1) where has_strength is false
    weight: FloatArray  # (T, S), or (1, 1) where no signal is a target
    price_columns: IntArray  # (PRICES,), place of each price column in `prices`, -1 = not given
    prices: FloatArray  # (columns given, T, S); NaN = not given in this cell
    warm_up: int  # signals on bars before this one are ignored
    commands: RecordArray  # COMMAND_DTYPE, by bar


class Rules(NamedTuple):
    """The configuration, in numbers."""

    per_order: float
    per_share: float
    rate: float
    minimum: float
    maximum: float  # inf = none
    custom_commission: bool
    slippage_kind: int  # SLIP_…
    slippage: float  # fraction of the price, money, or factor, as the kind says
    size_kind: int  # SIZE_…
    size: float
    size_window: int
    size_periods: float
    fill_on_close: bool
    touch: bool  # a touched limit fills
    intrabar: int  # PESSIMISTIC, OPTIMISTIC, OHLC
    allow_short: bool
    max_leverage: float
    maintenance: float
    borrow_rate: float  # per year of 365 days
    margin_rate: float
    pyramiding: int
    lot: float  # 0 = fractional
    tick: float  # 0 = any price
    max_participation: float  # 0 = no cap
    reject: bool  # an order that buying power does not cover fills nothing instead of less
    callback: int  # address of the function that answers CALL_…, 0 = none


class Books(NamedTuple):
    """All that changes during a run; a run can be stopped after any bar and gone on with."""

    positions: RecordArray  # (S,), POSITION_DTYPE
    working: RecordArray  # WATCH_DTYPE: working orders in the order of their creation
    active: IntArray  # indices of the orders to which something can happen on the bar at hand
    orders: RecordArray  # ORDER_DTYPE
    terms: RecordArray  # TERMS_DTYPE, beside `orders`
    fills: RecordArray  # FILL_DTYPE
    ambiguous: IntArray  # (N, 2): index of an order, bar
    request: RecordArray  # (1,), COMMAND_DTYPE: the request at hand
    counts: IntArray  # COUNT_…
    money: FloatArray  # MONEY_…
    curve: FloatArray  # (CURVES, T), recorded at each close: CURVE_…


# Places in Decisions.price_columns.
LIMIT: Final = 0
STOP: Final = 1
TRAILING: Final = 2
TRAILING_FRACTION: Final = 3
STOP_LOSS: Final = 4
TAKE_PROFIT: Final = 5
CHILD_TRAILING: Final = 6
CHILD_TRAILING_FRACTION: Final = 7
PRICES: Final = 8

# Places in Books.counts.
COUNT_ORDERS: Final = 0
COUNT_FILLS: Final = 1
COUNT_WORKING: Final = 2
COUNT_IGNORED: Final = 3
RUINED_AT: Final = 4
COUNT_ACTIVE: Final = 5
COUNT_AMBIGUOUS: Final = 6
COUNT_COMMANDS: Final = 7  # commands done with
COUNT_IMMEDIATE: Final = 8  # working orders that are immediate-or-cancel or fill-or-kill
NEXT_EXPIRY: Final = 9  # UTC nanoseconds: no working order expires at or before this stamp
HALTED: Final = 10  # 1 where a callback failed
COUNTS: Final = 11

# Places in Books.money.
CASH: Final = 0
NET: Final = 1  # sum of quantity * mark
GROSS: Final = 2  # sum of |quantity * mark|
SHORT: Final = 3  # market value of shorts, as recorded at the last close
RECORDED_CASH: Final = 4  # cash as recorded at the last close
FINANCING: Final = 5  # paid so far
DIVIDENDS: Final = 6  # received so far
EXECUTED: Final = 7  # quantity that a custom executor answered with, beside its price
MONEYS: Final = 8

# Rows of Books.curve.
CURVE_EQUITY: Final = 0
CURVE_CASH: Final = 1
CURVE_GROSS: Final = 2
CURVE_NET: Final = 3
CURVES: Final = 4

NEVER: Final = np.iinfo(np.int64).max
