"""Good series to hide bad bars in: daily and intraday, of several exchanges, with splits, halts and half days."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from functools import cache

import numpy as np

from hindcast.domain.intervals import interval_ns
from hindcast.domain.market_data import SeriesTerms
from hindcast.infrastructure.calendars.exchange_calendars import ExchangeCalendars
from hindcast.services.market_data.quality.screening import Screened, screen
from hindcast.services.ports import BarRows, Schedule

DAY = 86_400_000_000_000
HOUR = 3_600_000_000_000
MINUTE = 60_000_000_000
NAN = np.nan
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALENDARS = ExchangeCalendars(lambda: date(2026, 1, 1))


@cache
def sessions(calendar: str, first: str, last: str) -> Schedule:
    """The calendar's sessions from first to last."""
    return CALENDARS.schedule(calendar, date.fromisoformat(first), date.fromisoformat(last))


def stamp(text: str) -> int:
    """UTC nanoseconds of an ISO text."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def bars_at(timestamps, seed: int = 0, symbol: str = "A") -> BarRows:
    """Rows with prices that move by some tenths of a percent and fit each other, in order."""
    rng = np.random.default_rng(seed)
    stamps = np.asarray(timestamps, dtype=np.int64)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, len(stamps))))
    opened = close * np.exp(rng.normal(0, 0.002, len(stamps)))
    return BarRows(
        symbol=symbol,
        timestamps=stamps,
        open=opened,
        high=np.maximum(opened, close) * (1 + rng.uniform(0.0001, 0.002, len(stamps))),
        low=np.minimum(opened, close) * (1 - rng.uniform(0.0001, 0.002, len(stamps))),
        close=close,
        volume=rng.integers(1, 10_000, len(stamps)).astype(np.float64),
        origin="a.csv",
    )


def daily(calendar: str = "XNYS", first: str = "2018-01-02", last: str = "2018-12-31", seed: int = 0) -> BarRows:
    """A bar for each session."""
    return bars_at(sessions(calendar, first, last).sessions, seed)


def intraday(
    calendar: str = "XNYS",
    first: str = "2018-06-25",
    last: str = "2018-07-13",
    interval: str = "5min",
    seed: int = 0,
) -> BarRows:
    """A bar for each interval of each session."""
    schedule = sessions(calendar, first, last)
    step = interval_ns(interval)
    spans = zip(schedule.opens.tolist(), schedule.closes.tolist(), strict=True)
    return bars_at(np.concatenate([np.arange(begin, end, step) for begin, end in spans]), seed)


def taken(rows: BarRows, places) -> BarRows:
    """The rows at these places."""
    columns = ("timestamps", "open", "high", "low", "close", "volume", "split", "dividend")
    kept = {name: getattr(rows, name)[places] for name in columns if getattr(rows, name) is not None}
    return dataclasses.replace(rows, **kept)


def with_cells(rows: BarRows, place: int, **values: float) -> BarRows:
    """The rows with other values at one place."""
    columns = {name: getattr(rows, name).copy() for name in values}
    for name, value in values.items():
        columns[name][place] = value
    return dataclasses.replace(rows, **columns)


def screened(
    rows: BarRows,
    interval: str = "1d",
    *,
    calendar: str = "XNYS",
    now: datetime = NOW,
    schedule: Schedule | None = None,
    **terms: object,
) -> Screened:
    """Rows of 2018 held against the calendar ("" for none)."""
    if calendar and schedule is None:
        schedule = sessions(calendar, "2017-12-01", "2019-01-31")
    made = SeriesTerms(calendar=calendar, **terms)  # type: ignore[arg-type]  # terms by name, as each test has them
    return screen(rows, made, interval, now=now, schedule=schedule)


def reasons(result: Screened) -> list[tuple[int, tuple[str, ...]]]:
    """The quarantined rows by number, with their reasons."""
    return list(zip(result.quarantine.rows.tolist(), result.quarantine.reasons, strict=True))


def rules(result: Screened) -> list[str]:
    """The names of the findings."""
    return [issue.rule for issue in result.findings]
