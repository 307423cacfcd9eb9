"""The order log: orders are created, work, and end with a state and a reason; none vanishes."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import kernel
from hindcast.engine.kernels import state
from hindcast.engine.kernels.state import Books


@kernel
def create_order(books: Books, t: int, symbol: int, side: int, ask: int, quantity: float, value: float) -> int:
    """Append a working market order; gives its index."""
    counts = books.counts
    index = counts[state.COUNT_ORDERS]
    counts[state.COUNT_ORDERS] = index + 1
    order = books.orders[index]
    order["order_id"] = index + 1
    order["parent_id"] = 0
    order["symbol"] = symbol
    order["side"] = side
    order["type"] = layout.TYPE_MARKET
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
    order["signal"] = layout.SIGNAL_HOLD
    order["adds"] = 0
    order["phase"] = layout.PHASE_WAITS
    place = counts[state.COUNT_WORKING]
    books.working[place] = index
    counts[state.COUNT_WORKING] = place + 1
    return index


@kernel
def end_order(books: Books, t: int, index: int, status: int, reason: int) -> None:
    """Give an order its end state; `sweep_working` takes it off the working list."""
    order = books.orders[index]
    order["status"] = status
    order["reason"] = reason
    order["closed"] = t
    holding = books.positions[order["symbol"]]
    if holding["signal_order"] == index:
        holding["signal_order"] = -1
    if holding["margin_order"] == index:
        holding["margin_order"] = -1


@kernel
def sweep_working(books: Books) -> None:
    """Drop ended orders from the working list, keeping the order of creation."""
    working, orders = books.working, books.orders
    kept = 0
    for place in range(books.counts[state.COUNT_WORKING]):
        index = working[place]
        if orders[index]["status"] == layout.STATUS_OPEN:
            working[kept] = index
            kept += 1
    books.counts[state.COUNT_WORKING] = kept


@kernel
def cancel_all(books: Books, t: int, reason: int) -> None:
    """Cancel each working order."""
    for place in range(books.counts[state.COUNT_WORKING]):
        index = books.working[place]
        if books.orders[index]["status"] == layout.STATUS_OPEN:
            end_order(books, t, index, layout.STATUS_CANCELLED, reason)
    books.counts[state.COUNT_WORKING] = 0
