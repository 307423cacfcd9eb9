"""An event-driven strategy: called at each bar, it orders by hand, with exits that its entries bring along."""

from __future__ import annotations

import hindcast as hc
from hindcast.engine.indicators import rsi, sma


class BuyTheDip(hc.EventStrategy):
    """Buy a fall within a rising market, below the price; leave at a profit, at a loss, or after some weeks."""

    STRATEGY_TYPE = "buy_the_dip"

    class Config(hc.StrategyConfig):
        """What a dip is, and when it is over."""

        trend: int = hc.Field(200, ge=2, description="Bars of the average that the close must be above")
        oversold: float = hc.Field(35.0, gt=0, lt=100, description="RSI(14) below which a dip is bought")
        bars: int = hc.Field(20, ge=1, description="Bars after which a position is closed")

    def initialize(self, data: hc.Bars) -> None:
        self.entered = 0

    def calculate_indicators(self, data: hc.Bars):
        close = data.panel.close
        return {"trend": sma(close, self.config.trend), "rsi": rsi(close, 14)}

    def on_bar(self, context: hc.Context) -> None:
        close = context.bars.close[-1]
        if context.position("SPX").quantity:
            if context.index - self.entered >= self.config.bars:
                context.close("SPX")
            return
        self.entered = context.index
        dip = context.indicators["rsi"][-1] < self.config.oversold and close > context.indicators["trend"][-1]
        if dip and not context.orders:
            context.buy(
                "SPX",
                weight=0.95,
                limit=close * 0.995,
                stop_loss=close * 0.95,
                take_profit=close * 1.04,
                time_in_force="DAY",
            )


bars = hc.load_bars(["SPX"], provider="sample", start="1999-01-04", end="2018-12-31")
result = hc.run_backtest(BuyTheDip, bars, config=hc.BacktestConfig(commission=hc.Commission(rate=0.0005)))
metrics = result.metrics
print(f"{metrics.total_trades} trades, return {metrics.total_return:.2%}, max drawdown {metrics.max_drawdown:.2%}")
print(result.orders.groupby(["type", "status", "reason"]).size().to_string())
print(f"Look-ahead proof: {result.certificate.verdict}")


class Peeking(BuyTheDip):
    """What `on_bar` may not do."""

    def on_bar(self, context: hc.Context) -> None:
        if context.bars.close[context.index + 1] > context.bars.close[-1]:
            context.buy("SPX")


try:
    hc.run_backtest(Peeking, bars)
except hc.StrategyError as error:
    print(f"the future is not there: {error}")
