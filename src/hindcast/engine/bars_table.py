"""Tables to panels: named columns, long or wide, become the (T, S) arrays that `Bars` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError, InputError, SymbolError
from hindcast.engine.bars_frames import from_arrow, from_pandas, from_polars, time_zone
from hindcast.engine.bars_layouts import PRICES, Fields, Long, Wide, recognise
from hindcast.engine.bars_rows import appearance, spread_over, symbol_labels
from hindcast.engine.bars_stamps import UNITS, column_stamps
from hindcast.engine.column_table import AnyArray, ColumnTable, Labels, Name

__all__ = ["ColumnTable", "PanelColumns", "TableOptions", "from_arrow", "from_pandas", "from_polars", "to_panel"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CLOSE_ONLY = "only closes are known: open, high and low are the close"
ADJUSTED_CLOSE = "every price is the adjusted close"
UNUSED_ADJUSTED = "the column of adjusted closes is not used; field='adj close' takes every price from it"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """What a table's own column names do not tell."""

    symbol: str | None = None  # name of the one symbol; of a long table, the one symbol to take
    timestamp: str | None = None  # the column of dates
    columns: Mapping[str, str] = field(default_factory=dict)  # their name → ours
    adjusted: bool = False  # prices hold corporate actions already
    tz: str | None = None  # zone of naive stamps, else UTC; session dates are its midnights
    unit: str | None = None  # "s", "ms", "us" or "ns", of stamps that are whole numbers
    field: Literal["close", "adj close"] | None = None  # the one column that every price is taken from

    @classmethod
    def of(cls, options: Mapping[str, object]) -> TableOptions:
        """The options by name. Raises InputError for an unknown one or a wrong value."""
        known = [entry.name for entry in fields(cls)]
        for name in options:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
                raise InputError(f"a table has no option {name!r}. {hint}")
        return cls(**cast("Mapping[str, str]", options))  # type: ignore[arg-type]  # checked below

    def __post_init__(self) -> None:
        for name in ("symbol", "timestamp", "tz"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise InputError(f"{name}={value!r}; expected text")
        if not isinstance(self.columns, Mapping):
            raise InputError(f"columns={self.columns!r}; expected a mapping such as {{'Last': 'close'}}")
        if not isinstance(self.adjusted, bool):
            raise InputError(f"adjusted={self.adjusted!r}; expected True or False")
        if self.unit is not None and self.unit not in UNITS:
            raise InputError(f"unit={self.unit!r}; expected one of {', '.join(UNITS)}")
        if self.field not in (None, "close", "adj close"):
            raise InputError(f"field={self.field!r}; expected 'close' or 'adj close'")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PanelColumns:
    """A table as (T, S) arrays, not yet checked as bars are."""

    timestamps: IntArray  # (T,), UTC nanoseconds
    symbols: tuple[str, ...]
    open: FloatArray  # (T, S), price
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray | None
    split: FloatArray | None
    dividend: FloatArray | None
    adjusted: bool
    notes: tuple[str, ...]


def to_panel(table: ColumnTable, options: TableOptions) -> PanelColumns:
    """The panel of a table: long (a column of symbols), one symbol, or wide (columns of symbols).

    Column names count in any case: date or datetime or timestamp or time; symbol or ticker or sym or code or asset;
    open, high, low, close or price (or o, h, l, c, all four); volume; splits (0 and missing = none); dividends. Other
    columns are left aside. Without open, high and low, every price is the close, and a note says so.

    Raises
    ------
    BarsError
        Names that do not tell what is what, text among numbers, a symbol's dates out of order or twice, no rows.
    InputError
        An option that names what the table does not have.
    """
    table = _renamed(table, options.columns)
    if not len(table):
        raise BarsError("the table has no rows; expected at least one bar")
    layout = recognise(table, timestamp=options.timestamp, symbol=options.symbol, field=options.field)
    zone = None if options.tz is None else time_zone(options.tz)
    stamps = column_stamps(
        layout.timestamp,
        table.columns[layout.timestamp],
        own=table.zones.get(layout.timestamp),
        asked=zone,
        unit=options.unit,
    )
    return (
        _from_long(table, layout, stamps, options)
        if isinstance(layout, Long)
        else _from_wide(table, layout, stamps, options)
    )


def _renamed(table: ColumnTable, columns: Mapping[str, str]) -> ColumnTable:
    for name in columns:
        if name not in table.columns:
            known = [str(known) for known in table.columns]
            near = get_close_matches(str(name), known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"The table has {', '.join(known)}."
            raise InputError(f"columns= names {name!r}, which is no column. {hint}")
    if not columns:
        return table
    new = {name: columns.get(name, name) if isinstance(name, str) else name for name in table.columns}
    if len(set(new.values())) < len(new):
        raise InputError(f"columns={dict(columns)!r} gives two columns one name; rename the other one too")
    return ColumnTable(
        columns={new[name]: values for name, values in table.columns.items()},
        zones={new[name]: zone for name, zone in table.zones.items()},
    )


def _from_wide(table: ColumnTable, layout: Wide, stamps: IntArray, options: TableOptions) -> PanelColumns:
    symbols = tuple(layout.symbols)
    sources, notes = _sources(layout.symbols[symbols[0]], options)
    shape = (len(stamps), len(symbols))

    def panel(source: str) -> FloatArray | None:
        if not any(source in owned for owned in layout.symbols.values()):
            return None
        array = np.full(shape, np.nan)
        for place, owned in enumerate(layout.symbols.values()):
            if source in owned:
                array[:, place] = _numbers(owned[source], table.columns[owned[source]])
        return array

    return _panel(stamps, symbols, {field: panel(source) for field, source in sources.items()}, options, notes)


def _from_long(table: ColumnTable, layout: Long, stamps: IntArray, options: TableOptions) -> PanelColumns:
    labels = symbol_labels(layout.symbol, table.columns[layout.symbol])
    codes, names = labels.codes, labels.names
    order = appearance(codes, stamps, names)
    rows: IntArray | slice = slice(None)
    if options.symbol is not None:
        present = [names[code] for code in order]
        if options.symbol not in present:
            raise SymbolError(f"symbol={options.symbol!r} stands in no row; the table has {', '.join(present[:10])}")
        order = np.array([names.index(options.symbol)], dtype=np.int64)
        rows = np.flatnonzero(codes == order[0])
        codes, stamps = codes[rows], stamps[rows]
    union, spread = spread_over(stamps, codes, order)
    sources, notes = _sources(layout.fields, options)

    def panel(source: str) -> FloatArray | None:
        if source not in layout.fields:
            return None
        return spread(_numbers(layout.fields[source], table.columns[layout.fields[source]])[rows])

    symbols = tuple(names[code] for code in order)
    return _panel(union, symbols, {field: panel(source) for field, source in sources.items()}, options, notes)


def _sources(owned: Fields, options: TableOptions) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which field each of the panel's arrays is taken from, and what a reader must know of it."""
    rest = {name: name for name in ("volume", "split", "dividend")}
    if options.field is not None:
        note = ADJUSTED_CLOSE if options.field == "adj close" else CLOSE_ONLY
        return dict.fromkeys(PRICES, options.field) | rest, (note,)
    notes = (UNUSED_ADJUSTED,) if "adj close" in owned else ()
    if not {"open", "high", "low"} & set(owned):
        return dict.fromkeys(PRICES, "close") | rest, (CLOSE_ONLY, *notes)
    lacking = [name for name in PRICES if name not in owned]
    if lacking:
        raise BarsError(
            f"no column of {' and '.join(lacking)} beside {', '.join(map(str, owned.values()))}; expected "
            f"{', '.join(PRICES)}, or the close alone (field='close')"
        )
    return {name: name for name in PRICES} | rest, notes


def _panel(
    stamps: IntArray,
    symbols: tuple[str, ...],
    found: Mapping[str, FloatArray | None],
    options: TableOptions,
    notes: tuple[str, ...],
) -> PanelColumns:
    split = found["split"]
    if split is not None:
        split = np.where(split == 0.0, 1.0, split)  # vendors write 0 on a day without a split
    prices = {name: cast("FloatArray", found[name]) for name in PRICES}
    return PanelColumns(
        timestamps=stamps,
        symbols=symbols,
        **prices,
        volume=found["volume"],
        split=split,
        dividend=found["dividend"],
        adjusted=options.adjusted or options.field == "adj close",
        notes=notes,
    )


def _numbers(name: Name, values: AnyArray | Labels) -> FloatArray:
    """The column as float64, missing values NaN. Raises BarsError that names column, row and value of a text."""
    if isinstance(values, Labels):
        if not len(values.names):
            return np.full(len(values), np.nan)
        bad = [place for place, text in enumerate(values.names) if not _reads_as_number(text)]
        row = int(np.argmax(np.isin(values.codes, bad) if bad else values.codes >= 0))
        raise _not_a_number(name, row, values.names[values.codes[row]])
    if values.dtype.kind in "iuf":
        return values.astype(np.float64, copy=False)
    if values.dtype.kind != "O":
        raise BarsError(f"column {name!r} holds values of type {values.dtype}; expected numbers")
    found = np.full(len(values), np.nan)
    for row, value in enumerate(values.tolist()):
        if value is None or type(value).__name__ in ("NAType", "NaTType"):
            continue
        if isinstance(value, str | bool):
            raise _not_a_number(name, row, value)
        try:
            found[row] = float(value)
        except (TypeError, ValueError):
            raise _not_a_number(name, row, value) from None
    return found


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _not_a_number(name: Name, row: int, value: object) -> BarsError:
    return BarsError(
        f"column {name!r}, row {row + 1}: {value!r} is no number; expected one, or nothing where it misses"
    )
