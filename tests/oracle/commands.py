"""Orders by hand: what a strategy's `on_bar` calls on its context, written down as a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.oracle.books import Books
from tests.oracle.creation import Desk, Request
from tests.oracle.orderbook import OrderBook
from tests.oracle.reading import Prices
from tests.oracle.records import BUY, SELL

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ORDER_WORDS = ("quantity", "weight", "on_close", "time_in_force", "good_till")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One call: `context.buy(symbol, **arguments)` and so on; `cancel` names an order's number."""

    bar: int
    call: str  # "buy", "sell", "close", "target", "cancel"
    symbol: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    order_id: int = 0


class Hand:
    """Takes a script's calls."""

    def __init__(self, books: Books, book: OrderBook, desk: Desk) -> None:
        self.books = books
        self.book = book
        self.desk = desk

    def obey(self, command: Command, equity: float) -> None:
        """One call, at its bar."""
        if command.call == "cancel":
            self.book.cancel(command.bar, command.order_id)
        else:
            self.desk.place(command.bar, self._request(command), equity)

    def _request(self, command: Command) -> Request:
        symbol, words = command.symbol, command.arguments
        if command.call == "close":
            held = self.books.position.get(symbol, 0.0)
            return Request(symbol=symbol, side=SELL if held > 0 else BUY if held < 0 else 0, want="close")
        if command.call == "target":
            return Request(symbol=symbol, side=0, want="target", weight=words["weight"])
        good_till = words.get("good_till")
        return Request(
            symbol=symbol,
            side=BUY if command.call == "buy" else SELL,
            want="sizer" if words.get("quantity") is None and words.get("weight") is None else "given",
            quantity=words.get("quantity"),
            weight=words.get("weight"),
            prices=Prices(**{name: value for name, value in words.items() if name not in ORDER_WORDS}),
            on_close=words.get("on_close", False),
            time_in_force=words.get("time_in_force", "GTC"),
            good_till=None if good_till is None else nanoseconds(good_till),
        )


def nanoseconds(moment: datetime) -> int:
    """Since 1970, UTC."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
