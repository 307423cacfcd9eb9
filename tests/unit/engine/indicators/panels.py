"""Random panels, and windows computed the slow and obvious way."""

from __future__ import annotations

from fractions import Fraction

import numpy as np


def random_prices(bars, columns, seed=1, gaps=0.0):
    """Prices that walk, (bars, columns), each missing with a probability of `gaps`."""
    generator = np.random.default_rng(seed)
    prices = 100.0 * np.exp(np.cumsum(generator.normal(0.0, 0.02, (bars, columns)), axis=0))
    prices[generator.random((bars, columns)) < gaps] = np.nan
    return prices


def exact_mean(window):
    """The mean, rounded once."""
    return float(sum(map(Fraction, map(float, window))) / len(window))


def exact_variance(window, ddof):
    """The variance, rounded once."""
    values = [Fraction(float(value)) for value in window]
    mean = sum(values) / len(values)
    return float(sum((value - mean) ** 2 for value in values) / (len(values) - ddof))


def by_fresh_windows(values, window, statistic):
    """`statistic` of each full window without a missing value; NaN elsewhere."""
    out = np.full(values.shape, np.nan)
    for t in range(window - 1, len(values)):
        for s in range(values.shape[1]):
            cells = values[t - window + 1 : t + 1, s]
            if np.isfinite(cells).all():
                out[t, s] = statistic(cells)
    return out
