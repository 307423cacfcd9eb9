"""Quantities: lots, the size of a signal, and what buying power allows."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._jit import kernel
from hindcast.engine.kernels.state import Rules


@kernel
def whole_lots(quantity: float, lot: float) -> float:
    """Round toward zero to a multiple of the lot; what is within the tolerance of a multiple is that multiple."""
    if lot == 0.0:
        return quantity
    lots = quantity / lot
    nearest = np.round(lots)
    if abs(lots - nearest) <= layout.TOLERANCE * abs(nearest):
        return nearest * lot
    return np.trunc(lots) * lot


@kernel
def signal_size(rules: Rules, equity: float, symbols: int, strength: float) -> tuple[bool, float]:
    """(is it money, how much) of one signal: a cash value or a number of units."""
    if rules.size_kind == layout.SIZE_FIXED_QUANTITY:
        return False, rules.size * strength
    if rules.size_kind == layout.SIZE_FIXED_CASH:
        return True, rules.size * strength
    return True, rules.size * equity / symbols * strength


@kernel
def affordable_quantity(
    rules: Rules,
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
    back.
    """
    leverage = rules.max_leverage
    free = leverage * equity - others - held * price
    room = free + leverage * charged
    fixed = rules.per_order + rules.per_share * filled + rules.rate * notional
    by_line = (room - leverage * fixed) / (price + leverage * (rules.per_share + rules.rate * price))
    by_minimum = (room - leverage * rules.minimum) / price
    by_maximum = (room - leverage * rules.maximum) / price
    return min(max(min(by_line, by_minimum), by_maximum), free / price)
