"""Stamps against the sessions of an exchange and against the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.intervals import DAILY, interval_ns, is_intraday
from hindcast.engine.stamps import DAY_NS, to_datetime
from hindcast.services.ports import Schedule

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LONGEST_BAR: Final = 32 * DAY_NS
_FIRST, _LAST = date(1700, 1, 1), date(2200, 1, 1)  # a misread year must not lead out of what stamps can hold


def days_to_ask(timestamps: IntArray) -> tuple[date, date]:
    """The days whose sessions these stamps are held against: a session may begin on the UTC day before its date."""
    known = timestamps[timestamps != 0]
    if not len(known):
        known = np.zeros(1, dtype=np.int64)
    first = to_datetime(known.min()).date() - timedelta(days=1)
    last = to_datetime(known.max()).date() + timedelta(days=1)
    return min(max(first, _FIRST), _LAST), max(min(last, _LAST), _FIRST)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """Stamps on the sessions of a schedule, shape (n,) each."""

    known: BoolArray  # the calendar has a word on this day
    inside: BoolArray  # the bar is in a session, or overlaps it (daily: is dated as one)
    session: IntArray  # its place in the schedule where `inside`; otherwise the last session that begins before, or -1


def placed(timestamps: IntArray, interval: str, schedule: Schedule) -> Placed:
    """Find the session of each stamp: by its date for daily bars; intraday bars begin before its close and end after
    its open (hourly bars of an exchange that opens at half past begin before it).
    """
    intraday = is_intraday(interval)
    starts = schedule.opens - interval_ns(interval) + 1 if intraday else schedule.sessions
    if len(starts):
        session = np.searchsorted(starts, timestamps, side="right") - 1
        inside = session >= 0
        inside &= timestamps < schedule.closes[session] if intraday else timestamps == starts[session]
    else:
        session = np.full(len(timestamps), -1, dtype=np.int64)
        inside = np.zeros(len(timestamps), dtype=np.bool_)
    known = inside | ((timestamps >= schedule.first) & (timestamps < schedule.last + DAY_NS))
    return Placed(known=known, inside=inside, session=session)


def after_early_close(timestamps: IntArray, where: Placed, schedule: Schedule) -> BoolArray:
    """Intraday stamps from an early close to the time when the session closes on other days."""
    found = where.known & ~where.inside & (where.session >= 0)
    usual_days = np.flatnonzero(~schedule.early)
    if not found.any() or not len(usual_days):
        return np.zeros_like(found)
    late = np.flatnonzero(found)
    session = where.session[late]
    usual = usual_days[np.minimum(np.searchsorted(usual_days, session), len(usual_days) - 1)]
    length = schedule.closes[usual] - schedule.opens[usual]
    found[late] = schedule.early[session] & (timestamps[late] < schedule.opens[session] + length)
    return found


def missing_sessions(places: IntArray, first: int, last: int) -> list[tuple[int, int]]:
    """Sessions from first to last (places in the schedule) that are not among `places`: runs, both ends included."""
    absent = np.ones(last - first + 1, dtype=np.bool_)
    absent[places[(places >= first) & (places <= last)] - first] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([False], absent, [False])).astype(np.int8)))
    return [(first + int(begin), first + int(end) - 1) for begin, end in edges.reshape(-1, 2)]


def missing_bars(timestamps: IntArray, sessions: IntArray, interval: str, schedule: Schedule) -> int:
    """How many intraday bars are missing in sessions that have one.

    Stamps are in order of time, either way, and `sessions` are their places in the schedule. A time of day that no
    session ever has a bar of (a lunch break) is not expected.
    """
    if not len(timestamps):
        return 0
    step = interval_ns(interval)
    slots, phases = np.divmod(timestamps - schedule.opens[sessions], step)
    used = np.flatnonzero(np.bincount(slots + 1)) - 1  # a bar may begin before the open
    present = np.flatnonzero(np.bincount(sessions))
    lengths = schedule.closes[present] - schedule.opens[present] - int(np.median(phases))
    expected = int(np.searchsorted(used, -(-lengths // step)).sum())
    have = 1 + int(np.count_nonzero(np.diff(sessions * (int(used[-1]) + 2) + slots)))
    return max(0, expected - have)


def future_and_unfinished(
    timestamps: IntArray, interval: str, now: int, schedule: Schedule | None
) -> tuple[BoolArray, BoolArray]:
    """Bars that begin later than now, and bars that have begun and not ended.

    A daily bar ends with its session, without a calendar at 24:00 UTC of its date (no exchange closes its date later);
    a weekly or monthly one with the week (Sunday) or month of its stamp; an intraday one after its interval, or at the
    close where that is earlier.
    """
    future = np.zeros(len(timestamps), dtype=np.bool_)
    unfinished = future.copy()
    late = np.flatnonzero(timestamps > now - LONGEST_BAR)
    if len(late):
        begins, ends = _spans(timestamps[late], interval, schedule)
        future[late] = begins > now
        unfinished[late] = (begins <= now) & (ends > now)
    return future, unfinished


def _spans(stamps: IntArray, interval: str, schedule: Schedule | None) -> tuple[IntArray, IntArray]:
    if interval == "1w":  # the first day of 1970 was a Thursday
        return stamps, ((stamps // DAY_NS + 3) // 7 * 7 + 4) * DAY_NS
    if interval == "1mo":
        months = stamps.astype("M8[ns]").astype("M8[M]") + np.timedelta64(1, "M")
        return stamps, months.astype("M8[ns]").astype(np.int64)
    begins, ends = stamps.copy(), stamps + interval_ns(interval)
    if schedule is not None:
        where = placed(stamps, interval, schedule)
        session = where.session[where.inside]
        if interval == DAILY:
            begins[where.inside] = np.minimum(begins[where.inside], schedule.opens[session])
            ends[where.inside] = schedule.closes[session]
        else:
            ends[where.inside] = np.minimum(ends[where.inside], schedule.closes[session])
    return begins, ends
