"""When, and at which price, a bar fills an order: the table of docs/concepts/orders.md.

Prices are given for buys. A sell is the mirror image: negate its prices and the bar's, and exchange high and low; what
comes back is negated, too. Negation is exact, so both sides get the same numbers. NaN: the order does not fill.
"""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import kernel


@kernel
def beyond(price: float, limit: float, touch: bool) -> bool:
    """Whether a price fills a buy limit: below it, or, where a touch is enough, at it."""
    return price < limit or (touch and price == limit)


@kernel
def price_at_open(acts: int, o: float, limit: float, stop: float, touch: bool) -> float:
    """The open, where it fills the order."""
    fills = acts == layout.ACTS_MARKET
    if acts == layout.ACTS_LIMIT:
        fills = beyond(o, limit, touch)
    elif acts == layout.ACTS_STOP:
        fills = o >= stop
    elif acts == layout.ACTS_STOP_LIMIT:
        fills = stop <= o <= limit
    return o if fills else np.nan


@kernel
def price_within(acts: int, h: float, low: float, limit: float, stop: float, touch: bool) -> float:
    """The order's own price, where the bar reaches it after the open; stop-limit orders: see `stop_limit_within`."""
    if acts == layout.ACTS_LIMIT and beyond(low, limit, touch):
        return limit
    if acts == layout.ACTS_STOP and h >= stop:
        return stop
    return np.nan


@kernel
def stop_limit_within(
    policy: int, first: float, second: float, c: float, limit: float, stop: float, touch: bool
) -> bool:
    """Whether a stop-limit order that the bar triggers after the open, its limit below its stop, fills on that bar.

    `first` and `second` are the bar's extremes in the order in which it is assumed to reach them.
    """
    if policy == layout.PESSIMISTIC:
        return beyond(c, limit, touch)
    if policy == layout.OPTIMISTIC:
        return beyond(min(first, second), limit, touch)
    # Up to the stop first, then down through the limit.
    return beyond(min(second, c) if first >= stop else c, limit, touch)


@kernel
def trailing_level(extreme: float, amount: float, fraction: float, side: int) -> float:
    """The stop of a trailing stop, not rounded: `amount` or `fraction` from the best price seen. Real prices."""
    return extreme * (1.0 + side * fraction) if np.isnan(amount) else extreme + side * amount
