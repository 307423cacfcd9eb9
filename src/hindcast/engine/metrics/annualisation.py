"""Time: how long a curve lasts, how many periods make a year, and rates per period."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import ConfigError
from hindcast.engine.kernels.curve_metrics import DAYS_PER_YEAR
from hindcast.engine.stamps import DAY_NS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MONDAY_OF_EPOCH = 3  # days since the Monday before 1970-01-01, a Thursday


def infer_periods_per_year(timestamps: IntArray) -> float:
    """Periods per year, from the median spacing of stamps.

    Parameters
    ----------
    timestamps : ndarray of int64, shape (n,)
        UTC nanoseconds, strictly increasing.

    Returns
    -------
    float
        Spacing under 20 hours: median bars per UTC date with bars, times 365 if any bar is stamped on a Saturday or
        Sunday, else 252. Under 4 days: 365 or 252 likewise. Under 10 days: 52. Under 45: 12. Under 120: 4. Else 1.
        Fewer than two stamps count as daily.

    Notes
    -----
    Never used inside a simulation, and stored with every result: pass the number yourself where the rule of thumb
    does not fit the market.

    Examples
    --------
    >>> import numpy as np
    >>> day = 86_400_000_000_000
    >>> infer_periods_per_year(np.arange(10) * day)
    365.0
    >>> infer_periods_per_year(np.arange(0, 300, 30) * day)
    12.0
    """
    spacing = _median_spacing(timestamps) / DAY_NS if timestamps.size > 1 else 1.0
    if spacing >= 120:
        return 1.0
    if spacing >= 45:
        return 4.0
    if spacing >= 10:
        return 12.0
    if spacing >= 4:
        return 52.0
    if spacing >= 20 / 24:
        return _days_per_year(timestamps // DAY_NS)
    dates, bars = _bars_by_date(timestamps)
    return float(np.median(bars)) * _days_per_year(dates)


def _median_spacing(timestamps: IntArray) -> float:
    """Median step between stamps, in nanoseconds; where more than half are the shortest, there is no need to search."""
    steps = np.diff(timestamps)
    shortest = steps.min()
    return float(shortest if 2 * np.count_nonzero(steps == shortest) > steps.size else np.median(steps))


def _days_per_year(dates: IntArray) -> float:
    """365 if any date, in days since 1970, is a Saturday or Sunday, else 252."""
    return 365.0 if bool(((dates + MONDAY_OF_EPOCH) % 7 >= 5).any()) else 252.0


def _bars_by_date(timestamps: IntArray) -> tuple[IntArray, IntArray]:
    """The UTC dates that have bars, in days since 1970, and how many each has; by bisection, as dates are few."""
    dates = np.arange(timestamps[0] // DAY_NS, timestamps[-1] // DAY_NS + 1)
    bars = np.diff(np.searchsorted(timestamps, dates[1:] * DAY_NS), prepend=0, append=timestamps.size)
    return dates[bars > 0], bars[bars > 0]


def checked_periods_per_year(value: float) -> float:
    """The number of periods per year as a float; ConfigError unless it is finite and above 0."""
    if not (math.isfinite(value) and value > 0):
        raise ConfigError(f"periods_per_year is {value}; expected a number above 0, such as 252 for daily bars")
    return float(value)


def risk_free_per_period(risk_free_rate: float, periods_per_year: float) -> float:
    """Risk-free rate of one period.

    Parameters
    ----------
    risk_free_rate : float
        Per year, as a fraction, above -1.
    periods_per_year : float

    Returns
    -------
    float
        ``(1 + risk_free_rate) ** (1 / periods_per_year) - 1``.

    Raises
    ------
    ConfigError
        The rate is not finite or not above -1.

    Examples
    --------
    >>> round(risk_free_per_period(0.02, 12), 10)
    0.0016515813
    """
    if not (math.isfinite(risk_free_rate) and risk_free_rate > -1):
        raise ConfigError(f"risk_free_rate is {risk_free_rate}; expected a fraction per year above -1, such as 0.02")
    return math.expm1(math.log1p(risk_free_rate) / periods_per_year)


def elapsed_days(timestamps: IntArray) -> FloatArray:
    """Days since the first stamp, shape (n,), read-only."""
    days = np.empty(timestamps.size)
    np.subtract(timestamps, timestamps[0], out=days, dtype=np.int64)  # exact; floats of today's nanoseconds are not
    days /= DAY_NS
    days.flags.writeable = False
    return days


def even_days(periods: int, periods_per_year: float) -> FloatArray:
    """Days since the start of a curve without stamps, shape (periods + 1,): years of 365.25 days, evenly divided."""
    days = np.arange(periods + 1, dtype=np.float64) * (DAYS_PER_YEAR / periods_per_year)
    days.flags.writeable = False
    return days
