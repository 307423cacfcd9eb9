"""ApiKeyService: the keys of programs."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from hindcast.domain.errors import ConflictError, InputError, NotFoundError
from hindcast.domain.users import ApiKey, Scope
from hindcast.services.documents.repositories import ApiKeyRepository

if TYPE_CHECKING:
    from hindcast.services.documents.paging import Page
    from hindcast.services.ports import DocumentStore

PREFIX: Final = "hck_"
MOST_KEYS: Final = 100  # that may be used, of one user
_KEY = re.compile(r"hck_([0-9a-f]{16})_([0-9a-f]{64})")


class ApiKeyService:
    """API keys `hck_<id>_<secret>`: of the secret, 256 bits, only a hash is stored."""

    def __init__(self, documents: DocumentStore, *, most_keys: int = MOST_KEYS) -> None:
        self._store = documents
        self._most_keys = most_keys
        self._keys = ApiKeyRepository(documents)

    def create(
        self, user_id: str, name: str, scope: Scope, *, expires_at: datetime | None = None
    ) -> tuple[str, ApiKey]:
        """The key's text, which is never shown again, and what is stored of it.

        Raises InputError for an end that has passed, ConflictError for too many keys.
        """
        now = self._now()
        if expires_at is not None and expires_at <= now:
            raise InputError(f"expires_at={expires_at.isoformat()} has passed; now is {now.isoformat()}")
        usable = (key for key in self._keys.all({"user_id": user_id}) if _is_usable(key, now))
        if sum(1 for _ in usable) >= self._most_keys:
            raise ConflictError(f"there are {self._most_keys} keys already: revoke those that are not used")
        key_id, secret = token_hex(8), token_hex(32)
        key = ApiKey(
            id=key_id,
            user_id=user_id,
            name=name,
            secret_hash=_hash_of(secret),
            scope=scope,
            created_at=now,
            expires_at=expires_at,
        )
        self._keys.insert(key)
        return f"{PREFIX}{key_id}_{secret}", key

    def find(self, text: str) -> ApiKey | None:
        """The key of a text, if it may be used now."""
        parts = _KEY.fullmatch(text)
        if parts is None:
            return None
        found = self._keys.find(parts[1])
        if found is None or not hmac.compare_digest(found.secret_hash, _hash_of(parts[2])):
            return None
        return found if _is_usable(found, self._now()) else None

    def page(self, user_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """A page of a user's keys, newest first."""
        return self._keys.page({"user_id": user_id}, cursor=cursor, limit=limit)

    def revoke(self, key_id: str, *, user_id: str) -> None:
        """Let a user's key be used no more; it stays in the list. Raises NotFoundError."""
        now = self._now()

        def step(key: ApiKey) -> ApiKey:
            if key.user_id != user_id:
                raise NotFoundError(f"no ApiKey has the id {key_id!r}")
            return key.model_copy(update={"revoked_at": key.revoked_at or now})

        self._keys.change(key_id, step)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._store.now() / 1000, UTC)


def _is_usable(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def _hash_of(secret: str) -> str:
    return blake3(secret.encode()).hexdigest()
