"""Fills into trades: first in, first out per symbol, with the worst and best price while each was held.

The whole work is O(fills + bars of symbols held), however many lots are open.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import inner_kernel, stepping_kernel
from hindcast.engine.kernels.lot_queue import (
    COMMISSION,
    HEAD,
    HEAD_HIGH,
    HEAD_LOW,
    HIGH,
    HIGHEST,
    LOW,
    LOWEST,
    PRICE,
    QUANTITY,
    append_lot,
    apply_split,
    drop_oldest,
    see_bar,
    settle_range,
)
from hindcast.engine.layout import BUY, SELL

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

NEGLIGIBLE: Final = 1e-9  # share of a fill that is rounding error


@inner_kernel
def write_outcome(trade: np.void, exit_bar: int, exit_price: float, lowest: float, highest: float) -> None:
    """Complete a record of TRADE_DTYPE that has its entry, quantity and commission."""
    entry_price = trade["entry_price"]
    size = trade["quantity"]
    side = trade["side"]
    pnl = side * (exit_price - entry_price) * size - trade["commission"]
    down = lowest / entry_price - 1.0
    up = highest / entry_price - 1.0
    trade["exit_bar"] = exit_bar
    trade["exit_price"] = exit_price
    trade["pnl"] = pnl
    worthless = entry_price == 0.0  # a sale that slipped to nothing: there is no fraction of it
    trade["return"] = np.nan if worthless else pnl / (entry_price * size)
    if lowest > highest or worthless:
        trade["mae"] = np.nan
        trade["mfe"] = np.nan
    elif side == BUY:
        trade["mae"] = min(down, 0.0)
        trade["mfe"] = max(up, 0.0)
    else:
        trade["mae"] = min(-up, 0.0)
        trade["mfe"] = max(-down, 0.0)


@inner_kernel
def write_entry(trade: np.void, lot: int, quantity: float, lots: FloatArray, entries: IntArray) -> None:
    """Write what a trade takes from its lot: `quantity` of it, in today's units."""
    trade["symbol"] = entries[lot, 1]
    trade["side"] = BUY if lots[lot, QUANTITY] > 0.0 else SELL
    trade["quantity"] = quantity
    trade["entry_bar"] = entries[lot, 0]
    trade["entry_price"] = lots[lot, PRICE]
    trade["commission"] = lots[lot, COMMISSION] * (quantity / abs(lots[lot, QUANTITY]))


@inner_kernel
def charge(trade: np.void, commission: float) -> None:
    """Add a commission to a complete trade."""
    trade["commission"] += commission
    trade["pnl"] -= commission
    if trade["entry_price"] != 0.0:
        trade["return"] = trade["pnl"] / (trade["entry_price"] * trade["quantity"])


@inner_kernel
def close_lots(
    fill: np.void,
    lots: FloatArray,
    links: IntArray,
    entries: IntArray,
    queues: IntArray,
    trades: RecordArray,
    count: int,
) -> tuple[float, float, int]:
    """Match a fill with its symbol's lots; (quantity and commission left over, trades written so far)."""
    s = int(fill["symbol"])
    side = fill["side"]
    rest = fill["quantity"]
    cost = fill["commission"]
    negligible = NEGLIGIBLE * rest
    while rest > 0.0 and queues[s, HEAD] >= 0 and lots[queues[s, HEAD], QUANTITY] * side < 0.0:
        lot = queues[s, HEAD]
        size = abs(lots[lot, QUANTITY])
        whole = size <= rest + negligible
        matched = size if whole else rest
        left = rest - matched
        if left <= negligible:
            left = 0.0
        share = cost * (matched / rest) if left > 0.0 else cost
        trade = trades[count]
        write_entry(trade, lot, matched, lots, entries)
        entry_cost = trade["commission"]
        trade["commission"] = entry_cost + share
        write_outcome(
            trade,
            int(fill["bar"]),
            fill["price"],
            lots[queues[s, HEAD_LOW], LOWEST],
            lots[queues[s, HEAD_HIGH], HIGHEST],
        )
        count += 1
        if whole:
            drop_oldest(s, links, queues)
            lots[lot, QUANTITY] = 0.0
        else:
            lots[lot, QUANTITY] += side * matched
            lots[lot, COMMISSION] -= entry_cost
        rest = left
        cost -= share
    return rest, cost, count


@inner_kernel
def note_holding(symbol: int, was_held: bool, is_held: bool, held: IntArray, held_count: int) -> int:
    """Keep the list of symbols with open lots, in no order; its length."""
    if is_held and not was_held:
        held[0, held_count] = symbol
        held[1, symbol] = held_count
        return held_count + 1
    if was_held and not is_held:
        moved = held[0, held_count - 1]
        held[0, held[1, symbol]] = moved
        held[1, moved] = held[1, symbol]
        return held_count - 1
    return held_count


@stepping_kernel
def match_fills(
    fills: RecordArray,
    bars: int,
    high: FloatArray,
    low: FloatArray,
    split: FloatArray,
    lots: FloatArray,
    links: IntArray,
    entries: IntArray,
    queues: IntArray,
    held: IntArray,
    ranges: FloatArray,
    trades: RecordArray,
) -> tuple[int, int]:
    """Match fills, first in first out; (closed trades written, lots made: those still open have a quantity).

    `high` and `low` are (T, S), or empty where nobody asks for excursions; `split` likewise if there is none. Scratch
    for n fills and S symbols: lots (n, LOT_VALUES), links (n, LOT_LINKS), entries (n, 2), queues (S, QUEUE_ENDS) all
    -1, held (2, S), ranges (2, S) of any finite values. Room for 2 n trades.
    """
    excursions = high.size > 0
    # Not plain zeros: numba compiles what takes a constant once more than what takes a number.
    count = int(np.int64(0))
    made = int(np.int64(0))
    held_count = 0
    f = 0
    t = 0
    while t < bars:
        if held_count == 0 or (split.size == 0 and not excursions):
            if f == fills.size:
                break
            t = fills[f]["bar"]
        if split.size > 0:
            for i in range(held_count):
                s = held[0, i]
                if split[t, s] != 1.0:
                    apply_split(split[t, s], s, lots, links, queues, ranges)
        if held_count > 0 and excursions:
            see_bar(t, low, high, held, held_count, ranges)
        while f < fills.size and fills[f]["bar"] == t:
            s = int(fills[f]["symbol"])
            was_held = queues[s, HEAD] >= 0
            settle_range(s, lots, links, queues, ranges)
            before = count
            rest, cost, count = close_lots(fills[f], lots, links, entries, queues, trades, count)
            if fills[f]["position"] == 0.0:
                # The ledger is flat: what rounding has left of larger lots, or of this fill, is no lot. What was paid
                # for it was paid.
                paid = cost if rest > 0.0 else 0.0
                rest = 0.0
                while queues[s, HEAD] >= 0:
                    paid += lots[queues[s, HEAD], COMMISSION]
                    lots[queues[s, HEAD], QUANTITY] = 0.0
                    drop_oldest(s, links, queues)
                if paid > 0.0 and count > before:
                    charge(trades[count - 1], paid)
            if rest > 0.0:
                lots[made, QUANTITY] = fills[f]["side"] * rest
                lots[made, PRICE] = fills[f]["price"]
                lots[made, COMMISSION] = cost
                ranges[LOW, s] = np.inf
                ranges[HIGH, s] = -np.inf
                if excursions and not np.isnan(low[t, s]):
                    ranges[LOW, s] = low[t, s]
                    ranges[HIGH, s] = high[t, s]
                lots[made, LOWEST] = ranges[LOW, s]
                lots[made, HIGHEST] = ranges[HIGH, s]
                entries[made, 0] = t
                entries[made, 1] = s
                append_lot(made, s, lots, links, queues)
                made += 1
            held_count = note_holding(s, was_held, queues[s, HEAD] >= 0, held, held_count)
            f += 1
        t += 1
    for i in range(held_count):
        settle_range(held[0, i], lots, links, queues, ranges)
    return count, made


@inner_kernel
def last_mark(symbol: int, close: FloatArray, split: FloatArray) -> float:
    """Last close of a symbol in the units of the last bar; NaN where it never had one."""
    factor = 1.0
    for t in range(close.shape[0] - 1, -1, -1):
        if not np.isnan(close[t, symbol]):
            return close[t, symbol] / factor
        if split.size > 0:
            factor *= split[t, symbol]
    return np.nan


@stepping_kernel
def write_open_lots(
    close: FloatArray,
    split: FloatArray,
    made: int,
    lots: FloatArray,
    links: IntArray,
    entries: IntArray,
    queues: IntArray,
    open_lots: RecordArray,
) -> int:
    """Write the lots that `match_fills` left open, in the order of their entries, at the last close; their number."""
    count = 0
    for lot in range(made):
        if lots[lot, QUANTITY] == 0.0:
            continue
        s = entries[lot, 1]
        while queues[s, HEAD] != lot:
            drop_oldest(s, links, queues)
        write_entry(open_lots[count], lot, abs(lots[lot, QUANTITY]), lots, entries)
        write_outcome(
            open_lots[count],
            close.shape[0] - 1,
            last_mark(s, close, split),
            lots[queues[s, HEAD_LOW], LOWEST],
            lots[queues[s, HEAD_HIGH], HIGHEST],
        )
        count += 1
    return count
