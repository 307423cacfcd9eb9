"""The highest and lowest of recent values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.indicators.columns import by_talib, checked_window

FloatArray = NDArray[np.float64]


def rolling_max(values: ArrayLike, window: int) -> FloatArray:
    """The highest of the last `window` values.

    Parameters
    ----------
    values : (T, S) or (T,) array
        Any unit; missing values are left out.
    window : int
        Bars, at least 2.

    Returns
    -------
    (T, S) or (T,) array
        Same unit; NaN for the first window - 1 values.

    Raises
    ------
    ParameterError
        `window` is out of bounds.

    Examples
    --------
    >>> rolling_max([1.0, 3.0, 2.0, 1.0], 2)
    array([nan,  3.,  3.,  2.])
    """
    (out,) = by_talib("MAX", {"values": values}, timeperiod=checked_window("window", window, at_least=2))
    return out


def rolling_min(values: ArrayLike, window: int) -> FloatArray:
    """The lowest of the last `window` values. Parameters, NaN rule and errors as `rolling_max`."""
    (out,) = by_talib("MIN", {"values": values}, timeperiod=checked_window("window", window, at_least=2))
    return out
