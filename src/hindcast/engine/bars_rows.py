"""Rows of a long table, one per symbol and stamp, on their way into a (T, S) panel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError
from hindcast.engine.column_table import AnyArray, Labels, Name, labels_of
from hindcast.engine.kernels import long_rows
from hindcast.engine.stamps import day_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def symbol_labels(name: Name, values: AnyArray | Labels) -> Labels:
    """The column of symbols, none missing. Raises BarsError."""
    if not isinstance(values, Labels):
        found = labels_of(values) if values.dtype.kind in "OU" else None
        if found is None and values.dtype.kind not in "iu":
            raise BarsError(f"column {name!r} holds {values.dtype} values; expected symbols")
        values = found or labels_of(values.astype(str)) or Labels(codes=np.empty(0, dtype=np.int64), names=())
    if (values.codes < 0).any():
        raise BarsError(f"column {name!r}, row {int(np.argmax(values.codes < 0)) + 1}: the symbol is missing")
    return values


def appearance(codes: IntArray, stamps: IntArray, names: tuple[str, ...]) -> IntArray:
    """The codes in order of their first rows. Raises BarsError where a symbol's stamps do not increase."""
    last = np.full(len(names), long_rows.NEVER, dtype=np.int64)
    first_row = np.full(len(names), -1, dtype=np.int64)
    row = long_rows.first_disorder(np.ascontiguousarray(codes), np.ascontiguousarray(stamps), last, first_row)
    if row >= 0:
        symbol, now, before = names[codes[row]], day_text(stamps[row]), day_text(last[codes[row]])
        if stamps[row] == last[codes[row]]:
            raise BarsError(f"{symbol}: date {now} stands twice (row {row + 1}); a symbol has one bar per stamp")
        raise BarsError(f"{symbol}: dates are not in order: {now} stands after {before} (row {row + 1}); sort the rows")
    order: IntArray = np.argsort(first_row, kind="stable").astype(np.int64)
    return order[first_row[order] >= 0]


def spread_over(
    stamps: IntArray, codes: IntArray, order: IntArray
) -> tuple[IntArray, Callable[[FloatArray], FloatArray]]:
    """The different stamps, increasing, and what turns a column of rows into a (T, S) array.

    Rows that fill the panel, symbol after symbol or stamp after stamp, only need another shape.
    """
    symbols = len(order)
    bars, rest = divmod(len(stamps), symbols)
    if rest == 0:
        blocks = stamps.reshape(symbols, bars)
        if (codes.reshape(symbols, bars) == order[:, None]).all() and (blocks == blocks[0]).all():
            return blocks[0].copy(), lambda values: values.reshape(symbols, bars).T
        turns = stamps.reshape(bars, symbols)
        steps = turns[:, 0]
        if (codes.reshape(bars, symbols) == order).all() and (turns == steps[:, None]).all():
            return steps.copy(), lambda values: values.reshape(bars, symbols)
    union, cells = places(stamps)
    place = np.empty(int(order.max()) + 1, dtype=np.int64)
    place[order] = np.arange(symbols)
    cells *= symbols
    cells += place[codes]

    def scattered(values: FloatArray) -> FloatArray:
        array = np.full(len(union) * symbols, np.nan)
        array[cells] = values
        return array.reshape(len(union), symbols)

    return union, scattered


def places(stamps: IntArray) -> tuple[IntArray, IntArray]:
    """The different stamps, increasing, and where each row's stamp stands among them.

    Stamps are mostly multiples of a day or a minute: then a table of all multiples spares the sorting.
    """
    low, high = int(stamps.min()), int(stamps.max())
    if high - low < 2**62:
        slots = stamps - low
        step = max(int(np.gcd.reduce(slots)), 1)
        if (high - low) // step < 4 * len(stamps):
            slots //= step
            used = np.zeros((high - low) // step + 1, dtype=np.int64)
            used[slots] = 1
            return np.flatnonzero(used) * step + low, (np.cumsum(used) - 1)[slots]
    union = np.unique(stamps)
    return union, np.searchsorted(union, stamps).astype(np.int64)
