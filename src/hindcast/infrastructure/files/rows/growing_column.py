"""A column that grows block by block and ends as one array, without being held twice."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.float64, np.int64, np.bool_)


class GrowingColumn(Generic[Number]):
    """Values that are appended; memory that is reserved and not yet used costs nothing."""

    def __init__(self, kind: type[Number]) -> None:
        self._values: NDArray[Number] = np.empty(0, dtype=kind)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def append(self, values: NDArray[Number]) -> None:
        """Put values at the end."""
        needed = self._used + len(values)
        if needed > len(self._values):
            # In place: large blocks are moved by the system's page table, not copied. Nobody else has seen the array.
            self._values.resize(needed if not self._used else max(needed, self._used * 3 // 2), refcheck=False)
        self._values[self._used : needed] = values
        self._used = needed

    def take(self) -> NDArray[Number]:
        """All values as one array, which is the caller's; the column is empty afterwards."""
        found = self._values
        found.resize(self._used, refcheck=False)
        self._values, self._used = np.empty(0, dtype=found.dtype), 0
        return found
