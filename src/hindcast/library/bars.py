"""Bars with the file formats put in: what `hindcast.Bars` is."""

from __future__ import annotations

from hindcast.engine.bars import READERS, Bars
from hindcast.infrastructure.files.table_reader import read_csv, read_parquet

__all__ = ["Bars"]

READERS["csv"] = read_csv
READERS["parquet"] = read_parquet
