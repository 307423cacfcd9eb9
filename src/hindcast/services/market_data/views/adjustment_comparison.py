"""A vendor's adjusted closes held against those that follow from its raw closes, splits and dividends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import DataError
from hindcast.domain.market_data import CorporateAction
from hindcast.engine.stamps import DAY_NS, to_datetime, to_nanoseconds
from hindcast.services.market_data.views.adjustment import adjustment_factors
from hindcast.services.ports import BarRows, PanelTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TOLERANCE: Final = 1e-4  # a factor that differs by less is rounding: a dividend of 0.01 % of the price
ROUNDED_TO: Final = 1e-4  # vendors round prices to four decimals
SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDifference:
    """A day on which the vendor adjusts the prices before it otherwise than its own actions say."""

    day: date
    vendor_factor: float  # what the prices before the day are multiplied by
    own_factor: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentComparison:
    """How far a vendor's adjusted closes are from those by CRSP's rule; the rule's are the ones that are used."""

    symbol: str
    bars: int  # how many were compared: those with a close on both sides
    max_relative_difference: float  # of the closes, both scaled to the last bar; 0 without bars
    differences: tuple[FactorDifference, ...]  # by day

    @property
    def agrees(self) -> bool:
        """Whether both adjust on the same days by the same factors, to rounding."""
        return not self.differences

    @property
    def first_difference(self) -> date | None:
        """The first day of a difference."""
        return self.differences[0].day if self.differences else None

    def __str__(self) -> str:
        if self.agrees:
            return f"{self.symbol}: the vendor's adjusted closes agree on {self.bars:,} bars"
        days = "1 day" if len(self.differences) == 1 else f"{len(self.differences):,} days"
        first = (
            f"{self.symbol}: the vendor's adjusted closes differ by up to {self.max_relative_difference:.2%}, on "
            f"{days}; prices are adjusted from raw closes, splits and dividends instead"
        )
        lines = [first, *(f"  {found.words}" for found in self.differences[:SHOWN])]
        more = len(self.differences) - SHOWN
        return "\n".join([*lines, f"  … and {more:,} more"] if more > 0 else lines)


def compare_with_vendor(
    rows: BarRows, actions: Sequence[CorporateAction] | None, adjusted_close: FloatArray
) -> AdjustmentComparison:
    """Hold a vendor's adjusted closes against the adjusted view.

    Parameters
    ----------
    rows : BarRows
        Raw daily bars, in any order.
    actions : CorporateActions, or None
        All that are known; None takes them from the rows' own columns of splits and dividends.
    adjusted_close : ndarray, shape (n,)
        The vendor's, beside the rows; NaN where it has none.

    Returns
    -------
    AdjustmentComparison
        Both sides are scaled to the last bar, since a vendor may know actions after it. A day differs where the two
        factors do by more than 1e-4, relative, and what rounding to four decimals explains.

    Raises
    ------
    DataError
        The lengths differ, or the actions can't be (`adjustment_factors`).
    """
    if adjusted_close.shape != rows.close.shape:
        raise DataError(
            f"{rows.symbol}: {adjusted_close.size} adjusted closes for {rows.close.size} rows; expected one for each"
        )
    usable = np.flatnonzero((rows.close > 0.0) & (adjusted_close > 0.0) & np.isfinite(rows.close * adjusted_close))
    order = usable[np.argsort(rows.timestamps[usable], kind="stable")]
    stamps, closes, vendor = rows.timestamps[order], rows.close[order], adjusted_close[order]
    if stamps.size == 0:
        return AdjustmentComparison(symbol=rows.symbol, bars=0, max_relative_difference=0.0, differences=())
    split, dividend = _own_columns(rows, order) if actions is None else action_columns(actions, stamps)
    own = closes * _factors(rows.symbol, stamps, closes, split, dividend)
    ratio = (vendor / own) / (vendor[-1] / own[-1])
    return AdjustmentComparison(
        symbol=rows.symbol,
        bars=int(stamps.size),
        max_relative_difference=float(np.abs(ratio - 1.0).max()),
        differences=_differences(stamps, closes, vendor, own, (split, dividend)),
    )


def action_columns(actions: Sequence[CorporateAction], timestamps: IntArray) -> tuple[FloatArray, FloatArray]:
    """Splits and dividends of dated actions on increasing daily stamps, each (n,); 1 and 0 where there is none.

    An action of a day without a bar stands on the next bar; several on one bar become one, dividends per share after
    the last split. One after the last bar is left out.
    """
    split, dividend = np.ones(timestamps.size), np.zeros(timestamps.size)
    for action in sorted(actions, key=lambda each: (each.day, each.kind == "dividend")):
        place = int(np.searchsorted(timestamps, int(to_nanoseconds([action.day])[0])))
        if place == timestamps.size:
            continue
        if action.kind == "split":
            split[place] *= action.value
            dividend[place] /= action.value
        else:
            dividend[place] += action.value
    return split, dividend


def _own_columns(rows: BarRows, order: IntArray) -> tuple[FloatArray, FloatArray]:
    split = np.ones(order.size) if rows.split is None else rows.split[order]
    dividend = np.zeros(order.size) if rows.dividend is None else rows.dividend[order]
    return np.where(np.isnan(split), 1.0, split), np.where(np.isnan(dividend), 0.0, dividend)


def _factors(symbol: str, stamps: IntArray, closes: FloatArray, split: FloatArray, dividend: FloatArray) -> FloatArray:
    column = closes[:, None]
    table = PanelTable(
        timestamps=stamps,
        symbols=(symbol,),
        open=column,
        high=column,
        low=column,
        close=column,
        volume=column,
        split=split[:, None],
        dividend=dividend[:, None],
    )
    return adjustment_factors(table).price[:, 0]


def _differences(
    stamps: IntArray,
    closes: FloatArray,
    vendor: FloatArray,
    own: FloatArray,
    actions: tuple[FloatArray, FloatArray],
) -> tuple[FactorDifference, ...]:
    """The days on which the factors of the prices before them differ."""
    theirs, ours = _steps(vendor / closes), _steps(own / closes)
    rounding = ROUNDED_TO * (1.0 / vendor[1:] + 1.0 / vendor[:-1]) / 2.0
    found = []
    for place in np.flatnonzero(np.abs(theirs / ours - 1.0) > TOLERANCE + rounding):
        bar = int(place) + 1
        day = to_datetime(stamps[bar] // DAY_NS * DAY_NS).date()
        split, dividend = (float(column[bar]) for column in actions)
        factors = float(theirs[place]), float(ours[place])
        words = _words(day, split, dividend, factors)
        found.append(FactorDifference(day=day, vendor_factor=factors[0], own_factor=factors[1], words=words))
    return tuple(found)


def _steps(factor: FloatArray) -> FloatArray:
    """What each bar after the first multiplies the prices before it by, (n - 1,)."""
    steps: FloatArray = factor[:-1] / factor[1:]
    return steps


def _words(day: date, split: float, dividend: float, factors: tuple[float, float]) -> str:
    known = [f"split {split:g}"] * (split != 1.0) + [f"dividend {dividend:g}"] * (dividend != 0.0)
    vendor, own = factors
    if not known:
        return (
            f"{day}: the vendor multiplies the prices before by {vendor:.6g}, where it names no split and no dividend"
        )
    if abs(vendor - 1.0) < 0.1 * abs(own - 1.0):
        return f"{day}: the vendor's adjusted close misses the {' and the '.join(known)}"
    instead = f"{own:.6g} ({' and '.join(known)})"
    return f"{day}: the vendor multiplies the prices before by {vendor:.6g} instead of {instead}"
