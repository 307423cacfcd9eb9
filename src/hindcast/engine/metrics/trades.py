"""Statistics of closed trades."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.kernels.trade_metrics import TRADE_COLUMNS, trade_row
from hindcast.engine.metrics.values import defined

IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

COUNTS = frozenset({"max_losing_streak"})


def trade_statistics(trades: RecordArray, timestamps: IntArray) -> dict[str, float | int | None]:
    """Win rate, profit factor and the like, by metric name.

    Parameters
    ----------
    trades : ndarray of TRADE_DTYPE, shape (n,)
        Closed trades in the order of their exits.
    timestamps : ndarray of int64, shape (T,)
        UTC nanoseconds: the stamps of the bars that the trades name.

    Returns
    -------
    dict
        ``total_trades``, ``win_rate``, ``avg_profit`` and ``avg_loss`` (money, both positive), ``profit_factor``,
        ``expectancy`` (money), ``payoff_ratio``, ``sqn``, ``avg_holding_days``, ``max_holding_days``, ``best_trade``
        and ``worst_trade`` (returns), ``max_losing_streak``. Without trades all but the counts are None; without
        losers so are ``avg_loss``, ``profit_factor`` and ``payoff_ratio``.

    Notes
    -----
    A trade with a P&L of exactly 0 counts as a trade, as neither winner nor loser, and ends a losing streak.
    ``sqn`` is ``sqrt(n) * mean(pnl) / std(pnl, ddof=1)``.

    References
    ----------
    Tharp, V. K. (2008). Van Tharp's Definitive Guide to Position Sizing Strategies. (System quality number)

    Examples
    --------
    >>> import numpy as np
    >>> from hindcast.engine.layout import TRADE_DTYPE
    >>> trades = np.zeros(3, TRADE_DTYPE)
    >>> trades["pnl"] = [30.0, -10.0, -5.0]
    >>> found = trade_statistics(trades, np.array([0]))
    >>> found["total_trades"], found["profit_factor"], found["expectancy"], found["max_losing_streak"]
    (3, 2.0, 5.0, 2)
    """
    row = np.empty(len(TRADE_COLUMNS))
    records = trades.view()
    records.flags.writeable = False
    stamps = timestamps.view()
    stamps.flags.writeable = False
    trade_row(records, stamps, row)
    found: dict[str, float | int | None] = {"total_trades": int(trades.size)}
    for name, value in zip(TRADE_COLUMNS, row.tolist(), strict=True):
        found[name] = int(value) if name in COUNTS else defined(value)
    return found
