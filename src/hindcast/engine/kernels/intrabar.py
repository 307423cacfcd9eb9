"""Which of a bracket's exits a bar fills: what is known, and what the three policies assume where it is not.

Prices are in the entry's own direction: those of a short are negated, so that a stop-loss is always below and a
take-profit above. A missing stop-loss is at -inf, a missing take-profit at +inf.
"""

from __future__ import annotations

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels.triggers import beyond


@inner_kernel
def exit_of_bar(policy: int, first: float, second: float, stop_loss: float, take_profit: float, touch: bool) -> int:
    """ROLE_… of the exit that fills after the open, of a position that was there all the bar; ROLE_NONE: neither.

    `first` and `second` are the bar's extremes in the order of the path.
    """
    stopped = min(first, second) <= stop_loss
    taken = beyond(-max(first, second), -take_profit, touch)
    if stopped and taken:
        if policy == layout.OHLC:
            return layout.ROLE_TAKE_PROFIT if first > second else layout.ROLE_STOP_LOSS
        return layout.ROLE_TAKE_PROFIT if policy == layout.OPTIMISTIC else layout.ROLE_STOP_LOSS
    if stopped:
        return layout.ROLE_STOP_LOSS
    return layout.ROLE_TAKE_PROFIT if taken else layout.ROLE_NONE


@inner_kernel
def exit_after_entry(
    policy: int,
    entry: int,
    o: float,
    first: float,
    second: float,
    c: float,
    stop_loss: float,
    take_profit: float,
    limit: float,
    stop: float,
    price: float,
    touch: bool,
) -> int:
    """ROLE_… of the exit that fills on the bar within which its entry filled; ROLE_NONE: neither.

    `entry` is ENTRY_…, `limit` and `stop` are the entry's, `price` is where it filled.
    """
    low, high = min(first, second), max(first, second)
    taken = beyond(-high, -take_profit, touch)
    if policy == layout.OHLC:
        return _exit_on_path(entry, o, first, second, c, stop_loss, take_profit, limit, stop, price, touch)
    if policy == layout.OPTIMISTIC:
        if taken:
            return layout.ROLE_TAKE_PROFIT
        certain = entry == layout.ENTRY_AT_LIMIT and low <= stop_loss
        return layout.ROLE_STOP_LOSS if certain or c <= stop_loss else layout.ROLE_NONE
    if low <= stop_loss:
        return layout.ROLE_STOP_LOSS
    if beyond(-c, -take_profit, touch) or (entry == layout.ENTRY_AT_STOP and taken):
        return layout.ROLE_TAKE_PROFIT
    return layout.ROLE_NONE


@inner_kernel
def _exit_on_path(
    entry: int,
    o: float,
    first: float,
    second: float,
    c: float,
    stop_loss: float,
    take_profit: float,
    limit: float,
    stop: float,
    price: float,
    touch: bool,
) -> int:
    """The exit that the path o - first - second - c reaches first, from the entry on.

    Where the path knows no entry after the trigger of a stop-limit order, from the trigger on.
    """
    for needs_entry in (True, False):
        in_position = False
        triggered = entry == layout.ENTRY_AT_LIMIT
        before = o
        for leg in range(3):
            level = first if leg == 0 else (second if leg == 1 else c)
            if not in_position:
                if entry == layout.ENTRY_CUSTOM:
                    in_position = min(before, level) <= price <= max(before, level)
                elif entry == layout.ENTRY_AT_STOP:
                    in_position = level >= stop
                elif triggered:
                    in_position = beyond(level, limit, touch)
                else:
                    triggered = level >= stop
                    in_position = triggered and not needs_entry
            if in_position:
                if level <= stop_loss:
                    return layout.ROLE_STOP_LOSS
                if beyond(-level, -take_profit, touch):
                    return layout.ROLE_TAKE_PROFIT
            before = level
        if in_position or entry != layout.ENTRY_LIMIT_AFTER_STOP:
            break
    return layout.ROLE_NONE
