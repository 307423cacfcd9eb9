"""What good rows tell of the sessions: gaps, bars that are missing in them, days that nobody could check."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.intervals import is_intraday
from hindcast.domain.market_data import SeriesTerms
from hindcast.engine.stamps import day_text
from hindcast.services.market_data.quality.calendar_rules import Placed, missing_bars, missing_sessions
from hindcast.services.market_data.quality.sanity_rules import Issue, Severity
from hindcast.services.ports import BarRows, Schedule

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def not_checked(rows: BarRows, terms: SeriesTerms) -> Issue:
    """The warning of a series whose sessions nobody could check."""
    said = "no calendar is stated" if not terms.calendar else f"the calendar {terms.calendar} was not asked"
    words = f"{said}, so missing sessions and bars outside them were not looked for; state one, such as XNYS or 24/7"
    return _finding(rows, "sessions_not_checked", "warning", None, words)


def session_findings(
    rows: BarRows, interval: str, *, good: BoolArray, trusted: BoolArray, where: Placed, schedule: Schedule
) -> Iterator[Issue]:
    """Gaps and warnings.

    Parameters
    ----------
    good, trusted : array
        Rows without a mark, and rows whose stamp could be read, shape (n,).
    where : Placed
        The rows on the schedule.
    """
    unknown = np.flatnonzero(good & ~where.known)
    if len(unknown):
        first, last = day_text(schedule.first), day_text(schedule.last)
        known = f"{first} to {last} are known" if schedule.first <= schedule.last else "none of these days is known"
        words = f"{len(unknown)} rows lie on days that {schedule.calendar} does not know ({known}); not checked"
        yield _finding(rows, "sessions_not_checked", "warning", int(rows.timestamps[unknown[0]]), words)
    held = where.session[good & where.inside]
    if len(held):
        present = where.session[trusted & where.inside]
        for begin, end in missing_sessions(present, int(held.min()), int(held.max())):
            yield _gap(rows, begin, end, schedule)
    if is_intraday(interval):
        yield from _within_sessions(rows, interval, good, trusted, where, schedule)


def _within_sessions(
    rows: BarRows, interval: str, good: BoolArray, trusted: BoolArray, where: Placed, schedule: Schedule
) -> Iterator[Issue]:
    outside = np.flatnonzero(trusted & where.known & ~where.inside & (where.session >= 0))
    at_close = (rows.timestamps[outside] == schedule.closes[where.session[outside]]).sum() if len(outside) else 0
    at_open = np.isin(rows.timestamps, schedule.opens).sum()
    if at_close > 1 and at_close > 0.9 * len(outside) and at_open < 0.1 * at_close:
        words = f"{at_close} bars stand at a close and none at an open: stamps seem to be ends of bars, not starts"
        yield _finding(rows, "end_stamps", "warning", int(rows.timestamps[outside[0]]), words)
    held = good & where.inside
    missing = missing_bars(rows.timestamps[held], where.session[held], interval, schedule)
    if missing:
        words = f"{missing} bars of {interval} are missing in sessions that have others"
        yield _finding(rows, "missing_bars", "warning", None, words)


def _gap(rows: BarRows, begin: int, end: int, schedule: Schedule) -> Issue:
    first, last = int(schedule.sessions[begin]), int(schedule.sessions[end])
    if begin == end:
        words = f"no row for the session of {day_text(first)} ({schedule.calendar})"
    else:
        words = f"no row for {end - begin + 1} sessions of {schedule.calendar}, {day_text(first)} to {day_text(last)}"
    return _finding(rows, "missing_session", "gap", first, words)


def _finding(rows: BarRows, rule: str, severity: Severity, timestamp: int | None, words: str) -> Issue:
    return Issue(
        rule=rule, severity=severity, symbol=rows.symbol, timestamp=timestamp, message=f"{rows.symbol}: {words}"
    )
