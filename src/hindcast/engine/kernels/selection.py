"""Order statistics without sorting: quickselect with a sampled pivot and a partition that does not branch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import inner_kernel, stepping_kernel

FloatArray = NDArray[np.float64]

SMALL = 16  # at most this many values are sorted by insertion
SAMPLE = 15  # values that a pivot is chosen from


@inner_kernel
def sort_small(values: FloatArray, first: int, last: int) -> None:
    """Sort values[first..last] in place by insertion."""
    for i in range(first + 1, last + 1):
        value = values[i]
        j = i - 1
        while j >= first and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@inner_kernel
def move_below(values: FloatArray, first: int, last: int, pivot: float) -> int:
    """Move what is below the pivot to the front of values[first..last]; the index after it."""
    store = first
    for i in range(first, last + 1):
        value = values[i]
        values[i] = values[store]
        values[store] = value
        store += int(value < pivot)
    return store


@inner_kernel
def move_equal(values: FloatArray, first: int, last: int, pivot: float) -> int:
    """Move what equals the pivot to the front of values[first..last]; the index after it."""
    store = first
    for i in range(first, last + 1):
        value = values[i]
        values[i] = values[store]
        values[store] = value
        store += int(value == pivot)
    return store


@stepping_kernel
def select(values: FloatArray, first: int, last: int, k: int) -> None:
    """Put values[k] into its sorted place in values[first..last]: nothing larger before it, nothing smaller after.

    The values are finite. The pivot is the value of an evenly spaced sample whose rank in the sample is nearest to the
    rank that is looked for, so that a 5 % quantile is left with about a tenth of the values after one partition.
    """
    while last - first >= SMALL:
        step = (last - first) // SAMPLE
        for i in range(SAMPLE):
            source = first + i * step
            target = first + i
            value = values[source]
            values[source] = values[target]
            values[target] = value
        sort_small(values, first, first + SAMPLE - 1)
        rank = ((k - first) * SAMPLE) // (last - first + 1)
        # One further towards the middle: the wanted value then more often lies in the smaller part.
        rank += int(2 * rank < SAMPLE - 1) - int(2 * rank > SAMPLE - 1)
        pivot = values[first + rank]
        store = move_below(values, first, last, pivot)
        if k < store:
            last = store - 1
        else:
            first = store
            store = move_equal(values, first, last, pivot)
            if k < store:
                return
            first = store
    sort_small(values, first, last)


@inner_kernel
def interpolated(lower: float, upper: float, fraction: float) -> float:
    """Between two neighbouring order statistics, in the same arithmetic as numpy's linear quantile."""
    step = upper - lower
    if fraction >= 0.5:
        return upper - step * (1.0 - fraction)
    return lower + step * fraction


@stepping_kernel
def lower_tail(values: FloatArray, share: float) -> tuple[float, float]:
    """(quantile, mean of the int((n - 1) * share) + 1 lowest) of n >= 2 values, which it rearranges."""
    n = values.size
    position = (n - 1) * share
    k = int(position)
    select(values, 0, n - 1, k)
    total = 0.0
    for i in range(k + 1):
        total += values[i]
    above = values[k + 1]
    for i in range(k + 2, n):
        above = min(above, values[i])
    return interpolated(values[k], above, position - k), total / (k + 1)


@stepping_kernel
def upper_quantile(values: FloatArray, share: float, first: int) -> float:
    """Quantile of n >= 2 values that `lower_tail` left with the lowest before `first`; share < 1."""
    n = values.size
    position = (n - 1) * share
    k = int(position)
    select(values, min(first, k), n - 1, k)
    above = values[k + 1]
    for i in range(k + 2, n):
        above = min(above, values[i])
    return interpolated(values[k], above, position - k)
