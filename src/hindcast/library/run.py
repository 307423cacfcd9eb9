"""A finished run, as the Python door shows it: pandas frames made when they are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.domain.backtest import BacktestResult, RunManifest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.certificate import Certificate, Verdict
from hindcast.domain.performance import PerformanceMetrics
from hindcast.domain.verification import Verification
from hindcast.engine.bars import Bars
from hindcast.engine.bounds import Bounds, find_bounds
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.services.backtest.tables import Columns, ambiguous_table, as_frame, run_tables
from hindcast.services.backtest.verification import verify

if TYPE_CHECKING:
    import pandas as pd


class BacktestRun:
    """One simulated backtest: its numbers, and the frames behind them."""

    def __init__(
        self,
        result: BacktestResult,
        bars: Bars,
        history: PortfolioHistory,
        benchmark: BenchmarkSeries | None,
        *,
        config: BacktestConfig,
        again: Callable[[], BacktestRun],
    ) -> None:
        self.result = result
        self.bars = bars
        self.history = history
        self.benchmark = benchmark
        self._config = config
        self._again = again

    def __repr__(self) -> str:
        made = self.metrics.total_return
        said = "undefined" if made is None else f"{made:.2%}"
        trades = len(self.history.trades)
        verdict = self.certificate.verdict
        doubt = "" if verdict in (Verdict.PASSED, Verdict.NOT_RUN) else f", {verdict.replace('_', ' ').upper()}"
        return f"BacktestRun({self.result.strategy_type}: {said}, {trades} trades, {self.manifest.id[:12]}{doubt})"

    @property
    def metrics(self) -> PerformanceMetrics:
        """Every metric; None where one is undefined."""
        return self.result.performance

    @property
    def manifest(self) -> RunManifest:
        """What the result depends on; `manifest.id` is its hash."""
        return self.result.manifest

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before believing the result."""
        return self.result.notes

    @property
    def certificate(self) -> Certificate:
        """The look-ahead certificate: `certificate.verdict`, what was tried, and what differed first."""
        return self.result.certificate

    @cached_property
    def bounds(self) -> Bounds:
        """Final equity under each reading of the bars that don't tell the order of their prices; money.

        `.lower` and `.upper` of them and of the run, `.by_policy`. The run's own orders are replayed when this is
        first read. Raises InputError where they are of a type of one's own.
        """
        return find_bounds(self.history, self.bars, self._config)

    @cached_property
    def ambiguous(self) -> pd.DataFrame:
        """One row per order and bar where the order of prices within the bar decides what becomes of the order."""
        frame: pd.DataFrame = as_frame(ambiguous_table(self.history))
        return frame

    @cached_property
    def tables(self) -> dict[str, Columns]:
        """All tables as numpy columns, by name."""
        return run_tables(self.history, self.bars, self.benchmark)

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Equity by timestamp, money; the first value is the initial capital."""
        return self.books["equity"]

    @cached_property
    def books(self) -> pd.DataFrame:
        """Equity, cash, gross and net exposure by timestamp, money."""
        return self._frame("equity").set_index("timestamp")

    @cached_property
    def fills(self) -> pd.DataFrame:
        """One row per execution."""
        return self._frame("fills")

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row per closed round trip."""
        return self._frame("trades")

    @cached_property
    def open_trades(self) -> pd.DataFrame:
        """One row per lot still open at the end, marked at the last close."""
        return self._frame("open_trades")

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row per order, with its end state and its reason."""
        return self._frame("orders")

    @cached_property
    def positions(self) -> pd.DataFrame:
        """One row per bar and symbol on which the position changed."""
        return self._frame("positions")

    def verify(self) -> Verification:
        """Run the backtest again, with a fresh instance of the strategy on the same bars, and compare.

        The verdict is `identical`, `different`, or `not_comparable` where a strategy that was handed in ready-built
        can't be built again; `.differences` and `.causes` say what differs and why.
        """
        return verify(self.result, self.tables, self._again)

    def to_html(self, path: str | PathLike[str], *, title: str | None = None) -> Path:
        """Write the report, one file that opens offline; gives its path. Raises StorageError.

        It holds the bounds where these have been read before.
        """
        from hindcast.reporting.report import write_report

        return write_report(Path(path), self.result, self.tables, title=title, bounds=self.__dict__.get("bounds"))

    def _frame(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = as_frame(self.tables[name])
        return frame
