"""Reads the sample data's Parquet files: one symbol's bars as plain arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.engine.stamps import DAY_NS

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The bars of one symbol, each array of shape (n,); prices in the symbol's currency, volume NaN where unknown."""

    timestamps: IntArray  # UTC nanoseconds, increasing: the session's date at 00:00
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray


def read_long(path: Path, symbols: Sequence[str]) -> dict[str, Series]:
    """Series from a file with a row per bar, whose row groups hold one symbol each, columns date, symbol, OHLCV."""
    file = _open(path)
    groups = {file.metadata.row_group(i).column(1).statistics.min: i for i in range(file.num_row_groups)}
    read = {}
    for symbol in symbols:
        if symbol not in groups:
            raise _damaged(path, f"{symbol!r} is not in it")
        table = _read(path, file, groups[symbol], ["date", "open", "high", "low", "close", "volume"])
        prices = {name: _floats(table, name) for name in ("open", "high", "low", "close", "volume")}
        read[symbol] = Series(timestamps=_stamps(table), **prices)
    return read


def read_closes(path: Path, symbols: Sequence[str]) -> dict[str, Series]:
    """Series from a file with a row per date and a column of closes per symbol: each price is the close, no volume."""
    file = _open(path)
    for symbol in symbols:
        if symbol not in file.schema_arrow.names:
            raise _damaged(path, f"{symbol!r} is not in it")
    table = _read(path, file, 0, ["date", *symbols])
    stamps = _stamps(table)
    unknown = np.full(len(stamps), np.nan)
    read = {}
    for symbol in symbols:
        price = _floats(table, symbol)
        read[symbol] = Series(timestamps=stamps, open=price, high=price, low=price, close=price, volume=unknown)
    return read


def _open(path: Path) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno is None:  # pyarrow raises OSError for some bad bytes too
            raise _damaged(path, error) from error
        raise StorageError(
            f"the sample data {path} can't be read: {os.strerror(error.errno)}; install hindcast-engine again"
        ) from error


def _read(path: Path, file: pq.ParquetFile, group: int, columns: list[str]) -> pa.Table:
    import pyarrow as pa

    try:
        return file.read_row_group(group, columns=columns, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, reason: object) -> CorruptDataError:
    first_line = str(reason).split("\n", 1)[0]
    return CorruptDataError(f"the sample data {path} is damaged ({first_line}); install hindcast-engine again")


# The arrays come out by DLPack: pyarrow's own to_numpy imports pandas (0.3 s).


def _stamps(table: pa.Table) -> IntArray:
    import pyarrow as pa

    days = np.from_dlpack(table.column("date").combine_chunks().view(pa.int32()))
    return days.astype(np.int64) * DAY_NS


def _floats(table: pa.Table, name: str) -> FloatArray:
    return np.from_dlpack(table.column(name).combine_chunks()).astype(np.float64)
