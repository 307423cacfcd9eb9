"""When a bar is complete: the one question on which look-ahead between time frames hangs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import DataError, InputError
from hindcast.domain.intervals import DAILY, MINUTE_NS, canonical_interval, interval_ns, is_intraday
from hindcast.engine.stamps import DAY_NS, day_text
from hindcast.services.ports import Schedule

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def bar_ends(timestamps: IntArray, interval: str, schedule: Schedule | None = None) -> IntArray:
    """The instant from which each bar is known.

    Parameters
    ----------
    timestamps : ndarray of int64, shape (n,)
        UTC nanoseconds: an intraday bar's start; of a daily bar the session's date, of a weekly or monthly one the date
        of its last session (`resample`), at 00:00.
    interval : str
        Canonical.
    schedule : Schedule, optional
        The exchange's sessions.

    Returns
    -------
    ndarray of int64, shape (n,)
        Intraday: start plus interval, no later than the session's close. Else the session's close; without a schedule
        the end of the stamp's UTC day.

    Raises
    ------
    DataError
        A stamp outside of the schedule's sessions.
    """
    if schedule is None:
        return timestamps + (interval_ns(interval) if is_intraday(interval) else DAY_NS)
    if is_intraday(interval):
        ends: IntArray = np.minimum(
            timestamps + interval_ns(interval), schedule.closes[sessions_of(timestamps, schedule)]
        )
        return ends
    closes: IntArray = schedule.closes[sessions_dated(timestamps, schedule)]
    return closes


def known_rows(
    coarse: IntArray, fine: IntArray, *, interval: str, fine_interval: str, schedule: Schedule | None = None
) -> IntArray:
    """For each fine bar the row of the last coarse bar that is complete at its close, (T,); -1 where there is none.

    Parameters
    ----------
    coarse, fine : ndarray of int64, shapes (C,) and (T,)
        Stamps of both, increasing.
    interval, fine_interval : str
        How long the bars of each are, canonical.
    schedule : Schedule, optional

    Raises
    ------
    DataError
        A stamp outside of the schedule's sessions.
    """
    known_from = bar_ends(coarse, interval, schedule)
    rows: IntArray = np.searchsorted(known_from, bar_ends(fine, fine_interval, schedule), side="right") - 1
    return rows


def take_known(values: FloatArray, rows: IntArray) -> FloatArray:
    """The values, (C,) or (C, S), at these rows, (T,) or (T, S); NaN at row -1."""
    known = np.full((rows.size, *values.shape[1:]), np.nan)
    there = rows >= 0
    known[there] = values[rows[there]]
    return known


def stated_interval(timestamps: IntArray, given: str | None) -> str:
    """The interval of bars: as it was given, else by their stamps.

    Stamps at 00:00 UTC are daily bars, whatever lies between them; else the interval is what divides all steps.
    Raises InputError where that is no interval.
    """
    if given is not None:
        return canonical_interval(given)
    if not (timestamps % DAY_NS).any():
        return DAILY
    common = int(np.gcd.reduce(np.diff(timestamps))) if timestamps.size > 1 else 0
    if common % MINUTE_NS or not 0 < common < DAY_NS or DAY_NS % common:
        raise InputError(
            f"the stamps of {timestamps.size:,} bars don't tell how long a bar is; say it, such as from_interval='1min'"
        )
    return f"{common // MINUTE_NS}min"


def sessions_of(timestamps: IntArray, schedule: Schedule) -> IntArray:
    """The place of the session in which each intraday stamp lies. Raises DataError where it lies in none."""
    place = np.searchsorted(schedule.opens, timestamps, side="right") - 1
    inside = (place >= 0) & (timestamps < schedule.closes[np.maximum(place, 0)]) if schedule.opens.size else place >= 0
    if not inside.all():
        raise _outside(timestamps, inside, schedule)
    return place


def sessions_dated(timestamps: IntArray, schedule: Schedule) -> IntArray:
    """The place of the session that has each stamp as its date. Raises DataError where none has."""
    place = np.searchsorted(schedule.sessions, timestamps)
    found = place < schedule.sessions.size
    found[found] = schedule.sessions[place[found]] == timestamps[found]
    if not found.all():
        raise _outside(timestamps, found, schedule)
    return place


def _outside(timestamps: IntArray, inside: NDArray[np.bool_], schedule: Schedule) -> DataError:
    first = timestamps[np.flatnonzero(~inside)[0]]
    count = int((~inside).sum())
    bars = "1 bar lies" if count == 1 else f"{count:,} bars lie"
    known = f"{day_text(schedule.first)[:10]} to {day_text(schedule.last)[:10]}"
    return DataError(
        f"{bars} outside of the sessions of {schedule.calendar}, the first at {day_text(first)} UTC; take them out "
        f"(extended hours, say), or choose the bars' own calendar (its sessions were given from {known})"
    )
