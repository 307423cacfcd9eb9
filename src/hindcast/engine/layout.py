"""Dtypes and integer codes shared by Python and the compiled kernels: the whole contract, on one page.

Codes are module constants, so that numba freezes them into machine code. Each code that a user sees as a word has
its word at the same index of a ``*_NAMES`` tuple below it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

# Sides. +1 and -1, so that `side * quantity` is a signed quantity.
BUY: Final = 1
SELL: Final = -1

# What a signal asks for (one byte per bar and symbol).
SIGNAL_HOLD: Final = 0
SIGNAL_BUY: Final = 1
SIGNAL_SELL: Final = 2
SIGNAL_TARGET: Final = 3

# Order types.
TYPE_MARKET: Final = 0
TYPE_MARKET_ON_CLOSE: Final = 1
TYPE_LIMIT: Final = 2
TYPE_STOP: Final = 3
TYPE_STOP_LIMIT: Final = 4
TYPE_TRAILING_STOP: Final = 5
TYPE_NAMES: Final = ("market", "market_on_close", "limit", "stop", "stop_limit", "trailing_stop")

# Time in force.
TIF_GTC: Final = 0
TIF_DAY: Final = 1
TIF_GTD: Final = 2
TIF_IOC: Final = 3
TIF_FOK: Final = 4
TIF_NAMES: Final = ("GTC", "DAY", "GTD", "IOC", "FOK")

# Order states.
STATUS_OPEN: Final = 0
STATUS_FILLED: Final = 1
STATUS_CANCELLED: Final = 2
STATUS_EXPIRED: Final = 3
STATUS_REJECTED: Final = 4
STATUS_NAMES: Final = ("open", "filled", "cancelled", "expired", "rejected")

# Reasons, on orders and fills. An empty word: nothing out of the ordinary.
REASON_NONE: Final = 0
REASON_INSUFFICIENT_CASH: Final = 1
REASON_TOO_SMALL: Final = 2
REASON_NO_PRICE: Final = 3
REASON_REPLACED: Final = 4
REASON_MARGIN: Final = 5
REASON_RUINED: Final = 6
REASON_POSITION_CLOSED: Final = 7
REASON_NO_SHORT: Final = 8
REASON_NAMES: Final = (
    "",
    "insufficient_cash",
    "too_small",
    "no_price",
    "replaced",
    "margin",
    "ruined",
    "position_closed",
    "no_short",
)

# Comparisons of money and quantities allow this much, relative.
TOLERANCE: Final = 1e-9

# How an order's quantity is known.
ASK_QUANTITY: Final = 0  # `quantity` units
ASK_VALUE: Final = 1  # `value` of money, turned into a quantity when the order is first worked
ASK_TARGET: Final = 2  # position worth `value`; the side, too, is known when the order is first worked
ASK_POSITION: Final = 3  # the whole position when worked, reduce-only
ASK_REVERSE_QUANTITY: Final = 4  # the whole position when worked, and `value` units the other way
ASK_REVERSE_VALUE: Final = 5  # the whole position when worked, and `value` of money the other way

# What a working order is in one phase of a bar.
PHASE_WAITS: Final = 0
PHASE_REDUCES: Final = 1
PHASE_OPENS: Final = 2

# Position sizers.
SIZE_TARGET_WEIGHT: Final = 0
SIZE_FIXED_QUANTITY: Final = 1
SIZE_FIXED_CASH: Final = 2

# Small fields are kept small: the log of a large run is mostly memory traffic. They leave no padding between them:
# its bytes would differ from run to run.
ORDER_DTYPE: Final = np.dtype(
    [
        ("order_id", np.int64),
        ("parent_id", np.int64),  # 0 = none
        ("quantity", np.float64),  # asked for; NaN until a cash value is converted
        ("value", np.float64),  # money (ASK_REVERSE_QUANTITY: units) asked for; NaN where the quantity was given
        ("remaining", np.float64),  # still to be filled; NaN until the order is first worked
        ("filled", np.float64),
        ("notional", np.float64),  # filled quantity times price, so far
        ("charged", np.float64),  # commission charged so far
        ("limit", np.float64),
        ("stop", np.float64),
        ("symbol", np.int32),  # column of the panel
        ("created", np.int32),  # bar
        ("closed", np.int32),  # bar; -1 while open
        ("side", np.int8),  # BUY or SELL; 0 until a target order is first worked
        ("type", np.int8),
        ("ask", np.int8),
        ("time_in_force", np.int8),
        ("status", np.int8),
        ("reason", np.int8),
        ("signal", np.int8),  # the code of the signal that made it; SIGNAL_HOLD for any other order
        ("adds", np.int8),  # 1 where a signal adds to a position (pyramiding)
        ("phase", np.int32),  # PHASE_… in the phase at hand
    ],
    align=True,
)

POSITION_DTYPE: Final = np.dtype(
    [
        ("quantity", np.float64),  # signed
        ("mark", np.float64),  # last close seen, NaN before the first
        ("average_cost", np.float64),  # 0 when flat
        ("budget", np.float64),  # units that this bar's volume still allows (max_participation)
        ("added", np.int64),  # signals that have added to the position since it was flat
        ("signal_order", np.int64),  # index of the working signal-born order, -1 = none
        ("margin_order", np.int64),  # index of the working margin order, -1 = none
    ]
)

FILL_DTYPE: Final = np.dtype(
    [
        ("order_id", np.int64),
        ("quantity", np.float64),  # > 0
        ("price", np.float64),  # after slippage
        ("commission", np.float64),
        ("slippage", np.float64),  # money lost to slippage on this fill, >= 0
        ("position", np.float64),  # signed, after the fill
        ("average_cost", np.float64),  # after the fill; 0 when flat
        ("realised", np.float64),  # P&L at average cost, before commissions
        ("bar", np.int32),
        ("symbol", np.int32),
        ("side", np.int16),
        ("reason", np.int16),
        ("ambiguous", np.int32),
    ],
    align=True,
)

TRADE_DTYPE: Final = np.dtype(
    [
        ("symbol", np.int64),
        ("side", np.int64),  # BUY = long, SELL = short
        ("quantity", np.float64),  # in the units (splits) of the exit
        ("entry_bar", np.int64),
        ("entry_price", np.float64),  # in the units of the exit
        ("exit_bar", np.int64),
        ("exit_price", np.float64),
        ("pnl", np.float64),  # net of its share of commissions
        ("return", np.float64),  # pnl / (entry price * quantity)
        ("commission", np.float64),
        ("mae", np.float64),  # worst excursion from the entry price, as a fraction, <= 0 or NaN
        ("mfe", np.float64),  # best excursion from the entry price, as a fraction, >= 0 or NaN
    ]
)
