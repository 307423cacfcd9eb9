"""UserService: people who may log in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from hindcast.domain.errors import AuthenticationError, ConflictError, NotFoundError
from hindcast.domain.users import Role, User
from hindcast.services.documents.owned import check_revision
from hindcast.services.documents.repositories import UserRepository
from hindcast.services.users.passwords import LONGEST, checked_password, spelled_password, user_id_of

if TYPE_CHECKING:
    from hindcast.services.documents.paging import Page
    from hindcast.services.ports import DocumentStore, PasswordHasher
    from hindcast.services.users.sessions import SessionService


class UserService:
    """Users: made, listed, changed, and recognised by their passwords."""

    def __init__(self, documents: DocumentStore, hasher: PasswordHasher, sessions: SessionService) -> None:
        self._store = documents
        self._users = UserRepository(documents)
        self._hasher = hasher
        self._sessions = sessions

    def create(self, name: str, password: str, *, role: Role = Role.USER) -> User:
        """Keep a new user. Raises InputError for a name or password that can't be, ConflictError for a taken name."""
        user_id = user_id_of(name)
        spelled = checked_password(password, name=name)
        if self._users.find(user_id) is not None:
            raise ConflictError(f"there is a user '{user_id}' already")
        made = datetime.fromtimestamp(self._store.now() / 1000, UTC)
        user = User(id=user_id, name=name, password_hash=self._hasher.hash(spelled), role=role, created_at=made)
        self._users.insert(user)
        return user

    def get(self, name: str) -> User:
        """The user of a name or id, in any case. Raises NotFoundError."""
        found = self._users.find(name.lower())
        if found is None:
            raise NotFoundError(f"no user has the name {name[:80]!r}")
        return found

    def find_active(self, user_id: str) -> User | None:
        """The user of an id who is not disabled."""
        found = self._users.find(user_id)
        return None if found is None or found.disabled else found

    def page(self, *, cursor: str | None = None, limit: int = 50) -> Page[User]:
        """A page of users, newest first."""
        return self._users.page({}, cursor=cursor, limit=limit)

    def authenticate(self, name: str, password: str) -> User:
        """The user of a name and password.

        Takes the same work whether the name is unknown, disabled or the password wrong, and says no more than that it
        was refused. Raises AuthenticationError.
        """
        user = self._users.find(name.lower()) if len(name) <= 64 else None
        spelled = spelled_password(password)
        if spelled is None or len(spelled) > LONGEST:
            spelled, user = "", None
        right = self._hasher.verify(self._decoy if user is None else user.password_hash, spelled)
        if user is None or not right or user.disabled:
            raise AuthenticationError("name and password do not belong to a user who may log in")
        return self._with_todays_hash(user, spelled)

    def set_password(self, name: str, password: str, *, revision: int | None = None) -> User:
        """Give a user another password, and end all his sessions.

        Raises InputError, NotFoundError, ConflictError for another revision.
        """
        user = self.get(name)
        hashed = self._hasher.hash(checked_password(password, name=user.name))
        changed = self._change(user.id, {"password_hash": hashed}, revision=revision)
        self._sessions.end_all(user.id)
        return changed

    def change(
        self, name: str, *, role: Role | None = None, disabled: bool | None = None, revision: int | None = None
    ) -> User:
        """Change a user's role, or let him in no more; a disabled user's sessions end.

        Raises ConflictError for another revision, and where no admin would be left; NotFoundError.
        """
        before = self.get(name)
        update: dict[str, object] = {}
        if role is not None:
            update["role"] = role
        if disabled is not None:
            update["disabled"] = disabled
        changed = self._change(before.id, update, revision=revision)
        if _is_active_admin(before) and not _is_active_admin(changed) and not self._has_admin():
            # Asked afterwards: of two admins who disable each other at once, neither would see it before.
            self._change(before.id, {"role": before.role, "disabled": False})
            raise ConflictError(f"'{before.id}' is the last admin: make another one first")
        if changed.disabled:
            self._sessions.end_all(changed.id)
        return changed

    def all(self) -> Iterator[User]:
        """All users, newest first."""
        return self._users.all()

    def _has_admin(self) -> bool:
        return any(not user.disabled for user in self._users.all({"role": str(Role.ADMIN)}))

    def _change(self, user_id: str, update: Mapping[str, object], *, revision: int | None = None) -> User:
        def step(user: User) -> User:
            check_revision(user, revision)
            return user.model_copy(update={**update, "revision": user.revision + 1})

        changed = self._users.change(user_id, step)
        assert changed is not None
        return changed

    def _with_todays_hash(self, user: User, password: str) -> User:
        if not self._hasher.is_outdated(user.password_hash):
            return user
        hashed = self._hasher.hash(password)

        def step(now: User) -> User | None:
            return now.model_copy(update={"password_hash": hashed}) if now.password_hash == user.password_hash else None

        return self._users.change(user.id, step) or self.get(user.id)

    @cached_property
    def _decoy(self) -> str:
        """The hash of a password that nobody has, for names that nobody has."""
        return self._hasher.hash(token_urlsafe(32))


def _is_active_admin(user: User) -> bool:
    return user.role is Role.ADMIN and not user.disabled
