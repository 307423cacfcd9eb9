"""Tables of results on disk: Parquet files named by the hash of their bytes, each written once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from hindcast.domain.backtest import Artefact
from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.files.atomic import settle, staged
from hindcast.infrastructure.files.parquet_tables import read_table, table_bytes


class FileArtefactStore:
    """Tables below `artefacts/` of a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, columns: Mapping[str, NDArray[np.generic]]) -> Artefact:
        """Write a table under the hash of its bytes, unless it is there already and whole. Raises StorageError."""
        content = table_bytes(columns)
        digest = _hash(content)
        path = self._folder / "artefacts" / digest[:2] / f"{digest}.parquet"
        if _holds(path, digest):
            try:
                settle(path)
            except OSError as error:
                raise StorageError(f"can't write {path}: {error.strerror or error}") from error
        else:
            with staged(path) as stage:
                stage.write_bytes(content)
        rows = len(next(iter(columns.values()))) if columns else 0
        return Artefact(name=name, path=path.relative_to(self._folder).as_posix(), content_hash=digest, rows=rows)

    def table(self, artefact: Artefact) -> dict[str, NDArray[np.generic]]:
        """A table, its bytes checked first. Raises CorruptDataError, StorageError."""
        path = self._folder / artefact.path
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"table {artefact.name!r} can't be read from {path}: {error.strerror or error}"
            ) from error
        found = _hash(content)
        if found != artefact.content_hash:
            raise CorruptDataError(
                f"{path} is not what was written: its content is {found[:12]}, expected {artefact.content_hash[:12]}"
            )
        return read_table(path, content)


def _hash(content: bytes) -> str:
    return blake3(content, max_threads=blake3.AUTO).hexdigest()


def _holds(path: Path, digest: str) -> bool:
    try:
        return _hash(path.read_bytes()) == digest
    except OSError:
        return False
