"""New rows over stored ones: which rows a symbol then has, what is known of its days, whether its past changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.market_data import CorporateAction, DateRange, Unavailable
from hindcast.infrastructure.files.store.bar_files import FIELDS, Rows, joined_rows
from hindcast.services.market_data.coverage import joined, without
from hindcast.services.market_data.exchange_days import bounds, day_start, stamps_within
from hindcast.services.ports import CleanSeries

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merged:
    """A symbol's rows after a publication."""

    rows: Rows
    restated: bool  # whether a stored bar has changed or is gone
    same: int  # so many of the first rows are the stored ones, if all of the stored ones are among them; else 0
    survivors: int  # rows that were stored and are not among the new


def new_rows(series: CleanSeries) -> Rows:
    """The rows of a series on its way into the store."""
    return Rows(timestamps=series.timestamps, **{name: getattr(series, name) for name in FIELDS})


def reach(series: CleanSeries, interval: str) -> tuple[int, int] | None:
    """The stamps from the first to behind the last that a publication speaks of; None where it speaks of none."""
    spans = bounds(series.covered, interval, series.terms.calendar)
    if len(series.timestamps):
        spans.append((int(series.timestamps[0]), int(series.timestamps[-1]) + 1))
    return (min(first for first, _ in spans), max(end for _, end in spans)) if spans else None


def merge_rows(stored: Rows, series: CleanSeries, interval: str) -> Merged:
    """Stored rows with a series over them: within its covered days only its rows stay, and those at `kept` stamps."""
    new = new_rows(series)
    if same_rows(new, stored):
        return Merged(rows=stored, restated=False, same=len(stored), survivors=0)
    staying = ~stamps_within(stored.timestamps, series.covered, interval, series.terms.calendar)
    if series.kept is not None:
        staying |= _among(stored.timestamps, np.unique(series.kept))
    staying &= ~_among(stored.timestamps, new.timestamps)
    old = stored.take(staying)
    rows = joined_rows([old, new])
    if len(old) and len(new):
        rows = rows.take(np.argsort(rows.timestamps, kind="stable"))
    count = len(stored)
    same = len(rows) >= count and same_rows(rows.take(slice(0, count)), stored)
    return Merged(
        rows=rows,
        restated=not (same or _holds_all(rows, stored)),
        same=count if same else 0,
        survivors=len(old),
    )


def same_rows(one: Rows, other: Rows) -> bool:
    """Whether two lists of rows hold the same stamps and numbers."""
    return np.array_equal(one.timestamps, other.timestamps) and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in FIELDS
    )


def _among(stamps: IntArray, others: IntArray) -> NDArray[np.bool_]:
    """Which of the stamps are among the others, which increase."""
    if not len(others):
        return np.zeros(len(stamps), dtype=np.bool_)
    places = np.minimum(np.searchsorted(others, stamps), len(others) - 1)
    found: NDArray[np.bool_] = others[places] == stamps
    return found


def _holds_all(rows: Rows, wanted: Rows) -> bool:
    if not len(rows):
        return not len(wanted)
    places = np.minimum(np.searchsorted(rows.timestamps, wanted.timestamps), len(rows) - 1)
    return same_rows(rows.take(places), wanted)


def merge_covered(known: Sequence[DateRange], new: Sequence[DateRange]) -> tuple[DateRange, ...]:
    """The days that are known after a publication, sorted, apart."""
    return joined([*known, *new])


def merge_unavailable(
    known: Sequence[Unavailable], new: Sequence[Unavailable], covered: Sequence[DateRange]
) -> tuple[Unavailable, ...]:
    """The days that a source did not give: the newer word counts, and what is covered is not missing."""
    asked_again = [entry.days for entry in new]
    cut = [*_cut(known, [*covered, *asked_again]), *_cut(new, covered)]
    return tuple(sorted(cut, key=lambda entry: (entry.days, entry.reason)))


def _cut(entries: Sequence[Unavailable], known: Sequence[DateRange]) -> list[Unavailable]:
    return [replace(entry, days=days) for entry in entries for days in without(entry.days, known)]


def same_unavailable(one: Sequence[Unavailable], other: Sequence[Unavailable]) -> bool:
    """Whether the same days are missing for the same reasons, whenever they were asked for."""
    said = [[(each.days, each.reason, each.remedy) for each in entries] for entries in (one, other)]
    return said[0] == said[1]


def actions_restated(
    known: Sequence[CorporateAction], new: Sequence[CorporateAction], last: int, interval: str, calendar: str
) -> bool:
    """Whether the actions up to the last stored bar (UTC nanoseconds) are others than before."""
    past = [
        [action for action in actions if day_start(action.day, interval, calendar) <= last] for actions in (known, new)
    ]
    return past[0] != past[1]
