"""Sortino ratio: excess return per unit of downside risk."""

from __future__ import annotations

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import power_sums, shortfall_sums, sortino
from hindcast.engine.metrics.annualisation import risk_free_per_period
from hindcast.engine.metrics.values import as_returns, defined


def sortino_ratio(returns: ArrayLike, *, periods_per_year: float, risk_free_rate: float = 0.0) -> float | None:
    """Annualised Sortino ratio, with the risk-free rate as the target.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.
    periods_per_year : float
    risk_free_rate : float, default 0
        Per year, as a fraction.

    Returns
    -------
    float or None
        ``mean(r - rf) / sqrt(mean(min(r - rf, 0)^2)) * sqrt(periods_per_year)``, the inner mean over all returns;
        None below two returns or with none below the rate.

    References
    ----------
    Sortino, F. A. and Price, L. N. (1994). Performance Measurement in a Downside Risk Framework. Journal of
    Investing 3(3). doi:10.3905/joi.3.3.59

    Examples
    --------
    >>> round(sortino_ratio([0.01, -0.01, 0.02], periods_per_year=252), 6)
    18.330303
    """
    checked = as_returns(returns)
    ppy = float(periods_per_year)
    rate = risk_free_per_period(risk_free_rate, ppy)
    mean = power_sums(checked)[0]
    return defined(sortino(mean - rate, shortfall_sums(checked, rate)[2], checked.size, ppy))
