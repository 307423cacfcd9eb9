"""Creating an order: the checks in their order, ticks, lots, and the quantity where it is known at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, isnan, nan

from tests.oracle.books import Books
from tests.oracle.orderbook import OrderBook
from tests.oracle.reading import Prices, Rules
from tests.oracle.records import Bracket, Order
from tests.oracle.sizing import size_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for, before anything is checked; None = not given."""

    symbol: str
    side: int  # 0: a target, or the close of nothing
    want: str  # "sizer", "given" (quantity or weight), "target", "close"
    quantity: float | None = None
    weight: float | None = None
    strength: float = 1.0
    prices: Prices = field(default_factory=Prices)
    on_close: bool = False
    time_in_force: str = "GTC"
    good_till: int | None = None
    origin: str = "hand"
    signal: str = ""
    reverses: bool = False
    adds: bool = False


class Desk:
    """Takes requests and makes orders of them, rejected ones included."""

    def __init__(self, rules: Rules, books: Books, book: OrderBook) -> None:
        self.rules = rules
        self.books = books
        self.book = book

    def place(self, bar: int, request: Request, equity: float) -> Order:
        """One request, one order; E is the equity recorded at the decision bar."""
        order = self.book.create(
            bar, request.symbol, side=request.side, origin=request.origin, signal=request.signal,
            reverses=request.reverses, adds=request.adds, type=_type(request),
            time_in_force="GTD" if _has_date(request) else request.time_in_force, good_till=request.good_till,
        )  # fmt: skip
        self._prices(order, request.prices)
        reason = self._wrong(bar, order, request) or self._size(bar, order, request, equity)
        if reason:
            order.end("rejected", reason, bar)
        return order

    def _prices(self, order: Order, prices: Prices) -> None:
        """Ticks; the first level of a trailing stop; the bracket."""

        def value(number: float | None) -> float:
            return nan if number is None else number

        def rounded(number: float | None, *, stop: bool, side: int) -> float:
            if number is None or not isfinite(number) or side == 0:  # bad, or a target that may have none
                return value(number)
            return self.rules.stop_price(number, side) if stop else self.rules.limit_price(number, side)

        order.limit = rounded(prices.limit, stop=False, side=order.side)
        order.stop = rounded(prices.stop, stop=True, side=order.side)
        order.trail_amount, order.trail_fraction = value(prices.trailing), value(prices.trailing_pct)
        order.bracket = Bracket(
            stop_loss=rounded(prices.stop_loss, stop=True, side=-order.side),
            take_profit=rounded(prices.take_profit, stop=False, side=-order.side),
            trail_amount=value(prices.trailing_stop),
            trail_fraction=value(prices.trailing_stop_pct),
        )
        trail = [number for number in (prices.trailing, prices.trailing_pct) if number is not None]
        if order.trails and order.side != 0 and order.symbol in self.books.mark and all(map(isfinite, trail)):
            order.extreme = self.books.mark[order.symbol]
            order.stop = level(self.rules, order)

    def _wrong(self, bar: int, order: Order, request: Request) -> str:
        """The first check that fails."""
        numbers = [number for number in (request.quantity, request.weight) if number is not None]
        if request.want == "target":
            numbers = [] if request.weight is not None and isfinite(request.weight) else [nan]
        if any(not isfinite(number) or number <= 0 for number in numbers):
            return "bad_quantity"
        given = request.prices.given()
        if any(not isfinite(number) or number <= 0 for number in given.values()):
            return "bad_price"
        if order.symbol not in self.books.market.names:
            return "unknown_symbol"
        if order.symbol not in self.books.mark:
            return "no_price"
        if _bad_combination(request):
            return "bad_combination"
        stamp = self.books.market.stamps[bar]
        if order.time_in_force == "GTD" and (order.good_till is None or order.good_till <= stamp):
            return "bad_expiry"
        assert order.bracket is not None
        ticked = (order.limit, nan if order.trails else order.stop, order.bracket.stop_loss, order.bracket.take_profit)
        if any(price <= 0 for price in ticked):  # what a tick leaves of a small price
            return "bad_price"
        return self._wrong_side(order)

    def _wrong_side(self, order: Order) -> str:
        """A buy stop below the last close; a long bracket unless stop-loss < all of entry's prices < take-profit."""
        side, last, bracket = order.side, self.books.mark[order.symbol], order.bracket
        assert bracket is not None
        if order.type in {"stop", "stop_limit"} and side * order.stop < side * last:
            return "wrong_side"
        entries = [price for price in (order.limit, order.stop) if not isnan(price)] or [last]
        for price in entries:
            if side * bracket.stop_loss >= side * price or side * bracket.take_profit <= side * price:
                return "wrong_side"
        return ""

    def _size(self, bar: int, order: Order, request: Request, equity: float) -> str:
        """What the order wants; its quantity where that is known at creation."""
        rules, bracket = self.rules, order.bracket
        assert bracket is not None
        if not (bracket.has_stop_loss or bracket.take_profit > 0):
            order.bracket = None
        price = order.stop if isnan(order.limit) else order.limit  # nan: a market order
        if request.want == "target":
            assert request.weight is not None
            weight = request.weight if rules.allow_short else max(request.weight, 0.0)
            order.value = weight * request.strength * equity
            order.want, order.reduce_only = ("target", False) if order.value != 0 else ("zero", True)
            return ""
        if request.want == "close":
            order.want, order.reduce_only = "close", True
            return ""
        if request.quantity is not None:
            order.want, amount = "quantity", request.quantity
        elif request.weight is not None:
            order.want, amount = "value", request.weight * equity
        else:
            entry = self.books.mark[order.symbol] if isnan(price) else price
            found = size_of(rules, self.books.market, order.symbol, bar, equity=equity, entry=entry, bracket=bracket)
            if found is None:
                return "no_size"
            order.want, amount = found[0], found[1] * request.strength
        if order.want == "value" and isnan(price):
            order.value = amount
            return ""
        if order.want == "value":
            if price <= 0:  # a trailing stop further away than the price
                return "no_size"
            order.want, amount = "quantity", amount / price
        order.size = rules.in_lots(amount)
        if order.reverses:
            return ""
        order.quantity = order.remaining = order.size
        return "too_small" if order.size == 0 else ""


def level(rules: Rules, order: Order) -> float:
    """The stop of a trailing stop: W + amount, or W * (1 + fraction); sells mirrored."""
    side, extreme = order.side, order.extreme
    if isnan(order.trail_amount):
        return rules.stop_price(extreme * (1 + side * order.trail_fraction), side)
    return rules.stop_price(extreme + side * order.trail_amount, side)


def _type(request: Request) -> str:
    prices = request.prices
    if request.on_close:
        return "market_on_close"
    if prices.trailing is not None or prices.trailing_pct is not None:
        return "trailing_stop"
    if prices.stop is not None:
        return "stop" if prices.limit is None else "stop_limit"
    return "market" if prices.limit is None else "limit"


def _has_date(request: Request) -> bool:
    """`good_till` with the default GTC means GTD."""
    return request.good_till is not None and request.time_in_force == "GTC"


def _bad_combination(request: Request) -> bool:
    prices = request.prices
    trailing = prices.trailing is not None or prices.trailing_pct is not None
    trailing_stop = prices.trailing_stop is not None or prices.trailing_stop_pct is not None
    priced = prices.limit is not None or prices.stop is not None
    at_once = request.time_in_force in {"IOC", "FOK"}
    return (
        (request.quantity is not None and request.weight is not None)
        or (trailing and priced)
        or (prices.trailing is not None and prices.trailing_pct is not None)
        or (request.on_close and (priced or trailing))
        or (prices.stop_loss is not None and trailing_stop)
        or (prices.trailing_stop is not None and prices.trailing_stop_pct is not None)
        or (at_once and (prices.stop is not None or trailing or request.on_close))
        or (request.good_till is not None and request.time_in_force in {"DAY", "IOC", "FOK"})
        or (request.want == "target" and bool(prices.given()))
    )
