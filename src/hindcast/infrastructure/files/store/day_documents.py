"""Days that are known, and days that a source did not give, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from hindcast.domain.market_data import DateRange, Unavailable


def covered_document(covered: Sequence[DateRange]) -> list[list[str]]:
    """Ranges as pairs of ISO dates."""
    return [_pair(days) for days in covered]


def covered_of(document: Sequence[Sequence[str]]) -> tuple[DateRange, ...]:
    """The ranges of such pairs. Raises ValueError, TypeError, DateRangeError."""
    return tuple(_days(pair) for pair in document)


def unavailable_document(unavailable: Sequence[Unavailable]) -> list[dict[str, object]]:
    """Entries with their days as a pair of ISO dates, the moment in UTC."""
    return [
        {
            "days": _pair(entry.days),
            "reason": entry.reason,
            "remedy": entry.remedy,
            "asked_at": entry.asked_at.astimezone(UTC).isoformat(),
        }
        for entry in unavailable
    ]


def unavailable_of(document: Sequence[Mapping[str, str]]) -> tuple[Unavailable, ...]:
    """The entries of such a document. Raises ValueError, TypeError, KeyError, DateRangeError."""
    return tuple(
        Unavailable(
            days=_days(entry["days"]),
            reason=entry["reason"],
            remedy=entry["remedy"],
            asked_at=datetime.fromisoformat(entry["asked_at"]),
        )
        for entry in document
    )


def _pair(days: DateRange) -> list[str]:
    return [days.first.isoformat(), days.last.isoformat()]


def _days(pair: Sequence[str]) -> DateRange:
    first, last = pair
    return DateRange(first=date.fromisoformat(first), last=date.fromisoformat(last))
