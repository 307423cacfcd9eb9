"""Sets of days: which are known, which are still missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from hindcast.domain.market_data import Coverage, DateRange, Unavailable

ONE_DAY: Final = timedelta(days=1)
ASK_AGAIN: Final = timedelta(hours=24)  # days that a source did not give are asked for again after so long,
ASK_FRESH_AGAIN: Final = timedelta(hours=1)  # and those that have just ended, which may only be late, after so long
_FRESH: Final = timedelta(days=4)


def joined(ranges: Iterable[DateRange]) -> tuple[DateRange, ...]:
    """The same days as few ranges, sorted and apart; days that follow each other join."""
    found: list[DateRange] = []
    for days in sorted(ranges):
        if found and days.first <= found[-1].last + ONE_DAY:
            found[-1] = DateRange(first=found[-1].first, last=max(found[-1].last, days.last))
        else:
            found.append(days)
    return tuple(found)


def without(wanted: DateRange, known: Iterable[DateRange]) -> tuple[DateRange, ...]:
    """The days of `wanted` that are in no range of `known`."""
    missing: list[DateRange] = []
    first = wanted.first
    for days in joined(known):
        if days.last < first or days.first > wanted.last:
            continue
        if days.first > first:
            missing.append(DateRange(first=first, last=days.first - ONE_DAY))
        first = days.last + ONE_DAY
    if first <= wanted.last:
        missing.append(DateRange(first=first, last=wanted.last))
    return tuple(missing)


def overlap(one: DateRange, other: DateRange) -> DateRange | None:
    """The days that both ranges hold."""
    first, last = max(one.first, other.first), min(one.last, other.last)
    return DateRange(first=first, last=last) if first <= last else None


def missing_days(coverage: Coverage | None, wanted: DateRange, now: datetime) -> tuple[DateRange, ...]:
    """The days that a source is to be asked for: not known, and not refused a short while ago."""
    if coverage is None:
        return (wanted,)
    refused = (entry.days for entry in coverage.unavailable if now - entry.asked_at < _patience(entry))
    return without(wanted, (*coverage.covered, *refused))


def _patience(entry: Unavailable) -> timedelta:
    return ASK_FRESH_AGAIN if entry.asked_at.date() - entry.days.first < _FRESH else ASK_AGAIN


def unavailable_days(coverage: Coverage | None, wanted: DateRange) -> tuple[Unavailable, ...]:
    """What of the wanted days the source did not give, each entry cut to them, with its reason."""
    found = []
    for entry in () if coverage is None else coverage.unavailable:
        common = overlap(entry.days, wanted)
        if common is not None:
            found.append(Unavailable(days=common, reason=entry.reason, remedy=entry.remedy, asked_at=entry.asked_at))
    return tuple(found)
