"""Calmar ratio: growth per year over the deepest drawdown."""

from __future__ import annotations

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import calmar, compound_rate, drawdown_path
from hindcast.engine.metrics.values import as_levels, defined


def calmar_ratio(levels: ArrayLike, *, years: float) -> float | None:
    """Annualised return over maximum drawdown.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.
    years : float
        Elapsed days / 365.25.

    Returns
    -------
    float or None
        ``annualized_return / max_drawdown`` over the whole span; None without a drawdown or when no time has passed.

    References
    ----------
    Young, T. W. (1991). Calmar Ratio: A Smoother Tool. Futures 20(1).

    Examples
    --------
    >>> round(calmar_ratio([100.0, 120.0, 90.0, 121.0], years=2.0), 6)
    0.4
    """
    checked = as_levels(levels)
    annual = compound_rate(float(checked[-1] / checked[0]), float(years))
    return defined(calmar(annual, drawdown_path(checked, checked)[0]))
