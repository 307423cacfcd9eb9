"""What a repeated write is known by, in routes that take an `Idempotency-Key`."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel

from hindcast.api.deps import services_of
from hindcast.services.jobs.idempotency import fingerprint
from hindcast.services.users.access import Principal


def claimed_name(request: Request, who: Principal, key: str | None, body: BaseModel | None = None) -> str | None:
    """64 hex digits that are the same each time that this request comes with this key; None without a key.

    Whatever the request makes takes its id from them, so that a repeat finds it. Raises ConflictError where the key
    came with another request.
    """
    if key is None:
        return None
    content = None if body is None else body.model_dump(mode="json", exclude_unset=True)
    asked = fingerprint(request.method, request.url.path, content)
    return services_of(request).idempotency.claim(who.owner, key, asked)


def claimed_id(request: Request, who: Principal, key: str | None, body: BaseModel) -> str | None:
    """The id of what this request creates; None without a key: any new one."""
    name = claimed_name(request, who, key, body)
    return None if name is None else name[:32]
