from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.contracts.records import a_backtest, a_strategy
from tests.contracts.stores import stored_documents

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission
from hindcast.domain.errors import NotFoundError
from hindcast.domain.sizing import FixedCash, FixedQuantity
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.ports import DocumentStore


@pytest.fixture(params=["memory", "sqlite"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    return MemoryDocumentStore() if request.param == "memory" else stored_documents(tmp_path)


@pytest.fixture
def backtests(documents: DocumentStore) -> BacktestRepository:
    return BacktestRepository(documents)


@pytest.fixture
def strategies(documents: DocumentStore) -> StrategyRepository:
    return StrategyRepository(documents)


def test_a_backtest_comes_back_as_it_was_saved(backtests: BacktestRepository) -> None:
    saved = a_backtest(
        start_date=date(1999, 1, 4),
        end_date=date(2018, 12, 31),
        benchmark_symbol="S&P 500",
        config=BacktestConfig(sizing=FixedQuantity(1 / 3), commission=Commission(rate=0.001, maximum=5.0)),
        status=BacktestStatus.FAILED,
        start_time=datetime(2024, 5, 1, 12, 30, 0, 123456, tzinfo=UTC),
        duration_seconds=0.1 + 0.2,
        error_message='line one\nline "two" – 삼성',
    )
    backtests.save(saved)
    assert backtests.get("b1") == saved


def test_saving_a_backtest_again_takes_the_place_of_the_first(backtests: BacktestRepository) -> None:
    backtests.save(a_backtest())
    later = a_backtest(status=BacktestStatus.RUNNING, config=BacktestConfig(sizing=FixedCash(10)))
    backtests.save(later)
    assert backtests.get("b1") == later
    assert backtests.list() == (later,)


def test_an_unknown_backtest_is_told_by_its_id(backtests: BacktestRepository) -> None:
    backtests.save(a_backtest("b1"))
    with pytest.raises(NotFoundError, match="no Backtest has the id 'b2'"):
        backtests.get("b2")


def test_backtests_are_listed_newest_first_and_then_by_falling_id(
    backtests: BacktestRepository,
) -> None:
    assert backtests.list() == ()
    for backtest_id, day in (("b10", 3), ("a.b", 5), ("b2", 3), ("c", 1)):
        backtests.save(a_backtest(backtest_id, created_at=datetime(2024, 1, day, tzinfo=UTC)))
    assert [backtest.id for backtest in backtests.list()] == ["a.b", "b2", "b10", "c"]


def test_a_strategy_comes_back_as_it_was_saved(strategies: StrategyRepository) -> None:
    saved = a_strategy(parameters={"a": [1, 2.5, None, "x", {"deep": True}], "b": 0.1 + 0.2}, description="두 이동평균")
    strategies.save(saved)
    assert strategies.get("s1") == saved
    assert strategies.list() == (saved,)


def test_an_unknown_strategy_is_told_by_its_id(strategies: StrategyRepository) -> None:
    with pytest.raises(NotFoundError, match="no Strategy has the id 's9'"):
        strategies.get("s9")
    assert strategies.list() == ()


def test_more_strategies_than_a_page_holds_are_all_listed(strategies: StrategyRepository) -> None:
    for number in range(450):
        strategies.save(a_strategy(f"s{number}", created_at=datetime(2024, 1, 1 + number % 7, tzinfo=UTC)))
    listed = [strategy.id for strategy in strategies.list()]
    assert len(listed) == 450
    assert set(listed) == {f"s{number}" for number in range(450)}


@pytest.mark.parametrize("hostile", ["../x", "..", "/etc/passwd", "a/b", "", "a\0b", "a\nb", ".hidden", "x" * 200])
def test_no_hostile_id_finds_anything(
    backtests: BacktestRepository, strategies: StrategyRepository, hostile: str
) -> None:
    with pytest.raises(NotFoundError):
        backtests.get(hostile)
    with pytest.raises(NotFoundError):
        strategies.get(hostile)
