"""Working orders against one bar: its phases, who comes first in each, and at which price."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._callback import call_python
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import (
    brackets,
    expiry,
    fills,
    intrabar,
    order_log,
    sizing,
    state,
    triggers,
)
from hindcast.engine.kernels.state import Books, FloatArray, IntArray, Market, RecordArray, Rules


@inner_kernel
def wake_orders(working: RecordArray, count: int, active: IntArray, high: FloatArray, low: FloatArray, t: int) -> int:
    """Collect the orders to which bar t can do anything; gives their number. It takes bare arrays: it is hot."""
    found = 0
    for place in range(count):
        watch = working[place]
        symbol = watch["symbol"]
        below = watch["below"]
        # A market order needs no look at the bar: whether the symbol trades is asked where its price is read.
        if below == np.inf or low[t, symbol] <= below or high[t, symbol] >= watch["above"]:
            active[found] = watch["index"]
            found += 1
    return found


@inner_kernel
def wakes_any(working: RecordArray, count: int, high: FloatArray, low: FloatArray, t: int) -> bool:
    """Whether bar t can do anything to any working order."""
    for place in range(count):
        watch = working[place]
        below = watch["below"]
        symbol = watch["symbol"]
        if below == np.inf or low[t, symbol] <= below or high[t, symbol] >= watch["above"]:
            return True
    return False


@inner_kernel
def match_orders(market: Market, books: Books, rules: Rules, t: int, after_decision: bool) -> None:
    """Work the active orders against bar t, phase by phase.

    At the open and the close reducing orders come first: what they free can be used by the opening ones. Within the
    bar the opening ones come first. An order *reduces* if it is against the position at the start of the phase; one
    that crosses zero counts as reducing. Within a class, orders are worked in the order of their creation.
    """
    orders, counts, active = books.orders, books.counts, books.active
    first = layout.AFTER_DECISION if after_decision else layout.AT_OPEN
    last = layout.AFTER_DECISION if after_decision else layout.ON_CLOSE
    for phase in range(first, last + 1):
        waiting = 0
        for k in range(counts[state.COUNT_ACTIVE]):
            index = active[k]
            orders[index]["phase"] = _class_in_phase(market, books, rules, t, index, phase)
            waiting |= orders[index]["phase"]
        for turn in range(2 if waiting > 0 else 0):
            wanted = layout.PHASE_OPENS if (turn == 0) == (phase == layout.WITHIN) else layout.PHASE_REDUCES
            k = 0
            while k < counts[state.COUNT_ACTIVE]:  # entries add their exits at the end
                index = active[k]
                k += 1
                order = orders[index]
                if order["phase"] != wanted or order["status"] != layout.STATUS_OPEN or order["worked"] == t:
                    continue
                price = _price_in_phase(market, books, rules, t, index, phase)
                if price == price:
                    _note_trigger(books, t, index, phase)
                    fills.work_order(market, books, rules, t, index, price, phase)
        if counts[state.COUNT_IMMEDIATE] > 0 and (phase == layout.AT_OPEN or phase == layout.AFTER_DECISION):
            expiry.end_immediate_orders(books, rules.fill_on_close, t, phase)
    if not after_decision:
        _move_trailing_stops(market, books, rules, t)
    order_log.sweep_working(books)


@inner_kernel
def _class_in_phase(market: Market, books: Books, rules: Rules, t: int, index: int, phase: int) -> int:
    """Whether an order waits, reduces or opens in the phase that begins now."""
    order = books.orders[index]
    if order["status"] != layout.STATUS_OPEN or order["worked"] == t:
        return layout.PHASE_WAITS
    acts = order["acts"]
    symbol = order["symbol"]
    holding = books.positions[symbol]
    price = market.open[t, symbol]
    if price != price:
        return layout.PHASE_WAITS
    if phase == layout.AT_OPEN:
        if acts == layout.ACTS_MARKET:
            if rules.fill_on_close:
                return layout.PHASE_WAITS
        else:
            side = order["side"]
            limit, stop = side * order["limit"], side * order["stop"]
            if np.isnan(triggers.price_at_open(acts, side * price, limit, stop, rules.touch)):
                if acts == layout.ACTS_STOP_LIMIT and side * price >= stop:
                    order["acts"] = layout.ACTS_LIMIT  # triggered: a limit order within the rest of this bar
                    order["touched"] |= 1
                return layout.PHASE_WAITS
    elif phase == layout.WITHIN:
        if acts == layout.ACTS_MARKET or acts == layout.ACTS_ON_CLOSE:
            return layout.PHASE_WAITS
    else:
        price = market.close[t, symbol]
        if phase == layout.ON_CLOSE:
            if acts != layout.ACTS_ON_CLOSE:
                return layout.PHASE_WAITS
        elif acts != layout.ACTS_MARKET or (order["created"] == t and index == holding["margin_order"]):
            return layout.PHASE_WAITS  # a margin order works from the next bar on
    held = holding["quantity"]
    if order["ask"] == layout.ASK_POSITION or order["role"] != layout.ROLE_NONE:
        return layout.PHASE_REDUCES
    if order["ask"] == layout.ASK_TARGET and order["value"] == 0.0:
        return layout.PHASE_REDUCES
    if order["ask"] == layout.ASK_TARGET and np.isnan(order["remaining"]):
        against = held != 0.0 and (order["value"] / price < held) == (held > 0.0)
    else:
        against = order["side"] * held < 0.0
    return layout.PHASE_REDUCES if against else layout.PHASE_OPENS


@inner_kernel
def _price_in_phase(market: Market, books: Books, rules: Rules, t: int, index: int, phase: int) -> float:
    """The price, before slippage, at which the phase fills an order; NaN where it does not."""
    order = books.orders[index]
    symbol = order["symbol"]
    if phase == layout.AT_OPEN:
        return market.open[t, symbol]
    if phase != layout.WITHIN:
        return market.close[t, symbol]
    acts = order["acts"]
    if acts == layout.ACTS_CUSTOM:
        return call_python(rules.callback, layout.CALL_EXECUTE, index, t, 0.0, 0.0, 0.0)
    o, h, low, c = market.open[t, symbol], market.high[t, symbol], market.low[t, symbol], market.close[t, symbol]
    # The path of the bar, the same for buys and sells.
    first, second = (h, low) if h - o < o - low else (low, h)
    if order["role"] != layout.ROLE_NONE:
        return _price_of_exit(books, rules, t, index, o, first, second, c)
    side = order["side"]
    limit, stop = side * order["limit"], side * order["stop"]
    first, second, c = side * first, side * second, side * c
    if acts != layout.ACTS_STOP_LIMIT:
        highest, lowest = max(first, second), min(first, second)
        return side * triggers.price_within(acts, highest, lowest, limit, stop, rules.touch)
    if max(first, second) < stop:
        return np.nan
    if limit >= stop:
        return order["stop"]
    fill = triggers.stop_limit_within(rules.intrabar, first, second, c, limit, stop, rules.touch)
    for policy in (layout.PESSIMISTIC, layout.OPTIMISTIC, layout.OHLC):
        if triggers.stop_limit_within(policy, first, second, c, limit, stop, rules.touch) != fill:
            _mark_ambiguous(books, t, index)
            break
    if not fill:
        order["acts"] = layout.ACTS_LIMIT
        order["touched"] |= 1
        return np.nan
    return order["limit"]


@inner_kernel
def _price_of_exit(
    books: Books, rules: Rules, t: int, index: int, o: float, first: float, second: float, c: float
) -> float:
    """The price within the bar of a bracket's exit, its other exit looked at together with it; NaN: none."""
    orders = books.orders
    order = orders[index]
    parent = order["parent_id"] - 1
    entry = orders[parent]
    terms = books.terms[parent]
    side = entry["side"]
    stop_child = _exit_at_work(orders, terms["stop_child"], t, layout.ACTS_STOP)
    take_child = _exit_at_work(orders, terms["take_child"], t, layout.ACTS_LIMIT)
    stop_loss = side * orders[stop_child]["stop"] if stop_child >= 0 else -np.inf
    take_profit = side * orders[take_child]["limit"] if take_child >= 0 else np.inf
    own_bar = terms["entry_bar"] == t
    if own_bar and entry["entry"] == layout.ENTRY_AT_OPEN:
        role = layout.ROLE_NONE
        if side * o <= stop_loss:
            role = layout.ROLE_STOP_LOSS
        elif triggers.beyond(-side * o, -take_profit, rules.touch):
            role = layout.ROLE_TAKE_PROFIT
        if role != layout.ROLE_NONE:
            if role == order["role"]:
                return o
            if role == layout.ROLE_TAKE_PROFIT:  # the stop-loss is looked at after it, for what volume leaves of it
                books.active[books.counts[state.COUNT_ACTIVE]] = index
                books.counts[state.COUNT_ACTIVE] += 1
            return np.nan
        own_bar = False
    path = intrabar.Path(side * o, side * first, side * second, side * c)
    came_at = side * terms["entry_price"]
    levels = intrabar.Levels(stop_loss, take_profit, side * entry["limit"], side * entry["stop"], came_at)
    first_role = layout.ROLE_NONE
    chosen = layout.ROLE_NONE
    differ = False
    for policy in range(3):
        if own_bar:
            role = intrabar.exit_after_entry(policy, entry["entry"], path, levels, rules.touch)
        else:
            role = intrabar.exit_of_bar(policy, path, levels, rules.touch)
        if policy == 0:
            first_role = role
        elif role != first_role:
            differ = True
            _mark_exit(books, t, stop_child, take_child, role)
        if policy == rules.intrabar:
            chosen = role
    if differ:
        _mark_exit(books, t, stop_child, take_child, first_role)
    if chosen != order["role"]:
        return np.nan
    if chosen == layout.ROLE_TAKE_PROFIT:
        return order["limit"]
    # An entry that trailed below its own stop-loss, or slipped, gets out where it came in, not above.
    born = own_bar and terms["first_bar"] == t
    return side * min(stop_loss, came_at) if born else order["stop"]


@inner_kernel
def _exit_at_work(orders: RecordArray, index: int, t: int, acts: int) -> int:
    """The index of an exit that this bar may still fill, else -1."""
    if index < 0:
        return -1
    order = orders[index]
    at_work = order["status"] == layout.STATUS_OPEN and order["worked"] != t and order["acts"] == acts
    return index if at_work else -1


@inner_kernel
def _mark_exit(books: Books, t: int, stop_child: int, take_child: int, role: int) -> None:
    """Mark the exit that one policy fills and another does not."""
    if role == layout.ROLE_STOP_LOSS:
        _mark_ambiguous(books, t, stop_child)
    elif role == layout.ROLE_TAKE_PROFIT:
        _mark_ambiguous(books, t, take_child)


@inner_kernel
def _mark_ambiguous(books: Books, t: int, index: int) -> None:
    """Note that an order's fill on bar t depends on the policy."""
    order = books.orders[index]
    if not order["touched"] & 2:
        order["touched"] |= 2
        place = books.counts[state.COUNT_AMBIGUOUS]
        books.counts[state.COUNT_AMBIGUOUS] = place + 1
        books.ambiguous[place, 0] = index
        books.ambiguous[place, 1] = t


@inner_kernel
def _note_trigger(books: Books, t: int, index: int, phase: int) -> None:
    """Note how an order came to its price, and what it acts as from now on."""
    order = books.orders[index]
    acts = order["acts"]
    if phase == layout.AT_OPEN:
        order["entry"] = layout.ENTRY_AT_OPEN
    elif phase != layout.WITHIN:
        order["entry"] = layout.ENTRY_AT_CLOSE
    elif acts == layout.ACTS_LIMIT:
        order["entry"] = layout.ENTRY_AT_LIMIT
    elif acts == layout.ACTS_CUSTOM:
        order["entry"] = layout.ENTRY_CUSTOM
    elif acts == layout.ACTS_STOP_LIMIT and order["side"] * order["limit"] < order["side"] * order["stop"]:
        order["entry"] = layout.ENTRY_LIMIT_AFTER_STOP
    else:
        order["entry"] = layout.ENTRY_AT_STOP
    if acts == layout.ACTS_STOP:
        order["acts"] = layout.ACTS_MARKET
        if order["role"] == layout.ROLE_STOP_LOSS:
            brackets.one_cancels_other(books, t, index, 0.0)
    elif acts == layout.ACTS_STOP_LIMIT:
        order["acts"] = layout.ACTS_LIMIT


@inner_kernel
def _move_trailing_stops(market: Market, books: Books, rules: Rules, t: int) -> None:
    """After the bar: trailing stops follow its best price; where their entry filled within it, only its close."""
    for k in range(books.counts[state.COUNT_ACTIVE]):
        index = books.active[k]
        order = books.orders[index]
        if (
            order["type"] != layout.TYPE_TRAILING_STOP
            or order["status"] != layout.STATUS_OPEN
            or order["acts"] != layout.ACTS_STOP
        ):
            continue
        side = order["side"]
        symbol = order["symbol"]
        best = market.low[t, symbol] if side == layout.BUY else market.high[t, symbol]
        if order["role"] != layout.ROLE_NONE and books.terms[order["parent_id"] - 1]["entry_bar"] == t:
            entry = books.orders[order["parent_id"] - 1]["entry"]
            if entry == layout.ENTRY_AT_CLOSE:
                if order["created"] == t:
                    continue
            elif entry != layout.ENTRY_AT_OPEN:
                best = market.close[t, symbol]
        trail = books.terms[index]
        if side * best < side * trail["extreme"]:
            trail["extreme"] = best
            level = triggers.trailing_level(best, trail["trail_amount"], trail["trail_fraction"], side)
            order["stop"] = sizing.on_tick(level, rules.tick, side == layout.BUY)
            order["touched"] |= 1
