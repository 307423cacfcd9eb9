"""Which classes of bad bars were found on which rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.services.market_data.quality.bad_bars import ROW_CLASSES

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_BIT: Final = {name: 1 << place for place, name in enumerate(ROW_CLASSES)}


class RowMarks:
    """A set of classes for each of n rows."""

    def __init__(self, rows: int) -> None:
        self._codes = np.zeros(rows, dtype=np.int64)

    def add(self, name: str, rows: BoolArray | IntArray) -> None:
        """Mark rows, by mask or by place. Raises KeyError for what is no class of bad rows."""
        bit = _BIT[name]
        if rows.any() or rows.dtype != np.bool_:
            self._codes[rows] |= bit

    def having(self, *names: str) -> BoolArray:
        """Rows that have any of the marks, shape (n,)."""
        found: BoolArray = (self._codes & sum(_BIT[name] for name in names)) != 0
        return found

    @property
    def any(self) -> BoolArray:
        """Rows that have a mark, shape (n,)."""
        found: BoolArray = self._codes != 0
        return found

    def reasons(self, places: IntArray) -> tuple[tuple[str, ...], ...]:
        """All marks of each of these rows, in the catalogue's order."""
        kinds, which = np.unique(self._codes[places], return_inverse=True)
        names = [tuple(name for name, bit in _BIT.items() if code & bit) for code in kinds.tolist()]
        return tuple(names[kind] for kind in which.tolist())
