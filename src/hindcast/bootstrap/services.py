"""ServiceFactory: every service, built from the settings when it is first asked for."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hindcast.bootstrap.built_once import built_once
from hindcast.bootstrap.databases import DatabaseManager
from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.strategy import Strategy
from hindcast.domain.verification import Verification
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.trade_engine import TradeEngine
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.infrastructure.duckdb.market_views import MarketViews
from hindcast.infrastructure.duckdb.result_views import ResultViews
from hindcast.infrastructure.memory.artefacts import MemoryArtefactStore
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.backtest.benchmark import BenchmarkService
from hindcast.services.backtest.executor import StrategyExecutor
from hindcast.services.backtest.orchestrator import BacktestOrchestrator, Progress
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.backtest.result_store import DocumentResultStore
from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.backtest.stored_verification import FinishedRun, ResultVerifier
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.ready_made import FeaturesBySize
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.market_data.vendors.fetching import DataFetcher
from hindcast.services.ports import (
    BarStore,
    CalendarSource,
    ChildLimits,
    MarketDataProvider,
    PasswordHasher,
    ResultStore,
)
from hindcast.services.strategy.manager import StrategyManager
from hindcast.services.strategy.service import StrategyService
from hindcast.services.waiting import completed
from hindcast.settings import Settings
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.plugin_loader import StrategyPluginLoader

if TYPE_CHECKING:
    from hindcast.infrastructure.processes.forked_children import ForkedChildren
    from hindcast.services.backtest.service import BacktestService
    from hindcast.services.jobs.idempotency import IdempotencyGuard
    from hindcast.services.jobs.queue import JobQueue
    from hindcast.services.jobs.runner import JobRunner
    from hindcast.services.jobs.worker import Worker
    from hindcast.services.market_data.browsing import MarketDataBrowser
    from hindcast.services.market_data.cache_manager import CacheManager
    from hindcast.services.market_data.intake.importer import DataImporter
    from hindcast.services.strategy.catalogue import StrategyCatalogue
    from hindcast.services.strategy.validation import StrategyValidator
    from hindcast.services.users.access import AccessControl
    from hindcast.services.users.api_keys import ApiKeyService
    from hindcast.services.users.sessions import SessionService
    from hindcast.services.users.users import UserService


class ServiceFactory:
    """Builds the services from the settings, each when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.databases = DatabaseManager(settings)

    def market_views(self) -> MarketViews:
        """SQL over the bars that are stored now."""
        return MarketViews(self.settings.home, self.databases.bars)

    @property
    def bar_store(self) -> BarStore:
        """Imported and fetched bars, in versions."""
        return self.databases.bars

    @built_once
    def calendars(self) -> CalendarSource:
        """Trading calendars."""
        from hindcast.infrastructure.calendars.exchange_calendars import ExchangeCalendars

        return ExchangeCalendars()

    @built_once
    def vendors(self) -> tuple[MarketDataProvider, ...]:
        """Providers that are asked over the network."""
        from hindcast.infrastructure.alpha_vantage.provider import AlphaVantageProvider
        from hindcast.infrastructure.alpha_vantage.quotas import Limits

        settings = self.settings
        limits = Limits(
            per_second=settings.alpha_vantage_per_second or None,
            per_minute=settings.alpha_vantage_per_minute or None,
            per_day=settings.alpha_vantage_per_day or None,
        )
        return (
            AlphaVantageProvider(
                settings.alpha_vantage_key,
                quota_file=settings.home / "alpha_vantage" / "quota.json",
                limits=limits,
                base_url=settings.alpha_vantage_url,
            ),
        )

    @built_once
    def market_data(self) -> MarketDataService:
        """Bars from all providers: the sample data, the store, and the vendors behind it."""
        return MarketDataService(
            [SampleProvider()],
            store=self.bar_store,
            fetcher=DataFetcher(self.bar_store, self.databases.coverage, self.calendars, self.databases.quarantine),
            vendors=self.vendors,
            cache=lambda: self.cache,
        )

    @built_once
    def market_data_browser(self) -> MarketDataBrowser:
        """What is stored of market data, a page at a time."""
        from hindcast.services.market_data.browsing import MarketDataBrowser

        return MarketDataBrowser(self.market_data, self.bar_store)

    @built_once
    def importer(self) -> DataImporter:
        """Files and frames into the store."""
        from hindcast.services.market_data.intake.importer import DataImporter

        return DataImporter(self.bar_store, self.databases.coverage, self.calendars, self.databases.quarantine)

    @built_once
    def cache(self) -> CacheManager:
        """What may be forgotten: in Redis where one is configured, else in this process's memory."""
        from hindcast.services.market_data.cache_manager import CacheManager

        if self.settings.redis_url is None:
            from hindcast.infrastructure.memory.cache import MemoryCache

            return CacheManager(MemoryCache())
        from hindcast.infrastructure.redis.cache import RedisCache

        return CacheManager(RedisCache(self.settings.redis_url))

    @built_once
    def data_processor(self) -> DataProcessor:
        """Validation, cleaning, and the ready-made columns: by DuckDB, or by kernels where the panel is large."""
        return DataProcessor(FeaturesBySize(DuckDbFeatureStore()))

    @built_once
    def benchmarks(self) -> BenchmarkService:
        """Benchmarks by symbol or common name."""
        return BenchmarkService(self.market_data)

    @built_once
    def plugins(self) -> StrategyPluginLoader:
        """The plugin folder and the entry points; nothing is loaded until `load_all` is called."""
        return StrategyPluginLoader(self.settings.plugin_dir)

    @built_once
    def children(self) -> ForkedChildren:
        """Processes for the code of users: no secrets, bounded, ended with all that they start."""
        from hindcast.infrastructure.processes.forked_children import ForkedChildren

        return ForkedChildren("hindcast.bootstrap.child_tasks")

    @built_once
    def lone_children(self) -> ForkedChildren:
        """The same for backtests that were lost before, one at a time: whatever loses them takes no other along."""
        from hindcast.infrastructure.processes.forked_children import ForkedChildren

        return ForkedChildren("hindcast.bootstrap.child_tasks")

    @built_once
    def strategies(self) -> StrategyManager:
        """Stored strategies, checked and built."""
        return StrategyManager(
            self.databases.strategies, catalogue=lambda: self.catalogue, validator=lambda: self.strategy_validator
        )

    @built_once
    def strategy_service(self) -> StrategyService:
        """Stored strategies by owner."""
        return StrategyService(self.databases.documents)

    @built_once
    def catalogue(self) -> StrategyCatalogue:
        """Every type of strategy; the code of plug-ins runs in children only."""
        from hindcast.services.strategy.catalogue import StrategyCatalogue

        return StrategyCatalogue(self.children, self.settings.plugin_dir, code_hash=strategy_hash)

    @built_once
    def strategy_validator(self) -> StrategyValidator:
        """Checks strategies in children."""
        from hindcast.services.strategy.validation import StrategyValidator

        return StrategyValidator(self.children, self.catalogue)

    @property
    def backtests(self) -> BacktestRepository:
        """Stored backtests."""
        return self.databases.backtests

    @property
    def results(self) -> ResultStore:
        """Stored results."""
        return self.databases.results

    @built_once
    def jobs(self) -> JobQueue:
        """Backtests on their way through the workers."""
        from hindcast.services.jobs.queue import JobQueue

        return JobQueue(self.databases.documents)

    @built_once
    def job_runner(self) -> JobRunner:
        """Runs claimed backtests, the code of users in children."""
        from hindcast.services.jobs.runner import JobRunner

        settings = self.settings
        return JobRunner(
            self.children,
            self.market_data,
            home=settings.home.absolute(),
            plugin_dir=settings.plugin_dir.absolute(),
            limits=ChildLimits(seconds=settings.job_seconds, memory_bytes=settings.job_memory_mb * 1024**2),
            alone=self.lone_children,
        )

    def worker(self, *, slots: int = 0) -> Worker:
        """A worker that runs so many queued backtests at once, by default as many as the settings say."""
        from hindcast.services.jobs.work_log import StandardWorkLog
        from hindcast.services.jobs.worker import Worker

        at_once = slots or self.settings.workers or os.cpu_count() or 1
        name = f"{socket.gethostname()}:{os.getpid()}"
        return Worker(self.jobs, self.job_runner, slots=at_once, name=name, log=StandardWorkLog())

    @built_once
    def idempotency(self) -> IdempotencyGuard:
        """Which request a key came with."""
        from hindcast.services.jobs.idempotency import IdempotencyGuard

        return IdempotencyGuard(self.databases.documents)

    @built_once
    def backtest_service(self) -> BacktestService:
        """Backtests as their owners make, run and read them."""
        from hindcast.services.backtest.service import BacktestService

        documents = self.databases.documents
        return BacktestService(documents, self.jobs, self.strategy_service, self.results, self.market_data)

    @built_once
    def orchestrator(self) -> BacktestOrchestrator:
        """Runs stored backtests."""
        return self._orchestrator(self.strategies, self.backtests, self.results)

    def result_views(self) -> ResultViews:
        """SQL over all results that are stored now."""
        return ResultViews(self.settings.home, self.results.list())

    @built_once
    def password_hasher(self) -> PasswordHasher:
        """Argon2id."""
        from hindcast.infrastructure.argon2.hasher import Argon2Hasher

        return Argon2Hasher()

    @built_once
    def sessions(self) -> SessionService:
        """Browsers that are logged in."""
        from hindcast.services.users.sessions import SessionService

        return SessionService(self.databases.documents)

    @built_once
    def users(self) -> UserService:
        """People who may log in."""
        from hindcast.services.users.users import UserService

        return UserService(self.databases.documents, self.password_hasher, self.sessions)

    @built_once
    def api_keys(self) -> ApiKeyService:
        """The keys of programs."""
        from hindcast.services.users.api_keys import ApiKeyService

        return ApiKeyService(self.databases.documents)

    @built_once
    def access(self) -> AccessControl:
        """Who may come in: in local mode who has the token, in server mode users."""
        if self.settings.mode == "server":
            from hindcast.services.users.user_access import UserAccess

            return UserAccess(self.users, self.sessions, self.api_keys)
        from hindcast.services.users.local_token import LocalAccess

        token = self.settings.token
        return LocalAccess(None if token is None else token.get_secret_value())

    def run_backtest(self, request: BacktestRequest, progress: Progress | None = None) -> BacktestResult:
        """Store a request as strategy and backtest, run it, and give its stored result.

        Raises what the strategy's check and the run raise; a failed run stays stored as FAILED.
        """
        self.databases.open()
        if request.strategy_type not in StrategyFactory.types():
            self.plugins.load_all()
        strategy = self.strategies.prepare(request.strategy_type, request.parameters)
        backtest = request.backtest_of(strategy.id, now=datetime.now(UTC))
        self.strategies.save(strategy)
        self.backtests.save(backtest)
        return asyncio.run(self.orchestrator.execute(backtest.id, strategy.id, progress=progress))

    def verify(self, result_id: str) -> Verification:
        """Run a stored result's backtest again, with the strategy's code as it is now, and compare.

        Raises NotFoundError, CorruptDataError, and what `ResultVerifier.verify` raises where it can't be run again.
        """
        result = self.results.get(result_id)
        if result.strategy_type not in BUILTIN_STRATEGIES:
            self.plugins.load_all()
        verifier = ResultVerifier(
            results=self.results,
            backtests=self.backtests,
            strategies=self.databases.strategies,
            run_apart=self._run_apart,
        )
        return verifier.verify(result)

    def _run_apart(self, backtest: Backtest, strategy: Strategy) -> FinishedRun:
        """Run a backtest by the same steps as any other, over stores that are forgotten afterwards."""
        documents = MemoryDocumentStore()
        backtests, strategies = BacktestRepository(documents), StrategyRepository(documents)
        results = DocumentResultStore(documents, MemoryArtefactStore())
        backtests.save(backtest)
        strategies.save(strategy)
        orchestrator = self._orchestrator(StrategyManager(strategies), backtests, results)
        result = completed(orchestrator.execute(backtest.id, strategy.id))
        tables = {artefact.name: results.table(result, artefact.name) for artefact in result.artefacts}
        return FinishedRun(result=result, tables=tables)

    def _orchestrator(
        self, strategies: StrategyManager, backtests: BacktestRepository, results: ResultStore
    ) -> BacktestOrchestrator:
        return BacktestOrchestrator(
            market_data=self.market_data,
            data_processor=self.data_processor,
            strategy_executor=StrategyExecutor(strategies),
            trade_engine=TradeEngine(),
            performance_analyzer=PerformanceAnalyzer(),
            benchmarks=self.benchmarks,
            strategies=strategies,
            backtests=backtests,
            results=results,
        )
