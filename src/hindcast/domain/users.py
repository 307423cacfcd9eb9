"""People and programs that may come in: users, their sessions, their API keys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from hindcast.domain.records import CheckedRecord


class Role(StrEnum):
    """What a user may do beside working with what is his own."""

    USER = "user"
    ADMIN = "admin"  # may make, disable and list users


class Scope(StrEnum):
    """What an API key may do; each holds those before it."""

    READ = "read"  # see what the owner has
    WRITE = "write"  # make, change, run and delete it
    ADMIN = "admin"  # what an admin may do; only an admin's key has it


class User(CheckedRecord):
    """A user of the server. The id is the name in lower case: two can't differ by case alone."""

    schema_version: int = 1
    id: str = Field(min_length=1)
    revision: int = 1
    name: str = Field(min_length=1)
    password_hash: str  # Argon2id, encoded with its parameters
    role: Role = Role.USER
    disabled: bool = False
    created_at: datetime


class LoginSession(CheckedRecord):
    """A browser that is logged in. The id is the hash of the cookie's value, which is stored nowhere."""

    schema_version: int = 1
    id: str = Field(min_length=1)
    user_id: str
    created_at: datetime
    expires_ms: int  # epoch milliseconds by the store's clock


class ApiKey(CheckedRecord):
    """A program's way in. The key is `hck_<id>_<secret>`; of the secret only a hash is stored."""

    schema_version: int = 1
    id: str = Field(min_length=1)
    user_id: str
    name: str = Field(min_length=1)
    secret_hash: str
    scope: Scope = Scope.READ
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class IdempotencyKey(CheckedRecord):
    """A key that came with a write: the same key with the same request is the same write."""

    schema_version: int = 1
    id: str = Field(min_length=1)  # hash of owner and key
    owner: str
    fingerprint: str  # hash of the request
    created_ms: int
