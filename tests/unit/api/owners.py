"""Two users and one who only reads, told by what they send as their token."""

from __future__ import annotations

from hindcast.domain.errors import AuthenticationError
from hindcast.domain.users import Scope
from hindcast.services.users.access import Principal

READER = "reader-of-ann"


class NamedOwners:
    """Access control that believes everyone: the token `ann` is the user ann."""

    has_users = True

    def by_bearer(self, credential: str) -> Principal:
        """Who sent this."""
        if credential == READER:
            return Principal(owner="ann", name="ann", scope=Scope.READ, way="key")
        return Principal(owner=credential, name=credential, scope=Scope.WRITE, way="key")

    def by_session(self, cookie: str) -> Principal:
        """Nobody."""
        raise AuthenticationError(f"there is no session {cookie!r}")


def sent_by(owner: str) -> dict[str, str]:
    """The header of a request that this owner sends."""
    return {"Authorization": f"Bearer {owner}"}
