"""Matching: the phases of a bar, the quantity of an order when it is worked, and buying power."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from tests.oracle.books import Books
from tests.oracle.decisions import OrderBook
from tests.oracle.reading import Market, Rules
from tests.oracle.records import BUY, SELL, TOLERANCE, Order


class Matching:
    """Works orders against one bar after the other."""

    def __init__(self, market: Market, rules: Rules, books: Books, book: OrderBook) -> None:
        self.market = market
        self.rules = rules
        self.books = books
        self.book = book
        self.budget: dict[str, float] = {}

    def new_bar(self, bar: int) -> None:
        """`max_participation` * the bar's volume, floored to lots: one budget per symbol, for all phases."""
        share = self.rules.participation
        if share is not None:
            self.budget = {
                name: self.rules.in_lots(share * traded.volume) for name, traded in self.market.bars[bar].items()
            }

    def open_phase(self, bar: int) -> None:
        """Phase 1, whatever fills at `o`: market orders created at or before the bar before."""
        if not self.rules.at_close:
            orders = [order for order in self.book.working() if order.created < bar and order.type == "market"]
            self._work_all(bar, orders, lambda name: self.market.bars[bar][name].open)

    def decision_close(self, bar: int) -> None:
        """Step 7: market orders at `c`. Margin orders "follow the usual rules from `t+1` on"."""
        orders = [
            order
            for order in self.book.working()
            if order.type == "market" and (order.created < bar or order.origin == "signal")
        ]
        self._work_all(bar, orders, lambda name: self.market.bars[bar][name].close)

    def _work_all(self, bar: int, orders: list[Order], price_of: Callable[[str], float]) -> None:
        """Reducing orders first: what they free can be used by the opening ones. By creation within a class."""
        trading = [order for order in orders if order.symbol in self.market.bars[bar]]
        reducing = [order for order in trading if self._reduces(order, price_of(order.symbol))]
        opening = [order for order in trading if order not in reducing]
        for order in reducing + opening:
            self._work(bar, order, price_of(order.symbol))

    def _reduces(self, order: Order, price: float) -> bool:
        """Its side is opposite to the position at the start of the phase, or it is reduce-only."""
        position = self.books.position[order.symbol]
        side = order.side
        if side == 0 and order.want == "target":
            side = BUY if order.value / price > position else SELL
        return order.reduce_only or side * position < 0

    def _work(self, bar: int, order: Order, price: float) -> None:
        position = self.books.position[order.symbol]
        if isnan(order.remaining):  # worked for the first time
            self._ask(bar, order, price, position)
        if not order.working:
            return
        side = order.side
        against = abs(position) if position * side < 0 else 0.0  # what it can close
        if order.reduce_only and against == 0:
            order.end("cancelled", "position_closed", bar)
            return
        if side == SELL and not self.rules.allow_short and order.remaining > against * (1 + TOLERANCE):
            order.remaining, order.reason = against, "no_short"
        if order.reduce_only:
            order.remaining = min(order.remaining, against)
        attempt = order.remaining
        if self.rules.participation is not None:
            attempt = min(attempt, self.budget[order.symbol])
        if attempt > 0:
            closing = min(attempt, against)
            paid = self.rules.slipped(price, side)
            opening = self._affordable(order, closing, attempt - closing, paid)
            if opening < attempt - closing:
                order.reason = "insufficient_cash"  # the dropped part is gone; a remainder over the volume works on
            order.remaining -= attempt
            if closing + opening > 0:
                self._fill(bar, order, closing + opening, price, paid)
        if order.remaining <= TOLERANCE * order.quantity:
            order.end("filled" if order.filled > 0 else "rejected", order.reason, bar)

    def _ask(self, bar: int, order: Order, price: float, position: float) -> None:
        """What the order asks for, known once it is first worked."""
        lots = self.rules.in_lots
        if order.want == "close":
            order.side = order.side or (SELL if position > 0 else BUY)
            order.quantity = abs(position)  # "A close of a whole position is not rounded."
        elif order.want == "target":
            target = order.value / price
            difference = target - position
            if abs(difference) <= TOLERANCE * abs(target):
                difference = 0.0  # "a target's difference below 1e-9 of the target quantity is none"
            order.side = BUY if difference > 0 else SELL
            order.quantity = lots(abs(difference))  # also where it crosses zero: one quantity, rounded once
        else:
            # A reversing order's size is rounded here too: a split since the decision may have made it odd.
            size = lots(order.size if order.want == "quantity" else order.value / price)
            order.quantity = size
            if order.reverses and position * order.side < 0:
                order.quantity += abs(position)
        order.remaining = order.quantity
        if order.quantity == 0 and not order.reduce_only:
            order.end("rejected", "too_small", bar)

    def _affordable(self, order: Order, closing: float, opening: float, price: float) -> float:
        """How much of the opening part gross exposure <= max_leverage * equity allows, both after the fill."""

        def room(part: float) -> float:
            return self._room(order, closing, part, price)

        if opening <= 0:
            return 0.0
        slack = TOLERANCE * abs(self.rules.max_leverage * self.books.record().equity)
        if room(opening) >= -slack:
            return opening
        if not self.rules.reduce or room(0.0) <= 0:
            return 0.0
        low, high = 0.0, opening
        while (middle := (low + high) / 2) not in (low, high):
            low, high = (middle, high) if room(middle) >= 0 else (low, middle)
        if low * price <= slack:
            return 0.0  # nothing, but for the rounding of sums
        return self.rules.in_lots(low)

    def _room(self, order: Order, closing: float, opening: float, price: float) -> float:
        """max_leverage * equity - gross exposure after this fill; this symbol at p, the others at their last mark."""
        books, quantity = self.books, closing + opening
        cash = books.cash - order.side * quantity * price - self._charge(order, quantity, price)
        equity, gross = cash, 0.0
        for name in self.market.names:
            held, mark = books.position[name], books.mark.get(name, 0.0)
            if name == order.symbol:
                held, mark = held + order.side * quantity, price
            equity += held * mark
            gross += abs(held * mark)
        return self.rules.max_leverage * equity - gross

    def _charge(self, order: Order, quantity: float, price: float) -> float:
        """Commission is per order: a fill is charged what it has grown by; never a refund (after a reverse split)."""
        total = self.rules.commission(order.filled + quantity, order.notional + quantity * price)
        return max(total - order.charged, 0.0)

    def _fill(self, bar: int, order: Order, quantity: float, unslipped: float, price: float) -> None:
        name, before = order.symbol, self.books.position[order.symbol]
        adds = order.adds and order.filled == 0 and before * order.side > 0
        charge = self._charge(order, quantity, price)
        self.books.book(
            bar, name, order.side, quantity, price, unslipped=unslipped, commission=charge, order_id=order.order_id,
            reason="margin" if order.origin == "margin" else "",
        )  # fmt: skip
        order.filled += quantity
        order.notional += quantity * price
        order.charged += charge
        if self.rules.participation is not None:
            self.budget[name] -= quantity
        after = self.books.position[name]
        if after == 0 or after * before < 0:
            self.book.additions[name] = 0
        elif adds:
            self.book.additions[name] += 1
