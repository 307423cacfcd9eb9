"""The local mode's way in: one token, which whoever started the service has seen."""

from __future__ import annotations

import hmac
import secrets

from hindcast.domain.errors import AuthenticationError
from hindcast.domain.strategy import LOCAL_OWNER
from hindcast.domain.users import Scope
from hindcast.services.users.access import Principal


class LocalAccess:
    """One user, who has the token."""

    has_users = False

    def __init__(self, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(32)

    def by_bearer(self, credential: str) -> Principal:
        """Who sent the token. Raises AuthenticationError."""
        if not hmac.compare_digest(credential.encode(errors="replace"), self.token.encode(errors="replace")):
            raise AuthenticationError("the token is not the one that `hindcast serve` showed when it started")
        return Principal(owner=LOCAL_OWNER, name=LOCAL_OWNER, scope=Scope.ADMIN)

    def by_session(self, cookie: str) -> Principal:
        """Nobody: there are no sessions in local mode."""
        raise AuthenticationError("the service runs in local mode, which has no sessions; send the token")
