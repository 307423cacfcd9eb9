"""W3: SMA(10, 30) on 500 symbols x 2,520 daily bars with one cash pool, 0.1 % commission, warm.

`python bench/portfolio.py [--rounds 9] [--record]`. The bars are made (and hashed) before the clock starts; the time
holds indicators, signals, simulation, all metrics and the manifest.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from _timing import arguments, installed, median_ms, report

import hindcast as hc

SYMBOLS, BARS = 500, 2_520


def panel(symbols: int = SYMBOLS, bars: int = BARS) -> hc.Bars:
    """Seeded random walks with gaps between close and open."""
    rng = np.random.default_rng(11)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0003, 0.015, (bars, symbols)), axis=0))
    open_ = np.vstack((close[:1], close[:-1])) * np.exp(rng.normal(0.0, 0.003, (bars, symbols)))
    days = np.arange("2010-01-01", "2035-01-01", dtype="M8[D]")
    days = days[np.is_busday(days)][:bars]
    high, low = np.maximum(open_, close) * 1.005, np.minimum(open_, close) * 0.995
    names = [f"S{number:03d}" for number in range(symbols)]
    return hc.Bars.from_numpy(days, names, open_, high, low, close, np.full((bars, symbols), 1e6))


def of_hindcast(bars: hc.Bars) -> Callable[[], object]:
    config = hc.BacktestConfig(commission=hc.Commission(rate=0.001), proof="off")
    parameters = {"short_window": 10, "long_window": 30}
    return lambda: hc.run_backtest("sma_crossover", bars, parameters=parameters, config=config).metrics


def of_vectorbt(bars: hc.Bars) -> Callable[[], object]:
    import vectorbt as vbt

    close, open_ = bars.close, bars.open

    def work() -> object:
        fast = close.vbt.rolling_mean(10)
        slow = close.vbt.rolling_mean(30)
        above, below = fast > slow, fast < slow
        entries = (above & ~above.shift(1, fill_value=False)).shift(1, fill_value=False)
        exits = (below & ~below.shift(1, fill_value=False)).shift(1, fill_value=False)
        portfolio = vbt.Portfolio.from_signals(
            close,
            entries,
            exits,
            price=open_,
            fees=0.001,
            freq="1D",
            init_cash=1e5,
            size=1.0 / SYMBOLS,
            size_type="percent",
            cash_sharing=True,
            group_by=True,
            call_seq="auto",
        )
        return portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown()

    return work


def main() -> None:
    options = arguments(__doc__, rounds=9)
    warnings.simplefilter("ignore")
    bars = panel()
    figures = {"hindcast, all metrics": median_ms(of_hindcast(bars), options.rounds)}
    half = panel(symbols=SYMBOLS // 2)
    figures["hindcast, 250 symbols"] = median_ms(of_hindcast(half), options.rounds)
    peers = {"vectorbt": installed("vectorbt")}
    if peers["vectorbt"]:
        figures["vectorbt, 3 metrics"] = median_ms(of_vectorbt(bars), max(options.rounds // 3, 1))
    report("W3", figures, peers, record=options.record)


if __name__ == "__main__":
    main()
