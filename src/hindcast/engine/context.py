"""Context: what a strategy sees and does in `on_bar`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Unpack

import numpy as np

from hindcast.domain.errors import StrategyError
from hindcast.engine import layout
from hindcast.engine.book_views import NO_PARAMETERS, OrderView, PositionView
from hindcast.engine.commands import OrderTerms, Terms, number
from hindcast.engine.event_books import EventBooks
from hindcast.engine.history_views import BarsHistory, Clock, IndicatorHistory
from hindcast.engine.stamps import to_datetime

SUBMIT_TERMS: Final = ("limit", "stop", "time_in_force", "good_till", "tag")


class Context:
    """The bar at hand, the books after it, and the ways to order.

    An order that can't be (a quantity of NaN, a symbol that the panel lacks, a stop on the wrong side) is kept as
    rejected, with its reason; an argument of the wrong type, or a word that means nothing, raises StrategyError.
    """

    __slots__ = ("_books", "_clock", "_positions", "bars", "indicators", "symbols")

    def __init__(self, clock: Clock, bars: BarsHistory, indicators: IndicatorHistory, books: EventBooks) -> None:
        self._clock = clock
        self._books = books
        self._positions: dict[str, PositionView] = {}
        self.bars = bars
        self.indicators = indicators
        self.symbols: tuple[str, ...] = bars.symbols

    def __repr__(self) -> str:
        return f"Context at {self._clock.words()}"

    @property
    def index(self) -> int:
        """Number of the bar at hand; the panel's first is 0."""
        return self._clock.known - 1

    @property
    def timestamp(self) -> datetime:
        """Stamp of the bar at hand, UTC."""
        return to_datetime(self._clock.timestamps[self._clock.known - 1])

    @property
    def cash(self) -> float:
        """Money that is not in positions."""
        return self._books.cash()

    @property
    def equity(self) -> float:
        """Cash plus positions at this bar's close, as the result records it."""
        return self._books.equity()

    @property
    def orders(self) -> tuple[OrderView, ...]:
        """The working orders, oldest first; what was ordered on this bar is among them."""
        return self._books.working_orders()

    def order(self, order_id: int) -> OrderView:
        """Any order of this run by its id, ended ones too. Raises StrategyError where there is none."""
        return self._books.order(_order_id("order", order_id))

    def position(self, symbol: str) -> PositionView:
        """The position in a symbol, flat ones too. Raises StrategyError for a symbol that the panel lacks."""
        found = self._positions.get(symbol)
        if found is None:
            column = self._books.columns.get(symbol)
            if column is None or column >= len(self.symbols):
                few = ", ".join(self.symbols[:5]) + (", …" if len(self.symbols) > 5 else "")
                raise StrategyError(f"position({symbol!r}): no such symbol; the panel holds: {few}")
            found = self._positions[symbol] = PositionView(symbol, column, self._books)
        return found

    def buy(
        self,
        symbol: str,
        quantity: float | None = None,
        weight: float | None = None,
        **terms: Unpack[OrderTerms],
    ) -> int:
        """Order a purchase; gives the order's id.

        Parameters
        ----------
        symbol : str
        quantity : float, optional
            Units.
        weight : float, optional
            Share of equity, as recorded at this bar, to spend. Neither: what the configured sizing says.
        limit, stop : float, optional
            Limit order, stop order; both: stop-limit order.
        trailing, trailing_pct : float, optional
            Trailing stop by an amount, or by a fraction of the price.
        on_close : bool
            At the close of the next bar that trades.
        stop_loss, take_profit : float, optional
            Prices of the exits that come to work when the order fills; when one fills, the other is cancelled.
        trailing_stop, trailing_stop_pct : float, optional
            A trailing stop-loss instead.
        time_in_force : "GTC", "DAY", "GTD", "IOC" or "FOK"
        good_till : datetime, date or ISO text, optional
            The last stamp at which the order works.
        tag : str, optional
            A word to know the order by in `context.orders`.

        Returns
        -------
        int
            The id, also of an order that is rejected.

        Raises
        ------
        StrategyError
            An argument is of the wrong type, or unknown.
        """
        return self._order("buy", symbol, layout.BUY, (quantity, weight), terms)

    def sell(
        self,
        symbol: str,
        quantity: float | None = None,
        weight: float | None = None,
        **terms: Unpack[OrderTerms],
    ) -> int:
        """Order a sale; the arguments are those of `buy`. Without `allow_short` it sells at most the position."""
        return self._order("sell", symbol, layout.SELL, (quantity, weight), terms)

    def close(self, symbol: str, *, tag: str | None = None) -> int:
        """Order the end of a position, all of it as it is when the order fills; gives the order's id."""
        return self._whole("close", symbol, layout.ASK_POSITION, np.nan, 0, tag)

    def target(self, symbol: str, weight: float, *, tag: str | None = None) -> int:
        """Order the position that is worth this share of equity, 0 for none; gives the order's id."""
        value = number("target", "weight", weight)
        return self._whole("target", symbol, layout.ASK_TARGET_WEIGHT, value, layout.GIVEN_WEIGHT, tag)

    def cancel(self, order_id: int) -> bool:
        """Cancel an order at once; False where it has ended already, or is none of this run's."""
        return self._books.cancel(_order_id("cancel", order_id))

    def submit(
        self,
        order_type: str,
        symbol: str,
        side: str,
        *,
        quantity: float | None = None,
        weight: float | None = None,
        parameters: Mapping[str, object] | None = None,
        **terms: Unpack[OrderTerms],
    ) -> int:
        """Order by a type of one's own (an `OrderExecutor` in the strategy's `executors`); gives the order's id.

        `parameters` are handed to the executor with the order. Of the terms, `limit`, `stop`, `time_in_force`,
        `good_till` and `tag` can be given.
        """
        books = self._books
        kind = books.type_code(order_type)
        if side not in ("buy", "sell"):
            raise StrategyError(f"submit: side={side!r}; expected 'buy' or 'sell'")
        for name in terms:
            if name not in SUBMIT_TERMS:
                raise StrategyError(f"submit: '{name}' does not go with an order type of one's own")
        if parameters is not None and not isinstance(parameters, Mapping):
            raise StrategyError(f"submit: parameters={parameters!r}; expected a mapping of names to values")
        sign = layout.BUY if side == "buy" else layout.SELL
        order_id = self._order("submit", symbol, sign, (quantity, weight), terms, kind)
        books.parameters[order_id] = dict(parameters or NO_PARAMETERS)
        return order_id

    def _order(
        self,
        call: str,
        symbol: str,
        side: int,
        size: tuple[float | None, float | None],
        terms: OrderTerms,
        kind: int | None = None,
    ) -> int:
        books = self._books
        quantity, weight = size
        column = books.columns.get(symbol)
        if column is None:
            column = books.new_column(call, symbol)
        bar = self._clock.known - 1
        if quantity is not None:
            ask, amount, given = layout.ASK_QUANTITY, number(call, "quantity", quantity), layout.GIVEN_QUANTITY
            if weight is not None:  # which the kernel rejects
                given |= layout.GIVEN_WEIGHT
                if not 0.0 < number(call, "weight", weight) < math.inf:
                    amount = math.nan  # the one number that the record has room for says that one of both is bad
        elif weight is not None:
            ask, amount, given = layout.ASK_WEIGHT, number(call, "weight", weight), layout.GIVEN_WEIGHT
        else:
            ask, amount, given = layout.ASK_SIZER, 1.0, 0
        if not terms and kind is None:
            books.log.order(bar, column, side, ask, amount, given)
            return books.note_order()
        said = Terms(call, terms, bar, self._clock.timestamps)
        if kind is not None:
            said.kind = kind
        books.log.order(bar, column, side, ask, amount, given, said)
        return books.note_order(said.tag)

    def _whole(self, call: str, symbol: str, ask: int, value: float, given: int, tag: str | None) -> int:
        """An order whose side is known when it works."""
        books = self._books
        column = books.columns.get(symbol)
        if column is None:
            column = books.new_column(call, symbol)
        if tag is not None and not isinstance(tag, str):
            raise StrategyError(f"{call}: tag={tag!r} is a {type(tag).__name__}; expected text")
        books.log.order(self._clock.known - 1, column, 0, ask, value, given)
        return books.note_order(tag)


def _order_id(call: str, value: Any) -> int:
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    raise StrategyError(f"{call}({value!r}): a {type(value).__name__} is no order id; expected what context.buy gave")
