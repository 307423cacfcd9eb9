"""What the values of one row can tell alone: one small function per class of bad bar, all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.market_data import SeriesTerms
from hindcast.services.ports import BarRows

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Rule = Callable[[BarRows, SeriesTerms], BoolArray]


def nan_price(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """A price is missing."""
    return _any(np.isnan(price) for price in _prices(rows))


def positive_infinity(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """A price, the volume, a split or a dividend is +inf."""
    return _any(values == np.inf for values in _columns(rows))


def negative_infinity(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """A price, the volume, a split or a dividend is -inf."""
    return _any(values == -np.inf for values in _columns(rows))


def zero_price(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """A price is zero, and the terms do not allow it."""
    if terms.negative_prices:
        return np.zeros(len(rows.close), dtype=np.bool_)
    return _any(price == 0 for price in _prices(rows))


def negative_price(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """A price is below zero, and the terms do not allow it; a split or a dividend never can be."""
    amounts = [values for values in (rows.split, rows.dividend) if values is not None]
    if not terms.negative_prices:
        amounts += _prices(rows)
    if not amounts:
        return np.zeros(len(rows.close), dtype=np.bool_)
    return _any((values < 0) & (values > -np.inf) for values in amounts)


def high_below_open(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """High < open."""
    return rows.high < rows.open


def high_below_close(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """High < close."""
    return rows.high < rows.close


def high_below_low(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """High < low."""
    return rows.high < rows.low


def low_above_open(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """Low > open."""
    return rows.low > rows.open


def low_above_close(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """Low > close."""
    return rows.low > rows.close


def negative_volume(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """Volume is below zero."""
    return (rows.volume < 0) & (rows.volume > -np.inf)


def nan_volume(rows: BarRows, terms: SeriesTerms) -> BoolArray:
    """Volume is missing; not asked of a symbol without any volume."""
    missing = np.isnan(rows.volume)
    return np.zeros_like(missing) if missing.all() else missing


RULES: Final[Mapping[str, Rule]] = {
    rule.__name__: rule
    for rule in (
        nan_price,
        positive_infinity,
        negative_infinity,
        zero_price,
        negative_price,
        high_below_open,
        high_below_close,
        high_below_low,
        low_above_open,
        low_above_close,
        negative_volume,
        nan_volume,
    )
}


def _prices(rows: BarRows) -> list[FloatArray]:
    return [rows.open, rows.high, rows.low, rows.close]


def _columns(rows: BarRows) -> list[FloatArray]:
    return [*_prices(rows), rows.volume, *(values for values in (rows.split, rows.dividend) if values is not None)]


def _any(masks: Iterable[BoolArray]) -> BoolArray:
    found, *others = masks
    for mask in others:
        found = found | mask
    return found
