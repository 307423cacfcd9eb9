"""DataFetcher: what is missing of a vendor's bars is fetched, screened, published; what is known is not asked for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from hindcast.domain.errors import DataError, DateRangeError, HindcastError, ImportRefusedError
from hindcast.domain.intervals import is_intraday
from hindcast.domain.market_data import CorporateAction, Coverage, DateRange, SeriesTerms
from hindcast.engine.stamps import to_datetime, to_nanoseconds
from hindcast.services.market_data.coverage import ONE_DAY, missing_days, unavailable_days, without
from hindcast.services.market_data.quality.bad_bars import MAX_BAD_SHARE
from hindcast.services.market_data.quality.calendar_rules import days_to_ask
from hindcast.services.market_data.quality.sanity_rules import Issue
from hindcast.services.market_data.quality.screening import Screened, screen
from hindcast.services.market_data.vendors.fetch_report import FetchReport
from hindcast.services.market_data.vendors.pending_bars import PendingBars
from hindcast.services.market_data.views.adjustment_comparison import compare_with_vendor
from hindcast.services.ports import (
    BarStore,
    CalendarSource,
    CoverageRepository,
    Fetched,
    MarketDataProvider,
    QuarantineReports,
    Schedule,
)

EARLIEST: Final = date(1990, 1, 1)  # where daily bars that are asked for without a start begin
SETTLING: Final = timedelta(minutes=30)  # after the close until a session's bars are final
_LONGEST_CLOSURE: Final = timedelta(days=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is wanted of each symbol."""

    interval: str
    start: date | None
    end: date | None
    again: bool


class DataFetcher:
    """Fills the store from vendors. One request goes out per stretch of missing days."""

    def __init__(
        self,
        store: BarStore,
        coverage: CoverageRepository,
        calendars: CalendarSource,
        quarantine: QuarantineReports,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._coverage = coverage
        self._calendars = calendars
        self._quarantine = quarantine
        self._clock = clock

    async def ensure(
        self,
        provider: MarketDataProvider,
        symbols: Sequence[str],
        interval: str,
        start: date | None = None,
        end: date | None = None,
        *,
        again: bool = False,
    ) -> tuple[FetchReport, ...]:
        """Have the store hold what the vendor has of these symbols and days; a report for each symbol.

        Symbol after symbol, for a vendor's quota counts requests; the first failure ends it, and what came before it is
        stored.

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
        pending = PendingBars(self._store, self._coverage, provider.name, interval, self._clock)
        question = _Question(interval=interval, start=start, end=end, again=again)
        reports: list[FetchReport] = []
        try:
            for symbol in symbols:
                report = await self._fetched(provider, symbol, question, pending)
                reports.append(report)
        except HindcastError as error:
            if reports:
                error.add_note(f"before it, these were stored: {', '.join(report.symbol for report in reports)}")
            raise
        finally:
            await asyncio.to_thread(pending.publish)
        return tuple([await asyncio.to_thread(self._told, report, pending, question, provider) for report in reports])

    async def _fetched(
        self, provider: MarketDataProvider, symbol: str, question: _Question, pending: PendingBars
    ) -> FetchReport:
        """One symbol's missing days, asked for and screened; the bars wait to be published."""
        terms = provider.terms(symbol, question.interval)
        wanted = await asyncio.to_thread(self._wanted, terms, question)
        known = await asyncio.to_thread(self._known, provider.name, question.interval, symbol)
        candidates = (wanted,) if question.again else missing_days(known, wanted, self._clock())
        missing = await asyncio.to_thread(self._with_sessions, terms, candidates)
        report = FetchReport(provider=provider.name, interval=question.interval, symbol=symbol, asked=missing)
        for days in missing:
            answer = await provider.fetch(symbol, question.interval, days)
            screened = await asyncio.to_thread(self._screened, answer, question.interval)
            report = _with(report, screened, answer, await asyncio.to_thread(self._keep_report, report, screened))
            _refuse_if_bad(screened, report)
            actions = await asyncio.to_thread(self._actions, report, answer, pending)
            series = screened.series(
                answer.terms,
                covered=answer.covered,
                actions=screened.actions if actions is None else actions,
                unavailable=answer.unavailable,
            )
            await asyncio.to_thread(pending.add, series)
        return report

    def _told(
        self, report: FetchReport, pending: PendingBars, question: _Question, provider: MarketDataProvider
    ) -> FetchReport:
        """A report with what is only known when its bars are stored."""
        coverage = self._coverage.get(report.provider, report.interval, report.symbol)
        wanted = self._wanted(provider.terms(report.symbol, report.interval), question)
        return replace(
            report, version=pending.versions.get(report.symbol), unavailable=unavailable_days(coverage, wanted)
        )

    def _actions(
        self, report: FetchReport, answer: Fetched, pending: PendingBars
    ) -> tuple[CorporateAction, ...] | None:
        """The vendor's actions; of kinds on which it is silent today, those that are stored stay."""
        if answer.actions is None or not answer.silent_on:
            return answer.actions
        if pending.holds(report.symbol):
            pending.publish()
        if report.symbol not in self._store.series(report.provider, report.interval):
            return answer.actions
        stored = self._store.actions(report.provider, report.interval, report.symbol)
        return tuple(sorted({*answer.actions, *(action for action in stored if action.kind in answer.silent_on)}))

    def _screened(self, answer: Fetched, interval: str) -> Screened:
        schedule = None
        if len(answer.rows.timestamps):
            first, last = days_to_ask(answer.rows.timestamps)
            schedule = self._schedule(answer.terms, DateRange(first=first, last=last))
        now = self._clock()
        return screen(answer.rows, answer.terms, interval, now=now, schedule=schedule, actions=answer.actions)

    def _keep_report(self, report: FetchReport, screened: Screened) -> str | None:
        """The id of a report of the rows that are left out; None where there is none."""
        rows = [
            {"row": number, "stamp": stamp, "reasons": list(reasons), "values": [_plain(value) for value in values]}
            for number, stamp, reasons, values in zip(
                screened.quarantine.rows.tolist(),
                screened.quarantine.timestamps.tolist(),
                screened.quarantine.reasons,
                screened.quarantine.values.tolist(),
                strict=True,
            )
        ]
        if not rows:
            return None
        return self._quarantine.save(
            {
                "kind": "fetch",
                "at": self._clock().isoformat(),
                "provider": report.provider,
                "interval": report.interval,
                "symbol": report.symbol,
                "fields": ["open", "high", "low", "close", "volume"],
                "rows": rows,
            }
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

    def _wanted(self, terms: SeriesTerms, question: _Question) -> DateRange:
        if question.start is None and is_intraday(question.interval):
            raise DateRangeError(
                f"bars of {question.interval} need a start: else every month since 2000 would be fetched"
            )
        first, end = question.start or EARLIEST, question.end
        ended = self._last_finished(terms)
        if question.interval in ("1w", "1mo"):
            ended = _last_whole(max(ended, self._clock().astimezone(UTC).date() - ONE_DAY), question.interval)
        if end is not None and first > end:
            raise DateRangeError(f"start {first} is after end {end}: swap them")
        last = ended if end is None else min(end, ended)
        if first > last:
            raise DateRangeError(f"nothing has ended since {first}: the last day of which all is known is {ended}")
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


def _last_whole(ended: date, interval: str) -> date:
    """The last day of the last week (Monday to Sunday) or month that lies before, or ends with, a day."""
    if interval == "1w":
        return ended - timedelta(days=(ended.weekday() + 1) % 7)
    return ended if (ended + ONE_DAY).day == 1 else ended.replace(day=1) - ONE_DAY


def _refuse_if_bad(screened: Screened, report: FetchReport) -> None:
    bad = len(screened.quarantine)
    if not screened.structural and bad <= MAX_BAD_SHARE * screened.rows:
        return
    said = [str(issue) for issue in screened.structural] + list(_rows_in_words(screened))
    more = f" and {len(said) - 5} more" if len(said) > 5 else ""
    kept = f" (all of it: quarantine report {report.quarantine_id})" if report.quarantine_id else ""
    raise ImportRefusedError(
        f"the answer of {report.provider} for {screened.symbol} is refused, {bad} of its {screened.rows} rows are bad: "
        f"{'; '.join(said[:5])}{more}{kept}; nothing of it was stored"
    )


def _with(report: FetchReport, screened: Screened, answer: Fetched, quarantine_id: str | None) -> FetchReport:
    """The report with an answer counted in."""
    return replace(
        report,
        rows=report.rows + len(screened.timestamps),
        quarantined=report.quarantined + len(screened.quarantine),
        findings=(*report.findings, *screened.findings, *_vendor_findings(screened.symbol, answer)),
        quarantine_id=quarantine_id or report.quarantine_id,
    )


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _rows_in_words(screened: Screened) -> Iterator[str]:
    quarantine = screened.quarantine
    for number, reasons in zip(quarantine.rows.tolist(), quarantine.reasons, strict=True):
        yield f"row {number}: {', '.join(reasons)}"


def _vendor_findings(symbol: str, answer: Fetched) -> Iterator[Issue]:
    """What must be known of the rows, and what the vendor's adjusted closes say otherwise; its own are not used."""
    for note in answer.rows.notes:
        yield Issue(rule="vendor_note", severity="warning", symbol=symbol, timestamp=None, message=f"{symbol}: {note}")
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
