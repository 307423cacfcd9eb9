"""MarketDataService: bars by provider, symbol and date, from the sources, the store, and the vendors behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hindcast.domain.errors import DateRangeError, InputError, NotFoundError
from hindcast.domain.intervals import DAILY, canonical_interval
from hindcast.domain.market_data import DataVersion
from hindcast.engine.stamps import DAY_NS, day_text, to_nanoseconds
from hindcast.services.market_data.bars_request import BarsRequest
from hindcast.services.market_data.data_versions import pin_text, pinned_version
from hindcast.services.market_data.faces import IndexData, StockData
from hindcast.services.market_data.vendors.cached_searches import SymbolSearches
from hindcast.services.ports import BarsSource, BarStore, MarketDataProvider, PanelTable, StoredSeries, SymbolInfo
from hindcast.services.waiting import completed

if TYPE_CHECKING:
    from hindcast.services.market_data.cache_manager import CacheManager
    from hindcast.services.market_data.vendors.fetch_report import FetchReport
    from hindcast.services.market_data.vendors.fetching import DataFetcher


WHOLE_ID: Final = 64  # characters of a version's id


class MarketDataService:
    """Bars from sources that are whole (the sample data), and from a store that imports and vendors fill."""

    def __init__(
        self,
        sources: Iterable[BarsSource],
        *,
        store: BarStore | None = None,
        fetcher: DataFetcher | None = None,
        vendors: Iterable[MarketDataProvider] = (),
        cache: Callable[[], CacheManager] | None = None,  # called for a search: a run needs no cache, nor its settings
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._store = store
        self._fetcher = fetcher
        self._vendors = {vendor.name: vendor for vendor in vendors}
        self._cache = cache
        self.stock = StockData(self.historical_data)
        self.index = IndexData(self.historical_data, self.find_index)

    def providers(self) -> tuple[str, ...]:
        """The names of the sources, of the vendors, and of what was imported."""
        stored = [] if self._store is None else [provider for provider, _ in self._store.datasets()]
        return tuple(dict.fromkeys([*self._sources, *self._vendors, *stored]))

    def vendors(self) -> tuple[str, ...]:
        """The names of the providers that bars can be fetched from."""
        return tuple(self._vendors)

    def vendor_intervals(self, provider: str) -> tuple[str, ...]:
        """The intervals that bars can be fetched in. Raises InputError for a provider that is no vendor."""
        self._check_vendor(provider)
        return self._vendors[provider].intervals

    def symbols(self, provider: str, versions: Sequence[str] = ()) -> tuple[SymbolInfo, ...]:
        """What a provider has here, or had in the versions that are pinned. Raises InputError for an unknown one."""
        self._check_provider(provider)
        if provider in self._sources:
            return self._sources[provider].symbols()
        return tuple(
            _info(series)
            for interval in self.intervals(provider)
            for series in self._stored().series(provider, interval, self._pinned(provider, interval, versions)).values()
        )

    def keeps_versions(self, provider: str) -> bool:
        """Whether a provider's bars come out of the store; a source that is whole has no versions."""
        return provider not in self._sources

    def intervals(self, provider: str) -> tuple[str, ...]:
        """The intervals of which a provider has bars here, the longest first."""
        if provider in self._sources or self._store is None:
            return (DAILY,)
        return tuple(interval for name, interval in reversed(self._store.datasets()) if name == provider)

    def versions(self, provider: str, interval: str = DAILY) -> tuple[DataVersion, ...]:
        """The versions of a provider's stored bars, newest first; none of a source that is no store."""
        self._check_provider(provider)
        if provider in self._sources or self._store is None:
            return ()
        return self._store.versions(provider, canonical_interval(interval))

    def get_historical_data(  # noqa: PLR0913  # the pipeline's door: what is wanted, in words of its own
        self,
        symbols: Sequence[str] | str,
        start_date: date | str | None = None,
        end_date: date | str | None = None,
        *,
        provider: str,
        interval: str = DAILY,
        adjusted: bool = False,
        versions: Sequence[str] = (),
    ) -> PanelTable:
        """Bars of the symbols (or of one, by its name) from start_date to end_date, both days included.

        What a vendor's bars lack in the store is fetched first.

        Parameters
        ----------
        interval : str
            "1d", "5min", "1h" …
        adjusted : bool
            Prices with splits and dividends worked in, instead of raw prices with the actions beside them.
        versions : pins, such as a result names them
            "provider/interval@version": the bars are read from that version, and nothing is fetched.

        Raises
        ------
        InputError
            The provider, the interval, or a pin.
        SymbolError, DateRangeError, DataError, ProviderError, StorageError
        """
        request = BarsRequest.of(
            symbols,
            start_date,
            end_date,
            provider=provider,
            interval=interval,
            adjusted=adjusted,
            versions=versions,
        )
        self._check_provider(provider)
        if self._needs_vendor(request):
            return completed(self.historical_data(request))
        return self._read(request, ())

    async def historical_data(self, request: BarsRequest) -> PanelTable:
        """The same, for code that is asynchronous."""
        self._check_provider(request.provider)
        unavailable: list[str] = []
        if self._needs_vendor(request):
            reports = await self._fetch(request)
            unavailable = [f"{report.symbol} {entry}" for report in reports for entry in report.unavailable]
        return await asyncio.to_thread(self._read, request, unavailable)

    async def fetch(self, request: BarsRequest, *, again: bool = False) -> tuple[FetchReport, ...]:
        """Have the store hold what a vendor has; `again` asks for known days, too. Raises as `get_historical_data`."""
        self._check_vendor(request.provider)
        return await self._fetch(request, again=again)

    async def search(self, words: str, *, provider: str) -> tuple[SymbolInfo, ...]:
        """Symbols that a vendor knows by these words; remembered for a day. Raises InputError, ProviderError."""
        self._check_vendor(provider)
        known = None if self._searches is None else await asyncio.to_thread(self._searches.get, provider, words)
        if known is not None:
            return known
        found = await self._vendors[provider].search(words)
        if self._searches is not None:
            await asyncio.to_thread(self._searches.keep, provider, words, found)
        return found

    def find_index(self, name: str) -> tuple[str, str]:
        """(provider, symbol) of an index by its symbol or a common name. Raises BenchmarkError."""
        from hindcast.services.market_data.benchmarks.benchmark_aliases import resolve

        return resolve(self, name)

    @cached_property
    def _searches(self) -> SymbolSearches | None:
        return None if self._cache is None else SymbolSearches(self._cache())

    def _needs_vendor(self, request: BarsRequest) -> bool:
        pinned = pinned_version(request.versions, request.provider, request.interval)
        return request.provider in self._vendors and pinned is None

    async def _fetch(self, request: BarsRequest, *, again: bool = False) -> tuple[FetchReport, ...]:
        if self._fetcher is None:
            raise InputError(f"provider '{request.provider}' has no store to fetch into")
        vendor = self._vendors[request.provider]
        return await self._fetcher.ensure(
            vendor, request.symbols, request.interval, request.start, request.end, again=again
        )

    def _read(self, request: BarsRequest, unavailable: Sequence[str]) -> PanelTable:
        first = None if request.start is None else int(to_nanoseconds([request.start])[0])
        last = None if request.end is None else int(to_nanoseconds([request.end])[0]) + DAY_NS - 1
        pinned = pinned_version(request.versions, request.provider, request.interval)
        if request.provider in self._sources:
            if pinned is not None:
                raise InputError(f"provider '{request.provider}' has no versions; leave version={pinned!r} out")
            if request.interval != DAILY:
                raise InputError(
                    f"provider '{request.provider}' has daily bars only, none of interval={request.interval!r}"
                )
            table = self._sources[request.provider].read(list(request.symbols), first, last)
        else:
            lacking = tuple(unavailable)
            try:
                table = self._stored().read(
                    request.provider,
                    request.interval,
                    request.symbols,
                    first,
                    last,
                    version=self._pinned(request.provider, request.interval, request.versions),
                )
            except DateRangeError as error:
                raise DateRangeError("; ".join((str(error), *lacking))) from error
            table = replace(
                table,
                version=pin_text(request.provider, request.interval, table.version),
                unavailable=lacking,
                notes=(*table.notes, *(f"Not in these bars: {gap}." for gap in lacking)),
            )
        if not request.adjusted or table.adjusted:
            return table
        from hindcast.services.market_data.views.adjustment import adjusted_view

        return adjusted_view(table)

    def _pinned(self, provider: str, interval: str, versions: Sequence[str]) -> str | None:
        """The id of the version that is pinned for these bars; None where none is."""
        pinned = pinned_version(versions, provider, interval)
        return None if pinned is None else self._whole_id(provider, interval, pinned)

    def _whole_id(self, provider: str, interval: str, given: str) -> str:
        """A version's id from its beginning, as lists show it. Raises NotFoundError."""
        if len(given) >= WHOLE_ID:
            return given
        ids = [version.id for version in self._stored().versions(provider, interval)]
        found = [version for version in ids if version.startswith(given)]
        if len(found) != 1:
            which = "several versions begin so" if found else "no version begins so"
            raise NotFoundError(
                f"version {given!r} of {provider}/{interval}: {which}; `hindcast data list --provider {provider} "
                f"--versions` shows them: {', '.join(version[:12] for version in (found or ids)[:5])}"
            )
        return found[0]

    def _stored(self) -> BarStore:
        if self._store is None:
            raise InputError("there is no store of bars; a ServiceFactory with a data folder has one")
        return self._store

    def _check_vendor(self, provider: str) -> None:
        if provider not in self._vendors:
            known = ", ".join(self._vendors) or "none"
            raise InputError(f"bars can't be fetched from '{provider}'; vendors: {known}")

    def _check_provider(self, provider: str) -> None:
        names = self.providers()
        if provider not in names:
            near = get_close_matches(provider, names, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(names)}."
            raise InputError(
                f"no provider '{provider}'. {hint} `hindcast data import FILE --as {provider}` makes one of your files"
            )


def _info(series: StoredSeries) -> SymbolInfo:
    terms = series.terms
    return SymbolInfo(
        symbol=series.symbol,
        name=terms.name,
        exchange=terms.calendar,
        currency=terms.currency,
        kind=terms.kind,
        first=day_text(series.first)[:10] if series.rows else "",
        last=day_text(series.last)[:10] if series.rows else "",
        bars=series.rows,
        adjusted=terms.adjusted,
        note="; ".join((*terms.notes, *(str(entry) for entry in series.coverage.unavailable))),
        interval=series.coverage.interval,
    )
