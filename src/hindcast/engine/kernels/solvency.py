"""Ruin and margin: what happens when equity no longer carries the positions."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import ledger, order_log, state
from hindcast.engine.kernels.state import Books, Market, Rules


@inner_kernel
def look_at_solvency(market: Market, books: Books, rules: Rules, t: int) -> None:
    """After a close at which equity is not above maintenance: ruin, else a margin call."""
    if books.curve[state.CURVE_EQUITY, t] <= 0.0:
        settle_ruin(market, books, t)
    else:
        call_margin(market, books, rules, t)


@inner_kernel
def settle_ruin(market: Market, books: Books, t: int) -> None:
    """Equity is gone: settle every position at its mark, without costs, and end the run."""
    for k in range(len(market.by_name)):
        s = market.by_name[k]
        held = books.positions[s]["quantity"]
        if held != 0.0:
            side = layout.SELL if held > 0.0 else layout.BUY
            ledger.book_fill(
                books, t, s, side, abs(held), books.positions[s]["mark"], 0.0, 0.0, 0, layout.REASON_RUINED, 0
            )
    order_log.cancel_all(books, t, layout.REASON_RUINED)
    ledger.record_closes(market.close, market.by_name, books.positions, books.money, books.curve, 0.0, t, t + 1)
    books.counts[state.RUINED_AT] = t


@inner_kernel
def call_margin(market: Market, books: Books, rules: Rules, t: int) -> None:
    """Where equity is below maintenance, order whole positions closed, largest first, until the rest is carried.

    A position with a margin order at work counts as gone. All other working orders are cancelled, but for the exits of
    positions that stay.
    """
    equity = books.curve[state.CURVE_EQUITY, t]
    left = books.money[state.GROSS]
    for k in range(len(market.by_name)):
        s = market.by_name[k]
        if books.positions[s]["margin_order"] >= 0:
            left -= abs(books.positions[s]["quantity"] * books.positions[s]["mark"])
    if equity >= rules.maintenance * left * (1.0 - layout.TOLERANCE):
        return
    while equity < rules.maintenance * left * (1.0 - layout.TOLERANCE):
        largest = -1
        value = 0.0
        for k in range(len(market.by_name)):
            s = market.by_name[k]
            worth = abs(books.positions[s]["quantity"] * books.positions[s]["mark"])
            if books.positions[s]["margin_order"] < 0 and worth > value:
                largest = s
                value = worth
        if largest < 0:
            break
        held = books.positions[largest]["quantity"]
        side = layout.SELL if held > 0.0 else layout.BUY
        index = order_log.append_order(books, t, largest, side, layout.ASK_POSITION, abs(held), np.nan)
        order_log.start_working(books, index)
        books.orders[index]["reason"] = layout.REASON_MARGIN
        books.positions[largest]["margin_order"] = index
        left -= value
    # The exits of positions that stay go on guarding them.
    for place in range(books.counts[state.COUNT_WORKING]):
        index = books.working[place]["index"]
        order = books.orders[index]
        called = books.positions[order["symbol"]]["margin_order"]
        if called != index and (called >= 0 or order["role"] == layout.ROLE_NONE):
            order_log.end_order(
                books.orders,
                books.positions,
                books.counts,
                t,
                index,
                layout.STATUS_CANCELLED,
                layout.REASON_MARGIN,
            )
    order_log.sweep_working(books)
