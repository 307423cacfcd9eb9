"""Tables as Parquet files: numpy columns in, numpy columns out.

pyarrow's own conversions of lists and arrays import pandas, which costs a new process 0.3 s; columns are therefore
handed over as buffers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import CorruptDataError

if TYPE_CHECKING:
    import pyarrow as pa

Columns = Mapping[str, NDArray[np.generic]]

SCHEMA_VERSION: Final = 1
VERSION_KEY: Final = b"hindcast_schema_version"


def table_bytes(columns: Columns) -> bytes:
    """A Parquet file of columns of one length: float64, int64, bool, datetime64[ns] as UTC, or text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_arrays([_to_arrow(values) for values in columns.values()], names=list(columns))
    table = table.replace_schema_metadata({VERSION_KEY: str(SCHEMA_VERSION).encode()})
    file = pa.BufferOutputStream()
    pq.write_table(table, file, compression="zstd")
    content: bytes = file.getvalue().to_pybytes()
    return content


def read_table(path: Path | str, content: bytes) -> dict[str, NDArray[np.generic]]:
    """The columns that `table_bytes` wrote; `path` is where they stood. Raises CorruptDataError for anything else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise CorruptDataError(f"{path} is no readable table: {error}") from error
    version = int((table.schema.metadata or {}).get(VERSION_KEY, b"0"))
    if version != SCHEMA_VERSION:
        raise CorruptDataError(
            f"{path} has schema version {version}, this Hindcast reads {SCHEMA_VERSION}: "
            "use the Hindcast that wrote it, or run the backtest again"
        )
    return {name: _to_numpy(table.column(name)) for name in table.column_names}


def _to_arrow(values: NDArray[np.generic]) -> pa.Array:
    import pyarrow as pa

    kind = values.dtype.kind
    if kind == "M":
        stamps = np.ascontiguousarray(values.astype("M8[ns]")).view(np.int64)
        missing = np.isnat(values)
        return _from_buffer(pa.timestamp("ns", "UTC"), stamps, ~missing if missing.any() else None)
    if kind == "b":
        return pa.Array.from_buffers(
            pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values.astype(np.bool_), bitorder="little"))]
        )
    if kind == "f":
        return _from_buffer(pa.float64(), np.ascontiguousarray(values, dtype=np.float64))
    if kind in "iu":
        return _from_buffer(pa.int64(), np.ascontiguousarray(values, dtype=np.int64))
    places: dict[str, int] = {}
    codes = np.array([places.setdefault(word, len(places)) for word in values.tolist()], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(_from_buffer(pa.int32(), codes), _text(list(places)))


def _from_buffer(kind: pa.DataType, values: NDArray[np.generic], valid: NDArray[np.bool_] | None = None) -> pa.Array:
    import pyarrow as pa

    mask = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [mask, pa.py_buffer(values)])


def _text(words: list[str]) -> pa.Array:
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *(len(word) for word in encoded)]).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(words), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def _to_numpy(column: pa.ChunkedArray) -> NDArray[np.generic]:
    import pyarrow as pa

    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        words = np.array(array.dictionary.to_pylist(), dtype=object)
        return words[np.from_dlpack(array.indices)] if len(words) else np.empty(len(array), dtype=object)
    if pa.types.is_timestamp(array.type):
        stamps = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array)].copy()
        if array.null_count:
            stamps[_nulls(array)] = np.datetime64("NaT", "ns").astype(np.int64)
        return stamps.view("M8[ns]")
    if pa.types.is_boolean(array.type):
        bits = np.unpackbits(np.frombuffer(array.buffers()[1], dtype=np.uint8), bitorder="little")
        return bits[array.offset : array.offset + len(array)].astype(bool)
    return np.from_dlpack(array)


def _nulls(array: pa.Array) -> NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(array.buffers()[0], dtype=np.uint8), bitorder="little")
    return ~bits[array.offset : array.offset + len(array)].astype(np.bool_)
