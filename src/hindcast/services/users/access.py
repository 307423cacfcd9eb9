"""Who asks, and what he may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from hindcast.domain.errors import PermissionDeniedError
from hindcast.domain.users import Role, Scope

_ORDER: Final = (Scope.READ, Scope.WRITE, Scope.ADMIN)
_SCOPES: Final = {Role.USER: Scope.WRITE, Role.ADMIN: Scope.ADMIN}

Way = Literal["token", "session", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: `owner` is what his strategies, backtests and results carry."""

    owner: str
    name: str
    scope: Scope
    way: Way = "token"  # how he came in
    session_id: str | None = None  # where he came in by a session

    def may(self, scope: Scope) -> bool:
        """Whether his scope holds this one."""
        return _ORDER.index(self.scope) >= _ORDER.index(scope)

    def require(self, scope: Scope) -> None:
        """Raise PermissionDeniedError where his scope does not hold this one."""
        if not self.may(scope):
            raise PermissionDeniedError(f"this needs the scope '{scope}', and {self._named} has '{self.scope}'")

    @property
    def _named(self) -> str:
        return "the API key" if self.way == "key" else f"the user '{self.name}'"


class AccessControl(Protocol):
    """Tells who holds a credential."""

    @property
    def has_users(self) -> bool:
        """Whether there are users who log in; else there is one token, and no user."""
        ...

    def by_bearer(self, credential: str) -> Principal:
        """Who sent this in `Authorization: Bearer`. Raises AuthenticationError."""
        ...

    def by_session(self, cookie: str) -> Principal:
        """Who sent this session cookie. Raises AuthenticationError."""
        ...


def widest_scope(role: Role) -> Scope:
    """What a user of this role may do himself, and give to a key at most."""
    return _SCOPES[role]


def narrower(one: Scope, other: Scope) -> Scope:
    """The scope that both hold."""
    return min(one, other, key=_ORDER.index)
