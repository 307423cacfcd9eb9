"""What goes into a metric (finite numbers) and what comes out of it (a number, or None where it is undefined)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import DataError
from hindcast.engine.stamps import day_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def defined(value: float) -> float | None:
    """The value as a Python float; None where it is NaN or infinite: no metric is ever either."""
    return float(value) if math.isfinite(value) else None


def as_numbers(values: ArrayLike, *, name: str, timestamps: IntArray | None = None) -> FloatArray:
    """Finite float64 values, shape (n,), read-only; DataError names the first that is not finite, and its date."""
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} can't be read as numbers: {error}; expected one column of floats") from None
    if np.ndim(values) != 1:
        raise DataError(f"{name} has shape {np.shape(values)}; expected one dimension")
    finite = np.isfinite(array)
    if not finite.all():
        first = int(np.argmin(finite))
        date = f" ({day_text(timestamps[first])})" if timestamps is not None and first < timestamps.size else ""
        raise DataError(
            f"{name} is {array[first]} at position {first}{date}; expected finite numbers: drop or fill it first"
        )
    return read_only(array)


def as_levels(values: ArrayLike, *, name: str = "equity", timestamps: IntArray | None = None) -> FloatArray:
    """Levels E_0..E_n, shape (n + 1,), n >= 1, the first above 0; later ones may be anything (ruin)."""
    levels = as_numbers(values, name=name, timestamps=timestamps)
    if levels.size < 2:
        raise DataError(f"{name} has {levels.size} values; expected at least two: where it began and one period later")
    if levels[0] <= 0.0:
        raise DataError(f"{name} begins at {levels[0]}; expected a first value above 0")
    return levels


def as_returns(values: ArrayLike, *, name: str = "returns", timestamps: IntArray | None = None) -> FloatArray:
    """Simple returns per period as fractions, shape (n,), n >= 1."""
    returns = as_numbers(values, name=name, timestamps=timestamps)
    if returns.size == 0:
        raise DataError(f"{name} is empty; expected at least one return")
    return returns


def read_only(array: FloatArray) -> FloatArray:
    """A read-only view, so that each kernel is compiled for one type of array only."""
    view = array.view()
    view.flags.writeable = False
    return view
