"""What a worked order gets: its quantity, as far as position, volume and buying power allow, at its price."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import brackets, costs, ledger, order_log, sizing, state
from hindcast.engine.kernels.state import Books, FloatArray, Market, Rules


@inner_kernel
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


@inner_kernel
def work_order(market: Market, books: Books, rules: Rules, t: int, index: int, raw_price: float, phase: int) -> None:
    """Fill an order at a price as far as position, volume and buying power allow."""
    orders, positions, counts, money = books.orders, books.positions, books.counts, books.money
    order = orders[index]
    ask = order["ask"]
    holding = positions[order["symbol"]]
    position = holding["quantity"]
    is_child = order["role"] != layout.ROLE_NONE
    order["worked"] = t
    order["touched"] |= 1
    closes = ask == layout.ASK_POSITION or (ask == layout.ASK_TARGET and order["value"] == 0.0) or is_child
    # A close has the side of the position that it was ordered for; ordered while flat, it has none.
    orphan = position == 0.0 or position * order["side"] > 0.0 or (ask == layout.ASK_POSITION and order["side"] == 0)
    if closes and orphan:
        order_log.end_order(orders, positions, counts, t, index, layout.STATUS_CANCELLED, layout.REASON_POSITION_CLOSED)
        return
    if np.isnan(order["remaining"]):
        _settle_quantity(order, rules, position, raw_price)
        if order["remaining"] == 0.0:
            order_log.end_order(orders, positions, counts, t, index, layout.STATUS_REJECTED, layout.REASON_TOO_SMALL)
            return
    side = order["side"]
    wanted = order["remaining"]
    asked = wanted
    held_against = abs(position) if position * side < 0.0 else 0.0
    if side == layout.SELL and not rules.allow_short and not closes:
        if wanted > held_against * (1.0 + layout.TOLERANCE):
            order["reason"] = layout.REASON_NO_SHORT
            wanted = held_against
    elif closes:
        wanted = min(wanted, held_against)
    worked = wanted
    if order["acts"] == layout.ACTS_CUSTOM:
        worked = min(worked, money[state.EXECUTED])
    if worked > 0.0 and rules.max_participation > 0.0:
        if holding["budget_bar"] != t:
            holding["budget_bar"] = t
            share = rules.max_participation * market.volume[t, order["symbol"]]
            holding["budget"] = sizing.whole_lots(share, rules.lot)
        worked = min(worked, max(holding["budget"], 0.0))
        if worked == 0.0 and order["time_in_force"] != layout.TIF_FOK:
            return
    filled = worked
    price = raw_price
    if worked > 0.0:
        # Most runs never look at volumes, and each look is a wait for memory.
        volume = market.volume[t, order["symbol"]] if rules.slippage_kind >= layout.SLIP_VOLUME_SHARE else 0.0
        price = costs.slipped_price(rules, index, t, raw_price, side, order["limit"], worked, volume)
        filled = _covered_quantity(order, holding, money, rules, index, t, worked, price)
    if order["time_in_force"] == layout.TIF_FOK and filled < asked * (1.0 - layout.TOLERANCE):
        order_log.end_order(orders, positions, counts, t, index, layout.STATUS_CANCELLED, layout.REASON_FOK)
        return
    if filled < worked:
        order["reason"] = layout.REASON_INSUFFICIENT_CASH
    whole = asked if is_child else wanted
    left = whole - worked if worked < whole * (1.0 - layout.TOLERANCE) else 0.0
    order["remaining"] = left
    if filled > 0.0:
        first = order["filled"] == 0.0
        order["filled"] += filled
        order["notional"] += filled * price
        due = costs.commission_of_order(rules, index, t, order["filled"], order["notional"])
        commission = max(due - order["charged"], 0.0)
        order["charged"] += commission
        holding["budget"] -= filled
        if first and order["adds"] == 1 and position * side > 0.0:
            holding["added"] += 1
        reason = layout.REASON_MARGIN if index == holding["margin_order"] else layout.REASON_NONE
        slippage = abs(price - raw_price) * filled
        ledger.book_fill(
            books,
            t,
            order["symbol"],
            side,
            filled,
            price,
            commission,
            slippage,
            index + 1,
            reason,
            order["touched"] >> 1,
        )
        if is_child:
            brackets.one_cancels_other(books, t, index, filled)
    if left == 0.0:
        status = layout.STATUS_FILLED if order["filled"] > 0.0 else layout.STATUS_REJECTED
        order_log.end_order(orders, positions, counts, t, index, status, order["reason"])
    if filled > 0.0:
        if position * holding["quantity"] < 0.0 or holding["quantity"] == 0.0:
            order_log.cancel_children(books, t, order["symbol"])
        if order["bracket"] != 0:
            books.terms[index]["entry_price"] = raw_price
            brackets.grow_exits(books, rules, t, index, filled, price, phase)


@inner_kernel
def _covered_quantity(
    order: np.void, holding: np.void, money: FloatArray, rules: Rules, index: int, t: int, wanted: float, price: float
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
    due = costs.commission_of_order(rules, index, t, order["filled"] + wanted, order["notional"] + wanted * price)
    carried = rules.max_leverage * (equity - max(due - order["charged"], 0.0))
    if others + (held + opening) * price <= carried * (1.0 + layout.TOLERANCE):
        return wanted
    largest = sizing.affordable_quantity(
        rules,
        index,
        t,
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
