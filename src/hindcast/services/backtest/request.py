"""What a caller asks for: one backtest, before it has an id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

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
