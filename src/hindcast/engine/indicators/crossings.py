"""Where one column crosses another, as signal codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.indicators.columns import as_panels, checked_window
from hindcast.engine.kernels import indicators as kernels

ByteArray = NDArray[np.int8]


def crossings(fast: ArrayLike, slow: ArrayLike) -> ByteArray:
    """Signal codes of crossings: SIGNAL_BUY where `fast` gets above `slow`, SIGNAL_SELL where it gets below.

    Parameters
    ----------
    fast, slow : (T, S) or (T,) arrays
        In the same unit.

    Returns
    -------
    (T, S) or (T,) array of int8
        `layout.SIGNAL_HOLD` where nothing crosses.

    Raises
    ------
    InputError
        The shapes differ.

    Notes
    -----
    A crossing needs a side to come from: equal values and NaN are no side, the last side before them counts. So a touch
    is no crossing, the first side that is seen is none either, and what crossed during a gap is seen on the first bar
    after it.

    Examples
    --------
    >>> crossings([1.0, 3.0, 2.0, 3.0, 1.0], [2.0, 2.0, 2.0, 2.0, 2.0])
    array([0, 1, 0, 0, 2], dtype=int8)
    """
    (above, below), shape = as_panels(fast=fast, slow=slow)
    codes = np.empty(above.shape, dtype=np.int8)
    kernels.crossings(above, below, codes)
    return codes.reshape(shape)


def sma_crossings(values: ArrayLike, fast: int, slow: int) -> ByteArray:
    """Signal codes where the simple moving average of `fast` bars crosses that of `slow` bars.

    Parameters
    ----------
    values : (T, S) or (T,) array
        Any unit.
    fast, slow : int
        Bars, at least 1.

    Returns
    -------
    (T, S) or (T,) array of int8
        The same as ``crossings(sma(values, fast), sma(values, slow))``, without storing the averages.

    Raises
    ------
    ParameterError
        A window is out of bounds.

    Examples
    --------
    >>> sma_crossings([3.0, 2.0, 1.0, 2.0, 4.0, 3.0, 1.0], 1, 2)
    array([0, 0, 0, 1, 0, 2, 0], dtype=int8)
    """
    windows = checked_window("fast", fast), checked_window("slow", slow)
    (panel,), shape = as_panels(values=values)
    codes = np.empty(panel.shape, dtype=np.int8)
    kernels.mean_crossings(panel, *windows, codes)
    return codes.reshape(shape)
