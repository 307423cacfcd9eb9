"""PendingBars: screened series of a vendor that wait to be published together.

Each version of a dataset is a manifest of all its symbols: a version for each of five hundred symbols would be five
hundred manifests a day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from hindcast.domain.market_data import Coverage, DataVersion
from hindcast.services.ports import BarStore, CleanSeries, CoverageRepository

SYMBOLS: Final = 25  # so many wait at most: what a process that is killed has asked for in vain
ROWS: Final = 1_000_000


class PendingBars:
    """Series on their way into one dataset; `publish` brings those that wait into the store, in one version."""

    def __init__(
        self,
        store: BarStore,
        coverage: CoverageRepository,
        provider: str,
        interval: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._coverage = coverage
        self._dataset = (provider, interval)
        self._clock = clock
        self._waiting: dict[str, CleanSeries] = {}
        self.versions: dict[str, DataVersion] = {}  # by symbol, of what was published

    def add(self, series: CleanSeries) -> None:
        """Have a series wait; publishes first where the symbol waits already, then where enough of them wait."""
        if series.symbol in self._waiting:
            self.publish()
        self._waiting[series.symbol] = series
        rows = sum(len(each.timestamps) for each in self._waiting.values())
        if len(self._waiting) >= SYMBOLS or rows >= ROWS:
            self.publish()

    def holds(self, symbol: str) -> bool:
        """Whether a symbol's series waits."""
        return symbol in self._waiting

    def publish(self) -> None:
        """Publish what waits, and tell the coverage. Raises as `BarStore.publish` does."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        version = self._store.publish(*self._dataset, list(waiting.values()), reason="fetch", known_at=self._clock())
        self.versions |= dict.fromkeys(waiting, version)
        stored = self._store.series(*self._dataset, version.id)
        self._coverage.save([_asked_now(stored[symbol].coverage, series) for symbol, series in waiting.items()])


def _asked_now(stored: Coverage, series: CleanSeries) -> Coverage:
    """The coverage with the moments of this answer: the store keeps the first, where the answer is the same."""
    moments = {(entry.days, entry.reason): entry.asked_at for entry in series.unavailable}
    return replace(
        stored,
        unavailable=tuple(
            replace(entry, asked_at=moments.get((entry.days, entry.reason), entry.asked_at))
            for entry in stored.unavailable
        ),
    )
