"""The adjusted view: raw prices put on the last bar's share basis, dividends taken out, by CRSP's rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import DataError
from hindcast.engine.stamps import day_text
from hindcast.services.ports import PanelTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdjustmentFactors:
    """What each bar's raw numbers are multiplied by; 1 on the last row."""

    price: FloatArray  # (T, S): open, high, low and close
    volume: FloatArray  # (T, S)


def adjusted_view(table: PanelTable) -> PanelTable:
    """The table with splits and dividends in its prices, and without the columns of actions.

    Parameters
    ----------
    table : PanelTable
        Raw prices, with what is known of splits and dividends. One that is adjusted already comes back as it is.

    Returns
    -------
    PanelTable
        ``adjusted``; the prices of the last row are the raw ones, NaN stays NaN. New arrays.

    Raises
    ------
    DataError
        As `adjustment_factors`.

    Notes
    -----
    All of history moves at each new action: prices of the past are not those that were paid, and the view of a
    longer table differs from that of a shorter one by a constant factor. Returns do not differ. A strategy that looks
    at price levels (a price above 5, say) knows later actions when it reads them; simulate on the raw table, whose
    actions the engine books as they happen.
    """
    if table.adjusted:
        return table
    factors = adjustment_factors(table)
    splits, dividends = _counts(table)
    note = f"prices are adjusted for {_many(splits, 'split')} and {_many(dividends, 'dividend')} up to the last bar"
    return replace(
        table,
        open=table.open * factors.price,
        high=table.high * factors.price,
        low=table.low * factors.price,
        close=table.close * factors.price,
        volume=table.volume * factors.volume,
        split=None,
        dividend=None,
        adjusted=True,
        notes=(*table.notes, note),
    )


def adjustment_factors(table: PanelTable) -> AdjustmentFactors:
    """The factors of the adjusted view.

    Parameters
    ----------
    table : PanelTable
        Raw prices; ``split`` and ``dividend`` (T, S) are effective at the start of their bar. NaN there means none.

    Returns
    -------
    AdjustmentFactors
        A bar's price factor is the product, over all later rows with an action, of ``(1 / s) * (1 - D * s / P)``: s the
        split, D the dividend, P the raw close of the symbol's last bar before. Its volume factor is the product of s.
        An action before a symbol's first bar changes nothing; one on a row that the symbol has no bar on, be it behind
        its last, counts as any other.

    Raises
    ------
    DataError
        A split that is not above zero, a dividend below zero, or one that is not below the close before it; names
        symbol, date and values.

    Notes
    -----
    A split and a dividend of one bar: the split comes first, as in a simulation, so the dividend is per new share, and
    is held against ``P / s``. Where bars are missing between P and the action, the splits of these days divide P, too.

    References
    ----------
    Center for Research in Security Prices, Data Descriptions Guide: factors to adjust prices and shares.
    """
    split, dividend = _actions(table)
    shape = table.close.shape
    step, shares = np.ones(shape), np.ones(shape)
    seen = _last_seen(table.close)
    bars, columns = np.nonzero((split != 1.0) | (dividend != 0.0))
    last = seen[bars - 1, columns]
    known = (bars > 0) & (last >= 0)
    bars, columns, last = bars[known], columns[known], last[known]
    ratio, paid = split[bars, columns], dividend[bars, columns]
    before = table.close[last, columns] / ratio
    for event in np.flatnonzero(last < bars - 1):
        before[event] /= np.prod(split[last[event] + 1 : bars[event], columns[event]])
    pays = paid > 0.0
    too_much = np.flatnonzero(pays & (paid >= before))
    if too_much.size:
        event = too_much[0]
        raise DataError(
            f"{table.symbols[columns[event]]} on {day_text(table.timestamps[bars[event]])}: a dividend of "
            f"{paid[event]:g} per share, where the close before was {before[event]:g} per share of that day; expected "
            "less. A split may be missing, or the dividend may be in another currency or per another number of shares"
        )
    before[~pays] = 1.0
    step[bars, columns] = (1.0 / ratio) * ((before - paid) / before)
    shares[bars, columns] = ratio
    return AdjustmentFactors(price=_of_later_bars(step), volume=_of_later_bars(shares))


def _actions(table: PanelTable) -> tuple[FloatArray, FloatArray]:
    """Splits and dividends, (T, S), without NaN. Raises DataError for what can't be."""
    shape = table.close.shape
    split = np.ones(shape) if table.split is None else np.where(np.isnan(table.split), 1.0, table.split)
    dividend = np.zeros(shape) if table.dividend is None else np.where(np.isnan(table.dividend), 0.0, table.dividend)
    _refuse(table, split, (split <= 0.0) | np.isinf(split), "split", "new shares per old, above zero")
    _refuse(table, dividend, (dividend < 0.0) | np.isinf(dividend), "dividend", "cash per share, zero or more")
    return split, dividend


def _refuse(table: PanelTable, values: FloatArray, bad: BoolArray, name: str, expected: str) -> None:
    if bad.any():
        bar, column = (int(place[0]) for place in np.nonzero(bad))
        where = f"{table.symbols[column]} on {day_text(table.timestamps[bar])}"
        raise DataError(f"{where}: {name} {values[bar, column]:g}; expected {expected}")


def _last_seen(close: FloatArray) -> IntArray:
    """The row of each symbol's last bar at or before each row, (T, S); -1 where there is none."""
    rows = np.arange(len(close))[:, None]
    seen: IntArray = np.maximum.accumulate(np.where(np.isnan(close), -1, rows), axis=0)
    return seen


def _of_later_bars(steps: FloatArray) -> FloatArray:
    """At each bar the product of the steps after it, (T, S)."""
    product = np.ones_like(steps)
    np.cumprod(steps[:0:-1], axis=0, out=product[-2::-1])
    return product


def _counts(table: PanelTable) -> tuple[int, int]:
    split, dividend = _actions(table)
    return int((split != 1.0).sum()), int((dividend != 0.0).sum())


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
