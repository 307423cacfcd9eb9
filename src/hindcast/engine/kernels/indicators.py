"""Windows that slide over a panel, and the crossings of two columns.

A running sum drifts. These keep the rounding error of each step in a second number (Neumaier's sum): the pair is
right to about 100 bits however long the panel, so a mean equals that of a fresh window. A window starts anew after a
value that is not finite. The panel is walked row by row, as it lies in memory; a single column keeps its sums in
registers instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.engine import layout
from hindcast.engine._jit import kernel

FloatArray = NDArray[np.float64]
ByteArray = NDArray[np.int8]

SPLITTER = 134217729.0  # 2**27 + 1: cuts a float64 into two halves whose products are exact (Dekker 1971)


@kernel
def rolling_mean(values: FloatArray, window: int, out: FloatArray) -> None:
    """Mean of the last `window` values of each column; (T, S) into (T, S), NaN until the window is full."""
    bars, columns = values.shape
    if columns == 1:
        _column_mean(values[:, 0], window, out[:, 0])
        return
    size = np.float64(window)
    sums = np.zeros(columns)
    rests = np.zeros(columns)
    counts = np.zeros(columns)
    for t in range(bars):
        row = values[t]
        leaving = values[max(t - window, 0)]
        into = out[t]
        for s in range(columns):
            x = row[s]
            finite = x - x == 0.0
            full = counts[s] >= size
            counts[s] = counts[s] + 1.0 if finite else 0.0
            old = leaving[s] if full else 0.0
            step = x - old
            back = step - x
            step_rest = (x - (step - back)) - (old + back)
            total = sums[s] + step
            back = total - sums[s]
            total_rest = (sums[s] - (total - back)) + (step - back)
            total = total if finite else 0.0
            rest = rests[s] + (total_rest + step_rest) if finite else 0.0
            sums[s] = total
            rests[s] = rest
            near = total / size
            big = SPLITTER * near
            high = big - (big - near)
            left = ((total - high * size) - (near - high) * size) + rest
            into[s] = near + left / size if counts[s] >= size else np.nan


@kernel
def _column_mean(values: FloatArray, window: int, out: FloatArray) -> None:
    size = np.float64(window)
    total = 0.0
    rest = 0.0
    count = 0
    for t in range(len(values)):
        x = values[t]
        if x - x != 0.0:
            total = 0.0
            rest = 0.0
            count = 0
            out[t] = np.nan
            continue
        old = values[t - window] if count >= window else 0.0
        count += 1
        step = x - old
        back = step - x
        step_rest = (x - (step - back)) - (old + back)
        grown = total + step
        back = grown - total
        rest += ((total - (grown - back)) + (step - back)) + step_rest
        total = grown
        if count < window:
            out[t] = np.nan
            continue
        near = total / size
        big = SPLITTER * near
        high = big - (big - near)
        left = ((total - high * size) - (near - high) * size) + rest
        out[t] = near + left / size


@kernel
def rolling_deviation(values: FloatArray, window: int, ddof: int, out: FloatArray) -> None:
    """Standard deviation of the last `window` values of each column; (T, S) into (T, S), NaN until it is full."""
    bars, columns = values.shape
    size = np.float64(window)
    freedom = size * np.float64(window - ddof)
    for s in range(columns):
        total = 0.0
        rest = 0.0
        squares = 0.0
        squares_rest = 0.0
        count = 0
        alike = 0
        for t in range(bars):
            x = values[t, s]
            if x - x != 0.0:
                total = 0.0
                rest = 0.0
                squares = 0.0
                squares_rest = 0.0
                count = 0
                alike = 0
                out[t, s] = np.nan
                continue
            alike = alike + 1 if count > 0 and x == values[t - 1, s] else 1
            total, rest = _grow(total, rest, x, 0.0)
            square, square_rest = _product(x, x)
            squares, squares_rest = _grow(squares, squares_rest, square, square_rest)
            if count >= window:
                old = values[t - window, s]
                total, rest = _grow(total, rest, -old, 0.0)
                square, square_rest = _product(old, old)
                squares, squares_rest = _grow(squares, squares_rest, -square, -square_rest)
            count += 1
            if count < window:
                out[t, s] = np.nan
                continue
            if alike >= window:
                out[t, s] = 0.0
                continue
            sum_, sum_rest = _settle(total, rest)
            first, first_rest = _product(sum_, sum_)
            second, second_rest = _product(squares, size)
            spread = (second - first) + (((second_rest + squares_rest * size) - first_rest) - 2.0 * sum_ * sum_rest)
            out[t, s] = np.sqrt(max(spread, 0.0) / freedom)


@kernel
def _grow(total: float, rest: float, value: float, value_rest: float) -> tuple[float, float]:
    """The pair total + rest, grown by a value; nothing is lost but the rest's own last bits."""
    grown = total + value
    back = grown - total
    return grown, rest + (((total - (grown - back)) + (value - back)) + value_rest)


@kernel
def _settle(total: float, rest: float) -> tuple[float, float]:
    """The same pair, with the first as near to the sum as one number can be."""
    near = total + rest
    return near, (total - near) + rest


@kernel
def _product(a: float, b: float) -> tuple[float, float]:
    """The product as one rounded number, and what that lacks."""
    product = a * b
    big_a = SPLITTER * a
    high_a = big_a - (big_a - a)
    low_a = a - high_a
    big_b = SPLITTER * b
    high_b = big_b - (big_b - b)
    low_b = b - high_b
    return product, low_a * low_b - (((product - high_a * high_b) - low_a * high_b) - high_a * low_b)


@kernel
def crossings(fast: FloatArray, slow: FloatArray, out: ByteArray) -> None:
    """SIGNAL_BUY where fast gets above slow, having been below it last; SIGNAL_SELL the other way; (T, S).

    Equal values, and bars where either is NaN, are neither above nor below: the side before them counts.
    """
    bars, columns = fast.shape
    if columns == 1:
        was = 0
        for t in range(bars):
            f = fast[t, 0]
            w = slow[t, 0]
            now = int(f > w) - int(f < w)
            turned = now * was == -1
            out[t, 0] = (layout.SIGNAL_BUY if now > 0 else layout.SIGNAL_SELL) if turned else layout.SIGNAL_HOLD
            was = now if now != 0 else was
        return
    last = np.zeros(columns, dtype=np.int8)
    for t in range(bars):
        fast_row = fast[t]
        slow_row = slow[t]
        into = out[t]
        for s in range(columns):
            side = np.int8(fast_row[s] > slow_row[s]) - np.int8(fast_row[s] < slow_row[s])
            turned = side * last[s] == -1
            code = layout.SIGNAL_BUY if side > 0 else layout.SIGNAL_SELL
            into[s] = np.int8(code) if turned else np.int8(layout.SIGNAL_HOLD)
            last[s] = np.int8(side) if side != 0 else last[s]
