"""From signal to order, by the position and the equity at the decision."""

from __future__ import annotations

from tests.oracle.books import Books
from tests.oracle.reading import Decision, Rules
from tests.oracle.records import BUY, SELL, Order


class OrderBook:
    """All orders of a run, in the order of their creation."""

    def __init__(self, rules: Rules, books: Books) -> None:
        self.rules = rules
        self.books = books
        self.orders: list[Order] = []
        self.ignored = 0
        self.additions = dict.fromkeys(books.market.names, 0)  # BUYs (SELLs) that have added since flat

    def working(self) -> list[Order]:
        """Orders that may still fill, oldest first."""
        return [order for order in self.orders if order.working]

    def create(self, bar: int, symbol: str, **what: object) -> Order:
        """A new order, with the next number."""
        order = Order(order_id=len(self.orders) + 1, symbol=symbol, created=bar, **what)  # type: ignore[arg-type]  # fields by name
        self.orders.append(order)
        return order

    def decide(self, bar: int, symbol: str, decision: Decision, equity: float) -> None:
        """One signal outside the warm-up."""
        side = {"BUY": BUY, "SELL": SELL, "TARGET": 0}[decision.kind]
        # "One signal-born order works per symbol: a further BUY or SELL of the same side is ignored, any other
        # signal cancels it (`replaced`) and then acts." A target is no BUY, so a BUY after it is not a further one.
        for order in self.working():
            if order.symbol == symbol and order.origin == "signal":
                if side != 0 and decision.kind == order.signal:
                    self.ignored += 1
                    return
                order.end("cancelled", "replaced", bar)
        if decision.kind == "TARGET":
            self._target(bar, symbol, decision, equity)
        else:
            self._side(bar, symbol, side, decision.strength, equity)

    def _target(self, bar: int, symbol: str, decision: Decision, equity: float) -> None:
        weight = decision.weight
        if weight < 0 and not self.rules.allow_short:
            weight = 0.0
        value = weight * decision.strength * equity
        if value == 0:  # "0 closes"
            self._checked(self.create(bar, symbol, side=0, want="close", signal="TARGET", reduce_only=True), bar)
        else:
            self._checked(self.create(bar, symbol, side=0, want="target", signal="TARGET", value=value), bar)

    def _side(self, bar: int, symbol: str, side: int, strength: float, equity: float) -> None:
        held = self.books.position[symbol] * side  # > 0: already on this side
        may_open = side == BUY or self.rules.allow_short
        if held < 0 and not may_open:
            order = self.create(bar, symbol, side=side, want="close", reduce_only=True, quantity=-held)
        elif (held > 0 and self.additions[symbol] >= self.rules.pyramiding) or not may_open:
            self.ignored += 1
            return
        else:
            order = self._sized(bar, symbol, side, strength, equity, reverses=held < 0, adds=held > 0)
        order.signal = "BUY" if side == BUY else "SELL"
        self._checked(order, bar)

    def _sized(
        self, bar: int, symbol: str, side: int, strength: float, equity: float, *, reverses: bool, adds: bool
    ) -> Order:
        rules = self.rules
        if rules.sizer == "quantity":
            size = rules.in_lots(rules.size * strength)
            order = self.create(bar, symbol, side=side, want="quantity", size=size, reverses=reverses, adds=adds)
            if not reverses:
                order.quantity = order.remaining = size
            return order
        if rules.sizer == "cash":
            value = rules.size * strength
        else:
            value = rules.size * strength * equity / len(self.books.market.names)
        return self.create(bar, symbol, side=side, want="value", value=value, reverses=reverses, adds=adds)

    def _checked(self, order: Order, bar: int) -> None:
        """Rejected at creation: the run goes on."""
        if order.symbol not in self.books.mark:
            order.end("rejected", "no_price", bar)
        elif order.want == "quantity" and order.size == 0 and not order.reverses:
            order.end("rejected", "too_small", bar)
