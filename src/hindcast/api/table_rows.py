"""Rows of a stored table as JSON takes them, and pages of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import InputError
from hindcast.services.documents.paging import checked_limit, cursor_of, read_cursor

Columns = Mapping[str, NDArray[np.generic]]
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A part of a table."""

    items: list[dict[str, Cell]]
    next_cursor: str | None
    total: int


def page_of_rows(columns: Columns, *, table_hash: str, cursor: str | None, limit: int) -> Rows:
    """A page of a table, which its content's hash names. Raises InputError for a cursor that is of another table."""
    total = row_count(columns)
    first = 0
    if cursor is not None:
        first, named = read_cursor(cursor)
        if named != table_hash or not 0 <= first <= total:
            raise InputError("the cursor is of another table: leave it out to begin at the first page")
    end = min(first + checked_limit(limit), total)
    return Rows(
        items=rows(columns, first, end),
        next_cursor=cursor_of(end, table_hash) if end < total else None,
        total=total,
    )


def rows(columns: Columns, first: int, end: int) -> list[dict[str, Cell]]:
    """The rows from `first` up to `end`, a mapping each."""
    cells = [column_cells(values[first:end]) for values in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def row_count(columns: Columns) -> int:
    """How many rows a table has."""
    return min((len(values) for values in columns.values()), default=0)


def column_cells(values: NDArray[Any]) -> list[Cell]:
    """Values as JSON has them: stamps as ISO 8601 in UTC, what is no number or no stamp as None."""
    if values.dtype.kind == "M":
        return _stamp_cells(values)
    if values.dtype.kind == "f":
        return [value if finite else None for value, finite in zip(values.tolist(), np.isfinite(values), strict=True)]
    if values.dtype.kind in "OU":
        return [str(value) for value in values]
    cells: list[Cell] = values.tolist()
    return cells


def _stamp_cells(values: NDArray[np.datetime64]) -> list[Cell]:
    stamps = values.astype("M8[ns]")
    known = ~np.isnat(stamps)
    seconds = stamps.astype("M8[s]")
    exact = seconds if (stamps[known] == seconds[known]).all() else stamps
    texts = np.datetime_as_string(exact).tolist()
    return [f"{text}Z" if is_known else None for text, is_known in zip(texts, known, strict=True)]
