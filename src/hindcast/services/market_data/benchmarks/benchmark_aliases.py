"""Finding a benchmark by a common name: the sources in their order, and clear words where none has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hindcast.domain.errors import BenchmarkError
from hindcast.domain.intervals import DAILY
from hindcast.services.market_data.benchmarks.benchmark_names import (
    BenchmarkName,
    folded,
    followed_by,
    known_benchmark,
    near_names,
)
from hindcast.services.ports import SymbolInfo


class SymbolSource(Protocol):
    """What finding a benchmark needs of market data."""

    def providers(self) -> tuple[str, ...]:
        """Their names, in the order in which they are asked."""
        ...

    def symbols(self, provider: str) -> tuple[SymbolInfo, ...]:
        """What one of them has."""
        ...


def resolve(market_data: SymbolSource, name: str) -> tuple[str, str]:
    """(provider, symbol) of a benchmark named by its symbol or a common name, in daily bars.

    The symbol as it is given comes first, then a source's own names of its symbols, then the spellings of the alias
    table; within each the sources in their order. A fund never stands in for an index: the message of the error names
    the funds that do exist, and the choice is the caller's.

    Raises BenchmarkError where no source has it.
    """
    here = [
        (provider, info)
        for provider in market_data.providers()
        for info in market_data.symbols(provider)
        if info.interval == DAILY
    ]
    wanted = folded(name)
    for provider, info in here:
        if info.symbol == name:
            return provider, info.symbol
    for provider, info in here:
        if wanted in {folded(each) for each in (info.symbol, *info.also_known_as)}:
            return provider, info.symbol
    row = known_benchmark(name)
    spellings = () if row is None else tuple(folded(symbol) for symbol in row.symbols)
    for provider, info in here:
        if folded(info.symbol) in spellings:
            return provider, info.symbol
    raise BenchmarkError(_words_of_none(name, row, {info.symbol: provider for provider, info in reversed(here)}))


def _words_of_none(name: str, row: BenchmarkName | None, here: Mapping[str, str]) -> str:
    by_hand = "give its values as Bars or a series (hc.Bars.from_csv reads a file)"
    if row is not None:
        said = (
            f"no source has the benchmark {name!r} ({row.words}; looked for {', '.join(row.symbols)}): import a file "
            f"(`{row.import_command}`), or {by_hand}"
        )
        return said + "".join(_fund_words(fund, words, here) for fund, words in row.funds)
    said = f"no source has the benchmark {name!r}: {by_hand}, or choose one that `hindcast data list` shows"
    followed = followed_by(name)
    if followed is not None:
        words = dict(followed.funds).get(name.strip().upper(), "a fund")
        return f"{said}. It is a fund ({words}): `hindcast data fetch {name.strip().upper()}` gets it from a vendor" + (
            f"; its index is here: benchmark={followed.name!r}"
            if any(each in here for each in followed.symbols)
            else ""
        )
    near = near_names(name)
    return f"{said}. Did you mean {near[0]!r}?" if near else said


def _fund_words(fund: str, words: str, here: Mapping[str, str]) -> str:
    if fund in here:
        return f". The fund {fund} ({words}) is here, from {here[fund]}: benchmark={fund!r} takes it in its place"
    return f". The fund {fund} ({words}) may do: `hindcast data fetch {fund}`, then benchmark={fund!r}"
