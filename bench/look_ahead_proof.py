"""What the look-ahead proof costs: whole runs with it off, sampled (the default) and full.

`python bench/look_ahead_proof.py [--rounds 51] [--record]`. W1 is SMA(10, 30) on 5,031 daily bars of the S&P 500, W3
the same rule on 500 symbols x 2,520 bars. `full` decides again four times at each bar: it is measured once, on W1.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import numpy as np
from _timing import arguments, median_ms, report

import hindcast as hc


class CrossoverInPandas(hc.BaseStrategy):
    """The same rule, written with frames: deciding takes longer than everything else."""

    def generate_signals(self, data: hc.Bars) -> hc.Signals:
        fast, slow = data.close.rolling(10).mean(), data.close.rolling(30).mean()
        return hc.Signals.from_entries((fast > slow).to_numpy(), (fast < slow).to_numpy())


def run(strategy: str | type, bars: hc.Bars, proof: Literal["off", "sampled", "full"]) -> Callable[[], object]:
    config = hc.BacktestConfig(commission=hc.Commission(rate=0.001), proof=proof)
    return lambda: hc.run_backtest(strategy, bars, config=config).certificate


def many_symbols() -> hc.Bars:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, (2520, 500)), axis=0))
    days = np.datetime64("2000-01-01") + np.arange(2520)
    return hc.Bars.from_numpy(days, [f"S{place}" for place in range(500)], close, close * 1.01, close * 0.99, close)


def main() -> None:
    options = arguments(__doc__, rounds=51)
    bars = hc.load_bars("SPX", start="1999-01-04", end="2018-12-31")
    cases: dict[str, tuple[str | type, hc.Bars]] = {
        "W1": ("sma_crossover", bars),
        "W1 in pandas": (CrossoverInPandas, bars),
        "W3": ("sma_crossover", many_symbols()),
    }
    for name, (strategy, prices) in cases.items():
        figures = {
            f"proof {level}": median_ms(run(strategy, prices, level), options.rounds) for level in ("off", "sampled")
        }
        if name == "W1":
            start = time.perf_counter()
            run(strategy, prices, "full")()
            figures["proof full, once"] = (time.perf_counter() - start) * 1e3
        report(f"look-ahead proof, {name}", figures, {}, record=options.record)


if __name__ == "__main__":
    main()
