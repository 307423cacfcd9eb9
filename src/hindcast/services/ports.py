"""The outside world on one page: what the services need, without a word about who provides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hindcast.domain.backtest import Backtest, BacktestResult
    from hindcast.domain.strategy import Strategy
    from hindcast.engine.bars import Bars

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolInfo:
    """What a source says of one of its symbols."""

    symbol: str
    name: str
    exchange: str  # ISO 10383 market code, e.g. "XNYS"
    currency: str  # ISO 4217
    kind: str  # "equity", "index", …
    first: str  # ISO date of the first bar
    last: str  # ISO date of the last bar
    bars: int
    single_price: bool = False  # open, high and low are the close
    adjusted: bool = False  # prices already hold splits (and, where the note says so, dividends)
    also_known_as: tuple[str, ...] = ()  # other spellings, for the alias table
    note: str = ""  # what a reader of a result must know of these prices


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelTable:
    """Raw columns as a source gives them: T stamps by S symbols, NaN where a symbol has no bar."""

    timestamps: IntArray  # (T,), UTC nanoseconds, increasing
    symbols: tuple[str, ...]
    open: FloatArray  # (T, S), price
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    split: FloatArray | None = None  # new shares per old, 1 = none
    dividend: FloatArray | None = None  # cash per share, 0 = none
    adjusted: bool = False
    notes: tuple[str, ...] = ()


class BarsSource(Protocol):
    """A source of bars: the sample data, a store, a vendor."""

    @property
    def name(self) -> str: ...

    def symbols(self) -> tuple[SymbolInfo, ...]: ...

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        """Bars of the symbols with start <= stamp <= end (UTC nanoseconds; None = open end).

        Raises SymbolError for a symbol that the source does not have, DateRangeError where no bar is in the range.
        """
        ...


class FeatureStore(Protocol):
    """The ready-made columns of a panel, by the store's own window functions."""

    def compute(self, bars: Bars, closes: FloatArray) -> Mapping[str, FloatArray]:
        """sma_10, sma_30, sma_50, daily_return, volatility_20d, return_volatility_20d, each (T, S).

        `closes` are the panel's closes after the gap rule; a window with fewer values than its length gives NaN.
        """
        ...


class StrategyRepository(Protocol):
    """Strategies by id."""

    def save(self, strategy: Strategy) -> None: ...

    def get(self, strategy_id: str) -> Strategy:
        """Raises NotFoundError where no strategy has the id."""
        ...

    def list(self) -> tuple[Strategy, ...]: ...


class BacktestRepository(Protocol):
    """Backtests by id."""

    def save(self, backtest: Backtest) -> None: ...

    def get(self, backtest_id: str) -> Backtest:
        """Raises NotFoundError where no backtest has the id."""
        ...

    def list(self) -> tuple[Backtest, ...]: ...


class ResultStore(Protocol):
    """Results: tables by content, and the summary that points to them."""

    def save(self, result: BacktestResult, tables: Mapping[str, Mapping[str, NDArray[np.generic]]]) -> BacktestResult:
        """Keep tables (name → column → values) and summary in one step; gives the result with its artefacts named.

        A reader sees the whole result or none of it, whenever the process dies.
        """
        ...

    def get(self, result_id: str) -> BacktestResult:
        """The result of a backtest id, a manifest id, or an unambiguous beginning of one.

        Raises NotFoundError where none has it, and names the candidates where several do.
        """
        ...

    def table(self, result: BacktestResult, name: str) -> Mapping[str, NDArray[np.generic]]:
        """One table of a result, column by column. Raises CorruptDataError if its bytes are not what was written."""
        ...

    def list(self) -> tuple[BacktestResult, ...]:
        """All results, newest first."""
        ...
