"""The ledger: what fills, corporate actions, financing and the close do to cash and positions."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import order_log, state
from hindcast.engine.kernels.state import Books, FloatArray, IntArray, Market, RecordArray, Rules

YEAR_NS = 365.0 * 86_400e9


@inner_kernel
def book_fill(
    books: Books,
    t: int,
    symbol: int,
    side: int,
    quantity: float,
    price: float,
    commission: float,
    slippage: float,
    order_id: int,
    reason: int,
    ambiguous: int,
) -> None:
    """Move cash and position, at average cost, and write the fill down."""
    holding, money, counts = books.positions[symbol], books.money, books.counts
    before = holding["quantity"]
    after = before + side * quantity
    if abs(after) <= layout.TOLERANCE * quantity:  # what rounding leaves of a closed position is no position
        after = 0.0
    cost = holding["average_cost"]
    realised = 0.0
    if before * side >= 0.0:
        cost = (cost * abs(before) + price * quantity) / (abs(before) + quantity)
    else:
        realised = (price - cost) * min(quantity, abs(before)) * -side
        if after * side >= 0.0:  # closed or crossed
            cost = price if after != 0.0 else 0.0
            holding["added"] = 0
    money[state.CASH] -= side * quantity * price + commission
    money[state.NET] += (after - before) * holding["mark"]
    money[state.GROSS] += (abs(after) - abs(before)) * holding["mark"]
    holding["quantity"] = after
    holding["average_cost"] = cost

    index = counts[state.COUNT_FILLS]
    counts[state.COUNT_FILLS] = index + 1
    fill = books.fills[index]
    fill["bar"] = t
    fill["symbol"] = symbol
    fill["side"] = side
    fill["quantity"] = quantity
    fill["price"] = price
    fill["commission"] = commission
    fill["slippage"] = slippage
    fill["order_id"] = order_id
    fill["reason"] = reason
    fill["ambiguous"] = ambiguous
    fill["position"] = after
    fill["average_cost"] = cost
    fill["realised"] = realised


@inner_kernel
def apply_corporate_actions(market: Market, books: Books, t: int) -> None:
    """Splits, then dividends, of bar t; also on a bar without a price."""
    for k in range(len(market.by_name)):
        s = market.by_name[k]
        ratio = market.split[t, s]
        position = books.positions[s]
        if ratio != 1.0:
            position["quantity"] *= ratio
            position["average_cost"] /= ratio
            position["mark"] /= ratio
            for place in range(books.counts[state.COUNT_WORKING]):
                if books.working[place]["symbol"] == s:
                    _split_order(books, place, ratio)
        received = position["quantity"] * market.dividend[t, s]
        books.money[state.CASH] += received
        books.money[state.DIVIDENDS] += received


@inner_kernel
def _split_order(books: Books, place: int, ratio: float) -> None:
    """A split, new shares per old, on a working order: its quantities, its prices, and those of its bracket."""
    index = books.working[place]["index"]
    order = books.orders[index]
    terms = books.terms[index]
    if order["was_split"] == 0:
        order["was_split"] = 1
        _keep_as_made(order, terms)
    order["quantity"] *= ratio
    order["remaining"] *= ratio
    order["filled"] *= ratio
    if order["ask"] == layout.ASK_REVERSE_QUANTITY:
        order["value"] *= ratio
    order["limit"] /= ratio
    order["stop"] /= ratio
    if order["type"] == layout.TYPE_TRAILING_STOP:
        terms["trail_amount"] /= ratio
        terms["extreme"] /= ratio
    if order["bracket"] != 0:
        terms["stop_loss"] /= ratio
        terms["take_profit"] /= ratio
        terms["child_trail_amount"] /= ratio
    order_log.set_watch(books.working[place], order, terms)


@inner_kernel
def _keep_as_made(order: np.void, terms: np.void) -> None:
    """Write down what the first split of an order's life will change: no reckoning gets it back to the last digit."""
    terms["made_quantity"] = order["quantity"]
    terms["made_value"] = order["value"]
    terms["made_limit"] = order["limit"]
    terms["made_stop"] = order["stop"]
    if order["type"] == layout.TYPE_TRAILING_STOP:
        terms["made_trail_amount"] = terms["trail_amount"]
    if order["bracket"] != 0:
        terms["made_stop_loss"] = terms["stop_loss"]
        terms["made_take_profit"] = terms["take_profit"]
        terms["made_child_trail_amount"] = terms["child_trail_amount"]


@inner_kernel
def charge_financing(market: Market, books: Books, rules: Rules, t: int) -> None:
    """Interest since the bar before, on short value and negative cash as recorded there."""
    years = (market.timestamps[t] - market.timestamps[t - 1]) / YEAR_NS
    owed = -min(books.money[state.RECORDED_CASH], 0.0)
    paid = (rules.borrow_rate * books.money[state.SHORT] + rules.margin_rate * owed) * years
    books.money[state.CASH] -= paid
    books.money[state.FINANCING] += paid


@inner_kernel
def record_closes(
    close: FloatArray,
    by_name: IntArray,
    positions: RecordArray,
    money: FloatArray,
    curve: FloatArray,
    maintenance: float,
    first: int,
    last: int,
) -> int:
    """Mark every position to the closes first <= t < last, and record equity, cash and exposures of each.

    It stops after a bar whose equity is not above `maintenance` * gross exposure; gives the bar to go on with. Sums are
    made in the order of names. It runs on every bar, so it takes bare arrays.
    """
    cash = money[state.CASH]
    net = 0.0
    gross = 0.0
    t = first
    if len(by_name) == 1:
        # The usual case in a loop of its own, without a stop: what is odd is looked at below, in the general one.
        quantity = positions[0]["quantity"]
        odd = 0
        for bar in range(first, last):
            price = close[bar, 0]
            value = 0.0 if quantity == 0.0 else quantity * price
            net = 0.0 + value  # as the sum below begins
            gross = abs(value)
            curve[state.CURVE_EQUITY, bar] = cash + net
            curve[state.CURVE_CASH, bar] = cash
            curve[state.CURVE_GROSS, bar] = gross
            curve[state.CURVE_NET, bar] = net
            odd |= int(price != price) | int(cash + net <= maintenance * gross)
        if odd == 0:
            t = last
            positions[0]["mark"] = close[last - 1, 0]
    while t < last:
        net = 0.0
        gross = 0.0
        for k in range(len(by_name)):
            s = by_name[k]
            position = positions[s]
            price = close[t, s]
            mark = position["mark"] if price != price else price
            position["mark"] = mark
            # A choice of values, not a branch: which symbols are held is nothing that a processor can guess.
            value = position["quantity"] * mark
            value = 0.0 if position["quantity"] == 0.0 else value
            net += value
            gross += abs(value)
        curve[state.CURVE_EQUITY, t] = cash + net
        curve[state.CURVE_CASH, t] = cash
        curve[state.CURVE_GROSS, t] = gross
        curve[state.CURVE_NET, t] = net
        t += 1
        if cash + net <= maintenance * gross:
            break
    money[state.NET] = net
    money[state.GROSS] = gross
    money[state.SHORT] = 0.5 * (gross - net)
    money[state.RECORDED_CASH] = cash
    return t
