"""Idempotency keys: the same key with the same request is the same write, however often it comes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Final

from blake3 import blake3
from pydantic import JsonValue

from hindcast.domain.errors import ConflictError, InputError, NotFoundError
from hindcast.domain.users import IdempotencyKey
from hindcast.services.documents.repositories import IdempotencyKeyRepository
from hindcast.services.jobs.housekeeping import KEY_MS
from hindcast.services.ports import DocumentStore

LONGEST_KEY: Final = 200


def fingerprint(method: str, path: str, body: JsonValue = None) -> str:
    """A request in one hash: bodies that differ in spaces or in the order of their fields are the same."""
    canonical = json.dumps([method.upper(), path, body], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return blake3(canonical.encode("utf-8", "surrogatepass")).hexdigest()


class IdempotencyGuard:
    """Remembers for a day which request a key came with."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._keys = IdempotencyKeyRepository(documents)

    def claim(self, owner: str, key: str, request: str) -> str:
        """Give the 64 hex digits that everything this key makes is named by; `request` is its `fingerprint`.

        A repeat gets the same digits, and so finds what the first made. Raises InputError for a text that can't be a
        key, ConflictError where the key came with another request.
        """
        if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise InputError(f"the Idempotency-Key has to be 1 to {LONGEST_KEY} printable ASCII characters")
        new = IdempotencyKey(
            id=blake3(f"{owner}\0{key}".encode()).hexdigest(),
            owner=owner,
            fingerprint=request,
            created_ms=self._documents.now(),
        )
        known = self._kept(new)
        if known.fingerprint != request:
            raise ConflictError(
                f"the Idempotency-Key {key!r} came with another request before: make a new key for a new request"
            )
        return blake3(f"{known.id}\0{known.created_ms}".encode()).hexdigest()

    def _kept(self, new: IdempotencyKey) -> IdempotencyKey:
        """The key as it is stored: the first to come stays, for as long as keys are kept."""
        while True:
            try:
                self._keys.insert(new)
                return new
            except ConflictError:
                pass
            # gone meanwhile: too old, and cleaned away
            with suppress(NotFoundError):
                return self._keys.change(new.id, lambda known: new if _too_old(known, new) else None) or (
                    self._keys.get(new.id)
                )


def _too_old(known: IdempotencyKey, new: IdempotencyKey) -> bool:
    return known.created_ms < new.created_ms - KEY_MS
