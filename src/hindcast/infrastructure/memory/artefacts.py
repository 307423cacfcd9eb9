"""Tables of results in this process's memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest import Artefact
from hindcast.domain.errors import StorageError


class MemoryArtefactStore:
    """Tables that are forgotten when the process ends."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, NDArray[np.generic]]] = {}

    def keep(self, name: str, columns: Mapping[str, NDArray[np.generic]]) -> Artefact:
        """Keep a copy of a table."""
        path = f"memory/{len(self._tables)}/{name}"
        self._tables[path] = {column: values.copy() for column, values in columns.items()}
        rows = len(next(iter(columns.values()), ()))
        return Artefact(name=name, path=path, content_hash="", rows=rows)

    def table(self, artefact: Artefact) -> dict[str, NDArray[np.generic]]:
        """A table, as a copy. Raises StorageError."""
        found = self._tables.get(artefact.path)
        if found is None:
            raise StorageError(f"table {artefact.name!r} is not in this process's memory")
        return {column: values.copy() for column, values in found.items()}
