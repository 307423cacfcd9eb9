"""How orders fill: what a market order asks for when it is worked, what it gets, and in which order all are worked."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import kernel
from hindcast.engine.kernels import costs, ledger, order_log, sizing, state
from hindcast.engine.kernels.state import Books, Market, Rules


@kernel
def match_market_orders(market: Market, books: Books, rules: Rules, t: int, at_close: bool) -> None:
    """Work the market orders of one phase at its price: reducing ones first, then opening ones.

    An order *reduces* if it is against the position at the start of the phase; one that crosses zero counts as
    reducing. Within a class, orders are worked in the order of their creation.
    """
    count = books.counts[state.COUNT_WORKING]
    if count == 0:
        return
    if rules.max_participation > 0.0:
        for s in range(len(books.positions)):
            books.positions[s]["budget"] = sizing.whole_lots(rules.max_participation * market.volume[t, s], rules.lot)
    for place in range(count):
        index = books.working[place]
        books.orders[index]["phase"] = _phase_class(market, books, t, index, at_close)
    for phase in (layout.PHASE_REDUCES, layout.PHASE_OPENS):
        for place in range(count):
            if books.orders[books.working[place]]["phase"] == phase:
                index = books.working[place]
                symbol = books.orders[index]["symbol"]
                price = market.close[t, symbol] if at_close else market.open[t, symbol]
                work_order(books, rules, t, index, price)
    order_log.sweep_working(books)


@kernel
def _phase_class(market: Market, books: Books, t: int, index: int, at_close: bool) -> int:
    order = books.orders[index]
    symbol = order["symbol"]
    price = market.close[t, symbol] if at_close else market.open[t, symbol]
    if np.isnan(price) or (at_close and order["created"] == t and index == books.positions[symbol]["margin_order"]):
        return layout.PHASE_WAITS  # a margin order works from the next bar on
    return layout.PHASE_REDUCES if _reduces(books, index, price) else layout.PHASE_OPENS


@kernel
def _reduces(books: Books, index: int, price: float) -> bool:
    order = books.orders[index]
    position = books.positions[order["symbol"]]["quantity"]
    ask = order["ask"]
    if ask == layout.ASK_POSITION:
        return True
    if np.isnan(order["remaining"]) and ask == layout.ASK_TARGET:
        return (order["value"] / price - position) * position < 0.0
    return order["side"] * position < 0.0


@kernel
def _settle_quantity(books: Books, rules: Rules, index: int, price: float) -> None:
    """Turn what the order asks for into a quantity, once: when it is first worked."""
    order = books.orders[index]
    ask = order["ask"]
    position = books.positions[order["symbol"]]["quantity"]
    if ask == layout.ASK_QUANTITY:
        asked = order["quantity"]
    elif ask == layout.ASK_POSITION:
        asked = abs(position)
    elif ask == layout.ASK_TARGET:
        wanted = order["value"] / price
        difference = wanted - position
        if abs(difference) <= layout.TOLERANCE * abs(wanted):
            difference = 0.0
        order["side"] = layout.BUY if difference > 0.0 else layout.SELL
        # A close of the whole position is not rounded.
        asked = abs(difference) if wanted == 0.0 else sizing.whole_lots(abs(difference), rules.lot)
    else:
        size = order["quantity"] if ask == layout.ASK_REVERSE_QUANTITY else order["value"] / price
        asked = sizing.whole_lots(size, rules.lot)
        if ask != layout.ASK_VALUE and order["side"] * position < 0.0:
            asked += abs(position)
    order["quantity"] = asked
    order["remaining"] = asked


@kernel
def work_order(books: Books, rules: Rules, t: int, index: int, raw_price: float) -> None:
    """Fill an order at a price as far as position, volume and buying power allow."""
    order = books.orders[index]
    symbol = order["symbol"]
    ask = order["ask"]
    closes = ask == layout.ASK_POSITION or (ask == layout.ASK_TARGET and order["value"] == 0.0)
    if closes and books.positions[symbol]["quantity"] == 0.0:
        order_log.end_order(books, t, index, layout.STATUS_CANCELLED, layout.REASON_POSITION_CLOSED)
        return
    if np.isnan(order["remaining"]):
        _settle_quantity(books, rules, index, raw_price)
        if order["remaining"] == 0.0:
            order_log.end_order(books, t, index, layout.STATUS_REJECTED, layout.REASON_TOO_SMALL)
            return
    side = order["side"]
    position = books.positions[symbol]["quantity"]
    wanted = order["remaining"]
    if closes:
        wanted = min(wanted, abs(position))
    worked = wanted
    if rules.max_participation > 0.0:
        worked = min(worked, books.positions[symbol]["budget"])
        if worked <= 0.0:
            return
    price = costs.slipped_price(rules, raw_price, side)
    filled = _covered_quantity(books, rules, index, side, position, worked, price)
    left = wanted - worked
    if left <= layout.TOLERANCE * wanted:
        left = 0.0
    if filled < worked:
        order["reason"] = layout.REASON_INSUFFICIENT_CASH
    order["remaining"] = left
    if filled > 0.0:
        first = order["filled"] == 0.0
        order["filled"] += filled
        order["notional"] += filled * price
        due = costs.commission_of_order(rules, order["filled"], order["notional"])
        commission = due - order["charged"]
        order["charged"] = due
        books.positions[symbol]["budget"] -= filled
        if first and order["adds"] == 1 and position * side > 0.0:
            books.positions[symbol]["added"] += 1
        reason = layout.REASON_MARGIN if index == books.positions[symbol]["margin_order"] else layout.REASON_NONE
        slippage = abs(price - raw_price) * filled
        ledger.book_fill(books, t, symbol, side, filled, price, commission, slippage, index + 1, reason)
    if left == 0.0:
        status = layout.STATUS_FILLED if order["filled"] > 0.0 else layout.STATUS_REJECTED
        order_log.end_order(books, t, index, status, order["reason"])


@kernel
def _covered_quantity(
    books: Books, rules: Rules, index: int, side: int, position: float, wanted: float, price: float
) -> float:
    """How much of a fill buying power covers; reducing a position needs none."""
    order = books.orders[index]
    symbol = order["symbol"]
    reducing = min(wanted, abs(position)) if position * side < 0.0 else 0.0
    opening = wanted - reducing
    if opening <= layout.TOLERANCE * wanted:
        return wanted
    mark = books.positions[symbol]["mark"]
    equity = books.money[state.CASH] + books.money[state.NET] + position * (price - mark)
    others = books.money[state.GROSS] - abs(position * mark)
    held = 0.0 if reducing > 0.0 else abs(position)
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
    if opening <= largest * (1.0 + layout.TOLERANCE):
        return wanted
    if rules.reject:
        return reducing
    return reducing + max(sizing.whole_lots(largest, rules.lot), 0.0)
