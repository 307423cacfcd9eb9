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
from hindcast.engine._jit import inner_kernel, kernel

FloatArray = NDArray[np.float64]
ByteArray = NDArray[np.int8]

STRETCH = 4096  # bars that a plain running sum goes on for
ROUGHNESS = 4e-15  # more than it loses on each, as a share of the largest sum
SPLITTER = 134217729.0  # 2**27 + 1: cuts a float64 into two halves whose products are exact (Dekker 1971)


@inner_kernel
def _slide(total: float, rest: float, new: float, old: float) -> tuple[float, float]:
    """The pair total + rest after `new` came in and `old` went out; nothing is lost but the rest's own last bits."""
    step = new - old
    back = step - new
    lost = (new - (step - back)) - (old + back)
    moved = total + step
    back = moved - total
    return moved, rest + (((total - (moved - back)) + (step - back)) + lost)


@inner_kernel
def _quotient(total: float, rest: float, size: float) -> float:
    """(total + rest) / size, the division's own error made good; size is a whole number below 2**27."""
    near = total / size
    big = SPLITTER * near
    high = big - (big - near)
    return near + (((total - high * size) - (near - high) * size) + rest) / size


@kernel
def rolling_mean(values: FloatArray, window: int, out: FloatArray) -> None:
    """Mean of the last `window` values of each column; (T, S) into (T, S), NaN until the window is full."""
    bars, columns = values.shape
    if columns == 1:
        _column_mean(values[:, 0], window, out[:, 0])
        return
    size = np.float64(window)
    totals = np.zeros(columns)
    rests = np.zeros(columns)
    counts = np.zeros(columns)
    for t in range(bars):
        row = values[t]
        leaving = values[max(t - window, 0)]
        into = out[t]
        for s in range(columns):
            finite = np.isfinite(row[s])
            old = leaving[s] if counts[s] >= size else 0.0
            total, rest = _slide(totals[s], rests[s], row[s] if finite else 0.0, old)
            totals[s] = total if finite else 0.0
            rests[s] = rest if finite else 0.0
            counts[s] = counts[s] + 1.0 if finite else 0.0
            into[s] = _quotient(total, rest, size) if counts[s] >= size else np.nan


@inner_kernel
def _column_mean(values: FloatArray, window: int, out: FloatArray) -> None:
    size = np.float64(window)
    total = 0.0
    rest = 0.0
    count = 0
    for t in range(len(values)):
        if not np.isfinite(values[t]):
            total = 0.0
            rest = 0.0
            count = 0
            out[t] = np.nan
            continue
        total, rest = _slide(total, rest, values[t], values[t - window] if count >= window else 0.0)
        count += 1
        out[t] = _quotient(total, rest, size) if count >= window else np.nan


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
            if not np.isfinite(x):
                total = 0.0
                rest = 0.0
                squares = 0.0
                squares_rest = 0.0
                count = 0
                alike = 0
                out[t, s] = np.nan
                continue
            alike = alike + 1 if count > 0 and x == values[t - 1, s] else 1
            total, rest = _slide(total, rest, x, 0.0)
            square, square_rest = _product(x, x)
            squares, squares_rest = _grow(squares, squares_rest, square, square_rest)
            if count >= window:
                old = values[t - window, s]
                total, rest = _slide(total, rest, 0.0, old)
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


@inner_kernel
def _grow(total: float, rest: float, value: float, value_rest: float) -> tuple[float, float]:
    """The pair total + rest, grown by a value; nothing is lost but the rest's own last bits."""
    grown = total + value
    back = grown - total
    return grown, rest + (((total - (grown - back)) + (value - back)) + value_rest)


@inner_kernel
def _settle(total: float, rest: float) -> tuple[float, float]:
    """The same pair, with the first as near to the sum as one number can be."""
    near = total + rest
    return near, (total - near) + rest


@inner_kernel
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
        _column_crossings(fast[:, 0], slow[:, 0], out[:, 0])
        return
    last = np.zeros(columns, dtype=np.int8)
    for t in range(bars):
        fast_row = fast[t]
        slow_row = slow[t]
        into = out[t]
        for s in range(columns):
            side = np.int8(fast_row[s] > slow_row[s]) - np.int8(fast_row[s] < slow_row[s])
            code = layout.SIGNAL_BUY if side > 0 else layout.SIGNAL_SELL
            into[s] = np.int8(code) if side * last[s] == -1 else np.int8(layout.SIGNAL_HOLD)
            last[s] = np.int8(side) if side != 0 else last[s]


@kernel
def mean_crossings(values: FloatArray, fast: int, slow: int, out: ByteArray) -> None:
    """Crossings of two rolling means of the same values, one row of means at a time: they never leave the cache."""
    bars, columns = values.shape
    if columns == 1:
        _column_mean_sides(values.reshape(bars), fast, slow, out.reshape(bars))
        _turns(out.reshape(bars))
        return
    fast_size = np.float64(fast)
    slow_size = np.float64(slow)
    fast_totals = np.zeros(columns)
    fast_rests = np.zeros(columns)
    slow_totals = np.zeros(columns)
    slow_rests = np.zeros(columns)
    counts = np.zeros(columns)
    sides = np.zeros(columns)
    last = np.zeros(columns)
    for t in range(bars):
        row = values[t]
        fast_leaving = values[max(t - fast, 0)]
        slow_leaving = values[max(t - slow, 0)]
        into = out[t]
        for s in range(columns):
            finite = np.isfinite(row[s])
            new = row[s] if finite else 0.0
            count = counts[s]
            fast_old = fast_leaving[s] if count >= fast_size else 0.0
            slow_old = slow_leaving[s] if count >= slow_size else 0.0
            fast_total, fast_rest = _slide(fast_totals[s], fast_rests[s], new, fast_old)
            slow_total, slow_rest = _slide(slow_totals[s], slow_rests[s], new, slow_old)
            fast_totals[s] = fast_total if finite else 0.0
            fast_rests[s] = fast_rest if finite else 0.0
            slow_totals[s] = slow_total if finite else 0.0
            slow_rests[s] = slow_rest if finite else 0.0
            count = count + 1.0 if finite else 0.0
            counts[s] = count
            apart = _quotient(fast_total, fast_rest, fast_size) - _quotient(slow_total, slow_rest, slow_size)
            known = count >= max(fast_size, slow_size)
            sides[s] = np.sign(apart) if known else 0.0
        for s in range(columns):
            turned = layout.SIGNAL_BUY if sides[s] > 0.0 else layout.SIGNAL_SELL
            into[s] = np.int8(turned) if sides[s] * last[s] < 0.0 else np.int8(layout.SIGNAL_HOLD)
            last[s] = sides[s] if sides[s] != 0.0 else last[s]


@kernel
def _column_mean_sides(values: FloatArray, fast: int, slow: int, sides: ByteArray) -> None:
    """On which side of the slow mean the fast one is: 1, -1, or 0 where they are equal or unknown.

    Plain running sums tell, but where they come too near to each other, or have met a value that is not finite. Such
    bars get means of their own, or, where there are many, their whole stretch does.
    """
    longest = max(fast, slow)
    stretch = max(STRETCH, 8 * longest)
    means = np.empty((2, min(stretch + longest, len(values))))
    first = min(longest - 1, len(values))
    for t in range(first):
        sides[t] = 0
    while first < len(values):
        last = min(first + stretch, len(values))
        doubtful = _plain_sides(values, fast, slow, first, last, sides)
        step = last - first if doubtful * 2 * longest > last - first else 1
        while first < last:
            if doubtful > 0 and (step > 1 or sides[first] == 0):
                _fresh_sides(values, fast, slow, first, first + step, means, sides)
            first += step if doubtful > 0 else last - first


@inner_kernel
def _fresh_sides(
    values: FloatArray, fast: int, slow: int, first: int, last: int, means: FloatArray, sides: ByteArray
) -> None:
    """Sides of bars first <= t < last by means that lose nothing."""
    start = first - max(fast, slow) + 1
    for row in range(2):
        _column_mean(values[start:last], fast if row == 0 else slow, means[row])
    for t in range(first, last):
        fast_mean = means[0, t - start]
        slow_mean = means[1, t - start]
        sides[t] = int(fast_mean > slow_mean) - int(fast_mean < slow_mean)


@inner_kernel
def _plain_sides(values: FloatArray, fast: int, slow: int, first: int, last: int, sides: ByteArray) -> int:
    """Sides of bars first <= t < last by plain running sums, 0 where they leave a doubt; how many such there are."""
    rough = ROUGHNESS * (last - first) * fast * slow
    fast_sum = 0.0
    slow_sum = 0.0
    largest = 0.0
    for t in range(first - max(fast, slow) + 1, first):
        fast_sum += values[t] if t > first - fast else 0.0
        slow_sum += values[t] if t > first - slow else 0.0
        largest = max(largest, abs(values[t]))
    doubtful = 0
    fast_old = 0.0
    slow_old = 0.0
    for t in range(first, last):
        fast_sum += values[t] - fast_old
        slow_sum += values[t] - slow_old
        fast_old = values[t - fast + 1]
        slow_old = values[t - slow + 1]
        largest = max(largest, abs(values[t]))
        apart = fast_sum * slow - slow_sum * fast
        side = int(apart > rough * largest) - int(apart < -rough * largest)
        sides[t] = side
        doubtful += int(side == 0)
    return doubtful


@inner_kernel
def _turns(sides: ByteArray) -> None:
    """Write SIGNAL_BUY where the side gets from -1 to 1, with zeros between or not, SIGNAL_SELL the other way."""
    before = 0
    for t in range(len(sides)):
        side = int(sides[t])
        code = layout.SIGNAL_BUY if side > 0 else layout.SIGNAL_SELL
        sides[t] = code if side * before == -1 else layout.SIGNAL_HOLD
        before = side if side != 0 else before


@inner_kernel
def _column_crossings(fast: FloatArray, slow: FloatArray, out: ByteArray) -> None:
    last = 0
    for t in range(len(fast)):
        side = int(fast[t] > slow[t]) - int(fast[t] < slow[t])
        code = layout.SIGNAL_BUY if side > 0 else layout.SIGNAL_SELL
        out[t] = code if side * last == -1 else layout.SIGNAL_HOLD
        last = side if side != 0 else last
