"""DataFetcher: what is missing of a vendor's bars is fetched, screened, published; what is known is not asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from hindcast.domain.errors import DataError, DateRangeError, ImportRefusedError
from hindcast.domain.intervals import is_intraday
from hindcast.domain.market_data import Coverage, DataVersion, DateRange, SeriesTerms, Unavailable
from hindcast.engine.stamps import to_datetime, to_nanoseconds
from hindcast.services.market_data.adjustment_comparison import compare_with_vendor
from hindcast.services.market_data.calendar_rules import days_to_ask
from hindcast.services.market_data.coverage import ONE_DAY, missing_days, unavailable_days, without
from hindcast.services.market_data.sanity_rules import Issue
from hindcast.services.market_data.screening import Screened, screen
from hindcast.services.ports import (
    BarStore,
    CalendarSource,
    CleanSeries,
    CoverageRepository,
    Fetched,
    MarketDataProvider,
    Schedule,
)

EARLIEST: Final = date(1990, 1, 1)  # where daily bars that are asked for without a start begin
SETTLING: Final = timedelta(minutes=30)  # after the close until a session's bars are final
MAX_BAD_SHARE: Final = 0.001  # of the rows of an answer
_LONGEST_CLOSURE: Final = timedelta(days=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What became of one request: which days were asked for, what came, what is still missing."""

    provider: str
    interval: str
    symbol: str
    asked: tuple[DateRange, ...]  # empty where everything was known already
    rows: int = 0  # bars that were published
    quarantined: int = 0
    findings: tuple[Issue, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()  # of the days that were wanted
    version: DataVersion | None = None


class DataFetcher:
    """Fills the store from vendors. One request goes out per stretch of missing days."""

    def __init__(
        self,
        store: BarStore,
        coverage: CoverageRepository,
        calendars: CalendarSource,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._coverage = coverage
        self._calendars = calendars
        self._clock = clock

    async def ensure(
        self,
        provider: MarketDataProvider,
        symbol: str,
        interval: str,
        start: date | None = None,
        end: date | None = None,
        *,
        again: bool = False,
    ) -> FetchReport:
        """Have the store hold what the vendor has of these days.

        Parameters
        ----------
        start, end : date, optional
            By default from 1990 (daily bars only), and to the last session that has ended.
        again : bool
            Ask for days that are known, too: a restatement becomes a new version.

        Raises
        ------
        ProviderError
            In its kinds; nothing is stored of an answer that failed.
        ImportRefusedError
            The answer's structure is wrong, or more than 0.1 % of its rows are bad.
        DateRangeError
            An inverted range, one that lies in the future, or intraday bars without a start.
        """
        terms = provider.terms(symbol, interval)
        wanted = await asyncio.to_thread(self._wanted, terms, interval, start, end)
        known = await asyncio.to_thread(self._known, provider.name, interval, symbol)
        candidates = (wanted,) if again else missing_days(known, wanted, self._clock())
        missing = await asyncio.to_thread(self._with_sessions, terms, candidates)
        reports = [await self._fetch(provider, symbol, interval, days) for days in missing]
        after = await asyncio.to_thread(self._coverage.get, provider.name, interval, symbol)
        return FetchReport(
            provider=provider.name,
            interval=interval,
            symbol=symbol,
            asked=missing,
            rows=sum(report.rows for report in reports),
            quarantined=sum(report.quarantined for report in reports),
            findings=tuple(finding for report in reports for finding in report.findings),
            unavailable=unavailable_days(after, wanted),
            version=next((report.version for report in reversed(reports)), None),
        )

    def _known(self, provider: str, interval: str, symbol: str) -> Coverage | None:
        """What is known of a symbol: the store is looked at first, the coverage then tells which days it stands for."""
        stored = self._store.series(provider, interval).get(symbol)
        coverage = self._coverage.get(provider, interval, symbol)
        if stored is None:
            return None  # whatever the coverage remembers, the bars are not there
        if coverage is None:
            self._coverage.save([stored.coverage])
            return stored.coverage
        return coverage

    async def _fetch(self, provider: MarketDataProvider, symbol: str, interval: str, days: DateRange) -> FetchReport:
        answer = await provider.fetch(symbol, interval, days)
        return await asyncio.to_thread(self._publish, provider.name, interval, days, answer)

    def _publish(self, provider: str, interval: str, days: DateRange, answer: Fetched) -> FetchReport:
        now = self._clock()
        symbol = answer.rows.symbol
        schedule = None
        if len(answer.rows.timestamps):
            first, last = days_to_ask(answer.rows.timestamps)
            schedule = self._schedule(answer.terms, DateRange(first=first, last=last))
        screened = screen(answer.rows, answer.terms, interval, now=now, schedule=schedule, actions=answer.actions)
        _refuse_if_bad(screened, provider)
        version = self._store.publish(provider, interval, [_clean(screened, answer)], reason="fetch", known_at=now)
        self._coverage.save([self._store.series(provider, interval, version.id)[symbol].coverage])
        return FetchReport(
            provider=provider,
            interval=interval,
            symbol=symbol,
            asked=(days,),
            rows=len(screened.timestamps),
            quarantined=len(screened.quarantine),
            findings=(*screened.findings, *_vendor_findings(screened.symbol, answer)),
            unavailable=answer.unavailable,
            version=version,
        )

    def _wanted(self, terms: SeriesTerms, interval: str, start: date | None, end: date | None) -> DateRange:
        if start is None and is_intraday(interval):
            raise DateRangeError(f"bars of {interval} need a start: else every month since 2000 would be fetched")
        first = EARLIEST if start is None else start
        ended = self._last_finished(terms)
        if end is not None and first > end:
            raise DateRangeError(f"start {first} is after end {end}: swap them")
        last = ended if end is None else min(end, ended)
        if first > last:
            raise DateRangeError(f"no session has ended since {first}: the last one that has is {ended}")
        return DateRange(first=first, last=last)

    def _last_finished(self, terms: SeriesTerms) -> date:
        """The last day whose session has closed; without a calendar yesterday, by UTC."""
        now = self._clock()
        yesterday = now.astimezone(UTC).date() - ONE_DAY
        if not terms.calendar:
            return yesterday
        schedule = self._calendars.schedule(terms.calendar, yesterday - _LONGEST_CLOSURE, yesterday + 2 * ONE_DAY)
        ended = schedule.sessions[schedule.closes <= int(to_nanoseconds([now - SETTLING])[0])]
        return to_datetime(ended[-1]).date() if len(ended) else yesterday

    def _with_sessions(self, terms: SeriesTerms, candidates: tuple[DateRange, ...]) -> tuple[DateRange, ...]:
        """The ranges in which there can be a bar at all: no request goes out for a weekend."""
        return tuple(days for days in candidates if self._has_session(terms, days))

    def _has_session(self, terms: SeriesTerms, days: DateRange) -> bool:
        schedule = self._schedule(terms, days)
        if schedule is None:
            return True
        known = DateRange(first=to_datetime(schedule.first).date(), last=to_datetime(schedule.last).date())
        return bool(len(schedule.sessions)) or bool(without(days, (known,)))

    def _schedule(self, terms: SeriesTerms, days: DateRange) -> Schedule | None:
        return self._calendars.schedule(terms.calendar, days.first, days.last) if terms.calendar else None


def _refuse_if_bad(screened: Screened, provider: str) -> None:
    bad = len(screened.quarantine)
    if not screened.structural and bad <= MAX_BAD_SHARE * screened.rows:
        return
    said = [str(issue) for issue in screened.structural] + list(_rows_in_words(screened))
    more = f" and {len(said) - 5} more" if len(said) > 5 else ""
    raise ImportRefusedError(
        f"the answer of {provider} for {screened.symbol} is refused, {bad} of its {screened.rows} rows are bad: "
        f"{'; '.join(said[:5])}{more}; nothing of it was stored"
    )


def _rows_in_words(screened: Screened) -> Iterator[str]:
    quarantine = screened.quarantine
    for number, reasons in zip(quarantine.rows.tolist(), quarantine.reasons, strict=True):
        yield f"row {number}: {', '.join(reasons)}"


def _clean(screened: Screened, answer: Fetched) -> CleanSeries:
    actions = answer.actions if answer.actions is not None else screened.actions
    return CleanSeries(
        symbol=screened.symbol,
        terms=answer.terms,
        timestamps=screened.timestamps,
        open=screened.open,
        high=screened.high,
        low=screened.low,
        close=screened.close,
        volume=screened.volume,
        covered=answer.covered,
        actions=actions,
        unavailable=answer.unavailable,
        kept=np.unique(screened.quarantine.timestamps),
    )


def _vendor_findings(symbol: str, answer: Fetched) -> Iterator[Issue]:
    """What the vendor's own adjusted closes say otherwise; its own are not used."""
    if answer.adjusted_close is None:
        return
    try:
        compared = compare_with_vendor(answer.rows, answer.actions, answer.adjusted_close)
        if compared.agrees:
            return
        words = str(compared)
    except DataError as error:
        words = str(error)
    yield Issue(rule="vendor_adjustment", severity="warning", symbol=symbol, timestamp=None, message=words)
