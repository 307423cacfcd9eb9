"""The rows of one file, batch by batch, until each symbol's arrays can be handed on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.bars_layouts import PRICES
from hindcast.engine.column_table import AnyArray, ColumnTable, Labels, Name, labels_of
from hindcast.engine.stamps import day_text
from hindcast.infrastructure.files.rows.growing_column import GrowingColumn
from hindcast.infrastructure.files.rows.row_layout import RowLayout
from hindcast.infrastructure.files.rows.row_numbers import number_column
from hindcast.infrastructure.files.rows.row_stamps import CLOCK_CHANGE, NAIVE, UNREADABLE, StampColumn
from hindcast.services.market_data.intake.source_rows import SourceRows
from hindcast.services.market_data.intake.vendor_prices import IN_DOUBT, UNDONE, hold_splits, later_splits

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SPLITS_LEFT_OUT: Final = "the file's splits and dividends are left aside: its prices hold them"
_SHOWN: Final = 3
_YEAR_LAST: Final = re.compile(r"\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|\d{4})(?:\D.*)?")
_NO_ROWS: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What the numbers of a file mean, as the caller says."""

    origin: str
    symbol: str = ""  # whose rows they are, where a column does not say it
    symbol_from: Literal["caller", "file name", ""] = ""  # who says so, where a column must not contradict it
    currency: str = ""
    zone: tzinfo | None = None  # of naive stamps
    unit: str | None = None
    decimal: str = "."
    whole_stamps: bool = False  # stamps that are text are whole numbers all the same
    adjusted: bool = False


@dataclass(slots=True)
class _Faults:
    """Rows at fault by class, with their first cases in words."""

    rows: dict[str, list[IntArray]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)

    def add(self, rule: str, rows: IntArray, words: list[str]) -> None:
        if len(rows):
            self.rows.setdefault(rule, []).append(rows)
            shown = self.words.setdefault(rule, [])
            shown.extend(words[: _SHOWN - len(shown)])

    def of(self, rows: IntArray | None) -> dict[str, IntArray]:
        """Places among a symbol's rows (increasing); None: all rows are its."""
        found = {}
        for rule, parts in self.rows.items():
            bad = np.unique(np.concatenate(parts))
            places = bad if rows is None else np.flatnonzero(np.isin(rows, bad))
            if len(places):
                found[rule] = places.astype(np.int64)
        return found


class RowCollector:
    """Takes tables of one layout, and gives each symbol's rows."""

    def __init__(self, layout: RowLayout, meaning: Meaning) -> None:
        self.wanted = layout.wanted
        self._layout = layout
        self._meaning = meaning
        self._stamps = StampColumn(whole=meaning.whole_stamps)
        self._columns: dict[tuple[str, str], GrowingColumn[np.float64]] = {}
        self._codes = GrowingColumn(np.int64)
        self._places: dict[str, int] = {}
        self._currencies: dict[str, int] = {}
        self._currency_codes = GrowingColumn(np.int64)
        self._faults = _Faults()
        self._rows = 0

    def add(self, table: ColumnTable) -> None:
        """The next rows of the file."""
        layout = self._layout
        stamps = table.columns[layout.timestamp]
        if layout.time is not None:
            stamps = _joined(stamps, table.columns[layout.time])
        self._stamps.add(stamps, table.zones.get(layout.timestamp))
        if layout.owner is not None:
            self._codes.append(_codes(table.columns[layout.owner], self._places))
        if layout.currency is not None:
            self._currency_codes.append(_codes(table.columns[layout.currency], self._currencies))
        for symbol, fields in layout.symbols.items():
            for name, column in fields.items():
                self._add_numbers((symbol, name), column, table.columns[column])
        self._rows += len(table)

    def _add_numbers(self, key: tuple[str, str], name: Name, values: AnyArray | Labels) -> None:
        read = number_column(values, self._meaning.decimal)
        self._columns.setdefault(key, GrowingColumn(np.float64)).append(read.values)
        rows = read.bad + self._rows
        words = [
            f"row {row + 1}, column {_shown_name(name)}: {text!r} is no number"
            for row, text in zip(rows, read.texts, strict=False)
        ]
        self._faults.add(UNREADABLE, rows, words)

    def rows(self) -> Iterator[SourceRows]:
        """Each symbol's rows, in order of appearance; the collector is empty afterwards."""
        if not self._rows:
            return
        settled = self._stamps.settle(self._meaning.zone, self._meaning.unit)
        for rule, mask in settled.faults.items():
            rows = np.flatnonzero(mask)
            words = [self._stamp_words(rule, row, settled.stamps) for row in rows[:_SHOWN].tolist()]
            self._faults.add(rule, rows, words)
        currency = self._settle_currency()
        if self._layout.owner is None:
            for symbol in self._layout.symbols:
                yield self._of_columns(symbol, settled.stamps, currency)
        else:
            yield from self._of_owners(settled.stamps, currency)

    def _stamp_words(self, rule: str, row: int, stamps: IntArray) -> str:
        if rule == NAIVE:
            return f"row {row + 1}: {day_text(stamps[row])} has no time zone; state it, such as 'America/New_York'"
        if rule == CLOCK_CHANGE:
            zone = self._meaning.zone
            return f"row {row + 1}: the clock of {zone} is changed then: the time stands twice on it, or never"
        text = self._stamps.unread.get(row)
        what = "the stamp is missing" if text is None else f"{text!r} is no stamp"
        if text is not None and _YEAR_LAST.fullmatch(text.strip()):
            what += ", since day and month can't be told apart: write the year first"
        return f"row {row + 1}: {what}; expected one such as 2018-12-31 or 2018-12-31 16:00:00"

    def _settle_currency(self) -> str:
        """The one currency of the file; rows of another than the stated one (or the first) are at fault."""
        if not len(self._currency_codes):
            return ""
        codes, names = self._currency_codes.take(), list(self._currencies)
        stated = self._meaning.currency.upper()
        right = stated or next((name.upper() for name in names), "")
        wrong_names = [place for place, name in enumerate(names) if name.upper() != right]
        rows = np.flatnonzero(np.isin(codes, wrong_names))
        why = "was stated" if stated else "stands in the rows before"
        words = [f"row {row + 1}: currency {names[codes[row]]!r}, where {right!r} {why}" for row in rows[:_SHOWN]]
        self._faults.add("wrong_currency", rows, words)
        return right

    def _of_columns(self, symbol: str, stamps: IntArray, currency: str) -> SourceRows:
        columns = {name: self._take(symbol, name) for name in self._layout.symbols[symbol]}
        rows = None
        if len(self._layout.symbols) > 1:  # a row of the table that is none of this symbol
            filled = np.logical_or.reduce([~np.isnan(columns[name]) for name in PRICES if name in columns])
            at_fault = [part for parts in self._faults.rows.values() for part in parts]
            filled[np.concatenate(at_fault) if at_fault else _NO_ROWS] = True
            if not filled.all():
                rows = np.flatnonzero(filled)
                columns = {name: values[rows] for name, values in columns.items()}
                stamps = stamps[rows]
        return self._made(symbol, stamps, columns, rows, currency)

    def _of_owners(self, stamps: IntArray, currency: str) -> Iterator[SourceRows]:
        codes = self._codes.take()
        names = [*self._places, ""]  # code -1: the symbol is missing
        present = np.unique(codes).tolist()
        fields = self._layout.symbols[""]
        columns = {name: self._take("", name) for name in fields}
        self._judge_symbols(codes, names, present)
        if self._meaning.symbol_from == "caller":
            names = [self._meaning.symbol if _same_symbol(name, self._meaning.symbol) else name for name in names]
        if len(present) == 1:
            yield self._made(names[present[0]], stamps, columns, None, currency)
            return
        order = np.argsort(codes, kind="stable")
        groups = dict(zip(present, np.split(order, np.flatnonzero(np.diff(codes[order])) + 1), strict=True))
        for code, rows in sorted(groups.items(), key=lambda group: int(group[1][0])):
            own = {name: values[rows] for name, values in columns.items()}
            yield self._made(names[code], stamps[rows], own, rows, currency)

    def _judge_symbols(self, codes: IntArray, names: list[str], present: list[int]) -> None:
        """Rows without a symbol, or of another than the one whose file it is.

        A file's name binds only where its rows are of one symbol, or of that symbol and others.
        """
        said = self._meaning.symbol
        others = [code for code in present if code >= 0 and not _same_symbol(names[code], said)]
        named = [code for code in present if code >= 0]
        wrong = [code for code in present if code < 0]
        binding = self._meaning.symbol_from == "file name" and (len(others) < len(named) or len(named) == 1)
        if binding or self._meaning.symbol_from == "caller":
            wrong += others
        rows = np.flatnonzero(np.isin(codes, wrong))
        whose = f"symbol {said!r} was stated" if self._meaning.symbol_from == "caller" else "the file's name says else"
        words = [
            f"row {row + 1}: " + (f"symbol {names[codes[row]]!r}, where {whose}" if codes[row] >= 0 else "no symbol")
            for row in rows[:_SHOWN].tolist()
        ]
        self._faults.add("wrong_symbol", rows, words)

    def _take(self, symbol: str, name: str) -> FloatArray:
        return self._columns.pop((symbol, name)).take()

    def _made(
        self, symbol: str, stamps: IntArray, columns: Mapping[str, FloatArray], rows: IntArray | None, currency: str
    ) -> SourceRows:
        found, notes = dict(columns), list(self._layout.notes)
        adjusted = self._meaning.adjusted or self._layout.adjusted
        if adjusted and (found.keys() & {"split", "dividend"}):
            notes += [SPLITS_LEFT_OUT] if _says_something(found) else []
            found.pop("split", None)
            found.pop("dividend", None)
        notes += _settle_splits(stamps, found, by_yfinance=self._layout.splits_in_prices)
        close = found["close"]
        return SourceRows(
            symbol=symbol,
            timestamps=stamps,
            **{name: found.get(name, close) for name in PRICES},
            volume=found["volume"] if "volume" in found else np.full(len(stamps), np.nan),
            split=found.get("split"),
            dividend=found.get("dividend"),
            origin=self._meaning.origin,
            numbers=None if rows is None else rows.astype(np.int64) + 1,
            faults=self._faults.of(rows) or None,
            notes=tuple(notes),
            currency=currency,
            adjusted=self._layout.adjusted,
            splits_in_prices=self._layout.splits_in_prices and not adjusted,
            details={rule: tuple(words) for rule, words in self._faults.words.items()},
        )


def _settle_splits(stamps: IntArray, columns: dict[str, FloatArray], *, by_yfinance: bool) -> list[str]:
    """Take splits out of prices that hold them (in place); gives what a reader must know."""
    split = columns.get("split")
    if split is None:
        return []
    count = int((np.isfinite(split) & (split > 0) & (split != 1.0)).sum())
    held = hold_splits(stamps, columns["close"], split) if count else False
    if not by_yfinance:
        return [IN_DOUBT.format(count=count)] if held else []
    if held is False:  # None: no split is large enough to tell, and yfinance's prices hold them
        return []
    factors = later_splits(stamps, split)
    for name in (*PRICES, "dividend"):
        if name in columns:
            columns[name] = columns[name] * factors
    if "volume" in columns:
        columns["volume"] = columns["volume"] / factors
    return [UNDONE.format(count=count)]


def _says_something(columns: Mapping[str, FloatArray]) -> bool:
    split, dividend = columns.get("split"), columns.get("dividend")
    return (split is not None and bool(((split > 0) & (split != 1.0)).any())) or (
        dividend is not None and bool((dividend > 0).any())
    )


def _same_symbol(one: str, other: str) -> bool:
    """Whether two spellings can mean one symbol: AAPL and aapl, BRK.B and BRK-B, AAPL and AAPL.US."""
    parts, others = (re.split(r"[^0-9a-z^]+", name.casefold()) for name in (one, other))
    shorter, longer = sorted((parts, others), key=len)
    return longer[: len(shorter)] == shorter or longer[-len(shorter) :] == shorter


def _codes(values: AnyArray | Labels, places: dict[str, int]) -> IntArray:
    """Codes that hold over all batches; -1 where a value is missing."""
    if not isinstance(values, Labels):
        found = labels_of(values) if values.dtype.kind in "OU" else None
        found = found or labels_of(_as_names(values))
        values = found if found is not None else Labels(codes=np.full(len(values), -1, dtype=np.int64), names=())
    named = [places.setdefault(name.strip(), len(places)) if name.strip() else -1 for name in values.names]
    return np.array([*named, -1], dtype=np.int64)[values.codes]


def _as_names(values: AnyArray) -> NDArray[np.object_]:
    """Values that are no text as names: 5930.0 is a code beside one that is missing, None and NaN are no name."""
    names = [
        None
        if value is None or value != value  # noqa: PLR0124  # NaN
        else str(int(value))
        if isinstance(value, float) and value.is_integer()
        else str(value)
        for value in values.tolist()
    ]
    return np.array(names, dtype=object)


def _joined(dates: AnyArray | Labels, times: AnyArray | Labels) -> AnyArray:
    """Dates and times of day from two columns as one text."""
    return np.array(
        [f"{day} {time}" if day and time else None for day, time in zip(_days(dates), _times(times), strict=True)],
        dtype=object,
    )


def _days(values: AnyArray | Labels) -> list[str]:
    if isinstance(values, Labels):
        return [values.names[code] if code >= 0 else "" for code in values.codes.tolist()]
    if values.dtype.kind == "M":
        return [str(value) for value in values.astype("M8[D]")]
    return [str(int(value)) if value == value else "" for value in values.tolist()]  # noqa: PLR0124  # NaN


def _times(values: AnyArray | Labels) -> list[str]:
    """Times of day; written as numbers they have lost their zeros: 93000 is 09:30."""
    if isinstance(values, Labels):
        return [values.names[code] if code >= 0 else "" for code in values.codes.tolist()]
    if values.dtype.kind in "iuf":
        return [f"{int(value):06d}" if value == value else "" for value in values.tolist()]  # noqa: PLR0124  # NaN
    return [str(value) for value in values.tolist()]


def _shown_name(name: Name) -> str:
    return repr(name) if isinstance(name, str) else f"{name[0]!r} of {name[1]}"
