"""The metrics of a curve against a benchmark, from two columns of returns."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import stepping_kernel
from hindcast.engine.kernels.curve_metrics import (
    LARGEST_LOG,
    NOTHING,
    annualized_deviation,
    annualized_ratio,
    compound_rate,
    deviation,
    varies,
)

FloatArray = NDArray[np.float64]

HUGE: Final = 1e200

# The columns of a row of benchmark metrics, and their names.
ALPHA: Final = 0
BETA: Final = 1
TRACKING_ERROR: Final = 2
INFORMATION_RATIO: Final = 3
UP_CAPTURE: Final = 4
DOWN_CAPTURE: Final = 5
CORRELATION: Final = 6
R_SQUARED: Final = 7
BENCHMARK_COLUMNS: Final = (
    "alpha",
    "beta",
    "tracking_error",
    "information_ratio",
    "up_capture",
    "down_capture",
    "correlation",
    "r_squared",
)


@stepping_kernel
def capture(returns: FloatArray, benchmark: FloatArray, sign: float, ppy: float) -> float:
    """Compound return per year over that of the benchmark, over the periods in which sign * benchmark > 0.

    The growth is kept as a product and, beyond what a float holds, a sum of logarithms.
    """
    count = 0
    own = 1.0
    own_log = 0.0
    its = 1.0
    its_log = 0.0
    for t in range(returns.size):
        if sign * benchmark[t] > 0.0:
            count += 1
            own *= max(1.0 + returns[t], 0.0)
            its *= max(1.0 + benchmark[t], 0.0)
            if own > HUGE or 0.0 < own < 1.0 / HUGE:
                own_log += np.log(own)
                own = 1.0
            if its > HUGE or 0.0 < its < 1.0 / HUGE:
                its_log += np.log(its)
                its = 1.0
    if count == 0:
        return np.nan
    its_rate = annual_growth(its, its_log, count / ppy)
    return annual_growth(own, own_log, count / ppy) / its_rate if abs(its_rate) > NOTHING else np.nan


@stepping_kernel
def annual_growth(product: float, logarithm: float, years: float) -> float:
    """Rate per year of the growth factor product * exp(logarithm)."""
    if logarithm == 0.0 or product <= 0.0:
        return compound_rate(product, years)
    rate = (np.log(product) + logarithm) / years
    return np.expm1(rate) if rate <= LARGEST_LOG else np.nan


@stepping_kernel
def benchmark_row(returns: FloatArray, benchmark: FloatArray, ppy: float, rate: float, out: FloatArray) -> None:
    """Write the benchmark metrics of n common returns; `rate` is risk-free per period."""
    n = returns.size
    out[:] = np.nan
    if n < 2:
        return
    total = 0.0
    benchmark_total = 0.0
    for t in range(n):
        total += returns[t]
        benchmark_total += benchmark[t]
    mean = total / n
    benchmark_mean = benchmark_total / n
    own = 0.0
    its = 0.0
    common = 0.0
    active = 0.0
    for t in range(n):
        x = returns[t] - mean
        y = benchmark[t] - benchmark_mean
        own += x * x
        its += y * y
        common += x * y
        active += (x - y) * (x - y)
    gap = mean - benchmark_mean
    active_spread = deviation(active, n)
    out[TRACKING_ERROR] = annualized_deviation(active_spread, gap, ppy)
    out[INFORMATION_RATIO] = annualized_ratio(gap, active_spread, ppy)
    out[UP_CAPTURE] = capture(returns, benchmark, 1.0, ppy)
    out[DOWN_CAPTURE] = capture(returns, benchmark, -1.0, ppy)
    if varies(deviation(its, n), benchmark_mean):
        beta = common / its
        out[BETA] = beta
        out[ALPHA] = (mean - rate - beta * (benchmark_mean - rate)) * ppy
        if varies(deviation(own, n), mean):
            correlation = common / np.sqrt(own * its)
            correlation = min(max(correlation, -1.0), 1.0)
            out[CORRELATION] = correlation
            out[R_SQUARED] = correlation * correlation
