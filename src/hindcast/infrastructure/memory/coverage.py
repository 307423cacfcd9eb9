"""Coverage metadata that lives as long as the process."""

from __future__ import annotations

from collections.abc import Sequence

from hindcast.domain.intervals import canonical_interval
from hindcast.domain.market_data import Coverage


class MemoryCoverageRepository:
    """Coverage in a dictionary."""

    def __init__(self) -> None:
        self._coverage: dict[tuple[str, str, str], Coverage] = {}

    def get(self, provider: str, interval: str, symbol: str) -> Coverage | None:
        """What is known of a symbol's days; None where nothing is."""
        return self._coverage.get((provider, canonical_interval(interval), symbol))

    def save(self, coverage: Sequence[Coverage]) -> None:
        """Keep these, each in the place of the one of its symbol."""
        self._coverage |= {(each.provider, canonical_interval(each.interval), each.symbol): each for each in coverage}

    def clear(self) -> None:
        """Forget everything."""
        self._coverage.clear()
