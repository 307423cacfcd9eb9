"""The form of a CSV file, told by its first lines: delimiter, headings, decimal mark."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hindcast.engine.bars_layouts import LETTERS, SPELLINGS, plain
from hindcast.engine.column_table import AnyArray, ColumnTable, Labels, Name, labels_of
from hindcast.infrastructure.files.rows.file_faults import TRUNCATED, UNKNOWN, FileFault

YFINANCE: Final = ("price", "ticker")  # how its frames call their two levels of columns
_DELIMITERS: Final = ",;\t|"
_COMMA_DECIMAL: Final = re.compile(r"[+-]?\d{1,3}(?:[. '\u00a0\u202f]\d{3})*,\d+|[+-]?\d+,\d+")
_DOT_DECIMAL: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+")
_GROUPED_BY_POINTS: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")
_FIELDS: Final = frozenset(spelling for spellings in SPELLINGS.values() for spelling in spellings) | frozenset(LETTERS)
_SYMBOL_HEADINGS: Final = frozenset(SPELLINGS["symbol"])
_STAMP_HEADINGS: Final = frozenset(SPELLINGS["timestamp"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvForm:
    """What must be known of a CSV file before its numbers are read."""

    delimiter: str
    names: tuple[Name, ...]  # one per column; pairs where there are two lines of headings
    heading_lines: int
    decimal: str  # "." or ","
    yfinance: bool  # whether the headings are those of its frames
    samples: tuple[tuple[str, ...], ...]  # the first rows, as text

    def sample(self) -> ColumnTable:
        """The first rows as a table, for recognising the columns."""
        return ColumnTable(
            columns={name: _column([row[place] for row in self.samples]) for place, name in enumerate(self.names)}
        )

    def texts(self, name: Name) -> tuple[str, ...]:
        """The first values of a column, without those that are empty."""
        place = self.names.index(name)
        return tuple(text for row in self.samples if (text := row[place].strip()))


def csv_form(lines: Sequence[str], origin: str, decimal: str | None = None) -> CsvForm:
    """The form that the first lines tell. Raises FileFault where they are no table with headings."""
    start = next((place for place, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if start is None:
        raise FileFault(TRUNCATED, f"{origin} is empty; expected a table of bars")
    _refuse_other_formats(lines[start].lstrip(), origin)
    delimiter = max(_DELIMITERS, key=lines[start].count)
    rows = [tuple(row) for row in csv.reader(lines[start:], delimiter=delimiter) if row]
    depth = _heading_depth(rows)
    heading, body = rows[:depth], rows[depth:]
    if depth == 1 and all(_reads_as_data(cell) for cell in heading[0] if cell.strip()):
        raise FileFault(
            UNKNOWN,
            f"{origin} has no line of headings: it begins with {lines[start].strip()[:60]!r}; put one above, such as "
            f"date{delimiter}open{delimiter}high{delimiter}low{delimiter}close{delimiter}volume",
        )
    samples = tuple(row for row in body if len(row) == len(heading[0]))
    return CsvForm(
        delimiter=delimiter,
        names=tuple(_names(heading)),
        heading_lines=start + depth,
        decimal=decimal or _decimal(samples, delimiter),
        yfinance=depth > 1 and (plain(heading[0][0]), plain(heading[1][0])) == YFINANCE,
        samples=samples,
    )


def _refuse_other_formats(line: str, origin: str) -> None:
    """A vendor's error page has the name of a CSV file too; its text may hold the key, so it is not shown."""
    if line.startswith(("{", "[")):
        said = re.search(r'"(Error Message|Information|Note|message|error)"', line)
        what = f" with {said[0]}" if said else ""
        raise FileFault(
            TRUNCATED, f"{origin} is JSON{what}, no table: the vendor's answer was an error; fetch the file again"
        )
    if re.match(r"<(!doctype|html|\?xml|head|body)", line, flags=re.IGNORECASE):
        raise FileFault(TRUNCATED, f"{origin} is a web page, no table; fetch the file again")


def _heading_depth(rows: Sequence[tuple[str, ...]]) -> int:
    """Two lines, or three with the index's name, as pandas and yfinance write a frame with two levels of columns."""
    if len(rows) < 2 or len(rows[1]) != len(rows[0]) or len(rows[0]) < 2:
        return 1
    corner = plain(rows[1][0])
    fields = any(plain(cell) in _FIELDS for row in rows[:2] for cell in row[1:])
    if not fields or any(_reads_as_data(cell) or not cell.strip() for cell in rows[1][1:]):
        return 1
    if corner not in _SYMBOL_HEADINGS | _STAMP_HEADINGS | {"", "price", "field", "attributes"}:
        return 1
    third = rows[2] if len(rows) > 2 else ("x",)
    return 3 if not any(cell.strip() for cell in third[1:]) and not _reads_as_data(third[0]) else 2


def _names(heading: Sequence[tuple[str, ...]]) -> list[Name]:
    if len(heading) == 1:
        return [cell.strip() for cell in heading[0]]
    pairs: list[Name] = list(zip(heading[0][1:], heading[1][1:], strict=True))
    index = heading[2][0].strip() if len(heading) == 3 else ""
    return [index or "date", *pairs]


def _decimal(samples: Sequence[tuple[str, ...]], delimiter: str) -> str:
    """A comma where every number that tells has one, and none has a point."""
    cells = {cell.strip() for row in samples for cell in row}
    if any(_DOT_DECIMAL.fullmatch(cell) and not _GROUPED_BY_POINTS.fullmatch(cell) for cell in cells):
        return "."
    commas = [cell for cell in cells if _COMMA_DECIMAL.fullmatch(cell)]
    grouped = [cell for cell in commas if _GROUPED.fullmatch(cell)]
    return "," if commas and (len(grouped) < len(commas) or delimiter != ",") else "."


def _column(texts: Sequence[str]) -> AnyArray | Labels:
    """A column of the sample: numbers where all are, else text."""
    filled = [text for text in texts if text.strip()]
    if filled and all(_reads_as_data(text) and "-" not in text[1:] and ":" not in text for text in filled):
        return np.zeros(len(texts))
    found = labels_of(np.array([text or None for text in texts], dtype=object))
    return found if found is not None else np.zeros(len(texts))


def _reads_as_data(text: str) -> bool:
    """Whether a cell is a number or a stamp rather than a name; codes such as 005930 look like numbers too."""
    bare = text.strip()
    return bool(bare) and bare[0] in "0123456789+-." and any(character.isdigit() for character in bare)
