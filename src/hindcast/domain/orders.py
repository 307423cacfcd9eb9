"""Orders, fills and trades as records: the words in which a result tells what was asked for and what was done."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from hindcast.domain.errors import InputError
from hindcast.domain.records import CheckedRecord


class OrderSide(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    """When, and at which price, an order may fill; a type of a user's own goes by the name that it registers."""

    MARKET = "market"
    MARKET_ON_CLOSE = "market_on_close"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long an order works: until cancelled, for a day, until a date; at once in part, at once in whole."""

    GTC = "GTC"
    DAY = "DAY"
    GTD = "GTD"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(StrEnum):
    """Open, or one of the four ends."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


PRICES: Final = (
    "limit_price",
    "stop_price",
    "trailing",
    "trailing_pct",
    "stop_loss",
    "take_profit",
    "trailing_stop",
    "trailing_stop_pct",
)
ONE_OF: Final = (
    ("trailing", "trailing_pct"),
    ("trailing_stop", "trailing_stop_pct"),
    ("stop_loss", "trailing_stop"),
    ("stop_loss", "trailing_stop_pct"),
)


class Order(CheckedRecord):
    """One order as it stands: what was asked for, how much of it was filled, and how and why it ended.

    `side` is None until a target's order is first worked, `quantity` until a cash value is converted. A rejected order
    is kept as it was asked for, however impossible; a number that is not finite is kept as None. `stop_loss`,
    `take_profit`, `trailing_stop` and `trailing_stop_pct` are the bracket of an entry; the orders that come of it name
    the entry as their `parent_id`.
    """

    error_class = InputError

    order_id: int = Field(ge=1)
    parent_id: int | None = Field(None, ge=1)
    symbol: str = Field(min_length=1)
    side: OrderSide | None
    order_type: OrderType | Annotated[str, Field(min_length=1)] = Field(OrderType.MARKET, union_mode="left_to_right")
    quantity: float | None = None
    filled_quantity: float = Field(0.0, ge=0)
    limit_price: float | None = None
    stop_price: float | None = None
    trailing: float | None = None  # distance of a trailing stop, money per unit
    trailing_pct: float | None = None  # the same as a fraction of the price
    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None  # distance of a trailing stop-loss, money per unit
    trailing_stop_pct: float | None = None  # the same as a fraction of the price
    time_in_force: TimeInForce = TimeInForce.GTC
    good_till: AwareDatetime | None = None
    tag: str | None = None
    status: OrderStatus = OrderStatus.OPEN
    reason: str = ""
    created_at: AwareDatetime
    closed_at: AwareDatetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still fill."""
        return self.status is OrderStatus.OPEN

    @property
    def remaining_quantity(self) -> float | None:
        """Units asked for and not filled; of an ended order, those that never will be."""
        return None if self.quantity is None else max(self.quantity - self.filled_quantity, 0.0)

    @model_validator(mode="after")
    def _ends_once_and_says_why(self) -> Self:
        name = f"order {self.order_id}"
        if self.is_open != (self.closed_at is None):
            raise ValueError(f"{name} is {self.status} with closed_at={self.closed_at}: only an open order has none")
        if self.closed_at is not None and self.closed_at < self.created_at:
            raise ValueError(f"{name} is closed at {self.closed_at}, before it was created at {self.created_at}")
        if self.status not in (OrderStatus.OPEN, OrderStatus.FILLED) and not self.reason:
            raise ValueError(f"{name} is {self.status} without a reason: say why, in one word")
        if self.status is OrderStatus.FILLED and self.filled_quantity == 0:
            raise ValueError(f"{name} is filled with filled_quantity=0: an order that filled nothing ends otherwise")
        if self.status is OrderStatus.REJECTED and self.filled_quantity > 0:
            raise ValueError(f"{name} is rejected with filled_quantity={self.filled_quantity}: expected 0")
        return self

    @model_validator(mode="after")
    def _asks_for_what_can_be(self) -> Self:
        if self.status is OrderStatus.REJECTED:
            return self
        for name in ("quantity", *PRICES):
            value = getattr(self, name)
            if name == "stop_price" and self.order_type is OrderType.TRAILING_STOP:
                continue  # a long way below a low price, it may stand at nothing or less
            if value is not None and value <= 0:
                raise ValueError(f"order {self.order_id} has {name}={value}: expected more than 0")
        for one, other in ONE_OF:
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"order {self.order_id} has both {one} and {other}: expected one of them")
        if self.good_till is not None and self.time_in_force is not TimeInForce.GTD:
            raise ValueError(f"{self.time_in_force} order {self.order_id} has good_till={self.good_till}: expected GTD")
        if isinstance(self.order_type, OrderType):
            self._has_the_prices_of_its_type()
        return self

    def _has_the_prices_of_its_type(self) -> None:
        self._has_price("limit_price", self.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT))
        # Where a trailing stop stands is known only while it works.
        if self.order_type is not OrderType.TRAILING_STOP:
            self._has_price("stop_price", self.order_type in (OrderType.STOP, OrderType.STOP_LIMIT))
            self._has_price("trailing", needed=False)
            self._has_price("trailing_pct", needed=False)

    def _has_price(self, name: str, needed: bool) -> None:
        value = getattr(self, name)
        if needed != (value is not None):
            expected = "a price" if needed else "none"
            raise ValueError(f"{self.order_type} order {self.order_id} has {name}={value}: expected {expected}")


class Fill(CheckedRecord):
    """One execution of an order, or of a part of it; slippage is in the price.

    `order_id` is None where no order was behind it: the settlement at ruin.
    """

    error_class = InputError

    timestamp: AwareDatetime
    symbol: str = Field(min_length=1)
    side: OrderSide
    quantity: float = Field(gt=0)
    price: float = Field(ge=0)
    commission: float = Field(0.0, ge=0)
    slippage: float = Field(0.0, ge=0)
    order_id: int | None = Field(None, ge=1)
    reason: str = ""
    ambiguous: bool = False

    @property
    def signed_quantity(self) -> float:
        """Units bought, or minus the units sold."""
        return self.quantity if self.side is OrderSide.BUY else -self.quantity

    @property
    def notional(self) -> float:
        """Quantity times price, money."""
        return self.quantity * self.price


class Trade(CheckedRecord):
    """A round trip: one entry fill matched with one exit fill over their common quantity, in the units of the exit."""

    error_class = InputError

    symbol: str = Field(min_length=1)
    side: Literal["long", "short"]
    quantity: float = Field(gt=0)
    entry_time: AwareDatetime
    entry_price: float = Field(ge=0)
    exit_time: AwareDatetime
    exit_price: float = Field(ge=0)
    pnl: float  # money, net of its share of commissions
    commission: float = Field(0.0, ge=0)
    mae: float | None = None  # worst excursion from the entry price, as a fraction, <= 0
    mfe: float | None = None  # best excursion from the entry price, as a fraction, >= 0

    @property
    def return_on_entry(self) -> float:
        """Profit or loss as a fraction of what was entered with; the column `return` of the trades table."""
        return self.pnl / (self.entry_price * self.quantity)

    @model_validator(mode="after")
    def _enters_before_it_exits(self) -> Self:
        if self.exit_time < self.entry_time:
            raise ValueError(f"trade in {self.symbol} exits at {self.exit_time}, before its entry at {self.entry_time}")
        return self
