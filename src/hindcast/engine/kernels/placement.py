"""From a request to an order: what is wrong with it, its prices on the tick, and the quantity that is known already."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import expiry, order_log, sizing, state, triggers
from hindcast.engine.kernels.state import Books, Market, Rules

_ENTRY_TRAILS = layout.GIVEN_TRAIL_AMOUNT | layout.GIVEN_TRAIL_FRACTION
_ENTRY_PRICES = layout.GIVEN_LIMIT | layout.GIVEN_STOP
_CHILD_TRAILS = layout.GIVEN_CHILD_TRAIL_AMOUNT | layout.GIVEN_CHILD_TRAIL_FRACTION
_BRACKET = layout.GIVEN_STOP_LOSS | layout.GIVEN_TAKE_PROFIT | _CHILD_TRAILS
_BOTH_SIZES = layout.GIVEN_QUANTITY | layout.GIVEN_WEIGHT


@inner_kernel
def place_order(market: Market, books: Books, rules: Rules, t: int) -> int:
    """Turn the request at hand into an order, which works from now on or is rejected; gives its index."""
    request = books.request[0]
    ask = request["ask"]
    given = request["given"]
    symbol = request["symbol"]
    known = symbol < market.close.shape[1]
    position = books.positions[symbol]["quantity"] if known else 0.0
    mark = books.positions[symbol]["mark"] if known else np.nan
    side = request["side"]
    if ask == layout.ASK_POSITION and side == 0 and position != 0.0:
        side = layout.SELL if position > 0.0 else layout.BUY
    index = order_log.append_order(books, t, symbol, side, ask, np.nan, np.nan)
    order = books.orders[index]
    order["type"] = request["type"]
    if given & layout.GIVEN_GOOD_TILL and request["time_in_force"] == layout.TIF_GTC:
        request["time_in_force"] = layout.TIF_GTD
    order["time_in_force"] = request["time_in_force"]
    order["signal"] = request["signal"]
    if given & layout.GIVEN_QUANTITY:
        order["quantity"] = request["quantity"]
    if given & layout.GIVEN_LIMIT:
        order["limit"] = request["limit"]
    if given & layout.GIVEN_STOP:
        order["stop"] = request["stop"]
    flaw = _flaw_of_numbers(request)
    if flaw == layout.REASON_NONE:
        now = market.timestamps[t] if request["time_in_force"] == layout.TIF_GTD else 0
        flaw = _flaw_of_terms(request, known, mark, now)
    if flaw == layout.REASON_NONE:
        if given != 0 or request["type"] != layout.TYPE_MARKET or request["time_in_force"] != layout.TIF_GTC:
            flaw = _set_prices(market, books, rules, t, index, mark)
        if flaw == layout.REASON_NONE:
            flaw = _set_size(market, books, rules, t, index, position, mark)
    if flaw == layout.REASON_NONE:
        order_log.start_working(books, index)
    else:
        order["status"] = layout.STATUS_REJECTED
        order["reason"] = flaw
        order["closed"] = t
    return index


@inner_kernel
def _no_price(given: int, bit: int, price: float) -> bool:
    return (given & bit) != 0 and not 0.0 < price < np.inf


@inner_kernel
def _flaw_of_numbers(request: np.void) -> int:
    """REASON_BAD_QUANTITY or REASON_BAD_PRICE where a number that was given can't be one; else REASON_NONE."""
    given = request["given"]
    ask = request["ask"]
    if ask == layout.ASK_TARGET_WEIGHT:
        if not np.isfinite(request["value"]):
            return layout.REASON_BAD_QUANTITY
    elif not given & layout.GIVEN_QUANTITY and _no_price(given, layout.GIVEN_WEIGHT, request["value"]):
        return layout.REASON_BAD_QUANTITY
    if _no_price(given, layout.GIVEN_QUANTITY, request["quantity"]):
        return layout.REASON_BAD_QUANTITY
    if (
        _no_price(given, layout.GIVEN_LIMIT, request["limit"])
        or _no_price(given, layout.GIVEN_STOP, request["stop"])
        or _no_price(given, layout.GIVEN_TRAIL_AMOUNT, request["trail_amount"])
        or _no_price(given, layout.GIVEN_TRAIL_FRACTION, request["trail_fraction"])
        or _no_price(given, layout.GIVEN_STOP_LOSS, request["stop_loss"])
        or _no_price(given, layout.GIVEN_TAKE_PROFIT, request["take_profit"])
        or _no_price(given, layout.GIVEN_CHILD_TRAIL_AMOUNT, request["child_trail_amount"])
        or _no_price(given, layout.GIVEN_CHILD_TRAIL_FRACTION, request["child_trail_fraction"])
    ):
        return layout.REASON_BAD_PRICE
    return layout.REASON_NONE


@inner_kernel
def _flaw_of_terms(request: np.void, known: bool, mark: float, now: int) -> int:
    """Why the request can't be an order, its numbers being numbers; else REASON_NONE."""
    given = request["given"]
    kind = request["time_in_force"]
    if not known:
        return layout.REASON_UNKNOWN_SYMBOL
    if np.isnan(mark):
        return layout.REASON_NO_PRICE
    trails = given & _ENTRY_TRAILS
    child_trails = given & _CHILD_TRAILS
    is_target = request["ask"] == layout.ASK_TARGET_WEIGHT
    if (
        (given & _BOTH_SIZES) == _BOTH_SIZES
        or trails == _ENTRY_TRAILS
        or (trails != 0 and (given & _ENTRY_PRICES) != 0)
        or ((given & layout.GIVEN_ON_CLOSE) != 0 and (given & (_ENTRY_PRICES | _ENTRY_TRAILS)) != 0)
        or child_trails == _CHILD_TRAILS
        or (child_trails != 0 and (given & layout.GIVEN_STOP_LOSS) != 0)
        or (is_target and (given & (_ENTRY_PRICES | _ENTRY_TRAILS | _BRACKET | layout.GIVEN_ON_CLOSE)) != 0)
        or (kind >= layout.TIF_IOC and request["type"] != layout.TYPE_MARKET and request["type"] != layout.TYPE_LIMIT)
        or ((given & layout.GIVEN_GOOD_TILL) != 0 and kind != layout.TIF_GTD)
    ):
        return layout.REASON_BAD_COMBINATION
    if kind == layout.TIF_GTD and not ((given & layout.GIVEN_GOOD_TILL) != 0 and request["good_till"] > now):
        return layout.REASON_BAD_EXPIRY
    return layout.REASON_NONE


@inner_kernel
def _set_prices(market: Market, books: Books, rules: Rules, t: int, index: int, mark: float) -> int:
    """Write the order's prices and terms, on the tick; REASON_WRONG_SIDE where one lies on the wrong side."""
    request = books.request[0]
    order = books.orders[index]
    terms = books.terms[index]
    given = request["given"]
    kind = request["type"]
    side = order["side"]
    buys = side == layout.BUY
    if kind == layout.TYPE_MARKET_ON_CLOSE:
        order["acts"] = layout.ACTS_ON_CLOSE
    elif kind >= layout.TYPE_CUSTOM:
        order["acts"] = layout.ACTS_CUSTOM
    elif kind == layout.TYPE_LIMIT:
        order["acts"] = layout.ACTS_LIMIT
    elif kind == layout.TYPE_STOP or kind == layout.TYPE_TRAILING_STOP:
        order["acts"] = layout.ACTS_STOP
    elif kind == layout.TYPE_STOP_LIMIT:
        order["acts"] = layout.ACTS_STOP_LIMIT
    lowest = np.inf  # of the entry's prices, in its own direction
    highest = -np.inf
    if given & layout.GIVEN_LIMIT:
        order["limit"] = sizing.on_tick(request["limit"], rules.tick, not buys)
        lowest = highest = side * order["limit"]
    if given & layout.GIVEN_STOP:
        order["stop"] = sizing.on_tick(request["stop"], rules.tick, buys)
    if given & _ENTRY_TRAILS:
        terms["trail_amount"] = request["trail_amount"] if given & layout.GIVEN_TRAIL_AMOUNT else np.nan
        terms["trail_fraction"] = request["trail_fraction"] if given & layout.GIVEN_TRAIL_FRACTION else np.nan
        terms["extreme"] = mark
        level = triggers.trailing_level(mark, terms["trail_amount"], terms["trail_fraction"], side)
        order["stop"] = sizing.on_tick(level, rules.tick, buys)
    if order["stop"] == order["stop"]:
        lowest = min(lowest, side * order["stop"])
        highest = max(highest, side * order["stop"])
    if lowest > highest:
        lowest = highest = side * mark
    if order["limit"] <= 0.0 or (order["stop"] <= 0.0 and not given & _ENTRY_TRAILS):
        return layout.REASON_BAD_PRICE  # less than one tick
    wrong = (given & layout.GIVEN_STOP) != 0 and kind < layout.TYPE_CUSTOM and side * order["stop"] < side * mark
    if request["time_in_force"] == layout.TIF_GTD:
        terms["good_till"] = request["good_till"]
    elif request["time_in_force"] == layout.TIF_DAY:
        terms["good_till"] = expiry.end_of_day_order(market.timestamps, t)
    if given & _BRACKET:
        bracket = 0
        terms["stop_loss"] = np.nan
        terms["child_trail_amount"] = np.nan
        terms["child_trail_fraction"] = np.nan
        terms["take_profit"] = np.nan
        terms["stop_child"] = -1
        terms["take_child"] = -1
        terms["entry_bar"] = -1
        terms["first_bar"] = -1
        if given & layout.GIVEN_STOP_LOSS:
            bracket |= layout.BRACKET_STOP_LOSS
            terms["stop_loss"] = sizing.on_tick(request["stop_loss"], rules.tick, not buys)
            wrong = wrong or side * terms["stop_loss"] >= lowest
        if given & _CHILD_TRAILS:
            bracket |= layout.BRACKET_STOP_LOSS
            if given & layout.GIVEN_CHILD_TRAIL_AMOUNT:
                terms["child_trail_amount"] = request["child_trail_amount"]
            else:
                terms["child_trail_fraction"] = request["child_trail_fraction"]
        if given & layout.GIVEN_TAKE_PROFIT:
            bracket |= layout.BRACKET_TAKE_PROFIT
            terms["take_profit"] = sizing.on_tick(request["take_profit"], rules.tick, buys)
            wrong = wrong or side * terms["take_profit"] <= highest
        order["bracket"] = bracket
        if terms["stop_loss"] <= 0.0 or terms["take_profit"] <= 0.0:
            return layout.REASON_BAD_PRICE
    if wrong:
        return layout.REASON_WRONG_SIDE
    if request["time_in_force"] == layout.TIF_GTD or request["time_in_force"] == layout.TIF_DAY:
        books.counts[state.NEXT_EXPIRY] = min(books.counts[state.NEXT_EXPIRY], terms["good_till"])
    return layout.REASON_NONE


@inner_kernel
def _set_size(market: Market, books: Books, rules: Rules, t: int, index: int, position: float, mark: float) -> int:
    """Write what the order asks for; a cash value becomes a quantity now where the order has a price."""
    request = books.request[0]
    order = books.orders[index]
    ask = order["ask"]
    side = order["side"]
    equity = books.curve[state.CURVE_EQUITY, t]
    is_money = False
    reverses = ask == layout.ASK_REVERSE_QUANTITY or ask == layout.ASK_REVERSE_VALUE
    if ask == layout.ASK_POSITION:
        order["quantity"] = abs(position)
        return layout.REASON_NONE
    if ask == layout.ASK_TARGET_WEIGHT or ask == layout.ASK_TARGET:
        value = request["value"]
        if ask == layout.ASK_TARGET_WEIGHT:
            value = 0.0 if value < 0.0 and not rules.allow_short else value * equity
        order["ask"] = layout.ASK_TARGET
        order["value"] = value
        return layout.REASON_NONE
    price = order["limit"] if order["limit"] == order["limit"] else order["stop"]
    if ask == layout.ASK_SIZER or ask == layout.ASK_SIZER_REVERSE:
        reverses = ask == layout.ASK_SIZER_REVERSE
        entry = price if price == price else mark
        is_money, size = sizing.signal_size(
            market, rules, t, order["symbol"], side, equity, request["value"], entry, _risk(books, index, entry)
        )
        if not 0.0 < size < np.inf:
            return layout.REASON_NO_SIZE
    elif ask == layout.ASK_QUANTITY:
        size = request["quantity"]
    else:
        size = request["value"]
        is_money = ask != layout.ASK_REVERSE_QUANTITY
        if ask == layout.ASK_WEIGHT:
            size *= equity
    if is_money and price == price:
        size /= price
        is_money = False
        if not 0.0 < size < np.inf:  # a trailing stop further away than the price itself
            return layout.REASON_NO_SIZE
    if is_money:
        order["ask"] = layout.ASK_REVERSE_VALUE if reverses else layout.ASK_VALUE
        order["value"] = size
        return layout.REASON_NONE
    size = sizing.whole_lots(size, rules.lot)
    if reverses:
        order["ask"] = layout.ASK_REVERSE_QUANTITY
        order["value"] = size
        order["quantity"] = abs(position) + size
        return layout.REASON_NONE
    order["ask"] = layout.ASK_QUANTITY
    order["quantity"] = size
    return layout.REASON_TOO_SMALL if size == 0.0 else layout.REASON_NONE


@inner_kernel
def _risk(books: Books, index: int, entry: float) -> float:
    """The distance from an entry to its stop-loss; NaN where it has none."""
    if not books.orders[index]["bracket"] & layout.BRACKET_STOP_LOSS:
        return np.nan
    terms = books.terms[index]
    if terms["stop_loss"] == terms["stop_loss"]:
        return abs(entry - terms["stop_loss"])
    if terms["child_trail_amount"] == terms["child_trail_amount"]:
        return terms["child_trail_amount"]
    return terms["child_trail_fraction"] * entry
