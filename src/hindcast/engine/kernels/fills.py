"""How orders fill: what a market order asks for when it is worked, what it gets, and in which order all are worked."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import kernel
from hindcast.engine.kernels import costs, ledger, order_log, sizing, state
from hindcast.engine.kernels.state import Books, FloatArray, Market, RecordArray, Rules


@kernel
def match_market_orders(market: Market, books: Books, rules: Rules, t: int, at_close: bool) -> None:
    """Work the market orders of one phase at its price: reducing ones first, then opening ones.

    An order *reduces* if it is against the position at the start of the phase; one that crosses zero counts as
    reducing. Within a class, orders are worked in the order of their creation.
    """
    count = books.counts[state.COUNT_WORKING]
    if rules.max_participation > 0.0:
        for s in range(len(books.positions)):
            books.positions[s]["budget"] = sizing.whole_lots(rules.max_participation * market.volume[t, s], rules.lot)
    orders, working = books.orders, books.working
    prices = market.close if at_close else market.open
    for place in range(count):
        index = working[place]
        orders[index]["phase"] = _phase_class(orders, books.positions, prices, t, index, at_close)
    for phase in (layout.PHASE_REDUCES, layout.PHASE_OPENS):
        for place in range(count):
            index = working[place]
            if orders[index]["phase"] == phase:
                work_order(books, rules, t, index, prices[t, orders[index]["symbol"]])
    order_log.sweep_working(books)


@kernel
def _phase_class(
    orders: RecordArray, positions: RecordArray, prices: FloatArray, t: int, index: int, at_close: bool
) -> int:
    """Whether an order waits, reduces or opens in the phase that begins now."""
    order = orders[index]
    symbol = order["symbol"]
    position = positions[symbol]
    price = prices[t, symbol]
    if np.isnan(price) or (at_close and order["created"] == t and index == position["margin_order"]):
        return layout.PHASE_WAITS  # a margin order works from the next bar on
    held = position["quantity"]
    if order["ask"] == layout.ASK_POSITION:
        return layout.PHASE_REDUCES
    if np.isnan(order["remaining"]) and order["ask"] == layout.ASK_TARGET:
        against = held != 0.0 and (order["value"] / price < held) == (held > 0.0)
    else:
        against = order["side"] * held < 0.0
    return layout.PHASE_REDUCES if against else layout.PHASE_OPENS


@kernel
def _settle_quantity(order: np.void, rules: Rules, position: float, price: float) -> None:
    """Turn what the order asks for into a quantity, once: when it is first worked."""
    ask = order["ask"]
    if ask == layout.ASK_QUANTITY:
        asked = order["quantity"]
    elif ask == layout.ASK_POSITION:
        asked = abs(position)
    elif ask == layout.ASK_TARGET:
        wanted = order["value"] / price
        difference = wanted - position
        if abs(difference) < layout.TOLERANCE * abs(wanted):
            difference = 0.0
        order["side"] = layout.BUY if difference > 0.0 else layout.SELL
        # A close of the whole position is not rounded.
        asked = abs(difference) if wanted == 0.0 else sizing.whole_lots(abs(difference), rules.lot)
    else:
        size = order["value"] if ask == layout.ASK_REVERSE_QUANTITY else order["value"] / price
        asked = sizing.whole_lots(size, rules.lot)
        if ask != layout.ASK_VALUE and order["side"] * position < 0.0:
            asked += abs(position)
    order["quantity"] = asked
    order["remaining"] = asked


@kernel
def work_order(books: Books, rules: Rules, t: int, index: int, raw_price: float) -> None:
    """Fill an order at a price as far as position, volume and buying power allow."""
    order = books.orders[index]
    ask = order["ask"]
    holding = books.positions[order["symbol"]]
    position = holding["quantity"]
    closes = ask == layout.ASK_POSITION or (ask == layout.ASK_TARGET and order["value"] == 0.0)
    if closes and (position == 0.0 or position * order["side"] > 0.0):
        order_log.end_order(books, t, index, layout.STATUS_CANCELLED, layout.REASON_POSITION_CLOSED)
        return
    if np.isnan(order["remaining"]):
        _settle_quantity(order, rules, position, raw_price)
        if order["remaining"] == 0.0:
            order_log.end_order(books, t, index, layout.STATUS_REJECTED, layout.REASON_TOO_SMALL)
            return
    side = order["side"]
    wanted = order["remaining"]
    held_against = abs(position) if position * side < 0.0 else 0.0
    if side == layout.SELL and not rules.allow_short and wanted > held_against * (1.0 + layout.TOLERANCE):
        order["reason"] = layout.REASON_NO_SHORT
        wanted = held_against
    elif closes:
        wanted = min(wanted, held_against)
    if wanted == 0.0:
        _end_worked(books, t, index)
        return
    worked = wanted
    if rules.max_participation > 0.0:
        worked = min(worked, holding["budget"])
        if worked <= 0.0:
            return
    price = costs.slipped_price(rules, raw_price, side)
    filled = _covered_quantity(order, holding, books.money, rules, worked, price)
    left = wanted - worked if worked < wanted * (1.0 - layout.TOLERANCE) else 0.0
    if filled < worked:
        order["reason"] = layout.REASON_INSUFFICIENT_CASH
    order["remaining"] = left
    if filled > 0.0:
        first = order["filled"] == 0.0
        order["filled"] += filled
        order["notional"] += filled * price
        due = costs.commission_of_order(rules, order["filled"], order["notional"])
        commission = max(due - order["charged"], 0.0)
        order["charged"] += commission
        holding["budget"] -= filled
        if first and order["adds"] == 1 and position * side > 0.0:
            holding["added"] += 1
        reason = layout.REASON_MARGIN if index == holding["margin_order"] else layout.REASON_NONE
        slippage = abs(price - raw_price) * filled
        ledger.book_fill(books, t, order["symbol"], side, filled, price, commission, slippage, index + 1, reason)
    if left == 0.0:
        _end_worked(books, t, index)


@kernel
def _end_worked(books: Books, t: int, index: int) -> None:
    """Nothing is left to fill: filled if anything ever was, else rejected for the reason noted."""
    order = books.orders[index]
    status = layout.STATUS_FILLED if order["filled"] > 0.0 else layout.STATUS_REJECTED
    order_log.end_order(books, t, index, status, order["reason"])


@kernel
def _covered_quantity(
    order: np.void, holding: np.void, money: FloatArray, rules: Rules, wanted: float, price: float
) -> float:
    """How much of a fill buying power covers; reducing a position needs none."""
    position = holding["quantity"]
    reducing = min(wanted, abs(position)) if position * order["side"] < 0.0 else 0.0
    opening = wanted - reducing
    if opening < layout.TOLERANCE * wanted:
        return wanted
    mark = holding["mark"]
    equity = money[state.CASH] + money[state.NET] + position * (price - mark)
    others = money[state.GROSS] - abs(position * mark)
    held = 0.0 if reducing > 0.0 else abs(position)
    due = costs.commission_of_order(rules, order["filled"] + wanted, order["notional"] + wanted * price)
    carried = rules.max_leverage * (equity - max(due - order["charged"], 0.0))
    if others + (held + opening) * price <= carried * (1.0 + layout.TOLERANCE):
        return wanted
    largest = sizing.affordable_quantity(
        rules,
        price,
        held,
        equity,
        others,
        order["filled"] + reducing,
        order["notional"] + reducing * price,
        order["charged"],
    )
    # What rounding leaves of the cash buys nothing.
    if rules.reject or largest * price <= layout.TOLERANCE * rules.max_leverage * equity:
        return reducing
    return reducing + sizing.whole_lots(min(largest, opening), rules.lot)
