"""Where a store's rows stand as Parquet, for those who query the files themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from hindcast.services.ports import BarStore


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPiece:
    """Rows of one symbol that follow each other in a Parquet file of the newest version."""

    kind: Literal["bars", "actions"]
    provider: str
    interval: str
    symbol: str
    path: str
    content_hash: str  # BLAKE3 of the file, hexadecimal
    row_start: int
    rows: int


class ParquetBarStore(BarStore, Protocol):
    """A store of bars that keeps them as Parquet files."""

    def pieces(self) -> Iterable[StoredPiece]:
        """Where the bars and actions of all newest versions stand. Raises CorruptDataError."""
        ...
