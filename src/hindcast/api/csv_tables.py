"""Tables as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from hindcast.api.table_rows import Cell, Columns, column_cells, row_count

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE: Final = 2_000


def csv_lines(columns: Columns) -> Iterator[str]:
    """A table as CSV (RFC 4180), some thousand rows at a time: the names of its columns first.

    Text that a spreadsheet would take for a formula gets a ' in front.
    """
    yield _written([list(columns)])
    for first in range(0, row_count(columns), _ROWS_AT_ONCE):
        cells = [column_cells(values[first : first + _ROWS_AT_ONCE]) for values in columns.values()]
        yield _written([[csv_cell(cell) for cell in row] for row in zip(*cells, strict=True)])


def csv_cell(cell: Cell) -> str:
    """A cell's text; None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return repr(cell)


def _written(lines: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue()
