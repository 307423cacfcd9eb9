"""The ready-made columns of bars that are known up to a bar, and altered after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class ContinuedFeatures(Mapping[str, FloatArray]):
    """The known columns up to a bar, other values after it; nothing is computed before it is read.

    A ready-made column never looks ahead, so that its values up to the bar are what they were.
    """

    def __init__(
        self, features: Mapping[str, FloatArray], known: int, continuation: Callable[[str], FloatArray] | None
    ) -> None:
        self._features = features
        self._known = known  # bars whose values stand
        self._continuation = continuation  # the column of all bars by its name; None where there are no further bars
        self._found: dict[str, FloatArray] = {}

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self._found:
            found = self._features[name][: self._known]
            if self._continuation is not None:
                found = np.concatenate((found, self._continuation(name)[self._known :]))
                found.flags.writeable = False
            self._found[name] = found
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)
