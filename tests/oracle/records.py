"""What the oracle keeps: plain records of orders, fills, trades and one run's outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan, nan

# "Comparisons of money and quantities allow 1e-9 relative."
TOLERANCE = 1e-9

BUY, SELL = 1, -1


@dataclass(slots=True, kw_only=True)
class Bracket:
    """What an entry says of its children; nan = not given."""

    stop_loss: float = nan
    trail_amount: float = nan  # a trailing stop-loss, by money or by a fraction
    trail_fraction: float = nan
    take_profit: float = nan

    @property
    def has_stop_loss(self) -> bool:
        """Whether there is a stop-loss of any kind."""
        return not (isnan(self.stop_loss) and isnan(self.trail_amount) and isnan(self.trail_fraction))


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Where on its bar an order was last filled."""

    bar: int
    phase: str  # "open", "within", "close"
    at: str  # "open", "limit" (resting), "stop", "stop then limit" (both within the bar), "child", "close"
    price: float  # before slippage


@dataclass(slots=True, kw_only=True)
class Order:
    """One order, from its creation to its end state."""

    order_id: int
    symbol: str
    side: int  # BUY, SELL; 0 while a target or a close has not been worked
    want: str = "quantity"  # "quantity", "value", "target", "close", "zero" (a target of 0)
    type: str = "market"
    origin: str = "signal"  # or "hand", "margin", "child"
    signal: str = ""  # the kind of signal that made it
    reduce_only: bool = False
    reverses: bool = False  # closes the position as it is when worked, then opens the size
    adds: bool = False  # a BUY on top of a long (a SELL on top of a short)
    size: float = nan  # units, for want "quantity"
    value: float = nan  # money, for want "value" and "target"
    limit: float = nan
    stop: float = nan  # of a trailing stop: its level now
    trail_amount: float = nan
    trail_fraction: float = nan
    extreme: float = nan  # W, the best price that a trailing stop has seen
    time_in_force: str = "GTC"
    good_till: int | None = None  # stamp
    triggered: int = -1  # bar on which a stop was reached
    bracket: Bracket | None = None  # of an entry
    children: list[Order] = field(default_factory=list)
    parent: Order | None = None
    role: str = ""  # of a child: "stop_loss", "take_profit"
    execution: Execution | None = None  # the last one
    worked: int = -1  # bar of its last turn at filling, whether it got anything or not
    quantity: float = nan  # asked for; nan until it is known
    remaining: float = nan
    filled: float = 0.0
    notional: float = 0.0
    charged: float = 0.0
    status: str = "open"
    reason: str = ""
    created: int = 0
    closed: int = -1

    @property
    def working(self) -> bool:
        """Whether it may still fill."""
        return self.status == "open"

    @property
    def parent_id(self) -> int:
        """The entry of a child, else 0."""
        return 0 if self.parent is None else self.parent.order_id

    @property
    def trails(self) -> bool:
        """Whether its stop moves with the market."""
        return self.type == "trailing_stop"

    def filled_on(self, bar: int) -> bool:
        """Whether it got a fill on this bar."""
        return self.execution is not None and self.execution.bar == bar

    def end(self, status: str, reason: str, bar: int) -> None:
        """Give it its end state."""
        assert self.working, f"order {self.order_id} ended twice"
        self.status, self.reason, self.closed = status, reason, bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution."""

    bar: int
    symbol: str
    side: int
    quantity: float
    price: float  # slippage is in it
    unslipped: float
    commission: float
    order_id: int
    reason: str
    position: float  # after the fill
    average_cost: float
    realised: float
    ambiguous: bool


@dataclass(slots=True, kw_only=True)
class Lot:
    """What an entry fill bought (or sold short) and no exit has matched yet."""

    side: int
    quantity: float
    price: float
    commission: float
    bar: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One entry fill matched with one exit fill over their common quantity, in the units of the exit."""

    symbol: str
    side: int
    quantity: float
    entry_bar: int
    entry_price: float
    exit_bar: int
    exit_price: float
    commission: float
    pnl: float
    worst: float  # excursions from the entry price, as fractions
    best: float


@dataclass(slots=True, kw_only=True)
class Row:
    """The books as recorded at a bar's close."""

    equity: float
    cash: float
    gross: float
    net: float
    short_value: float


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One run."""

    rows: list[Row] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    open_lots: list[Trade] = field(default_factory=list)
    total_financing: float = 0.0
    total_dividends: float = 0.0
    ruined_at: int = -1
    ignored_signals: int = 0
    ambiguous: list[tuple[int, int]] = field(default_factory=list)  # order number, bar
    stale_symbols: tuple[str, ...] = ()
