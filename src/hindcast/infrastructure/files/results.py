"""Results on disk: tables as Parquet files named by their content, and one summary a result that points to them.

Tables land first, each under the hash of its bytes; the summary lands last, in one rename. Until then nothing points
to the tables, so a reader sees the whole result or none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from hindcast.domain.backtest import Artefact, BacktestResult
from hindcast.domain.errors import CorruptDataError, NotFoundError, StorageError
from hindcast.infrastructure.files.atomic import staged
from hindcast.infrastructure.files.documents import DocumentFolder
from hindcast.infrastructure.files.parquet_tables import Columns, read_table, table_bytes
from hindcast.services.backtest.result_lookup import choose_result


class FileResultStore:
    """Results in a data folder: `artefacts/` holds the tables, `results/` the summaries."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._summaries = DocumentFolder(folder / "results", BacktestResult)

    def save(self, result: BacktestResult, tables: Mapping[str, Columns]) -> BacktestResult:
        """Keep a result; gives it back with its artefacts named. Raises StorageError."""
        artefacts = tuple(self._keep(name, columns) for name, columns in tables.items())
        stored = result.model_copy(update={"artefacts": artefacts})
        self._summaries.write(stored.backtest_id, stored)
        return stored

    def get(self, result_id: str) -> BacktestResult:
        """The result of a backtest id or manifest id, or of the beginning of one. Raises NotFoundError."""
        ids = self._summaries.ids()
        near = [result_id] if result_id in ids else [known for known in ids if known.startswith(result_id)]
        return choose_result(result_id, [self._summaries.read(known) for known in near or ids])

    def table(self, result: BacktestResult, name: str) -> dict[str, NDArray[np.generic]]:
        """One table of a result, its bytes checked first. Raises NotFoundError, CorruptDataError."""
        artefact = next((artefact for artefact in result.artefacts if artefact.name == name), None)
        if artefact is None:
            known = ", ".join(artefact.name for artefact in result.artefacts)
            raise NotFoundError(f"result {result.backtest_id} has no table {name!r}; it has: {known}")
        path = self._folder / artefact.path
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"table {name!r} of result {result.backtest_id} can't be read from {path}: {error.strerror or error}"
            ) from error
        found = _hash(content)
        if found != artefact.content_hash:
            raise CorruptDataError(
                f"{path} is not what was written: its content is {found[:12]}, expected {artefact.content_hash[:12]}"
            )
        return read_table(path, content)

    def list(self) -> tuple[BacktestResult, ...]:
        """All results, newest first."""
        return tuple(
            sorted(self._summaries.all(), key=lambda result: (result.created_at, result.backtest_id), reverse=True)
        )

    def _keep(self, name: str, columns: Columns) -> Artefact:
        """Write a table under the hash of its bytes, unless it is there already and whole."""
        content = table_bytes(columns)
        digest = _hash(content)
        path = self._folder / "artefacts" / digest[:2] / f"{digest}.parquet"
        if not _holds(path, digest):
            with staged(path) as stage:
                stage.write_bytes(content)
        rows = len(next(iter(columns.values()))) if columns else 0
        return Artefact(name=name, path=path.relative_to(self._folder).as_posix(), content_hash=digest, rows=rows)


def _hash(content: bytes) -> str:
    return blake3(content, max_threads=blake3.AUTO).hexdigest()


def _holds(path: Path, digest: str) -> bool:
    try:
        return _hash(path.read_bytes()) == digest
    except OSError:
        return False
