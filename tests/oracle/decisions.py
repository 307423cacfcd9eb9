"""From signal to order, by the position at the decision."""

from __future__ import annotations

from tests.oracle.books import Books
from tests.oracle.creation import Desk, Request
from tests.oracle.orderbook import OrderBook
from tests.oracle.reading import Decision, Rules
from tests.oracle.records import BUY, SELL


class SignalDesk:
    """Signals outside the warm-up."""

    def __init__(self, rules: Rules, books: Books, book: OrderBook, desk: Desk) -> None:
        self.rules = rules
        self.books = books
        self.book = book
        self.desk = desk

    def decide(self, bar: int, symbol: str, decision: Decision, equity: float) -> None:
        """One signal."""
        # "One signal-born order works per symbol: a further BUY or SELL of the same side is ignored, any other
        # signal cancels it (`replaced`) and then acts." A target is no BUY, so a BUY after it is not a further one.
        for order in self.book.working():
            if order.symbol == symbol and order.origin == "signal":
                if decision.kind in {"BUY", "SELL"} and decision.kind == order.signal:
                    self.book.ignored += 1
                    return
                order.end("cancelled", "replaced", bar)
        request = self._target(symbol, decision) if decision.kind == "TARGET" else self._side(symbol, decision)
        if request is None:
            self.book.ignored += 1
        else:
            self.desk.place(bar, request, equity)

    def _target(self, symbol: str, decision: Decision) -> Request:
        return Request(
            symbol=symbol, side=0, want="target", weight=decision.weight, strength=decision.strength,
            prices=decision.prices, origin="signal", signal="TARGET",
        )  # fmt: skip

    def _side(self, symbol: str, decision: Decision) -> Request | None:
        """None where it is ignored."""
        side = BUY if decision.kind == "BUY" else SELL
        held = self.books.position[symbol] * side  # > 0: already on this side
        may_open = side == BUY or self.rules.allow_short
        if held < 0 and not may_open:
            return Request(
                symbol=symbol, side=side, want="close", prices=decision.prices.without_bracket(), origin="signal",
                signal=decision.kind,
            )  # fmt: skip
        if (held > 0 and self.book.additions[symbol] >= self.rules.pyramiding) or not may_open:
            return None
        return Request(
            symbol=symbol, side=side, want="sizer", strength=decision.strength, prices=decision.prices,
            origin="signal", signal=decision.kind, reverses=held < 0, adds=held > 0,
        )  # fmt: skip
