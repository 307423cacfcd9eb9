"""Omega ratio: gains over losses about the risk-free rate."""

from __future__ import annotations

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import omega, shortfall_sums
from hindcast.engine.metrics.annualisation import risk_free_per_period
from hindcast.engine.metrics.values import as_returns, defined


def omega_ratio(returns: ArrayLike, *, periods_per_year: float, risk_free_rate: float = 0.0) -> float | None:
    """Omega ratio, with the risk-free rate as the threshold.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.
    periods_per_year : float
        Only to turn the rate into one per period.
    risk_free_rate : float, default 0
        Per year, as a fraction.

    Returns
    -------
    float or None
        ``sum(max(r - rf, 0)) / sum(max(rf - r, 0))``; None below two returns or with none below the rate.

    References
    ----------
    Keating, C. and Shadwick, W. F. (2002). A Universal Performance Measure. Journal of Performance Measurement 6(3).

    Examples
    --------
    >>> round(omega_ratio([0.01, -0.01, 0.02], periods_per_year=252), 6)
    3.0
    """
    checked = as_returns(returns)
    gains, losses, _ = shortfall_sums(checked, risk_free_per_period(risk_free_rate, float(periods_per_year)))
    return defined(omega(gains, losses, checked.size))
