"""What a fill costs: commission of an order so far, and slippage."""

from __future__ import annotations

from hindcast.engine._jit import kernel
from hindcast.engine.kernels.state import Rules


@kernel
def commission_of_order(rules: Rules, quantity: float, notional: float) -> float:
    """Commission of an order that has filled so much: linear, then at least `minimum`, then at most `maximum`."""
    linear = rules.per_order + rules.per_share * quantity + rules.rate * notional
    return min(max(linear, rules.minimum), rules.maximum)


@kernel
def slipped_price(rules: Rules, price: float, side: int) -> float:
    """The price after slippage, which is always against the trader."""
    return price * (1.0 + side * rules.slippage)
