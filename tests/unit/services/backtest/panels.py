"""Small panels, and the data that a strategy is given with them."""

from __future__ import annotations

import numpy as np

from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.services.market_data.data_processor import DataProcessor, ProcessedData


def some_bars(count: int = 60, symbols: tuple[str, ...] = ("AAA", "BBB"), *, seed: int = 1) -> Bars:
    """A random walk of daily bars from 2020-01-01 on."""
    steps = np.random.default_rng(seed).normal(0.0, 0.02, (count, len(symbols)))
    close = 100.0 * np.exp(np.cumsum(steps, axis=0))
    stamps = np.arange("2020-01-01", count, dtype="M8[D]")
    return Bars.from_numpy(stamps, symbols, close, close * 1.01, close * 0.99, close, np.full(close.shape, 1e6))


def processed(bars: Bars | None = None) -> ProcessedData:
    return DataProcessor(DuckDbFeatureStore()).ready(some_bars() if bars is None else bars)
