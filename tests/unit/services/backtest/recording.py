"""The orchestrator's parts as recorders: each call is written down, and any can be made to fail or to wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tests.contracts.records import a_strategy
from tests.contracts.stores import forgotten_results
from tests.unit.services.backtest.panels import some_bars

from hindcast.domain.backtest import BacktestResult
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.trade_engine import TradeEngine
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.backtest.benchmark import BenchmarkService
from hindcast.services.backtest.executor import StrategyExecutor
from hindcast.services.backtest.orchestrator import BacktestOrchestrator
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import PanelTable, StoredDocument, SymbolInfo
from hindcast.services.strategy.manager import StrategyManager


class OneSource:
    """A source of two symbols: 60 daily bars of 2020."""

    name = "sample"

    def symbols(self) -> tuple[SymbolInfo, ...]:
        return tuple(
            SymbolInfo(
                symbol=symbol,
                name=f"Index {symbol}",
                exchange="XNYS",
                currency="USD",
                kind="index",
                first="2020-01-01",
                last="2020-02-29",
                bars=60,
                also_known_as=("The First",) if symbol == "AAA" else (),
            )
            for symbol in ("AAA", "BBB")
        )

    def read(self, symbols: Any, start: int | None = None, end: int | None = None) -> PanelTable:
        bars = some_bars().select(list(symbols)).between(start, end)
        panel = bars.panel
        return PanelTable(
            timestamps=bars.timestamps,
            symbols=bars.symbols,
            open=panel.open,
            high=panel.high,
            low=panel.low,
            close=panel.close,
            volume=panel.volume,
            notes=("AAA: made up.",),
        )


class Recorder:
    """A part whose calls are written down before they are passed on."""

    def __init__(self, stage: Stage, part: object, names: Mapping[str, str]) -> None:
        self._stage = stage
        self._part = part
        self._names = names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        said = self._names.get(name)
        if said is None:
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            self._stage.enter(said)
            return found(*arguments, **options)

        return call


class RecordedDocuments:
    """The documents of backtests: each that is read, and the status of each that is put in an earlier one's place."""

    def __init__(self, stage: Stage, documents: MemoryDocumentStore) -> None:
        self._stage = stage
        self._documents = documents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    def get(self, kind: str, document_id: str) -> StoredDocument | None:
        self._stage.enter("get backtest")
        return self._documents.get(kind, document_id)

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        self._stage.enter(f"mark {document.index['status']}")
        return self._documents.replace(kind, document, version=version)


class Stage:
    """A whole orchestrator over memory, and the book of what it did."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.threads: set[int] = set()
        self.failures: dict[str, Exception] = {}
        self.waits: dict[str, Callable[[], object]] = {}
        documents = MemoryDocumentStore()
        self.backtests = BacktestRepository(documents)
        self.results = forgotten_results(documents)
        self.now = datetime(2024, 1, 1, tzinfo=UTC)
        strategies = StrategyRepository(documents)
        strategies.save(a_strategy("s1", parameters={"short_window": 3, "long_window": 8}))
        manager = StrategyManager(strategies)
        market_data = MarketDataService([OneSource()])
        self.orchestrator = BacktestOrchestrator(
            market_data=self._noted(market_data, get_historical_data="bars"),
            data_processor=self._noted(DataProcessor(DuckDbFeatureStore()), process="process"),
            strategy_executor=self._noted(StrategyExecutor(manager), generate_signals="signals"),
            trade_engine=self._noted(TradeEngine(), simulate="simulate"),
            performance_analyzer=self._noted(PerformanceAnalyzer(), analyze="analyse"),
            benchmarks=self._noted(BenchmarkService(market_data), for_bars="benchmark"),
            strategies=manager,
            backtests=BacktestRepository(cast("Any", RecordedDocuments(self, documents))),
            results=self._noted(self.results, save="store"),
            clock=self._tick,
        )

    def enter(self, said: str) -> None:
        self.threads.add(threading.get_ident())
        self.calls.append(said)
        if said in self.waits:
            self.waits[said]()
        if said in self.failures:
            raise self.failures[said]

    def result(self) -> BacktestResult:
        return self.results.get("b1")

    def _noted(self, part: object, **names: str) -> Any:
        return Recorder(self, part, names)

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now
