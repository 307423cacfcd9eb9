"""Oscillators: how far, how fast, and where in its range a price has moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ParameterError
from hindcast.engine.indicators.columns import by_talib, checked_window

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Macd:
    """The three columns of `macd`, each in the shape and unit of the input."""

    line: FloatArray
    signal: FloatArray
    histogram: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Stochastic:
    """The two columns of `stochastic`, 0 to 100."""

    slow_k: FloatArray
    slow_d: FloatArray


def rsi(close: ArrayLike, window: int = 14) -> FloatArray:
    """Relative strength index: the share of rises in the sum of recent moves, 0 to 100.

    Parameters
    ----------
    close : (T, S) or (T,) array
        Prices; missing ones are left out.
    window : int
        Bars of Wilder's smoothing, at least 2.

    Returns
    -------
    (T, S) or (T,) array
        0 to 100; NaN for the first `window` values. No move at all in the window counts as 0.

    Raises
    ------
    ParameterError
        `window` is out of bounds.

    Notes
    -----
    100 * up / (up + down), with up and down the smoothed rises and falls: the mean of the first `window` moves, then
    (previous * (window - 1) + move) / window.

    References
    ----------
    Wilder, J. W. (1978). New Concepts in Technical Trading Systems. Trend Research.

    Examples
    --------
    >>> rsi([10.0, 11.0, 10.5, 11.5], 2).round(2)
    array([  nan,   nan, 66.67, 85.71])
    """
    (out,) = by_talib("RSI", {"close": close}, timeperiod=checked_window("window", window, at_least=2))
    return out


def macd(close: ArrayLike, fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """Moving average convergence / divergence: EMA(fast) - EMA(slow), its EMA(signal), and their difference.

    Parameters
    ----------
    close : (T, S) or (T,) array
        Prices; missing ones are left out.
    fast, slow, signal : int
        Bars, at least 2 (signal 1); fast < slow.

    Returns
    -------
    Macd
        Columns in the unit of the prices; NaN for the first slow + signal - 2 values.

    Raises
    ------
    ParameterError
        A window is out of bounds, or fast >= slow.

    References
    ----------
    Appel, G. (1979). The Moving Average Convergence-Divergence Trading Method. Signalert.
    """
    fast = checked_window("fast", fast, at_least=2)
    slow = checked_window("slow", slow, at_least=2)
    if fast >= slow:
        raise ParameterError(f"fast = {fast} and slow = {slow}: fast must be shorter than slow")
    windows = {"fastperiod": fast, "slowperiod": slow, "signalperiod": checked_window("signal", signal)}
    line, smoothed, histogram = by_talib("MACD", {"close": close}, **windows)
    return Macd(line=line, signal=smoothed, histogram=histogram)


def stochastic(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, *, window: int = 14, smooth_k: int = 3, smooth_d: int = 3
) -> Stochastic:
    """Stochastic oscillator: where the close stands in the range of the last `window` bars, smoothed twice.

    Parameters
    ----------
    high, low, close : (T, S) or (T,) arrays
        Prices; a bar with a missing one is left out.
    window, smooth_k, smooth_d : int
        Bars, at least 1: the range, then two simple means.

    Returns
    -------
    Stochastic
        0 to 100; NaN for the first window + smooth_k + smooth_d - 3 values.

    Raises
    ------
    ParameterError
        A window is out of bounds.
    """
    windows = {
        "fastk_period": checked_window("window", window),
        "slowk_period": checked_window("smooth_k", smooth_k),
        "slowd_period": checked_window("smooth_d", smooth_d),
    }
    slow_k, slow_d = by_talib("STOCH", {"high": high, "low": low, "close": close}, **windows)
    return Stochastic(slow_k=slow_k, slow_d=slow_d)


def williams_r(high: ArrayLike, low: ArrayLike, close: ArrayLike, *, window: int = 14) -> FloatArray:
    """Williams' %R: how far the close is below the highest high, as a share of the range, -100 to 0.

    Shapes and errors as `stochastic`, with a window of at least 2; NaN for the first window - 1 values.
    """
    inputs = {"high": high, "low": low, "close": close}
    (out,) = by_talib("WILLR", inputs, timeperiod=checked_window("window", window, at_least=2))
    return out


def cci(high: ArrayLike, low: ArrayLike, close: ArrayLike, *, window: int = 20) -> FloatArray:
    """Commodity channel index: the typical price's distance from its mean, in 0.015 mean absolute deviations.

    Shapes and errors as `stochastic`, with a window of at least 2; NaN for the first window - 1 values.

    References
    ----------
    Lambert, D. (1980). Commodity Channel Index. Commodities (Futures) Magazine, October.
    """
    inputs = {"high": high, "low": low, "close": close}
    (out,) = by_talib("CCI", inputs, timeperiod=checked_window("window", window, at_least=2))
    return out
