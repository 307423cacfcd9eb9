"""A backtest as it is kept: what was asked, how far it is, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.certificate import Certificate
from hindcast.domain.jobs import Job
from hindcast.domain.performance import PerformanceMetrics
from hindcast.domain.records import CheckedRecord
from hindcast.domain.strategy import LOCAL_OWNER, StrategySnapshot


class BacktestStatus(StrEnum):
    """PENDING (created), QUEUED (execute accepted), RUNNING, then one of the three ends."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Backtest(CheckedRecord):
    """One backtest: the question, its state, and, once it failed, why."""

    schema_version: int = 3  # 2 added interval, adjusted, data_versions; 3 owner, revision, created_at, strategy, job
    id: str = Field(min_length=1)
    owner: str = LOCAL_OWNER
    revision: int = 1  # counts the changes of the question: who changes it names the one that he saw
    created_at: datetime | None = None
    name: str = Field(min_length=1)
    strategy_id: str = Field(min_length=1)
    symbols: tuple[str, ...] = Field(min_length=1)
    start_date: date | None = None
    end_date: date | None = None
    provider: str = "sample"
    benchmark_symbol: str | None = None
    interval: str = "1d"  # how long a bar is
    adjusted: bool = False  # prices with splits and dividends worked in, instead of raw ones with the actions beside
    data_versions: tuple[str, ...] = ()  # pins, "provider/interval@version": what is read from that version
    config: BacktestConfig = BacktestConfig()
    status: BacktestStatus = BacktestStatus.PENDING
    start_time: datetime | None = None
    end_time: datetime | None = None
    duration_seconds: float | None = None
    error_message: str | None = None
    strategy: StrategySnapshot | None = None  # what runs, from the moment that it is queued
    job: Job = Job()

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.start_date and self.end_date and self.start_date > self.end_date:
            raise ValueError(f"start_date {self.start_date} is after end_date {self.end_date}: swap them")
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError(f"symbols {', '.join(self.symbols)}: each may be named once")
        if not all(symbol.strip() for symbol in self.symbols):
            raise ValueError(f"symbols {self.symbols!r}: each needs a name")
        return self


class RunManifest(CheckedRecord):
    """All that a result depends on; `id` is the hash of the fields above it."""

    schema_version: int = 1
    id: str
    data_hash: str  # BLAKE3 of the bars
    benchmark_hash: str | None = None
    strategy_type: str
    strategy_hash: str  # BLAKE3 of the strategy's source and of what it imports
    parameters: dict[str, JsonValue]
    config: dict[str, JsonValue]
    # BLAKE3 of the sources of custom models in the configuration, by its field
    model_hashes: dict[str, str] = Field(default_factory=dict)
    engine_version: str
    engine_hash: str  # BLAKE3 of the engine's own source
    environment: dict[str, str]  # what else is worth knowing; no part of the id


class Artefact(CheckedRecord):
    """A stored table of a result."""

    name: str
    path: str  # relative to the data folder
    content_hash: str  # BLAKE3 of the file
    rows: int


class BacktestResult(CheckedRecord):
    """What came of a backtest: the summary that points to the stored tables."""

    # 2 added the certificate; 3 interval, adjusted and data_versions; 4 id and owner
    schema_version: int = 4
    id: str = ""  # of its document; empty: the backtest's. A backtest's `job.result_id` names the one that counts
    owner: str = LOCAL_OWNER
    backtest_id: str
    name: str = ""
    strategy_type: str
    symbols: tuple[str, ...]
    start_date: date
    end_date: date
    provider: str = ""
    benchmark_symbol: str | None = None
    interval: str = "1d"
    adjusted: bool = False
    data_versions: tuple[str, ...] = ()  # of the bars and of the benchmark, where their source has versions
    created_at: datetime
    performance: PerformanceMetrics
    final_portfolio_value: float
    total_trades: int
    ruined: bool = False
    lane: Literal["vectorised", "event"] = "vectorised"  # how the strategy was run
    manifest: RunManifest
    certificate: Certificate = Certificate()
    books_deviation: float | None = None  # largest relative deviation of the accounting identities; None: not checked
    notes: tuple[str, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
