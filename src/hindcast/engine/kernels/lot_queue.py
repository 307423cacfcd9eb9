"""Open lots of a symbol as a queue, oldest first, that knows the lowest and highest price since its oldest entry.

Each lot keeps the lowest low and highest high from its entry bar up to the bar before the next lot's entry, so that a
bar touches only its symbol's running range, which belongs to the newest lot. Two more queues through the same lots
leave out those that a newer lot exceeds: their heads are the extremes since the oldest entry.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import inner_kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Columns of `links` (one row per lot) and of `queues` (one row per symbol).
NEXT: Final = 0  # of the lots of a symbol, in the order of entry
NEXT_LOW: Final = 1  # of those that no newer lot undercuts
BEFORE_LOW: Final = 2
NEXT_HIGH: Final = 3  # of those that no newer lot exceeds
BEFORE_HIGH: Final = 4
LOT_LINKS: Final = 5
HEAD: Final = 0
TAIL: Final = 1
HEAD_LOW: Final = 2
TAIL_LOW: Final = 3
HEAD_HIGH: Final = 4
TAIL_HIGH: Final = 5
QUEUE_ENDS: Final = 6

# Columns of `lots` (one row per lot): signed quantity, entry price and extremes in today's units.
QUANTITY: Final = 0
PRICE: Final = 1
COMMISSION: Final = 2
LOWEST: Final = 3
HIGHEST: Final = 4
LOT_VALUES: Final = 5

# Rows of `ranges` (one column per symbol): extremes since the newest lot's entry.
LOW: Final = 0
HIGH: Final = 1


@inner_kernel
def append_lowest(lot: int, symbol: int, lots: FloatArray, links: IntArray, queues: IntArray) -> None:
    """Put the newest lot at the end of the queue of lows, in place of those that it undercuts."""
    low = lots[lot, LOWEST]
    last = queues[symbol, TAIL_LOW]
    while last >= 0 and lots[last, LOWEST] >= low:
        last = links[last, BEFORE_LOW]
    links[lot, BEFORE_LOW] = last
    links[lot, NEXT_LOW] = -1
    if last >= 0:
        links[last, NEXT_LOW] = lot
    else:
        queues[symbol, HEAD_LOW] = lot
    queues[symbol, TAIL_LOW] = lot


@inner_kernel
def append_highest(lot: int, symbol: int, lots: FloatArray, links: IntArray, queues: IntArray) -> None:
    """Put the newest lot at the end of the queue of highs, in place of those that it exceeds."""
    high = lots[lot, HIGHEST]
    last = queues[symbol, TAIL_HIGH]
    while last >= 0 and lots[last, HIGHEST] <= high:
        last = links[last, BEFORE_HIGH]
    links[lot, BEFORE_HIGH] = last
    links[lot, NEXT_HIGH] = -1
    if last >= 0:
        links[last, NEXT_HIGH] = lot
    else:
        queues[symbol, HEAD_HIGH] = lot
    queues[symbol, TAIL_HIGH] = lot


@inner_kernel
def append_lot(lot: int, symbol: int, lots: FloatArray, links: IntArray, queues: IntArray) -> None:
    """Put a new lot at the end of its symbol's queues."""
    links[lot, NEXT] = -1
    last = queues[symbol, TAIL]
    if last >= 0:
        links[last, NEXT] = lot
    else:
        queues[symbol, HEAD] = lot
    queues[symbol, TAIL] = lot
    append_lowest(lot, symbol, lots, links, queues)
    append_highest(lot, symbol, lots, links, queues)


@inner_kernel
def drop_oldest(symbol: int, links: IntArray, queues: IntArray) -> None:
    """Take the oldest lot of a symbol out of its queues."""
    lot = queues[symbol, HEAD]
    queues[symbol, HEAD] = links[lot, NEXT]
    if links[lot, NEXT] < 0:
        queues[symbol, TAIL] = -1
    if queues[symbol, HEAD_LOW] == lot:
        after = links[lot, NEXT_LOW]
        queues[symbol, HEAD_LOW] = after
        if after >= 0:
            links[after, BEFORE_LOW] = -1
        else:
            queues[symbol, TAIL_LOW] = -1
    if queues[symbol, HEAD_HIGH] == lot:
        after = links[lot, NEXT_HIGH]
        queues[symbol, HEAD_HIGH] = after
        if after >= 0:
            links[after, BEFORE_HIGH] = -1
        else:
            queues[symbol, TAIL_HIGH] = -1


@inner_kernel
def see_bar(t: int, low: FloatArray, high: FloatArray, held: IntArray, held_count: int, ranges: FloatArray) -> None:
    """Take bar t into the running ranges (2, S) of the held symbols; NaN is no bar.

    Where many symbols are held, all of them are taken in: one sweep over the row is faster than picking them out, and
    the range of a symbol that is not held starts anew with its next lot.
    """
    if 4 * held_count >= low.shape[1]:
        for s in range(low.shape[1]):
            ranges[LOW, s] = low[t, s] if low[t, s] < ranges[LOW, s] else ranges[LOW, s]
            ranges[HIGH, s] = high[t, s] if high[t, s] > ranges[HIGH, s] else ranges[HIGH, s]
    else:
        for i in range(held_count):
            s = held[0, i]
            ranges[LOW, s] = low[t, s] if low[t, s] < ranges[LOW, s] else ranges[LOW, s]
            ranges[HIGH, s] = high[t, s] if high[t, s] > ranges[HIGH, s] else ranges[HIGH, s]


@inner_kernel
def settle_range(symbol: int, lots: FloatArray, links: IntArray, queues: IntArray, ranges: FloatArray) -> None:
    """Write a symbol's running range into its newest lot, which then stands in its right place in the queues."""
    lot = queues[symbol, TAIL]
    if lot < 0:
        return
    if ranges[LOW, symbol] < lots[lot, LOWEST]:
        lots[lot, LOWEST] = ranges[LOW, symbol]
        queues[symbol, TAIL_LOW] = links[lot, BEFORE_LOW]
        append_lowest(lot, symbol, lots, links, queues)
    if ranges[HIGH, symbol] > lots[lot, HIGHEST]:
        lots[lot, HIGHEST] = ranges[HIGH, symbol]
        queues[symbol, TAIL_HIGH] = links[lot, BEFORE_HIGH]
        append_highest(lot, symbol, lots, links, queues)


@inner_kernel
def apply_split(
    factor: float, symbol: int, lots: FloatArray, links: IntArray, queues: IntArray, ranges: FloatArray
) -> None:
    """Put a symbol's lots and running range into the units after a split."""
    ranges[LOW, symbol] /= factor
    ranges[HIGH, symbol] /= factor
    lot = queues[symbol, HEAD]
    while lot >= 0:
        lots[lot, QUANTITY] *= factor
        lots[lot, PRICE] /= factor
        lots[lot, LOWEST] /= factor
        lots[lot, HIGHEST] /= factor
        lot = links[lot, NEXT]
