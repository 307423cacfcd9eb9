"""What an event-driven strategy ordered in a run and in its replays, compared command by command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.history import PortfolioHistory
from hindcast.services.backtest.proof_comparison import Place

IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDecisions:
    """The commands of an event-driven run (COMMAND_DTYPE), in their order."""

    commands: RecordArray
    symbols: int  # of the panel; orders for others are told of at its first column

    @classmethod
    def of(cls, history: PortfolioHistory) -> Self:
        """What was ordered in a run."""
        return cls(commands=history.commands, symbols=len(history.symbols))

    def first_difference(self, other: Self, first: int, last: int, *, exact: bool = True) -> Place | None:
        """The first command on bars first to last that differs; not `exact`: but for rounding (1e-12)."""
        mine, theirs = self._between(first, last), other._between(first, last)
        common = min(len(mine), len(theirs))
        places = []
        for column in mine.dtype.names or ():
            wrong = _unequal(mine[column][:common], theirs[column][:common], exact=exact)
            if wrong.any():
                places.append(self._place(mine[:common][int(np.argmax(wrong))], column))
        if len(mine) != len(theirs):
            longer = mine if len(mine) > common else theirs
            places.append(self._place(longer[common], "order"))
        return min(places, default=None, key=lambda place: place.bar)

    def decided(self) -> IntArray:
        """The bars on which something was ordered or cancelled, ascending."""
        return np.unique(self.commands["bar"])

    def decision_bars(self) -> IntArray:
        """The same: an order is a decision anew, whatever was ordered on the bar before."""
        return self.decided()

    def _between(self, first: int, last: int) -> RecordArray:
        bars = self.commands["bar"]
        found: RecordArray = self.commands[np.searchsorted(bars, first) : np.searchsorted(bars, last, "right")]
        return found

    def _place(self, command: np.void, column: str) -> Place:
        symbol = int(command["symbol"])
        return Place(int(command["bar"]), symbol if symbol < self.symbols else 0, column)


def _unequal(mine: NDArray[Any], theirs: NDArray[Any], *, exact: bool) -> NDArray[np.bool_]:
    """Where numbers differ; NaN is equal to NaN."""
    same: NDArray[np.bool_] = np.equal(mine, theirs)
    if mine.dtype.kind == "f":
        same |= np.isnan(mine) & np.isnan(theirs)
        if not exact:
            with np.errstate(invalid="ignore"):  # infinity less infinity
                same |= np.abs(mine - theirs) <= _ROUNDING * np.maximum(np.abs(mine), np.abs(theirs))
    return ~same
