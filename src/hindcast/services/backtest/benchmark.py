"""BenchmarkService: a benchmark's values by symbol or common name, and a portfolio compared with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from hindcast.domain.errors import BenchmarkError, DateRangeError
from hindcast.engine.bars import Bars
from hindcast.engine.curve_input import analyze_performance
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.engine.stamps import to_datetime
from hindcast.services.market_data.service import MarketDataService

# Common names of benchmarks, folded; what a source itself says of its symbols (`also_known_as`) comes on top.
ALIASES: Final[Mapping[str, str]] = {
    "s&p 500": "SPX",
    "s&p500": "SPX",
    "sp500": "SPX",
    "^gspc": "SPX",
    "nasdaq": "IXIC",
    "nasdaq composite": "IXIC",
    "^ixic": "IXIC",
    "kospi": "KOSPI",
    "^ks11": "KOSPI",
}

RELATIVE_METRICS: Final = tuple(metric.name for metric in CATALOGUE if metric.group == "benchmark")


class BenchmarkService:
    """Benchmarks out of the market data's sources."""

    def __init__(self, market_data: MarketDataService) -> None:
        self._market_data = market_data

    def resolve(self, benchmark_symbol: str) -> tuple[str, str]:
        """(provider, symbol) of a benchmark named by its symbol or a common name. Raises BenchmarkError."""
        folded = " ".join(benchmark_symbol.casefold().split())
        wanted = ALIASES.get(folded, benchmark_symbol)
        for provider in self._market_data.providers():
            for info in self._market_data.symbols(provider):
                names = (info.symbol, *info.also_known_as)
                if info.symbol == wanted or folded in {name.casefold() for name in names}:
                    return provider, info.symbol
        raise BenchmarkError(
            f"no source has the benchmark {benchmark_symbol!r}: give its values as Bars or a series "
            "(hc.Bars.from_csv reads a file), or choose one that `hindcast data list` shows"
        )

    def get_benchmark_data(
        self, benchmark_symbol: str, start_date: date | None = None, end_date: date | None = None
    ) -> BenchmarkSeries:
        """Closes of a benchmark from start_date to end_date, both included. Raises BenchmarkError."""
        provider, symbol = self.resolve(benchmark_symbol)
        try:
            table = self._market_data.get_historical_data([symbol], start_date, end_date, provider=provider)
        except DateRangeError as error:
            raise BenchmarkError(f"benchmark {benchmark_symbol!r}: {error}") from error
        seen = ~np.isnan(table.close[:, 0])
        return BenchmarkSeries(symbol=symbol, timestamps=table.timestamps[seen], values=table.close[seen, 0])

    def for_bars(self, bars: Bars, benchmark_symbol: str) -> BenchmarkSeries:
        """A benchmark over a panel's dates: one of its own symbols, else from the sources. Raises BenchmarkError."""
        if benchmark_symbol in bars.symbols:
            return closes_of(bars, benchmark_symbol)
        first, last = to_datetime(bars.timestamps[0]).date(), to_datetime(bars.timestamps[-1]).date()
        return self.get_benchmark_data(benchmark_symbol, first, last)

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


def closes_of(bars: Bars, symbol: str) -> BenchmarkSeries:
    """The closes of one of a panel's symbols, as a benchmark. Raises SymbolError."""
    column = bars.column_of(symbol)
    close = bars.panel.close[:, column]
    seen = ~np.isnan(close)
    return BenchmarkSeries(symbol=symbol, timestamps=bars.timestamps[seen], values=close[seen])
