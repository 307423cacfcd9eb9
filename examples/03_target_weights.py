"""Decide weights instead of trades: a frame of targets, several symbols, one pool of cash."""

from __future__ import annotations

import pandas as pd

import hindcast as hc


class InverseVolatility(hc.BaseStrategy):
    """On the first bar of each month: every symbol in inverse proportion to its volatility over the last 60 days."""

    STRATEGY_TYPE = "inverse_volatility"

    def generate_signals(self, data: hc.Bars) -> pd.DataFrame:
        calmness = 1.0 / data.close.pct_change(fill_method=None).rolling(60).std()
        weights = calmness.div(calmness.sum(axis=1, skipna=False), axis=0)
        month = pd.Series(data.index.month, index=data.index)
        return weights[month != month.shift()].reindex(data.index)  # NaN on all other bars: no decision


bars = hc.load_bars(["JNJ", "KO", "MSFT", "XOM"], provider="sample", start="2000-01-03", end="2019-12-31")
result = hc.run_backtest(InverseVolatility, bars, config=hc.BacktestConfig(commission=hc.Commission(rate=0.0005)))
print(f"annual return {result.metrics.annualized_return:.2%}, {len(result.orders)} orders")
print(result.fills.tail(4).to_string())
