"""Cash and positions at average cost: the one mutable value of the domain, with the books of the compiled ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import copysign, inf, isfinite, isnan, nan
from types import MappingProxyType
from typing import Final, Self

from pydantic import Field, model_validator

from hindcast.domain.errors import InputError
from hindcast.domain.orders import Fill
from hindcast.domain.records import CheckedRecord

TOLERANCE: Final = 1e-9  # relative: what rounding leaves of a closed position is no position


class Position(CheckedRecord):
    """What is held of one symbol; a short's quantity is negative. A flat symbol has no position."""

    error_class = InputError

    symbol: str = Field(min_length=1)
    quantity: float
    average_cost: float = Field(ge=0)  # money per unit, before commissions
    last_price: float = Field(ge=0)  # of the last trade or price update, whichever came later

    @model_validator(mode="after")
    def _is_held(self) -> Self:
        if self.quantity == 0:
            raise ValueError(f"position in {self.symbol} has quantity=0: a symbol that is not held has no position")
        return self

    @property
    def market_value(self) -> float:
        """Signed quantity times last price, money."""
        return self.quantity * self.last_price

    @property
    def unrealized_pnl(self) -> float:
        """What closing at the last price would bring, before commissions, money."""
        return self.quantity * (self.last_price - self.average_cost)

    @property
    def unrealized_pnl_pct(self) -> float:
        """`unrealized_pnl` as a fraction of what the position cost: 0.1 is ten percent; NaN where it cost nothing."""
        cost = abs(self.quantity) * self.average_cost
        return self.unrealized_pnl / cost if cost else nan


class Portfolio:
    """An account's books as of a moment: cash, positions, and what was earned and paid so far.

    Profits are at average cost and before commissions; slippage is in the prices. A call that raises changes nothing.

    >>> books = Portfolio(10_000.0)
    >>> books.add_position("SPX", 5, 1_000.0, commission=2.0)
    >>> books.reduce_position("SPX", 2, 1_100.0, commission=2.0)
    200.0
    >>> books.cash, books.total_market_value, books.total_equity
    (7196.0, 3300.0, 10496.0)
    """

    __slots__ = ("_cash", "_commission", "_dividends", "_positions", "_realized", "_timestamp")

    def __init__(
        self, cash: float, positions: Mapping[str, Position] | None = None, *, timestamp: datetime | None = None
    ) -> None:
        self._cash = _amount("cash", cash, least=-inf)
        self._positions = dict(positions or {})
        for symbol, position in self._positions.items():
            if position.symbol != symbol:
                raise InputError(
                    f"positions[{symbol!r}] is a position in {position.symbol!r}: expected the same symbol"
                )
        self._timestamp = None if timestamp is None else self._not_before(timestamp, None)
        self._realized = 0.0
        self._commission = 0.0
        self._dividends = 0.0

    @property
    def cash(self) -> float:
        """Money not in positions; negative where it is borrowed."""
        return self._cash

    @property
    def positions(self) -> Mapping[str, Position]:
        """Positions held, by symbol, to be read; it follows the changes of the books."""
        return MappingProxyType(self._positions)

    @property
    def timestamp(self) -> datetime | None:
        """The moment of the last fill or price update; None before the first."""
        return self._timestamp

    @property
    def total_market_value(self) -> float:
        """The signed market values of all positions, summed in the order of the symbols' names, money."""
        return sum((self._positions[symbol].market_value for symbol in sorted(self._positions)), 0.0)

    @property
    def total_equity(self) -> float:
        """Cash plus the market value of all positions, money."""
        return self._cash + self.total_market_value

    @property
    def total_unrealized_pnl(self) -> float:
        """The unrealised profits and losses of all positions, money."""
        return sum((self._positions[symbol].unrealized_pnl for symbol in sorted(self._positions)), 0.0)

    @property
    def total_realized_pnl(self) -> float:
        """The profits and losses of all reductions so far, before commissions, money."""
        return self._realized

    @property
    def total_commission(self) -> float:
        """Commissions paid so far, money."""
        return self._commission

    @property
    def total_dividends(self) -> float:
        """Dividends received so far, less those that shorts paid, money."""
        return self._dividends

    def add_position(self, symbol: str, quantity: float, price: float, commission: float = 0.0) -> None:
        """Open or increase a position; a negative quantity opens or increases a short."""
        _amount("quantity", quantity, least=-inf)
        _amount("price", price, least=0.0)
        _amount("commission", commission, least=0.0)
        if quantity == 0:
            raise InputError(f"add_position({symbol!r}, {quantity}): expected more than 0, or less for a short")
        held = self._positions.get(symbol)
        before, cost = (0.0, price) if held is None else (held.quantity, held.average_cost)
        if before * copysign(1.0, quantity) < 0:
            raise InputError(
                f"add_position({symbol!r}, {quantity}) is against the {before} held: expected the same sign; "
                "close with reduce_position first, or book the whole fill with apply_fill"
            )
        if held is not None:
            cost = (cost * abs(before) + price * abs(quantity)) / (abs(before) + abs(quantity))
        after = Position(symbol=symbol, quantity=before + quantity, average_cost=cost, last_price=price)
        self._book(symbol, after, quantity * price + commission)
        self._commission += commission

    def reduce_position(self, symbol: str, quantity: float, price: float, commission: float = 0.0) -> float:
        """Close units of a position, long or short, and give the profit or loss realised, before commissions.

        `quantity` is more than 0 for a short too: the units bought back. More than is held raises `InputError`.
        """
        _amount("quantity", quantity, above=0.0)
        _amount("price", price, least=0.0)
        _amount("commission", commission, least=0.0)
        held = self._positions.get(symbol)
        if held is None:
            known = ", ".join(sorted(self._positions)) or "nothing"
            raise InputError(f"reduce_position({symbol!r}, {quantity}): no position in {symbol!r}; held: {known}")
        units = abs(held.quantity)
        if quantity - units > TOLERANCE * quantity:
            raise InputError(
                f"reduce_position({symbol!r}, {quantity}) is more than the {units} held: reduce by at most that; "
                "what goes beyond opens the other way, with add_position or apply_fill"
            )
        way = copysign(1.0, held.quantity)
        left = units - quantity
        after = None
        if left > TOLERANCE * quantity:
            after = held.model_copy(update={"quantity": way * left, "last_price": float(price)})
        realized = (price - held.average_cost) * min(quantity, units) * way
        self._book(symbol, after, commission - way * quantity * price)
        self._commission += commission
        self._realized += realized
        return realized

    def apply_fill(self, fill: Fill) -> float:
        """Book a fill, whichever way it goes, and give the profit or loss realised, before commissions.

        A fill that crosses zero is a reduction and then an addition; its commission is shared by quantity.
        """
        timestamp = self._not_before(fill.timestamp, self._timestamp)
        # Looked at for the whole fill, so that half a fill is never booked.
        _amount("cash", self._cash - (fill.signed_quantity * fill.price + fill.commission), least=-inf)
        realized = self._apply(fill)
        self._timestamp = timestamp
        return realized

    def _apply(self, fill: Fill) -> float:
        held = self._positions.get(fill.symbol)
        signed = fill.signed_quantity
        if held is None or held.quantity * copysign(1.0, signed) > 0:
            self.add_position(fill.symbol, signed, fill.price, fill.commission)
            return 0.0
        opens = fill.quantity - abs(held.quantity)
        if opens <= TOLERANCE * fill.quantity:
            return self.reduce_position(fill.symbol, fill.quantity, fill.price, fill.commission)
        share = fill.commission * abs(held.quantity) / fill.quantity
        realized = self.reduce_position(fill.symbol, abs(held.quantity), fill.price, share)
        self.add_position(fill.symbol, copysign(opens, signed), fill.price, fill.commission - share)
        return realized

    def update_prices(self, prices: Mapping[str, float], timestamp: datetime) -> None:
        """Value each position at its price, and move the books to that moment.

        A symbol without a price, or with NaN, keeps the last one; prices of symbols that are not held change nothing.
        """
        moment = self._not_before(timestamp, self._timestamp)
        traded = {symbol: price for symbol, price in prices.items() if not isnan(price)}
        for symbol, price in traded.items():
            _amount(f"prices[{symbol!r}]", price, above=0.0)
        for symbol in self._positions.keys() & traded.keys():
            marked = {"last_price": float(traded[symbol])}
            self._positions[symbol] = self._positions[symbol].model_copy(update=marked)
        self._timestamp = moment

    def apply_split(self, symbol: str, ratio: float) -> None:
        """Count a position in new units, `ratio` for each old one; a symbol that is not held has nothing to split."""
        _amount("ratio", ratio, above=0.0)
        held = self._positions.get(symbol)
        if held is not None:
            self._positions[symbol] = Position(
                symbol=symbol,
                quantity=held.quantity * ratio,
                average_cost=held.average_cost / ratio,
                last_price=held.last_price / ratio,
            )

    def apply_dividend(self, symbol: str, per_share: float) -> float:
        """Receive a dividend on a position, or pay it on a short; gives the money received."""
        _amount("per_share", per_share, least=0.0)
        held = self._positions.get(symbol)
        received = 0.0 if held is None else held.quantity * per_share
        self._book(symbol, held, -received)
        self._dividends += received
        return received

    def adjust_cash(self, amount: float) -> None:
        """Move money in, or out where negative, that no trade moves: interest, a deposit, a withdrawal."""
        _amount("amount", amount, least=-inf)
        self._cash = _amount("cash", self._cash + amount, least=-inf)

    def _book(self, symbol: str, after: Position | None, spent: float) -> None:
        self._cash = _amount("cash", self._cash - spent, least=-inf)
        if after is None:
            self._positions.pop(symbol, None)
        else:
            self._positions[symbol] = after

    @staticmethod
    def _not_before(timestamp: datetime, last: datetime | None) -> datetime:
        if timestamp.utcoffset() is None:
            raise InputError(f"timestamp {timestamp} has no time zone: expected one, such as tzinfo=timezone.utc")
        if last is not None and timestamp < last:
            raise InputError(f"timestamp {timestamp} is before the books' {last}: work in the order of time")
        return timestamp

    def __repr__(self) -> str:
        held = ", ".join(f"{symbol}: {self._positions[symbol].quantity:g}" for symbol in sorted(self._positions))
        return f"Portfolio(cash={self._cash:g}, positions={{{held}}}, timestamp={self._timestamp})"


def _amount(name: str, value: float, *, least: float | None = None, above: float | None = None) -> float:
    """The value as a float, or one sentence on what it should have been."""
    if not isfinite(value):
        raise InputError(f"{name} = {value}: expected a finite number")
    if least is not None and value < least:
        raise InputError(f"{name} = {value}: expected at least {least:g}")
    if above is not None and value <= above:
        raise InputError(f"{name} = {value}: expected more than {above:g}")
    return float(value)
