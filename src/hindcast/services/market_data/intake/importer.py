"""DataImporter: rows of a source are screened as a whole; all of them are published in one step, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from hindcast.domain.errors import CorruptDataError, ImportRefusedError, InputError
from hindcast.domain.intervals import canonical_interval, is_intraday
from hindcast.domain.market_data import DateRange, SeriesTerms
from hindcast.engine.stamps import to_datetime
from hindcast.services.market_data.exchange_days import zone_of
from hindcast.services.market_data.intake.import_overlap import damaged, overlap_warnings
from hindcast.services.market_data.intake.import_report import ImportReport
from hindcast.services.market_data.intake.import_rows import GatheredRows
from hindcast.services.market_data.intake.import_seams import edge_stamps, merged_actions, seam_warnings
from hindcast.services.market_data.intake.import_symbols import (
    ScreenedSymbol,
    Terms,
    bad_rows,
    counts,
    of_each_kind,
    quarantine_document,
    stated_of,
    terms_of,
)
from hindcast.services.market_data.intake.interval_detection import detect_interval, hold_interval
from hindcast.services.market_data.intake.source_rows import UnusableFile
from hindcast.services.market_data.quality.bad_bars import MAX_BAD_SHARE
from hindcast.services.market_data.quality.calendar_rules import days_to_ask
from hindcast.services.market_data.quality.sanity_rules import Issue
from hindcast.services.market_data.quality.screening import Screened, screen
from hindcast.services.ports import (
    BarRows,
    BarStore,
    CalendarSource,
    CleanSeries,
    CoverageRepository,
    QuarantineReports,
    Schedule,
    StoredSeries,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedImport:
    """Rows that were held against every rule, and nothing published yet."""

    report: ImportReport
    series: tuple[CleanSeries, ...]
    quarantine: Mapping[str, Any]  # the quarantine report; empty where no row is bad
    reason: str
    now: datetime


class DataImporter:
    """Brings rows of files and frames into the store."""

    def __init__(
        self,
        store: BarStore,
        coverage: CoverageRepository,
        calendars: CalendarSource,
        quarantine: QuarantineReports,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._coverage = coverage
        self._calendars = calendars
        self._quarantine = quarantine
        self._clock = clock

    def run(
        self,
        rows: Iterable[BarRows | UnusableFile],
        *,
        provider: str,
        interval: str | None,
        terms: Terms,
        max_bad_share: float = MAX_BAD_SHARE,
        reason: str = "import",
    ) -> ImportReport:
        """Screen all rows, then publish all that are good in one version.

        Parameters
        ----------
        rows : iterable of BarRows
            Several of one symbol are taken as one.
        provider : str
            The name that the bars are stored under.
        interval : str, optional
            None: the steps between the stamps tell.
        terms : SeriesTerms, or a mapping from symbols to them
        max_bad_share : float
            Bad rows per row, from 0 to 1, above which nothing is published.
        reason : str
            What made the version.

        Raises
        ------
        ImportRefusedError
            A file can't be used, the rows' structure is wrong, too many rows are bad, or none is good. The message
            holds the first cases, and the quarantine report all; nothing was stored.
        InputError
            A share, an interval or a calendar that can't be.
        StorageError
        """
        prepared = self.prepare(
            rows,
            provider=provider,
            interval=interval,
            terms=terms,
            max_bad_share=max_bad_share,
            reason=reason,
        )
        return self.publish(prepared)

    def prepare(
        self,
        rows: Iterable[BarRows | UnusableFile],
        *,
        provider: str,
        interval: str | None,
        terms: Terms,
        max_bad_share: float = MAX_BAD_SHARE,
        reason: str = "import",
    ) -> PreparedImport:
        """Hold the rows against every rule; nothing is stored, and nothing refused. Raises InputError, StorageError."""
        if not 0 <= max_bad_share <= 1:
            raise InputError(f"max_bad_share={max_bad_share!r}; expected a share from 0 to 1, such as 0.001 for 0.1 %")
        gathered = GatheredRows.of(rows)
        length = detect_interval(gathered.series()) if interval is None else canonical_interval(interval)
        if interval is not None:
            hold_interval(gathered.series(), length)
        gathered.unusable.extend(gathered.of_two_kinds(lambda symbol: stated_of(symbol, terms).adjusted))
        now, rows_read = self._clock(), gathered.rows
        known = self._store.series(provider, length)
        schedules = self._schedules(gathered, terms, known)
        found = []
        for part, places in gathered.take():
            own = terms_of(part, terms, known.get(part.symbol))
            screened = screen(part, own, length, now=now, schedule=schedules.get(own.calendar))
            found.append(ScreenedSymbol.of(screened, own, part, places))
        told: list[Issue] = []
        series = [clean for part in found if (clean := self._clean(part, provider, length, known, told)) is not None]
        findings = [*(finding for part in found for finding in part.screened.findings), *told]
        findings += overlap_warnings(self._store, provider, length, series, known)
        findings += seam_warnings(self._store, provider, length, series, known)
        bad = bad_rows(found)
        report = ImportReport(
            provider=provider,
            interval=length,
            files=len(gathered.origins),
            rows_read=rows_read,
            rows_published=0,
            rows_bad=sum(len(part.screened.quarantine) for part in found),
            max_bad_share=max_bad_share,
            symbols=tuple(part.summary() for part in found),
            quarantined=counts(found),
            bad_rows=of_each_kind(bad),
            findings=tuple(findings),
            structural=tuple(issue for part in found for issue in part.structural()),
            unusable=tuple(gathered.unusable),
        )
        return PreparedImport(
            report=report,
            series=tuple(series),
            quarantine=quarantine_document(report, bad, now),
            reason=reason,
            now=now,
        )

    def put_aside(self, prepared: PreparedImport) -> PreparedImport:
        """Store the quarantine report, where there is one to store. Raises StorageError."""
        if not prepared.quarantine or prepared.report.quarantine_id is not None:
            return prepared
        kept = self._quarantine.save(prepared.quarantine)
        return replace(prepared, report=replace(prepared.report, quarantine_id=kept))

    def publish(self, prepared: PreparedImport) -> ImportReport:
        """Store what was prepared, in one step. Raises ImportRefusedError where that may not be, StorageError."""
        report = self.put_aside(prepared).report
        if report.refused:
            raise ImportRefusedError(report.refusal())
        version = self._store.publish(
            report.provider, report.interval, prepared.series, reason=prepared.reason, known_at=prepared.now
        )
        stored = self._store.series(report.provider, report.interval, version.id)
        self._coverage.save([stored[series.symbol].coverage for series in prepared.series])
        published = sum(len(series.timestamps) for series in prepared.series)
        return replace(report, version=version, rows_published=published)

    def _schedules(
        self, gathered: GatheredRows, terms: Terms, known: Mapping[str, StoredSeries]
    ) -> Mapping[str, Schedule]:
        """The sessions of each calendar, over all days that its symbols have rows of."""
        days: dict[str, tuple[date, date]] = {}
        for part in gathered.series():
            calendar = terms_of(part, terms, known.get(part.symbol)).calendar
            if calendar:
                first, last = days_to_ask(part.timestamps)
                low, high = days.get(calendar, (first, last))
                days[calendar] = min(low, first), max(high, last)
        return {calendar: self._calendars.schedule(calendar, *span) for calendar, span in days.items()}

    def _clean(
        self, part: ScreenedSymbol, provider: str, interval: str, known: Mapping[str, StoredSeries], told: list[Issue]
    ) -> CleanSeries | None:
        """What goes into the store of a symbol; None where no row is good. `told` takes what is to be told of it."""
        screened = part.screened
        if not len(screened.timestamps):
            return None
        covered = _days(screened, part.terms, interval)
        edges = edge_stamps(screened.timestamps, covered, interval, part.terms.calendar)
        actions = screened.actions
        if actions is not None and screened.symbol in known:  # those of other days stay
            try:
                stored = self._store.actions(provider, interval, screened.symbol)
            except CorruptDataError as error:
                told.append(damaged(screened.symbol, error))
                stored = ()
            actions = merged_actions(stored, actions, covered, interval)
        return screened.series(part.terms, covered=(covered,), actions=actions, edges=edges)


def _days(screened: Screened, terms: SeriesTerms, interval: str) -> DateRange:
    """The days that the rows speak for: from the first good bar's to the last one's."""
    zone = zone_of(terms.calendar) if is_intraday(interval) else UTC
    first, last = (to_datetime(screened.timestamps[place]).astimezone(zone).date() for place in (0, -1))
    return DateRange(first=first, last=last)
