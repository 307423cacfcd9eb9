"""Returns over a number of bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.indicators.columns import as_panels, checked_window

FloatArray = NDArray[np.float64]


def simple_returns(prices: ArrayLike, periods: int = 1) -> FloatArray:
    """Price now over the price `periods` values before, less 1.

    Parameters
    ----------
    prices : (T, S) or (T,) array
        Prices > 0; missing ones are left out, so a return reaches over a gap to the last price before it.
    periods : int
        Values to look back, at least 1.

    Returns
    -------
    (T, S) or (T,) array
        Fractions; NaN for the first `periods` values and where the price is missing.

    Raises
    ------
    ParameterError
        `periods` is out of bounds.

    Examples
    --------
    >>> simple_returns([100.0, 110.0, 99.0]).round(4)
    array([ nan,  0.1, -0.1])
    """
    return _ratios(prices, periods) - 1.0


def log_returns(prices: ArrayLike, periods: int = 1) -> FloatArray:
    """Logarithm of the price now over the price `periods` values before. Otherwise as `simple_returns`."""
    return np.log(_ratios(prices, periods))


def _ratios(prices: ArrayLike, periods: int) -> FloatArray:
    back = checked_window("periods", periods)
    (panel,), shape = as_panels(prices=prices)
    ratios = np.full(panel.shape, np.nan)
    present = np.isfinite(panel)
    if present.all():
        np.divide(panel[back:], panel[:-back], out=ratios[back:])
        return ratios.reshape(shape)
    for column in range(panel.shape[1]):
        places = np.flatnonzero(present[:, column])
        values = panel[places, column]
        ratios[places[back:], column] = values[back:] / values[:-back]
    return ratios.reshape(shape)
