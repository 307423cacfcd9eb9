"""Curves and returns that several tests look at."""

from __future__ import annotations

import numpy as np

# Monthly returns of a portfolio and its benchmark, the running example of Bacon, C. R. (2008), Practical Portfolio
# Performance Measurement and Attribution, 2nd ed.
BACON_PORTFOLIO = [
    0.003, 0.026, 0.011, -0.010, 0.015, 0.025, 0.016, 0.067, -0.014, 0.040, -0.005, 0.081,
    0.040, -0.037, -0.061, 0.017, -0.049, -0.022, 0.070, 0.058, -0.065, 0.024, -0.005, -0.009,
]  # fmt: skip
BACON_BENCHMARK = [
    0.002, 0.025, 0.018, -0.011, 0.014, 0.018, 0.014, 0.065, -0.015, 0.042, -0.006, 0.083,
    0.039, -0.038, -0.062, 0.015, -0.048, 0.021, 0.060, 0.056, -0.067, 0.019, -0.003, 0.000,
]  # fmt: skip


def daily_returns(seed: int, count: int = 1_500) -> np.ndarray:
    """Fat-tailed daily returns with calm and rough stretches."""
    rng = np.random.default_rng(seed)
    calm = np.exp(np.cumsum(rng.normal(0, 0.05, count)) * 0.3)
    return np.clip(0.0004 + 0.008 * calm * rng.standard_t(4, count), -0.4, 0.4)


def levels_of(returns: np.ndarray, start: float = 100.0) -> np.ndarray:
    return start * np.concatenate(([1.0], np.cumprod(1.0 + returns)))
