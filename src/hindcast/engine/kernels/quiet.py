"""Quiet stretches: bars on which no order has its turn, so that positions, cash and orders stay as they are."""

from __future__ import annotations

from hindcast.engine._jit import kernel
from hindcast.engine.kernels.state import FloatArray, IntArray, RecordArray


@kernel
def mark_ahead(
    close: FloatArray,
    high: FloatArray,
    low: FloatArray,
    by_name: IntArray,
    working: RecordArray,
    count: int,
    quantities: FloatArray,
    marks: FloatArray,
    cash: float,
    maintenance: float,
    equity: FloatArray,
    first: int,
    last: int,
) -> int:
    """Equity of bars first <= t < last, summed as `ledger.record_close` sums; gives the bar to stop before.

    That is the first one on which one of the `count` working orders wakes, or on which equity is not more than
    `maintenance` times gross exposure. `marks` holds the last closes seen before `first`, and is moved on.
    """
    for t in range(first, last):
        for place in range(count):
            watch = working[place]
            s = watch["symbol"]
            if low[t, s] <= watch["below"] or high[t, s] >= watch["above"]:
                return t
        net = 0.0
        gross = 0.0
        for k in range(len(by_name)):
            s = by_name[k]
            price = close[t, s]
            mark = marks[s] if price != price else price
            marks[s] = mark
            value = quantities[s] * mark
            value = 0.0 if quantities[s] == 0.0 else value
            net += value
            gross += abs(value)
        equity[t] = cash + net
        if equity[t] <= maintenance * gross:
            return t
    return last
