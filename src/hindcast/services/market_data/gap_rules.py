"""What features and marks take where a symbol has no bar; the prices themselves stay missing.

A gap lies between a symbol's first and last bar. Before the first, nothing is ever filled in. Behind the last, `raise`
sees no gap, while `forward_fill` goes on carrying the last close: on the day itself nobody knows that it was the last.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import ConfigError, MissingDataError
from hindcast.engine.stamps import day_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

GapRule = Literal["forward_fill", "drop", "raise"]
GAP_RULES: Final[tuple[str, ...]] = get_args(GapRule)


def check_gap_rule(rule: str) -> None:
    """Raises ConfigError for what is no gap rule."""
    if rule not in GAP_RULES:
        raise ConfigError(f"gap_rule={rule!r}; expected one of {', '.join(GAP_RULES)}")


def forward_filled(closes: FloatArray) -> FloatArray:
    """The closes, (T, S), each gap filled with the close last seen; NaN before a symbol's first."""
    bars = np.arange(len(closes))[:, None]
    seen = np.maximum.accumulate(np.where(np.isnan(closes), -1, bars), axis=0)
    filled: FloatArray = np.take_along_axis(closes, np.maximum(seen, 0), axis=0)
    return filled


def gaps(closes: FloatArray) -> BoolArray:
    """Where a symbol has no close between its first and its last, (T, S)."""
    present = ~np.isnan(closes)
    begun = np.logical_or.accumulate(present, axis=0)
    goes_on = np.logical_or.accumulate(present[::-1], axis=0)[::-1]
    found: BoolArray = ~present & begun & goes_on
    return found


def refuse_gaps(closes: FloatArray, timestamps: IntArray, symbols: tuple[str, ...]) -> None:
    """Raises MissingDataError with symbol and date of the first gap."""
    missing = gaps(closes)
    if not missing.any():
        return
    bar, column = (int(place[0]) for place in np.nonzero(missing))
    raise MissingDataError(
        f"{symbols[column]} has no bar on {day_text(timestamps[bar])}, between its first and its last "
        f"({int(missing.sum())} missing in all); fill it at its source, or choose gap_rule='forward_fill' or 'drop'"
    )


def packed_order(closes: FloatArray) -> IntArray:
    """For each symbol the bars that it has, in order, then those that it lacks, (T, S)."""
    order: IntArray = np.argsort(np.isnan(closes), axis=0, kind="stable").astype(np.int64)
    return order


def packed(values: FloatArray, order: IntArray) -> FloatArray:
    """Each symbol's values moved together, so that a window runs over bars that exist, (T, S)."""
    together: FloatArray = np.take_along_axis(values, order, axis=0)
    return together


def unpacked(values: FloatArray, order: IntArray) -> FloatArray:
    """Packed values back on their own bars, (T, S)."""
    spread = np.empty_like(values)
    np.put_along_axis(spread, order, values, axis=0)
    return spread
