"""What a fill costs: commission of an order so far, and slippage."""

from __future__ import annotations

import numpy as np

from hindcast.engine import layout
from hindcast.engine._callback import call_python
from hindcast.engine._jit import inner_kernel
from hindcast.engine.kernels.state import Rules


@inner_kernel
def commission_of_order(rules: Rules, index: int, t: int, quantity: float, notional: float) -> float:
    """Commission of an order that has filled so much: linear, then at least `minimum`, then at most `maximum`."""
    if rules.custom_commission:
        return call_python(rules.callback, layout.CALL_COMMISSION, index, t, quantity, notional, 0.0)
    linear = rules.per_order + rules.per_share * quantity + rules.rate * notional
    return min(max(linear, rules.minimum), rules.maximum)


@inner_kernel
def slipped_price(
    rules: Rules, index: int, t: int, price: float, side: int, limit: float, quantity: float, volume: float
) -> float:
    """The price after slippage, which is always against the trader, never beyond the order's limit (NaN: none).

    `quantity` is what would fill before any cut for cash; what it makes of the bar's `volume` is at most 1, and 1 where
    there is none.
    """
    kind = rules.slippage_kind
    if kind == layout.SLIP_BASIS_POINTS:
        slipped = price * (1.0 + side * rules.slippage)
    elif kind == layout.SLIP_HALF_SPREAD:
        slipped = price + side * rules.slippage
    elif kind == layout.SLIP_CUSTOM:
        slipped = call_python(rules.callback, layout.CALL_SLIPPAGE, index, t, price, quantity, volume)
    else:
        share = min(quantity / volume, 1.0) if volume > 0.0 else 1.0
        effect = share * share if kind == layout.SLIP_VOLUME_SHARE else np.sqrt(share)
        slipped = price * (1.0 + side * rules.slippage * effect)
    slipped = max(slipped, 0.0)
    if side == layout.BUY:
        return slipped if np.isnan(limit) else min(slipped, limit)
    return slipped if np.isnan(limit) else max(slipped, limit)
