"""Frames of other libraries as a ColumnTable, by their methods alone: none of the libraries is imported."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable
from datetime import timedelta, timezone, tzinfo
from typing import Protocol, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from hindcast.domain.errors import BarsError, InputError
from hindcast.engine.column_table import AnyArray, ColumnTable, Labels, Name, unique_names
from hindcast.engine.stamps import fitted

_OFFSET = re.compile(r"^(?:UTC)?([+-])(\d\d):?(\d\d)$")


class _Values(Protocol):
    """What is used of a pandas Series or Index."""

    name: object
    dtype: object

    def to_numpy(self, dtype: object = ..., na_value: object = ...) -> AnyArray: ...
    def factorize(self) -> tuple[AnyArray, Iterable[object]]: ...
    def isna(self) -> AnyArray: ...


class _Column(Protocol):
    """What is used of a pyarrow Array or ChunkedArray."""

    type: object

    def to_numpy(self) -> AnyArray: ...
    def cast(self, target: str) -> _Column: ...
    def dictionary_encode(self) -> _Column: ...


def from_pandas(frame: object) -> ColumnTable:
    """A pandas frame or series; the index becomes a column, or one per level. Raises InputError for anything else."""
    if not hasattr(frame, "iloc"):
        raise InputError(f"from_pandas was given a {type(frame).__name__}; expected a pandas DataFrame")
    if not hasattr(frame, "columns"):
        frame = frame.to_frame("close" if frame.name is None else frame.name)  # type: ignore[attr-defined]  # a Series
    names = [_heading(label) for label in frame.columns.tolist()]  # type: ignore[attr-defined]  # known by `iloc`
    columns = {name: cast("_Values", frame.iloc[:, place]) for place, name in enumerate(unique_names(names))}
    found = {**_index_columns(frame.index, columns), **columns}  # type: ignore[attr-defined]  # known by `iloc`
    zones = {name: zone for name, values in found.items() if (zone := _pandas_zone(values)) is not None}
    return ColumnTable(columns={name: _pandas_values(name, values) for name, values in found.items()}, zones=zones)


def from_polars(frame: object) -> ColumnTable:
    """A polars frame, lazy or not. Raises InputError for anything else."""
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if not hasattr(frame, "to_arrow") or not hasattr(frame, "columns"):
        raise InputError(f"from_polars was given a {type(frame).__name__}; expected a polars DataFrame")
    return from_arrow(frame.to_arrow())


def from_arrow(table: object) -> ColumnTable:
    """A pyarrow table or record batch. Raises InputError for anything else."""
    if not hasattr(table, "column_names") or not hasattr(table, "column"):
        raise InputError(f"from_arrow was given a {type(table).__name__}; expected a pyarrow Table")
    if hasattr(table, "unify_dictionaries"):
        table = table.unify_dictionaries()
    names = unique_names([_written_pair(name) for name in table.column_names])
    found = {name: cast("_Column", table.column(place)) for place, name in enumerate(names)}
    zones = {
        name: time_zone(zone)
        for name, column in found.items()
        if (zone := getattr(column.type, "tz", None)) is not None
    }
    return ColumnTable(columns={name: _arrow_values(name, column) for name, column in found.items()}, zones=zones)


def time_zone(name: str) -> tzinfo:
    """A zone by its IANA name or its offset, such as +09:00. Raises InputError."""
    offset = _OFFSET.match(name)
    if offset is not None:
        sign = -1 if offset[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3])))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"no time zone {name!r}; expected a name such as 'America/New_York' or 'UTC'") from None


def _heading(label: object) -> Name:
    if not isinstance(label, tuple):
        return str(label)
    if len(label) != 2:
        raise BarsError(f"column {label!r} has {len(label)} headings; expected one, or two: field and symbol")
    return str(label[0]), str(label[1])


def _written_pair(name: str) -> Name:
    """Pandas writes two headings to Parquet as the text of a pair."""
    if name.startswith(("('", '("')):
        try:
            return _heading(literal_eval(name))
        except (ValueError, SyntaxError):
            return name
    return name


def _index_columns(index: object, taken: Iterable[Name]) -> dict[Name, _Values]:
    """The index's levels, but for mere row numbers and what is a column already."""
    levels = [index.get_level_values(level) for level in range(index.nlevels)]  # type: ignore[attr-defined]  # pandas
    found: dict[Name, _Values] = {}
    for level in levels:
        kind = getattr(level.dtype, "kind", "O")
        if level.name is None and kind in "iufb":
            continue
        default = "timestamp" if kind == "M" or len(levels) == 1 or str(level.dtype).startswith("period") else "symbol"
        name = default if level.name is None else str(level.name)
        if name not in taken:
            found[name] = level.to_timestamp() if str(level.dtype).startswith("period") else level
    return found


def _pandas_zone(values: _Values) -> tzinfo | None:
    zone = getattr(values.dtype, "tz", None) or getattr(getattr(values.dtype, "pyarrow_dtype", None), "tz", None)
    return time_zone(zone) if isinstance(zone, str) else zone


def _pandas_values(name: Name, values: _Values) -> AnyArray | Labels:
    kind = getattr(values.dtype, "kind", "O")
    if kind == "M":
        if hasattr(values.dtype, "pyarrow_dtype"):  # to_numpy would lose the zone's meaning
            return _nanoseconds(name, values.array._pa_array.to_numpy())  # type: ignore[attr-defined]  # pandas
        kept = values.dtype
        unit = np.datetime_data(kept)[0] if isinstance(kept, np.dtype) else getattr(kept, "unit", "ns")
        return _nanoseconds(name, np.asarray(values, dtype=f"M8[{unit}]"))
    if kind in "iuf":
        if isinstance(values.dtype, np.dtype):
            return values.to_numpy()
        whole = kind != "f" and not values.isna().any()
        return values.to_numpy(dtype=np.int64) if whole else values.to_numpy(dtype=np.float64, na_value=np.nan)
    if kind == "b":
        return values.to_numpy(dtype=object)
    codes, uniques = values.factorize()
    names = list(uniques)
    if all(isinstance(text, str) for text in names):
        return Labels(codes=codes.astype(np.int64), names=tuple(cast("list[str]", names)))
    return values.to_numpy(dtype=object)


def _arrow_values(name: Name, column: _Column) -> AnyArray | Labels:
    kind = str(column.type)
    if kind.startswith(("timestamp", "date")):
        return _nanoseconds(name, _arrow_numbers(column))
    if kind.startswith(("decimal", "halffloat")) or kind == "null":
        column = column.cast("float64")
    if "string" in kind:
        return _arrow_labels(column, encoded=kind.startswith("dictionary"), view="view" in kind)
    values = _arrow_numbers(column)
    return values if values.dtype.kind in "iuf" else values.astype(object)


def _arrow_numbers(column: _Column) -> AnyArray:
    """The values of a table's column, or of a record batch's, which is one array."""
    chunked = hasattr(column, "num_chunks")
    return column.to_numpy() if chunked else column.to_numpy(zero_copy_only=False)  # type: ignore[call-arg]  # an Array


def _arrow_labels(column: _Column, *, encoded: bool, view: bool) -> Labels:
    if view and not encoded:
        column = column.cast("large_string")
    column = column if encoded else column.dictionary_encode()
    if hasattr(column, "combine_chunks"):
        column = column.combine_chunks()
    codes = column.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)  # type: ignore[attr-defined]  # a DictionaryArray
    names = column.dictionary.to_pylist()  # type: ignore[attr-defined]  # a DictionaryArray
    return Labels(codes=codes.astype(np.int64), names=tuple(names))


def _nanoseconds(name: Name, stamps: AnyArray) -> AnyArray:
    return fitted(stamps.astype("M8[ns]") if stamps.dtype.kind != "M" else stamps, f"stamps of column {name!r}")
