"""The shape of the returns: skewness and excess kurtosis, sample-corrected."""

from __future__ import annotations

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import corrected_kurtosis, corrected_skewness, power_sums
from hindcast.engine.metrics.values import as_returns, defined


def skewness(returns: ArrayLike) -> float | None:
    """Sample-corrected skewness (G1), as pandas and spreadsheets have it.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.

    Returns
    -------
    float or None
        None below three returns or without variance (pandas: 0).

    References
    ----------
    Joanes, D. N. and Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician 47(1).
    doi:10.1111/1467-9884.00122

    Examples
    --------
    >>> round(skewness([0.01, -0.01, 0.02]), 6)
    -0.93522
    """
    checked = as_returns(returns)
    mean, second, third, _ = power_sums(checked)
    return defined(corrected_skewness(mean, second, third, checked.size))


def excess_kurtosis(returns: ArrayLike) -> float | None:
    """Sample-corrected excess kurtosis (G2), as pandas and spreadsheets have it.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.

    Returns
    -------
    float or None
        0 for a normal distribution; None below four returns or without variance.

    References
    ----------
    Joanes, D. N. and Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician 47(1).
    doi:10.1111/1467-9884.00122

    Examples
    --------
    >>> round(excess_kurtosis([0.01, -0.01, 0.02, 0.0]), 6)
    -1.2
    """
    checked = as_returns(returns)
    mean, second, _, fourth = power_sums(checked)
    return defined(corrected_kurtosis(mean, second, fourth, checked.size))
