"""Fewer points for the eye without losing what it looks for: extremes of a curve, range of a candle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindcast.reporting.run_tables import FloatArray, StampArray

MAX_POINTS = 4_000
MAX_CANDLES = 1_500


def extremes(values: FloatArray, limit: int = MAX_POINTS) -> NDArray[np.intp]:
    """Positions that keep a curve's look: the lowest and the highest of each of limit / 2 - 1 buckets, first and last.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Any unit. NaN is passed over; a bucket of nothing but NaN keeps one, so that the gap stays visible.
    limit : int
        The most positions to give, at least 4.

    Returns
    -------
    ndarray, shape (m,), m <= limit
        Increasing positions; all of them where n <= limit.

    Examples
    --------
    >>> extremes(np.array([0.0, 5.0, 1.0, 1.0, -7.0, 2.0]), limit=4)
    array([0, 1, 4, 5])
    """
    count = len(values)
    if count <= limit:
        return np.arange(count)
    buckets = limit // 2 - 1
    edges = np.linspace(0, count, buckets + 1).astype(np.intp)
    width = int(np.diff(edges).max())
    # Buckets differ by one in length; the last place of a short one repeats its last value.
    places = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
    panel = values[places]
    missing = np.isnan(panel)
    rows = np.arange(buckets)
    lowest = places[rows, np.where(missing, np.inf, panel).argmin(axis=1)]
    highest = places[rows, np.where(missing, -np.inf, panel).argmax(axis=1)]
    return np.unique(np.concatenate(([0], lowest, highest, [count - 1])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """Candles of one symbol, each made of `bars_per_candle` bars (the last may hold fewer)."""

    timestamp: StampArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    bars_per_candle: int


def aggregate_candles(bars: Candles, limit: int = MAX_CANDLES) -> Candles:
    """Join bars until at most `limit` candles are left: first open, highest high, lowest low, last close.

    A candle carries the stamp of its first bar. NaN prices are passed over in highs and lows.
    """
    count = len(bars.timestamp)
    per = max(1, -(-count // limit))
    if per == 1:
        return bars
    first = np.arange(0, count, per)
    last = np.append(first[1:], count) - 1
    return Candles(
        timestamp=bars.timestamp[first],
        open=bars.open[first],
        high=np.fmax.reduceat(bars.high, first),
        low=np.fmin.reduceat(bars.low, first),
        close=bars.close[last],
        bars_per_candle=per * bars.bars_per_candle,
    )
