"""Ulcer index: depth and length of drawdowns in one number."""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from hindcast.engine.kernels.curve_metrics import drawdown_path
from hindcast.engine.metrics.values import as_levels


def ulcer_index(levels: ArrayLike) -> float:
    """Root mean square of the drawdowns.

    Parameters
    ----------
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.

    Returns
    -------
    float
        ``sqrt(mean(drawdown^2))`` over E_1..E_n, a fraction.

    References
    ----------
    Martin, P. G. and McCann, B. B. (1989). The Investor's Guide to Fidelity Funds. Wiley.

    Examples
    --------
    >>> round(ulcer_index([100.0, 120.0, 90.0, 130.0]), 6)
    0.144338
    """
    checked = as_levels(levels)
    return math.sqrt(drawdown_path(checked, checked)[2] / (checked.size - 1))
