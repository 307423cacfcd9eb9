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
    close: FloatArray  # (T, S)
    volume: FloatArray  # (T, S)
    has_actions: bool  # whether the two below are to be read; else they are (1, 1)
    split: FloatArray  # (T, S)
    dividend: FloatArray  # (T, S)
    by_name: IntArray  # (S,), columns in the order of the symbols' names


class Decisions(NamedTuple):
    """The strategy's signals; see `hindcast.engine.signals.Signals`."""

    side: ByteArray  # (T, S)
    has_strength: bool
    strength: FloatArray  # (T, S), or (1, 1) where has_strength is false
    weight: FloatArray  # (T, S), or (1, 1) where no signal is a target
    warm_up: int  # signals on bars before this one are ignored


class Rules(NamedTuple):
    """The configuration, in numbers."""

    per_order: float
    per_share: float
    rate: float
    minimum: float
    maximum: float  # inf = none
    slippage: float  # fraction of the price
    size_kind: int  # SIZE_…
    size: float
    fill_on_close: bool
    allow_short: bool
    max_leverage: float
    maintenance: float
    borrow_rate: float  # per year of 365 days
    margin_rate: float
    pyramiding: int
    lot: float  # 0 = fractional
    max_participation: float  # 0 = no cap
    reject: bool  # an order that buying power does not cover fills nothing instead of less


class Books(NamedTuple):
    """All that changes during a run; a run can be stopped after any bar and gone on with."""

    positions: RecordArray  # (S,), POSITION_DTYPE
    working: IntArray  # indices of working orders in the order of their creation
    orders: RecordArray  # ORDER_DTYPE
    fills: RecordArray  # FILL_DTYPE
    counts: IntArray  # COUNT_…
    money: FloatArray  # MONEY_…
    curve: FloatArray  # (T, CURVES), recorded at each close: CURVE_…


# Places in Books.counts.
COUNT_ORDERS: Final = 0
COUNT_FILLS: Final = 1
COUNT_WORKING: Final = 2
COUNT_IGNORED: Final = 3
RUINED_AT: Final = 4
COUNTS: Final = 5

# Places in Books.money.
CASH: Final = 0
NET: Final = 1  # sum of quantity * mark
GROSS: Final = 2  # sum of |quantity * mark|
SHORT: Final = 3  # market value of shorts, as recorded at the last close
RECORDED_CASH: Final = 4  # cash as recorded at the last close
FINANCING: Final = 5  # paid so far
DIVIDENDS: Final = 6  # received so far
MONEYS: Final = 7

# Columns of Books.curve.
CURVE_EQUITY: Final = 0
CURVE_CASH: Final = 1
CURVE_GROSS: Final = 2
CURVE_NET: Final = 3
CURVES: Final = 4
