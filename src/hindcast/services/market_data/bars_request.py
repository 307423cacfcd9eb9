"""BarsRequest: which bars are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from hindcast.domain.errors import DateRangeError, InputError
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
        start: date | datetime | str | None,
        end: date | datetime | str | None,
        *,
        provider: str,
        interval: str = DAILY,
        adjusted: bool = False,
        versions: Sequence[str] = (),
    ) -> Self:
        """A request from what a caller gave: of an instant its date, as its own clock shows it, counts.

        Raises InputError, DateRangeError.
        """
        first, last = _day("start", start), _day("end", end)
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


def _day(name: str, given: date | datetime | str | None) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InputError(f"{name}={given!r} is no date; expected one such as '1999-01-04'") from None
