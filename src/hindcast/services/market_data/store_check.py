"""Checking what is stored: every file against its hash, every series against its calendar and the rules of warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from hindcast.domain.errors import HindcastError
from hindcast.domain.intervals import DAILY, is_intraday
from hindcast.engine.stamps import to_datetime
from hindcast.services.market_data.validators import DataValidator
from hindcast.services.ports import BarStore, CalendarSource, IntArray, StoredSeries

SHOWN_DAYS: Final = 5
TOGETHER: Final = 50  # series that are read at a time: few enough for the memory, many enough to open few files


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or strange in the store."""

    severity: str  # "damage", "error", "gap" or "warning"
    place: str  # a file, or "provider/interval symbol"
    message: str


def check_files(checked: Iterable[tuple[str, HindcastError | None]]) -> Iterator[Finding | None]:
    """One entry per file or document that was checked: what is wrong with it, or None."""
    for name, error in checked:
        yield None if error is None else Finding(severity="damage", place=name, message=str(error))


def check_series(store: BarStore, calendars: CalendarSource) -> Iterator[tuple[str, list[Finding]]]:
    """Stored series by name, with their missing sessions, the days that their source did not give, and warnings."""
    for provider, interval in store.datasets():
        series = list(store.series(provider, interval).values())
        for first in range(0, len(series), TOGETHER):
            some = series[first : first + TOGETHER]
            yield from _of_some(store, calendars, f"{provider}/{interval}", some)


def _of_some(
    store: BarStore, calendars: CalendarSource, dataset: str, series: list[StoredSeries]
) -> Iterator[tuple[str, list[Finding]]]:
    findings: dict[str, list[Finding]] = {one.symbol: _refused_days(dataset, one) for one in series}
    held = [one for one in series if one.rows]
    if held:
        coverage = held[0].coverage
        symbols = [one.symbol for one in held]
        try:
            table = store.read(coverage.provider, coverage.interval, symbols)
        except HindcastError as error:
            findings[symbols[0]].append(Finding(severity="damage", place=dataset, message=str(error)))
        else:
            for column, one in enumerate(held):
                stamps = table.timestamps[~np.isnan(table.close[:, column])]
                findings[one.symbol] += _missing_sessions(calendars, dataset, one, stamps)
            for issue in DataValidator().validate_completeness(table, symbols).issues:
                if issue.rule != "missing_bar":  # a bar that another symbol has may be of another exchange
                    place = f"{dataset} {issue.symbol}"
                    found = Finding(severity=issue.severity, place=place, message=str(issue))
                    findings[issue.symbol or symbols[0]].append(found)
    for symbol, some in findings.items():
        yield f"{dataset} {symbol}", some


def _refused_days(dataset: str, series: StoredSeries) -> list[Finding]:
    place = f"{dataset} {series.symbol}"
    return [
        Finding(severity="gap", place=place, message=f"not given by its source: {gap}")
        for gap in series.coverage.unavailable
    ]


def _missing_sessions(
    calendars: CalendarSource, dataset: str, series: StoredSeries, stamps: IntArray
) -> Iterator[Finding]:
    interval, calendar = series.coverage.interval, series.terms.calendar
    within_day = is_intraday(interval)
    if not calendar or not (within_day or interval == DAILY):
        return
    first, last = to_datetime(series.first).date(), to_datetime(series.last).date()
    schedule = calendars.schedule(calendar, first, last)
    begin = schedule.opens if within_day else schedule.sessions
    end = schedule.closes if within_day else schedule.sessions + 1
    lacking = schedule.sessions[np.searchsorted(stamps, begin) == np.searchsorted(stamps, end)]
    if not len(lacking):
        return
    days = ", ".join(str(to_datetime(day).date()) for day in lacking[:SHOWN_DAYS])
    more = f" and {len(lacking) - SHOWN_DAYS} more" if len(lacking) > SHOWN_DAYS else ""
    words = f"no bar in {len(lacking)} of {len(schedule.sessions)} sessions of {calendar}: {days}{more}"
    yield Finding(severity="gap", place=f"{dataset} {series.symbol}", message=words)
