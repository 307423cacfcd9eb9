"""Coverage metadata as JSON files, one a provider and interval: a cache of what the manifests say.

A file is `{"content_hash": …, "document": …}` on one line. One that is damaged or gone counts as empty: it costs a
rebuild from the store, or a question to a source, never a wrong bar.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hindcast.domain.errors import DateRangeError, StorageError
from hindcast.domain.market_data import Coverage
from hindcast.infrastructure.files.atomic import staged
from hindcast.infrastructure.files.store.blobs import hash_of, market_blobs
from hindcast.infrastructure.files.store.datasets import Dataset
from hindcast.infrastructure.files.store.day_documents import (
    covered_document,
    covered_of,
    unavailable_document,
    unavailable_of,
)

SCHEMA_VERSION: Final = 1
_FILE: Final = re.compile(rb'\{"content_hash":"([0-9a-f]{64})","document":(.*)\}\n', re.DOTALL)


class FileCoverageRepository:
    """The coverage metadata of a data folder."""

    def __init__(self, home: Path) -> None:
        self._blobs = market_blobs(home)
        self._folder = Path(self._blobs.location("coverage"))
        self._parsed: dict[str, tuple[bytes, dict[str, Coverage]]] = {}  # by file: its bytes, and what they say

    def get(self, provider: str, interval: str, symbol: str) -> Coverage | None:
        """What is known of a symbol's days; None where nothing is. Raises StorageError."""
        return self._load(Dataset.of(provider, interval)).get(symbol)

    def save(self, coverage: Sequence[Coverage]) -> None:
        """Keep these, each in the place of the one of its symbol. Raises StorageError."""
        groups: dict[tuple[str, str], dict[str, Coverage]] = {}
        for each in coverage:
            dataset = Dataset.of(each.provider, each.interval)
            groups.setdefault((dataset.provider, dataset.interval), {})[each.symbol] = each
        for (provider, interval), new in groups.items():
            dataset = Dataset(provider=provider, interval=interval)
            with self._blobs.lock(f"coverage/{provider}/{interval}.lock"):
                body = _document(self._load(dataset) | new)
                content = b'{"content_hash":"%s","document":%s}\n' % (hash_of(body).encode(), body)
                with staged(self._path(dataset)) as stage:
                    stage.write_bytes(content)

    def clear(self) -> None:
        """Forget everything. Raises StorageError."""
        try:
            for path in self._folder.rglob("*.json"):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"can't clear {self._folder}: {error.strerror or error}") from error

    def _path(self, dataset: Dataset) -> Path:
        return self._folder / dataset.provider / f"{dataset.interval}.json"

    def _load(self, dataset: Dataset) -> dict[str, Coverage]:
        name = f"coverage/{dataset.provider}/{dataset.interval}.json"
        content = self._blobs.get(name)
        if content is None:
            return {}
        known = self._parsed.get(name)
        if known is None or known[0] != content:
            known = self._parsed[name] = (bytes(content), _parse(dataset, bytes(content)))
        return known[1]


def _document(coverage: Mapping[str, Coverage]) -> bytes:
    document = {
        "schema_version": SCHEMA_VERSION,
        "symbols": {
            symbol: {
                "covered": covered_document(each.covered),
                "unavailable": unavailable_document(each.unavailable),
            }
            for symbol, each in coverage.items()
        },
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(dataset: Dataset, content: bytes) -> dict[str, Coverage]:
    """What a file says; nothing where it is damaged, or of another Hindcast."""
    parts = _FILE.fullmatch(content)
    if parts is None or hash_of(parts[2]).encode() != parts[1]:
        return {}
    try:
        document: dict[str, Any] = json.loads(parts[2])
        if document["schema_version"] != SCHEMA_VERSION:
            return {}
        return {symbol: _coverage(dataset, symbol, each) for symbol, each in document["symbols"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, DateRangeError):
        return {}


def _coverage(dataset: Dataset, symbol: str, document: Mapping[str, Any]) -> Coverage:
    return Coverage(
        provider=dataset.provider,
        interval=dataset.interval,
        symbol=symbol,
        covered=covered_of(document["covered"]),
        unavailable=unavailable_of(document["unavailable"]),
    )
