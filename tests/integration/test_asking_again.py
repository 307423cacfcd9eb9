"""A real store and coverage: what a vendor refuses again is not asked for at every request."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.services.market_data.recording_vendor import NOW, Vendor, Weekdays

from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.files.store.coverage_documents import FileCoverageRepository
from hindcast.infrastructure.files.store.quarantine_reports import FileQuarantineReports
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.market_data.vendors.fetching import DataFetcher


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("lost", [False, True], ids=["kept coverage", "lost coverage"])
def test_what_is_refused_twice_is_asked_for_once_a_day(tmp_path: Path, lost: bool) -> None:
    said: list[str] = []
    clock = Clock()
    store, coverage = FileBarStore(tmp_path), FileCoverageRepository(tmp_path)
    fetcher = DataFetcher(store, coverage, Weekdays(), FileQuarantineReports(tmp_path), clock=clock)
    vendor = Vendor(said, begins=date(2024, 1, 8), clock=clock)
    service = MarketDataService([], store=store, fetcher=fetcher, vendors=[vendor])

    def ask() -> int:
        service.get_historical_data("AAA", date(2024, 1, 1), date(2024, 1, 31), provider="vendor")
        return len(said)

    assert (ask(), ask()) == (1, 1)
    clock.now = NOW + timedelta(hours=25)
    assert (ask(), ask()) == (2, 2)
    assert len(store.versions("vendor", "1d")) == 1
    clock.now = NOW + timedelta(hours=30)
    if lost:
        coverage.clear()
        assert (ask(), ask()) == (3, 3)  # the store remembers the first refusal only
    clock.now += timedelta(hours=15)
    assert ask() == (3 if lost else 2)
