"""One symbol of an import after the rules, and what is told of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np

from hindcast.domain.market_data import SeriesTerms
from hindcast.engine.stamps import day_text
from hindcast.services.market_data.intake.import_report import BadRow, ImportedSymbol, ImportReport
from hindcast.services.market_data.intake.import_rows import RowPlaces
from hindcast.services.market_data.intake.source_rows import SourceRows
from hindcast.services.market_data.quality.sanity_rules import Issue
from hindcast.services.market_data.quality.screening import Screened
from hindcast.services.ports import BarRows, IntArray, StoredSeries

Terms = SeriesTerms | Mapping[str, SeriesTerms]

_MOST_ROWS: Final = 100_000  # that a quarantine report lists one by one
_SHOWN_ROWS: Final = 100  # that an import report holds


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedSymbol:
    """One symbol after the rules, with what its messages need of its source."""

    screened: Screened
    terms: SeriesTerms
    places: RowPlaces
    details: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, screened: Screened, terms: SeriesTerms, rows: BarRows, places: RowPlaces) -> ScreenedSymbol:
        """What is kept of a symbol when its rows are given away."""
        details = rows.details if isinstance(rows, SourceRows) else {}
        return cls(screened=screened, terms=terms, places=places, details=details)

    def structural(self) -> Iterator[Issue]:
        """What refuses the import, with the first cases in words where the reader told them."""
        for issue in self.screened.structural:
            cases = self.details.get(issue.rule, ())
            yield replace(issue, message=f"{issue.message}: {'; '.join(cases)}") if cases else issue

    def bad_rows(self) -> Iterator[BadRow]:
        """The rows in quarantine, each with the file and row that it came from."""
        quarantine = self.screened.quarantine
        for place, reasons in enumerate(quarantine.reasons):
            origin, row = self.places.of_number(int(quarantine.rows[place]))
            stamp = int(quarantine.timestamps[place])
            values = quarantine.values[place].tolist()
            yield BadRow(
                symbol=self.screened.symbol,
                origin=origin,
                row=row,
                stamp=day_text(stamp) if stamp else "",
                reasons=reasons,
                values=tuple(value if np.isfinite(value) else None for value in values),
                said=self._said(origin, row, reasons),
            )

    def _said(self, origin: str, row: int, reasons: tuple[str, ...]) -> str:
        """What the reader told of a row, without saying again which it is."""
        for words in (words for reason in reasons for words in self.details.get(reason, ())):
            place, _, rest = words.removeprefix(f"{origin}, ").partition(f"row {row}")
            if not place and rest[:1] in (",", ":"):
                return rest[1:].strip()
        return ""

    def summary(self) -> ImportedSymbol:
        """What the report says of the symbol."""
        stamps = self.screened.timestamps
        return ImportedSymbol(
            symbol=self.screened.symbol,
            rows=self.screened.rows,
            published=len(stamps),
            quarantined=len(self.screened.quarantine),
            first=day_text(stamps[0]) if len(stamps) else "",
            last=day_text(stamps[-1]) if len(stamps) else "",
            currency=self.terms.currency,
            calendar=self.terms.calendar,
            adjusted=self.terms.adjusted,
            notes=self.terms.notes,
        )


def stated_of(symbol: str, terms: Terms) -> SeriesTerms:
    """The terms that the caller says of a symbol."""
    return terms if isinstance(terms, SeriesTerms) else terms.get(symbol, SeriesTerms())


def terms_of(rows: BarRows, terms: Terms, stored: StoredSeries | None = None) -> SeriesTerms:
    """The terms of a symbol: what is stated, what its source says itself, and for the rest what is stored of it.

    Where stored bars stay beside the new ones, what they needed to be understood stays, too.
    """
    stated = stated_of(rows.symbol, terms)
    own = rows if isinstance(rows, SourceRows) else None
    found = replace(
        stated,
        currency=stated.currency or (own.currency if own is not None else ""),
        adjusted=stated.adjusted or (own is not None and own.adjusted),
        notes=tuple(dict.fromkeys((*stated.notes, *rows.notes))),
    )
    if stored is None or not stored.rows:
        return found
    old = stored.terms
    found = replace(
        found,
        currency=found.currency or old.currency,
        calendar=found.calendar or old.calendar,
        name=found.name or old.name,
    )
    if _spans(rows.timestamps, stored):
        return found
    return replace(
        found,
        kind=old.kind if found.kind == SeriesTerms().kind else found.kind,
        negative_prices=found.negative_prices or old.negative_prices,
        notes=tuple(dict.fromkeys((*old.notes, *found.notes))),
    )


def _spans(stamps: IntArray, stored: StoredSeries) -> bool:
    """Whether rows reach over all stored bars."""
    read = stamps[stamps != 0]
    return bool(len(read)) and int(read.min()) <= stored.first and stored.last <= int(read.max())


def counts(parts: Sequence[ScreenedSymbol]) -> dict[str, int]:
    """Rows by class of bad bar, the most frequent first."""
    counted = Counter(reason for part in parts for reasons in part.screened.quarantine.reasons for reason in reasons)
    return dict(counted.most_common())


def bad_rows(parts: Sequence[ScreenedSymbol]) -> list[BadRow]:
    """The rows in quarantine, symbol after symbol; very many are cut off."""
    every = (row for part in parts for row in part.bad_rows())
    return [row for _, row in zip(range(_MOST_ROWS), every, strict=False)]


def of_each_kind(rows: Sequence[BadRow]) -> tuple[BadRow, ...]:
    """The first row of each kind, then the second of each, and so on, as far as a report has room."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranks = []
    for row in rows:
        ranks.append(seen[row.reasons])
        seen[row.reasons] += 1
    order = sorted(range(len(rows)), key=ranks.__getitem__)
    return tuple(rows[place] for place in order[:_SHOWN_ROWS])


def quarantine_document(report: ImportReport, rows: Sequence[BadRow], now: datetime) -> Mapping[str, Any]:
    """Everything that was put aside, in plain types; empty where nothing was."""
    if not (report.rows_bad or report.structural or report.unusable):
        return {}
    return {
        "provider": report.provider,
        "interval": report.interval,
        "made_at": now.isoformat(),
        "refused": report.refused,
        "rows_read": report.rows_read,
        "rows_bad": report.rows_bad,
        "max_bad_share": report.max_bad_share,
        "classes": dict(report.quarantined),
        "unusable": [{"origin": file.origin, "rule": file.rule, "message": file.message} for file in report.unusable],
        "structural": [
            {"symbol": issue.symbol, "rule": issue.rule, "message": issue.message} for issue in report.structural
        ],
        "rows": [
            {
                "symbol": row.symbol,
                "origin": row.origin,
                "row": row.row,
                "stamp": row.stamp,
                "reasons": list(row.reasons),
                "values": list(row.values),
                "said": row.said,
            }
            for row in rows
        ],
        "rows_not_listed": report.rows_bad - len(rows),
    }
