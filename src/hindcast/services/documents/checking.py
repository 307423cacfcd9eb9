"""Checking what is kept: every document against its hash, every table of a result against its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hindcast.domain.errors import HindcastError, StorageError
from hindcast.services.documents.codec import decode
from hindcast.services.documents.kinds import KINDS, RESULTS, Kind
from hindcast.services.ports import ArtefactStore, DocumentStore, Find, StoredDocument

_TOGETHER: Final = 200


def check_documents(store: DocumentStore) -> Iterator[tuple[str, HindcastError | None]]:
    """Every document by kind and id, with what is wrong with it, or None."""
    for kind in KINDS.values():
        for stored in _documents(store, kind):
            try:
                decode(kind, stored)
            except StorageError as error:
                yield f"{kind.name} {stored.id}", error
            else:
                yield f"{kind.name} {stored.id}", None


def check_tables(store: DocumentStore, artefacts: ArtefactStore) -> Iterator[tuple[str, HindcastError | None]]:
    """Every table of every result by its file, with what is wrong with it, or None.

    Summaries that can't be read are left out: `check_documents` tells of them.
    """
    seen: set[str] = set()
    for stored in _documents(store, RESULTS):
        try:
            result = decode(RESULTS, stored)
        except StorageError:
            continue
        for artefact in result.artefacts:
            if artefact.path in seen:
                continue
            seen.add(artefact.path)
            try:
                artefacts.table(artefact)
            except StorageError as error:
                yield artefact.path, error
            else:
                yield artefact.path, None


def _documents(store: DocumentStore, kind: Kind[Any]) -> Iterator[StoredDocument]:
    """All documents of a kind, a few at a time."""
    order = next(name for name in ("created_ms", "expires_ms") if name in kind.numbers)
    wanted = Find(order=order, limit=_TOGETHER)
    while found := store.find(kind.name, wanted):
        yield from found
        wanted = replace(wanted, after=(int(found[-1].index[order] or 0), found[-1].id))
