"""From signal to order: what each decision of the strategy asks for, given the books after the close."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import kernel
from hindcast.engine.kernels import order_log, sizing, state
from hindcast.engine.kernels.state import Books, Decisions, Market, Rules


@kernel
def act_on_signals(market: Market, decisions: Decisions, books: Books, rules: Rules, t: int) -> None:
    """Turn the signals of bar t into orders, by symbol name."""
    side_of, by_name, positions = decisions.side, market.by_name, books.positions
    replaced = False
    for k in range(len(by_name)):
        s = by_name[k]
        signal = side_of[t, s]
        if signal == layout.SIGNAL_HOLD or (signal == layout.SIGNAL_TARGET and np.isnan(decisions.weight[t, s])):
            continue
        if t < decisions.warm_up:
            books.counts[state.COUNT_IGNORED] += 1
            continue
        working = positions[s]["signal_order"]
        if working >= 0:
            if signal != layout.SIGNAL_TARGET and signal == books.orders[working]["signal"]:
                books.counts[state.COUNT_IGNORED] += 1
                continue
            order_log.end_order(books, t, working, layout.STATUS_CANCELLED, layout.REASON_REPLACED)
            replaced = True
        strength = decisions.strength[t, s] if decisions.has_strength else 1.0
        if signal == layout.SIGNAL_TARGET:
            index = _order_target(books, rules, t, s, decisions.weight[t, s] * strength)
        else:
            side = layout.BUY if signal == layout.SIGNAL_BUY else layout.SELL
            index = _order_side(books, rules, t, s, side, strength, len(by_name))
        if index < 0:
            books.counts[state.COUNT_IGNORED] += 1
            continue
        books.orders[index]["signal"] = signal
        if np.isnan(positions[s]["mark"]):
            order_log.end_order(books, t, index, layout.STATUS_REJECTED, layout.REASON_NO_PRICE)
            replaced = True
        elif books.orders[index]["status"] == layout.STATUS_OPEN:
            positions[s]["signal_order"] = index
        else:
            replaced = True
    if replaced:
        order_log.sweep_working(books)


@kernel
def _order_target(books: Books, rules: Rules, t: int, symbol: int, weight: float) -> int:
    """A position worth `weight` of equity."""
    if weight < 0.0 and not rules.allow_short:
        weight = 0.0
    value = weight * books.curve[t, state.CURVE_EQUITY]
    return order_log.create_order(books, t, symbol, 0, layout.ASK_TARGET, np.nan, value)


@kernel
def _order_side(books: Books, rules: Rules, t: int, symbol: int, side: int, strength: float, symbols: int) -> int:
    """What BUY (side 1) or SELL (side -1) asks for; -1 where the rules ignore it."""
    holding = books.positions[symbol]
    position = holding["quantity"]
    if position * side > 0.0 and holding["added"] >= rules.pyramiding:
        return -1
    may_open = side == layout.BUY or rules.allow_short
    if not may_open:
        if position == 0.0:
            return -1
        return order_log.create_order(books, t, symbol, side, layout.ASK_POSITION, abs(position), np.nan)
    is_money, size = sizing.signal_size(rules, books.curve[t, state.CURVE_EQUITY], symbols, strength)
    if is_money:
        ask = layout.ASK_REVERSE_VALUE if position * side < 0.0 else layout.ASK_VALUE
        index = order_log.create_order(books, t, symbol, side, ask, np.nan, size)
    else:
        size = sizing.whole_lots(size, rules.lot)
        if position * side < 0.0:
            return order_log.create_order(
                books, t, symbol, side, layout.ASK_REVERSE_QUANTITY, abs(position) + size, size
            )
        index = order_log.create_order(books, t, symbol, side, layout.ASK_QUANTITY, size, np.nan)
        if size == 0.0:
            order_log.end_order(books, t, index, layout.STATUS_REJECTED, layout.REASON_TOO_SMALL)
    if position * side > 0.0:
        books.orders[index]["adds"] = 1
    return index
