"""How much prices move: deviations, ranges, bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ParameterError
from hindcast.engine.indicators.averages import sma
from hindcast.engine.indicators.columns import as_panels, by_talib, checked_window
from hindcast.engine.kernels import indicators as kernels

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """The three columns of `bollinger_bands`, each in the shape and unit of the input."""

    upper: FloatArray
    middle: FloatArray
    lower: FloatArray


def rolling_std(values: ArrayLike, window: int, *, ddof: int = 1) -> FloatArray:
    """Standard deviation of the last `window` values.

    Parameters
    ----------
    values : (T, S) or (T,) array
        Any unit.
    window : int
        Bars, more than `ddof`.
    ddof : int
        1 for the sample's deviation (the default), 0 for the population's.

    Returns
    -------
    (T, S) or (T,) array
        Same unit; NaN until the window is full; exactly 0 where all its values are equal.

    Raises
    ------
    ParameterError
        `window` or `ddof` is out of bounds.

    Notes
    -----
    Sums of values and of squares are kept to about 100 bits, so what is left of their difference is right even where
    the values are large against their spread. A missing or infinite value starts the window anew.

    Examples
    --------
    >>> rolling_std([1.0, 2.0, 4.0], 2).round(4)
    array([   nan, 0.7071, 1.4142])
    """
    if ddof not in (0, 1):
        raise ParameterError(f"ddof = {ddof!r}: expected 0 (population) or 1 (sample)")
    size = checked_window("window", window, at_least=ddof + 1)
    (panel,), shape = as_panels(values=values)
    out = np.empty_like(panel)
    kernels.rolling_deviation(panel, size, ddof, out)
    return out.reshape(shape)


def bollinger_bands(close: ArrayLike, window: int = 20, width: float = 2.0) -> Bands:
    """Bollinger bands: the simple moving average, and `width` population deviations above and below.

    Parameters
    ----------
    close : (T, S) or (T,) array
        Prices.
    window : int
        Bars, at least 1.
    width : float
        Deviations, > 0.

    Returns
    -------
    Bands
        Prices; NaN until the window is full; a missing value starts the window anew.

    Raises
    ------
    ParameterError
        `window` or `width` is out of bounds.

    References
    ----------
    Bollinger, J. (2001). Bollinger on Bollinger Bands. McGraw-Hill.
    """
    if not 0.0 < width < np.inf:
        raise ParameterError(f"width = {width!r}: expected a number of deviations > 0")
    middle = sma(close, window)
    reach = width * rolling_std(close, window, ddof=0)
    return Bands(upper=middle + reach, middle=middle, lower=middle - reach)


def true_range(high: ArrayLike, low: ArrayLike, close: ArrayLike) -> FloatArray:
    """True range: the bar's range, stretched to the close before it.

    Parameters
    ----------
    high, low, close : (T, S) or (T,) arrays
        Prices; a bar with a missing one is left out.

    Returns
    -------
    (T, S) or (T,) array
        Price; NaN on the first bar, which has no close before it.

    References
    ----------
    Wilder, J. W. (1978). New Concepts in Technical Trading Systems. Trend Research.
    """
    (out,) = by_talib("TRANGE", {"high": high, "low": low, "close": close})
    return out


def atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, *, window: int = 14) -> FloatArray:
    """Average true range, by Wilder's smoothing.

    Parameters
    ----------
    high, low, close : (T, S) or (T,) arrays
        Prices; a bar with a missing one is left out.
    window : int
        Bars, at least 1.

    Returns
    -------
    (T, S) or (T,) array
        Price; NaN for the first `window` values.

    Raises
    ------
    ParameterError
        `window` is out of bounds.

    References
    ----------
    Wilder, J. W. (1978). New Concepts in Technical Trading Systems. Trend Research.
    """
    inputs = {"high": high, "low": low, "close": close}
    (out,) = by_talib("ATR", inputs, timeperiod=checked_window("window", window))
    return out


def natr(high: ArrayLike, low: ArrayLike, close: ArrayLike, *, window: int = 14) -> FloatArray:
    """Average true range in percent of the close. Parameters, NaN rule and errors as `atr`."""
    inputs = {"high": high, "low": low, "close": close}
    (out,) = by_talib("NATR", inputs, timeperiod=checked_window("window", window))
    return out
