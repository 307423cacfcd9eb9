"""A bracket's children on one bar: which of them fills, and at what price, under each reading of the bar."""

from __future__ import annotations

from tests.oracle.path import after_limit, after_stop, first_child, path_of, rises_through, seen_by
from tests.oracle.reading import Bar
from tests.oracle.records import Order

POLICIES = ("pessimistic", "ohlc", "optimistic")

# What is worked, in this order: a child's role and its price.
Plan = list[tuple[str, float]]


def plan(entry: Order, number: int, bar: Bar, policy: str, touch: bool) -> Plan:
    """What the working children of an entry do within the bar."""
    side = entry.side
    within = entry.execution is not None and entry.execution.bar == number and entry.execution.phase == "within"
    found = (_own_bar if within else _plain)(entry, number, bar, policy, touch)
    return [(role, side * price) for role, price in found]


def ambiguous(entry: Order, number: int, bar: Bar, touch: bool) -> dict[str, bool]:
    """By role: whether not all three readings agree on whether it fills, and at what price."""
    plans = [dict(plan(entry, number, bar, policy, touch)) for policy in POLICIES]
    return {role: len({found.get(role) for found in plans}) > 1 for role in ("stop_loss", "take_profit")}


def child_price(entry: Order, role: str) -> float | None:
    """In the units of the entry's side; None where there is no such child to look at."""
    for child in entry.children:
        if child.role == role and child.working and child.triggered < 0:
            return entry.side * (child.stop if role == "stop_loss" else child.limit)
    return None


def _plain(entry: Order, number: int, bar: Bar, policy: str, touch: bool) -> Plan:
    """The whole bar counts; o only for children born at this open: older ones were matched against it."""
    side, newborn = entry.side, entry.children[0].created == number
    stop_loss, take_profit = child_price(entry, "stop_loss"), child_price(entry, "take_profit")
    seen = seen_by(bar, side)
    stop_hit = stop_loss is not None and seen.low <= stop_loss
    profit_hit = take_profit is not None and rises_through(seen.high, take_profit, touch)
    stop_plan: Plan = [("stop_loss", stop_loss)] if stop_loss is not None and stop_hit else []
    profit_plan: Plan = [("take_profit", take_profit)] if take_profit is not None and profit_hit else []
    if newborn and stop_loss is not None and seen.open <= stop_loss:
        return [("stop_loss", seen.open)]
    if take_profit is not None and rises_through(seen.open, take_profit, touch):
        # "One that fills at o comes first, for certain"; where it left a rest, the stop-loss is looked at plainly.
        return ([("take_profit", seen.open)] if newborn else []) + stop_plan
    if stop_hit and profit_hit:
        chosen = {
            "pessimistic": "stop_loss",
            "optimistic": "take_profit",
            "ohlc": first_child(path_of(bar, side), stop_loss, take_profit, touch),
        }[policy]
        return stop_plan if chosen == "stop_loss" else profit_plan
    return stop_plan + profit_plan


def _own_bar(entry: Order, number: int, bar: Bar, policy: str, touch: bool) -> Plan:
    """On the bar on which the entry fills within the bar: children fill at their own price, never at o."""
    assert entry.execution is not None
    stop_loss, take_profit = child_price(entry, "stop_loss"), child_price(entry, "take_profit")
    seen, at = seen_by(bar, entry.side), entry.execution.at
    stop_plan: Plan = []
    if stop_loss is not None:
        price = stop_loss
        if entry.children[0].created == number:  # born beyond its own stop: nothing better than where it came from
            price = min(price, entry.side * entry.execution.price)
        stop_plan = [("stop_loss", price)]
    profit_plan: Plan = [] if take_profit is None else [("take_profit", take_profit)]
    if policy == "ohlc":
        way = _way_after(entry, bar, touch)
        chosen = first_child(way, stop_loss, take_profit, touch)
        return stop_plan if chosen == "stop_loss" else profit_plan if chosen == "take_profit" else []
    low_hits = stop_loss is not None and seen.low <= stop_loss
    close_hits = stop_loss is not None and seen.close <= stop_loss
    high_hits = take_profit is not None and rises_through(seen.high, take_profit, touch)
    close_pays = take_profit is not None and rises_through(seen.close, take_profit, touch)
    if policy == "optimistic":
        certain = close_hits or (low_hits and at == "limit")
        return profit_plan if high_hits else stop_plan if certain else []
    if low_hits:
        return stop_plan
    return profit_plan if close_pays or (high_hits and at == "stop") else []


def _way_after(entry: Order, bar: Bar, touch: bool) -> list[float]:
    """The path from the entry on; from its trigger on where the path knows no entry after it."""
    assert entry.execution is not None
    side, at, path = entry.side, entry.execution.at, path_of(bar, entry.side)
    way = after_limit(path, side * entry.limit, touch) if at == "limit" else after_stop(path, side * entry.stop)
    assert way is not None, "what fills within the bar lies on its path"
    if at == "stop then limit":
        return after_limit(way, side * entry.limit, touch) or way
    return way


def trail_price(order: Order, number: int, bar: Bar) -> float | None:
    """What W takes in after a bar that trades, in the units of the order's own side; None: nothing."""
    seen = seen_by(bar, order.side)
    if order.parent is not None and order.parent.filled_on(number):
        assert order.parent.execution is not None
        phase = order.parent.execution.phase
        if phase == "within":
            return seen.close
        if phase == "close" and order.created == number:
            return None
    return seen.low
