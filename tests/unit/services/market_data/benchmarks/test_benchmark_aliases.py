from __future__ import annotations

import pytest

from hindcast.domain.errors import BenchmarkError
from hindcast.services.market_data.benchmarks.benchmark_aliases import resolve
from hindcast.services.market_data.benchmarks.benchmark_names import (
    BENCHMARKS,
    folded,
    followed_by,
    known_benchmark,
    near_names,
)
from hindcast.services.ports import SymbolInfo


def symbol(name: str, *also: str, interval: str = "1d") -> SymbolInfo:
    return SymbolInfo(
        symbol=name,
        name=name,
        exchange="",
        currency="",
        kind="index",
        first="",
        last="",
        bars=1,
        also_known_as=also,
        interval=interval,
    )


class Sources:
    def __init__(self, **symbols: list[SymbolInfo]) -> None:
        self._symbols = symbols

    def providers(self) -> tuple[str, ...]:
        return tuple(self._symbols)

    def symbols(self, provider: str) -> tuple[SymbolInfo, ...]:
        return tuple(self._symbols[provider])


@pytest.mark.parametrize("name", ["KOSPI", "kospi", "^KS11", " Kospi  Composite", "KS11"])
@pytest.mark.parametrize("stored", ["KOSPI", "^KS11", "KS11", "ks11"])
def test_any_spelling_finds_any_spelling(name: str, stored: str) -> None:
    assert resolve(Sources(mine=[symbol(stored)]), name) == ("mine", stored)


def test_the_symbol_as_it_is_given_comes_before_every_alias() -> None:
    sources = Sources(first=[symbol("^GSPC")], second=[symbol("SPX")])
    assert resolve(sources, "SPX") == ("second", "SPX")
    assert resolve(sources, "S&P 500") == ("first", "^GSPC")


def test_letter_case_tells_symbols_apart_where_both_are_there() -> None:
    assert resolve(Sources(one=[symbol("spx"), symbol("SPX")]), "SPX") == ("one", "SPX")


def test_a_sources_own_names_come_before_the_table() -> None:
    sources = Sources(first=[symbol("KS11")], second=[symbol("SEOUL", "Kospi")])
    assert resolve(sources, "KOSPI") == ("second", "SEOUL")


def test_bars_within_the_day_are_no_benchmark() -> None:
    with pytest.raises(BenchmarkError):
        resolve(Sources(mine=[symbol("KOSPI", interval="5min")]), "KOSPI")


def test_a_fund_never_stands_in_for_its_index_but_is_offered() -> None:
    sources = Sources(alpha_vantage=[symbol("EWY"), symbol("SPY")])
    with pytest.raises(BenchmarkError) as caught:
        resolve(sources, "KOSPI")
    assert str(caught.value).endswith(
        "The fund EWY (iShares MSCI South Korea, another index, in USD on XNYS) is here, from alpha_vantage: "
        "benchmark='EWY' takes it in its place"
    )
    assert resolve(sources, "SPY") == ("alpha_vantage", "SPY")
    with pytest.raises(BenchmarkError, match="a total return index in USD, sessions of XNYS"):
        resolve(sources, "S&P 500 Total Return")


def test_a_slip_of_the_pen_is_pointed_out() -> None:
    with pytest.raises(BenchmarkError, match="Did you mean 'Nikkei 225'"):
        resolve(Sources(), "Niki 225")
    assert near_names("xyzzy") == []


def test_no_spelling_means_two_indices() -> None:
    seen: dict[str, str] = {}
    for row in BENCHMARKS:
        for spelling in {folded(each) for each in (row.name, *row.also, *row.symbols)}:
            assert seen.setdefault(spelling, row.name) == row.name
            assert known_benchmark(spelling) is row
    assert len(BENCHMARKS) >= 25


def test_a_fund_knows_the_index_that_it_follows_most_nearly() -> None:
    spy, ewy = followed_by("spy"), followed_by("EWY")
    assert spy is not None
    assert spy.name == "S&P 500"
    assert ewy is not None
    assert ewy.name == "KOSPI"
    assert followed_by("KOSPI") is None


def test_every_index_says_what_it_is() -> None:
    words = {row.name: row.words for row in BENCHMARKS}
    assert words["DAX"] == "DAX, a total return index in EUR, sessions of XETR"
    assert words["MSCI World"] == "MSCI World, a price index in USD"
    assert all(len(row.currency) == 3 for row in BENCHMARKS)
