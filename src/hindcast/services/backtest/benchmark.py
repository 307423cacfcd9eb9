"""BenchmarkService: a benchmark's values by symbol or common name, and a portfolio compared with them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import BenchmarkError, DateRangeError
from hindcast.engine.bars import Bars
from hindcast.engine.curve_input import analyze_performance
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.engine.stamps import DAY_NS, to_datetime
from hindcast.services.market_data.benchmarks.benchmark_aliases import resolve
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.market_data.views.adjustment import adjusted_view
from hindcast.services.ports import PanelTable, SymbolInfo

RELATIVE_METRICS: Final = tuple(metric.name for metric in CATALOGUE if metric.group == "benchmark")


class BenchmarkService:
    """Benchmarks out of the market data's sources."""

    def __init__(self, market_data: MarketDataService) -> None:
        self._market_data = market_data

    def resolve(self, benchmark_symbol: str) -> tuple[str, str]:
        """(provider, symbol) of a benchmark named by its symbol or a common name. Raises BenchmarkError."""
        return resolve(self._market_data, benchmark_symbol)

    def get_benchmark_data(
        self,
        benchmark_symbol: str,
        start_date: date | None = None,
        end_date: date | None = None,
        *,
        versions: Sequence[str] = (),
    ) -> BenchmarkSeries:
        """Closes of a benchmark from start_date to end_date, both included, with splits and dividends worked in.

        `versions` are pins of data versions, as a result names them: its bars' first, its benchmark's last. They tell
        the provider, too, whatever others have since brought the same name. Raises BenchmarkError.
        """
        versions = tuple(reversed(versions))
        provider, symbol = self._found(benchmark_symbol, versions)
        try:
            table = self._market_data.get_historical_data(
                [symbol], start_date, end_date, provider=provider, adjusted=True, versions=versions
            )
        except DateRangeError as error:
            raise BenchmarkError(f"benchmark {benchmark_symbol!r}: {error}") from error
        return _series(symbol, table.timestamps, table.close[:, 0], table.version)

    def for_bars(self, bars: Bars, benchmark_symbol: str, *, versions: Sequence[str] = ()) -> BenchmarkSeries:
        """A benchmark over a panel's dates: one of its own symbols, else from the sources. Raises BenchmarkError."""
        if benchmark_symbol in bars.symbols:
            return closes_of(bars, benchmark_symbol)
        if len(bars) > 1 and int(np.diff(bars.timestamps).min()) < DAY_NS:
            raise BenchmarkError(
                f"benchmark {benchmark_symbol!r}: benchmarks by name have daily closes, and the run's bars are of "
                "shorter intervals; make it one of the run's symbols, or give its own bars of that interval from Python"
            )
        first, last = to_datetime(bars.timestamps[0]).date(), to_datetime(bars.timestamps[-1]).date()
        return self.get_benchmark_data(benchmark_symbol, first, last, versions=versions)

    def _found(self, benchmark_symbol: str, versions: Sequence[str]) -> tuple[str, str]:
        """(provider, symbol): of the pinned versions and of what has none, else of everything that is here now."""
        if versions:
            with suppress(BenchmarkError):
                return resolve(_PinnedData(self._market_data, versions), benchmark_symbol)
        return self.resolve(benchmark_symbol)

    def compare_to_benchmark(
        self,
        portfolio_values: ArrayLike,
        benchmark_symbol: str = "SPY",
        *,
        risk_free_rate: float = 0.0,
        periods_per_year: float | None = None,
    ) -> dict[str, float | None]:
        """relative_return, alpha, beta, tracking_error, information_ratio … of portfolio values by date.

        `portfolio_values` is a pandas or polars series of equity by stamp. Raises BenchmarkError.
        """
        benchmark = self.get_benchmark_data(benchmark_symbol)
        metrics = analyze_performance(
            portfolio_values, benchmark=benchmark, risk_free_rate=risk_free_rate, periods_per_year=periods_per_year
        )
        return {name: getattr(metrics, name) for name in RELATIVE_METRICS}


class _PinnedData:
    """The market data that a run with these pins could see."""

    def __init__(self, market_data: MarketDataService, versions: Sequence[str]) -> None:
        self._market_data = market_data
        self._versions = versions

    def providers(self) -> tuple[str, ...]:
        pinned = {pin.partition("/")[0] for pin in self._versions}
        here = self._market_data.providers()
        return tuple(name for name in here if name in pinned or not self._market_data.keeps_versions(name))

    def symbols(self, provider: str) -> tuple[SymbolInfo, ...]:
        return self._market_data.symbols(provider, self._versions)


def closes_of(bars: Bars, symbol: str) -> BenchmarkSeries:
    """The closes of one of a panel's symbols, as a benchmark: with its splits and dividends worked in.

    So it is what a holder of the symbol has, as a run's equity is. Raises SymbolError.
    """
    column = slice(place := bars.column_of(symbol), place + 1)
    panel = bars.panel
    table = PanelTable(
        timestamps=bars.timestamps,
        symbols=(symbol,),
        open=panel.open[:, column],
        high=panel.high[:, column],
        low=panel.low[:, column],
        close=panel.close[:, column],
        volume=panel.volume[:, column],
        split=None if panel.split is None else panel.split[:, column],
        dividend=None if panel.dividend is None else panel.dividend[:, column],
        adjusted=bars.adjusted or (panel.split is None and panel.dividend is None),
    )
    return _series(symbol, bars.timestamps, adjusted_view(table).close[:, 0], bars.version)


def _series(symbol: str, timestamps: NDArray[np.int64], closes: NDArray[np.float64], version: str) -> BenchmarkSeries:
    seen = ~np.isnan(closes)
    return BenchmarkSeries(symbol=symbol, timestamps=timestamps[seen], values=closes[seen], version=version)
