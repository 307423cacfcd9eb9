"""Costs of your own: a commission in tiers and a slippage that grows with the order, each a small class."""

from __future__ import annotations

from math import sqrt

import hindcast as hc


class Tiered(hc.CommissionModel):
    """So much of an order's notional, half of that for what is beyond the tier, and not less than a minimum."""

    rate: float = hc.Field(0.001, ge=0, lt=1, description="Fraction of the notional")
    tier: float = hc.Field(50_000.0, ge=0, description="Money from which on half the rate is due")
    minimum: float = hc.Field(5.0, ge=0, description="Least money per order")

    def commission(self, quantity: float, notional: float) -> float:
        return max(self.rate * (notional - max(notional - self.tier, 0.0) / 2), self.minimum)


class SpreadAndImpact(hc.SlippageModel):
    """Half a spread, and what an order moves the price by."""

    half_spread: float = hc.Field(0.25, ge=0, description="Money per unit")
    impact: float = hc.Field(0.1, ge=0, description="Fraction of the price that a whole bar's volume costs")

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        share = min(quantity / volume, 1.0) if volume > 0 else 1.0
        return price + side * (self.half_spread + price * self.impact * sqrt(share))


bars = hc.load_bars(["SPX"], provider="sample", start="1999-01-04", end="2018-12-31")
choices = {
    "no costs": hc.BacktestConfig(),
    "built-in costs": hc.BacktestConfig(commission=hc.Commission(rate=0.001), slippage=hc.HalfSpreadSlippage(0.25)),
    "own costs": hc.BacktestConfig(commission=Tiered(), slippage=SpreadAndImpact()),
}
for name, config in choices.items():
    run = hc.run_backtest("sma_crossover", bars, config=config)
    metrics = run.metrics
    print(
        f"{name:14}  return {metrics.total_return:8.2%}, commission {metrics.total_commission:8.2f}, "
        f"slippage {metrics.total_slippage:8.2f}"
    )
print(f"hashed with the result: {', '.join(run.manifest.model_hashes)}")

try:
    hc.BacktestConfig(slippage=Tiered())
except hc.ConfigError as error:
    print(f"a mix-up is told: {error}")
