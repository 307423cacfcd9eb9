"""Returns: of each period, of the whole span, and per year."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.kernels.curve_metrics import compound_rate, fill_returns
from hindcast.engine.metrics.values import as_levels, defined, read_only

FloatArray = NDArray[np.float64]


def simple_returns(levels: ArrayLike) -> FloatArray:
    """Simple return of each period.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.

    Returns
    -------
    ndarray, shape (n,)
        ``E_t / E_{t-1} - 1`` as fractions, and 0 once ``E_{t-1} <= 0``. Read-only.

    Raises
    ------
    DataError
        Fewer than two levels, a level that is not finite, or E_0 <= 0.

    Examples
    --------
    >>> simple_returns([100.0, 110.0, 99.0]).round(6).tolist()
    [0.1, -0.1]
    """
    checked = as_levels(levels)
    returns = np.empty(checked.size - 1)
    fill_returns(checked, returns)
    return read_only(returns)


def total_return(levels: ArrayLike) -> float:
    """Return over the whole span.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.

    Returns
    -------
    float
        ``E_n / E_0 - 1``, a fraction.

    Examples
    --------
    >>> round(total_return([100.0, 110.0, 99.0]), 6)
    -0.01
    """
    checked = as_levels(levels)
    return float(checked[-1] / checked[0] - 1.0)


def annualized_return(levels: ArrayLike, *, years: float) -> float | None:
    """Compound annual growth rate.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.
    years : float
        Elapsed days / 365.25.

    Returns
    -------
    float or None
        ``(E_n / E_0) ** (1 / years) - 1``; -1 once E_n <= 0; None when no time has passed.

    Notes
    -----
    Elapsed time is the calendar's, not the number of periods over ``periods_per_year`` as in empyrical.

    References
    ----------
    Bacon, C. R. (2008). Practical Portfolio Performance Measurement and Attribution, 2nd ed., ch. 2.

    Examples
    --------
    >>> round(annualized_return([100.0, 121.0], years=2.0), 6)
    0.1
    """
    checked = as_levels(levels)
    return defined(compound_rate(float(checked[-1] / checked[0]), float(years)))
