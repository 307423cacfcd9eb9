"""Buying power and commission: what one fill costs, and how much of an opening fill the account can carry."""

from __future__ import annotations

from tests.oracle.books import Books
from tests.oracle.reading import Rules
from tests.oracle.records import TOLERANCE, Order


def charge(rules: Rules, order: Order, quantity: float, price: float) -> float:
    """Commission is per order: a fill is charged what it has grown by; never a refund (after a reverse split)."""
    total = rules.commission(order.filled + quantity, order.notional + quantity * price)
    return max(total - order.charged, 0.0)


def affordable(rules: Rules, books: Books, order: Order, closing: float, opening: float, price: float) -> float:
    """How much of the opening part gross exposure <= max_leverage * equity allows, both after the fill."""

    def room(part: float) -> float:
        return _room(rules, books, order, closing + part, price)

    if opening <= 0:
        return 0.0
    slack = TOLERANCE * abs(rules.max_leverage * books.record().equity)
    if room(opening) >= -slack:
        return opening
    if not rules.reduce or room(0.0) <= 0:
        return 0.0
    low, high = 0.0, opening
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if room(middle) >= 0 else (low, middle)
    if low * price <= slack:
        return 0.0  # nothing, but for the rounding of sums
    return rules.in_lots(low)


def _room(rules: Rules, books: Books, order: Order, quantity: float, price: float) -> float:
    """max_leverage * equity - gross exposure after this fill; this symbol at p, the others at their last mark."""
    cash = books.cash - order.side * quantity * price - charge(rules, order, quantity, price)
    equity, gross = cash, 0.0
    for name in books.market.names:
        held, mark = books.position[name], books.mark.get(name, 0.0)
        if name == order.symbol:
            held, mark = held + order.side * quantity, price
        equity += held * mark
        gross += abs(held * mark)
    return rules.max_leverage * equity - gross
