"""Volatility: the standard deviation of returns, per year."""

from __future__ import annotations

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import annualized_deviation, deviation, power_sums
from hindcast.engine.metrics.values import as_returns, defined


def volatility(returns: ArrayLike, *, periods_per_year: float) -> float | None:
    """Annualised standard deviation of returns.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.
    periods_per_year : float

    Returns
    -------
    float or None
        ``std(r, ddof=1) * sqrt(periods_per_year)``; 0 where the returns do not vary; None below two returns.

    Examples
    --------
    >>> round(volatility([0.01, -0.01, 0.02], periods_per_year=252), 6)
    0.242487
    """
    checked = as_returns(returns)
    mean, squares, _, _ = power_sums(checked)
    return defined(annualized_deviation(deviation(squares, checked.size), mean, float(periods_per_year)))
