"""Whether there is a trend, and which way it goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ParameterError
from hindcast.engine.indicators.columns import by_talib, checked_window

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directional:
    """The three columns of `directional_movement`, 0 to 100."""

    adx: FloatArray
    plus: FloatArray
    minus: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Aroon:
    """The two columns of `aroon`, 0 to 100."""

    up: FloatArray
    down: FloatArray


def directional_movement(high: ArrayLike, low: ArrayLike, close: ArrayLike, *, window: int = 14) -> Directional:
    """Wilder's directional movement: +DI, -DI, and ADX, the strength of the trend whatever its direction.

    Parameters
    ----------
    high, low, close : (T, S) or (T,) arrays
        Prices; a bar with a missing one is left out.
    window : int
        Bars of Wilder's smoothing, at least 2.

    Returns
    -------
    Directional
        0 to 100; NaN for the first `window` values (+DI, -DI) or 2 * window - 1 (ADX).

    Raises
    ------
    ParameterError
        `window` is out of bounds.

    References
    ----------
    Wilder, J. W. (1978). New Concepts in Technical Trading Systems. Trend Research.
    """
    inputs = {"high": high, "low": low, "close": close}
    size = checked_window("window", window, at_least=2)
    adx, plus, minus = (by_talib(name, inputs, timeperiod=size)[0] for name in ("ADX", "PLUS_DI", "MINUS_DI"))
    return Directional(adx=adx, plus=plus, minus=minus)


def aroon(high: ArrayLike, low: ArrayLike, *, window: int = 14) -> Aroon:
    """Aroon: how recent the highest high and the lowest low of the last window + 1 bars are; 100 is this bar.

    Parameters
    ----------
    high, low : (T, S) or (T,) arrays
        Prices; a bar with a missing one is left out.
    window : int
        Bars, at least 2.

    Returns
    -------
    Aroon
        0 to 100; NaN for the first `window` values.

    Raises
    ------
    ParameterError
        `window` is out of bounds.
    """
    inputs = {"high": high, "low": low}
    down, up = by_talib("AROON", inputs, timeperiod=checked_window("window", window, at_least=2))
    return Aroon(up=up, down=down)


def parabolic_sar(high: ArrayLike, low: ArrayLike, *, acceleration: float = 0.02, maximum: float = 0.2) -> FloatArray:
    """Parabolic stop and reverse: the price at which Wilder's system would turn round.

    Parameters
    ----------
    high, low : (T, S) or (T,) arrays
        Prices; a bar with a missing one is left out.
    acceleration, maximum : float
        Step and limit of the acceleration factor, 0 < acceleration <= maximum <= 1.

    Returns
    -------
    (T, S) or (T,) array
        Price; NaN on the first bar.

    Raises
    ------
    ParameterError
        The factors are out of bounds.

    References
    ----------
    Wilder, J. W. (1978). New Concepts in Technical Trading Systems. Trend Research.
    """
    if not 0.0 < acceleration <= maximum <= 1.0:
        raise ParameterError(
            f"acceleration = {acceleration!r} and maximum = {maximum!r}: expected 0 < acceleration <= maximum <= 1"
        )
    (out,) = by_talib("SAR", {"high": high, "low": low}, acceleration=acceleration, maximum=maximum)
    return out
