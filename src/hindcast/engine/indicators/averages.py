"""Moving averages."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.indicators.columns import as_panels, by_talib, checked_window
from hindcast.engine.kernels import indicators as kernels

FloatArray = NDArray[np.float64]


def sma(values: ArrayLike, window: int) -> FloatArray:
    """Simple moving average: the mean of the last `window` values.

    Parameters
    ----------
    values : (T, S) or (T,) array
        Any unit.
    window : int
        Bars, at least 1.

    Returns
    -------
    (T, S) or (T,) array
        Same unit; NaN until the window is full.

    Raises
    ------
    ParameterError
        `window` is out of bounds.
    InputError
        `values` has neither one nor two dimensions.

    Notes
    -----
    The running sum is kept to about 100 bits, so each value equals the mean of a fresh window however long the panel.
    A missing or infinite value starts the window anew: the next average stands `window` bars after it.

    Examples
    --------
    >>> sma([1.0, 2.0, 3.0, 4.0], 2)
    array([nan, 1.5, 2.5, 3.5])
    """
    size = checked_window("window", window)
    (panel,), shape = as_panels(values=values)
    out = np.empty_like(panel)
    kernels.rolling_mean(panel, size, out)
    return out.reshape(shape)


def ema(values: ArrayLike, window: int) -> FloatArray:
    """Exponential moving average with weight 2 / (window + 1) on the newest value.

    Parameters
    ----------
    values : (T, S) or (T,) array
        Any unit; missing values are left out.
    window : int
        Bars, at least 1.

    Returns
    -------
    (T, S) or (T,) array
        Same unit; NaN for the first window - 1 values. The first average is their simple mean (TA-Lib's seed).

    Raises
    ------
    ParameterError
        `window` is out of bounds.

    Examples
    --------
    >>> ema([1.0, 2.0, 3.0, 4.0], 3)
    array([nan, nan,  2.,  3.])
    """
    (out,) = by_talib("EMA", {"values": values}, timeperiod=checked_window("window", window))
    return out


def wma(values: ArrayLike, window: int) -> FloatArray:
    """Linearly weighted moving average: weights 1 … window, the newest heaviest.

    Parameters, unit and errors as `ema`; NaN for the first window - 1 values.

    Examples
    --------
    >>> wma([1.0, 2.0, 3.0], 2).round(4)
    array([   nan, 1.6667, 2.6667])
    """
    (out,) = by_talib("WMA", {"values": values}, timeperiod=checked_window("window", window))
    return out


def dema(values: ArrayLike, window: int) -> FloatArray:
    """Double exponential moving average: 2 EMA - EMA(EMA).

    Parameters, unit and errors as `ema`; NaN for the first 2 (window - 1) values.

    References
    ----------
    Mulloy, P. (1994). Smoothing data with faster moving averages. Technical Analysis of Stocks & Commodities 12(1).
    """
    (out,) = by_talib("DEMA", {"values": values}, timeperiod=checked_window("window", window))
    return out


def tema(values: ArrayLike, window: int) -> FloatArray:
    """Triple exponential moving average: 3 EMA - 3 EMA(EMA) + EMA(EMA(EMA)).

    Parameters, unit and errors as `ema`; NaN for the first 3 (window - 1) values.

    References
    ----------
    Mulloy, P. (1994). Smoothing data with less lag. Technical Analysis of Stocks & Commodities 12(2).
    """
    (out,) = by_talib("TEMA", {"values": values}, timeperiod=checked_window("window", window))
    return out


def kama(values: ArrayLike, window: int) -> FloatArray:
    """Kaufman's adaptive moving average: fast where prices go one way, slow where they go to and fro.

    Parameters, unit and errors as `ema`, with a window of at least 2; NaN for the first `window` values.

    References
    ----------
    Kaufman, P. (1995). Smarter Trading. McGraw-Hill.
    """
    (out,) = by_talib("KAMA", {"values": values}, timeperiod=checked_window("window", window, at_least=2))
    return out
