"""Where one column crosses another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.engine.indicators.columns import as_panels
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
