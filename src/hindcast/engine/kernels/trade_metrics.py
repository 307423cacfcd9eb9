"""The statistics of closed trades, in two passes over their records."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import stepping_kernel
from hindcast.engine.kernels.curve_metrics import deviation, varies
from hindcast.engine.stamps import DAY_NS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

# The columns of a row of trade metrics, and their names.
WIN_RATE: Final = 0
AVG_PROFIT: Final = 1
AVG_LOSS: Final = 2
PROFIT_FACTOR: Final = 3
EXPECTANCY: Final = 4
PAYOFF_RATIO: Final = 5
SQN: Final = 6
AVG_HOLDING_DAYS: Final = 7
MAX_HOLDING_DAYS: Final = 8
BEST_TRADE: Final = 9
WORST_TRADE: Final = 10
MAX_LOSING_STREAK: Final = 11
TRADE_COLUMNS: Final = (
    "win_rate",
    "avg_profit",
    "avg_loss",
    "profit_factor",
    "expectancy",
    "payoff_ratio",
    "sqn",
    "avg_holding_days",
    "max_holding_days",
    "best_trade",
    "worst_trade",
    "max_losing_streak",
)


@stepping_kernel
def trade_row(trades: RecordArray, timestamps: IntArray, out: FloatArray) -> None:
    """Write the statistics of trades in the order of their exits; `timestamps` are the bars' stamps."""
    n = trades.size
    out[:] = np.nan
    out[MAX_LOSING_STREAK] = 0.0
    if n == 0:
        return
    winners = 0
    losers = 0
    profit = 0.0
    loss = 0.0
    streak = 0
    longest_streak = 0
    days = 0.0
    longest = 0.0
    best = trades[0]["return"]
    worst = best
    for i in range(n):
        trade = trades[i]
        pnl = trade["pnl"]
        if pnl > 0.0:
            winners += 1
            profit += pnl
        if pnl < 0.0:
            losers += 1
            loss -= pnl
            streak += 1
            longest_streak = max(longest_streak, streak)
        else:
            streak = 0
        held = (timestamps[trade["exit_bar"]] - timestamps[trade["entry_bar"]]) / DAY_NS
        days += held
        longest = max(longest, held)
        best = max(best, trade["return"])
        worst = min(worst, trade["return"])
    mean = (profit - loss) / n
    squares = 0.0
    for i in range(n):
        squares += (trades[i]["pnl"] - mean) ** 2
    spread = deviation(squares, n)
    out[WIN_RATE] = winners / n
    out[EXPECTANCY] = mean
    if winners > 0:
        out[AVG_PROFIT] = profit / winners
    if losers > 0:
        out[AVG_LOSS] = loss / losers
        out[PROFIT_FACTOR] = profit / loss
        if winners > 0:
            out[PAYOFF_RATIO] = (profit / winners) / (loss / losers)
    if varies(spread, mean):
        out[SQN] = np.sqrt(n) * mean / spread
    out[AVG_HOLDING_DAYS] = days / n
    out[MAX_HOLDING_DAYS] = longest
    out[BEST_TRADE] = best
    out[WORST_TRADE] = worst
    out[MAX_LOSING_STREAK] = longest_streak
