"""Between records and documents: JSON text under its hash, and the steps from older schema versions to today's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from blake3 import blake3
from pydantic import JsonValue, ValidationError

from hindcast.domain.errors import CorruptDataError, HindcastError
from hindcast.domain.records import in_one_sentence
from hindcast.services.documents.kinds import Kind, Record
from hindcast.services.documents.migrations import MIGRATIONS
from hindcast.services.ports import StoredDocument

Step = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]
NEWEST: Final = "schema_version"


def encode(kind: Kind[Record], record: Record, *, version: int) -> StoredDocument:
    """A record as a document of this version."""
    text = record.model_dump_json()
    return StoredDocument(
        id=kind.id_of(record),
        version=version,
        schema_version=newest_version(kind),
        document=text,
        content_hash=content_hash(text),
        index=dict(kind.index_of(record)),
    )


def decode(kind: Kind[Record], stored: StoredDocument) -> Record:
    """The record of a document, migrated where it is older.

    Raises CorruptDataError where its bytes are not those that were written, or where a newer Hindcast wrote it.
    """
    named = f"{kind.record.__name__} {stored.id!r}"
    if content_hash(stored.document) != stored.content_hash:
        raise CorruptDataError(f"{named} is not what was written: its content does not have the hash that it names")
    newest = newest_version(kind)
    if stored.schema_version > newest:
        raise CorruptDataError(
            f"{named} has schema version {stored.schema_version}, this Hindcast reads up to {newest}: use a newer one"
        )
    try:
        if stored.schema_version == newest:
            return kind.record.model_validate_json(stored.document)
        found: dict[str, JsonValue] = json.loads(stored.document)
        return kind.record.model_validate_json(json.dumps(migrated(kind, found, stored.schema_version)))
    except ValidationError as error:
        raise CorruptDataError(f"{named} is no {kind.record.__name__}: {in_one_sentence(kind.record, error)}") from None
    except HindcastError as error:
        raise CorruptDataError(f"{named} is no {kind.record.__name__}: {error}") from error


def migrated(kind: Kind[Record], document: Mapping[str, JsonValue], version: int) -> dict[str, JsonValue]:
    """A document of an older schema version, brought to today's one step after the other."""
    found: dict[str, JsonValue] = dict(document)
    for older in range(version, newest_version(kind)):
        found = MIGRATIONS[kind.name, older](found)
    return found


def newest_version(kind: Kind[Record]) -> int:
    """The schema version that this Hindcast writes."""
    field: Any = kind.record.model_fields[NEWEST]
    return int(field.default)


def content_hash(text: str) -> str:
    """BLAKE3 of a document's text."""
    return blake3(text.encode()).hexdigest()
