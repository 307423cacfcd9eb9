"""MarketDataBrowser: what is stored of market data, a page at a time; no vendor is asked, and memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import InputError, SymbolError
from hindcast.domain.intervals import canonical_interval
from hindcast.domain.market_data import DataVersion, DateRange, Unavailable
from hindcast.engine.stamps import DAY_NS, to_nanoseconds
from hindcast.services.documents.paging import Page, checked_limit, cursor_of, read_cursor
from hindcast.services.market_data.bars_request import BarsRequest
from hindcast.services.market_data.data_versions import as_pin
from hindcast.services.market_data.long_bars import bar_places, place_of
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import BarStore, PanelTable, SymbolInfo

Item = TypeVar("Item")
ProviderKind = Literal["built-in", "vendor", "import"]
MOST_BARS: Final = 2_000_000  # that one question may read into memory, gaps between the symbols counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderInfo:
    """A source of bars, and what is here of it."""

    name: str
    kind: ProviderKind
    intervals: tuple[str, ...]  # of which bars are here
    symbols: int  # of all intervals; a symbol with two counts twice


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolCoverage:
    """What is known of one symbol's days."""

    provider: str
    interval: str
    symbol: str
    first: str  # ISO dates of the first and the last bar; empty where it has none
    last: str
    bars: int
    covered: tuple[DateRange, ...]
    unavailable: tuple[Unavailable, ...]
    version: str | None  # None: the source has no versions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarPage:
    """Some bars of a table."""

    table: PanelTable
    places: NDArray[np.int64]  # (n,), as `bar_places` gives them
    next_cursor: str | None


class MarketDataBrowser:
    """Looks at sources and store."""

    def __init__(self, market_data: MarketDataService, store: BarStore) -> None:
        self._market_data = market_data
        self._store = store

    def providers(self, *, cursor: str | None = None, limit: int = 50) -> Page[ProviderInfo]:
        """The sources of bars, by name. Raises InputError for the cursor."""
        page = _page(sorted(self._market_data.providers()), str, cursor=cursor, limit=limit)
        return Page(items=tuple(self._provider(name) for name in page.items), next_cursor=page.next_cursor)

    def symbols(
        self,
        provider: str,
        *,
        search: str = "",
        interval: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[SymbolInfo]:
        """What a provider has here, by symbol; `search`: a part of symbol or name. Raises InputError."""
        wanted = None if interval is None else canonical_interval(interval)
        words = search.casefold().split()
        found = [
            info
            for info in self._market_data.symbols(provider)
            if (wanted is None or info.interval == wanted) and _says(info, words)
        ]
        return _page(sorted(found, key=_symbol_key), _symbol_key, cursor=cursor, limit=limit)

    def versions(
        self, provider: str, interval: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DataVersion]:
        """The versions of a provider's bars, newest first; none of a source that has none. Raises InputError."""
        found = self._market_data.versions(provider, interval)
        size, after = checked_limit(limit), None if cursor is None else read_cursor(cursor)[1]
        places = [place for place, version in enumerate(found) if version.id == after]
        if after is not None and not places:
            raise InputError("the cursor is of other versions: leave it out to begin at the newest")
        start = places[0] + 1 if places else 0
        shown = found[start : start + size]
        more = cursor_of(0, shown[-1].id) if start + size < len(found) else None
        return Page(items=shown, next_cursor=more)

    def coverage(self, provider: str, symbol: str, interval: str) -> SymbolCoverage:
        """What is known of a symbol's days. Raises InputError, SymbolError."""
        info = self._info(provider, symbol, interval)
        covered: tuple[DateRange, ...] = ()
        if info.first and info.last:
            covered = (DateRange(first=date.fromisoformat(info.first), last=date.fromisoformat(info.last)),)
        unavailable: tuple[Unavailable, ...] = ()
        version = None
        if self._market_data.keeps_versions(provider):
            version = self._newest(provider, info.interval)
            known = self._store.series(provider, info.interval, version)[symbol].coverage
            covered, unavailable = known.covered, known.unavailable
        return SymbolCoverage(
            provider=provider,
            interval=info.interval,
            symbol=symbol,
            first=info.first,
            last=info.last,
            bars=info.bars,
            covered=covered,
            unavailable=unavailable,
            version=version,
        )

    def bars(self, request: BarsRequest) -> PanelTable:
        """Stored bars; of a vendor no more than what was fetched.

        Raises SymbolError where a symbol is not stored, InputError for a question that is too large, DateRangeError.
        """
        pins = request.versions
        if not pins and request.provider in self._market_data.vendors():  # what is pinned is not fetched
            pins = (as_pin(request.provider, request.interval, self._newest(request.provider, request.interval)),)
        self._check_size(request, pins)
        return self._market_data.get_historical_data(
            request.symbols,
            request.start,
            request.end,
            provider=request.provider,
            interval=request.interval,
            adjusted=request.adjusted,
            versions=pins,
        )

    def page_of_bars(self, request: BarsRequest, *, cursor: str | None = None, limit: int = 50) -> BarPage:
        """Some of these bars; a cursor stays with the version that the first page was of. Raises as `bars` does."""
        size = checked_limit(limit)
        after = None if cursor is None else read_cursor(cursor)
        symbol, _, version = (None, "", "") if after is None else after[1].rpartition("@")
        if version and not request.versions:
            request = BarsRequest.of(
                request.symbols,
                request.start,
                request.end,
                provider=request.provider,
                interval=request.interval,
                adjusted=request.adjusted,
                versions=[as_pin(request.provider, request.interval, version)],
            )
        if symbol is not None and symbol not in request.symbols:
            raise InputError("the cursor is of other symbols: leave it out to begin at the first page")
        table = self.bars(request)
        there = bar_places(table)
        if after is not None and symbol is not None:
            there = there[np.searchsorted(there, place_of(table, after[0], symbol), side="right") :]
        shown = there[:size]
        more = None
        if len(there) > size:
            row, column = divmod(int(shown[-1]), len(table.symbols))
            pinned = table.version.rpartition("@")[2]
            more = cursor_of(int(table.timestamps[row]), f"{table.symbols[column]}@{pinned}")
        return BarPage(table=table, places=shown, next_cursor=more)

    def _provider(self, name: str) -> ProviderInfo:
        kind: ProviderKind = "vendor" if name in self._market_data.vendors() else "import"
        if not self._market_data.keeps_versions(name):
            kind = "built-in"
        return ProviderInfo(
            name=name,
            kind=kind,
            intervals=self._market_data.intervals(name),
            symbols=len(self._market_data.symbols(name)),
        )

    def _newest(self, provider: str, interval: str) -> str:
        """The id of the version that is newest. Raises SymbolError where nothing is stored."""
        versions = self._market_data.versions(provider, interval)
        if not versions:
            raise SymbolError(f"provider '{provider}' has no bars of {interval} here: import or fetch them first")
        return versions[0].id

    def _info(self, provider: str, symbol: str, interval: str) -> SymbolInfo:
        length = canonical_interval(interval)
        for info in self._market_data.symbols(provider):
            if info.symbol == symbol and info.interval == length:
                return info
        raise SymbolError(f"provider '{provider}' has no symbol {symbol!r} in bars of {length}")

    def _check_size(self, request: BarsRequest, pins: Sequence[str]) -> None:
        """Refuse what would not fit. A symbol's bars are taken as spread evenly over its days."""
        longest = 0.0
        names = set(request.symbols)
        for info in self._market_data.symbols(request.provider, tuple(pins)):
            if info.symbol in names and info.interval == request.interval and info.first:
                longest = max(longest, info.bars * _share(info, request))
        if longest * len(names) > MOST_BARS:
            raise InputError(
                f"some {longest * len(names):,.0f} bars at once; at most {MOST_BARS:,} can be asked for: name fewer "
                "symbols, or a shorter range of dates"
            )


def _share(info: SymbolInfo, request: BarsRequest) -> float:
    """How much of a symbol's days a request asks for."""
    days = to_nanoseconds([info.first, info.last]) // DAY_NS
    first, last = int(days[0]), int(days[1])
    epoch = date(1970, 1, 1)
    start = first if request.start is None else max(first, (request.start - epoch).days)
    end = last if request.end is None else min(last, (request.end - epoch).days)
    return max(0, end - start + 1) / (last - first + 1)


def _symbol_key(info: SymbolInfo) -> str:
    return f"{info.symbol}\t{info.interval}"


def _says(info: SymbolInfo, words: Sequence[str]) -> bool:
    """Whether symbol, name or another spelling holds every word."""
    said = " ".join((info.symbol, info.name, *info.also_known_as)).casefold()
    return all(word in said for word in words)


def _page(items: Sequence[Item], key: Callable[[Item], str], *, cursor: str | None, limit: int) -> Page[Item]:
    """A part of a list that is sorted by a key that no two items share; what is added meanwhile costs no item."""
    size, after = checked_limit(limit), None if cursor is None else read_cursor(cursor)[1]
    found = [item for item in items if after is None or key(item) > after]
    shown = tuple(found[:size])
    return Page(items=shown, next_cursor=cursor_of(0, key(shown[-1])) if len(found) > size else None)
