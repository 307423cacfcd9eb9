"""An equity curve from anywhere: levels, and stamps where it has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ConfigError, DataError
from hindcast.engine.metrics.annualisation import (
    checked_periods_per_year,
    elapsed_days,
    even_days,
    infer_periods_per_year,
)
from hindcast.engine.metrics.values import as_levels, as_returns
from hindcast.engine.stamps import DAY_NS, day_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityCurve:
    """Levels E_0..E_n with their stamps (UTC nanoseconds), or None where only the order is known.

    ``start_inferred``: the stamp of E_0 is not an observation but one spacing before the first return. Raises
    DataError for values that are not finite, E_0 <= 0, stamps that do not increase, or fewer than two levels.
    """

    levels: FloatArray
    timestamps: IntArray | None = None
    start_inferred: bool = False

    def __post_init__(self) -> None:
        if self.timestamps is not None:
            check_stamps(self.timestamps, self.levels.size, name="equity")
        object.__setattr__(self, "levels", as_levels(self.levels, timestamps=self.timestamps))

    @classmethod
    def from_returns(cls, returns: ArrayLike, timestamps: IntArray | None = None, *, start: int | None = None) -> Self:
        """Compound n returns into n + 1 levels from E_0 = 1; once a level is 0 or below, it stays.

        The stamp of E_0 is ``start``, or one spacing before the first return (one day, if there is only one).
        """
        if timestamps is not None:
            check_stamps(timestamps, np.size(returns), name="returns")
        growth = np.ones(np.size(returns) + 1)
        np.cumprod(1.0 + as_returns(returns, timestamps=timestamps), out=growth[1:])
        if growth.min() <= 0.0:
            ruin = int(np.argmax(growth <= 0.0))
            growth[ruin:] = growth[ruin]
        if timestamps is None:
            return cls(levels=growth)
        if start is None:
            start = int(2 * timestamps[0] - timestamps[1]) if timestamps.size > 1 else int(timestamps[0]) - DAY_NS
        stamps = np.concatenate((np.array([start], dtype=np.int64), timestamps))
        return cls(levels=growth, timestamps=stamps, start_inferred=True)

    def periods_per_year(self, given: float | None) -> float:
        """What was given, else what the spacing of the observed stamps says; ConfigError without either."""
        if given is not None:
            return checked_periods_per_year(given)
        if self.timestamps is None:
            raise ConfigError(
                "the curve has no dates, so periods_per_year can't be inferred; pass it (252 for daily bars), "
                "or pass a series with dates"
            )
        return infer_periods_per_year(self.timestamps[1:] if self.start_inferred else self.timestamps)

    def days(self, periods_per_year: float) -> FloatArray:
        """Days since E_0, shape (n + 1,): by the stamps, else evenly spaced."""
        if self.timestamps is None:
            return even_days(self.levels.size - 1, periods_per_year)
        return elapsed_days(self.timestamps)

    def positions(self) -> IntArray:
        """What a benchmark is aligned on, shape (n + 1,): the stamps, else 0..n."""
        return np.arange(self.levels.size, dtype=np.int64) if self.timestamps is None else self.timestamps


def check_stamps(timestamps: IntArray, count: int, *, name: str) -> None:
    """Raise DataError unless there are `count` stamps, each after the one before."""
    if timestamps.shape != (count,):
        raise DataError(f"{name} has {count} values but {timestamps.shape[0]} dates; expected one date for each")
    late = np.flatnonzero(np.diff(timestamps) <= 0)
    if late.size:
        at = int(late[0]) + 1
        fault = "repeats" if timestamps[at] == timestamps[at - 1] else "is before"
        raise DataError(
            f"{name}: the date at position {at} ({day_text(timestamps[at])}) {fault} the one before it "
            f"({day_text(timestamps[at - 1])}); expected sorted dates, one row for each"
        )
