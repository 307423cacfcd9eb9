"""When and at what price an order fills on a bar, by its type; sells are mirrored buys."""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.path import after_limit, after_stop, falls_through, path_of, seen_by
from tests.oracle.reading import Bar
from tests.oracle.records import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at an order says."""

    price: float | None = None  # at which it fills; None: it does not
    at: str = ""  # see Execution
    triggers: bool = False  # a stop is reached
    ambiguous: bool = False


NOTHING = Look()


def is_market(order: Order, bar: int) -> bool:
    """A market order, or the rest of a stop that was triggered on an earlier bar."""
    return order.type == "market" or (order.type in {"stop", "trailing_stop"} and 0 <= order.triggered < bar)


def rests(order: Order) -> bool:
    """A limit, or a stop-limit once triggered."""
    return order.type == "limit" or (order.type == "stop_limit" and order.triggered >= 0)


def look_at_open(order: Order, bar: Bar, touch: bool) -> Look:
    """Phase 1 (market orders apart)."""
    side = order.side
    open_ = side * bar.open
    if rests(order):
        return Look(price=bar.open, at="open") if falls_through(open_, side * order.limit, touch) else NOTHING
    if order.triggered >= 0 or order.type not in {"stop", "trailing_stop", "stop_limit"} or open_ < side * order.stop:
        return NOTHING
    if order.type == "stop_limit" and open_ > side * order.limit:
        return Look(triggers=True)
    return Look(price=bar.open, at="open", triggers=True)


def look_within(order: Order, bar: Bar, policy: str, touch: bool) -> Look:
    """Phase 2."""
    side, seen = order.side, seen_by(bar, order.side)
    stop, limit = side * order.stop, side * order.limit
    if rests(order):
        return Look(price=order.limit, at="limit") if falls_through(seen.low, limit, touch) else NOTHING
    if order.triggered >= 0 or order.type not in {"stop", "trailing_stop", "stop_limit"} or seen.high < stop:
        return NOTHING
    if order.type != "stop_limit" or limit >= stop:
        return Look(price=order.stop, at="stop", triggers=True)
    way = after_stop(path_of(bar, side), stop)
    assert way is not None, "what the bar's high reaches, the path reaches"
    fills = {
        "pessimistic": falls_through(seen.close, limit, touch),
        "ohlc": after_limit(way, limit, touch) is not None,
        "optimistic": falls_through(seen.low, limit, touch),
    }
    return Look(
        price=order.limit if fills[policy] else None,
        at="stop then limit",
        triggers=True,
        ambiguous=len(set(fills.values())) > 1,
    )
