"""History up to now: the columns that `on_bar` reads, which end at the bar at hand whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from operator import index as as_index
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import StrategyError
from hindcast.engine.bars import Bars
from hindcast.engine.stamps import day_text

Values = NDArray[Any]

# What a memoryview gives as Python numbers, which are quicker to reckon with than numpy's.
_PLAIN: Final = frozenset("?bBhHiIlLqQfd")


class Clock:
    """How much of the panel is known: the bars before `known`."""

    __slots__ = ("known", "timestamps")

    def __init__(self, timestamps: NDArray[np.int64]) -> None:
        self.known = 0
        self.timestamps = timestamps

    def words(self) -> str:
        """Where the clock stands, for a message."""
        return f"bar {self.known - 1} ({day_text(self.timestamps[self.known - 1])})"


class SymbolHistory:
    """One column of one symbol, up to the bar at hand.

    `history[-1]` is now, `history[-2]` the bar before, `history[i]` bar i of the panel; slices give read-only arrays.
    What lies after the bar at hand, or before the first bar, raises StrategyError.
    """

    __slots__ = ("_clock", "_column", "_name", "_symbol", "_values")

    def __init__(self, name: str, symbol: str, column: Values, clock: Clock) -> None:
        self._name = name
        self._symbol = symbol
        self._column = _read_only(column)
        plain = column.dtype.char in _PLAIN and column.dtype.isnative
        values: Any = self._column
        self._values: Any = memoryview(values) if plain else values
        self._clock = clock

    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is int:
            known = self._clock.known
            place = key if key >= 0 else known + key
            if 0 <= place < known:
                return self._values[place]
            raise _outside(self._name, key, self._clock)
        return self._at(key)

    def __len__(self) -> int:
        return self._clock.known

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values[: self._clock.known])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Values:
        return _as_array(self._column[: self._clock.known], dtype, copy)

    def __repr__(self) -> str:
        return f"{self._name} of {self._symbol} up to {self._clock.words()}"

    def _at(self, key: Any) -> Any:
        if isinstance(key, slice):
            return self._column[_known_slice(self._name, key, self._clock)]
        if isinstance(key, str):
            if key == self._symbol:
                return self
            raise _no_symbol(self._name, key, (self._symbol,))
        if isinstance(key, tuple):
            row, symbol = _pair(self._name, key)
            if isinstance(symbol, str):
                return self[symbol][row]
            if _integer(self._name, symbol) not in (0, -1):
                raise StrategyError(f"{self._name}: no column {symbol}; the panel has 1 symbol")
            return self[row]
        return self[_integer(self._name, key)]


class PanelHistory:
    """One column of several symbols, up to the bar at hand: shape (bars known, S).

    `history["AAA"]` is one symbol's `SymbolHistory`, `history[-1]` the row of now, `history[-1, "AAA"]` one number;
    slices give read-only arrays. What lies after the bar at hand, or before the first bar, raises StrategyError.
    """

    __slots__ = ("_clock", "_columns", "_name", "_symbols", "_values")

    def __init__(self, name: str, symbols: Sequence[str], values: Values, clock: Clock) -> None:
        self._name = name
        self._symbols = symbols
        self._values = _read_only(values)
        self._columns: dict[str, SymbolHistory] = {}
        self._clock = clock

    # Written out in both classes: the interpreter makes a method quick for one class only, and each bar calls this one.
    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is str:
            found = self._columns.get(key)
            return self._column(key) if found is None else found
        if key.__class__ is int:
            known = self._clock.known
            place = key if key >= 0 else known + key
            if 0 <= place < known:
                return self._values[place]
            raise _outside(self._name, key, self._clock)
        return self._at(key)

    def __len__(self) -> int:
        return self._clock.known

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values[: self._clock.known])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Values:
        return _as_array(self._values[: self._clock.known], dtype, copy)

    def __repr__(self) -> str:
        return f"{self._name} of {len(self._symbols)} symbols up to {self._clock.words()}"

    @property
    def shape(self) -> tuple[int, int]:
        """Bars known, and symbols."""
        return self._clock.known, len(self._symbols)

    def _column(self, symbol: str) -> SymbolHistory:
        if symbol not in self._symbols:
            raise _no_symbol(self._name, symbol, self._symbols)
        column = self._values[:, self._symbols.index(symbol)]
        found = SymbolHistory(f"{self._name}[{symbol!r}]", symbol, column, self._clock)
        self._columns[symbol] = found
        return found

    def _at(self, key: Any) -> Any:
        if isinstance(key, slice):
            return self._values[_known_slice(self._name, key, self._clock)]
        if isinstance(key, str):
            return self[str(key)]
        if isinstance(key, tuple):
            row, symbol = _pair(self._name, key)
            if isinstance(symbol, str):
                return self[symbol][row]
            place = _integer(self._name, symbol)
            if not -len(self._symbols) <= place < len(self._symbols):
                raise StrategyError(f"{self._name}: no column {place}; the panel has {len(self._symbols)} symbols")
            return self[self._symbols[place]][row]
        return self[_integer(self._name, key)]


History = SymbolHistory | PanelHistory


class BarsHistory:
    """The bars up to now: `open`, `high`, `low`, `close`, `volume`, and `split` and `dividend` where there are any."""

    __slots__ = ("_clock", "close", "dividend", "high", "low", "open", "split", "symbols", "timestamps", "volume")

    def __init__(self, bars: Bars, clock: Clock) -> None:
        def column(name: str) -> Any:
            return history_of(f"bars.{name}", bars.symbols, getattr(bars.panel, name), clock)

        self._clock = clock
        self.symbols: tuple[str, ...] = bars.symbols
        self.timestamps = SymbolHistory("bars.timestamps", "", bars.timestamps, clock)  # UTC nanoseconds
        # History of one symbol or of several, which a reader tells apart by what he asks for.
        self.open: Any = column("open")
        self.high: Any = column("high")
        self.low: Any = column("low")
        self.close: Any = column("close")
        self.volume: Any = column("volume")
        self.split: Any = None if bars.panel.split is None else column("split")
        self.dividend: Any = None if bars.panel.dividend is None else column("dividend")

    def __len__(self) -> int:
        return self._clock.known

    def __repr__(self) -> str:
        return f"bars of {len(self.symbols)} symbols up to {self._clock.words()}"


class IndicatorHistory(dict[str, Any]):
    """The indicators by name, each up to now. A column is wrapped, and a ready-made one computed, when first read."""

    def __init__(self, columns: Mapping[str, Any], symbols: Sequence[str], clock: Clock) -> None:
        super().__init__()
        self._columns = columns
        self._symbols = symbols
        self._clock = clock

    def __missing__(self, name: str) -> Any:
        if name not in self._columns:
            known = list(self._columns)
            near = get_close_matches(str(name), known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(known) or 'none'}."
            raise StrategyError(f"no indicator {name!r}: calculate_indicators did not return it. {hint}")
        values = np.asarray(self._columns[name])
        shape = (len(self._clock.timestamps), len(self._symbols))
        if values.shape != shape and not (shape[1] == 1 and values.shape == shape[:1]):
            raise StrategyError(f"indicator {name!r} has shape {values.shape}; expected {shape} (bars, symbols)")
        self[name] = history_of(name, self._symbols, values, self._clock)
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def keys(self) -> Any:
        """The names."""
        return self._columns.keys()


def history_of(name: str, symbols: Sequence[str], values: Any, clock: Clock) -> History:
    """A (T, S) column up to now; of one symbol, also (T,)."""
    array = np.asarray(values)
    if len(symbols) == 1:
        return SymbolHistory(name, symbols[0], array.reshape(len(array)), clock)
    return PanelHistory(name, symbols, array, clock)


def _known_slice(name: str, key: slice, clock: Clock) -> slice:
    """A slice of the whole column that holds nothing but what is known. Raises StrategyError."""
    known = clock.known
    for edge, most in ((key.start, known - 1), (key.stop, known)):
        if edge is not None and as_index(edge) > most:
            raise StrategyError(
                f"{name}[{_slice_words(key)}] asks for bars that are not known yet: the clock stands at "
                f"{clock.words()}, so a slice ends at {known} at the latest"
            )
    start, stop, step = key.indices(known)
    return slice(start, None if stop < 0 else stop, step)


def _slice_words(key: slice) -> str:
    parts = [key.start, key.stop] + ([] if key.step is None else [key.step])
    return ":".join("" if part is None else str(part) for part in parts)


def _outside(name: str, key: int, clock: Clock) -> StrategyError:
    if key >= 0:
        return StrategyError(
            f"{name}[{key}] is not known yet: the clock stands at {clock.words()}. [-1] is now, [-2] the bar before"
        )
    return StrategyError(
        f"{name}[{key}] lies before the first bar: the clock stands at {clock.words()}. Declare `warm_up` = {-key - 1} "
        "to be called from the bar on at which that much is known"
    )


def _no_symbol(name: str, symbol: str, symbols: Sequence[str]) -> StrategyError:
    near = get_close_matches(symbol, symbols, n=1)
    few = ", ".join(symbols[:5]) + (", …" if len(symbols) > 5 else "")
    hint = f"Did you mean '{near[0]}'?" if near else f"The panel holds: {few}."
    return StrategyError(f"{name}: no symbol {symbol!r}. {hint}")


def _pair(name: str, key: tuple[Any, ...]) -> tuple[Any, Any]:
    if len(key) != 2:
        raise StrategyError(f"{name}[{', '.join(map(str, key))}]: expected [bar, symbol]")
    return key[0], key[1]


def _integer(name: str, key: Any) -> int:
    try:
        return as_index(key)
    except TypeError:
        raise StrategyError(
            f"{name}[{key!r}]: a {type(key).__name__} is no place in a history; expected a number of bars such as -1, "
            "a slice such as [-20:], or a symbol"
        ) from None


def _as_array(values: Values, dtype: Any, copy: bool | None) -> Values:
    if copy:
        return np.array(values, dtype=dtype)
    return np.asarray(values, dtype=dtype)


def _read_only(array: Values) -> Values:
    view = array.view()
    view.flags.writeable = False
    return view
