"""OrderExecutor: how an order of one type fills on a bar.

The five built-in executors are faces of the compiled rules in `kernels/triggers.py`: what they answer for one order and
one bar is what a simulation does with it, where the order's own bar, volume and buying power don't come into it. A
class of one's own becomes an order type: a strategy names it in `executors`, and orders it with `context.submit`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal, Protocol

from hindcast.domain.errors import ConfigError
from hindcast.domain.orders import OrderSide, OrderType
from hindcast.engine import layout
from hindcast.engine.kernels import triggers

LimitFill = Literal["through", "touch"]
Intrabar = Literal["pessimistic", "optimistic", "ohlc"]

POLICIES: Final = {
    "pessimistic": layout.PESSIMISTIC,
    "optimistic": layout.OPTIMISTIC,
    "ohlc": layout.OHLC,
}


class OrderLike(Protocol):
    """What an executor reads of an order; the orders of `context.orders` have more."""

    @property
    def type(self) -> str:
        """The order type."""
        ...

    @property
    def side(self) -> OrderSide | None:
        """Buy or sell; None until a target's order is first worked."""
        ...

    @property
    def remaining(self) -> float:
        """Units still to be filled."""
        ...

    @property
    def limit(self) -> float | None:
        """The worst price that is taken."""
        ...

    @property
    def stop(self) -> float | None:
        """The price that triggers it; of a trailing stop: where it stands now."""
        ...

    @property
    def triggered(self) -> bool:
        """Whether a stop was triggered on an earlier bar."""
        ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """What `context.submit` was given for this order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One symbol's bar: the one that an order is matched against."""

    symbol: str
    timestamp: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


class PortfolioLike(Protocol):
    """What an executor may know of the books, in the middle of a bar."""

    @property
    def cash(self) -> float:
        """Money, as it is at this point of the bar."""
        ...

    @property
    def equity(self) -> float:
        """Cash plus positions at their last marks."""
        ...

    def quantity(self, symbol: str) -> float:
        """The signed position in a symbol."""
        ...


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill that an executor proposes: before slippage and costs, which the engine adds."""

    price: float  # within the bar's low and high, and not worse than the order's limit
    quantity: float  # more than 0, not more than what remains


class OrderExecutor(ABC):
    """How orders of one type fill. An executor remembers nothing between calls."""

    order_type: ClassVar[str]

    @abstractmethod
    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        """The fill of this order on this bar, or None where it does not fill.

        Parameters
        ----------
        order
            A working order of this type, with its `parameters`.
        bar
            The bar at hand, its close included. A custom order is worked within the bar, after the open.
        portfolio
            The books as they are at this point of the bar.
        """


class MarketOrderExecutor(OrderExecutor):
    """Fills at the open."""

    order_type = OrderType.MARKET.value

    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        """The open, and all that remains."""
        return Execution(bar.open, order.remaining)


@dataclass(frozen=True, slots=True)
class LimitOrderExecutor(OrderExecutor):
    """Fills at the open where that is beyond the limit, else at the limit where the bar trades beyond it."""

    order_type: ClassVar[str] = OrderType.LIMIT.value
    limit_fill: LimitFill = "through"

    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        """The price by the rules for limit orders."""
        return _filled(layout.ACTS_LIMIT, order, bar, self.limit_fill)


class StopOrderExecutor(OrderExecutor):
    """Fills at the open where that is at the stop or beyond, else at the stop where the bar reaches it."""

    order_type = OrderType.STOP.value

    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        """The price by the rules for stop orders; the rest of a triggered one is a market order."""
        return _filled(layout.ACTS_MARKET if order.triggered else layout.ACTS_STOP, order, bar, "through")


@dataclass(frozen=True, slots=True)
class StopLimitOrderExecutor(OrderExecutor):
    """A limit order from the moment on at which the stop is reached."""

    order_type: ClassVar[str] = OrderType.STOP_LIMIT.value
    limit_fill: LimitFill = "through"
    intrabar: Intrabar = "pessimistic"

    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        """The price by the rules for stop-limit orders."""
        if order.triggered:
            return _filled(layout.ACTS_LIMIT, order, bar, self.limit_fill)
        found = _filled(layout.ACTS_STOP_LIMIT, order, bar, self.limit_fill)
        if found is not None:
            return found
        return self._within(order, bar)

    def _within(self, order: OrderLike, bar: Bar) -> Execution | None:
        side, touch = _sign(order), self.limit_fill == "touch"
        limit, stop = side * _given(order.limit), side * _given(order.stop)
        o, high, low, close = _long_space(bar, side)
        if o >= stop:  # triggered at the open, which is beyond the limit: a limit order for the rest of the bar
            fills = triggers.beyond(low, limit, touch)
        elif high < stop:
            return None
        elif limit >= stop:
            return Execution(side * stop, order.remaining)
        else:
            up_first = bar.high - bar.open < bar.open - bar.low
            first, second = (bar.high, bar.low) if up_first else (bar.low, bar.high)
            fills = triggers.stop_limit_within(
                POLICIES[self.intrabar], side * first, side * second, close, limit, stop, touch
            )
        return Execution(side * limit, order.remaining) if fills else None


class TrailingStopOrderExecutor(StopOrderExecutor):
    """A stop order; where its stop stands moves with the bars before."""

    order_type = OrderType.TRAILING_STOP.value


def built_in_executors(
    limit_fill: LimitFill = "through", intrabar: Intrabar = "pessimistic"
) -> dict[str, OrderExecutor]:
    """The five executors by order type, as a configuration sets them."""
    five: tuple[OrderExecutor, ...] = (
        MarketOrderExecutor(),
        LimitOrderExecutor(limit_fill),
        StopOrderExecutor(),
        StopLimitOrderExecutor(limit_fill, intrabar),
        TrailingStopOrderExecutor(),
    )
    return {each.order_type: each for each in five}


def checked_executors(executors: Iterable[OrderExecutor]) -> Sequence[OrderExecutor]:
    """Executors of custom order types, each of a name of its own. Raises ConfigError."""
    found = tuple(executors)
    taken = set(layout.TYPE_NAMES)
    for executor in found:
        if not isinstance(executor, OrderExecutor):
            raise ConfigError(f"executors hold {executor!r}; expected instances of OrderExecutor classes")
        name = getattr(executor, "order_type", None)
        if not isinstance(name, str) or not name.strip():
            raise ConfigError(f"{type(executor).__name__}.order_type is {name!r}; expected a name such as 'midpoint'")
        if name in taken:
            raise ConfigError(f"{type(executor).__name__}: order type '{name}' is taken; choose another name")
        taken.add(name)
    return found


def _filled(acts: int, order: OrderLike, bar: Bar, limit_fill: LimitFill) -> Execution | None:
    """At the open, else within the bar, by the compiled rules; a sell is the mirror image of a buy."""
    side, touch = _sign(order), limit_fill == "touch"
    limit, stop = side * _given(order.limit), side * _given(order.stop)
    o, high, low, _ = _long_space(bar, side)
    price = triggers.price_at_open(acts, o, limit, stop, touch)
    if math.isnan(price):
        price = triggers.price_within(acts, high, low, limit, stop, touch)
    return None if math.isnan(price) else Execution(side * price, order.remaining)


def _long_space(bar: Bar, side: int) -> tuple[float, float, float, float]:
    """Open, high, low and close as a buy sees them."""
    if side == layout.BUY:
        return bar.open, bar.high, bar.low, bar.close
    return -bar.open, -bar.low, -bar.high, -bar.close


def _sign(order: OrderLike) -> int:
    return layout.SELL if order.side == OrderSide.SELL else layout.BUY


def _given(price: float | None) -> float:
    return math.nan if price is None else price
