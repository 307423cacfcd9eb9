"""Logging in, API keys and users over HTTP."""

from __future__ import annotations

import pytest
from tests.unit.api.application import BASE_URL, running_app
from tests.unit.api.server_mode import PASSWORDS, server_mode

from hindcast.domain.users import Scope

ME = "/api/v1/auth/me"
LOGIN = "/api/v1/auth/login"


@pytest.fixture
def server(tmp_path):
    with server_mode(home=tmp_path / "home") as server:
        yield server


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    """One application for what is refused, and changes nothing."""
    with server_mode(home=tmp_path_factory.mktemp("home")) as server:
        yield server


def login(client, name: str = "ada", password: str | None = None):
    return client.post(LOGIN, json={"name": name, "password": password or PASSWORDS[name]})


def test_a_log_in_gives_a_cookie_that_scripts_can_not_read(server):
    client = server.anyone()
    answer = login(client)
    assert answer.json() == {"owner": "ada", "name": "ada", "scope": "write", "way": "session", "mode": "server"}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("hindcast_session=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly",
        "Max-Age=43200",
        "Path=/",
        "SameSite=strict",
    }
    assert client.get(ME).json()["owner"] == "ada"


def test_the_cookie_is_for_https_only_where_the_page_is(server):
    client = server.anyone()
    client.base_url = BASE_URL.replace("http:", "https:")
    assert "; Secure" in login(client).headers["set-cookie"]


def test_a_wrong_password_opens_nothing(server):
    client = server.anyone()
    answer = login(client, password="not her password")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "set-cookie" not in answer.headers
    assert "not her password" not in answer.text
    assert client.get(ME).status_code == 401


def test_a_log_in_makes_a_new_session_and_ends_the_one_before(server):
    client = server.logged_in("ada")
    first = client.cookies["hindcast_session"]
    login(client)
    second = client.cookies["hindcast_session"]
    assert first != second
    assert server.anyone(Cookie=f"hindcast_session={second}").get(ME).status_code == 200
    assert server.anyone(Cookie=f"hindcast_session={first}").get(ME).status_code == 401


def test_logging_out_ends_the_session_and_takes_the_cookie_back(server):
    client = server.logged_in("ada")
    cookie = client.cookies["hindcast_session"]
    answer = client.post("/api/v1/auth/logout")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert server.anyone(Cookie=f"hindcast_session={cookie}").get(ME).status_code == 401
    assert server.with_key("ada").post("/api/v1/auth/logout").status_code == 409


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(server):
    client = server.logged_in("ada")
    made = client.post("/api/v1/auth/keys", json={"name": "nightly", "scope": "write"})
    assert made.status_code == 201
    key = made.json()["key"]
    program = server.anyone(Authorization=f"Bearer {key}")
    assert program.get(ME).json()["way"] == "key"
    listed = client.get("/api/v1/auth/keys")
    assert [each["name"] for each in listed.json()["items"]] == ["nightly"]
    assert key not in listed.text
    assert "secret" not in listed.text
    assert client.delete(f"/api/v1/auth/keys/{made.json()['id']}").status_code == 204
    assert program.get(ME).status_code == 401
    assert client.get("/api/v1/auth/keys").json()["items"][0]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x"}, 201),
        ({"name": "x", "scope": "read", "expires_at": "2100-01-01T00:00:00Z"}, 201),
        ({"name": "x", "scope": "admin"}, 403),
        ({"name": "x", "scope": "everything"}, 422),
        ({"name": "x", "expires_at": "2001-01-01T00:00:00Z"}, 422),
        ({"name": "x", "expires_at": "2100-01-01T00:00:00"}, 422),
        ({"name": ""}, 422),
        ({"name": "x" * 101}, 422),
        ({"name": 1}, 422),
        ({"scope": "read"}, 422),
        ({"name": "x", "user_id": "bob"}, 422),
    ],
)
def test_keys_are_what_their_makers_may_give(lasting, body, status):
    answer = lasting.logged_in("ada").post("/api/v1/auth/keys", json=body)
    assert answer.status_code == status, answer.text


def test_a_key_makes_and_revokes_no_keys(server):
    program = server.with_key("root", Scope.ADMIN)
    assert program.post("/api/v1/auth/keys", json={"name": "another"}).status_code == 403
    own = program.get("/api/v1/auth/keys").json()["items"][0]["id"]
    assert program.delete(f"/api/v1/auth/keys/{own}").status_code == 403


def test_keys_of_others_are_not_there(server):
    server.key("bob")
    bobs = server.services.api_keys.page("bob").items[0].id
    client = server.logged_in("ada")
    assert client.get("/api/v1/auth/keys").json()["items"] == []
    foreign, none = client.delete(f"/api/v1/auth/keys/{bobs}"), client.delete("/api/v1/auth/keys/0123456789abcdef")
    assert (foreign.status_code, none.status_code) == (404, 404)
    assert foreign.json()["detail"].replace(bobs, "X") == none.json()["detail"].replace("0123456789abcdef", "X")


def test_an_admin_makes_lists_and_disables_users(server):
    admin = server.logged_in("root")
    made = admin.post("/api/v1/users", json={"name": "Eve", "password": "a long password", "role": "user"})
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    assert made.json()["id"] == "eve"
    assert "password" not in made.text
    assert {each["id"] for each in admin.get("/api/v1/users").json()["items"]} == {"root", "ada", "bob", "eve"}
    page = admin.get("/api/v1/users", params={"limit": 3}).json()
    assert len(page["items"]) == 3
    assert len(admin.get("/api/v1/users", params={"cursor": page["next_cursor"]}).json()["items"]) == 1
    assert admin.patch("/api/v1/users/EVE", json={"disabled": True}).json()["disabled"] is True
    assert login(server.anyone(), "eve", "a long password").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "ada", "password": "a long password"}, 409),
        ({"name": "local", "password": "a long password"}, 422),
        ({"name": "a/b", "password": "a long password"}, 422),
        ({"name": "eve", "password": "short"}, 422),
        ({"name": "eve", "password": "x" * 1_025}, 422),
        ({"name": "eve", "password": "a long password", "role": "god"}, 422),
        ({"name": "eve", "password": "a long password", "disabled": True}, 422),
        ({"name": "eve"}, 422),
    ],
)
def test_users_who_can_not_be_are_refused_without_a_word_of_the_password(lasting, body, status):
    answer = lasting.logged_in("root").post("/api/v1/users", json=body)
    assert answer.status_code == status
    assert body.get("password", "-") not in answer.text


def test_a_user_sees_himself_and_nobody_else(server):
    client = server.logged_in("ada")
    assert client.get("/api/v1/users/ada").json()["id"] == "ada"
    foreign, none = client.get("/api/v1/users/bob"), client.get("/api/v1/users/eve")
    assert (foreign.status_code, none.status_code) == (404, 404)
    assert foreign.json()["detail"].replace("bob", "X") == none.json()["detail"].replace("eve", "X")
    assert client.get("/api/v1/users").status_code == 403
    assert client.post("/api/v1/users", json={"name": "eve", "password": "a long password"}).status_code == 403
    assert client.patch("/api/v1/users/ada", json={"role": "admin"}).status_code == 403
    assert client.patch("/api/v1/users/bob", json={"password": "a long password"}).status_code == 404


def test_a_user_changes_his_password_with_the_current_one_and_is_logged_out(server):
    client = server.logged_in("ada")
    wanted = {"password": "another long one"}
    assert client.patch("/api/v1/users/ada", json=wanted).status_code == 422
    assert client.patch("/api/v1/users/ada", json={**wanted, "current_password": "wrong"}).status_code == 401
    changed = client.patch("/api/v1/users/ada", json={**wanted, "current_password": PASSWORDS["ada"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert client.get(ME).status_code == 401
    assert login(server.anyone(), "ada").status_code == 401
    assert login(server.anyone(), "ada", "another long one").status_code == 200


def test_a_key_changes_no_password_of_its_owner(server):
    body = {"password": "another long one", "current_password": PASSWORDS["ada"]}
    assert server.with_key("ada", Scope.WRITE).patch("/api/v1/users/ada", json=body).status_code == 403


def test_an_admin_gives_a_user_another_password(server):
    changed = server.logged_in("root").patch("/api/v1/users/ada", json={"password": "given by the admin"})
    assert changed.status_code == 200
    assert login(server.anyone(), "ada", "given by the admin").status_code == 200


def test_changes_name_what_they_change_and_of_which_revision(server):
    admin = server.logged_in("root")
    assert admin.patch("/api/v1/users/ada", json={}).status_code == 422
    assert admin.patch("/api/v1/users/ada", json={"disabled": True, "password": "x" * 20}).status_code == 422
    assert admin.patch("/api/v1/users/ada", json={"role": "admin"}, headers={"If-Match": '"1"'}).status_code == 200
    assert admin.patch("/api/v1/users/ada", json={"role": "user"}, headers={"If-Match": '"1"'}).status_code == 409
    assert admin.patch("/api/v1/users/ada", json={"role": "user"}, headers={"If-Match": "*"}).status_code == 200
    assert admin.patch("/api/v1/users/ada", json={"role": "user"}, headers={"If-Match": "3"}).status_code == 422
    assert admin.patch("/api/v1/users/root", json={"disabled": True}).status_code == 409
    assert admin.patch("/api/v1/users/nobody", json={"disabled": True}).status_code == 404


def test_local_mode_has_no_users_and_says_so(tmp_path):
    with running_app(home=tmp_path / "home") as client:
        answers = [
            login(client, "ada", "any password"),
            client.get("/api/v1/users"),
            client.get("/api/v1/auth/keys"),
            client.post("/api/v1/auth/logout"),
        ]
        me = client.get(ME).json()
    assert {answer.status_code for answer in answers} == {409}
    assert {"local mode" in answer.json()["detail"] for answer in answers} == {True}
    assert me == {"owner": "local", "name": "local", "scope": "admin", "way": "token", "mode": "local"}
