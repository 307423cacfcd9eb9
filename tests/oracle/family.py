"""An entry and its children: birth, growth, and who cancels whom."""

from __future__ import annotations

from math import isnan

from tests.oracle.creation import level
from tests.oracle.orderbook import OrderBook
from tests.oracle.reading import Rules
from tests.oracle.records import TOLERANCE, Order


def on_trigger(order: Order, bar: int) -> None:
    """A triggered stop-loss cancels the take-profit at once."""
    if order.role == "stop_loss":
        assert order.parent is not None
        for child in order.parent.children:
            if child.role == "take_profit" and child.working:
                child.end("cancelled", "oco", bar)


def after_fill(
    rules: Rules, book: OrderBook, order: Order, bar: int, *, quantity: float, paid: float, before: float, after: float
) -> None:
    """What a fill does to the orders around it, by the position before and after it."""
    if order.parent is not None:
        _take_from_the_other(order, order.parent, bar, quantity)
        if order.parent.working:
            order.parent.end("cancelled", "oco", bar)
    if after == 0 or after * before < 0:
        for child in book.working():
            if child.parent is not None and child.symbol == order.symbol:
                child.end("cancelled", "position_closed", bar)
    for child in order.children:
        if child.working:
            child.quantity += quantity
            child.remaining += quantity
    if order.bracket is not None and not order.children and after * order.side > 0:
        _birth(rules, book, order, bar, paid)


def _take_from_the_other(order: Order, entry: Order, bar: int, quantity: float) -> None:
    for other in entry.children:
        if other is not order and other.working:
            before = other.quantity
            other.quantity = max(other.quantity - quantity, 0.0)
            other.remaining = max(other.remaining - quantity, 0.0)
            if other.remaining <= TOLERANCE * before:
                other.end("cancelled", "oco", bar)


def _birth(rules: Rules, book: OrderBook, entry: Order, bar: int, paid: float) -> None:
    """Stop-loss first; both reduce-only, GTC, for what the entry has filled."""
    bracket = entry.bracket
    assert bracket is not None
    if bracket.has_stop_loss:
        child = _child(book, entry, bar, "stop_loss", "stop" if bracket.stop_loss > 0 else "trailing_stop")
        if isnan(bracket.stop_loss):
            child.trail_amount, child.trail_fraction = bracket.trail_amount, bracket.trail_fraction
            child.extreme = paid
            child.stop = level(rules, child)
        else:
            child.stop = bracket.stop_loss
    if not isnan(bracket.take_profit):
        _child(book, entry, bar, "take_profit", "limit").limit = bracket.take_profit


def _child(book: OrderBook, entry: Order, bar: int, role: str, kind: str) -> Order:
    child = book.create(
        bar, entry.symbol, side=-entry.side, type=kind, origin="child", reduce_only=True, parent=entry, role=role,
        quantity=entry.filled, remaining=entry.filled,
    )  # fmt: skip
    entry.children.append(child)
    return child
