"""Corporate actions onto the bars of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import DataError
from hindcast.domain.intervals import is_intraday
from hindcast.engine.stamps import DAY_NS
from hindcast.infrastructure.files.store.action_files import ActionColumns
from hindcast.infrastructure.files.store.bar_panels import Assembled, SymbolStamps
from hindcast.infrastructure.files.store.data_manifests import Entry
from hindcast.services.market_data.exchange_days import day_start

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarActions:
    """What happens at the start of a symbol's bars: splits multiplied, dividends added, per share after the splits."""

    rows: NDArray[np.intp]  # (n,), the symbol's bars, from 0, each once
    splits: FloatArray  # (n,), 1 = none
    dividends: FloatArray  # (n,), 0 = none


def actions_on_bars(actions: ActionColumns, symbol: SymbolStamps, interval: str, calendar: str) -> BarActions:
    """The actions of a symbol on its bars: each at its day's first bar, or at the next bar where the day has none.

    Before the symbol's first bar there is nothing to act on: such actions are left out, as are those after its last. A
    dividend of a day before a split that falls on the same bar is paid on the old shares: it is divided by the ratio.
    """
    starts = _starts(actions.days, interval, calendar)
    rows = np.searchsorted(symbol.stamps, starts)
    acting = rows < len(symbol.stamps)
    if symbol.before is not None:
        acting &= starts > symbol.before
    elif (early := acting & (rows == 0)).any():
        ends = _starts(actions.days + 1, interval, calendar)
        acting &= ~early | (ends > symbol.stamps[0])
    order = np.lexsort((~actions.is_split, actions.days))
    chosen = order[acting[order]]
    rows, is_split, values = rows[chosen], actions.is_split[chosen], actions.values[chosen]
    splits, dividends = np.where(is_split, values, 1.0), np.where(is_split, 0.0, values)
    if (rows[1:] > rows[:-1]).all():
        return BarActions(rows=rows, splits=splits, dividends=dividends)
    return _combined(rows, splits, dividends)


def _combined(rows: NDArray[np.intp], splits: FloatArray, dividends: FloatArray) -> BarActions:
    """The actions of one bar as one, in their order."""
    found: dict[int, tuple[float, float]] = {}
    for row, split, dividend in zip(rows.tolist(), splits.tolist(), dividends.tolist(), strict=True):
        ratio, cash = found.get(row, (1.0, 0.0))
        found[row] = (ratio * split, cash / split + dividend)
    return BarActions(
        rows=np.array(list(found), dtype=np.intp),
        splits=np.array([ratio for ratio, _ in found.values()]),
        dividends=np.array([cash for _, cash in found.values()]),
    )


def _starts(days: IntArray, interval: str, calendar: str) -> IntArray:
    """The first nanosecond of each day, given as days since 1970-01-01."""
    if not is_intraday(interval):
        return days * DAY_NS
    epoch = date(1970, 1, 1)
    return np.array(
        [day_start(epoch + timedelta(days=day), interval, calendar) for day in days.tolist()], dtype=np.int64
    )


def action_columns(
    panel: Assembled, names: Sequence[str], entries: Sequence[Entry], actions: Sequence[ActionColumns], interval: str
) -> tuple[FloatArray | None, FloatArray | None]:
    """The panel's splits and dividends, (T, S); None where there are none. Actions of adjusted prices are left out.

    Raises DataError where some symbols' prices hold their actions already and those of others do not.
    """
    acting = {
        column: actions_on_bars(each, panel.symbols[column], interval, entries[column].terms.calendar)
        for column, each in enumerate(actions)
        if len(each.days) and not entries[column].terms.adjusted
    }
    acting = {column: each for column, each in acting.items() if len(each.rows)}
    adjusted = [name for name, entry in zip(names, entries, strict=True) if entry.terms.adjusted]
    if adjusted and acting:
        raw = names[next(iter(acting))]
        raise DataError(
            f"prices of {adjusted[0]} are adjusted for splits and dividends, those of {raw} are raw with actions of "
            "their own: one panel can't hold both; read them apart, or import one of them the other's way"
        )
    shape = (len(panel.timestamps), len(names))
    splits = _column(panel, shape, {column: (each.rows, each.splits) for column, each in acting.items()}, 1.0)
    dividends = _column(panel, shape, {column: (each.rows, each.dividends) for column, each in acting.items()}, 0.0)
    return splits, dividends


def _column(
    panel: Assembled, shape: tuple[int, int], values: dict[int, tuple[NDArray[np.intp], FloatArray]], nothing: float
) -> FloatArray | None:
    if all((each == nothing).all() for _, each in values.values()):
        return None
    out = np.full(shape, nothing)
    for column, (rows, each) in values.items():
        cells = panel.cells[column]
        out[cells.start + rows if isinstance(cells, slice) else cells[rows], column] = each
    return out
