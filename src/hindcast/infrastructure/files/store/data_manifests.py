"""Manifests: one JSON document a data version, named by its hash, that says where every row of it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from hindcast.domain.errors import CorruptDataError, DateRangeError, NotFoundError
from hindcast.domain.market_data import Coverage, DataVersion, DateRange, SeriesTerms, Unavailable
from hindcast.infrastructure.files.store.blobs import HASH, Blobs, hash_of, verified
from hindcast.infrastructure.files.store.day_documents import (
    covered_document,
    covered_of,
    unavailable_document,
    unavailable_of,
)
from hindcast.services.ports import StoredSeries

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rows of one symbol that follow each other in a file of bars."""

    file: str  # the file's hash
    row_start: int
    rows: int
    first: int  # stamp of the first row and of the last, UTC nanoseconds
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRows:
    """Where a symbol's corporate actions stand."""

    file: str  # the file's hash; empty where it is known that there are none
    row_start: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a version holds of one symbol."""

    terms: SeriesTerms
    pieces: tuple[Piece, ...] = ()  # by time
    covered: tuple[DateRange, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    actions: ActionRows | None = None  # None: no source has said anything of them

    @property
    def rows(self) -> int:
        """How many bars."""
        return sum(piece.rows for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One state of a provider's bars of one interval."""

    provider: str
    interval: str
    parent: str | None
    known_at: datetime
    reason: str
    changed: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()
    files: Mapping[str, int] = field(default_factory=dict)  # rows of each file of bars, by its hash
    series: Mapping[str, Entry] = field(default_factory=dict)


def manifest_name(digest: str) -> str:
    """The blob that a version's manifest is."""
    return f"manifests/{digest}.json"


def write_manifest(blobs: Blobs, manifest: Manifest) -> str:
    """Keep a manifest; gives its hash, the version's id. Raises StorageError."""
    content = manifest_bytes(manifest)
    digest = hash_of(content)
    blobs.put(manifest_name(digest), content)
    return digest


def load_manifest(blobs: Blobs, digest: str) -> Manifest:
    """The manifest that a pointer or another manifest names. Raises CorruptDataError."""
    content = verified(blobs, manifest_name(digest), digest)
    return parse_manifest(blobs.location(manifest_name(digest)), bytes(content))


def find_manifest(blobs: Blobs, digest: str, provider: str, interval: str) -> Manifest:
    """The manifest of a version that was asked for. Raises NotFoundError, CorruptDataError."""
    if not HASH.fullmatch(digest) or blobs.get(manifest_name(digest)) is None:
        raise NotFoundError(f"no version {digest!r} of {provider}/{interval}; `hindcast data list` shows the versions")
    manifest = load_manifest(blobs, digest)
    if (manifest.provider, manifest.interval) != (provider, interval):
        raise NotFoundError(
            f"version {digest[:12]} is of {manifest.provider}/{manifest.interval}, not of {provider}/{interval}"
        )
    return manifest


def manifest_bytes(manifest: Manifest) -> bytes:
    """The one JSON text of a manifest: sorted keys, no spaces."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "provider": manifest.provider,
        "interval": manifest.interval,
        "parent": manifest.parent,
        "known_at": manifest.known_at.astimezone(UTC).isoformat(),
        "reason": manifest.reason,
        "changed": manifest.changed,
        "restated": manifest.restated,
        "files": dict(manifest.files),
        "series": {symbol: _entry_document(entry) for symbol, entry in manifest.series.items()},
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


@lru_cache(maxsize=2)  # an import asks for each of its symbols; the bytes are held against their hash every time
def parse_manifest(place: str, content: bytes) -> Manifest:
    """The manifest of a JSON text; `place` is where it stood. Raises CorruptDataError for anything else."""
    try:
        document = json.loads(content)
        found = document["schema_version"]
        if not isinstance(found, int) or found > SCHEMA_VERSION:
            raise CorruptDataError(
                f"{place} has schema version {found}, this Hindcast reads up to {SCHEMA_VERSION}: use a newer Hindcast"
            )
        return Manifest(
            provider=document["provider"],
            interval=document["interval"],
            parent=document["parent"],
            known_at=datetime.fromisoformat(document["known_at"]),
            reason=document["reason"],
            changed=tuple(document["changed"]),
            restated=tuple(document["restated"]),
            files=document["files"],
            series={symbol: _entry(entry) for symbol, entry in document["series"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError, DateRangeError) as error:
        raise CorruptDataError(f"{place} is no manifest of market data: {error!r}") from None


def version_of(digest: str, manifest: Manifest) -> DataVersion:
    """What a user is told of a version."""
    return DataVersion(
        id=digest,
        provider=manifest.provider,
        interval=manifest.interval,
        known_at=manifest.known_at,
        parent=manifest.parent,
        reason=manifest.reason,
        changed=manifest.changed,
        restated=manifest.restated,
        symbols=len(manifest.series),
        rows=sum(entry.rows for entry in manifest.series.values()),
    )


def stored_series(manifest: Manifest, symbol: str) -> StoredSeries:
    """What a version holds of a symbol."""
    entry = manifest.series[symbol]
    return StoredSeries(
        symbol=symbol,
        terms=entry.terms,
        first=entry.pieces[0].first if entry.pieces else 0,
        last=entry.pieces[-1].last if entry.pieces else 0,
        rows=entry.rows,
        coverage=Coverage(
            provider=manifest.provider,
            interval=manifest.interval,
            symbol=symbol,
            covered=entry.covered,
            unavailable=entry.unavailable,
        ),
    )


def _entry_document(entry: Entry) -> dict[str, object]:
    return {
        "terms": asdict(entry.terms),
        "pieces": [[piece.file, piece.row_start, piece.rows, piece.first, piece.last] for piece in entry.pieces],
        "covered": covered_document(entry.covered),
        "unavailable": unavailable_document(entry.unavailable),
        "actions": None if entry.actions is None else asdict(entry.actions),
    }


def _entry(document: Mapping[str, Any]) -> Entry:
    terms = document["terms"]
    actions = document["actions"]
    return Entry(
        terms=SeriesTerms(**(terms | {"notes": tuple(terms["notes"])})),
        pieces=tuple(
            Piece(file=file, row_start=row_start, rows=rows, first=first, last=last)
            for file, row_start, rows, first, last in document["pieces"]
        ),
        covered=covered_of(document["covered"]),
        unavailable=unavailable_of(document["unavailable"]),
        actions=None if actions is None else ActionRows(**actions),
    )
