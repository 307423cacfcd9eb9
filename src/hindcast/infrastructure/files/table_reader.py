"""Tables from files: CSV and Parquet, read by pyarrow."""

from __future__ import annotations

import csv
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hindcast.domain.errors import BarsError, InputError, StorageError
from hindcast.engine.bars_frames import from_arrow
from hindcast.engine.bars_layouts import SPELLINGS, plain
from hindcast.engine.column_table import ColumnTable

if TYPE_CHECKING:
    import pyarrow as pa

_CODE: Final = re.compile(r"0\d+")
_PEEKED_LINES: Final = 1_000


def read_csv(path: str | os.PathLike[str]) -> ColumnTable:
    """The table of a CSV file with a line of headings; text, numbers and ISO stamps are told apart by content.

    Raises
    ------
    InputError
        The path is no file.
    BarsError
        The file is empty, or its lines do not make a table.
    StorageError
        The file can't be read.
    """
    from pyarrow import ArrowInvalid
    from pyarrow.csv import read_csv as read_arrow

    file = _existing(path)
    try:
        delimiter, codes = _peek(file)
        table = read_arrow(file, **_csv_options(delimiter, codes))
        texts = codes | _better_as_text(table)
        if texts > codes:
            table = read_arrow(file, **_csv_options(delimiter, texts))
    except (ArrowInvalid, UnicodeDecodeError, csv.Error) as error:
        raise BarsError(f"{file} is no CSV table: {_first_line(error)}; expected comma-separated lines") from None
    except OSError as error:
        raise StorageError(f"{file} can't be read: {error}; check the file and its permissions") from None
    if not table.num_rows:
        raise BarsError(f"{file} has headings but no rows; expected at least one bar")
    return from_arrow(table)


def read_parquet(path: str | os.PathLike[str]) -> ColumnTable:
    """The table of a Parquet file.

    Raises
    ------
    InputError
        The path is no file.
    BarsError
        The file is empty, cut short, or no Parquet.
    StorageError
        The file can't be read.
    """
    from pyarrow import ArrowException, BufferReader
    from pyarrow.parquet import ParquetFile

    file = _existing(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StorageError(f"{file} can't be read: {error}; check the file and its permissions") from None
    try:
        table = ParquetFile(BufferReader(content)).read()
    except (ArrowException, OSError) as error:
        raise BarsError(
            f"{file} is no Parquet file, or is cut short: {_first_line(error)}; write or fetch it again"
        ) from None
    if not table.num_rows:
        raise BarsError(f"{file} has no rows; expected at least one bar")
    return from_arrow(table)


def _peek(file: Path) -> tuple[str, frozenset[str]]:
    """The delimiter, and the columns of codes such as 005930, which would lose their zeros as numbers."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = [line for _, line in zip(range(_PEEKED_LINES), stream, strict=False)]
    delimiter = max(",;\t", key=lines[0].count)
    heading, *rows = csv.reader(lines, delimiter=delimiter)
    return delimiter, frozenset(
        name
        for place, name in enumerate(heading)
        if any(_CODE.fullmatch(row[place]) for row in rows if place < len(row))
    )


def _better_as_text(table: pa.Table) -> frozenset[str]:
    """Stamps with an offset, which come back as UTC but whose text tells a session's midnight; symbols of digits."""
    symbols = SPELLINGS["symbol"]
    return frozenset(
        column.name
        for column in table.schema
        if getattr(column.type, "tz", None) is not None
        or (plain(column.name) in symbols and str(column.type) == "int64" and _has_close(table))
    )


def _has_close(table: pa.Table) -> bool:
    return any(plain(name) in SPELLINGS["close"] for name in table.column_names)


def _csv_options(delimiter: str, texts: frozenset[str]) -> dict[str, object]:
    from pyarrow import string
    from pyarrow.csv import ConvertOptions, ParseOptions

    types = dict.fromkeys(texts, string())
    return {
        "parse_options": ParseOptions(delimiter=delimiter),
        "convert_options": ConvertOptions(column_types=types),
    }


def _existing(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path={path!r} is a {type(path).__name__}; expected the path of a file")
    file = Path(path)
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"no file {file} (looked in {file.absolute().parent}); check the path") from None
    except (OSError, ValueError) as error:
        raise StorageError(f"{file} can't be read: {error}; check the path and its permissions") from None
    if stat.S_ISDIR(found.st_mode):
        raise InputError(f"{file} is a folder; expected one file")
    if not found.st_size:
        raise BarsError(f"{file} is empty; expected a table of bars")
    return file


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
