"""Benchmarks as people name them: an index's other names, vendors' spellings of it, and the funds that follow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkName:
    """An index as people name it."""

    name: str
    also: tuple[str, ...]  # other names
    symbols: tuple[str, ...]  # vendors' spellings, the likeliest first
    currency: str  # ISO 4217
    calendar: str  # its sessions; empty where it is made of several exchanges'
    returns: Literal["price", "total"] = "price"  # total: dividends are reinvested in it
    funds: tuple[tuple[str, str], ...] = ()  # funds that follow it or come near: symbol, and what a reader must know

    @property
    def import_command(self) -> str:
        """How a file of its values is brought in."""
        calendar = f" --calendar {self.calendar}" if self.calendar else ""
        symbol = self.symbols[0]
        return (
            f"hindcast data import {symbol}.csv --as indices --symbol {symbol} --kind index --currency {self.currency}"
            f"{calendar}"
        )

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        kind = "total return" if self.returns == "total" else "price"
        where = f", sessions of {self.calendar}" if self.calendar else ""
        return f"{self.name}, a {kind} index in {self.currency}{where}"


def _row(
    name: str, also: str, symbols: str, terms: str, funds: Iterable[tuple[str, str]] = (), total: bool = False
) -> BenchmarkName:
    currency, _, calendar = terms.partition(" ")
    return BenchmarkName(
        name=name,
        also=tuple(word.strip() for word in also.split(",") if word.strip()),
        symbols=tuple(symbols.split()),
        currency=currency,
        calendar=calendar,
        returns="total" if total else "price",
        funds=tuple(funds),
    )


_US: Final = "in USD on XNYS"
BENCHMARKS: Final[tuple[BenchmarkName, ...]] = (
    _row(
        "S&P 500",
        "S&P500, SP500, SP 500, S and P 500",
        "SPX ^GSPC GSPC ^SPX INX",
        "USD XNYS",
        [("SPY", f"SPDR, {_US}")],
    ),
    _row("S&P 500 Total Return", "S&P 500 TR, SP500TR", "SPXTR ^SP500TR", "USD XNYS", total=True),
    _row("Nasdaq Composite", "Nasdaq", "IXIC ^IXIC COMP", "USD XNYS", [("ONEQ", f"Fidelity, {_US}")]),
    _row("Nasdaq-100", "Nasdaq 100, Nasdaq100, US Tech 100", "NDX ^NDX", "USD XNYS", [("QQQ", f"Invesco, {_US}")]),
    _row(
        "Dow Jones Industrial Average",
        "Dow Jones, Dow, Dow 30, Dow Jones 30",
        "DJI ^DJI DJIA",
        "USD XNYS",
        [("DIA", f"SPDR, {_US}")],
    ),
    _row("Russell 2000", "Russell2000", "RUT ^RUT", "USD XNYS", [("IWM", f"iShares, {_US}")]),
    _row("Russell 1000", "Russell1000", "RUI ^RUI", "USD XNYS", [("IWB", f"iShares, {_US}")]),
    _row(
        "KOSPI",
        "KOSPI Composite, Korea Composite Stock Price Index",
        "KOSPI ^KS11 KS11",
        "KRW XKRX",
        [("EWY", f"iShares MSCI South Korea, another index, {_US}")],
    ),
    _row(
        "KOSPI 200",
        "",
        "KOSPI200 ^KS200 KS200",
        "KRW XKRX",
        [("069500.KS", "KODEX 200, in KRW on XKRX"), ("EWY", f"iShares MSCI South Korea, another index, {_US}")],
    ),
    _row("KOSDAQ", "KOSDAQ Composite", "KOSDAQ ^KQ11 KQ11", "KRW XKRX"),
    _row(
        "Nikkei 225",
        "Nikkei, Nikkei225",
        "N225 ^N225 NI225 NKY",
        "JPY XTKS",
        [("EWJ", f"iShares MSCI Japan, another index, {_US}")],
    ),
    _row("TOPIX", "", "TOPX ^TOPX TPX", "JPY XTKS", [("1306.T", "NEXT FUNDS, in JPY on XTKS")]),
    _row(
        "DAX",
        "DAX 40, DAX 30, DAX40",
        "GDAXI ^GDAXI DE40",
        "EUR XETR",
        [("EXS1.DE", "iShares, in EUR on XETR")],
        total=True,
    ),
    _row(
        "FTSE 100",
        "FTSE, FTSE100, Footsie",
        "UKX ^FTSE FTSE",
        "GBP XLON",
        [("ISF.L", "iShares, in GBP on XLON"), ("EWU", f"iShares MSCI United Kingdom, another index, {_US}")],
    ),
    _row("Euro Stoxx 50", "EuroStoxx 50, STOXX 50", "SX5E ^STOXX50E STOXX50E", "EUR", [("FEZ", f"SPDR, {_US}")]),
    _row("CAC 40", "CAC40, CAC", "FCHI ^FCHI PX1", "EUR XPAR", [("EWQ", f"iShares MSCI France, another index, {_US}")]),
    _row(
        "Swiss Market Index",
        "SMI",
        "SSMI ^SSMI",
        "CHF XSWX",
        [("EWL", f"iShares MSCI Switzerland, another index, {_US}")],
    ),
    _row("MSCI World", "", "MXWO 990100", "USD", [("URTH", f"iShares, {_US}")]),
    _row("MSCI ACWI", "MSCI All Country World", "MXWD", "USD", [("ACWI", f"iShares, {_US}")]),
    _row("MSCI Emerging Markets", "MSCI EM", "MXEF", "USD", [("EEM", f"iShares, {_US}")]),
    _row(
        "Hang Seng",
        "Hang Seng Index",
        "HSI ^HSI",
        "HKD XHKG",
        [("2800.HK", "Tracker Fund, in HKD on XHKG"), ("EWH", f"iShares MSCI Hong Kong, another index, {_US}")],
    ),
    _row("Shanghai Composite", "SSE Composite", "SSEC 000001.SS SHCOMP", "CNY XSHG"),
    _row("CSI 300", "", "CSI300 000300.SS", "CNY XSHG", [("ASHR", f"Xtrackers, {_US}")]),
    _row("TAIEX", "Taiwan Weighted", "TWII ^TWII", "TWD XTAI", [("EWT", f"iShares MSCI Taiwan, another index, {_US}")]),
    _row("BSE Sensex", "Sensex, Sensex 30", "BSESN ^BSESN", "INR XBOM"),
    _row("Nifty 50", "Nifty", "NSEI ^NSEI NIFTY50", "INR XBOM", [("INDY", f"iShares, {_US}")]),
    _row(
        "S&P/ASX 200",
        "ASX 200",
        "AXJO ^AXJO XJO",
        "AUD XASX",
        [("EWA", f"iShares MSCI Australia, another index, {_US}")],
    ),
    _row(
        "S&P/TSX Composite",
        "TSX Composite, TSX",
        "GSPTSE ^GSPTSE",
        "CAD XTSE",
        [("EWC", f"iShares MSCI Canada, another index, {_US}")],
    ),
    _row("Ibovespa", "Bovespa", "BVSP ^BVSP IBOV", "BRL BVMF", [("EWZ", f"iShares MSCI Brazil, another index, {_US}")]),
)


def folded(name: str) -> str:
    """A name as it is compared: without regard to case and to spaces around or doubled."""
    return " ".join(name.casefold().split())


def _spellings(row: BenchmarkName) -> Iterator[str]:
    yield from (row.name, *row.also, *row.symbols)


_BY_NAME: Final[Mapping[str, BenchmarkName]] = MappingProxyType(
    {folded(spelling): row for row in BENCHMARKS for spelling in _spellings(row)}
)
_BY_FUND: Final[Mapping[str, BenchmarkName]] = MappingProxyType(
    {folded(fund): row for row in reversed(BENCHMARKS) for fund, _ in row.funds}
)


def known_benchmark(name: str) -> BenchmarkName | None:
    """The index of a common name or a vendor's spelling; None where the table has none."""
    return _BY_NAME.get(folded(name))


def followed_by(fund: str) -> BenchmarkName | None:
    """The index that a fund of the table follows; None for what is none of its funds."""
    return _BY_FUND.get(folded(fund))


def near_names(name: str) -> list[str]:
    """The name of the index that is spelled most nearly so, if any is near."""
    return [_BY_NAME[near].name for near in get_close_matches(folded(name), _BY_NAME, n=1, cutoff=0.75)]
