"""Small panels for tests of strategies."""

from __future__ import annotations

import numpy as np

from hindcast.engine.bars import Bars


def bars_of(close, symbols=None, start="2020-01-01"):
    """Daily bars with these closes, (T, S) or (T,); open is the close, high and low stand 1 % around it."""
    values = np.asarray(close, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    names = symbols or [chr(ord("A") + column) * 3 for column in range(values.shape[1])]
    stamps = np.datetime64(start) + np.arange(len(values))
    volume = np.full(values.shape, 1000.0)
    return Bars.from_numpy(stamps, names, values, values * 1.01, values * 0.99, values, volume)


def random_bars(bars=200, columns=3, seed=1, gaps=0.0):
    """Daily bars of prices that walk."""
    generator = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(generator.normal(0.0, 0.02, (bars, columns)), axis=0))
    close[generator.random((bars, columns)) < gaps] = np.nan
    return bars_of(close)


def decisions(strategy, bars):
    """The signals' codes after the usual steps."""
    strategy.initialize(bars)
    return strategy.generate_signals(bars.with_indicators(strategy.calculate_indicators(bars))).side
