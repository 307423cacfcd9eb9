"""A strategy of your own: columns in, columns out, with parameters that check themselves."""

from __future__ import annotations

import hindcast as hc
from hindcast.engine.indicators import rolling_max, rolling_min


class Breakout(hc.BaseStrategy):
    """BUY at a new high of the closes, SELL at a new low."""

    STRATEGY_TYPE = "breakout"

    class Config(hc.StrategyConfig):
        """How many closes a new extreme must beat."""

        window: int = hc.Field(50, ge=2, description="Bars to look back, this one included")

    @property
    def warm_up(self) -> int:
        return self.config.window

    def calculate_indicators(self, data: hc.Bars):
        close = data.panel.close
        return {"highest": rolling_max(close, self.config.window), "lowest": rolling_min(close, self.config.window)}

    def generate_signals(self, data: hc.Bars):
        close = data.panel.close
        return hc.Signals.from_entries(close >= data.indicators["highest"], close <= data.indicators["lowest"])


bars = hc.load_bars(["SPX"], provider="sample", start="1999-01-04", end="2018-12-31")
for window in (20, 50, 100):
    metrics = hc.run_backtest(Breakout, bars, parameters={"window": window}).metrics
    print(f"window {window:3d}: return {metrics.total_return:8.2%}, max drawdown {metrics.max_drawdown:7.2%}")

try:
    hc.run_backtest(Breakout, bars, parameters={"windw": 20})
except hc.ParameterError as error:
    print(f"a typo is told: {error}")
