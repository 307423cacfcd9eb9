"""One pass over a panel that finds the first value that can't be a bar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import kernel

FloatArray = NDArray[np.float64]

# What is wrong with a cell; the words for each stand in `hindcast.engine.bars`.
OK = 0
PARTIAL_ROW = 1
INFINITE_PRICE = 2
PRICE_NOT_POSITIVE = 3
HIGH_BELOW_LOW = 4
HIGH_BELOW_BODY = 5
LOW_ABOVE_BODY = 6
BAD_VOLUME = 7
BAD_SPLIT = 8
BAD_DIVIDEND = 9


@kernel
def first_bad_cell(
    open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray
) -> tuple[int, int, int]:
    """(what is wrong, bar, symbol) of the first impossible cell, or (OK, -1, -1)."""
    bars, symbols = close.shape
    for t in range(bars):
        for s in range(symbols):
            o = open_[t, s]
            h = high[t, s]
            lo = low[t, s]
            c = close[t, s]
            good = 0.0 < lo <= o <= h < np.inf and lo <= c <= h
            missing = 0 if good else int(np.isnan(o)) + int(np.isnan(h)) + int(np.isnan(lo)) + int(np.isnan(c))
            if good or missing == 4:
                if volume[t, s] < 0.0 or volume[t, s] == np.inf:
                    return BAD_VOLUME, t, s
                continue
            if missing > 0:
                return PARTIAL_ROW, t, s
            if np.isinf(o) or np.isinf(h) or np.isinf(lo) or np.isinf(c):
                return INFINITE_PRICE, t, s
            if o <= 0.0 or h <= 0.0 or lo <= 0.0 or c <= 0.0:
                return PRICE_NOT_POSITIVE, t, s
            if h < lo:
                return HIGH_BELOW_LOW, t, s
            if h < o or h < c:
                return HIGH_BELOW_BODY, t, s
            return LOW_ABOVE_BODY, t, s
    return OK, -1, -1


@kernel
def first_bad_action(split: FloatArray, dividend: FloatArray) -> tuple[int, int, int]:
    """(what is wrong, bar, symbol) of the first impossible corporate action, or (OK, -1, -1)."""
    bars, symbols = split.shape
    for t in range(bars):
        for s in range(symbols):
            if not 0.0 < split[t, s] < np.inf:
                return BAD_SPLIT, t, s
            if not 0.0 <= dividend[t, s] < np.inf:
                return BAD_DIVIDEND, t, s
    return OK, -1, -1
