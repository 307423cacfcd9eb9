"""Small tables of raw prices, and random ones with splits, dividends and gaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hindcast.engine.stamps import DAY_NS, to_nanoseconds
from hindcast.services.ports import PanelTable


def closes_only(
    days: Sequence[str], closes: ArrayLike, split: ArrayLike = 1.0, dividend: ArrayLike = 0.0
) -> PanelTable:
    """One symbol's closes, each the whole bar, with a volume of 10."""
    close = np.asarray(closes, dtype=np.float64)[:, None]
    return PanelTable(
        timestamps=to_nanoseconds(days),
        symbols=("AAA",),
        open=close,
        high=close,
        low=close,
        close=close,
        volume=np.where(np.isnan(close), np.nan, 10.0),
        split=np.broadcast_to(np.asarray(split, dtype=np.float64), len(close))[:, None].copy(),
        dividend=np.broadcast_to(np.asarray(dividend, dtype=np.float64), len(close))[:, None].copy(),
    )


def random_walk(seed: int, bars: int = 120, symbols: int = 3, gaps: float = 0.1) -> PanelTable:
    """Daily bars with splits both ways, dividends, and bars that are missing, actions on some of these too."""
    draw = np.random.default_rng(seed)
    shape = (bars, symbols)
    close = 100.0 * np.exp(np.cumsum(draw.normal(0.0, 0.02, shape), axis=0))
    split = np.where(draw.random(shape) < 0.03, draw.choice([0.1, 0.5, 1.5, 2.0, 3.0], shape), 1.0)
    dividend = np.where(draw.random(shape) < 0.05, draw.random(shape), 0.0)
    close /= np.cumprod(split, axis=0)
    dividend = np.minimum(dividend, close / 10.0)
    open_ = close * (1.0 + draw.normal(0.0, 0.004, shape))
    high = np.maximum(open_, close) * (1.0 + draw.random(shape) * 0.01)
    low = np.minimum(open_, close) * (1.0 - draw.random(shape) * 0.01)
    volume = np.round(draw.lognormal(8.0, 0.5, shape))
    missing = draw.random(shape) < gaps
    for array in (open_, high, low, close, volume):
        array[missing] = np.nan
    return PanelTable(
        timestamps=np.arange(bars, dtype=np.int64) * DAY_NS,
        symbols=tuple(f"S{place}" for place in range(symbols)),
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=volume,
        split=split,
        dividend=dividend,
    )
