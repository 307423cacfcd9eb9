from __future__ import annotations

import asyncio

from tests.unit.services.market_data.recording_vendor import Vendor

from hindcast.infrastructure.memory.cache import MemoryCache
from hindcast.services.market_data.cache_manager import CacheManager
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.market_data.vendors.cached_searches import SymbolSearches
from hindcast.services.ports import SymbolInfo

FOUND = SymbolInfo(
    symbol="AAA", name="Triple A", exchange="XNYS", currency="USD", kind="equity", first="", last="", bars=0
)


class Knowing(Vendor):
    """A vendor that finds one symbol."""

    async def search(self, words: str) -> tuple[SymbolInfo, ...]:
        await super().search(words)
        return (FOUND,)


def test_the_same_words_cost_one_request_whatever_their_case_and_spaces():
    said: list[str] = []
    service = MarketDataService([], vendors=[Knowing(said)], cache=lambda: CacheManager(MemoryCache()))
    for words in ("Triple A", "triple  a", " TRIPLE A "):
        assert asyncio.run(service.search(words, provider="vendor")) == (FOUND,)
    assert said == ["vendor.search Triple A"]


def test_that_nothing_is_known_is_remembered_too():
    said: list[str] = []
    service = MarketDataService([], vendors=[Vendor(said)], cache=lambda: CacheManager(MemoryCache()))
    for _ in range(2):
        assert asyncio.run(service.search("nobody", provider="vendor")) == ()
    assert said == ["vendor.search nobody"]


def test_what_is_no_list_of_symbols_is_asked_for_again():
    cache = CacheManager(MemoryCache())
    searches = SymbolSearches(cache)
    for wrong in ([{"symbol": "AAA"}], ["AAA"], "AAA", {"AAA": 1}):
        cache.within("symbol_search").set("vendor:a", wrong)  # type: ignore[arg-type]  # what another version wrote
        assert searches.get("vendor", "a") is None
