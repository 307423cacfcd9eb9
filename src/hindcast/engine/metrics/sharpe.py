"""Sharpe ratio: excess return per unit of risk."""

from __future__ import annotations

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import annualized_ratio, deviation, power_sums
from hindcast.engine.metrics.annualisation import risk_free_per_period
from hindcast.engine.metrics.values import as_returns, defined


def sharpe_ratio(returns: ArrayLike, *, periods_per_year: float, risk_free_rate: float = 0.0) -> float | None:
    """Annualised Sharpe ratio.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.
    periods_per_year : float
    risk_free_rate : float, default 0
        Per year, as a fraction; turned into a rate per period by compounding.

    Returns
    -------
    float or None
        ``mean(r - rf) / std(r - rf, ddof=1) * sqrt(periods_per_year)``; None below two returns or without variance.

    References
    ----------
    Sharpe, W. F. (1994). The Sharpe Ratio. Journal of Portfolio Management 21(1). doi:10.3905/jpm.1994.409501

    Examples
    --------
    >>> round(sharpe_ratio([0.01, -0.01, 0.02], periods_per_year=252), 6)
    6.928203
    """
    checked = as_returns(returns)
    ppy = float(periods_per_year)
    mean, squares, _, _ = power_sums(checked)
    excess = mean - risk_free_per_period(risk_free_rate, ppy)
    return defined(annualized_ratio(excess, deviation(squares, checked.size), ppy))
