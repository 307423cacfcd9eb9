"""Quantities and prices: lots, ticks, the size of a signal, and what buying power allows."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._callback import call_python
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels import costs
from hindcast.engine.kernels.state import Market, Rules

# A variance of returns below this is rounding, not movement.
NO_VARIANCE = 1e-24

# Halvings in which the largest quantity that buying power covers is looked for, where commission is a custom model.
HALVINGS = 100


@inner_kernel
def whole_lots(quantity: float, lot: float) -> float:
    """Round toward zero to a multiple of the lot; what is within the tolerance of a multiple is that multiple."""
    if lot == 0.0:
        return quantity
    lots = quantity / lot
    nearest = np.rint(lots)
    if abs(lots - nearest) <= layout.TOLERANCE * abs(nearest):
        return nearest * lot
    return np.trunc(lots) * lot


@inner_kernel
def on_tick(price: float, tick: float, up: bool) -> float:
    """Round to a multiple of the tick, up or down; what is within the tolerance of a multiple is that multiple."""
    if tick == 0.0:
        return price
    ticks = price / tick
    nearest = np.rint(ticks)
    if abs(ticks - nearest) <= layout.TOLERANCE * abs(nearest):
        return nearest * tick
    return np.ceil(ticks) * tick if up else np.floor(ticks) * tick


@inner_kernel
def signal_size(
    market: Market,
    rules: Rules,
    t: int,
    symbol: int,
    side: int,
    equity: float,
    strength: float,
    entry: float,
    risk: float,
) -> tuple[bool, float]:
    """(is it money, how much) of one signal: a cash value or a number of units; NaN where the sizer has no size.

    `entry` is the price that the order is expected to fill at, `risk` the distance from it to the stop-loss.
    """
    kind = rules.size_kind
    symbols = market.close.shape[1]
    if kind == layout.SIZE_FIXED_QUANTITY:
        return False, rules.size * strength
    if kind == layout.SIZE_FIXED_CASH:
        return True, rules.size * strength
    if kind == layout.SIZE_TARGET_WEIGHT:
        return True, rules.size * equity / symbols * strength
    if kind == layout.SIZE_RISK_PER_TRADE:
        return False, rules.size * equity / risk * strength
    if kind >= layout.SIZE_CUSTOM_CASH:
        answer = call_python(rules.callback, layout.CALL_SIZE, symbol, t, side * strength, entry, side * risk)
        return kind == layout.SIZE_CUSTOM_CASH, answer * strength
    mean, variance = _moments_of_returns(market, rules.size_window, t, symbol)
    if kind == layout.SIZE_VOLATILITY_TARGET:
        weight = min(rules.size / np.sqrt(variance * rules.size_periods), rules.max_leverage)
    else:
        weight = np.nan if variance <= NO_VARIANCE else min(rules.size * mean / variance, rules.max_leverage)
    return True, weight * equity / symbols * strength


@inner_kernel
def _moments_of_returns(market: Market, window: int, t: int, symbol: int) -> tuple[float, float]:
    """Mean and variance (ddof 1) of the last `window` close returns, splits undone; NaN where there are fewer."""
    mean = 0.0
    variance = 0.0
    for turn in range(2):
        found = 0
        later = np.nan
        ratio = 1.0
        total = 0.0
        bar = t
        while bar >= 0 and found < window:
            price = market.close[bar, symbol]
            if price == price:
                if later == later:
                    change = later * ratio / price - 1.0
                    total += change if turn == 0 else (change - mean) * (change - mean)
                    found += 1
                later = price
                ratio = 1.0
            if market.has_actions:
                ratio *= market.split[bar, symbol]
            bar -= 1
        if found < window or window < 2:
            return np.nan, np.nan
        if turn == 0:
            mean = total / window
        else:
            variance = total / (window - 1)
    return mean, variance


@inner_kernel
def affordable_quantity(
    rules: Rules,
    index: int,
    t: int,
    price: float,
    held: float,
    equity: float,
    others: float,
    filled: float,
    notional: float,
    charged: float,
) -> float:
    """The largest opening quantity that buying power covers, its commission included; negative where nothing is.

    After the fill, others + (held + q) * price <= max_leverage * (equity - commission(q) + charged) must hold, where
    `held` is the position's size on the order's own side, `equity` and `others` (gross exposure of the other symbols)
    are before the fill, and `filled`, `notional`, `charged` are what the order has done so far. Commission is the
    clamp of a line, so the condition is that of the line and the minimum together, or that of the maximum. It must
    hold without a commission, too: after a reverse split an order can owe less than it was charged, but gets nothing
    back. Where commission is a custom model, which grows with the order, the largest quantity is found by halving.
    """
    leverage = rules.max_leverage
    free = leverage * equity - others - held * price
    if rules.custom_commission:
        least = 0.0
        most = free / price
        if not most > 0.0:
            return most
        for _ in range(HALVINGS):
            middle = 0.5 * (least + most)
            due = costs.commission_of_order(rules, index, t, filled + middle, notional + middle * price)
            if middle * price <= free - leverage * max(due - charged, 0.0):
                least = middle
            else:
                most = middle
        return least
    room = free + leverage * charged
    fixed = rules.per_order + rules.per_share * filled + rules.rate * notional
    by_line = (room - leverage * fixed) / (price + leverage * (rules.per_share + rules.rate * price))
    by_minimum = (room - leverage * rules.minimum) / price
    by_maximum = (room - leverage * rules.maximum) / price
    return min(max(min(by_line, by_minimum), by_maximum), free / price)
