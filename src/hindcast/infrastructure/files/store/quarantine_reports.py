"""Reports of imports and the rows that they held back, as JSON files named by their content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hindcast.domain.errors import CorruptDataError, DataError, NotFoundError
from hindcast.infrastructure.files.store.blobs import HASH, hash_of, market_blobs, verified


class FileQuarantineReports:
    """The quarantine of a data folder."""

    def __init__(self, home: Path) -> None:
        self._blobs = market_blobs(home)

    def save(self, report: Mapping[str, object]) -> str:
        """Keep a report; gives its id, the hash of its content. Raises DataError for what is no JSON, StorageError."""
        try:
            content = json.dumps(
                report, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
            ).encode()
        except (TypeError, ValueError) as error:
            raise DataError(f"the report of an import can't be kept as JSON: {error}") from None
        digest = hash_of(content)
        self._blobs.put(_name(digest), content)
        return digest

    def get(self, report_id: str) -> dict[str, Any]:
        """A report. Raises NotFoundError, CorruptDataError."""
        if not HASH.fullmatch(report_id) or self._blobs.get(_name(report_id)) is None:
            raise NotFoundError(f"no report of an import has the id {report_id!r}")
        content = verified(self._blobs, _name(report_id), report_id)
        try:
            report = json.loads(bytes(content))
        except ValueError as error:
            raise CorruptDataError(f"{self._blobs.location(_name(report_id))} is no JSON: {error}") from None
        if not isinstance(report, dict):
            raise CorruptDataError(f"{self._blobs.location(_name(report_id))} is no report: expected a JSON object")
        return report

    def list(self) -> tuple[str, ...]:
        """The ids of all reports, sorted."""
        return tuple(Path(name).stem for name in self._blobs.names("quarantine"))


def _name(digest: str) -> str:
    return f"quarantine/{digest}.json"
