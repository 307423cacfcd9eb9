"""Fakes that an importer works with: a store that remembers, and calendars without holidays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from hindcast.domain.errors import DateRangeError, InputError
from hindcast.domain.market_data import CorporateAction, Coverage, DataVersion
from hindcast.engine.stamps import DAY_NS, to_nanoseconds
from hindcast.services.market_data.intake.importer import DataImporter
from hindcast.services.market_data.intake.source_rows import SourceRows
from hindcast.services.ports import CleanSeries, PanelTable, Schedule, StoredSeries

NOW = datetime(2036, 6, 3, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class RememberingStore:
    """Keeps what is published; only what an importer asks for."""

    held: dict[tuple[str, str], dict[str, CleanSeries]] = field(default_factory=dict)
    published: list[tuple[str, ...]] = field(default_factory=list)
    reads: int = 0

    def series(self, provider: str, interval: str, version: str | None = None) -> Mapping[str, StoredSeries]:
        return {
            symbol: StoredSeries(
                symbol=symbol,
                terms=found.terms,
                first=int(found.timestamps[0]),
                last=int(found.timestamps[-1]),
                rows=len(found.timestamps),
                coverage=Coverage(provider=provider, interval=interval, symbol=symbol, covered=found.covered),
            )
            for symbol, found in self.held.get((provider, interval), {}).items()
        }

    def read(
        self, provider: str, interval: str, symbols: Sequence[str], start: int | None = None, end: int | None = None
    ) -> PanelTable:
        self.reads += 1
        found = [self.held[provider, interval][symbol] for symbol in symbols]
        low, high = -(2**62) if start is None else start, 2**62 if end is None else end
        parts = [one.timestamps[(one.timestamps >= low) & (one.timestamps <= high)] for one in found]
        if not all(len(part) for part in parts):
            raise DateRangeError("no bar in the range")
        union = np.unique(np.concatenate(parts))
        columns: dict[str, Any] = {
            name: np.full((len(union), len(found)), np.nan) for name in ("open", "high", "low", "close", "volume")
        }
        for place, (one, part) in enumerate(zip(found, parts, strict=True)):
            for name, values in columns.items():
                own = getattr(one, name)[np.searchsorted(one.timestamps, part)]
                values[np.searchsorted(union, part), place] = own
        return PanelTable(timestamps=union, symbols=tuple(symbols), **columns)

    def actions(self, provider: str, interval: str, symbol: str) -> tuple[CorporateAction, ...]:
        return self.held[provider, interval][symbol].actions or ()

    def publish(
        self, provider: str, interval: str, series: Sequence[CleanSeries], *, reason: str, known_at: datetime
    ) -> DataVersion:
        self.published.append((provider, interval, reason, *(entry.symbol for entry in series)))
        self.held.setdefault((provider, interval), {}).update({entry.symbol: entry for entry in series})
        return DataVersion(
            id=f"{len(self.published):064}",
            provider=provider,
            interval=interval,
            known_at=known_at,
            parent=None,
            reason=reason,
            changed=tuple(entry.symbol for entry in series),
        )


@dataclass(kw_only=True)
class RememberingCoverage:
    """Keeps what is saved."""

    saved: list[Coverage] = field(default_factory=list)

    def save(self, coverage: Sequence[Coverage]) -> None:
        self.saved.extend(coverage)


@dataclass(kw_only=True)
class RememberingQuarantine:
    """Keeps the reports."""

    reports: list[Mapping[str, Any]] = field(default_factory=list)

    def save(self, report: Mapping[str, Any]) -> str:
        self.reports.append(report)
        return f"report{len(self.reports)}"


@dataclass(kw_only=True)
class WeekdayCalendars:
    """Every weekday is a session from 14:30 to 21:00 UTC."""

    asked: list[tuple[str, date, date]] = field(default_factory=list)

    def schedule(self, calendar: str, first: date, last: date) -> Schedule:
        if calendar != "WEEK":
            raise InputError(f"no calendar {calendar!r}; did you mean 'WEEK'?")
        self.asked.append((calendar, first, last))
        days = np.arange(np.datetime64(first), np.datetime64(last) + np.timedelta64(1, "D"))
        sessions = days[np.is_busday(days)].astype("M8[ns]").astype(np.int64)
        hour = DAY_NS // 24
        return Schedule(
            calendar=calendar,
            sessions=sessions,
            opens=sessions + 14 * hour + hour // 2,
            closes=sessions + 21 * hour,
            early=np.zeros(len(sessions), dtype=np.bool_),
            first=int(to_nanoseconds([first])[0]),
            last=int(to_nanoseconds([last])[0]),
        )


@dataclass(kw_only=True)
class Workshop:
    """An importer and all that it works with."""

    store: RememberingStore = field(default_factory=RememberingStore)
    coverage: RememberingCoverage = field(default_factory=RememberingCoverage)
    calendars: WeekdayCalendars = field(default_factory=WeekdayCalendars)
    quarantine: RememberingQuarantine = field(default_factory=RememberingQuarantine)

    @property
    def importer(self) -> DataImporter:
        return DataImporter(self.store, self.coverage, self.calendars, self.quarantine, clock=lambda: NOW)  # type: ignore[arg-type]  # fakes of what is used


def weekdays(count: int, first: str = "2018-01-02") -> np.ndarray:
    days = np.arange(np.datetime64(first), np.datetime64(first) + np.timedelta64(2 * count + 10, "D"))
    return days[np.is_busday(days)][:count].astype("M8[ns]").astype(np.int64)


def rows_of(symbol: str = "AAPL", count: int = 2_000, first: str = "2018-01-02", **changes: Any) -> SourceRows:
    """Good daily bars; `changes` replace fields, or single values by `field={place: value}`."""
    stamps = weekdays(count, first)
    close = 100 + 10 * np.sin(np.arange(count) / 20)
    columns: dict[str, Any] = {
        "timestamps": stamps,
        "open": close * 0.999,
        "high": close * 1.01,
        "low": close * 0.99,
        "close": close,
        "volume": np.full(count, 1e6) + np.arange(count),
    }
    for name in list(changes):
        if isinstance(changes[name], dict) and name in columns:
            columns[name] = columns[name].copy()
            for place, value in changes.pop(name).items():
                columns[name][place] = value
    return SourceRows(**{"symbol": symbol, "origin": f"{symbol}.csv", **columns, **changes})
