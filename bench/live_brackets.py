"""The kernel with one live bracket per symbol: a stop-loss and a take-profit that are looked at on every bar.

`python bench/live_brackets.py [--rounds 9] [--record]`. Each symbol is bought on the first bar with both exits so
far away that they never fill, so two orders per symbol work on every bar. The time is that of `Simulation.advance`,
divided by bars and symbols; the books are made before the clock starts.
"""

from __future__ import annotations

import statistics
import time
import warnings

import numpy as np
from _timing import arguments, report
from event_lane import minutes
from portfolio import panel

import hindcast as hc
from hindcast.engine.layout import SIGNAL_BUY, STATUS_OPEN
from hindcast.engine.signals import Signals
from hindcast.engine.simulation import Simulation

CONFIG = hc.BacktestConfig(proof="off")


def signals(bars: hc.Bars, *, exits: str | None) -> Signals:
    """Buy each symbol once, with a bracket far away: of fixed prices, or with a trailing stop-loss."""
    side = np.zeros(bars.shape, dtype=np.int8)
    side[0] = SIGNAL_BUY
    if exits is None:
        return Signals(side=side)
    far, high = np.full(bars.shape, np.nan), np.full(bars.shape, np.nan)
    far[0], high[0] = (bars.panel.close[0] * 1e-6 if exits == "fixed" else 0.999), bars.panel.close[0] * 1e6
    if exits == "fixed":
        return Signals(side=side, stop_loss=far, take_profit=high)
    return Signals(side=side, trailing_stop_pct=far, take_profit=high)


def per_bar_ns(bars: hc.Bars, rounds: int, *, exits: str | None) -> float:
    """Median time per bar and symbol; each round plays the same run with new books."""
    decided = signals(bars, exits=exits)
    times = []
    for _ in range(rounds + 1):
        simulation = Simulation(bars, CONFIG, signals=decided)
        start = time.perf_counter()
        simulation.advance(0, len(bars) + 1)
        times.append(time.perf_counter() - start)
        working = int(np.count_nonzero(simulation.history().orders["status"] == STATUS_OPEN))
        expected = 0 if exits is None else 2 * bars.shape[1]
        if working != expected:
            raise SystemExit(f"{working} orders work at the end of the run; expected {expected}")
    return statistics.median(times[1:]) * 1e9 / bars.panel.close.size


def main() -> None:
    options = arguments(__doc__, rounds=9)
    warnings.simplefilter("ignore")
    figures = {}
    for bars in (panel(), minutes()):
        shape = f"{bars.shape[1]} x {bars.shape[0]:,}"
        figures[f"bracket, {shape}"] = per_bar_ns(bars, options.rounds, exits="fixed")
        figures[f"trailing stop-loss, {shape}"] = per_bar_ns(bars, options.rounds, exits="trailing")
        figures[f"no orders at work, {shape}"] = per_bar_ns(bars, options.rounds, exits=None)
    report("live brackets", figures, {}, record=options.record, unit="ns")


if __name__ == "__main__":
    main()
