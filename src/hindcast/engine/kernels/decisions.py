"""What the strategy decides, given the books after the close: its signals by symbol name, then its commands."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import order_log, placement, state
from hindcast.engine.kernels.state import Books, Decisions, Market, Rules

# By the place of a price column, state.LIMIT to state.CHILD_TRAILING_FRACTION: the bit that says it was given.
_GIVEN = (
    layout.GIVEN_LIMIT,
    layout.GIVEN_STOP,
    layout.GIVEN_TRAIL_AMOUNT,
    layout.GIVEN_TRAIL_FRACTION,
    layout.GIVEN_STOP_LOSS,
    layout.GIVEN_TAKE_PROFIT,
    layout.GIVEN_CHILD_TRAIL_AMOUNT,
    layout.GIVEN_CHILD_TRAIL_FRACTION,
)


@inner_kernel
def act_on_decisions(market: Market, decisions: Decisions, books: Books, rules: Rules, t: int) -> None:
    """Turn the signals and commands of bar t into orders and cancellations."""
    by_name, positions, counts = market.by_name, books.positions, books.counts
    orders, commands = books.orders, decisions.commands
    signals = len(by_name) if decisions.has_signals else 0
    k = 0
    while True:
        symbol = -1
        made_by = -1
        if k < signals:
            symbol = by_name[k]
            k += 1
            if not _request_of_signal(decisions, books, rules, t, symbol):
                continue
        else:
            made_by = counts[state.COUNT_COMMANDS]
            if made_by >= len(commands) or commands[made_by]["bar"] != t:
                break
            counts[state.COUNT_COMMANDS] = made_by + 1
            if commands[made_by]["kind"] != layout.COMMAND_ORDER:
                _cancel(decisions, books, t, made_by)
                continue
            books.request[0] = commands[made_by]
        index = placement.place_order(market, books, rules, t)
        order = orders[index]
        if made_by >= 0:
            commands[made_by]["order"] = index
        elif order["status"] == layout.STATUS_OPEN:
            positions[symbol]["signal_order"] = index
            if positions[symbol]["quantity"] * order["side"] > 0.0:
                order["adds"] = 1
    order_log.sweep_working(books)


@inner_kernel
def _cancel(decisions: Decisions, books: Books, t: int, made_by: int) -> None:
    """Cancel the order that a command names, if it still works."""
    command = decisions.commands[made_by]
    index = command["order"]
    if command["kind"] == layout.COMMAND_CANCEL_MARGIN:
        index = books.positions[command["symbol"]]["margin_order"]
    elif command["kind"] == layout.COMMAND_CANCEL_MADE:
        index = decisions.commands[index]["order"]
        if command["role"] != layout.ROLE_NONE and index >= 0:
            if not books.orders[index]["bracket"] or books.terms[index]["entry_bar"] < 0:
                return
            stop_child, take_child = books.terms[index]["stop_child"], books.terms[index]["take_child"]
            index = stop_child if command["role"] == layout.ROLE_STOP_LOSS else take_child
    if 0 <= index < books.counts[state.COUNT_ORDERS] and books.orders[index]["status"] == layout.STATUS_OPEN:
        order_log.end_order(
            books.orders,
            books.positions,
            books.counts,
            t,
            index,
            layout.STATUS_CANCELLED,
            layout.REASON_USER,
        )


@inner_kernel
def _request_of_signal(decisions: Decisions, books: Books, rules: Rules, t: int, symbol: int) -> bool:
    """Write the request that a signal makes; False where there is none, or the rules ignore it."""
    signal = decisions.side[t, symbol]
    is_target = signal == layout.SIGNAL_TARGET
    if signal == layout.SIGNAL_HOLD or (is_target and np.isnan(decisions.weight[t, symbol])):
        return False
    counts = books.counts
    if t < decisions.warm_up:
        counts[state.COUNT_IGNORED] += 1
        return False
    holding = books.positions[symbol]
    working = holding["signal_order"]
    if working >= 0:
        if not is_target and signal == books.orders[working]["signal"]:
            counts[state.COUNT_IGNORED] += 1
            return False
        order_log.end_order(
            books.orders,
            books.positions,
            counts,
            t,
            working,
            layout.STATUS_CANCELLED,
            layout.REASON_REPLACED,
        )
    position = holding["quantity"]
    request = books.request[0]
    strength = decisions.strength[t, symbol] if decisions.has_strength else 1.0
    side = layout.BUY if signal == layout.SIGNAL_BUY else layout.SELL
    entry = True
    if is_target:
        side = 0
        request["ask"] = layout.ASK_TARGET_WEIGHT
        request["value"] = decisions.weight[t, symbol] * strength
    else:
        flat_sell = side == layout.SELL and not rules.allow_short
        if (position * side > 0.0 and holding["added"] >= rules.pyramiding) or (flat_sell and position == 0.0):
            counts[state.COUNT_IGNORED] += 1
            return False
        entry = not flat_sell
        request["value"] = strength
        if flat_sell:
            request["ask"] = layout.ASK_POSITION
        else:
            request["ask"] = layout.ASK_SIZER_REVERSE if position * side < 0.0 else layout.ASK_SIZER
    request["side"] = side
    request["symbol"] = symbol
    request["signal"] = signal
    request["given"] = 0
    request["type"] = layout.TYPE_MARKET
    request["time_in_force"] = layout.TIF_GTC
    if len(decisions.prices) > 0:
        _read_prices(decisions, request, t, symbol, entry)
    return True


@inner_kernel
def _read_prices(decisions: Decisions, request: np.void, t: int, symbol: int, entry: bool) -> None:
    """Put the prices that a signal carries into the request; an order that only closes has no bracket."""
    given = 0
    for column in range(state.PRICES):
        place = decisions.price_columns[column]
        if place < 0 or (column >= state.STOP_LOSS and not entry):
            continue
        price = decisions.prices[place, t, symbol]
        if np.isnan(price):
            continue
        given |= _GIVEN[column]
        if column == state.LIMIT:
            request["limit"] = price
        elif column == state.STOP:
            request["stop"] = price
        elif column == state.TRAILING:
            request["trail_amount"] = price
        elif column == state.TRAILING_FRACTION:
            request["trail_fraction"] = price
        elif column == state.STOP_LOSS:
            request["stop_loss"] = price
        elif column == state.TAKE_PROFIT:
            request["take_profit"] = price
        elif column == state.CHILD_TRAILING:
            request["child_trail_amount"] = price
        else:
            request["child_trail_fraction"] = price
    request["given"] = given
    if given & (layout.GIVEN_TRAIL_AMOUNT | layout.GIVEN_TRAIL_FRACTION):
        request["type"] = layout.TYPE_TRAILING_STOP
    elif given & layout.GIVEN_STOP:
        request["type"] = layout.TYPE_STOP_LIMIT if given & layout.GIVEN_LIMIT else layout.TYPE_STOP
    elif given & layout.GIVEN_LIMIT:
        request["type"] = layout.TYPE_LIMIT
