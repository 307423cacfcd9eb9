"""Vendors' answers to searches, remembered: each costs a request of a day's few."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from hindcast.services.ports import SymbolInfo

if TYPE_CHECKING:
    from hindcast.services.market_data.cache_manager import CacheManager

ONE_DAY_SECONDS: Final = 86_400.0


class SymbolSearches:
    """Found symbols by vendor and words, whatever their case and spaces."""

    def __init__(self, cache: CacheManager) -> None:
        self._cache = cache.within("symbol_search", default_ttl=ONE_DAY_SECONDS)

    def get(self, provider: str, words: str) -> tuple[SymbolInfo, ...] | None:
        """What was found; None where nobody has asked, or the cache holds something else under the key."""
        kept = self._cache.get(_key(provider, words))
        if not isinstance(kept, list):
            return None
        try:
            return tuple(_symbol(entry) for entry in kept)
        except (AttributeError, TypeError, ValueError):
            return None

    def keep(self, provider: str, words: str, found: tuple[SymbolInfo, ...]) -> None:
        """Remember what was found, nothing included."""
        self._cache.set(_key(provider, words), [asdict(symbol) for symbol in found])


def _symbol(entry: Any) -> SymbolInfo:
    """What `keep` wrote. Raises AttributeError, TypeError or ValueError for anything else."""
    return SymbolInfo(**{**entry, "also_known_as": tuple(entry.get("also_known_as", ()))})


def _key(provider: str, words: str) -> str:
    return f"{provider}:{' '.join(words.casefold().split())}"
