"""BarsRequest: which bars are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from hindcast.domain.errors import DateRangeError
from hindcast.domain.intervals import DAILY, canonical_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsRequest:
    """Which bars are wanted."""

    symbols: tuple[str, ...]
    start: date | None
    end: date | None
    provider: str
    interval: str = DAILY
    adjusted: bool = False
    versions: tuple[str, ...] = ()  # pins: "provider/interval@version"

    @classmethod
    def of(  # noqa: PLR0913  # the fields of the record
        cls,
        symbols: Sequence[str] | str,
        start: date | datetime | None,
        end: date | datetime | None,
        *,
        provider: str,
        interval: str = DAILY,
        adjusted: bool = False,
        versions: Sequence[str] = (),
    ) -> Self:
        """A request from what a caller gave. Raises InputError, DateRangeError."""
        first, last = _day(start), _day(end)
        if first is not None and last is not None and first > last:
            raise DateRangeError(f"start {first} is after end {last}: swap them")
        return cls(
            symbols=(symbols,) if isinstance(symbols, str) else tuple(symbols),
            start=first,
            end=last,
            provider=provider,
            interval=canonical_interval(interval),
            adjusted=adjusted,
            versions=tuple(versions),
        )


def _day(moment: date | datetime | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment
