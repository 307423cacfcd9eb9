"""What a user asks of a backtest, and what of it can be held against strategies and data before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Final

from hindcast.domain.backtest import Backtest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import DateRangeError, InputError, NotFoundError, SymbolError
from hindcast.services.market_data.benchmarks.benchmark_aliases import resolve
from hindcast.services.market_data.data_versions import pinned_version
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import SymbolInfo

_SHOWN: Final = 10  # symbols that a message names


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestQuestion:
    """Which strategy on which bars, by which rules."""

    name: str
    strategy_id: str
    symbols: tuple[str, ...]
    start_date: date | None = None
    end_date: date | None = None
    provider: str = "sample"
    benchmark_symbol: str | None = None
    interval: str = "1d"
    adjusted: bool = False
    data_versions: tuple[str, ...] = ()
    config: BacktestConfig = field(default_factory=BacktestConfig)


class DataCheck:
    """Whether there can be bars for a backtest, by what is known here: no vendor is asked."""

    def __init__(self, market_data: MarketDataService) -> None:
        self._market_data = market_data

    def check(self, backtest: Backtest) -> None:
        """Raise InputError, SymbolError, DateRangeError or BenchmarkError where a run could only fail."""
        pinned = pinned_version(backtest.data_versions, backtest.provider, backtest.interval)
        if pinned is None and backtest.provider in self._market_data.vendors():
            self._check_vendor_interval(backtest)
        else:
            self._check_symbols(backtest, self._known_symbols(backtest))
        if backtest.benchmark_symbol is not None and backtest.benchmark_symbol not in backtest.symbols:
            resolve(self._market_data, backtest.benchmark_symbol)

    def _known_symbols(self, backtest: Backtest) -> dict[str, SymbolInfo]:
        try:
            known = self._market_data.symbols(backtest.provider, backtest.data_versions)
        except NotFoundError as error:  # a version: not what the request's address names
            raise InputError(str(error)) from error
        return {info.symbol: info for info in known if info.interval == backtest.interval}

    def _check_vendor_interval(self, backtest: Backtest) -> None:
        intervals = self._market_data.vendor_intervals(backtest.provider)
        if backtest.interval not in intervals:
            raise InputError(
                f"interval={backtest.interval!r}: provider '{backtest.provider}' has {', '.join(intervals)}"
            )

    def _check_symbols(self, backtest: Backtest, known: dict[str, SymbolInfo]) -> None:
        for symbol in backtest.symbols:
            info = known.get(symbol)
            if info is None:
                raise SymbolError(_words_of_unknown(symbol, backtest, known))
            if not (info.first and info.last):
                continue
            first, last = date.fromisoformat(info.first), date.fromisoformat(info.last)
            if (backtest.start_date or first) > last or (backtest.end_date or last) < first:
                raise DateRangeError(
                    f"provider '{backtest.provider}' has {symbol} from {first} to {last}, and nothing from "
                    f"{backtest.start_date or 'its first bar'} to {backtest.end_date or 'its last'}"
                )


def _words_of_unknown(symbol: str, backtest: Backtest, known: dict[str, SymbolInfo]) -> str:
    near = get_close_matches(symbol, known, n=1)
    few = ", ".join(sorted(known)[:_SHOWN]) + (" …" if len(known) > _SHOWN else "")
    hint = f"did you mean {near[0]!r}?" if near else f"it has {few or 'none'}"
    return f"provider '{backtest.provider}' has no symbol {symbol!r} in bars of {backtest.interval}: {hint}"
