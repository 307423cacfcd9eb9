"""Between records and documents: JSON text under its hash, and the steps from older schema versions to today's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from blake3 import blake3
from pydantic import JsonValue, ValidationError
from pydantic_core import PydanticSerializationError

from hindcast.domain.errors import CorruptDataError, HindcastError, InputError
from hindcast.domain.model_choice import models_by_name
from hindcast.domain.records import in_one_sentence
from hindcast.services.documents.kinds import Kind, Record
from hindcast.services.documents.migrations import MIGRATIONS
from hindcast.services.ports import StoredDocument

VERSION: Final = "schema_version"


def encode(kind: Kind[Record], record: Record, *, version: int) -> StoredDocument:
    """A record as a document of this version. Raises InputError for text that is no Unicode."""
    try:
        text = record.model_dump_json()
    except PydanticSerializationError as error:
        raise InputError(f"{kind.record.__name__} {kind.id_of(record)!r} can't be kept: {error}") from None
    return StoredDocument(
        id=kind.id_of(record),
        version=version,
        schema_version=newest_version(kind),
        document=text,
        content_hash=content_hash(text),
        index=dict(kind.index_of(record)),
    )


def decode(kind: Kind[Record], stored: StoredDocument) -> Record:
    """The record of a document, migrated where it is older; users' own models stay unloaded.

    Raises CorruptDataError where its bytes are not those that were written, where it is found by other values than it
    holds, or where a newer Hindcast wrote it.
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
        with models_by_name():
            record = kind.record.model_validate_json(_of_today(kind, stored, newest))
    except ValidationError as error:
        raise CorruptDataError(f"{named} is no {kind.record.__name__}: {in_one_sentence(kind.record, error)}") from None
    except HindcastError as error:
        raise CorruptDataError(f"{named} is no {kind.record.__name__}: {error}") from error
    if not _is_in_its_place(kind, stored, record):
        raise CorruptDataError(f"{named} is not what was written: it is found by other values than those that it holds")
    return record


def migrated(kind: Kind[Record], document: Mapping[str, JsonValue], version: int) -> dict[str, JsonValue]:
    """A document of an older schema version, brought to today's one step after the other. Raises CorruptDataError."""
    found: dict[str, JsonValue] = dict(document)
    for older in range(version, newest_version(kind)):
        step = MIGRATIONS.get((kind.name, older))
        if step is None:
            raise CorruptDataError(f"schema version {older} of {kind.name} was never written")
        found = step(found)
    return found


def _of_today(kind: Kind[Record], stored: StoredDocument, newest: int) -> str:
    """The text of a document, in today's schema version."""
    if stored.schema_version == newest:
        return stored.document
    try:
        found = json.loads(stored.document)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get(VERSION, 1) != stored.schema_version:
        raise CorruptDataError(f"it holds no JSON object of schema version {stored.schema_version}")
    return json.dumps(migrated(kind, found, stored.schema_version))


def _is_in_its_place(kind: Kind[Record], stored: StoredDocument, record: Record) -> bool:
    """Whether a record is what its document's id, schema version and index fields say: no hash covers these."""
    if kind.id_of(record) != stored.id or getattr(record, VERSION) != newest_version(kind):
        return False
    return all(stored.index.get(name, value) == value for name, value in kind.index_of(record).items())


def newest_version(kind: Kind[Record]) -> int:
    """The schema version that this Hindcast writes."""
    field: Any = kind.record.model_fields[VERSION]
    return int(field.default)


def content_hash(text: str) -> str:
    """BLAKE3 of a document's text."""
    return blake3(text.encode()).hexdigest()
