from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hindcast.domain.market_data import Coverage, DateRange, Unavailable
from hindcast.infrastructure.files.store.coverage_documents import FileCoverageRepository
from hindcast.infrastructure.memory.coverage import MemoryCoverageRepository
from hindcast.services.ports import CoverageRepository

Q1 = DateRange(first=date(2024, 1, 1), last=date(2024, 3, 31))
Q3 = DateRange(first=date(2024, 7, 1), last=date(2024, 9, 30))
MISSING = Unavailable(
    days=DateRange(first=date(1999, 1, 1), last=date(2023, 12, 31)),
    reason='the plan gives 100 days; "full" is 유료',
    remedy="use another key",
    asked_at=datetime(2024, 5, 1, 12, 30, 0, 250, tzinfo=UTC),
)


@pytest.fixture(params=["memory", "file"])
def coverage(request: pytest.FixtureRequest, tmp_path: Path) -> CoverageRepository:
    return MemoryCoverageRepository() if request.param == "memory" else FileCoverageRepository(tmp_path)


def of(symbol: str, *covered: DateRange, provider: str = "prices", interval: str = "1d", **more) -> Coverage:
    return Coverage(provider=provider, interval=interval, symbol=symbol, covered=covered, **more)


def test_coverage_comes_back_as_it_was_saved(coverage):
    saved = of("삼성/../전자", Q1, Q3, unavailable=(MISSING,))
    coverage.save([saved, of("B")])
    assert coverage.get("prices", "1d", "삼성/../전자") == saved
    assert coverage.get("prices", "1d", "B") == Coverage.nothing("prices", "1d", "B")


def test_nothing_is_known_of_what_was_not_saved(coverage):
    assert coverage.get("prices", "1d", "A") is None
    coverage.save([of("A", Q1)])
    assert coverage.get("prices", "1d", "B") is None
    assert coverage.get("prices", "5min", "A") is None
    assert coverage.get("other", "1d", "A") is None


def test_saving_again_takes_the_place_of_that_symbol_s_coverage_only(coverage):
    coverage.save([of("A", Q1), of("B", Q1)])
    coverage.save([of("A", Q3)])
    assert coverage.get("prices", "1d", "A") == of("A", Q3)
    assert coverage.get("prices", "1d", "B") == of("B", Q1)


def test_one_call_may_save_for_several_providers_and_intervals(coverage):
    every = [of("A", Q1, provider=provider, interval=interval) for provider in "pq" for interval in ("1d", "5min")]
    coverage.save(every)
    assert [coverage.get(each.provider, each.interval, "A") for each in every] == every


def test_an_interval_may_be_spelled_as_a_person_would(coverage):
    coverage.save([of("A", Q1)])
    assert coverage.get("prices", "daily", "A") == of("A", Q1)


def test_saving_nothing_changes_nothing(coverage):
    coverage.save([of("A", Q1)])
    coverage.save([])
    assert coverage.get("prices", "1d", "A") == of("A", Q1)


def test_clearing_forgets_everything(coverage):
    coverage.save([of("A", Q1), of("A", Q1, provider="other")])
    coverage.clear()
    assert coverage.get("prices", "1d", "A") is None
    assert coverage.get("other", "1d", "A") is None
    coverage.clear()
    coverage.save([of("A", Q3)])
    assert coverage.get("prices", "1d", "A") == of("A", Q3)
