"""Recording fakes: a store, a coverage, calendars and a vendor that write down who was asked, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from hindcast.domain.errors import DateRangeError, HindcastError, SymbolError
from hindcast.domain.market_data import CorporateAction, Coverage, DataVersion, DateRange, SeriesTerms, Unavailable
from hindcast.engine.stamps import DAY_NS, to_nanoseconds
from hindcast.services.market_data.coverage import joined
from hindcast.services.ports import (
    BarRows,
    CleanSeries,
    Fetched,
    FloatArray,
    PanelTable,
    Schedule,
    StoredSeries,
    SymbolInfo,
)

NOW = datetime(2024, 3, 15, 12, 0, tzinfo=UTC)  # a Friday


def days(first: str, last: str) -> DateRange:
    return DateRange(first=date.fromisoformat(first), last=date.fromisoformat(last))


def weekdays(first: date, last: date) -> np.ndarray[Any, np.dtype[np.int64]]:
    every = np.arange(np.datetime64(first), np.datetime64(last) + np.timedelta64(1, "D"))
    kept = every[np.is_busday(every)]
    return kept.astype("M8[ns]").astype(np.int64)


class Weekdays:
    """A calendar whose sessions are Monday to Friday, 14:00 to 21:00 UTC."""

    def schedule(self, calendar: str, first: date, last: date) -> Schedule:
        sessions = weekdays(first, last)
        hour = 3_600_000_000_000
        bounds = to_nanoseconds([first, last])
        return Schedule(
            calendar=calendar,
            sessions=sessions,
            opens=sessions + 14 * hour,
            closes=sessions + 21 * hour,
            early=np.zeros(len(sessions), dtype=np.bool_),
            first=int(bounds[0]),
            last=int(bounds[1]),
        )


@dataclass
class Vendor:
    """A vendor that has every weekday of every symbol, from `begins` on; its closes rise by 1 a day since 1990."""

    said: list[str]
    name: str = "vendor"
    intervals: tuple[str, ...] = ("1d", "5min")
    begins: date = date(1990, 1, 1)
    spoiled: Sequence[int] = ()  # places of rows whose high is below their low
    actions: tuple[CorporateAction, ...] = ()
    refuses: Mapping[str, HindcastError] = field(default_factory=dict)  # by symbol
    adjusted_by: float | None = None
    clock: Callable[[], datetime] = lambda: NOW
    waits_at: str = ""  # a symbol whose answer never comes

    def terms(self, symbol: str, interval: str) -> SeriesTerms:
        return SeriesTerms(currency="USD", calendar="WEEKDAYS", name=f"{symbol} Inc.")

    async def fetch(self, symbol: str, interval: str, days: DateRange) -> Fetched:
        self.said.append(f"vendor.fetch {symbol} {interval} {days}")
        if symbol == self.waits_at:
            await asyncio.sleep(3600)
        if symbol in self.refuses:
            raise self.refuses[symbol]
        first = max(days.first, self.begins)
        stamps = weekdays(first, days.last) if first <= days.last else np.empty(0, dtype=np.int64)
        close: FloatArray = (1_000.0 + (stamps // DAY_NS)).astype(np.float64)
        high = close + 1.0
        high[list(self.spoiled)] = 1.0
        missing: tuple[Unavailable, ...] = ()
        if self.begins > days.first:
            lost = DateRange(first=days.first, last=min(days.last, date.fromordinal(self.begins.toordinal() - 1)))
            missing = (Unavailable(days=lost, reason="the free plan ends", remedy="pay", asked_at=self.clock()),)
        return Fetched(
            rows=BarRows(
                symbol=symbol,
                timestamps=stamps,
                open=close,
                high=high,
                low=close - 1.0,
                close=close,
                volume=np.full(len(stamps), 10.0),
                origin="vendor",
            ),
            terms=self.terms(symbol, interval),
            covered=(DateRange(first=first, last=days.last),) if first <= days.last else (),
            unavailable=missing,
            actions=self.actions,
            adjusted_close=None if self.adjusted_by is None else close * np.linspace(self.adjusted_by, 1.0, len(close)),
        )

    async def search(self, words: str) -> tuple[SymbolInfo, ...]:
        self.said.append(f"vendor.search {words}")
        return ()


@dataclass
class Coverages:
    """Coverage in a dict."""

    said: list[str]
    kept: dict[tuple[str, str, str], Coverage] = field(default_factory=dict)

    def get(self, provider: str, interval: str, symbol: str) -> Coverage | None:
        self.said.append(f"coverage.get {symbol}")
        return self.kept.get((provider, interval, symbol))

    def save(self, coverage: Sequence[Coverage]) -> None:
        self.said.append(f"coverage.save {', '.join(one.symbol for one in coverage)}")
        self.kept |= {(one.provider, one.interval, one.symbol): one for one in coverage}

    def clear(self) -> None:
        self.kept.clear()


class Reports:
    """Quarantine reports in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def save(self, report: Mapping[str, object]) -> str:
        self.kept[f"r{len(self.kept)}"] = report
        return f"r{len(self.kept) - 1}"

    def get(self, report_id: str) -> Mapping[str, object]:
        found: Mapping[str, object] = self.kept[report_id]
        return found

    def list(self) -> tuple[str, ...]:
        return tuple(self.kept)


@dataclass
class Store:
    """A store of whole series: what is published last wins, row by row."""

    said: list[str]
    held: dict[tuple[str, str], dict[str, CleanSeries]] = field(default_factory=dict)
    made: list[DataVersion] = field(default_factory=list)

    def datasets(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.held))

    def versions(self, provider: str, interval: str) -> tuple[DataVersion, ...]:
        return tuple(reversed(self.made))

    def series(self, provider: str, interval: str, version: str | None = None) -> Mapping[str, StoredSeries]:
        self.said.append("store.series")
        return {
            symbol: StoredSeries(
                symbol=symbol,
                terms=one.terms,
                first=int(one.timestamps[0]) if len(one.timestamps) else 0,
                last=int(one.timestamps[-1]) if len(one.timestamps) else 0,
                rows=len(one.timestamps),
                coverage=Coverage(
                    provider=provider,
                    interval=interval,
                    symbol=symbol,
                    covered=joined(one.covered),
                    unavailable=one.unavailable,
                ),
            )
            for symbol, one in self.held.get((provider, interval), {}).items()
        }

    def read(
        self,
        provider: str,
        interval: str,
        symbols: Sequence[str],
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> PanelTable:
        self.said.append(f"store.read {', '.join(symbols)} {version or 'newest'}")
        held = self.held.get((provider, interval), {})
        (symbol,) = symbols
        if symbol not in held:
            raise SymbolError(f"no {symbol}")
        one = held[symbol]
        kept = (one.timestamps >= (start or 0)) & (one.timestamps <= (end or 2**62))
        if not kept.any():
            raise DateRangeError("no bar")
        columns = {name: getattr(one, name)[kept][:, None] for name in ("open", "high", "low", "close", "volume")}
        split = np.ones_like(columns["close"])
        for action in one.actions or ():
            split[one.timestamps[kept] == to_nanoseconds([action.day])[0]] = action.value
        return PanelTable(
            timestamps=one.timestamps[kept], symbols=(symbol,), **columns, split=split, version=self.made[-1].id
        )

    def actions(
        self, provider: str, interval: str, symbol: str, version: str | None = None
    ) -> tuple[CorporateAction, ...]:
        return self.held[provider, interval][symbol].actions or ()

    def publish(
        self, provider: str, interval: str, series: Sequence[CleanSeries], *, reason: str, known_at: datetime
    ) -> DataVersion:
        held = self.held.setdefault((provider, interval), {})
        for one in series:
            self.said.append(f"store.publish {one.symbol} {len(one.timestamps)}")
            held[one.symbol] = one if one.symbol not in held else _merged(held[one.symbol], one)
        self.made.append(
            DataVersion(
                id=f"{len(self.made) + 1}{'a' * 63}",
                provider=provider,
                interval=interval,
                known_at=known_at,
                parent=None,
                reason=reason,
            )
        )
        return self.made[-1]

    def check(self) -> Any:
        return iter(())


def _merged(old: CleanSeries, new: CleanSeries) -> CleanSeries:
    stamps, places = np.unique(np.concatenate((new.timestamps, old.timestamps)), return_index=True)
    columns = {
        name: np.concatenate((getattr(new, name), getattr(old, name)))[places]
        for name in ("open", "high", "low", "close", "volume")
    }
    return CleanSeries(
        symbol=new.symbol,
        terms=new.terms,
        timestamps=stamps,
        **columns,
        covered=joined((*old.covered, *new.covered)),
        unavailable=new.unavailable,
        actions=new.actions,
    )
