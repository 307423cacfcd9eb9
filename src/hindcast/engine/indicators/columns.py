"""How an indicator walks a panel: column by column, over the values that are there."""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import InputError, ParameterError
from hindcast.engine.indicators import _talib

FloatArray = NDArray[np.float64]

LONGEST_WINDOW = 100_000  # TA-Lib's own bound


def checked_window(name: str, value: SupportsIndex, at_least: int = 1) -> int:
    """A window as an int. Raises ParameterError unless it is a whole number of bars within bounds."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ParameterError(f"{name} = {value!r}: expected a whole number of bars")
    window = value.__index__()
    if not at_least <= window <= LONGEST_WINDOW:
        raise ParameterError(f"{name} = {window}: expected a number of bars from {at_least} to {LONGEST_WINDOW:,}")
    return window


def as_panels(**inputs: ArrayLike) -> tuple[list[FloatArray], tuple[int, ...]]:
    """The inputs as contiguous (T, S) panels, and the shape that the result has: theirs. Raises InputError."""
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in inputs.items()}
    first = next(iter(arrays))
    shape = arrays[first].shape
    for name, array in arrays.items():
        if array.ndim not in (1, 2):
            raise InputError(f"{name} has shape {array.shape}; expected (T,) for one symbol or (T, S)")
        if array.shape != shape:
            raise InputError(f"{name} has shape {array.shape}, {first} {shape}; expected the same")
    width = 1 if len(shape) == 1 else shape[1]
    return [np.ascontiguousarray(array.reshape(shape[0], width)) for array in arrays.values()], shape


def by_talib(function: str, inputs: dict[str, ArrayLike], **options: float) -> tuple[FloatArray, ...]:
    """Outputs of a TA-Lib function on each column, in the shape of the inputs.

    A bar on which an input is not finite is left out, as if the column had no such bar, and is NaN in the outputs; so
    are the bars before the function's first value.
    """
    panels, shape = as_panels(**inputs)
    call = getattr(_talib.extension(), function)
    series = [np.ascontiguousarray(panel.T) for panel in panels]
    present = np.logical_and.reduce([np.isfinite(each) for each in series])
    results: list[FloatArray] = []
    for column in range(len(series[0])):
        there = present[column]
        if there.all():
            found = call(*(each[column] for each in series), **options)
        else:
            found = call(*(each[column][there] for each in series), **options)
        for place, output in enumerate(found if isinstance(found, tuple) else (found,)):
            if column == 0:
                results.append(np.full(series[0].shape, np.nan))
            results[place][column, there] = output
    return tuple(np.ascontiguousarray(result.T).reshape(shape) for result in results)
