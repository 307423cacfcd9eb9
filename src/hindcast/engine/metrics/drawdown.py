"""Drawdown: how far and how long a curve lies below its highest value so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import DataError
from hindcast.engine.kernels.curve_metrics import drawdown_path
from hindcast.engine.metrics.values import as_levels, as_numbers

FloatArray = NDArray[np.float64]


def drawdown_series(levels: ArrayLike) -> FloatArray:
    """Drawdown at each level.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.

    Returns
    -------
    ndarray, shape (n + 1,)
        ``1 - E_t / max(E_0..E_t)``, in [0, 1]: positive, and 1 once equity is 0 or below.

    Examples
    --------
    >>> drawdown_series([100.0, 120.0, 90.0]).tolist()
    [0.0, 0.0, 0.25]
    """
    checked = as_levels(levels)
    drawdowns: FloatArray = np.minimum(1.0 - checked / np.maximum.accumulate(checked), 1.0)
    return drawdowns


def max_drawdown(levels: ArrayLike) -> float:
    """Deepest drawdown, in [0, 1].

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.

    Returns
    -------
    float
        The largest ``1 - E_t / max(E_0..E_t)``; 0 where the curve never falls. Positive, where empyrical, quantstats
        and vectorbt give a negative number.

    Examples
    --------
    >>> max_drawdown([100.0, 120.0, 90.0, 130.0])
    0.25
    """
    checked = as_levels(levels)
    return float(drawdown_path(checked, checked)[0])


def max_drawdown_duration(levels: ArrayLike, *, days: ArrayLike) -> float:
    """Longest time below a peak, in days.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.
    days : array_like, shape (n + 1,)
        When each level was, in days from any origin.

    Returns
    -------
    float
        From the last bar at the peak to the first bar that reaches it again, or to the end; the longest such time.
        0 where the curve is never below a peak.

    Raises
    ------
    DataError
        The two differ in length, or hold a value that is not finite.

    Examples
    --------
    >>> max_drawdown_duration([100.0, 120.0, 90.0, 130.0], days=[0, 1, 4, 8])
    7.0
    """
    checked = as_levels(levels)
    moments = as_numbers(days, name="days")
    if moments.size != checked.size:
        raise DataError(f"days has {moments.size} values, equity {checked.size}; expected one day for each level")
    return float(drawdown_path(checked, moments)[1])
