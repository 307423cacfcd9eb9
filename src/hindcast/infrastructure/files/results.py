"""Results on disk: tables as Parquet files named by their content, and one summary a result that points to them.

Tables land first, each under the hash of its bytes; the summary lands last, in one rename. Until then nothing points
to the tables, so a reader sees the whole result or none of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from hindcast.domain.backtest import Artefact, BacktestResult
from hindcast.domain.errors import CorruptDataError, NotFoundError, StorageError
from hindcast.infrastructure.files.atomic import staged
from hindcast.infrastructure.files.documents import DocumentFolder
from hindcast.infrastructure.files.parquet_tables import Columns, read_table, write_table


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
        if result_id in ids:
            return self._summaries.read(result_id)
        if not result_id:
            raise NotFoundError("an empty id names no result")
        found = [self._summaries.read(known) for known in ids if known.startswith(result_id)]
        found = found or [result for result in self.list() if result.manifest.id.startswith(result_id)]
        if not found:
            raise NotFoundError(f"no result has an id that begins with {result_id!r}")
        if len({result.manifest.id for result in found}) > 1:
            few = ", ".join(result.backtest_id for result in found[:5])
            raise NotFoundError(
                f"{len(found)} results have an id that begins with {result_id!r}: {few}; say more of it"
            )
        return max(found, key=lambda result: result.created_at)

    def table(self, result: BacktestResult, name: str) -> dict[str, NDArray[np.generic]]:
        """One table of a result, its bytes checked first. Raises NotFoundError, CorruptDataError."""
        artefact = next((artefact for artefact in result.artefacts if artefact.name == name), None)
        if artefact is None:
            known = ", ".join(artefact.name for artefact in result.artefacts)
            raise NotFoundError(f"result {result.backtest_id} has no table {name!r}; it has: {known}")
        path = self._folder / artefact.path
        try:
            found = _hash(path)
        except OSError as error:
            raise StorageError(f"table {name!r} of result {result.backtest_id} is missing: {error}") from error
        if found != artefact.content_hash:
            raise CorruptDataError(
                f"{path} is not what was written: its content is {found[:12]}, expected {artefact.content_hash[:12]}"
            )
        return read_table(path)

    def list(self) -> tuple[BacktestResult, ...]:
        """All results, newest first."""
        return tuple(sorted(self._summaries.all(), key=lambda result: result.created_at, reverse=True))

    def _keep(self, name: str, columns: Columns) -> Artefact:
        """Write a table under the hash of its bytes, unless it is there already."""
        root = self._folder / "artefacts"
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"can't write {root}: {error.strerror or error}") from error
        with tempfile.TemporaryDirectory(prefix=".staging-", dir=root) as room:
            stage = Path(room) / "table.parquet"
            try:
                write_table(stage, columns)
            except OSError as error:
                raise StorageError(f"can't write table {name!r} to {root}: {error}") from error
            digest = _hash(stage)
            path = root / digest[:2] / f"{digest}.parquet"
            if not path.exists():
                with staged(path) as place:
                    stage.replace(place)
        rows = len(next(iter(columns.values()))) if columns else 0
        return Artefact(name=name, path=path.relative_to(self._folder).as_posix(), content_hash=digest, rows=rows)


def _hash(path: Path) -> str:
    return blake3(path.read_bytes(), max_threads=blake3.AUTO).hexdigest()
