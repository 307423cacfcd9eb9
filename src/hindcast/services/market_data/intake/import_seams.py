"""The stored bars right before and right behind those of an import: what stays of their days, and jumps between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np

from hindcast.domain.errors import CorruptDataError, DateRangeError
from hindcast.domain.intervals import DAILY, MINUTE_NS, is_intraday
from hindcast.domain.market_data import CorporateAction, DateRange
from hindcast.engine.stamps import DAY_NS, to_datetime, to_nanoseconds
from hindcast.services.market_data.exchange_days import bounds, zone_of
from hindcast.services.market_data.quality.jump_rules import jumps
from hindcast.services.market_data.quality.sanity_rules import Issue
from hindcast.services.ports import BarRows, BarStore, CleanSeries, IntArray, PanelTable, StoredSeries

BESIDE: Final = " (beside a bar that is stored already)"
_NEAR_DAYS: Final = 31  # a stored bar that is farther away tells nothing of a split
_NEAR_LONG_BARS: Final = 100  # the same for weekly and monthly bars
_FIELDS: Final = ("open", "high", "low", "close", "volume")


def edge_stamps(timestamps: IntArray, covered: DateRange, interval: str, calendar: str) -> IntArray:
    """All minutes of the first and the last covered day that intraday bars do not reach: what is stored there stays.

    Parameters
    ----------
    timestamps : array
        Of the new bars, increasing, at least one.
    """
    if not is_intraday(interval):
        return np.zeros(0, dtype=np.int64)
    ((start, end),) = bounds([covered], interval, calendar)
    first, last = int(timestamps[0]), int(timestamps[-1])
    before = np.arange(first - (first - start) // MINUTE_NS * MINUTE_NS, first, MINUTE_NS)
    return np.concatenate([before, np.arange(last + MINUTE_NS, end, MINUTE_NS)])


def merged_actions(
    stored: Iterable[CorporateAction], new: Sequence[CorporateAction], covered: DateRange, interval: str
) -> tuple[CorporateAction, ...]:
    """The actions of a symbol after an import: stored ones of other days stay, and those of days it has a part of."""
    edges = {covered.first, covered.last} if is_intraday(interval) else set()
    said = {(action.day, action.kind) for action in new}
    kept = (
        action
        for action in stored
        if not covered.first <= action.day <= covered.last
        or (action.day in edges and (action.day, action.kind) not in said)
    )
    return tuple(sorted({*kept, *new}))


def seam_warnings(
    store: BarStore, provider: str, interval: str, series: Iterable[CleanSeries], known: Mapping[str, StoredSeries]
) -> Iterator[Issue]:
    """Jumps between the new bars and the stored ones beside them, and known splits that do not show there."""
    near = (_NEAR_DAYS if is_intraday(interval) or interval == DAILY else _NEAR_LONG_BARS * 7) * DAY_NS
    met = [new for new in series if len(new.timestamps) and new.symbol in known and known[new.symbol].rows]
    before = [new for new in met if known[new.symbol].first < int(new.timestamps[0]) and _reaches(new, known, near)]
    after = [new for new in met if known[new.symbol].last > int(new.timestamps[-1])]
    for asked, edge, window in ((before, 0, (-near, -1)), (after, -1, (1, near))):
        for new, stored in _beside(store, provider, interval, asked, edge, window):
            pair = (stored, _bar(new, 0)) if edge == 0 else (_bar(new, -1), stored)
            yield from _judged(new, pair, interval, lambda symbol: store.actions(provider, interval, symbol))


def _reaches(new: CleanSeries, known: Mapping[str, StoredSeries], near: int) -> bool:
    return known[new.symbol].last >= int(new.timestamps[0]) - near


def _beside(
    store: BarStore, provider: str, interval: str, series: Sequence[CleanSeries], edge: int, window: tuple[int, int]
) -> Iterator[tuple[CleanSeries, BarRows]]:
    """The nearest stored bar within the window before (edge 0) or behind (edge -1) each series, where there is one."""
    size = window[1] - window[0]
    groups: dict[int, list[CleanSeries]] = {}
    for new in series:
        groups.setdefault(int(new.timestamps[edge]) // size, []).append(new)
    for group in groups.values():
        edges = [int(new.timestamps[edge]) for new in group]
        span = min(edges) + window[0], max(edges) + window[1]
        for some, panel in _panels(store, provider, interval, group, span):
            for place, new in enumerate(some):
                at = int(new.timestamps[edge])
                own = ~np.isnan(panel.close[:, place])
                own &= (panel.timestamps >= at + window[0]) & (panel.timestamps <= at + window[1])
                found = np.flatnonzero(own)
                if len(found):
                    yield new, _row(new.symbol, panel, int(found[-1 if edge == 0 else 0]), place)


def _panels(
    store: BarStore, provider: str, interval: str, group: Sequence[CleanSeries], span: tuple[int, int]
) -> Iterator[tuple[Sequence[CleanSeries], PanelTable]]:
    """Stored bars of a group, or of each of it for itself where one has none in the span or can't be read."""
    try:
        yield group, store.read(provider, interval, [new.symbol for new in group], *span)
    except (DateRangeError, CorruptDataError):
        if len(group) > 1:
            for new in group:
                yield from _panels(store, provider, interval, [new], span)


def _judged(
    new: CleanSeries,
    pair: tuple[BarRows, BarRows],
    interval: str,
    stored_actions: Callable[[str], tuple[CorporateAction, ...]],
) -> Iterator[Issue]:
    bars = BarRows(
        symbol=new.symbol,
        timestamps=np.concatenate([bar.timestamps for bar in pair]),
        open=np.concatenate([bar.open for bar in pair]),
        high=np.concatenate([bar.high for bar in pair]),
        low=np.concatenate([bar.low for bar in pair]),
        close=np.concatenate([bar.close for bar in pair]),
        volume=np.concatenate([bar.volume for bar in pair]),
    )
    days = to_nanoseconds([_day(int(stamp), interval, new.terms.calendar) for stamp in bars.timestamps])
    try:
        actions = stored_actions(new.symbol) if new.actions is None else new.actions
    except CorruptDataError:  # without them no move can be judged
        return
    for issue in jumps(bars, days, actions, adjusted=new.terms.adjusted):
        yield replace(issue, message=issue.message + BESIDE)


def _day(stamp: int, interval: str, calendar: str) -> date:
    moment = to_datetime(stamp)
    return moment.astimezone(zone_of(calendar)).date() if is_intraday(interval) else moment.date()


def _bar(series: CleanSeries, place: int) -> BarRows:
    at = slice(place, None if place == -1 else place + 1)
    return BarRows(
        symbol=series.symbol,
        timestamps=series.timestamps[at],
        **{name: getattr(series, name)[at] for name in _FIELDS},
    )


def _row(symbol: str, panel: PanelTable, row: int, column: int) -> BarRows:
    return BarRows(
        symbol=symbol,
        timestamps=panel.timestamps[row : row + 1],
        **{name: getattr(panel, name)[row : row + 1, column] for name in _FIELDS},
    )
