"""The books of a run kept a second time, from fills, orders and bars alone, and held against what the run recorded.

Nothing here is shared with the kernels that trade: a mistake there must not be repeated here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel, stepping_kernel
from hindcast.engine.kernels import accounting_checks as checks

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

YEAR_NS: Final = 365 * 86_400 * 10**9

# What the proof is given, what it keeps, and what it finds.
PROOF_DTYPE: Final = np.dtype(
    [
        ("initial_capital", "f8"),
        ("borrow_rate", "f8"),
        ("margin_rate", "f8"),
        ("allow_short", "i8"),
        ("cash_only", "i8"),  # no buy may take cash below zero
        ("at_once", "i8"),  # an order may fill on the bar that made it
        ("ruined_at", "i8"),
        ("total_dividends", "f8"),
        ("total_financing", "f8"),
        ("cash", "f8"),
        ("moved", "f8"),  # all money that ever moved, the capital included: what rounding is measured by
        ("realised", "f8"),
        ("commissions", "f8"),
        ("dividends", "f8"),
        ("financing", "f8"),
        ("equity_deviation", "f8"),
        ("cash_deviation", "f8"),
        ("change_deviation", "f8"),
        ("positions_deviation", "f8"),
        ("trades_deviation", "f8"),
        ("prices_deviation", "f8"),
        ("orders_deviation", "f8"),
        ("check", "i8"),  # the one that failed, -1 = none
        ("bar", "i8"),
        ("symbol", "i8"),
        ("number", "i8"),  # of the fill, order or trade
        ("recorded", "f8"),
        ("expected", "f8"),
    ]
)

# The books of one symbol, in today's units; its quantity and mark stand in arrays of their own.
BOOK_DTYPE: Final = np.dtype(
    [
        ("cost", "f8"),  # average cost
        ("flow", "f8"),  # cash received less paid by fills, commissions included, since the last look at its trades
        ("traded", "f8"),  # notional and commissions since then
        ("profit", "f8"),  # P&L of its trades since then
        ("place", "i8"),  # in the list of symbols held
        ("working", "i8"),  # number of the newest order that has filled and may fill more, 0 = none
    ]
)

# What the fills of one order add up to.
SUM_DTYPE: Final = np.dtype([("filled", "f8"), ("notional", "f8"), ("charged", "f8"), ("older", "i8")])


@stepping_kernel
def audit(
    timestamps: IntArray,
    open_: FloatArray,
    low: FloatArray,
    high: FloatArray,
    close: FloatArray,
    split: FloatArray,
    dividend: FloatArray,
    equity: FloatArray,
    cash: FloatArray,
    gross: FloatArray,
    net: FloatArray,
    fills: RecordArray,
    orders: RecordArray,
    trades: RecordArray,
    open_lots: RecordArray,
    proofs: RecordArray,
    books: RecordArray,
    sums: RecordArray,
    parts: IntArray,
    quantity: FloatArray,
    mark: FloatArray,
    held: IntArray,
) -> None:
    """Go through a run from its first bar to its last, until something does not agree.

    Prices are (T, S); `split` and `dividend` too, or empty where none are applied. Scratch, all zero but what `proofs`
    (1,) is given: `books`, `quantity`, `mark`, `held` (S,), `sums`, `parts` (orders,; 1 = one fill is all of the order,
    2 = there are more, which are summed).
    """
    proof = proofs[0]
    bars, width = close.shape
    financed = proof["borrow_rate"] > 0.0 or proof["margin_rate"] > 0.0
    eventful = financed or split.size > 0 or dividend.size > 0
    proof["cash"] = proof["initial_capital"]
    proof["moved"] = proof["initial_capital"]
    for number in range(len(fills)):
        fill = fills[number]
        t = fill["bar"]
        s = fill["symbol"]
        if not 0 <= t < bars or not 0 <= s < width or not 0 <= fill["order_id"] <= len(orders):
            proof["check"] = checks.FILL
        elif fill["order_id"] > 0:
            price = fill["price"]
            if fill["slippage"] != 0.0:
                price -= fill["side"] * fill["slippage"] / fill["quantity"]
            # Most fills are at the open, which lies within the bar: looking there saves looking twice elsewhere.
            if not abs(price - open_[t, s]) <= 1e-15 * price:
                _check_price(proof, price, fill["price"], low[t, s], high[t, s])
        if proof["check"] >= 0:
            proof["bar"] = t
            proof["symbol"] = s
            proof["number"] = number
            return
    f = 0
    k = 0
    held_count = 0
    t = 0
    while t < bars and proof["check"] < 0:
        proof["bar"] = t
        alive = proof["ruined_at"] < 0 or t <= proof["ruined_at"]
        if eventful and alive:
            if split.size > 0:
                for s in range(width):
                    if split[t, s] != 1.0:
                        quantity[s] *= split[t, s]
                        mark[s] /= split[t, s]
                        books[s]["cost"] /= split[t, s]
                        number = books[s]["working"]
                        books[s]["working"] = 0
                        while number > 0:
                            following = sums[number - 1]["older"]
                            if orders[number - 1]["closed"] < 0 or orders[number - 1]["closed"] >= t:
                                sums[number - 1]["filled"] *= split[t, s]
                                sums[number - 1]["older"] = books[s]["working"]
                                books[s]["working"] = number
                            number = following
            if dividend.size > 0:
                for place in range(held_count):
                    received = quantity[held[place]] * dividend[t, held[place]]
                    proof["cash"] += received
                    proof["dividends"] += received
                    proof["moved"] += abs(received)
            if financed and t > 0:
                years = (timestamps[t] - timestamps[t - 1]) / YEAR_NS
                _charge_financing(proof, years, (gross[t - 1] - net[t - 1]) / 2.0, cash[t - 1])
        first = f
        while f < len(fills) and fills[f]["bar"] <= t:
            fill = fills[f]
            s = fill["symbol"]
            index = fill["order_id"] - 1
            proof["symbol"] = s
            proof["number"] = f
            if fill["bar"] < t:
                proof["check"] = checks.FILL
            if index < 0:
                _check_settlement(proof, fill, mark[s] if np.isnan(close[t, s]) else close[t, s])
            elif not _is_whole_order(proof, orders[index], fill, parts[index]):
                _add_to_order(orders[index], sums[index], books[s], fill, parts[index])
                parts[index] = 2
            else:
                parts[index] = 1
            before = quantity[s]
            after = _book(proof, books[s], fill, before, equity[t - 1] if t > 0 else proof["initial_capital"])
            quantity[s] = after
            if before == 0.0 and after != 0.0:
                held[held_count] = s
                books[s]["place"] = held_count
                held_count += 1
            elif before != 0.0 and after == 0.0:
                held_count -= 1
                held[books[s]["place"]] = held[held_count]
                books[held[held_count]]["place"] = books[s]["place"]
            if index >= 0 and parts[index] == 1:
                _check_order(proof, orders[index], index, bars)
            if proof["check"] >= 0:
                return
            f += 1
        while k < len(trades) and trades[k]["exit_bar"] <= t:
            s = trades[k]["symbol"]
            proof["number"] = k
            if not 0 <= s < width:
                proof["check"] = checks.TRADE
                return
            books[s]["profit"] += trades[k]["pnl"]
            k += 1
        for number in range(first, f):
            if quantity[fills[number]["symbol"]] == 0.0:
                proof["symbol"] = fills[number]["symbol"]
                _check_trades(proof, books[proof["symbol"]], 0.0)
        own_cash = proof["cash"]
        until = fills[f]["bar"] if f < len(fills) else bars
        if eventful and alive:
            until = t + 1
        while t < until and t < bars:
            own_net = 0.0
            own_gross = 0.0
            if 4 * held_count >= width:
                for s in range(width):
                    price = close[t, s]
                    price = mark[s] if price != price else price
                    mark[s] = price
                    # A choice of values, not a branch: which symbols are held is nothing that a processor can guess.
                    value = quantity[s] * price
                    value = 0.0 if quantity[s] == 0.0 else value
                    own_net += value
                    own_gross += abs(value)
            else:
                for place in range(held_count):
                    s = held[place]
                    price = close[t, s]
                    price = mark[s] if price != price else price
                    mark[s] = price
                    own_net += quantity[s] * price
                    own_gross += abs(quantity[s] * price)
            if (
                equity[t] != cash[t] + own_net or gross[t] != own_gross or net[t] != own_net or cash[t] != own_cash
            ) and not _curve_agrees(proof, t, equity[t], cash[t], gross[t], net[t], own_gross, own_net):
                return
            t += 1
    if proof["check"] >= 0:
        return
    if f < len(fills) or k < len(trades):
        proof["check"] = checks.FILL if f < len(fills) else checks.TRADE
        proof["number"] = f if f < len(fills) else k
        return
    for index in range(len(orders)):
        if parts[index] != 1:
            _check_order(proof, orders[index], index, bars)
            _check_sums(proof, orders[index], sums[index])
            if proof["check"] >= 0:
                return
    for number in range(len(open_lots)):
        books[open_lots[number]["symbol"] % width]["profit"] += open_lots[number]["pnl"]
    proof["bar"] = bars - 1
    proof["number"] = -1
    unrealised = 0.0
    for s in range(width):
        worth = 0.0 if quantity[s] == 0.0 else quantity[s] * mark[s]
        unrealised += worth - quantity[s] * books[s]["cost"]
        proof["moved"] += abs(worth)
        proof["symbol"] = s
        _check_trades(proof, books[s], worth)
        if proof["check"] >= 0:
            return
    _check_change(proof, equity[bars - 1], unrealised)


@inner_kernel
def _deviation(proof: np.void, check: int, recorded: float, expected: float, scale: float) -> float:
    """How far two amounts are apart, as a fraction of a scale; the first that is too far is written down."""
    if recorded == expected:
        return 0.0
    deviation = abs(recorded - expected) / scale if scale > 0.0 else np.inf
    if not deviation <= layout.TOLERANCE and proof["check"] < 0:
        proof["check"] = check
        proof["recorded"] = recorded
        proof["expected"] = expected
    return deviation


@inner_kernel
def _charge_financing(proof: np.void, years: float, shorted: float, cash: float) -> None:
    paid = (proof["borrow_rate"] * shorted + proof["margin_rate"] * max(-cash, 0.0)) * years
    proof["cash"] -= paid
    proof["financing"] += paid
    proof["moved"] += paid


@inner_kernel
def _is_whole_order(proof: np.void, order: np.void, fill: np.void, parts: int) -> bool:
    """Check that a fill has its order's symbol and side, and a bar at which it worked; whether it is all of it."""
    bar = fill["bar"]
    # A child is born by its entry's fill, and may fill on the same bar.
    at_once = proof["at_once"] > 0 or order["parent_id"] > 0
    works = order["created"] < bar or (at_once and order["created"] == bar)
    works = works and (order["closed"] < 0 or bar <= order["closed"])
    if not works or order["symbol"] != fill["symbol"] or order["side"] != fill["side"]:
        proof["check"] = checks.ORDER_OF_FILL
    same = order["filled"] == fill["quantity"] and order["charged"] == fill["commission"]
    same = same and order["notional"] == fill["quantity"] * fill["price"]
    return same and order["closed"] == bar and parts == 0


@inner_kernel
def _add_to_order(order: np.void, made: np.void, book: np.void, fill: np.void, parts: int) -> None:
    """Add one of several fills to what its order's fills make."""
    if parts == 1:  # the fill before was taken to be all of it
        made["filled"] = order["filled"]
        made["notional"] = order["notional"]
        made["charged"] = order["charged"]
    made["filled"] += fill["quantity"]
    made["notional"] += fill["quantity"] * fill["price"]
    made["charged"] += fill["commission"]
    if parts != 2:
        made["older"] = book["working"]
        book["working"] = fill["order_id"]


@inner_kernel
def _check_price(proof: np.void, unslipped: float, price: float, low: float, high: float) -> None:
    """The price before slippage is one of the bar's; NaN is no bar."""
    if not (low <= unslipped <= high):
        off = _deviation(proof, checks.PRICE, unslipped, low if unslipped < low else high, price + high)
        proof["prices_deviation"] = max(proof["prices_deviation"], off)


@inner_kernel
def _check_settlement(proof: np.void, fill: np.void, mark: float) -> None:
    """Ruin settles positions at their marks, free of costs."""
    due = fill["reason"] == layout.REASON_RUINED and fill["bar"] == proof["ruined_at"]
    due = due and fill["commission"] == 0.0 and fill["slippage"] == 0.0
    off = _deviation(proof, checks.PRICE, fill["price"], mark if due else np.nan, mark)
    proof["prices_deviation"] = max(proof["prices_deviation"], off)


@inner_kernel
def _book(proof: np.void, book: np.void, fill: np.void, before: float, equity: float) -> float:
    """Check what a fill did to position, average cost and profit, and book it; the position after it.

    `equity` is that of the bar before.
    """
    side, quantity, price, commission = fill["side"], fill["quantity"], fill["price"], fill["commission"]
    notional = quantity * price
    sane = quantity > 0.0 and price >= 0.0 and fill["slippage"] >= 0.0 and side * side == 1
    if not (sane and notional + abs(commission) + fill["slippage"] < np.inf):
        proof["check"] = checks.FILL
    after = before + side * quantity
    off = _deviation(proof, checks.POSITION, fill["position"], after, abs(before) + quantity)
    if fill["position"] == 0.0:  # what rounding leaves of a closed position is no position
        after = 0.0
    cost = book["cost"]
    realised = 0.0
    if before * side >= 0.0:
        cost = (cost * abs(before) + notional) / (abs(before) + quantity)
    else:
        closed = min(quantity, abs(before))
        realised = (cost - price) * side * closed
        if after * side >= 0.0:
            cost = price if after != 0.0 else 0.0
    scale = notional + abs(before) * book["cost"]
    off = max(off, _deviation(proof, checks.REALISED, fill["realised"], realised, scale))
    off = max(off, _deviation(proof, checks.COST, fill["average_cost"], cost, cost))
    proof["positions_deviation"] = max(proof["positions_deviation"], off)
    if after < 0.0 and proof["allow_short"] == 0:
        _deviation(proof, checks.SHORT, after, 0.0, quantity)
    carried = abs(equity) + abs(proof["cash"]) + abs(after) * price
    proof["cash"] -= side * notional + commission
    if proof["cash"] < 0.0 and side == layout.BUY and proof["cash_only"] > 0:
        _deviation(proof, checks.CASH_ONLY, proof["cash"], 0.0, carried)
    proof["moved"] += notional + abs(commission)
    proof["realised"] += realised
    proof["commissions"] += commission
    book["cost"] = cost
    book["flow"] -= side * notional + commission
    book["traded"] += notional + abs(commission)
    return after


@inner_kernel
def _check_trades(proof: np.void, book: np.void, worth: float) -> None:
    """The trades of a symbol have made what its fills have, and what is still held of it is worth."""
    off = _deviation(proof, checks.TRADES, book["profit"], book["flow"] + worth, book["traded"] + abs(worth))
    proof["trades_deviation"] = max(proof["trades_deviation"], off)
    book["profit"] = 0.0
    book["flow"] = 0.0
    book["traded"] = 0.0


@inner_kernel
def _curve_agrees(
    proof: np.void,
    t: int,
    equity: float,
    cash: float,
    gross: float,
    net: float,
    own_gross: float,
    own_net: float,
) -> bool:
    """Check what was recorded at a close, where it isn't the very same."""
    proof["bar"] = t
    proof["symbol"] = -1
    proof["number"] = -1
    scale = abs(proof["cash"]) + own_gross
    off = _deviation(proof, checks.EQUITY, equity, cash + own_net, scale)
    off = max(off, _deviation(proof, checks.GROSS, gross, own_gross, scale))
    off = max(off, _deviation(proof, checks.NET, net, own_net, scale))
    proof["equity_deviation"] = max(proof["equity_deviation"], off)
    off = _deviation(proof, checks.CASH, cash, proof["cash"], proof["moved"])
    proof["cash_deviation"] = max(proof["cash_deviation"], off)
    return proof["check"] < 0


@inner_kernel
def _check_order(proof: np.void, order: np.void, index: int, bars: int) -> None:
    """An order has one state, an end unless it is open, and never more than it asked for."""
    status, created, closed, filled = order["status"], order["created"], order["closed"], order["filled"]
    proof["bar"] = max(created, closed)
    proof["number"] = index
    proof["symbol"] = order["symbol"]
    sane = order["order_id"] == index + 1 and 0 <= created < bars and 0 <= order["parent_id"] <= index
    if status == layout.STATUS_OPEN:
        sane = sane and closed == -1
    else:
        sane = sane and created <= closed < bars and layout.STATUS_OPEN < status <= layout.STATUS_REJECTED
        sane = sane and (filled > 0.0 or status != layout.STATUS_FILLED)
        sane = sane and (filled == 0.0 or status != layout.STATUS_REJECTED)
    if not sane:
        proof["check"] = checks.STATE
    if filled > 0.0 and filled > order["quantity"]:  # a rejected order may have asked for anything
        _deviation(proof, checks.ASKED, filled, order["quantity"], filled)


@inner_kernel
def _check_sums(proof: np.void, order: np.void, made: np.void) -> None:
    """What an order has filled is what its fills make."""
    off = _deviation(proof, checks.FILLED, order["filled"], made["filled"], made["filled"])
    off = max(off, _deviation(proof, checks.NOTIONAL, order["notional"], made["notional"], made["notional"]))
    off = max(off, _deviation(proof, checks.CHARGED, order["charged"], made["charged"], made["charged"]))
    proof["orders_deviation"] = max(proof["orders_deviation"], off)


@inner_kernel
def _check_change(proof: np.void, equity: float, unrealised: float) -> None:
    """Check the change of equity over the run, and the totals it is made of."""
    proof["symbol"] = -1
    proof["number"] = -1
    change = equity - proof["initial_capital"]
    made = proof["realised"] + unrealised + proof["dividends"] - proof["commissions"] - proof["financing"]
    scale = proof["moved"]
    off = _deviation(proof, checks.CHANGE, change, made, scale)
    off = max(off, _deviation(proof, checks.DIVIDENDS, proof["total_dividends"], proof["dividends"], scale))
    off = max(off, _deviation(proof, checks.FINANCING, proof["total_financing"], proof["financing"], scale))
    proof["change_deviation"] = max(proof["change_deviation"], off)
