"""Screening: rows as a source gave them, parted into good bars, quarantine and findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import InputError
from hindcast.domain.intervals import DAILY, is_intraday
from hindcast.domain.market_data import CorporateAction, DateRange, SeriesTerms, Unavailable
from hindcast.engine.stamps import DAY_NS, to_datetime, to_nanoseconds
from hindcast.services.market_data.quality.bad_bars import CLASSES, STRUCTURAL
from hindcast.services.market_data.quality.calendar_rules import (
    Placed,
    after_early_close,
    future_and_unfinished,
    placed,
)
from hindcast.services.market_data.quality.jump_rules import warnings_of
from hindcast.services.market_data.quality.order_rules import order_of
from hindcast.services.market_data.quality.row_marks import RowMarks
from hindcast.services.market_data.quality.row_rules import RULES
from hindcast.services.market_data.quality.sanity_rules import Issue
from hindcast.services.market_data.quality.session_findings import not_checked, session_findings
from hindcast.services.market_data.quality.zone_rules import foreign_days, foreign_hours
from hindcast.services.ports import BarRows, CleanSeries, Schedule

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_ZONE: Final = frozenset({"naive_time_zone", "foreign_time_zone"})
_MISPLACED: Final = ("off_calendar", "after_early_close", "dst_gap", "future_bar", "unfinished_bar")
_WRONG_STAMP: Final = (*_MISPLACED, "unsorted", "identical_duplicate", "conflicting_duplicate")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quarantine:
    """Rows that were taken out, in the source's order, each with all its reasons."""

    rows: IntArray  # (n,), the row's number in its origin, from 1
    timestamps: IntArray  # (n,), UTC nanoseconds; 0 where it can't be read
    reasons: tuple[tuple[str, ...], ...]  # classes of bad bars
    values: FloatArray  # (n, 5): open, high, low, close, volume as the source gave them

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screened:
    """One symbol's rows after the rules: good bars in order of time, and all that is to be said of the others."""

    symbol: str
    origin: str
    timestamps: IntArray  # (m,), UTC nanoseconds, strictly increasing
    open: FloatArray  # (m,), price, no NaN
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray  # (m,), units; all NaN where the source has none
    actions: tuple[CorporateAction, ...] | None  # from the source's columns; None where it has none
    quarantine: Quarantine
    findings: tuple[Issue, ...]  # gaps and warnings
    structural: tuple[Issue, ...]  # errors for which the whole import is to be refused
    rows: int  # rows that were given

    def series(
        self,
        terms: SeriesTerms,
        *,
        covered: tuple[DateRange, ...],
        actions: tuple[CorporateAction, ...] | None,
        unavailable: tuple[Unavailable, ...] = (),
        edges: IntArray | None = None,
    ) -> CleanSeries:
        """The good bars on their way into the store; stored bars at `edges` and at the stamps of bad rows stay."""
        bad = self.quarantine.timestamps
        return CleanSeries(
            symbol=self.symbol,
            terms=terms,
            timestamps=self.timestamps,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            volume=self.volume,
            covered=covered,
            actions=actions,
            unavailable=unavailable,
            kept=np.unique(bad if edges is None else np.concatenate([bad, edges])),
        )


def screen(
    rows: BarRows,
    terms: SeriesTerms,
    interval: str,
    *,
    now: datetime,
    schedule: Schedule | None,
    actions: Sequence[CorporateAction] | None = None,
) -> Screened:
    """Hold rows against every rule; nothing is raised, all is reported.

    Parameters
    ----------
    rows : BarRows
        n rows of one symbol in the source's order. Its `faults` are taken over.
    terms : SeriesTerms
        `negative_prices` and `adjusted` change the rules.
    interval : str
        Canonical.
    now : datetime
        Aware; what is later is in the future.
    schedule : Schedule, optional
        Sessions of the days of `days_to_ask(rows.timestamps)`; None: sessions are not checked, and a warning says so.
    actions : sequence of CorporateAction, optional
        Known from elsewhere; they explain jumps, beside those of the rows' own columns.

    Returns
    -------
    Screened
        A row is good where no class of bad bar is found on it. A row whose text could not be read as
        a number is `text_in_number` and not `nan_price` as well. Splits and dividends come from all rows whose stamp
        can be right, even where the prices can't; 0 (or a split of 1) is none.

    Notes
    -----
    Order of the rules: values; stamps against clock and calendar; then duplicates; then the order of the rows that are
    left (`order_rules`). So no good bar is lost to a bad one. Weekly and monthly bars are not held against sessions.
    A missing session is one without any row, good or bad, between the first and the last good bar.

    Raises InputError for a naive `now`.
    """
    if now.tzinfo is None:
        raise InputError(f"now={now} has no time zone; expected an aware datetime")
    moment = int(to_nanoseconds([now])[0])
    marks = RowMarks(len(rows.timestamps))
    trusted = _hold_values(rows, terms, marks)
    bad = marks.any
    structural = [*_taken_over(rows), *_foreign(rows, interval, trusted, schedule)]
    sessions = schedule if _ZONE.isdisjoint(issue.rule for issue in structural) else None
    where = _hold_stamps(rows, interval, marks, trusted, moment, sessions)
    order = order_of(rows, trusted=trusted, misplaced=marks.having(*_MISPLACED), bad=bad)
    marks.add("identical_duplicate", order.identical)
    marks.add("conflicting_duplicate", order.conflicting)
    marks.add("unsorted", order.unsorted)

    good = ~marks.any
    days = rows.timestamps // DAY_NS * DAY_NS
    if where is not None and sessions is not None:
        days[where.inside] = sessions.sessions[where.session[where.inside]]
    own = _actions(rows, np.flatnonzero(trusted & ~marks.having(*_WRONG_STAMP)), days)
    known = sorted({*(own or ()), *(actions or ())})
    if good.all() and not order.reversed:
        clean, clean_days = rows, days  # nothing is copied where nothing is taken out
    else:
        places = np.flatnonzero(good)[:: -1 if order.reversed else 1]
        clean, clean_days = _taken(rows, places), days[places]
    findings = [*warnings_of(clean, clean_days, known, adjusted=terms.adjusted)]
    if where is not None and sessions is not None:
        present = trusted & ~marks.having("future_bar")
        findings += session_findings(rows, interval, good=good, trusted=present, where=where, schedule=sessions)
    elif schedule is None and _has_sessions(interval):
        findings.append(not_checked(rows, terms))
    return Screened(
        symbol=rows.symbol,
        origin=rows.origin,
        timestamps=clean.timestamps,
        open=clean.open,
        high=clean.high,
        low=clean.low,
        close=clean.close,
        volume=clean.volume,
        actions=own,
        quarantine=_quarantine(rows, marks),
        findings=tuple(findings),
        structural=tuple(structural),
        rows=len(rows.timestamps),
    )


def _hold_values(rows: BarRows, terms: SeriesTerms, marks: RowMarks) -> BoolArray:
    """Mark rows by their values and by what the reader found; gives the rows whose stamp could be read."""
    for name, places in (rows.faults or {}).items():
        if name not in STRUCTURAL:
            marks.add(name, places)
    text = marks.having("text_in_number")
    readable: BoolArray = ~((text & (rows.timestamps == 0)) | marks.having("dst_gap"))
    for name, rule in RULES.items():
        found = rule(rows, terms)
        marks.add(name, found & ~text if name in {"nan_price", "nan_volume"} else found)
    return readable


def _hold_stamps(
    rows: BarRows, interval: str, marks: RowMarks, trusted: BoolArray, now: int, schedule: Schedule | None
) -> Placed | None:
    """Mark rows by clock and calendar; gives the rows on the schedule where there is one."""
    future, unfinished = future_and_unfinished(rows.timestamps, interval, now, schedule)
    marks.add("future_bar", future & trusted)
    marks.add("unfinished_bar", unfinished & trusted)
    if schedule is None or not _has_sessions(interval):
        return None
    where = placed(rows.timestamps, interval, schedule)
    off = where.known & ~where.inside & trusted
    if off.any():
        early = after_early_close(rows.timestamps, where, schedule) if is_intraday(interval) else np.zeros_like(off)
        marks.add("after_early_close", off & early)
        marks.add("off_calendar", off & ~early)
    return where


def _has_sessions(interval: str) -> bool:
    return interval == DAILY or is_intraday(interval)


def _taken_over(rows: BarRows) -> Iterator[Issue]:
    """What the reader found wrong with the whole."""
    for name, places in (rows.faults or {}).items():
        if name in STRUCTURAL:
            numbers = _numbers(rows)[places].tolist()
            shown = ", ".join(str(number) for number in numbers[:5])
            more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
            rest = f" (rows {shown}{more})" if numbers else ""
            yield _refusal(rows, name, f"{CLASSES[name].meaning}{rest}; {CLASSES[name].remedy}")


def _foreign(rows: BarRows, interval: str, trusted: BoolArray, schedule: Schedule | None) -> Iterator[Issue]:
    """Stamps of another time zone."""
    stamps = rows.timestamps[trusted]
    words = ""
    if not is_intraday(interval):
        words = foreign_days(stamps)
    elif schedule is not None and "naive_time_zone" not in (rows.faults or {}):
        where = placed(stamps, interval, schedule)
        words = foreign_hours(stamps[where.known], interval, where.inside[where.known], schedule)
    if words:
        yield _refusal(rows, "foreign_time_zone", words)


def _refusal(rows: BarRows, rule: str, words: str) -> Issue:
    name = f"{rows.origin}: {rows.symbol}" if rows.origin else rows.symbol
    return Issue(rule=rule, severity="error", symbol=rows.symbol, timestamp=None, message=f"{name}: {words}")


def _actions(rows: BarRows, places: IntArray, days: IntArray) -> tuple[CorporateAction, ...] | None:
    """Splits and dividends of the rows at these places, one by one and by day; None where the source has no column."""
    if rows.split is None and rows.dividend is None:
        return None
    found: set[CorporateAction] = set()
    if rows.split is not None:
        splits = rows.split[places]
        for row in places[(splits > 0) & (splits != 1) & (splits < np.inf)].tolist():
            found.add(CorporateAction(day=to_datetime(days[row]).date(), kind="split", value=float(rows.split[row])))
    if rows.dividend is not None:
        cash = rows.dividend[places]
        for row in places[(cash > 0) & (cash < np.inf)].tolist():
            day = to_datetime(days[row]).date()
            found.add(CorporateAction(day=day, kind="dividend", value=float(rows.dividend[row])))
    return tuple(sorted(found))


def _taken(rows: BarRows, places: IntArray) -> BarRows:
    return BarRows(
        symbol=rows.symbol,
        timestamps=rows.timestamps[places],
        open=rows.open[places],
        high=rows.high[places],
        low=rows.low[places],
        close=rows.close[places],
        volume=rows.volume[places],
    )


def _numbers(rows: BarRows) -> IntArray:
    return np.arange(1, len(rows.timestamps) + 1) if rows.numbers is None else rows.numbers


def _quarantine(rows: BarRows, marks: RowMarks) -> Quarantine:
    places = np.flatnonzero(marks.any)
    columns = (rows.open, rows.high, rows.low, rows.close, rows.volume)
    return Quarantine(
        rows=_numbers(rows)[places],
        timestamps=rows.timestamps[places],
        reasons=marks.reasons(places),
        values=np.stack([values[places] for values in columns], axis=1),
    )
