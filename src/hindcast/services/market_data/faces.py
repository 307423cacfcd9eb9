"""`market_data.stock` and `market_data.index`: one symbol's bars, as an application asks for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Final

from hindcast.domain.errors import InputError
from hindcast.domain.intervals import canonical_interval, is_intraday
from hindcast.services.market_data.bars_request import BarsRequest
from hindcast.services.ports import PanelTable

Load = Callable[[BarsRequest], Awaitable[PanelTable]]

DEFAULT_VENDOR: Final = "alpha_vantage"


class StockData:
    """Shares and funds: from the store where they are known, else from the vendor, once."""

    def __init__(self, load: Load) -> None:
        self._load = load

    async def get_historical_data(
        self,
        symbol: str,
        start_date: date | datetime | str | None = None,
        end_date: date | datetime | str | None = None,
        *,
        provider: str = DEFAULT_VENDOR,
        adjusted: bool = False,
    ) -> PanelTable:
        """Daily bars, both days included; raw with splits and dividends, or adjusted. "2024-01-02" is a day, too.

        The store is looked at first, then the coverage, and the vendor is asked for the days that neither has.
        Raises as `MarketDataService.get_historical_data` does.
        """
        return await self._load(BarsRequest.of(symbol, start_date, end_date, provider=provider, adjusted=adjusted))

    async def get_intraday_data(
        self,
        symbol: str,
        interval: str,
        start: date | datetime | str,
        end: date | datetime | str | None = None,
        *,
        provider: str = DEFAULT_VENDOR,
    ) -> PanelTable:
        """Bars within the session ("1min", "5min", "1h" …), from start's day to end's day; stamps are UTC, bar starts.

        Raises InputError for an interval of a day or more, and as `MarketDataService.get_historical_data` does.
        """
        if not is_intraday(canonical_interval(interval)):
            raise InputError(f"interval={interval!r} is not within a day; get_historical_data has daily bars")
        return await self._load(BarsRequest.of(symbol, start, end, provider=provider, interval=interval))


class IndexData:
    """Indices, by symbol or common name ("S&P 500"), from whichever provider has them."""

    def __init__(self, load: Load, find: Callable[[str], tuple[str, str]]) -> None:
        self._load = load
        self._find = find

    async def get_historical_data(
        self,
        symbol: str,
        start_date: date | datetime | str | None = None,
        end_date: date | datetime | str | None = None,
    ) -> PanelTable:
        """Daily bars, both days included. Raises BenchmarkError where no provider has the index, DateRangeError."""
        provider, found = self._find(symbol)
        return await self._load(BarsRequest.of(found, start_date, end_date, provider=provider))
