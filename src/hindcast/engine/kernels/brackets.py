"""Brackets: the exits that an entry's first fill brings into being, and what one does to the other."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import order_log, sizing, state, triggers
from hindcast.engine.kernels.state import Books, Rules


@inner_kernel
def grow_exits(books: Books, rules: Rules, t: int, index: int, quantity: float, price: float, phase: int) -> None:
    """An entry has filled: its exits grow with it, or come into being, once there is a position to guard."""
    order = books.orders[index]
    terms = books.terms[index]
    terms["entry_bar"] = t
    if terms["first_bar"] >= 0:
        for role in (layout.ROLE_STOP_LOSS, layout.ROLE_TAKE_PROFIT):
            child = terms["stop_child"] if role == layout.ROLE_STOP_LOSS else terms["take_child"]
            if child >= 0 and books.orders[child]["status"] == layout.STATUS_OPEN:
                books.orders[child]["quantity"] += quantity
                books.orders[child]["remaining"] += quantity
        return
    if books.positions[order["symbol"]]["quantity"] * order["side"] <= 0.0:
        return
    terms["first_bar"] = t
    side = -order["side"]
    for role in (layout.ROLE_STOP_LOSS, layout.ROLE_TAKE_PROFIT):
        if not order["bracket"] & (
            layout.BRACKET_STOP_LOSS if role == layout.ROLE_STOP_LOSS else layout.BRACKET_TAKE_PROFIT
        ):
            continue
        child = order_log.append_order(books, t, order["symbol"], side, layout.ASK_QUANTITY, order["filled"], np.nan)
        exit_order = books.orders[child]
        exit_order["parent_id"] = index + 1
        exit_order["remaining"] = order["filled"]
        exit_order["role"] = role
        if role == layout.ROLE_TAKE_PROFIT:
            terms["take_child"] = child
            exit_order["type"] = layout.TYPE_LIMIT
            exit_order["acts"] = layout.ACTS_LIMIT
            exit_order["limit"] = terms["take_profit"]
        else:
            terms["stop_child"] = child
            exit_order["type"] = layout.TYPE_STOP
            exit_order["acts"] = layout.ACTS_STOP
            exit_order["stop"] = terms["stop_loss"]
            if np.isnan(terms["stop_loss"]):
                exit_order["type"] = layout.TYPE_TRAILING_STOP
                trail = books.terms[child]
                trail["trail_amount"] = terms["child_trail_amount"]
                trail["trail_fraction"] = terms["child_trail_fraction"]
                trail["extreme"] = price
                level = triggers.trailing_level(price, trail["trail_amount"], trail["trail_fraction"], side)
                exit_order["stop"] = sizing.on_tick(level, rules.tick, side == layout.BUY)
        books.positions[order["symbol"]]["children"] += 1
        order_log.start_working(books, child)
        exit_order["touched"] |= 1
        if phase == layout.WITHIN:
            exit_order["phase"] = layout.PHASE_REDUCES
        books.active[books.counts[state.COUNT_ACTIVE]] = child
        books.counts[state.COUNT_ACTIVE] += 1


@inner_kernel
def one_cancels_other(books: Books, t: int, index: int, quantity: float) -> None:
    """An exit has filled so much, or (0) its stop was triggered: what that takes from the other one and the entry."""
    order = books.orders[index]
    parent = order["parent_id"] - 1
    terms = books.terms[parent]
    other = terms["take_child"] if order["role"] == layout.ROLE_STOP_LOSS else terms["stop_child"]
    if other >= 0 and books.orders[other]["status"] == layout.STATUS_OPEN:
        sibling = books.orders[other]
        left = max(sibling["remaining"] - quantity, 0.0)
        if order["role"] == layout.ROLE_STOP_LOSS or left <= layout.TOLERANCE * sibling["quantity"]:
            _cancel(books, t, other)
        else:
            sibling["remaining"] = left
            sibling["quantity"] -= quantity
    if quantity > 0.0 and books.orders[parent]["status"] == layout.STATUS_OPEN:
        _cancel(books, t, parent)


@inner_kernel
def _cancel(books: Books, t: int, index: int) -> None:
    order_log.end_order(
        books.orders, books.positions, books.counts, t, index, layout.STATUS_CANCELLED, layout.REASON_OCO
    )
