"""W4: a Python strategy called at each of 1,000,000 one-minute bars, an SMA cross with about 39,000 orders, warm.

`python bench/event_lane.py [--rounds 5] [--record]`. The bars are made (and hashed) before the clock starts; the time
holds indicators, the million calls, orders, fills, trades, all metrics and the manifest. `calls only` is the same
strategy's own code in a bare loop: what no engine can save.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from _timing import arguments, installed, median_ms, report

import hindcast as hc
from hindcast.engine.indicators import sma

BARS, FAST, SLOW = 1_000_000, 10, 30


def minutes(bars: int = BARS) -> hc.Bars:
    """A seeded random walk of one-minute bars."""
    rng = np.random.default_rng(7)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0005, (bars, 1)), axis=0))
    open_ = np.vstack((close[:1], close[:-1])) * np.exp(rng.normal(0.0, 0.0001, (bars, 1)))
    stamps = np.datetime64("2018-01-01", "ns") + np.arange(bars) * np.timedelta64(60, "s")
    high, low = np.maximum(open_, close) * 1.0002, np.minimum(open_, close) * 0.9998
    return hc.Bars.from_numpy(stamps, ["X"], open_, high, low, close, np.full((bars, 1), 1e6))


class SmaCross(hc.EventStrategy):
    """In while the fast average is above the slow one."""

    def initialize(self, data: hc.Bars) -> None:
        self.above = False

    def calculate_indicators(self, data: hc.Bars):
        close = data.panel.close
        return {"fast": sma(close, FAST), "slow": sma(close, SLOW)}

    def on_bar(self, context: hc.Context) -> None:
        above = context.indicators["fast"][-1] > context.indicators["slow"][-1]
        if above != self.above:
            self.above = above
            if above:
                context.buy("X")
            else:
                context.close("X")


class AskingSmaCross(SmaCross):
    """The same, asking for its position and its equity at each bar."""

    def on_bar(self, context: hc.Context) -> None:
        above = context.indicators["fast"][-1] > context.indicators["slow"][-1]
        held = context.position("X").quantity
        if above and not held and context.equity > 0:
            context.buy("X")
        elif held and not above:
            context.close("X")


class BracketCross(SmaCross):
    """The same with a stop-loss and a take-profit at work for each position."""

    def on_bar(self, context: hc.Context) -> None:
        above = context.indicators["fast"][-1] > context.indicators["slow"][-1]
        if above != self.above:
            self.above = above
            if above:
                close = context.bars.close[-1]
                context.buy("X", stop_loss=close * 0.99, take_profit=close * 1.02)
            else:
                context.close("X")


def of_hindcast(strategy: type, bars: hc.Bars) -> Callable[[], object]:
    config = hc.BacktestConfig(proof="off")
    return lambda: hc.run_backtest(strategy, bars, config=config).metrics


def of_calls_only(bars: hc.Bars) -> Callable[[], object]:
    fast, slow = (sma(bars.panel.close, window)[:, 0].tolist() for window in (FAST, SLOW))

    class Bare:
        above = False
        orders = 0

        def on_bar(self, index: int) -> None:
            above = fast[index] > slow[index]
            if above != self.above:
                self.above = above
                self.orders += 1

    def work() -> object:
        strategy = Bare()
        for index in range(SLOW - 1, len(fast)):
            strategy.on_bar(index)
        return strategy.orders

    return work


def of_backtesting(bars: hc.Bars) -> Callable[[], object]:
    from backtesting import Backtest, Strategy

    columns = {name.title(): getattr(bars, name)["X"] for name in ("open", "high", "low", "close", "volume")}
    import pandas as pd

    frame = pd.DataFrame(columns).tz_localize(None)
    fast, slow = (sma(bars.panel.close, window)[:, 0] for window in (FAST, SLOW))

    class Crossover(Strategy):
        def init(self) -> None:
            self.fast = self.I(lambda: fast)
            self.slow = self.I(lambda: slow)
            self.above = False

        def next(self) -> None:
            above = self.fast[-1] > self.slow[-1]
            if above != self.above:
                self.above = above
                if above:
                    self.buy()
                else:
                    self.position.close()

    return lambda: Backtest(frame, Crossover, cash=1e7, finalize_trades=True).run()


def main() -> None:
    options = arguments(__doc__, rounds=5)
    warnings.simplefilter("ignore")
    bars = minutes()
    orders = len(hc.run_backtest(SmaCross, bars, config=hc.BacktestConfig(proof="off")).history.orders)
    figures = {f"hindcast, all metrics, {orders:,} orders": median_ms(of_hindcast(SmaCross, bars), options.rounds)}
    figures["hindcast, asking for its books at each bar"] = median_ms(of_hindcast(AskingSmaCross, bars), options.rounds)
    figures["hindcast, with brackets"] = median_ms(of_hindcast(BracketCross, bars), options.rounds)
    figures["hindcast, 500,000 bars"] = median_ms(of_hindcast(SmaCross, minutes(BARS // 2)), options.rounds)
    figures["calls only"] = median_ms(of_calls_only(bars), options.rounds)
    peers = {"backtesting": installed("backtesting")}
    if peers["backtesting"]:
        figures["backtesting"] = median_ms(of_backtesting(bars), 1)
    report("W4", figures, peers, record=options.record)


if __name__ == "__main__":
    main()
