"""SessionService: browsers that are logged in."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from hindcast.domain.errors import NotFoundError
from hindcast.domain.users import LoginSession
from hindcast.services.documents.repositories import SessionRepository
from hindcast.services.ports import Find

if TYPE_CHECKING:
    from hindcast.services.ports import DocumentStore

SESSION_SECONDS: Final = 12 * 3600
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits
_AT_ONCE: Final = 100


class SessionService:
    """Sessions: each lives 12 hours at most, and ends by logging out, by another password, by disabling its user.

    Workers take away the documents of those that are over (`services/jobs/housekeeping.py`).
    """

    def __init__(self, documents: DocumentStore) -> None:
        self._store = documents
        self._sessions = SessionRepository(documents)

    def open(self, user_id: str) -> tuple[str, LoginSession]:
        """The cookie's value and the session; the value is stored nowhere."""
        now = self._store.now()
        cookie = token_urlsafe(32)
        session = LoginSession(
            id=_id_of(cookie),
            user_id=user_id,
            created_at=datetime.fromtimestamp(now / 1000, UTC),
            expires_ms=now + SESSION_SECONDS * 1000,
        )
        self._sessions.insert(session)
        return cookie, session

    def find(self, cookie: str) -> LoginSession | None:
        """The session of a cookie, if it lives."""
        if not _COOKIE.fullmatch(cookie):
            return None
        found = self._sessions.find(_id_of(cookie))
        return None if found is None or found.expires_ms <= self._store.now() else found

    def end(self, session_id: str) -> None:
        """Let a session be used no more; one that is gone already is as well."""
        with suppress(NotFoundError):
            self._sessions.delete(session_id)

    def end_all(self, user_id: str) -> None:
        """End every session of a user."""
        while found := self._sessions.matching(Find(where={"user_id": user_id}, order="expires_ms", limit=_AT_ONCE)):
            for session in found:
                self.end(session.id)


def _id_of(cookie: str) -> str:
    return blake3(cookie.encode()).hexdigest()
