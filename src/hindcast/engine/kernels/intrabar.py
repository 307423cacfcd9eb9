"""Which of a bracket's exits a bar fills: what is known, and what the three policies assume where it is not.

Prices are in the entry's own direction: those of a short are negated, so that a stop-loss is always below and a
take-profit above. A missing stop-loss is at -inf, a missing take-profit at +inf.
"""

from __future__ import annotations

from typing import NamedTuple

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels.triggers import beyond


class Path(NamedTuple):
    """The prices of a bar in the order in which it is assumed to reach them."""

    open: float
    first: float  # extreme
    second: float  # extreme
    close: float


class Levels(NamedTuple):
    """The prices of a bracket."""

    stop_loss: float
    take_profit: float
    limit: float  # the entry's
    stop: float  # the entry's
    entry_price: float  # where the entry filled


@inner_kernel
def exit_of_bar(policy: int, path: Path, levels: Levels, touch: bool) -> int:
    """ROLE_… of the exit that fills after the open, of a position that was there all the bar; ROLE_NONE: neither."""
    stopped = min(path.first, path.second) <= levels.stop_loss
    taken = beyond(-max(path.first, path.second), -levels.take_profit, touch)
    if stopped and taken:
        if policy == layout.OHLC:
            return layout.ROLE_TAKE_PROFIT if path.first > path.second else layout.ROLE_STOP_LOSS
        return layout.ROLE_TAKE_PROFIT if policy == layout.OPTIMISTIC else layout.ROLE_STOP_LOSS
    if stopped:
        return layout.ROLE_STOP_LOSS
    return layout.ROLE_TAKE_PROFIT if taken else layout.ROLE_NONE


@inner_kernel
def exit_after_entry(policy: int, entry: int, path: Path, levels: Levels, touch: bool) -> int:
    """ROLE_… of the exit that fills on the bar within which its entry, ENTRY_…, filled; ROLE_NONE: neither."""
    low, high = min(path.first, path.second), max(path.first, path.second)
    taken = beyond(-high, -levels.take_profit, touch)
    if policy == layout.OHLC:
        return _exit_on_path(entry, path, levels, touch)
    if policy == layout.OPTIMISTIC:
        if taken:
            return layout.ROLE_TAKE_PROFIT
        certain = entry == layout.ENTRY_AT_LIMIT and low <= levels.stop_loss
        return layout.ROLE_STOP_LOSS if certain or path.close <= levels.stop_loss else layout.ROLE_NONE
    if low <= levels.stop_loss:
        return layout.ROLE_STOP_LOSS
    if beyond(-path.close, -levels.take_profit, touch) or (entry == layout.ENTRY_AT_STOP and taken):
        return layout.ROLE_TAKE_PROFIT
    return layout.ROLE_NONE


@inner_kernel
def _exit_on_path(entry: int, path: Path, levels: Levels, touch: bool) -> int:
    """The exit that the path reaches first, from the entry on.

    Where the path knows no entry after the trigger of a stop-limit order, from the trigger on.
    """
    for needs_entry in (True, False):
        in_position = False
        triggered = entry == layout.ENTRY_AT_LIMIT
        before = path.open
        for leg in range(3):
            level = path.first if leg == 0 else (path.second if leg == 1 else path.close)
            if not in_position:
                if entry == layout.ENTRY_CUSTOM:
                    in_position = min(before, level) <= levels.entry_price <= max(before, level)
                elif entry == layout.ENTRY_AT_STOP:
                    in_position = level >= levels.stop
                elif triggered:
                    in_position = beyond(level, levels.limit, touch)
                else:
                    triggered = level >= levels.stop
                    in_position = triggered and not needs_entry
            if in_position:
                if level <= levels.stop_loss:
                    return layout.ROLE_STOP_LOSS
                if beyond(-level, -levels.take_profit, touch):
                    return layout.ROLE_TAKE_PROFIT
            before = level
        if in_position or entry != layout.ENTRY_LIMIT_AFTER_STOP:
            break
    return layout.ROLE_NONE
