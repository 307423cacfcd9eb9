"""What a caller asks for: one backtest, before it has an id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from hindcast.domain.backtest import Backtest
from hindcast.domain.backtest_config import BacktestConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """A strategy with its parameters, on symbols of a provider, between two dates (both included)."""

    strategy_type: str
    symbols: tuple[str, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    provider: str = "sample"
    start_date: date | None = None
    end_date: date | None = None
    benchmark_symbol: str | None = None
    interval: str = "1d"
    adjusted: bool = False
    data_versions: tuple[str, ...] = ()
    config: BacktestConfig = field(default_factory=BacktestConfig)
    name: str = ""

    def backtest_of(self, strategy_id: str, *, now: datetime) -> Backtest:
        """The backtest that asks for this, PENDING, under a new id. Raises InputError."""
        return Backtest(
            id=f"{now:%Y%m%d}-{uuid4().hex[:12]}",
            name=self.name or self.strategy_type,
            strategy_id=strategy_id,
            symbols=self.symbols,
            start_date=self.start_date,
            end_date=self.end_date,
            provider=self.provider,
            benchmark_symbol=self.benchmark_symbol,
            interval=self.interval,
            adjusted=self.adjusted,
            data_versions=self.data_versions,
            config=self.config,
            created_at=now,
        )
