"""Bars of one file or frame as rows per symbol; what is wrong with them is marked, so that all of it can be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hindcast.domain.errors import BarsError, InputError
from hindcast.engine.bars_frames import from_arrow, from_pandas, from_polars, time_zone
from hindcast.engine.bars_stamps import UNITS
from hindcast.engine.column_table import ColumnTable, Name
from hindcast.infrastructure.files.rows.csv_heading import YFINANCE
from hindcast.infrastructure.files.rows.csv_rows import CsvColumns, NotTyped, csv_tables, peek_csv, stamps_are_whole
from hindcast.infrastructure.files.rows.file_faults import UNKNOWN, FileFault
from hindcast.infrastructure.files.rows.file_symbols import names_a_symbol, symbol_of
from hindcast.infrastructure.files.rows.parquet_rows import parquet_sample, parquet_tables
from hindcast.infrastructure.files.rows.row_collector import Meaning, RowCollector
from hindcast.infrastructure.files.rows.row_layout import RowLayout, layout_of, refuse_duplicates, renamed
from hindcast.services.market_data.intake.source_rows import SourceRows, UnusableFile

if TYPE_CHECKING:
    from datetime import tzinfo

FRAME: Final = "the frame"
_SECOND_LOOK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOptions:
    """What the files do not tell of themselves. Raises InputError for a value that can't be."""

    symbol: str = ""  # whose rows they are
    timezone: str = ""  # of stamps without a zone
    columns: Mapping[str, str] = field(default_factory=dict)  # their name → ours
    currency: str = ""  # that all prices must be in
    unit: str | None = None  # of stamps that are whole numbers
    decimal: str | None = None  # "." or ","; None: the numbers tell
    adjusted: bool = False  # prices hold corporate actions already

    def __post_init__(self) -> None:
        if self.unit is not None and self.unit not in UNITS:
            raise InputError(f"unit={self.unit!r}; expected one of {', '.join(UNITS)}")
        if self.decimal not in (None, ".", ","):
            raise InputError(f"decimal={self.decimal!r}; expected '.' or ','")
        if not isinstance(self.columns, Mapping):
            raise InputError(f"columns={self.columns!r}; expected a mapping such as {{'Last': 'close'}}")
        _ = self.zone

    @property
    def zone(self) -> tzinfo | None:
        """The zone of stamps without one."""
        return time_zone(self.timezone) if self.timezone else None


def read_file(file: Path, options: RowOptions) -> Iterator[SourceRows | UnusableFile]:
    """Each symbol's rows of a CSV or Parquet file, or what makes it unusable.

    The file is read in blocks and only numbers are kept. Raises StorageError where it can't be read, InputError where
    the options do not fit it.
    """
    symbol = options.symbol or symbol_of(file)
    try:
        collector = (
            _from_parquet(file, symbol, options) if file.suffix == ".parquet" else _from_csv(file, symbol, options)
        )
        yield from _with_rows(collector, str(file))
    except FileFault as fault:
        yield UnusableFile(origin=str(file), rule=fault.rule, message=str(fault))
    except BarsError as error:
        said = str(error)
        where = "" if said.startswith(str(file)) else f"{file}: "
        yield UnusableFile(origin=str(file), rule=UNKNOWN, message=where + said)


def read_frame(frame: object, options: RowOptions) -> Iterator[SourceRows]:
    """Each symbol's rows of a pandas, polars or Arrow table.

    Raises BarsError where its columns do not tell what they are, InputError for what is no frame.
    """
    table = _as_table(frame)
    try:
        collector = _collector(
            table, tuple(table.columns), options.symbol, FRAME, options, yfinance=_by_yfinance(frame)
        )
        names = renamed(tuple(table.columns), options.columns)
        collector.add(_renamed(table, names))
        for found in _with_rows(collector, FRAME):
            if not found.symbol and "wrong_symbol" not in (found.faults or {}):
                raise InputError("the frame has no column of symbols; symbol='NAME' says whose prices it holds")
            yield found
    except FileFault as fault:
        raise BarsError(str(fault)) from None


def _with_rows(collector: RowCollector, origin: str) -> Iterator[SourceRows]:
    found = False
    for rows in collector.rows():
        found |= len(rows.timestamps) > 0
        yield rows
    if not found:
        raise FileFault(UNKNOWN, f"{origin} has headings but no rows; expected at least one bar")


def _from_csv(file: Path, symbol: str, options: RowOptions) -> RowCollector:
    form = peek_csv(file, options.decimal)
    names = renamed(form.names, options.columns)
    refuse_duplicates(names, str(file))
    sample = _renamed(form.sample(), names)
    layout = layout_of(sample, symbol, yfinance=form.yfinance)
    columns = CsvColumns(form=form, layout=layout, names=names)
    meaning = _meaning(str(file), symbol, layout, options, decimal=form.decimal)
    try:
        return _collected(layout, meaning, csv_tables(file, columns))
    except NotTyped:  # a longer look may show a decimal comma that the first rows did not need
        form = peek_csv(file, options.decimal, lines=_SECOND_LOOK)
        columns = replace(columns, form=form)
        meaning = replace(meaning, decimal=form.decimal, whole_stamps=stamps_are_whole(columns))
        return _collected(layout, meaning, csv_tables(file, columns, as_text=True))


def _from_parquet(file: Path, symbol: str, options: RowOptions) -> RowCollector:
    sample = parquet_sample(file)
    names = tuple(sample.columns)
    collector = _collector(sample, names, symbol, str(file), options)
    for table in parquet_tables(file, collector.wanted, renamed(names, options.columns)):
        collector.add(table)
    return collector


def _collector(
    sample: ColumnTable,
    names: tuple[Name, ...],
    symbol: str,
    origin: str,
    options: RowOptions,
    *,
    yfinance: bool = False,
) -> RowCollector:
    ours = renamed(names, options.columns)
    refuse_duplicates(ours, origin)
    layout = layout_of(_renamed(sample, ours), symbol, yfinance=yfinance)
    return RowCollector(layout, _meaning(origin, symbol, layout, options, decimal=options.decimal or "."))


def _collected(layout: RowLayout, meaning: Meaning, tables: Iterable[ColumnTable]) -> RowCollector:
    collector = RowCollector(layout, meaning)
    for table in tables:
        collector.add(table)
    return collector


def _meaning(origin: str, symbol: str, layout: RowLayout, options: RowOptions, *, decimal: str) -> Meaning:
    stated = bool(options.symbol)
    if stated and layout.owner is None and len(layout.symbols) > 1:
        raise InputError(
            f"symbol={symbol!r}, but {origin} holds {len(layout.symbols)} symbols, one per column: leave symbol out"
        )
    return Meaning(
        origin=origin,
        symbol=symbol,
        symbol_from="caller" if stated else "file name" if names_a_symbol(symbol) else "",
        currency=options.currency,
        zone=options.zone,
        unit=options.unit,
        decimal=decimal,
        adjusted=options.adjusted,
    )


def _renamed(table: ColumnTable, names: tuple[Name, ...]) -> ColumnTable:
    ours = dict(zip(table.columns, names, strict=True))
    return ColumnTable(
        columns={ours[name]: values for name, values in table.columns.items()},
        zones={ours[name]: zone for name, zone in table.zones.items()},
    )


def _as_table(frame: object) -> ColumnTable:
    if hasattr(frame, "iloc"):
        return from_pandas(frame)
    if hasattr(frame, "column_names"):
        return from_arrow(frame)
    if hasattr(frame, "collect") or hasattr(frame, "to_arrow"):
        return from_polars(frame)
    raise InputError(
        f"bars can't be imported from a {type(frame).__name__}; expected a path, several, or a pandas, polars or "
        "Arrow table"
    )


def _by_yfinance(frame: object) -> bool:
    levels = frame.columns.names if hasattr(frame, "iloc") and hasattr(frame, "columns") else ()
    return tuple(str(level).casefold() for level in levels) == YFINANCE
