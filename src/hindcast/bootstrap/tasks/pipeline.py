"""A backtest's steps in a process that has a data folder and nothing else: no vendor, no document store, no secret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.errors import InputError
from hindcast.domain.jobs import Job
from hindcast.domain.strategy import Strategy
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.trade_engine import TradeEngine
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.backtest.benchmark import BenchmarkService
from hindcast.services.backtest.executor import StrategyExecutor
from hindcast.services.backtest.orchestrator import BacktestOrchestrator, Progress
from hindcast.services.backtest.result_store import DocumentResultStore
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.ready_made import FeaturesBySize
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import ArtefactStore, BarsSource
from hindcast.services.strategy.manager import StrategyManager
from hindcast.services.waiting import completed


def stored_market_data(home: Path, more: Sequence[BarsSource] = ()) -> MarketDataService:
    """Bars that are there already: the sample data, and what was imported or fetched. Nothing is asked for."""
    return MarketDataService([SampleProvider(), *more], store=FileBarStore(home))


def run_once(
    backtest: Backtest, market_data: MarketDataService, artefacts: ArtefactStore, tell: Progress
) -> BacktestResult:
    """Run a backtest as its snapshot of the strategy says; its documents are forgotten, its tables kept.

    Raises InputError where it has no snapshot, and what a run raises.
    """
    if backtest.strategy is None:
        raise InputError(f"backtest {backtest.id} does not say which strategy it was queued with; queue it again")
    documents = MemoryDocumentStore()
    backtests, strategies = BacktestRepository(documents), StrategyRepository(documents)
    backtests.save(backtest.model_copy(update={"status": BacktestStatus.PENDING, "job": Job()}))
    strategies.save(
        Strategy(
            id=backtest.strategy_id,
            owner=backtest.owner,
            name=backtest.strategy.strategy_type,
            strategy_type=backtest.strategy.strategy_type,
            parameters=backtest.strategy.parameters,
        )
    )
    manager = StrategyManager(strategies)
    orchestrator = BacktestOrchestrator(
        market_data=market_data,
        data_processor=DataProcessor(FeaturesBySize(DuckDbFeatureStore())),
        strategy_executor=StrategyExecutor(manager),
        trade_engine=TradeEngine(),
        performance_analyzer=PerformanceAnalyzer(),
        benchmarks=BenchmarkService(market_data),
        strategies=manager,
        backtests=backtests,
        results=DocumentResultStore(documents, artefacts),
    )
    return completed(orchestrator.execute(backtest.id, backtest.strategy_id, progress=tell))
