"""MarketDataService: bars by provider, symbol and date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches

from hindcast.domain.errors import DateRangeError, InputError
from hindcast.engine.stamps import DAY_NS, to_nanoseconds
from hindcast.services.ports import BarsSource, PanelTable, SymbolInfo


class MarketDataService:
    """Bars from the sources that it was given, each under its name."""

    def __init__(self, sources: Iterable[BarsSource]) -> None:
        self._sources = {source.name: source for source in sources}

    def providers(self) -> tuple[str, ...]:
        """The names of the sources."""
        return tuple(self._sources)

    def symbols(self, provider: str) -> tuple[SymbolInfo, ...]:
        """What a source has. Raises InputError for an unknown provider."""
        return self._source(provider).symbols()

    def get_historical_data(
        self,
        symbols: Sequence[str] | str,
        start_date: date | None = None,
        end_date: date | None = None,
        *,
        provider: str,
    ) -> PanelTable:
        """Bars of the symbols (or of one, by its name) from start_date to end_date, both days included.

        Raises InputError (provider), SymbolError, DateRangeError.
        """
        if start_date is not None and end_date is not None and start_date > end_date:
            raise DateRangeError(f"start {start_date} is after end {end_date}: swap them")
        first = None if start_date is None else int(to_nanoseconds([start_date])[0])
        last = None if end_date is None else int(to_nanoseconds([end_date])[0]) + DAY_NS - 1
        names = [symbols] if isinstance(symbols, str) else list(symbols)
        return self._source(provider).read(names, first, last)

    def _source(self, provider: str) -> BarsSource:
        if provider not in self._sources:
            near = get_close_matches(provider, self._sources, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(self._sources)}."
            raise InputError(f"no provider '{provider}'. {hint}")
        return self._sources[provider]
