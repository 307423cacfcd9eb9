"""Decisions of a run and of its replays, compared cell by cell: only what counts is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from hindcast.engine import layout
from hindcast.engine.signals import SIGNAL_PRICES, Signals

BoolArray = NDArray[np.bool_]
ByteArray = NDArray[np.int8]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# What a column that is not there stands for.
_ABSENT: Final = {"strength": 1.0, "weight": np.nan} | dict.fromkeys(SIGNAL_PRICES, np.nan)
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where two sets of decisions differ first."""

    bar: int
    symbol: int  # column of the panel
    column: str


class Decisions(Protocol):
    """What a strategy decided on some bars."""

    def first_difference(self, other: Self, first: int, last: int, *, exact: bool = True) -> Place | None:
        """The first difference on bars first to last, both included; not `exact`: but for rounding (1e-12)."""
        ...

    def decision_bars(self) -> IntArray:
        """The bars on which something was decided, ascending; where that is most bars, those that changed it."""
        ...

    def decided(self) -> IntArray:
        """The bars on which something was decided, ascending."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDecisions:
    """A vectorised strategy's decisions. Those within the warm-up don't count, nor numbers beside a HOLD."""

    signals: Signals
    warm_up: int

    def first_difference(self, other: Self, first: int, last: int, *, exact: bool = True) -> Place | None:
        """The first cell on bars first to last that differs; not `exact`: but for rounding (1e-12)."""
        start = max(first, min(self.warm_up, other.warm_up))
        if start > last:
            return None
        side, replayed = self._side(start, last), other._side(start, last)
        places = []
        if not np.array_equal(side, replayed):
            places.append(_first(side != replayed, start, "side"))
            last = places[0].bar
            side, replayed = side[: last - start + 1], replayed[: last - start + 1]
        mine, theirs = self.signals, other.signals
        if columns := [
            name for name in _ABSENT if getattr(mine, name) is not None or getattr(theirs, name) is not None
        ]:
            same = side == replayed
            given = {"weight": same & (side == layout.SIGNAL_TARGET)}
            others = same & (side != layout.SIGNAL_HOLD)
            for name in columns:
                wrong = given.get(name, others) & _unequal(
                    self._column(name, start, last), other._column(name, start, last), exact=exact
                )
                if wrong.any():
                    places.append(_first(wrong, start, name))
        return min(places, default=None)

    def decided(self) -> IntArray:
        """The bars with anything but HOLD, ascending."""
        return np.flatnonzero(self._side(0, len(self.signals.side) - 1).max(axis=1, initial=0))

    def decision_bars(self) -> IntArray:
        """The bars with anything but HOLD, ascending; where that is most bars, those unlike the one before."""
        found = self.decided()
        if 2 * len(found) <= len(self.signals.side):
            return found
        side, weight = self.signals.side, self.signals.weight
        changed = (side[1:] != side[:-1]).any(axis=1)
        if weight is not None:
            changed |= _unequal(weight[1:], weight[:-1], exact=True).any(axis=1)
        changes = np.intersect1d(found, np.flatnonzero(changed) + 1, assume_unique=True)
        return changes if len(changes) else found

    def _side(self, first: int, last: int) -> ByteArray:
        side = self.signals.side[first : last + 1]
        if first < self.warm_up:
            side = side.copy()
            side[: self.warm_up - first] = layout.SIGNAL_HOLD
        return side

    def _column(self, name: str, first: int, last: int) -> FloatArray | float:
        column: FloatArray | None = getattr(self.signals, name)
        return _ABSENT[name] if column is None else column[first : last + 1]


def _unequal(mine: FloatArray | float, theirs: FloatArray | float, *, exact: bool) -> BoolArray:
    """Where numbers differ; NaN is equal to NaN."""
    same = np.equal(mine, theirs) | (np.isnan(mine) & np.isnan(theirs))
    if not exact:
        size = np.maximum(np.abs(mine), np.abs(theirs))
        same |= np.abs(np.subtract(mine, theirs)) <= _ROUNDING * size
    return ~same


def _first(wrong: BoolArray, start: int, column: str) -> Place:
    bar, symbol = divmod(int(np.argmax(wrong)), wrong.shape[1])
    return Place(start + bar, symbol, column)
