"""A Parquet file of any size as tables of some thousand rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hindcast.domain.errors import StorageError
from hindcast.engine.bars_frames import from_arrow
from hindcast.engine.column_table import ColumnTable, Name
from hindcast.infrastructure.files.rows.file_faults import DUPLICATED, TRUNCATED, FileFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyarrow.parquet import ParquetFile

BATCH_ROWS: Final = 65_536


def parquet_sample(file: Path) -> ColumnTable:
    """A table without rows, whose columns are those of the file. Raises FileFault, StorageError."""
    with _opened(file) as opened:
        names = opened.schema_arrow.names
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise FileFault(DUPLICATED, f"{file}: column {twice!r} stands twice; leave one of them out")
        return from_arrow(opened.schema_arrow.empty_table())


def parquet_tables(file: Path, wanted: Sequence[Name], names: Sequence[Name]) -> Iterator[ColumnTable]:
    """The wanted columns, batch by batch; `names` are all columns by our words, in the file's order.

    Raises FileFault, StorageError.
    """
    from pyarrow import Table, default_memory_pool

    with _opened(file) as opened:
        own = opened.schema_arrow.names
        back = {own[place]: names[place] for place in range(len(own)) if names[place] in wanted}
        for batch in opened.iter_batches(batch_size=BATCH_ROWS, columns=list(back), use_threads=False):
            table = from_arrow(Table.from_batches([batch]))
            given = dict(zip(table.columns, batch.schema.names, strict=True))
            yield ColumnTable(
                columns={back[given[name]]: values for name, values in table.columns.items()},
                zones={back[given[name]]: zone for name, zone in table.zones.items()},
            )
    default_memory_pool().release_unused()  # a row group can be large


@contextmanager
def _opened(file: Path) -> Iterator[ParquetFile]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(file, page_checksum_verification=True) as opened:
            yield opened
    except (ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise StorageError(f"{file} can't be read: {error}; check its permissions") from None
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FileFault(
            TRUNCATED, f"{file} is no Parquet file, or is cut short: {said}; write or fetch it again"
        ) from None
