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

# Order types. Codes from TYPE_CUSTOM on are registered ones.
TYPE_MARKET: Final = 0
TYPE_MARKET_ON_CLOSE: Final = 1
TYPE_LIMIT: Final = 2
TYPE_STOP: Final = 3
TYPE_STOP_LIMIT: Final = 4
TYPE_TRAILING_STOP: Final = 5
TYPE_CUSTOM: Final = 6
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
REASON_BAD_QUANTITY: Final = 9
REASON_BAD_PRICE: Final = 10
REASON_UNKNOWN_SYMBOL: Final = 11
REASON_BAD_COMBINATION: Final = 12
REASON_BAD_EXPIRY: Final = 13
REASON_WRONG_SIDE: Final = 14
REASON_NO_SIZE: Final = 15
REASON_OCO: Final = 16
REASON_USER: Final = 17
REASON_IOC: Final = 18
REASON_FOK: Final = 19
REASON_DAY: Final = 20
REASON_GTD: Final = 21
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
    "bad_quantity",
    "bad_price",
    "unknown_symbol",
    "bad_combination",
    "bad_expiry",
    "wrong_side",
    "no_size",
    "oco",
    "user",
    "ioc",
    "fok",
    "day",
    "gtd",
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
# Only in requests; an order is created with one of the above.
ASK_WEIGHT: Final = 6  # money worth `value` times equity
ASK_TARGET_WEIGHT: Final = 7  # position worth `value` times equity
ASK_SIZER: Final = 8  # what the sizer says, times `value` (the strength)
ASK_SIZER_REVERSE: Final = 9  # the whole position when worked, and what the sizer says the other way

# How an order behaves now: a triggered stop is a market order, a triggered stop-limit a limit order.
ACTS_MARKET: Final = 0
ACTS_ON_CLOSE: Final = 1
ACTS_LIMIT: Final = 2
ACTS_STOP: Final = 3
ACTS_STOP_LIMIT: Final = 4
ACTS_CUSTOM: Final = 5

# What an order is to a bracket.
ROLE_NONE: Final = 0
ROLE_STOP_LOSS: Final = 1
ROLE_TAKE_PROFIT: Final = 2
BRACKET_STOP_LOSS: Final = 1  # bits of an entry's `bracket`
BRACKET_TAKE_PROFIT: Final = 2

# What a working order is in one phase of a bar.
PHASE_WAITS: Final = 0
PHASE_REDUCES: Final = 1
PHASE_OPENS: Final = 2

# The phases in which orders are matched.
AT_OPEN: Final = 0
WITHIN: Final = 1
ON_CLOSE: Final = 2  # market-on-close orders
AFTER_DECISION: Final = 3  # market orders with fill_on="close", at the close of the decision's own bar

# How an entry filled, for the children on its own bar.
ENTRY_NONE: Final = 0
ENTRY_AT_OPEN: Final = 1
ENTRY_AT_LIMIT: Final = 2  # by a limit order, or by a stop-limit order that was triggered at the open
ENTRY_AT_STOP: Final = 3
ENTRY_LIMIT_AFTER_STOP: Final = 4  # a stop-limit order triggered within the bar, its limit below its stop
ENTRY_AT_CLOSE: Final = 5
ENTRY_CUSTOM: Final = 6

# What is assumed of the order of prices within a bar.
PESSIMISTIC: Final = 0
OPTIMISTIC: Final = 1
OHLC: Final = 2

# Position sizers.
SIZE_TARGET_WEIGHT: Final = 0
SIZE_FIXED_QUANTITY: Final = 1
SIZE_FIXED_CASH: Final = 2
SIZE_VOLATILITY_TARGET: Final = 3
SIZE_RISK_PER_TRADE: Final = 4
SIZE_KELLY: Final = 5
SIZE_CUSTOM_CASH: Final = 6
SIZE_CUSTOM_QUANTITY: Final = 7

# Slippage models.
SLIP_BASIS_POINTS: Final = 0
SLIP_HALF_SPREAD: Final = 1
SLIP_VOLUME_SHARE: Final = 2
SLIP_SQUARE_ROOT: Final = 3
SLIP_CUSTOM: Final = 4

# What a kernel asks of Python through the one callback.
CALL_SLIPPAGE: Final = 0
CALL_COMMISSION: Final = 1
CALL_SIZE: Final = 2
CALL_EXECUTE: Final = 3

# Commands: what a strategy asks for by hand.
COMMAND_ORDER: Final = 0
COMMAND_CANCEL: Final = 1
COMMAND_CANCEL_MADE: Final = 2  # in replays: the order that command number `order` made, or its child (`role`)
COMMAND_CANCEL_MARGIN: Final = 3  # in replays: the margin order of `symbol`, where one works

# Which fields of a request were given.
GIVEN_QUANTITY: Final = 1
GIVEN_WEIGHT: Final = 2
GIVEN_LIMIT: Final = 4
GIVEN_STOP: Final = 8
GIVEN_TRAIL_AMOUNT: Final = 16
GIVEN_TRAIL_FRACTION: Final = 32
GIVEN_STOP_LOSS: Final = 64
GIVEN_TAKE_PROFIT: Final = 128
GIVEN_CHILD_TRAIL_AMOUNT: Final = 256
GIVEN_CHILD_TRAIL_FRACTION: Final = 512
GIVEN_ON_CLOSE: Final = 1024
GIVEN_GOOD_TILL: Final = 2048

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
        ("limit", np.float64),  # NaN = none
        ("stop", np.float64),  # NaN = none; of a trailing stop: its level now
        ("symbol", np.int32),  # column of the panel; beyond the last one: a name that the panel lacks
        ("created", np.int32),  # bar
        ("closed", np.int32),  # bar; -1 while open
        ("worked", np.int32),  # bar on which it last had its turn; -1 = none
        ("type", np.int16),
        ("reason", np.int8),
        ("side", np.int8),  # BUY or SELL; 0 until a target order is first worked
        ("ask", np.int8),
        ("time_in_force", np.int8),
        ("status", np.int8),
        ("signal", np.int8),  # the code of the signal that made it; SIGNAL_HOLD for any other order
        ("adds", np.int8),  # 1 where a signal adds to a position (pyramiding)
        ("acts", np.int8),  # ACTS_…
        ("role", np.int8),  # ROLE_…
        ("bracket", np.int8),  # BRACKET_… of an entry
        ("phase", np.int8),  # PHASE_… in the phase at hand
        ("touched", np.int8),  # 1 while its watch has to be made anew
        ("entry", np.int8),  # ENTRY_… of its last fill
        ("was_split", np.int8),  # 1 once a split has changed it; its terms then hold what it was made with
    ],
    align=True,
)

# What only some orders have; the record of order k is at index k, and is read only where the order says so.
TERMS_DTYPE: Final = np.dtype(
    [
        ("trail_amount", np.float64),  # NaN = by fraction
        ("trail_fraction", np.float64),
        ("extreme", np.float64),  # the best price that a trailing stop has seen
        ("stop_loss", np.float64),  # an entry's bracket; NaN = trailing or none
        ("take_profit", np.float64),
        ("child_trail_amount", np.float64),
        ("child_trail_fraction", np.float64),
        ("good_till", np.int64),  # UTC nanoseconds: the last stamp at which it works
        ("stop_child", np.int64),  # index, -1 = none
        ("take_child", np.int64),
        ("entry_bar", np.int64),  # bar of the last fill of an entry with a bracket, -1 = none
        ("first_bar", np.int64),  # bar of its first fill
        ("entry_price", np.float64),  # of its last fill, before slippage
        ("made_quantity", np.float64),  # from here on, where `was_split`: what stood there before the first split
        ("made_value", np.float64),
        ("made_limit", np.float64),
        ("made_stop", np.float64),
        ("made_trail_amount", np.float64),
        ("made_stop_loss", np.float64),
        ("made_take_profit", np.float64),
        ("made_child_trail_amount", np.float64),
    ]
)

# A working order, and the prices of a bar that can make anything happen to it: low <= below or high >= above.
WATCH_DTYPE: Final = np.dtype(
    [
        ("below", np.float64),
        ("above", np.float64),
        ("index", np.int64),
        ("symbol", np.int64),
    ]
)

COMMAND_DTYPE: Final = np.dtype(
    [
        ("quantity", np.float64),
        ("value", np.float64),  # money, weight or strength, as `ask` says
        ("limit", np.float64),
        ("stop", np.float64),
        ("trail_amount", np.float64),
        ("trail_fraction", np.float64),
        ("stop_loss", np.float64),
        ("take_profit", np.float64),
        ("child_trail_amount", np.float64),
        ("child_trail_fraction", np.float64),
        ("good_till", np.int64),
        ("order", np.int64),  # what to cancel: an index (COMMAND_CANCEL_MADE: the number of the command that made it)
        ("bar", np.int64),
        ("symbol", np.int32),
        ("given", np.int16),  # GIVEN_… bits
        ("type", np.int16),
        ("kind", np.int8),  # COMMAND_…
        ("side", np.int8),
        ("ask", np.int8),
        ("time_in_force", np.int8),
        ("role", np.int8),  # of COMMAND_CANCEL_MADE: ROLE_…
        ("signal", np.int8),  # within the kernel: the signal that it stands for
        ("reserved", np.int16),
    ],
    align=True,
)

POSITION_DTYPE: Final = np.dtype(
    [
        ("quantity", np.float64),  # signed
        ("mark", np.float64),  # last close seen, NaN before the first
        ("average_cost", np.float64),  # 0 when flat
        ("budget", np.float64),  # units that this bar's volume still allows (max_participation)
        ("budget_bar", np.int64),  # the bar that the budget is of
        ("children", np.int64),  # working stop-losses and take-profits
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
