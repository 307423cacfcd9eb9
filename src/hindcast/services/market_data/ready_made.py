"""The ready-made columns of a panel: by the store's SQL where the panel is small, by the engine's kernels where not.

The SQL is the definition; a test holds the kernels to it. Over 500 symbols of 2,520 bars SQL windows take two seconds,
the kernels a twentieth of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.bars import Bars
from hindcast.engine.indicators.averages import sma
from hindcast.engine.indicators.volatility import rolling_std
from hindcast.services.ports import FeatureStore

FloatArray = NDArray[np.float64]

FEATURES: Final = ("sma_10", "sma_30", "sma_50", "daily_return", "volatility_20d", "return_volatility_20d")
SMALL_PANEL: Final = 50_000  # bars times symbols; SQL windows take some 0.1 s for it


class FeaturesBySize:
    """A feature store that asks another one for small panels, and computes large ones itself."""

    def __init__(self, small: FeatureStore, *, small_panel: int = SMALL_PANEL) -> None:
        self._small = small
        self._small_panel = small_panel

    def compute(self, bars: Bars, closes: FloatArray) -> Mapping[str, FloatArray]:
        """The columns by name, each (T, S); of a large panel each is computed when it is read."""
        return self._small.compute(bars, closes) if closes.size <= self._small_panel else KernelFeatures(closes)


class KernelFeatures(Mapping[str, FloatArray]):
    """The columns by the engine's kernels, each when it is read."""

    def __init__(self, closes: FloatArray) -> None:
        self._closes = closes

    def __getitem__(self, name: str) -> FloatArray:
        if name not in FEATURES:
            raise KeyError(name)
        return column_of(name, self._closes)

    def __iter__(self) -> Iterator[str]:
        return iter(FEATURES)

    def __len__(self) -> int:
        return len(FEATURES)


def column_of(name: str, closes: FloatArray) -> FloatArray:
    """A ready-made column of closes after the gap rule, (T, S): the feature store's, but for rounding."""
    match name:
        case "daily_return":
            return _daily_return(closes)
        case "volatility_20d":
            return rolling_std(closes, 20)
        case "return_volatility_20d":
            return rolling_std(_daily_return(closes), 20)
        case _:
            return sma(closes, int(name.removeprefix("sma_")))


def _daily_return(closes: FloatArray) -> FloatArray:
    """Close / close of the bar before - 1, (T, S); NaN where either is missing."""
    found = np.full(closes.shape, np.nan)
    np.divide(closes[1:], closes[:-1], out=found[1:])
    found -= 1.0
    return found
