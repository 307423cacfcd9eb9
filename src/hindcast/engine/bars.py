"""Bars: the (T, S) panel of prices that everything else reads, checked once when it is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from blake3 import blake3
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import BarsError, DateRangeError, SymbolError
from hindcast.engine import bars_table
from hindcast.engine.kernels import panel_check
from hindcast.engine.stamps import day_text, to_nanoseconds

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The numbers of `Bars`: read-only (T, S) float64 arrays, NaN where a symbol has no bar."""

    open: FloatArray  # price
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray  # units traded
    split: FloatArray | None = None  # new shares per old, 1 = none
    dividend: FloatArray | None = None  # cash per share, 0 = none


# A reader turns a path and its options into a table; `hindcast.library` puts the file formats in.
Reader = Callable[..., bars_table.ColumnTable]
READERS: Final[dict[str, Reader]] = {}


class Bars:
    """Prices of S symbols at T stamps: a panel that can be trusted, because what is impossible is refused.

    Stamps are UTC and strictly increasing; a daily bar carries its session date at 00:00. A row has all four prices or
    none; prices are > 0, low <= open, close <= high. NaN volume counts as 0. Made by `from_numpy`, `from_pandas`,
    `from_polars`, `from_arrow`, `from_csv` and `from_parquet`; never changed afterwards.
    """

    __slots__ = (
        "_frames",
        "adjusted",
        "fingerprint",
        "indicators",
        "notes",
        "panel",
        "source",
        "symbols",
        "timestamps",
        "version",
    )

    timestamps: IntArray  # (T,), UTC nanoseconds
    symbols: tuple[str, ...]
    panel: Panel
    adjusted: bool  # prices hold corporate actions already: those in the panel are not applied
    source: str  # the provider that they came from, empty if none; no part of the content
    version: str  # the data version that they were read from, empty if none; no part of the content
    notes: tuple[str, ...]  # what a reader of a result must know of these prices
    fingerprint: str  # BLAKE3 of the content: same bars, same fingerprint
    indicators: Mapping[str, ArrayLike]  # named (T, S) columns that a strategy was given; empty on fresh bars

    def __init__(
        self,
        timestamps: IntArray,
        symbols: Sequence[str],
        panel: Panel,
        *,
        adjusted: bool = False,
        notes: Sequence[str] = (),
    ) -> None:
        names = tuple(symbols)
        _check_labels(timestamps, names, panel)
        for array in _arrays(panel):
            if array.shape != (len(timestamps), len(names)):
                raise BarsError(
                    f"an array of shape {array.shape} does not fit {len(timestamps)} stamps and {len(names)} symbols: "
                    f"expected ({len(timestamps)}, {len(names)})"
                )
            array.flags.writeable = False
        timestamps.flags.writeable = False
        self.timestamps = timestamps
        self.symbols = names
        self.panel = panel
        self.adjusted = adjusted
        self.notes = tuple(notes)
        self.source = ""
        self.version = ""
        self.indicators = {}
        self._frames: dict[str, pd.DataFrame] = {}
        self._check_values()
        self.fingerprint = _fingerprint(self)

    @classmethod
    def from_numpy(  # noqa: PLR0913, PLR0917  # a door with fixed names: the panel's arrays, in the order of a bar
        cls,
        timestamps: ArrayLike,
        symbols: Sequence[str] | str,
        open: ArrayLike,
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike | None = None,
        split: ArrayLike | None = None,
        dividend: ArrayLike | None = None,
        adjusted: bool = False,
        *,
        notes: Sequence[str] = (),
    ) -> Self:
        """Bars from arrays, which are copied.

        Parameters
        ----------
        timestamps : (T,) array
            datetime64, aware datetimes, ISO strings or int64 UTC nanoseconds.
        symbols : S names
        open, high, low, close : (T, S) arrays, or (T,) for one symbol
            Prices; a row that is NaN in all four is a bar that the symbol does not have.
        volume : (T, S) array, optional
            Units traded; missing or NaN counts as 0.
        split, dividend : (T, S) arrays, optional
            New shares per old (1 = none) and cash per share (0 = none), effective at the bar's start.
        adjusted : bool
            The prices hold the actions already, so they are not applied again.

        Raises
        ------
        BarsError
            With symbol, date and value of the first thing that can't be.
        """
        stamps = to_nanoseconds(timestamps)
        names = (symbols,) if isinstance(symbols, str) else tuple(symbols)
        shape = (len(stamps), len(names))
        prices = {
            name: _column(name, values, shape)
            for name, values in {"open": open, "high": high, "low": low, "close": close}.items()
        }
        panel = Panel(
            **prices,
            volume=np.zeros(shape) if volume is None else _column("volume", volume, shape, missing=0.0),
            split=None if split is None else _column("split", split, shape, missing=1.0),
            dividend=None if dividend is None else _column("dividend", dividend, shape, missing=0.0),
        )
        return cls(stamps, names, panel, adjusted=adjusted, notes=notes)

    @classmethod
    def from_table(cls, table: bars_table.ColumnTable, **options: object) -> Self:
        """Bars from named columns, long or wide; the options are those of `bars_table.to_panel`."""
        found = bars_table.to_panel(table, bars_table.TableOptions.of(options))
        return cls.from_numpy(
            found.timestamps,
            found.symbols,
            found.open,
            found.high,
            found.low,
            found.close,
            found.volume,
            found.split,
            found.dividend,
            found.adjusted,
            notes=found.notes,
        )

    @classmethod
    def from_pandas(cls, frame: object, **options: object) -> Self:
        """Bars from a pandas frame: long (a symbol column), one symbol, or wide (columns of symbols)."""
        return cls.from_table(bars_table.from_pandas(frame), **options)

    @classmethod
    def from_polars(cls, frame: object, **options: object) -> Self:
        """Bars from a polars frame, long or one symbol or wide."""
        return cls.from_table(bars_table.from_polars(frame), **options)

    @classmethod
    def from_arrow(cls, table: object, **options: object) -> Self:
        """Bars from a pyarrow table, long or one symbol or wide."""
        return cls.from_table(bars_table.from_arrow(table), **options)

    @classmethod
    def from_csv(cls, path: object, **options: object) -> Self:
        """Bars from a CSV file, long or one symbol or wide."""
        return cls.from_table(READERS["csv"](path), **options)

    @classmethod
    def from_parquet(cls, path: object, **options: object) -> Self:
        """Bars from a Parquet file, long or one symbol or wide."""
        return cls.from_table(READERS["parquet"](path), **options)

    def __len__(self) -> int:
        return len(self.timestamps)

    def __repr__(self) -> str:
        if not len(self):
            return f"Bars(0 bars x {len(self.symbols)} symbols)"
        few = ", ".join(self.symbols[:5]) + (", …" if len(self.symbols) > 5 else "")
        span = f"{day_text(self.timestamps[0])} to {day_text(self.timestamps[-1])}"
        return f"Bars({len(self)} bars x {len(self.symbols)} symbols: {few}; {span}; {self.fingerprint[:12]})"

    @property
    def shape(self) -> tuple[int, int]:
        """(T, S): bars and symbols."""
        return len(self.timestamps), len(self.symbols)

    @property
    def index(self) -> pd.DatetimeIndex:
        """The stamps as a pandas index, UTC."""
        import pandas as pd

        return pd.DatetimeIndex(self.timestamps.view("M8[ns]"), tz="UTC", name="timestamp")

    @property
    def open(self) -> pd.DataFrame:
        """Opening prices, (T, S)."""
        return self._frame("open")

    @property
    def high(self) -> pd.DataFrame:
        """Highest prices, (T, S)."""
        return self._frame("high")

    @property
    def low(self) -> pd.DataFrame:
        """Lowest prices, (T, S)."""
        return self._frame("low")

    @property
    def close(self) -> pd.DataFrame:
        """Closing prices, (T, S)."""
        return self._frame("close")

    @property
    def volume(self) -> pd.DataFrame:
        """Units traded, (T, S)."""
        return self._frame("volume")

    @property
    def split(self) -> pd.DataFrame:
        """New shares per old, (T, S); 1 = none."""
        return self._frame("split", 1.0)

    @property
    def dividend(self) -> pd.DataFrame:
        """Cash per share, (T, S); 0 = none."""
        return self._frame("dividend", 0.0)

    def with_indicators(self, indicators: Mapping[str, ArrayLike]) -> Bars:
        """The same bars, carrying these named columns in `indicators`; nothing is copied or checked again."""
        bars = self._twin()
        bars.indicators = indicators
        return bars

    def with_source(self, source: str, version: str = "") -> Bars:
        """The same bars, saying which provider they came from, and which version of its data they are."""
        bars = self._twin()
        bars.source = source
        bars.version = version
        return bars

    def with_panel(self, timestamps: IntArray, panel: Panel, fingerprint: str) -> Bars:
        """Other numbers under the same symbols, taken as they are: nothing is checked, and the caller names them."""
        bars = self._twin()
        bars.timestamps = timestamps
        bars.panel = panel
        bars.fingerprint = fingerprint
        bars.indicators = {}
        bars._frames = {}
        return bars

    def _twin(self) -> Bars:
        bars = object.__new__(Bars)
        for name in self.__slots__:
            setattr(bars, name, getattr(self, name))
        return bars

    def column_of(self, symbol: str) -> int:
        """The column of a symbol. Raises SymbolError."""
        try:
            return self.symbols.index(symbol)
        except ValueError:
            known = ", ".join(self.symbols[:10]) + (", …" if len(self.symbols) > 10 else "")
            raise SymbolError(f"no symbol {symbol!r} in these bars; they hold: {known}") from None

    def select(self, symbols: Sequence[str]) -> Bars:
        """The same stamps with these symbols only, in this order. Raises SymbolError."""
        if tuple(symbols) == self.symbols:
            return self
        columns = [self.column_of(symbol) for symbol in symbols]
        return self._cut(lambda array: np.ascontiguousarray(array[:, columns]), self.timestamps, tuple(symbols))

    def between(self, start: object = None, end: object = None) -> Bars:
        """The bars with start <= stamp <= end; a date as `end` takes in its whole day. Raises DateRangeError."""
        first = 0 if start is None else int(np.searchsorted(self.timestamps, _instant(start), "left"))
        last = len(self) if end is None else int(np.searchsorted(self.timestamps, _instant(end, end=True), "right"))
        if first >= last:
            raise DateRangeError(
                f"no bars from {start or 'the beginning'} to {end or 'the end'}: these bars run from "
                f"{day_text(self.timestamps[0])} to {day_text(self.timestamps[-1])}"
            )
        if first == 0 and last == len(self):
            return self
        return self._cut(lambda array: array[first:last].copy(), self.timestamps[first:last].copy(), self.symbols)

    def head(self, bars: int) -> Bars:
        """The first so many bars: what was known at the close of the last of them."""
        return self._cut(lambda array: array[:bars].copy(), self.timestamps[:bars].copy(), self.symbols)

    def _cut(self, take: Callable[[FloatArray], FloatArray], timestamps: IntArray, symbols: tuple[str, ...]) -> Bars:
        arrays = {name: take(array) for name, array in as_mapping(self.panel).items()}
        bars = Bars(timestamps, symbols, Panel(**arrays), adjusted=self.adjusted, notes=self.notes)
        bars.source = self.source
        bars.version = self.version
        return bars

    def _frame(self, name: str, default: float = np.nan) -> pd.DataFrame:
        if name not in self._frames:
            import pandas as pd

            values = getattr(self.panel, name)
            values = np.full(self.shape, default) if values is None else values
            self._frames[name] = pd.DataFrame(values, index=self.index, columns=list(self.symbols), copy=False)
        return self._frames[name].copy(deep=False)  # what a user adds to a frame stays his own

    def _check_values(self) -> None:
        panel = self.panel
        fault, t, s = panel_check.first_bad_cell(panel.open, panel.high, panel.low, panel.close, panel.volume)
        if fault != panel_check.OK:
            raise BarsError(f"{self._where(t, s)}: {_cell_words(panel, fault, t, s)}")
        if panel.split is not None or panel.dividend is not None:
            split = np.ones(self.shape) if panel.split is None else panel.split
            dividend = np.zeros(self.shape) if panel.dividend is None else panel.dividend
            fault, t, s = panel_check.first_bad_action(split, dividend)
            if fault == panel_check.BAD_SPLIT:
                raise BarsError(f"{self._where(t, s)}: split {split[t, s]:g}; expected new shares per old, > 0")
            if fault == panel_check.BAD_DIVIDEND:
                raise BarsError(f"{self._where(t, s)}: dividend {dividend[t, s]:g}; expected cash per share, >= 0")

    def _where(self, bar: int, column: int) -> str:
        return f"{self.symbols[column]} on {day_text(self.timestamps[bar])}"


def _cell_words(panel: Panel, fault: int, t: int, s: int) -> str:
    """What is wrong with one cell, with its values."""
    o, h, lo, c = panel.open[t, s], panel.high[t, s], panel.low[t, s], panel.close[t, s]
    prices = f"open {o:g}, high {h:g}, low {lo:g}, close {c:g}"
    words = {
        panel_check.PARTIAL_ROW: f"some prices are missing ({prices}); a bar has all four prices or none",
        panel_check.INFINITE_PRICE: f"a price is infinite ({prices})",
        panel_check.PRICE_NOT_POSITIVE: f"a price is not above zero ({prices})",
        panel_check.HIGH_BELOW_LOW: f"high {h:g} is below low {lo:g}",
        panel_check.HIGH_BELOW_BODY: f"high {h:g} is below open {o:g} or close {c:g}",
        panel_check.LOW_ABOVE_BODY: f"low {lo:g} is above open {o:g} or close {c:g}",
        panel_check.BAD_VOLUME: f"volume {panel.volume[t, s]:g}; expected a finite number >= 0",
    }
    return words[fault]


def _check_labels(timestamps: IntArray, symbols: tuple[str, ...], panel: Panel) -> None:
    if not symbols:
        raise BarsError("bars need at least one symbol")
    if not len(timestamps):
        raise BarsError(f"no bars for {', '.join(symbols[:5])}: expected at least one row with prices")
    labels: Sequence[object] = symbols
    empty = [symbol for symbol in labels if not isinstance(symbol, str) or not symbol.strip()]
    if empty:
        raise BarsError(f"symbol {empty[0]!r} is no name: expected text")
    if len(set(symbols)) < len(symbols):
        twice = next(symbol for symbol in symbols if symbols.count(symbol) > 1)
        raise BarsError(f"symbol {twice!r} stands twice; each may be named once")
    steps = np.diff(timestamps)
    if (steps <= 0).any():
        bar = int(np.argmax(steps <= 0))
        before, after = day_text(timestamps[bar]), day_text(timestamps[bar + 1])
        if timestamps[bar] == timestamps[bar + 1]:
            raise BarsError(f"{symbols[0]}: date {before} stands twice (rows {bar + 1} and {bar + 2})")
        raise BarsError(f"{symbols[0]}: dates are not in order: {after} stands after {before} (row {bar + 2})")


def _column(name: str, values: ArrayLike, shape: tuple[int, int], missing: float | None = None) -> FloatArray:
    """A (T, S) copy of the values; `missing` replaces NaN."""
    try:
        array = np.array(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise BarsError(f"{name} holds what is not a number: {error}") from None
    if array.shape == (shape[0],) and shape[1] == 1:
        array = array.reshape(shape)
    if array.shape != shape:
        raise BarsError(f"{name} has shape {array.shape}; {shape[0]} stamps and {shape[1]} symbols need {shape}")
    if missing is not None:
        array[np.isnan(array)] = missing
    return array


def _instant(value: object, *, end: bool = False) -> int:
    """UTC nanoseconds of a date or time; a bare date as `end` is its last nanosecond."""
    try:
        stamp = int(to_nanoseconds([value])[0])
    except BarsError as error:
        raise DateRangeError(str(error)) from None
    whole_day = len(value) <= 10 if isinstance(value, str) else not hasattr(value, "hour")
    return stamp + 86_400_000_000_000 - 1 if end and whole_day and not isinstance(value, int) else stamp


def _arrays(panel: Panel) -> list[FloatArray]:
    every = (getattr(panel, name) for name in Panel.__dataclass_fields__)
    return [array for array in every if array is not None]


def _fingerprint(bars: Bars) -> str:
    """BLAKE3 over labels and numbers, in a fixed order; NaN has one form, whatever its bits were."""
    header = {
        "schema_version": SCHEMA_VERSION,
        "symbols": bars.symbols,
        "bars": len(bars),
        "adjusted": bars.adjusted,
        "fields": [name for name in Panel.__dataclass_fields__ if getattr(bars.panel, name) is not None],
    }
    digest = blake3(json.dumps(header, sort_keys=True).encode(), max_threads=blake3.AUTO)
    digest.update(bars.timestamps.view(np.uint8).data)
    for array in _arrays(bars.panel):
        digest.update(_one_nan(array).view(np.uint8).data)
    return digest.hexdigest()


def _one_nan(array: FloatArray) -> FloatArray:
    missing = np.isnan(array)
    if not missing.any():
        return array
    clean = array.copy()
    clean[missing] = np.nan
    return clean


def as_mapping(panel: Panel) -> Mapping[str, FloatArray]:
    """The panel's arrays by name, without those that it lacks."""
    return {name: array for name in Panel.__dataclass_fields__ if (array := getattr(panel, name)) is not None}
