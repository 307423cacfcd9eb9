"""The order log: orders are created, work, and end with a state and a reason; none vanishes."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import state
from hindcast.engine.kernels.state import Books, IntArray, RecordArray


@inner_kernel
def append_order(books: Books, t: int, symbol: int, side: int, ask: int, quantity: float, value: float) -> int:
    """Append a market order that does not work yet; gives its index."""
    counts = books.counts
    index = counts[state.COUNT_ORDERS]
    counts[state.COUNT_ORDERS] = index + 1
    order = books.orders[index]
    order["order_id"] = index + 1
    order["parent_id"] = 0
    order["symbol"] = symbol
    order["side"] = side
    order["type"] = layout.TYPE_MARKET
    order["acts"] = layout.ACTS_MARKET
    order["ask"] = ask
    order["quantity"] = quantity
    order["value"] = value
    order["remaining"] = np.nan
    order["filled"] = 0.0
    order["notional"] = 0.0
    order["charged"] = 0.0
    order["limit"] = np.nan
    order["stop"] = np.nan
    order["time_in_force"] = layout.TIF_GTC
    order["status"] = layout.STATUS_OPEN
    order["reason"] = layout.REASON_NONE
    order["created"] = t
    order["closed"] = -1
    order["worked"] = -1
    order["signal"] = layout.SIGNAL_HOLD
    order["adds"] = 0
    order["role"] = layout.ROLE_NONE
    order["bracket"] = 0
    order["phase"] = layout.PHASE_WAITS
    order["touched"] = 0
    order["entry"] = layout.ENTRY_NONE
    order["was_split"] = 0
    return index


@inner_kernel
def start_working(books: Books, index: int) -> None:
    """Put an order on the working list, behind all others."""
    place = books.counts[state.COUNT_WORKING]
    books.counts[state.COUNT_WORKING] = place + 1
    order = books.orders[index]
    watch = books.working[place]
    watch["index"] = index
    watch["symbol"] = order["symbol"]
    order["touched"] = 0
    set_watch(watch, order, books.terms[index])
    if order["time_in_force"] >= layout.TIF_IOC:
        books.counts[state.COUNT_IMMEDIATE] += 1


@inner_kernel
def set_watch(watch: np.void, order: np.void, terms: np.void) -> None:
    """The prices that can make something happen to an order: a bar's low at `below`, or its high at `above`."""
    acts = order["acts"]
    below = -np.inf
    above = np.inf
    if acts == layout.ACTS_LIMIT:
        if order["side"] == layout.BUY:
            below = order["limit"]
        else:
            above = order["limit"]
    elif acts == layout.ACTS_STOP or acts == layout.ACTS_STOP_LIMIT:
        extreme = terms["extreme"] if order["type"] == layout.TYPE_TRAILING_STOP else np.nan
        if order["side"] == layout.BUY:
            above = order["stop"]
            below = extreme
        else:
            below = order["stop"]
            above = extreme
    else:
        below = np.inf
    watch["below"] = below
    watch["above"] = above


@inner_kernel
def end_order(
    orders: RecordArray, positions: RecordArray, counts: IntArray, t: int, index: int, status: int, reason: int
) -> None:
    """Give a working order its end state; `sweep_working` takes it off the working list."""
    order = orders[index]
    order["status"] = status
    order["reason"] = reason
    order["closed"] = t
    holding = positions[order["symbol"]]
    if holding["signal_order"] == index:
        holding["signal_order"] = -1
    if holding["margin_order"] == index:
        holding["margin_order"] = -1
    if order["role"] != layout.ROLE_NONE:
        holding["children"] -= 1
    if order["time_in_force"] >= layout.TIF_IOC:
        counts[state.COUNT_IMMEDIATE] -= 1


@inner_kernel
def sweep_working(books: Books) -> None:
    """Drop ended orders from the working list, keeping the order of creation, and renew the watches of touched ones."""
    working, orders, terms = books.working, books.orders, books.terms
    kept = 0
    for place in range(books.counts[state.COUNT_WORKING]):
        index = working[place]["index"]
        order = orders[index]
        if order["status"] == layout.STATUS_OPEN:
            if kept != place:
                working[kept] = working[place]
            if order["touched"] != 0:
                order["touched"] = 0
                set_watch(working[kept], order, terms[index])
            kept += 1
    books.counts[state.COUNT_WORKING] = kept


@inner_kernel
def cancel_all(books: Books, t: int, reason: int) -> None:
    """Cancel each working order."""
    for place in range(books.counts[state.COUNT_WORKING]):
        index = books.working[place]["index"]
        if books.orders[index]["status"] == layout.STATUS_OPEN:
            end_order(books.orders, books.positions, books.counts, t, index, layout.STATUS_CANCELLED, reason)
    books.counts[state.COUNT_WORKING] = 0


@inner_kernel
def cancel_children(books: Books, t: int, symbol: int) -> None:
    """The position is gone, or has turned around: cancel the exits of its brackets."""
    if books.positions[symbol]["children"] == 0:
        return
    for place in range(books.counts[state.COUNT_WORKING]):
        watch = books.working[place]
        index = watch["index"]
        if watch["symbol"] == symbol:
            order = books.orders[index]
            if order["role"] != layout.ROLE_NONE and order["status"] == layout.STATUS_OPEN:
                end_order(
                    books.orders,
                    books.positions,
                    books.counts,
                    t,
                    index,
                    layout.STATUS_CANCELLED,
                    layout.REASON_POSITION_CLOSED,
                )
