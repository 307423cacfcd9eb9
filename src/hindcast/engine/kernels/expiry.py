"""Time in force: orders that end because their time is over."""

from __future__ import annotations

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import order_log, state
from hindcast.engine.kernels.state import Books, IntArray

DAY_NS = 86_400_000_000_000


@inner_kernel
def end_of_day_order(timestamps: IntArray, created: int) -> int:
    """The last nanosecond of the UTC date of the first bar after creation, to which a DAY order works."""
    if created + 1 >= len(timestamps):
        return state.NEVER
    return (timestamps[created + 1] // DAY_NS + 1) * DAY_NS - 1


@inner_kernel
def expire_orders(books: Books, t: int, now: int) -> None:
    """End the DAY and GTD orders for which this bar is too late."""
    nearest = state.NEVER
    for place in range(books.counts[state.COUNT_WORKING]):
        index = books.working[place]["index"]
        kind = books.orders[index]["time_in_force"]
        if kind == layout.TIF_DAY or kind == layout.TIF_GTD:
            if books.terms[index]["good_till"] < now:
                reason = layout.REASON_DAY if kind == layout.TIF_DAY else layout.REASON_GTD
                order_log.end_order(
                    books.orders, books.positions, books.counts, t, index, layout.STATUS_EXPIRED, reason
                )
            else:
                nearest = min(nearest, books.terms[index]["good_till"])
    books.counts[state.NEXT_EXPIRY] = nearest
    order_log.sweep_working(books)


@inner_kernel
def end_immediate_orders(books: Books, fill_on_close: bool, t: int, phase: int) -> None:
    """Cancel what is left of immediate-or-cancel and fill-or-kill orders after their one chance."""
    for place in range(books.counts[state.COUNT_WORKING]):
        index = books.working[place]["index"]
        order = books.orders[index]
        kind = order["time_in_force"]
        if kind < layout.TIF_IOC or order["status"] != layout.STATUS_OPEN:
            continue
        at_decision = fill_on_close and order["acts"] == layout.ACTS_MARKET
        if at_decision == (phase == layout.AFTER_DECISION):
            reason = layout.REASON_IOC if kind == layout.TIF_IOC else layout.REASON_FOK
            order_log.end_order(books.orders, books.positions, books.counts, t, index, layout.STATUS_CANCELLED, reason)
