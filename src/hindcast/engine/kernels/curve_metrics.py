"""The metrics of an equity curve: small reductions, the formulas over them, and all of them for many curves."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import inner_form, inner_kernel, stepping_kernel
from hindcast.engine.kernels.selection import lower_tail, upper_quantile

FloatArray = NDArray[np.float64]

NOTHING: Final = 1e-14  # a denominator up to this is rounding error
DAYS_PER_YEAR: Final = 365.25
TAIL: Final = 0.05
LARGEST_LOG: Final = 709.0  # its exponential is still a float

# The columns of a row of curve metrics, and their names.
TOTAL_RETURN: Final = 0
ANNUALIZED_RETURN: Final = 1
VOLATILITY: Final = 2
SHARPE_RATIO: Final = 3
SORTINO_RATIO: Final = 4
MAX_DRAWDOWN: Final = 5
MAX_DRAWDOWN_DURATION: Final = 6
CALMAR_RATIO: Final = 7
OMEGA_RATIO: Final = 8
VALUE_AT_RISK: Final = 9
EXPECTED_SHORTFALL: Final = 10
TAIL_RATIO: Final = 11
SKEWNESS: Final = 12
EXCESS_KURTOSIS: Final = 13
ULCER_INDEX: Final = 14
CURVE_COLUMNS: Final = (
    "total_return",
    "annualized_return",
    "volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "max_drawdown",
    "max_drawdown_duration",
    "calmar_ratio",
    "omega_ratio",
    "value_at_risk_95",
    "expected_shortfall_95",
    "tail_ratio",
    "skewness",
    "excess_kurtosis",
    "ulcer_index",
)


@stepping_kernel
def fill_returns(levels: FloatArray, out: FloatArray) -> None:
    """Write the n simple returns of n + 1 levels; 0 after a level that is not above 0."""
    for t in range(out.size):
        before = levels[t]
        out[t] = levels[t + 1] / before - 1.0 if before > 0.0 else 0.0


@stepping_kernel
def power_sums(values: FloatArray) -> tuple[float, float, float, float]:
    """Mean, and the sums of the second, third and fourth powers of the deviations from it."""
    n = values.size
    total = 0.0
    for i in range(n):
        total += values[i]
    mean = total / n
    second = 0.0
    third = 0.0
    fourth = 0.0
    for i in range(n):
        deviation = values[i] - mean
        square = deviation * deviation
        second += square
        third += square * deviation
        fourth += square * square
    return mean, second, third, fourth


@stepping_kernel
def shortfall_sums(values: FloatArray, threshold: float) -> tuple[float, float, float]:
    """Sums of what lies above the threshold, of what lies below it, and of the squares of the latter."""
    gains = 0.0
    losses = 0.0
    squares = 0.0
    for i in range(values.size):
        excess = values[i] - threshold
        below = min(excess, 0.0)
        gains += max(excess, 0.0)
        losses -= below
        squares += below * below
    return gains, losses, squares


@stepping_kernel
def drawdown_path(levels: FloatArray, days: FloatArray) -> tuple[float, float, float]:
    """Deepest drawdown, longest time below a peak in days, and the sum of squared drawdowns."""
    peak = levels[0]
    peak_day = days[0]
    below = False
    deepest = 0.0
    longest = 0.0
    squares = 0.0
    for t in range(1, levels.size):
        level = levels[t]
        if level >= peak:
            if below:
                longest = max(longest, days[t] - peak_day)
                below = False
            peak = level
            peak_day = days[t]
        else:
            below = True
            drawdown = min(1.0 - level / peak, 1.0)
            deepest = max(deepest, drawdown)
            squares += drawdown * drawdown
    if below:
        longest = max(longest, days[levels.size - 1] - peak_day)
    return deepest, longest, squares


@stepping_kernel
def compound_rate(growth: float, years: float) -> float:
    """Growth factor to a rate per year; -1 where nothing is left, NaN where no time has passed or no float holds it."""
    if not years > 0.0:
        return np.nan
    if growth <= 0.0:
        return -1.0
    if np.log(growth) / years > LARGEST_LOG:
        return np.nan
    return growth ** (1.0 / years) - 1.0


@stepping_kernel
def deviation(squares: float, n: int) -> float:
    """Sample standard deviation from the sum of squared deviations; NaN with fewer than two values."""
    return np.sqrt(squares / (n - 1)) if n >= 2 else np.nan


@stepping_kernel
def varies(spread: float, mean: float) -> bool:
    """Whether a standard deviation is more than rounding error; False where it is NaN."""
    return spread > NOTHING and spread > 1e-12 * abs(mean)


@stepping_kernel
def annualized_deviation(spread: float, mean: float, ppy: float) -> float:
    """Standard deviation per year; exactly 0 where the values do not vary, NaN where it is undefined."""
    if np.isnan(spread):
        return np.nan
    return spread * np.sqrt(ppy) if varies(spread, mean) else 0.0


@stepping_kernel
def annualized_ratio(mean: float, spread: float, ppy: float) -> float:
    """Mean over standard deviation, per year; NaN where the values do not vary."""
    return mean / spread * np.sqrt(ppy) if varies(spread, mean) else np.nan


@stepping_kernel
def sortino(mean_excess: float, squares_below: float, n: int, ppy: float) -> float:
    """Mean excess return over the downside deviation, per year; NaN without returns below the rate."""
    downside = np.sqrt(squares_below / n)
    return mean_excess / downside * np.sqrt(ppy) if n >= 2 and downside > NOTHING else np.nan


@stepping_kernel
def omega(gains: float, losses: float, n: int) -> float:
    """Sum of gains over sum of losses; NaN without losses."""
    return gains / losses if n >= 2 and losses > NOTHING * n else np.nan


@stepping_kernel
def calmar(annual: float, deepest: float) -> float:
    """Annualised return over maximum drawdown; NaN without a drawdown."""
    return annual / deepest if deepest > NOTHING else np.nan


@stepping_kernel
def corrected_skewness(mean: float, second: float, third: float, n: int) -> float:
    """Sample-corrected skewness (G1) from the sums of powers; NaN below three values or without variance."""
    if n < 3 or not varies(deviation(second, n), mean):
        return np.nan
    spread = np.sqrt(second / n)
    return np.sqrt(n * (n - 1.0)) / (n - 2.0) * (third / n) / (spread * spread * spread)


@stepping_kernel
def corrected_kurtosis(mean: float, second: float, fourth: float, n: int) -> float:
    """Sample-corrected excess kurtosis (G2) from the sums of powers; NaN below four values or without variance."""
    if n < 4 or not varies(deviation(second, n), mean):
        return np.nan
    plain = n * fourth / (second * second) - 3.0
    return (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * plain + 6.0)


@stepping_kernel
def tail_statistics(values: FloatArray) -> tuple[float, float, float]:
    """(5 % quantile, mean of the lowest 5 %, |95 % quantile / 5 % quantile|); rearranges the values."""
    n = values.size
    if n < 2:
        return np.nan, np.nan, np.nan
    low, shortfall = lower_tail(values, TAIL)
    high = upper_quantile(values, 1.0 - TAIL, int((n - 1) * TAIL) + 1)
    return low, shortfall, abs(high / low) if abs(low) > NOTHING else np.nan


# The same functions as Python calls, for the row of all.
_fill_returns = inner_form(fill_returns)
_power_sums = inner_form(power_sums)
_shortfall_sums = inner_form(shortfall_sums)
_drawdown_path = inner_form(drawdown_path)
_compound_rate = inner_form(compound_rate)
_deviation = inner_form(deviation)
_annualized_deviation = inner_form(annualized_deviation)
_annualized_ratio = inner_form(annualized_ratio)
_sortino = inner_form(sortino)
_calmar = inner_form(calmar)
_omega = inner_form(omega)
_tail_statistics = inner_form(tail_statistics)
_corrected_skewness = inner_form(corrected_skewness)
_corrected_kurtosis = inner_form(corrected_kurtosis)


@inner_kernel
def curve_row(
    levels: FloatArray,
    days: FloatArray,
    ppy: float,
    rate: float,
    returns: FloatArray,
    work: FloatArray,
    out: FloatArray,
) -> None:
    """Write the metrics of one curve; `rate` is risk-free per period, `returns` and `work` are scratch of length n."""
    n = returns.size
    _fill_returns(levels, returns)
    mean, second, third, fourth = _power_sums(returns)
    gains, losses, squares_below = _shortfall_sums(returns, rate)
    deepest, longest, squares_down = _drawdown_path(levels, days)
    spread = _deviation(second, n)
    growth = levels[n] / levels[0]
    annual = _compound_rate(growth, (days[n] - days[0]) / DAYS_PER_YEAR)
    for i in range(n):
        work[i] = returns[i]
    out[TOTAL_RETURN] = growth - 1.0
    out[ANNUALIZED_RETURN] = annual
    out[VOLATILITY] = _annualized_deviation(spread, mean, ppy)
    out[SHARPE_RATIO] = _annualized_ratio(mean - rate, spread, ppy)
    out[SORTINO_RATIO] = _sortino(mean - rate, squares_below, n, ppy)
    out[MAX_DRAWDOWN] = deepest
    out[MAX_DRAWDOWN_DURATION] = longest
    out[CALMAR_RATIO] = _calmar(annual, deepest)
    out[OMEGA_RATIO] = _omega(gains, losses, n)
    out[VALUE_AT_RISK], out[EXPECTED_SHORTFALL], out[TAIL_RATIO] = _tail_statistics(work)
    out[SKEWNESS] = _corrected_skewness(mean, second, third, n)
    out[EXCESS_KURTOSIS] = _corrected_kurtosis(mean, second, fourth, n)
    out[ULCER_INDEX] = np.sqrt(squares_down / n)


@stepping_kernel
def curve_rows(
    levels: FloatArray,
    days: FloatArray,
    ppy: float,
    rate: float,
    returns: FloatArray,
    work: FloatArray,
    out: FloatArray,
) -> None:
    """Write one row of metrics for each row of levels, shape (N, n + 1)."""
    for row in range(levels.shape[0]):
        curve_row(levels[row], days, ppy, rate, returns, work, out[row])
