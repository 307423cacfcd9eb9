"""Indicators that weigh price moves by what was traded."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.indicators.columns import by_talib, checked_window

FloatArray = NDArray[np.float64]


def obv(close: ArrayLike, volume: ArrayLike) -> FloatArray:
    """On-balance volume: the running sum of volume, added on rises and taken off on falls.

    Parameters
    ----------
    close, volume : (T, S) or (T,) arrays
        Price, units traded; a bar with a missing one is left out.

    Returns
    -------
    (T, S) or (T,) array
        Units; starts with the first bar's volume, so only its changes mean something.

    References
    ----------
    Granville, J. (1963). Granville's New Key to Stock Market Profits. Prentice-Hall.

    Examples
    --------
    >>> obv([1.0, 2.0, 1.5], [100.0, 10.0, 30.0])
    array([100., 110.,  80.])
    """
    (out,) = by_talib("OBV", {"close": close, "volume": volume})
    return out


def accumulation_distribution(high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike) -> FloatArray:
    """Accumulation / distribution line: the running sum of volume times where the close stands in the bar, -1 to 1.

    Parameters
    ----------
    high, low, close, volume : (T, S) or (T,) arrays
        Prices, units traded; a bar with a missing one is left out.

    Returns
    -------
    (T, S) or (T,) array
        Units; a bar without a range adds nothing.
    """
    (out,) = by_talib("AD", {"high": high, "low": low, "close": close, "volume": volume})
    return out


def money_flow_index(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike, *, window: int = 14
) -> FloatArray:
    """Money flow index: an RSI in which each move counts by the money traded, 0 to 100.

    Parameters
    ----------
    high, low, close, volume : (T, S) or (T,) arrays
        Prices, units traded; a bar with a missing one is left out.
    window : int
        Bars, at least 2.

    Returns
    -------
    (T, S) or (T,) array
        0 to 100; NaN for the first `window` values.

    Raises
    ------
    ParameterError
        `window` is out of bounds.
    """
    inputs = {"high": high, "low": low, "close": close, "volume": volume}
    (out,) = by_talib("MFI", inputs, timeperiod=checked_window("window", window, at_least=2))
    return out
