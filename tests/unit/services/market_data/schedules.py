"""Sessions of made-up exchanges: weekdays by the clock of a real time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from hindcast.engine.stamps import to_nanoseconds
from hindcast.services.ports import Schedule


def sessions(
    first: str,
    last: str,
    *,
    zone: str = "America/New_York",
    hours: tuple[str, str] = ("09:30", "16:00"),
    opens_day_before: bool = False,
    holidays: tuple[str, ...] = (),
    early: dict[str, str] | None = None,
    weekdays: int = 5,
) -> Schedule:
    """All weekdays from first to last but holidays; `early` gives other closes by date."""
    local = ZoneInfo(zone)
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    span = [start + timedelta(days=count) for count in range((end - start).days + 1)]
    days = [day for day in span if day.weekday() < weekdays and day.isoformat() not in holidays]
    closes = {day: (early or {}).get(day.isoformat(), hours[1]) for day in days}

    def instant(day: date, clock: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=local)

    return Schedule(
        calendar=zone,
        sessions=to_nanoseconds(days),
        opens=to_nanoseconds([instant(day - timedelta(days=int(opens_day_before)), hours[0]) for day in days]),
        closes=to_nanoseconds([instant(day, closes[day]) for day in days]),
        early=np.array([day.isoformat() in (early or {}) for day in days], dtype=np.bool_),
        first=int(to_nanoseconds([start])[0]),
        last=int(to_nanoseconds([end])[0]),
    )


def minutes_of(schedule: Schedule, step: int = 1) -> np.ndarray:
    """The starts of all bars of so many minutes in all sessions."""
    return np.concatenate(
        [np.arange(a, b, step * 60_000_000_000) for a, b in zip(schedule.opens, schedule.closes, strict=True)]
    )
