"""A CSV file of any size as tables of a few megabytes, its numbers read once.

Types are told by the headings. Where a cell is not of its column's type, the file is read once more as text, and each
cell is judged by itself.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hindcast.domain.errors import StorageError
from hindcast.engine.bars_frames import from_arrow
from hindcast.engine.column_table import ColumnTable, Name
from hindcast.infrastructure.files.rows.csv_heading import CsvForm, csv_form
from hindcast.infrastructure.files.rows.file_faults import TRUNCATED, UNKNOWN, FileFault
from hindcast.infrastructure.files.rows.row_layout import RowLayout
from hindcast.infrastructure.files.rows.row_stamps import written_as

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES: Final = 1 << 20
LARGE_BYTES: Final = 16 * 2**20  # of a file that is worth cleaning up after
PEEKED_LINES: Final = 16
_COMMENTS: Final = 1_000
_LONGEST_LINE: Final = 1 << 20
_SHOWN: Final = 3
_WHOLE_STAMPS: Final = (8, 10, 13, 16, 19)  # digits of 20181231, and of seconds to nanoseconds since 1970


class NotTyped(Exception):  # noqa: N818  # never leaves this room: the reader takes the slower road
    """A cell is not of its column's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumns:
    """Which columns of a file are read, as places, and as what."""

    form: CsvForm
    layout: RowLayout
    names: tuple[Name, ...]  # of all columns, after renaming


def peek_csv(file: Path, decimal: str | None = None, *, lines: int = PEEKED_LINES) -> CsvForm:
    """The form of a file, by its first lines (comments not counted). Raises FileFault, StorageError."""
    try:
        with _opened(file) as stream:
            first = [line.decode("utf-8-sig" if not place else "utf-8") for place, line in _lines(stream, lines)]
    except UnicodeDecodeError:
        raise FileFault(UNKNOWN, f"{file} is no text in UTF-8; save it as UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFault(TRUNCATED, f"{file} is cut short or damaged: {error}; fetch it again") from None
    except OSError as error:
        raise StorageError(f"{file} can't be read: {error}; check the file and its permissions") from None
    try:
        return csv_form(first, str(file), decimal)
    except csv.Error as error:
        raise FileFault(UNKNOWN, f"{file} is no CSV table: {error}; expected lines of comma-separated values") from None


def stamps_are_whole(columns: CsvColumns) -> bool:
    """Whether the file's stamps are whole numbers, such as 20181231 or milliseconds since 1970."""
    import pyarrow as pa

    return columns.layout.time is None and pa.types.is_integer(_stamp_type(columns))


def csv_tables(file: Path, columns: CsvColumns, *, as_text: bool = False) -> Iterator[ColumnTable]:
    """The wanted columns of a file, block by block.

    Raises
    ------
    NotTyped
        A cell is not of its column's type; nothing of it is lost where the file is read `as_text`.
    FileFault
        Lines have other numbers of fields than the heading, or the bytes are no text in UTF-8.
    StorageError
        The file can't be read.
    """
    from pyarrow import ArrowInvalid, default_memory_pool
    from pyarrow.csv import open_csv

    ragged: list[str] = []
    try:
        with _opened(file) as stream:
            options = _options(columns, ragged, as_text=as_text)
            types = _types(columns, as_text=False)
            for batch in open_csv(stream, **options):
                yield _named(_typed(batch, types, columns.form.decimal) if as_text else batch, columns)
        if file.stat().st_size > LARGE_BYTES:
            default_memory_pool().release_unused()  # what the blocks took would stay beside the rows
    except ArrowInvalid as error:
        if "conversion error" in str(error) and "UTF8" not in str(error) and not as_text:
            raise NotTyped(str(error)) from None
        if "Empty CSV file" in str(error):
            raise FileFault(UNKNOWN, f"{file} has headings but no rows; expected at least one bar") from None
        raise FileFault(
            UNKNOWN, f"{file} is no CSV table: {str(error).splitlines()[0]}; mend it, or fetch it again"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFault(TRUNCATED, f"{file} is cut short or damaged: {error}; fetch it again") from None
    except OSError as error:
        raise StorageError(f"{file} can't be read: {error}; check the file and its permissions") from None
    if ragged:
        more = f", and {len(ragged) - _SHOWN} more" if len(ragged) > _SHOWN else ""
        raise FileFault(
            TRUNCATED,
            f"{file} has lines that do not fit its heading: {'; '.join(ragged[:_SHOWN])}{more}; was it cut short? "
            "Fetch or write it again",
        )


def _opened(file: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _lines(stream: gzip.GzipFile | BufferedReader, wanted: int) -> Iterator[tuple[int, bytes]]:
    comments = 0
    for place, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b"")):
        yield place, line
        comments += line.startswith(b"#") and comments < _COMMENTS
        if place - comments >= wanted:
            return


def _options(columns: CsvColumns, ragged: list[str], *, as_text: bool) -> dict[str, object]:
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions

    form = columns.form
    places = [columns.names.index(name) for name in columns.layout.wanted]

    def note(row: object) -> str:
        number = getattr(row, "number", None)
        line = "" if number is None else f"row {number - form.heading_lines} "
        ragged.append(
            f"{line}has {getattr(row, 'actual_columns', '?')} of {getattr(row, 'expected_columns', '?')} fields"
        )
        return "skip"

    return {
        "read_options": ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            skip_rows=form.heading_lines,
            column_names=[str(place) for place in range(len(form.names))],
        ),
        "parse_options": ParseOptions(delimiter=form.delimiter, invalid_row_handler=note),
        "convert_options": ConvertOptions(
            include_columns=[str(place) for place in places],
            column_types=_types(columns, as_text=as_text),
            decimal_point=form.decimal,
            strings_can_be_null=True,
            null_values=["", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "NaT", "<NA>", "n/a"],
        ),
    }


def _types(columns: CsvColumns, *, as_text: bool) -> dict[str, pa.DataType]:
    import pyarrow as pa

    layout = columns.layout
    text, codes = pa.string(), pa.dictionary(pa.int32(), pa.string())
    types: dict[str, pa.DataType] = {}
    for name in layout.wanted:
        place = columns.names.index(name)
        if name in (layout.owner, layout.currency):
            types[str(place)] = codes
        elif as_text or name == layout.time:
            types[str(place)] = text
        elif name == layout.timestamp:
            types[str(place)] = text if layout.time is not None else _stamp_type(columns)
        else:
            types[str(place)] = pa.float64()
    return types


def _stamp_type(columns: CsvColumns) -> pa.DataType:
    import pyarrow as pa

    texts = columns.form.texts(columns.form.names[columns.names.index(columns.layout.timestamp)])
    match written_as(texts):
        case "naive":
            return pa.timestamp("ns")
        case "utc":
            return pa.timestamp("ns", "UTC")
        case _:
            whole = sum(text.isdecimal() and len(text) in _WHOLE_STAMPS for text in texts)
            return pa.int64() if whole > len(texts) / 2 else pa.string()


def _typed(batch: pa.RecordBatch, types: Mapping[str, pa.DataType], decimal: str) -> pa.RecordBatch:
    """The columns of a block of text that are what their headings say; the others stay text."""
    from pyarrow import ArrowInvalid, RecordBatch, compute
    from pyarrow import types as kinds

    found = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        wanted, made = types[name], column
        if kinds.is_string(column.type) and not kinds.is_string(wanted):
            if decimal == "," and kinds.is_floating(wanted):
                points = compute.any(compute.match_substring(column, ".")).as_py()
                made = column if points else compute.replace_substring(column, ",", ".")
            try:
                made = made.cast(wanted) if decimal == "." or made is not column else column
            except ArrowInvalid:
                made = column
        found.append(made)
    return RecordBatch.from_arrays(found, names=batch.schema.names)


def _named(batch: pa.RecordBatch, columns: CsvColumns) -> ColumnTable:
    from pyarrow import Table

    table = from_arrow(Table.from_batches([batch]))
    names = {str(place): name for place, name in enumerate(columns.names)}
    return ColumnTable(
        columns={names[str(name)]: values for name, values in table.columns.items()},
        zones={names[str(name)]: zone for name, zone in table.zones.items()},
    )
