"""The server mode's ways in: a session that a log-in opened, or an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hindcast.domain.errors import AuthenticationError
from hindcast.services.users.access import Principal, narrower, widest_scope

if TYPE_CHECKING:
    from hindcast.services.users.api_keys import ApiKeyService
    from hindcast.services.users.sessions import SessionService
    from hindcast.services.users.users import UserService


class UserAccess:
    """Users, by what they carry. A disabled user is nobody, whatever he carries."""

    has_users = True

    def __init__(self, users: UserService, sessions: SessionService, keys: ApiKeyService) -> None:
        self._users = users
        self._sessions = sessions
        self._keys = keys

    def by_bearer(self, credential: str) -> Principal:
        """Whose API key it is. Raises AuthenticationError."""
        key = self._keys.find(credential)
        user = None if key is None else self._users.find_active(key.user_id)
        if key is None or user is None:
            raise AuthenticationError("the API key is none that may be used: it is wrong, revoked or has expired")
        scope = narrower(key.scope, widest_scope(user.role))
        return Principal(owner=user.id, name=user.name, scope=scope, way="key")

    def by_session(self, cookie: str) -> Principal:
        """Whose session it is. Raises AuthenticationError."""
        session = self._sessions.find(cookie)
        user = None if session is None else self._users.find_active(session.user_id)
        if session is None or user is None:
            raise AuthenticationError("the session has ended: log in again")
        scope = widest_scope(user.role)
        return Principal(owner=user.id, name=user.name, scope=scope, way="session", session_id=session.id)

    def log_in(self, name: str, password: str) -> tuple[str, Principal]:
        """Open a session for a name and password: the cookie's value, and who it is. Raises AuthenticationError."""
        user = self._users.authenticate(name, password)
        cookie, session = self._sessions.open(user.id)
        now = self._users.find_active(user.id)
        if now is None or now.password_hash != user.password_hash:
            # Disabled, or given another password, since it was looked at: sessions were ended before this one began.
            self._sessions.end(session.id)
            raise AuthenticationError("the user was changed meanwhile: log in again")
        return cookie, self.by_session(cookie)

    def log_out(self, cookie: str) -> None:
        """End the session of a cookie, if it lives."""
        session = self._sessions.find(cookie)
        if session is not None:
            self._sessions.end(session.id)
