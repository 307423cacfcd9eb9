"""Who asks, while an answer takes long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from fastapi import FastAPI, Request
from tests.unit.api.application import TestClient, running_app
from tests.unit.api.owners import NamedOwners, sent_by
from tests.unit.api.server_mode import server_mode

from hindcast.api.deps import Reader, is_still_known
from hindcast.domain.errors import StoreUnavailableError
from hindcast.domain.users import Scope
from hindcast.services.users.access import Principal


class OwnersOfAWeakStore(NamedOwners):
    """Access control whose store does not answer while it is away."""

    away = False

    def by_bearer(self, credential: str) -> Principal:
        """Who sent this."""
        if self.away:
            raise StoreUnavailableError("down")
        return super().by_bearer(credential)

    def go(self) -> None:
        """Answer no more."""
        self.away = True


@pytest.fixture
def mode():
    with server_mode() as started:
        yield started


def known_before_and_after(app: FastAPI, client: TestClient, deed: Callable[[], object]) -> list[bool]:
    """Whether who asked is known when a request comes, and once something was done meanwhile."""
    path = f"/probe-{len(app.routes)}"

    @app.get(path)
    def probe(request: Request, who: Reader) -> list[bool]:
        before = is_still_known(request)
        deed()
        return [before, is_still_known(request)]

    found: list[bool] = client.get(path).json()
    return found


def test_a_key_that_is_revoked_meanwhile_is_known_no_more(mode):
    text = mode.key("ada", Scope.READ)
    revoke = partial(mode.services.api_keys.revoke, text.split("_")[1], user_id="ada")
    assert known_before_and_after(mode.app, mode.anyone(Authorization=f"Bearer {text}"), revoke) == [True, False]


def test_a_session_whose_user_is_disabled_meanwhile_is_known_no_more(mode):
    disable = partial(mode.services.users.change, "bob", disabled=True)
    assert known_before_and_after(mode.app, mode.logged_in("bob"), disable) == [True, False]


def test_who_asked_stays_known_while_the_store_does_not_answer():
    access = OwnersOfAWeakStore()
    with running_app(access=access, headers=sent_by("ann")) as client:
        assert isinstance(client.app, FastAPI)
        assert known_before_and_after(client.app, client, access.go) == [True, True]
