"""W1: SMA(10, 30) on 5,031 daily bars of the S&P 500, 0.1 % commission, next open, statistics included, warm.

`python bench/one_run.py [--rounds 15] [--record]`. Each peer simulates the same rule and computes its standard
statistics. The bars are loaded (and hashed) before the clock starts.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from _timing import arguments, installed, median_ms, report

import hindcast as hc

FAST, SLOW, RATE = 10, 30, 0.001


def of_hindcast(bars: hc.Bars) -> Callable[[], object]:
    config = hc.BacktestConfig(commission=hc.Commission(rate=RATE), proof="off")
    parameters = {"short_window": FAST, "long_window": SLOW}
    return lambda: hc.run_backtest("sma_crossover", bars, parameters=parameters, config=config).metrics


def of_vectorbt(bars: hc.Bars) -> Callable[[], object]:
    import vectorbt as vbt

    close, open_ = bars.close["SPX"], bars.open["SPX"]

    def work() -> object:
        fast, slow = vbt.MA.run(close, FAST), vbt.MA.run(close, SLOW)
        entries = fast.ma_crossed_above(slow).vbt.signals.fshift(1)
        exits = fast.ma_crossed_below(slow).vbt.signals.fshift(1)
        portfolio = vbt.Portfolio.from_signals(close, entries, exits, price=open_, fees=RATE, freq="1D", init_cash=1e5)
        return portfolio.stats()

    return work


def of_backtesting(bars: hc.Bars) -> Callable[[], object]:
    from backtesting import Backtest, Strategy

    frame = hc_frame(bars)

    def mean(values: np.ndarray, window: int) -> np.ndarray:
        found = np.full(len(values), np.nan)
        found[window - 1 :] = np.convolve(values, np.ones(window) / window, "valid")
        return found

    class Crossover(Strategy):
        def init(self) -> None:
            self.fast = self.I(mean, self.data.Close, FAST)
            self.slow = self.I(mean, self.data.Close, SLOW)

        def next(self) -> None:
            if self.fast[-1] > self.slow[-1] and self.fast[-2] <= self.slow[-2]:
                self.buy()
            elif self.fast[-1] < self.slow[-1] and self.fast[-2] >= self.slow[-2]:
                self.position.close()

    return lambda: Backtest(frame, Crossover, cash=1e7, commission=RATE, finalize_trades=True).run()


def hc_frame(bars: hc.Bars):
    import pandas as pd

    columns = {name.title(): getattr(bars, name)["SPX"] for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns).tz_localize(None)


PEERS = {"vectorbt": of_vectorbt, "backtesting": of_backtesting}


def main() -> None:
    options = arguments(__doc__, rounds=15)
    warnings.simplefilter("ignore")
    bars = hc.load_bars("SPX", start="1999-01-04", end="2018-12-31")
    figures = {"hindcast, all metrics": median_ms(of_hindcast(bars), options.rounds)}
    peers = {name: installed(name) for name in PEERS}
    for name, found in peers.items():
        if found:
            figures[name] = median_ms(PEERS[name](bars), options.rounds)
    report("W1", figures, peers, record=options.record)


if __name__ == "__main__":
    main()
