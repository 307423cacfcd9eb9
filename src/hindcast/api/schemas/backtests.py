"""Backtests over HTTP: what is asked, what is answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from hindcast.api.schemas.backtest_config import ConfigBody, config_of
from hindcast.api.schemas.pages import DamagedIds
from hindcast.api.schemas.strict import Identifier, Interval, IsoDate, Name, Provider, StrictBody, Symbol, Symbols
from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.jobs import FailureKind
from hindcast.domain.strategy import StrategySnapshot
from hindcast.services.backtest.question import BacktestQuestion

_StrategyId = Annotated[
    Identifier, Field(description="Of the strategy that is run", examples=["0b54f1c2a3d94e5f8a7b6c5d4e3f2a1b"])
]
_Benchmark = Annotated[Symbol, Field(description="A symbol, or a common name such as S&P 500")]
_Pins = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]],
    Field(max_length=20, description="provider/interval@version: the bars are read from that version"),
]
_EXAMPLE: Final[JsonDict] = {
    "name": "Crossing averages on the S&P 500",
    "strategy_id": "0b54f1c2a3d94e5f8a7b6c5d4e3f2a1b",
    "symbols": ["SPX"],
    "start_date": "1999-01-04",
    "end_date": "2018-12-31",
    "provider": "sample",
    "benchmark_symbol": "SPX",
    "config": {"initial_capital": 100000, "commission": {"rate": 0.001}, "slippage": {"bps": 1}},
}


class BacktestBody(StrictBody):
    """A backtest that is to be made, or put in the place of a PENDING one."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Name
    strategy_id: _StrategyId
    symbols: Symbols
    start_date: IsoDate | None = Field(None, description="The first day; none: from the first bar on")
    end_date: IsoDate | None = Field(None, description="The last day; none: to the last bar")
    provider: Provider = Field("sample", description="Where the bars come from")
    benchmark_symbol: _Benchmark | None = Field(None, description="What the result is compared with")
    interval: Interval = Field("1d", description="How long a bar is")
    adjusted: bool = Field(False, description="Prices with splits and dividends worked in")
    data_versions: _Pins = Field(default_factory=list)
    config: ConfigBody = Field(default_factory=ConfigBody)

    def question(self) -> BacktestQuestion:
        """What is asked, as the service takes it. Raises ConfigError."""
        return BacktestQuestion(**_plain(self, type(self).model_fields))


class BacktestChanges(StrictBody):
    """Fields of a PENDING backtest that are to be changed; those that are not named stay. `config` is taken whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "The same, from 2009 on"}], "minProperties": 1})

    name: Name = Field(default_factory=str)
    strategy_id: _StrategyId = Field(default_factory=str)
    symbols: Symbols = Field(default_factory=list)
    start_date: IsoDate | None = Field(default_factory=lambda: None)
    end_date: IsoDate | None = Field(default_factory=lambda: None)
    provider: Provider = Field(default_factory=str)
    benchmark_symbol: _Benchmark | None = Field(default_factory=lambda: None)
    interval: Interval = Field(default_factory=str)
    adjusted: bool = Field(default_factory=bool)
    data_versions: _Pins = Field(default_factory=list)
    config: ConfigBody = Field(default_factory=ConfigBody)

    def changes(self) -> dict[str, Any]:
        """The fields that are named. Raises ConfigError, InputError."""
        return _plain(self, self.named_fields())


class StatusAnswer(BaseModel):
    """How far a backtest is."""

    model_config = ConfigDict(frozen=True)

    status: BacktestStatus = Field(examples=["RUNNING"])
    progress: float = Field(ge=0, le=1, description="Share of the work that is done", examples=[0.6])
    step: str = Field(description="What is being done", examples=["simulating trades"])
    attempt: int = Field(ge=0, description="How many workers have taken it since it was queued", examples=[1])
    start_time: datetime | None = None
    end_time: datetime | None = None
    duration_seconds: float | None = None
    error_message: str | None = None
    failure: FailureKind | None = Field(default=None, description="Why it FAILED")

    @classmethod
    def of(cls, backtest: Backtest) -> Self:
        """The status of a backtest."""
        return cls(**_state(backtest))


class BacktestAnswer(BaseModel):
    """A backtest: the question, and how far it is."""

    model_config = ConfigDict(frozen=True)

    id: str
    revision: int = Field(ge=1, description="Counts the changes of the question; `If-Match` names it")
    created_at: datetime | None
    name: str
    strategy_id: str
    symbols: list[str]
    start_date: date | None
    end_date: date | None
    provider: str
    benchmark_symbol: str | None
    interval: str
    adjusted: bool
    data_versions: list[str]
    config: dict[str, JsonValue] = Field(description="All fields of the BacktestConfig")
    status: BacktestStatus
    progress: float = Field(ge=0, le=1)
    step: str
    attempt: int = Field(ge=0)
    start_time: datetime | None
    end_time: datetime | None
    duration_seconds: float | None
    error_message: str | None
    failure: FailureKind | None
    strategy: StrategySnapshot | None = Field(description="What runs, as it was when the backtest was queued")

    @classmethod
    def of(cls, backtest: Backtest) -> Self:
        """A backtest as an answer."""
        return cls(
            id=backtest.id,
            revision=backtest.revision,
            created_at=backtest.created_at,
            name=backtest.name,
            strategy_id=backtest.strategy_id,
            symbols=list(backtest.symbols),
            start_date=backtest.start_date,
            end_date=backtest.end_date,
            provider=backtest.provider,
            benchmark_symbol=backtest.benchmark_symbol,
            interval=backtest.interval,
            adjusted=backtest.adjusted,
            data_versions=list(backtest.data_versions),
            config=backtest.config.model_dump(mode="json"),
            strategy=backtest.strategy,
            **_state(backtest),
        )


class BacktestPage(BaseModel):
    """A page of backtests, newest first."""

    items: list[BacktestAnswer]
    next_cursor: str | None = Field(description="Asks for the next page; null at the end")
    damaged: DamagedIds


def _state(backtest: Backtest) -> dict[str, Any]:
    return {
        "status": backtest.status,
        "progress": backtest.job.progress if backtest.status is not BacktestStatus.COMPLETED else 1.0,
        "step": backtest.job.step,
        "attempt": backtest.job.attempt,
        "start_time": backtest.start_time,
        "end_time": backtest.end_time,
        "duration_seconds": backtest.duration_seconds,
        "error_message": backtest.error_message,
        "failure": backtest.job.failure,
    }


def _plain(body: StrictBody, names: Iterable[str]) -> dict[str, Any]:
    """The fields of these names, as records take them."""
    found = {name: getattr(body, name) for name in names}
    for name in ("symbols", "data_versions"):
        if name in found:
            found[name] = tuple(found[name])
    if "config" in found:
        found["config"] = config_of(found["config"])
    return found
