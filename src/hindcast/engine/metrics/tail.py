"""The tails of the returns: value at risk, expected shortfall, tail ratio."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import tail_statistics
from hindcast.engine.metrics.values import as_returns, defined


def value_at_risk_95(returns: ArrayLike) -> float | None:
    """5 % quantile of the returns, signed: -0.02 is a loss of 2 %.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.

    Returns
    -------
    float or None
        The quantile with linear interpolation, as numpy; None below two returns.

    Notes
    -----
    Historical, not parametric: quantstats' ``value_at_risk`` is the quantile of a fitted normal distribution.

    Examples
    --------
    >>> round(value_at_risk_95([-0.03, -0.01, 0.0, 0.01, 0.02]), 6)
    -0.026
    """
    return defined(tail_statistics(np.array(as_returns(returns)))[0])


def expected_shortfall_95(returns: ArrayLike) -> float | None:
    """Mean of the lowest 5 % of the returns, signed.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.

    Returns
    -------
    float or None
        Mean of the ``int((n - 1) * 0.05) + 1`` lowest; None below two returns.

    References
    ----------
    Acerbi, C. and Tasche, D. (2002). On the coherence of expected shortfall. Journal of Banking & Finance 26(7).
    doi:10.1016/S0378-4266(02)00283-2

    Examples
    --------
    >>> expected_shortfall_95([-0.03, -0.01, 0.0, 0.01, 0.02])
    -0.03
    """
    return defined(tail_statistics(np.array(as_returns(returns)))[1])


def tail_ratio(returns: ArrayLike) -> float | None:
    """Size of the right tail over that of the left.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.

    Returns
    -------
    float or None
        ``abs(q95 / q5)`` with linearly interpolated quantiles; None below two returns or where q5 is 0.

    Examples
    --------
    >>> round(tail_ratio([-0.03, -0.01, 0.0, 0.01, 0.02]), 6)
    0.692308
    """
    return defined(tail_statistics(np.array(as_returns(returns)))[2])
