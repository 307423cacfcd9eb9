"""How much a run was in the market and how much it traded."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.metrics.values import as_levels, as_numbers, defined

RecordArray = NDArray[np.void]


def time_in_market(gross_exposure: ArrayLike) -> float | None:
    """Share of bars whose close finds a position.

    Parameters
    ----------
    gross_exposure : array_like, shape (T,)
        Sum of |quantity * mark| at each bar's close, in money.

    Returns
    -------
    float or None
        In [0, 1]; None without bars.

    Examples
    --------
    >>> time_in_market([0.0, 100.0, 100.0, 0.0])
    0.5
    """
    checked = as_numbers(gross_exposure, name="gross_exposure")
    return int(np.count_nonzero(checked > 0.0)) / checked.size if checked.size else None


def turnover(fills: RecordArray, levels: ArrayLike, *, years: float) -> float | None:
    """How many times a year the portfolio is traded.

    Parameters
    ----------
    fills : ndarray of FILL_DTYPE, shape (n,)
        All executions, bought and sold.
    levels : array_like, shape (n + 1,)
        Equity E_0..E_n in money, E_0 > 0.
    years : float
        Elapsed days / 365.25.

    Returns
    -------
    float or None
        Sum of quantity * price of all fills / mean of E_0..E_n / years; None where mean equity or years is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from hindcast.engine.layout import FILL_DTYPE
    >>> fills = np.zeros(2, FILL_DTYPE)
    >>> fills["quantity"], fills["price"] = 1.0, [100.0, 110.0]
    >>> round(turnover(fills, [100.0, 110.0], years=0.5), 6)
    4.0
    """
    mean_equity = float(as_levels(levels).mean())
    if not (mean_equity > 0.0 and years > 0.0):
        return None
    return defined(float((fills["quantity"] * fills["price"]).sum()) / mean_equity / years)
