"""SQL over all stored market data: the newest version of each provider's bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from blake3 import blake3

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.duckdb.connection import open_connection
from hindcast.infrastructure.duckdb.select import select_frame
from hindcast.services.market_data.stored_pieces import ParquetBarStore, StoredPiece

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_COLUMNS: Final = {
    "bars": 'rows.timestamp::TIMESTAMPTZ AS timestamp, rows.open, rows.high, rows.low, rows."close", rows.volume',
    "actions": "rows.day::DATE AS day, rows.kind, rows.value",
}
_EMPTY: Final = {
    "bars": 'timestamp TIMESTAMPTZ, open DOUBLE, high DOUBLE, low DOUBLE, "close" DOUBLE, volume DOUBLE',
    "actions": "day DATE, kind VARCHAR, value DOUBLE",
}
_SERIES: Final = (
    "provider, interval, symbol, CASE WHEN rows > 0 THEN make_timestamptz(first) END AS first, "
    "CASE WHEN rows > 0 THEN make_timestamptz(last) END AS last, rows, currency, calendar, kind, name, adjusted"
)
_VERSIONS: Final = (
    "id, provider, interval, make_timestamptz(known_at) AS known_at, parent, reason, changed, restated, symbols, rows"
)


class MarketViews:
    """Views `bars` and `actions`, tables `series` and `versions`, as they are when this is made.

    `bars`: provider, interval, symbol, timestamp, open, high, low, close, volume; `actions`: provider, interval,
    symbol, day, kind, value; both of the newest versions. `series`: a row a symbol of these; `versions`: a row a data
    version, the older ones too, `changed` and `restated` as counts of symbols. Files are held against their hash.
    """

    def __init__(self, home: Path, store: ParquetBarStore) -> None:
        pieces = tuple(store.pieces())
        _check({piece.path: piece.content_hash for piece in pieces})
        self._connection = open_connection([home / "market"])
        for view in _COLUMNS:
            self._make_view(view, [piece for piece in pieces if piece.kind == view])
        self._make_table("series", _SERIES, _series(store))
        self._make_table("versions", _VERSIONS, _versions(store))

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """The answer to one SELECT, as a pandas frame. Raises InputError for anything else."""
        return select_frame(self._connection, sql, parameters)

    def _make_view(self, view: str, pieces: Sequence[StoredPiece]) -> None:
        if not pieces:
            self._connection.execute(
                f"CREATE TABLE {view} (provider VARCHAR, interval VARCHAR, symbol VARCHAR, {_EMPTY[view]})"
            )
            return
        columns = {
            name: _texts([getattr(piece, name) for piece in pieces])
            for name in ("provider", "interval", "symbol", "path")
        }
        first = np.array([piece.row_start for piece in pieces], dtype=np.int64)
        rows = np.array([piece.rows for piece in pieces], dtype=np.int64)
        self._make_table(f"{view}_pieces", "*", columns | {"first_row": first, "end_row": first + rows})
        files = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted({piece.path for piece in pieces}))
        # View names come from this file, file names from stored hashes: nothing here was typed by a user.
        self._connection.execute(
            f"CREATE VIEW {view} AS SELECT pieces.provider, pieces.interval, pieces.symbol, {_COLUMNS[view]} "
            f"FROM read_parquet([{files}], filename = true, file_row_number = true) AS rows "
            f"JOIN {view}_pieces AS pieces ON pieces.path = rows.filename AND pieces.symbol = rows.symbol "
            "AND rows.file_row_number >= pieces.first_row AND rows.file_row_number < pieces.end_row"
        )

    def _make_table(self, name: str, select: str, columns: Mapping[str, np.ndarray]) -> None:
        self._connection.register("given", dict(columns))
        self._connection.execute(f"CREATE TABLE {name} AS SELECT {select} FROM given")
        self._connection.unregister("given")


def _check(hashes: Mapping[str, str]) -> None:
    """Every file that a view shows must hold the bytes that were written."""
    for path, content_hash in hashes.items():
        try:
            found = blake3(Path(path).read_bytes(), max_threads=blake3.AUTO).hexdigest()
        except FileNotFoundError:
            raise CorruptDataError(f"{path} is gone: import or fetch its bars again") from None
        except OSError as error:
            raise StorageError(f"can't read {path}: {error.strerror or error}") from error
        if found != content_hash:
            raise CorruptDataError(
                f"{path} is not what was written: its content is {found[:12]}, expected {content_hash[:12]}"
            )


def _series(store: ParquetBarStore) -> dict[str, np.ndarray]:
    found = [series for dataset in store.datasets() for series in store.series(*dataset).values()]
    texts = {
        "provider": [series.coverage.provider for series in found],
        "interval": [series.coverage.interval for series in found],
        "symbol": [series.symbol for series in found],
        **{name: [getattr(each.terms, name) for each in found] for name in ("currency", "calendar", "kind", "name")},
    }
    numbers = {
        "first": [series.first // 1000 for series in found],
        "last": [series.last // 1000 for series in found],
        "rows": [series.rows for series in found],
    }
    return {
        **{name: _texts(values) for name, values in texts.items()},
        **{name: np.array(values, dtype=np.int64) for name, values in numbers.items()},
        "adjusted": np.array([series.terms.adjusted for series in found], dtype=np.bool_),
    }


def _versions(store: ParquetBarStore) -> dict[str, np.ndarray]:
    found = [version for dataset in store.datasets() for version in store.versions(*dataset)]
    return {
        **{
            name: _texts([getattr(version, name) for version in found])
            for name in ("id", "provider", "interval", "parent", "reason")
        },
        "known_at": np.array([(version.known_at - _EPOCH) // _MICROSECOND for version in found], dtype=np.int64),
        "changed": np.array([len(version.changed) for version in found], dtype=np.int64),
        "restated": np.array([len(version.restated) for version in found], dtype=np.int64),
        "symbols": np.array([version.symbols for version in found], dtype=np.int64),
        "rows": np.array([version.rows for version in found], dtype=np.int64),
    }


def _texts(values: Iterable[str | None]) -> np.ndarray:
    return np.array(list(values), dtype=object)
