"""Pages of a list, and the cursor that leads from one to the next."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from hindcast.domain.errors import InputError

Item = TypeVar("Item")
LARGEST_PAGE: Final = 200
_LONGEST_CURSOR: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A part of a list; `next_cursor` asks for the part behind it, None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
    damaged: tuple[str, ...] = ()  # ids of what belongs here and is left out: it is not what was written


def cursor_of(order: int, document_id: str) -> str:
    """The cursor behind a document."""
    return base64.urlsafe_b64encode(json.dumps([order, document_id]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """The place that a cursor names. Raises InputError for a text that no page gave."""
    refused = InputError("the cursor is none that a page gave: leave it out to begin at the first page")
    if len(cursor) > _LONGEST_CURSOR or not cursor.isascii():
        raise refused
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise refused from None
    if not (isinstance(found, list) and len(found) == 2):
        raise refused
    order, document_id = found
    if not isinstance(order, int) or isinstance(order, bool) or abs(order) >= 2**63 or not isinstance(document_id, str):
        raise refused
    return order, document_id


def checked_limit(limit: int) -> int:
    """A page's size. Raises InputError where it is not within 1 and 200."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise InputError(f"limit={limit}: a page has 1 to {LARGEST_PAGE} items")
    return limit
