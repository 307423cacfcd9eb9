"""The application in server mode, with an admin, two users, and clients that are one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.unit.api.application import BASE_URL, TestClient, fresh_services

from hindcast.api.app import create_app
from hindcast.api.deps import SESSION_COOKIE
from hindcast.domain.users import Role, Scope
from hindcast.infrastructure.argon2.hasher import Argon2Cost, Argon2Hasher
from hindcast.services.users.user_access import UserAccess

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hindcast.bootstrap import ServiceFactory

QUICK = Argon2Cost(passes=1, memory_kib=8, lanes=1)
PASSWORDS = {"root": "the admin's password", "ada": "ada has a password", "bob": "bob has one as well"}


@dataclass(frozen=True, kw_only=True)
class ServerMode:
    """One application, and ways to be somebody to it."""

    app: FastAPI
    services: ServiceFactory

    def anyone(self, **headers: str) -> TestClient:
        """A client without credentials."""
        return TestClient(self.app, base_url=BASE_URL, headers=headers)

    def logged_in(self, name: str) -> TestClient:
        """A browser in which a user has logged in, on the service's own page."""
        access = self.services.access
        assert isinstance(access, UserAccess)
        cookie, _ = access.log_in(name, PASSWORDS[name])
        client = self.anyone(Origin=BASE_URL)
        client.cookies.set(SESSION_COOKIE, cookie, domain="127.0.0.1", path="/")
        return client

    def with_key(self, name: str, scope: Scope = Scope.READ) -> TestClient:
        """A program with an API key of a user."""
        return self.anyone(Authorization=f"Bearer {self.key(name, scope)}")

    def key(self, name: str, scope: Scope = Scope.READ) -> str:
        """An API key of a user."""
        text, _ = self.services.api_keys.create(name, "of a test", scope)
        return text


@contextmanager
def server_mode(**settings: object) -> Iterator[ServerMode]:
    """A started application in server mode: root is its admin, ada and bob are users."""
    services = fresh_services(**{"mode": "server", **settings})
    services.password_hasher = Argon2Hasher(QUICK)
    services.databases.open()
    for name, password in PASSWORDS.items():
        services.users.create(name, password, role=Role.ADMIN if name == "root" else Role.USER)
    app = create_app(services)
    with TestClient(app, base_url=BASE_URL):
        yield ServerMode(app=app, services=services)
