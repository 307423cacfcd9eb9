"""The books as `on_bar` and custom order types see them: orders and positions, read from the kernel's arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.orders import OrderSide, OrderStatus, TimeInForce
from hindcast.engine import layout
from hindcast.engine.stamps import to_datetime

SIDES: Final = {layout.BUY: OrderSide.BUY, layout.SELL: OrderSide.SELL, 0: None}
STATUSES: Final = tuple(OrderStatus(name) for name in layout.STATUS_NAMES)
TIMES: Final = tuple(TimeInForce(name) for name in layout.TIF_NAMES)
NO_PARAMETERS: Final[Mapping[str, object]] = MappingProxyType({})

_TRIGGERS: Final = (layout.TYPE_STOP, layout.TYPE_STOP_LIMIT, layout.TYPE_TRAILING_STOP)
_UNTRIGGERED: Final = (layout.ACTS_STOP, layout.ACTS_STOP_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as it stands now, in the words of the orders table."""

    order_id: int
    parent_id: int | None  # the entry of a stop-loss or take-profit
    symbol: str
    side: OrderSide | None  # None until a target's order is first worked
    type: str
    quantity: float | None  # asked for; None until a cash value is converted
    filled_quantity: float
    remaining: float  # units still to be filled; NaN until they are known
    limit: float | None
    stop: float | None  # of a trailing stop: where it stands now
    time_in_force: TimeInForce
    status: OrderStatus
    reason: str
    created_at: datetime  # stamp of the bar
    triggered: bool  # whether its stop was reached
    tag: str | None
    parameters: Mapping[str, object]

    @property
    def id(self) -> int:
        """`order_id`: what `context.buy` gave, and `context.cancel` takes."""
        return self.order_id

    @property
    def parent(self) -> int | None:
        """`parent_id`."""
        return self.parent_id

    @property
    def filled(self) -> float:
        """`filled_quantity`."""
        return self.filled_quantity

    @property
    def is_open(self) -> bool:
        """Whether it may still fill."""
        return self.status is OrderStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the numbers of the records stand for."""

    symbols: tuple[str, ...]  # of the panel, then those that only orders named
    types: tuple[str, ...]
    timestamps: NDArray[np.int64]


def order_view(
    record: Any, names: Names, tag: str | None = None, parameters: Mapping[str, object] = NO_PARAMETERS
) -> OrderView:
    """One record of the order log (ORDER_DTYPE) as a person reads it."""
    quantity, filled = float(record["quantity"]), float(record["filled"])
    remaining = float(record["remaining"])
    kind = int(record["type"])
    return OrderView(
        order_id=int(record["order_id"]),
        parent_id=int(record["parent_id"]) or None,
        symbol=names.symbols[record["symbol"]],
        side=SIDES[int(record["side"])],
        type=names.types[kind],
        quantity=None if math.isnan(quantity) else quantity,
        filled_quantity=filled,
        remaining=quantity - filled if math.isnan(remaining) else remaining,
        limit=_price(record["limit"]),
        stop=_price(record["stop"]),
        time_in_force=TIMES[record["time_in_force"]],
        status=STATUSES[record["status"]],
        reason=layout.REASON_NAMES[record["reason"]],
        created_at=to_datetime(names.timestamps[record["created"]]),
        triggered=kind in _TRIGGERS and int(record["acts"]) not in _UNTRIGGERED,
        tag=tag,
        parameters=parameters,
    )


def _price(value: Any) -> float | None:
    price = float(value)
    return None if math.isnan(price) else price


class PositionBooks(Protocol):
    """Where a position view reads from; each answer is as of the bar at hand."""

    def quantity_of(self, column: int) -> float:
        """Signed units."""
        ...

    def cost_of(self, column: int) -> float:
        """Average cost, 0 when flat."""
        ...

    def mark_of(self, column: int) -> float:
        """The last close seen, NaN before the first."""
        ...


class PositionView:
    """A symbol's position as of the bar at hand: every attribute is read when it is asked for."""

    __slots__ = ("_books", "_column", "symbol")

    def __init__(self, symbol: str, column: int, books: PositionBooks) -> None:
        self.symbol = symbol
        self._column = column
        self._books = books

    @property
    def quantity(self) -> float:
        """Units held; less than 0 when short."""
        return self._books.quantity_of(self._column)

    @property
    def average_cost(self) -> float:
        """Price at which the units were come by, before commissions; 0 when flat."""
        return self._books.cost_of(self._column)

    @property
    def price(self) -> float:
        """The last close seen; NaN before the first."""
        return self._books.mark_of(self._column)

    @property
    def market_value(self) -> float:
        """Quantity times last close, money; negative when short."""
        quantity = self.quantity
        return quantity * self.price if quantity else 0.0

    @property
    def unrealised(self) -> float:
        """Profit that a sale at the last close would make, before costs, money."""
        quantity = self.quantity
        return quantity * (self.price - self.average_cost) if quantity else 0.0

    def __repr__(self) -> str:
        return f"PositionView({self.symbol}: {self.quantity:g} at {self.average_cost:g}, now {self.price:g})"
