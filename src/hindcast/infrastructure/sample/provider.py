"""SampleProvider: the source `sample`, real daily prices that come with the package."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import DateRangeError, SymbolError
from hindcast.engine.stamps import day_text
from hindcast.infrastructure.sample.catalogue import DATA_FOLDER, SampleSymbol, load_catalogue
from hindcast.infrastructure.sample.series import Series, read_closes, read_long
from hindcast.services.ports import PanelTable, SymbolInfo

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FIELDS: Final = ("open", "high", "low", "close", "volume")


class SampleProvider:
    """US indices 1999-2018 (OHLCV) and 20 US large caps 1990-2022 (closes), read from the installed package.

    Nothing is filled or repaired. A symbol whose source has one price a day has it as open, high, low and close and its
    volume is NaN. A bar's stamp is its session's date at 00:00 UTC. The data's README tells source, licence and flaws.
    """

    name: Final = "sample"

    def __init__(self) -> None:
        self._folder = DATA_FOLDER
        self._catalogue = load_catalogue(DATA_FOLDER)

    def symbols(self) -> tuple[SymbolInfo, ...]:
        """What is known of each symbol."""
        return tuple(symbol.info for symbol in self._catalogue.values())

    def describe(self, symbol: str) -> SampleSymbol:
        """Where a symbol's prices come from and what to know of them. Raises SymbolError for an unknown one."""
        found = self._catalogue.get(symbol)
        if found is None:
            raise SymbolError(self._unknown(symbol))
        return found

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        """Bars of the symbols with start <= stamp <= end, on the union of their dates.

        Parameters
        ----------
        symbols
            Names from `symbols()`, each once, at least one.
        start, end
            UTC nanoseconds, both inclusive; None for an open end.

        Returns
        -------
        PanelTable
            T stamps by S symbols, in the order asked for; NaN where a symbol has no bar on another's date.

        Raises
        ------
        SymbolError
            No symbol, an unknown one, or one twice.
        DateRangeError
            start > end, or a symbol without a bar in the range.
        """
        chosen = self._choose(symbols)
        if start is not None and end is not None and start > end:
            raise DateRangeError(f"start {day_text(start)} is after end {day_text(end)}; exchange the two")
        cut = [_cut(symbol, series, start, end) for symbol, series in zip(chosen, self._load(chosen), strict=True)]
        stamps = _union([series.timestamps for series in cut])
        rows = [np.searchsorted(stamps, series.timestamps) for series in cut]
        panels = {field: _panel(len(stamps), rows, cut, field) for field in FIELDS}
        return PanelTable(
            timestamps=stamps,
            symbols=tuple(symbol.info.symbol for symbol in chosen),
            open=panels["open"],
            high=panels["high"],
            low=panels["low"],
            close=panels["close"],
            volume=panels["volume"],
            # Indices know no splits or dividends, so among adjusted prices they need no actions either.
            adjusted=any(symbol.info.adjusted for symbol in chosen),
            notes=tuple(f"{symbol.info.symbol}: {symbol.info.note}" for symbol in chosen),
        )

    def _choose(self, symbols: Sequence[str]) -> list[SampleSymbol]:
        if isinstance(symbols, str):
            symbols = [symbols]
        if not symbols:
            raise SymbolError(f"no symbol was asked for; the sample data has {', '.join(self._catalogue)}")
        for place, symbol in enumerate(symbols):
            if symbol in symbols[:place]:
                raise SymbolError(f"symbol {symbol!r} is asked for twice; name each symbol once")
        return [self.describe(symbol) for symbol in symbols]

    def _load(self, chosen: list[SampleSymbol]) -> list[Series]:
        read: dict[str, Series] = {}
        for file in {symbol.file for symbol in chosen}:
            members = [symbol for symbol in chosen if symbol.file == file]
            reader = read_closes if members[0].info.single_price else read_long
            read |= reader(self._folder / file, [symbol.info.symbol for symbol in members])
        return [read[symbol.info.symbol] for symbol in chosen]

    def _unknown(self, symbol: str) -> str:
        spellings = {
            spelling.casefold(): known
            for known, entry in self._catalogue.items()
            for spelling in (entry.info.name, *entry.also_known_as, known)
        }
        near = get_close_matches(str(symbol).casefold(), spellings, n=1, cutoff=0.6)
        hint = f" Did you mean {spellings[near[0]]!r}?" if near else f" It has {', '.join(self._catalogue)}."
        return (
            f"the sample data has no symbol {symbol!r}.{hint} `hindcast data list` describes each; other symbols need "
            "another provider or a file of your own"
        )


def _cut(symbol: SampleSymbol, series: Series, start: int | None, end: int | None) -> Series:
    stamps = series.timestamps
    first = 0 if start is None else int(np.searchsorted(stamps, start, side="left"))
    stop = len(stamps) if end is None else int(np.searchsorted(stamps, end, side="right"))
    if first >= stop:
        info = symbol.info
        if start is None:
            asked = f"up to {day_text(end)}" if end is not None else "at all"
        else:
            asked = f"from {day_text(start)} " + (f"to {day_text(end)}" if end is not None else "or later")
        raise DateRangeError(
            f"{info.symbol} has no bar {asked}; the sample data has it from {info.first} to {info.last}: choose dates "
            "inside"
        )
    rows = slice(first, stop)
    return Series(timestamps=stamps[rows], **{field: getattr(series, field)[rows] for field in FIELDS})


def _union(stamps: list[IntArray]) -> IntArray:
    union = stamps[0].copy()
    for other in stamps[1:]:
        if not np.array_equal(union, other):
            union = np.union1d(union, other)
    return union


def _panel(length: int, rows: list[NDArray[np.intp]], columns: list[Series], field: str) -> FloatArray:
    panel = np.full((length, len(columns)), np.nan)
    for place, series in enumerate(columns):
        panel[rows[place], place] = getattr(series, field)
    return panel
