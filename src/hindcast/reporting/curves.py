"""The series that figures show, computed from a run's tables: drawdowns, calendar returns, rolling Sharpe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindcast.reporting.level_of_detail import extremes
from hindcast.reporting.run_tables import FloatArray, StampArray

ROLLING_WINDOW = 126


def drawdowns(levels: FloatArray) -> FloatArray:
    """The fall from the highest level so far, a fraction <= 0 at each point; NaN levels give NaN.

    Examples
    --------
    >>> drawdowns(np.array([100.0, 80.0, 120.0, 90.0]))
    array([ 0.  , -0.2 ,  0.  , -0.25])
    """
    if not len(levels):
        return levels
    peak = np.fmax.accumulate(levels)
    return np.asarray(levels / peak - 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReturns:
    """Returns by calendar month and year, as fractions; NaN where there is no bar."""

    years: NDArray[np.int64]  # (Y,), each year from the first to the last
    months: FloatArray  # (Y, 12)
    totals: FloatArray  # (Y,)


def calendar_returns(when: StampArray, levels: FloatArray) -> CalendarReturns:
    """Returns of each calendar month and year, from the last level before it to the last level in it.

    Parameters
    ----------
    when : ndarray of datetime64[ns], shape (n + 1,)
        UTC stamps; the first belongs to the starting level and counts to no month.
    levels : ndarray, shape (n + 1,)
        Money. NaN levels are passed over; after a level of 0 or less returns are 0.

    Returns
    -------
    CalendarReturns
        Empty where fewer than two levels are known. A month after one without bars holds the return of both.
    """
    known = np.isfinite(levels)
    when, levels = when[known], levels[known]
    if len(levels) < 2:
        return CalendarReturns(years=np.empty(0, np.int64), months=np.empty((0, 12)), totals=np.empty(0))
    month = when[1:].astype("datetime64[M]").astype(np.int64)
    keys, returns = _returns_by(month, levels)
    year_keys, year_returns = _returns_by(month // 12, levels)
    years = np.arange(year_keys[0], year_keys[-1] + 1)
    months = np.full((len(years), 12), np.nan)
    months[keys // 12 - years[0], keys % 12] = returns
    totals = np.full(len(years), np.nan)
    totals[year_keys - years[0]] = year_returns
    return CalendarReturns(years=years + 1970, months=months, totals=totals)


def _returns_by(period: NDArray[np.int64], levels: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Each period that occurs, and the return over it; `levels` has one value more than `period`, before the first."""
    last = np.flatnonzero(np.append(period[1:] != period[:-1], True))
    ends = np.concatenate(([levels[0]], levels[1:][last]))
    with np.errstate(divide="ignore", invalid="ignore"):
        change = ends[1:] / ends[:-1] - 1.0
    return period[last], np.where(ends[:-1] > 0, change, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingSharpe:
    """Sharpe ratios of the windows that end at each stamp."""

    timestamp: StampArray
    value: FloatArray
    window: int  # bars


def rolling_sharpe_ratio(
    when: StampArray,
    levels: FloatArray,
    *,
    periods_per_year: float,
    risk_free_rate: float = 0.0,
    window: int | None = None,
) -> RollingSharpe:
    """Sharpe ratio, annualised, of each window of returns, thinned to what a plot can show.

    Parameters
    ----------
    when, levels : ndarray, shape (n + 1,)
        UTC stamps and money; returns after a level of 0 or less are 0.
    periods_per_year : float
        Bars per year.
    risk_free_rate : float
        Fraction per year.
    window : int, optional
        Returns per window; by default 126, or half of the returns where there are fewer than 252.

    Returns
    -------
    RollingSharpe
        NaN where a window's returns do not vary; empty where no window of at least five returns fits.

    Notes
    -----
    mean(r - rf_p) / std(r - rf_p, ddof=1) * sqrt(ppy), rf_p = (1 + rf)^(1/ppy) - 1. A running sum chooses which points
    to keep; those are then computed from their own returns, so that no rounding of the sum is shown.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        change = levels[1:] / levels[:-1] - 1.0
    excess = np.where(levels[:-1] > 0, change, 0.0) - ((1.0 + risk_free_rate) ** (1.0 / periods_per_year) - 1.0)
    size = window if window is not None else min(ROLLING_WINDOW, len(excess) // 2)
    if size < 5 or size > len(excess):
        return RollingSharpe(timestamp=when[:0], value=levels[:0], window=size)
    kept = extremes(_running_ratio(np.nan_to_num(excess), size))
    windows = np.lib.stride_tricks.sliding_window_view(excess, size)[kept]
    deviation = windows.std(axis=1, ddof=1)
    flat = deviation <= np.maximum(1e-14, 1e-12 * np.abs(windows.mean(axis=1)))
    value = windows.mean(axis=1) / np.where(flat, np.nan, deviation) * np.sqrt(periods_per_year)
    return RollingSharpe(timestamp=when[size:][kept], value=value, window=size)


def _running_ratio(excess: FloatArray, size: int) -> FloatArray:
    sums = np.concatenate(([0.0], np.cumsum(excess)))
    squares = np.concatenate(([0.0], np.cumsum(excess * excess)))
    mean = (sums[size:] - sums[:-size]) / size
    variance = np.maximum((squares[size:] - squares[:-size]) / size - mean * mean, 0.0)
    return np.asarray(mean / np.sqrt(variance + 1e-16))
