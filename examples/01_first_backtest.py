"""From nothing to an equity curve and a report, on real prices, offline."""

from __future__ import annotations

import hindcast as hc

bars = hc.load_bars(["SPX"], provider="sample", start="1999-01-04", end="2018-12-31")
result = hc.run_backtest(
    "sma_crossover",
    bars,
    parameters={"short_window": 10, "long_window": 30},
    config=hc.BacktestConfig(initial_capital=100_000, commission=hc.Commission(rate=0.001)),
    benchmark="SPX",
)

print(bars)
print(f"total return  {result.metrics.total_return:8.2%}")
print(f"max drawdown  {result.metrics.max_drawdown:8.2%}")
print(f"Sharpe ratio  {result.metrics.sharpe_ratio:8.2f}")
print(f"trades        {len(result.trades):8d}")
print(result.equity.tail(3))
result.to_html("first_backtest.html")
