"""FetchReport: what became of a request to a vendor."""

from __future__ import annotations

from dataclasses import dataclass

from hindcast.domain.market_data import DataVersion, DateRange, Unavailable
from hindcast.services.market_data.quality.sanity_rules import Issue


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
    quarantine_id: str | None = None  # the report of the rows that were left out
