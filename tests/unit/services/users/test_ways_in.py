"""Sessions, API keys, the local token: who comes in by them, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.services.users.people import PASSWORD, CountingHasher, People

from hindcast.domain.errors import AuthenticationError, ConflictError, InputError, NotFoundError, PermissionDeniedError
from hindcast.domain.users import Role, Scope
from hindcast.services.users.access import Principal
from hindcast.services.users.api_keys import ApiKeyService
from hindcast.services.users.local_token import LocalAccess
from hindcast.services.users.sessions import SESSION_SECONDS


@pytest.fixture
def people() -> People:
    people = People()
    people.users.create("root", PASSWORD, role=Role.ADMIN)
    people.users.create("ada", PASSWORD)
    return people


def stored(people: People, kind: str) -> str:
    return " ".join(document.document for document in people.documents._kinds[kind].values())


def test_a_session_is_found_by_its_cookie_for_twelve_hours(people):
    cookie, who = people.access.log_in("ada", PASSWORD)
    assert (who.owner, who.scope, who.way) == ("ada", Scope.WRITE, "session")
    people.clock.pass_seconds(SESSION_SECONDS - 1)
    assert people.access.by_session(cookie).owner == "ada"
    people.clock.pass_seconds(1)
    with pytest.raises(AuthenticationError, match="log in again"):
        people.access.by_session(cookie)


def test_the_cookie_and_the_secret_are_stored_nowhere(people):
    cookie, _ = people.access.log_in("ada", PASSWORD)
    text, _ = people.keys.create("ada", "nightly", Scope.READ)
    assert cookie not in stored(people, "sessions")
    assert text.rpartition("_")[2] not in stored(people, "api_keys")


def test_no_two_sessions_share_a_cookie_and_each_has_256_bits(people):
    cookies = {people.access.log_in("ada", PASSWORD)[0] for _ in range(20)}
    assert len(cookies) == 20
    assert {len(cookie) for cookie in cookies} == {43}


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 10_000, "../../etc/passwd", "\0" * 43, "é" * 43])
def test_other_cookies_are_nobodys(people, cookie):
    with pytest.raises(AuthenticationError):
        people.access.by_session(cookie)


def test_logging_out_ends_one_session(people):
    first, _ = people.access.log_in("ada", PASSWORD)
    second, _ = people.access.log_in("ada", PASSWORD)
    people.access.log_out(first)
    people.access.log_out(first)
    with pytest.raises(AuthenticationError):
        people.access.by_session(first)
    assert people.access.by_session(second).owner == "ada"


class OvertakenHasher(CountingHasher):
    """Lets the user get another password while his old one is looked at."""

    people: People | None = None

    def verify(self, password_hash, password):
        people, self.people = self.people, None
        if people is not None:
            people.users.set_password("ada", "another password")
        return super().verify(password_hash, password)


def test_a_log_in_that_a_password_change_overtakes_opens_nothing():
    hasher = OvertakenHasher()
    people = People(hasher)
    people.users.create("ada", PASSWORD)
    hasher.people = people
    with pytest.raises(AuthenticationError, match="changed meanwhile"):
        people.access.log_in("ada", PASSWORD)
    assert people.documents._kinds["sessions"] == {}


def test_a_key_is_recognised_until_it_is_revoked(people):
    text, key = people.keys.create("ada", "nightly", Scope.READ)
    assert text.startswith(f"hck_{key.id}_")
    who = people.access.by_bearer(text)
    assert (who.owner, who.scope, who.way) == ("ada", Scope.READ, "key")
    people.keys.revoke(key.id, user_id="ada")
    with pytest.raises(AuthenticationError, match="revoked"):
        people.access.by_bearer(text)
    assert people.keys.page("ada").items[0].revoked_at is not None


def test_a_key_ends_when_it_is_told_to(people):
    ends = datetime.fromtimestamp(people.clock.now / 1000, UTC) + timedelta(hours=1)
    text, _ = people.keys.create("ada", "nightly", Scope.READ, expires_at=ends)
    people.clock.pass_seconds(3_599)
    assert people.access.by_bearer(text).owner == "ada"
    people.clock.pass_seconds(1)
    with pytest.raises(AuthenticationError):
        people.access.by_bearer(text)


def test_a_key_that_would_have_ended_already_is_refused(people):
    with pytest.raises(InputError, match="has passed"):
        people.keys.create("ada", "late", Scope.READ, expires_at=datetime(2001, 1, 1, tzinfo=UTC))


def test_nobody_revokes_a_key_of_another(people):
    text, key = people.keys.create("ada", "nightly", Scope.READ)
    with pytest.raises(NotFoundError):
        people.keys.revoke(key.id, user_id="root")
    assert people.access.by_bearer(text).owner == "ada"


def test_a_key_of_a_user_who_is_no_admin_any_more_is_none_of_an_admin(people):
    people.users.create("second", PASSWORD, role=Role.ADMIN)
    text, _ = people.keys.create("second", "ops", Scope.ADMIN)
    assert people.access.by_bearer(text).scope is Scope.ADMIN
    people.users.change("second", role=Role.USER)
    assert people.access.by_bearer(text).scope is Scope.WRITE


def test_there_is_an_end_to_the_keys_of_a_user_and_revoked_ones_make_room(people):
    keys = ApiKeyService(people.documents, most_keys=2)
    _, first = keys.create("ada", "one", Scope.READ)
    keys.create("ada", "two", Scope.READ)
    keys.create("root", "another's", Scope.READ)
    with pytest.raises(ConflictError, match="2 keys already: revoke"):
        keys.create("ada", "three", Scope.READ)
    keys.revoke(first.id, user_id="ada")
    keys.create("ada", "three", Scope.READ)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.upper(),
        lambda text: text + "\n",
        lambda text: "hck_" + "0" * 16 + "_" + text.rpartition("_")[2],
        lambda text: text.rpartition("_")[2],
        lambda text: "hck__",
        lambda text: "",
        lambda text: text + "x" * 100_000,
    ],
)
def test_a_key_that_differs_by_a_character_is_nobodys(people, change):
    text, _ = people.keys.create("ada", "nightly", Scope.READ)
    with pytest.raises(AuthenticationError):
        people.access.by_bearer(change(text))


def test_the_local_token_is_made_anew_by_each_start_unless_it_is_set():
    assert LocalAccess().token != LocalAccess().token
    assert len(LocalAccess().token) >= 43
    access = LocalAccess("mine")
    assert access.by_bearer("mine").owner == "local"
    for wrong in ("", "min", "mine ", "MINE", "é", "\ud800"):
        with pytest.raises(AuthenticationError):
            access.by_bearer(wrong)
    with pytest.raises(AuthenticationError):
        access.by_session("mine")


def test_each_scope_holds_those_before_it():
    held = {scope: Principal(owner="a", name="a", scope=scope) for scope in Scope}
    allowed = {(has, asked) for has, who in held.items() for asked in Scope if who.may(asked)}
    read, write, admin = Scope.READ, Scope.WRITE, Scope.ADMIN
    assert allowed == {(read, read), (write, read), (write, write), (admin, read), (admin, write), (admin, admin)}
    with pytest.raises(PermissionDeniedError, match="needs the scope 'write'"):
        held[read].require(write)
