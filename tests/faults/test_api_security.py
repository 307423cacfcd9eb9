"""Who must not come in does not: every route of the document, with every kind of wrong credential and hostile text."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.api.application import BASE_URL, TOKEN, TestClient, running_app
from tests.unit.api.server_mode import PASSWORDS, ServerMode, server_mode

from hindcast.domain.strategy import Strategy
from hindcast.domain.users import LoginSession, Scope
from hindcast.services.documents.repositories import ApiKeyRepository, SessionRepository
from hindcast.services.users import api_keys, local_token
from hindcast.services.users.sessions import SESSION_SECONDS

if TYPE_CHECKING:
    from httpx import Response

OPEN = {("get", "/api/v1/health"), ("get", "/api/v1/ready"), ("post", "/api/v1/auth/login")}
UNSAFE = {"post", "put", "patch", "delete"}
STEPS = [
    "..%2f..%2fetc%2fpasswd",
    "a%00b",
    "%ff%fe",
    "%E2%80%AE",
    "%2e%2e",
    "%7B%22$ne%22:null%7D",
    "'%20OR%201=1--",
    "x" * 5_000,
]


@dataclass(frozen=True)
class Operation:
    """One method of one path of the document."""

    method: str
    path: str
    document: dict[str, Any]

    def url(self, value: str = "0123456789abcdef") -> str:
        """The path with this in the place of each parameter."""
        return re.sub(r"\{[^}]+\}", lambda _: value, self.path)

    @property
    def writes(self) -> bool:
        """Whether it is there to change something."""
        return self.method in UNSAFE


def operations(client: TestClient) -> list[Operation]:
    document = client.get("/api/v1/openapi.json").json()
    return [
        Operation(method, path, each) for path, methods in document["paths"].items() for method, each in methods.items()
    ]


def ask(client: TestClient, operation: Operation, *, value: str = "0123456789abcdef", **headers: str) -> Response:
    body: dict[str, Any] = {"json": {}} if operation.writes else {}
    return client.request(operation.method, operation.url(value), headers=headers, **body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerMode]:
    with server_mode(home=tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def all_operations(server: ServerMode) -> list[Operation]:
    found = operations(server.with_key("ada"))
    assert len(found) >= 12
    return found


def revoked_key(server: ServerMode) -> str:
    text = server.key("ada", Scope.WRITE)
    server.services.api_keys.revoke(text.split("_")[1], user_id="ada")
    return text


def expired_key(server: ServerMode) -> str:
    text, key = server.services.api_keys.create("ada", "short", Scope.WRITE)
    passed = key.model_copy(update={"expires_at": datetime(2001, 1, 1, tzinfo=UTC)})
    ApiKeyRepository(server.services.databases.documents).save(passed)
    return text


def expired_session(server: ServerMode) -> str:
    cookie, session = server.services.sessions.open("ada")
    old = LoginSession(**{**session.model_dump(), "expires_ms": session.expires_ms - SESSION_SECONDS * 1000 - 1})
    SessionRepository(server.services.databases.documents).save(old)
    return cookie


def disabled_users_key(server: ServerMode) -> str:
    server.services.users.create("gone", "a long password")
    text = server.key("gone", Scope.WRITE)
    server.services.users.change("gone", disabled=True)
    return text


def test_no_route_answers_who_is_nobody(server, all_operations):
    session = expired_session(server)
    nobodies = {
        "no credentials": {},
        "an empty header": {"Authorization": ""},
        "another scheme": {"Authorization": f"Basic {TOKEN}"},
        "no scheme": {"Authorization": server.key("ada", Scope.WRITE)},
        "the local token": {"Authorization": f"Bearer {TOKEN}"},
        "a wrong key": {"Authorization": "Bearer hck_0123456789abcdef_" + "0" * 64},
        "a revoked key": {"Authorization": f"Bearer {revoked_key(server)}"},
        "an expired key": {"Authorization": f"Bearer {expired_key(server)}"},
        "a disabled user's key": {"Authorization": f"Bearer {disabled_users_key(server)}"},
        "a wrong session": {"Cookie": "hindcast_session=" + "A" * 43, "Origin": BASE_URL},
        "an expired session": {"Cookie": f"hindcast_session={session}", "Origin": BASE_URL},
        "a key as a cookie": {"Cookie": f"hindcast_session={server.key('ada')}", "Origin": BASE_URL},
        "a session's id": {"Cookie": f"hindcast_session={server.services.sessions.open('ada')[1].id}"},
    }
    client = server.anyone()
    for operation in all_operations:
        if (operation.method, operation.path) in OPEN:
            continue
        for who, headers in nobodies.items():
            answer = ask(client, operation, **headers)
            assert answer.status_code == 401, (who, operation.method, operation.path, answer.text)
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_credential_is_not_made_good_by_a_right_one_beside_it(server):
    client = server.logged_in("ada")
    assert client.get("/api/v1/auth/me").status_code == 200
    assert client.get("/api/v1/auth/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_key_that_may_read_changes_nothing(server, all_operations):
    client = server.with_key("ada", Scope.READ)
    others = {"/api/v1/auth/logout": 409, "/api/v1/users/{user_id}": 404}  # refused for another reason
    for operation in all_operations:
        if operation.writes and (operation.method, operation.path) not in OPEN:
            answer = ask(client, operation)
            assert answer.status_code == others.get(operation.path, 403), (operation, answer.text)


def test_a_user_is_no_admin_wherever_he_asks(server):
    for client in (server.logged_in("ada"), server.with_key("ada", Scope.WRITE), server.with_key("ada", Scope.ADMIN)):
        assert client.get("/api/v1/users").status_code == 403
        assert client.get("/api/v1/metrics").status_code == 403
        assert client.post("/api/v1/users", json={"name": "eve", "password": "a long password"}).status_code == 403


def test_what_belongs_to_another_looks_like_what_is_not_there(server, all_operations):
    strategy = Strategy(id="adas-strategy", owner="ada", name="hers", strategy_type="sma_crossover", parameters={})
    server.services.databases.strategies.insert(strategy)
    ada, bob = server.with_key("ada", Scope.WRITE), server.with_key("bob", Scope.WRITE)
    assert ada.get("/api/v1/strategies/adas-strategy").status_code == 200
    for operation in all_operations:
        if operation.path.startswith("/api/v1/strategies/{strategy_id}") or operation.path.startswith(
            "/api/v1/backtests/{"
        ):
            body = {"json": {"name": "mine", "strategy_type": "sma_crossover"}} if operation.method in UNSAFE else {}
            foreign, none = (
                bob.request(operation.method, operation.url(name), **body)
                for name in ("adas-strategy", "nobodys-thing")
            )
            assert not foreign.is_success, (operation.method, operation.path)
            assert foreign.status_code == none.status_code, (operation.method, operation.path, foreign.text)
            told = foreign.text.replace("adas-strategy", "X"), none.text.replace("nobodys-thing", "X")
            ids = foreign.json()["request_id"], none.json()["request_id"]
            assert told[0].replace(ids[0], "") == told[1].replace(ids[1], "")
    assert ada.get("/api/v1/strategies/adas-strategy").json()["name"] == "hers"
    assert bob.get("/api/v1/strategies").json()["items"] == []


@pytest.mark.parametrize("step", STEPS, ids=range(len(STEPS)))
def test_names_that_would_be_paths_or_queries_are_ids_that_nobody_has(server, all_operations, step):
    client = server.with_key("ada", Scope.WRITE)
    for operation in all_operations:
        if "{" in operation.path:
            answer = client.request(operation.method, operation.url(step), **({"json": {}} if operation.writes else {}))
            assert answer.status_code in {403, 404, 405, 409, 422}, (operation.method, operation.path, answer.text)
            assert "root:" not in answer.text


@pytest.mark.parametrize("cursor", ["x", "e30", "WzFd", "bnVsbA", "'", "\u202e", "W251bGwsICJhIl0", "A" * 400])
def test_a_cursor_that_no_page_gave_is_refused(server, all_operations, cursor):
    client = server.with_key("root", Scope.ADMIN)
    for operation in all_operations:
        names = {each["name"] for each in operation.document.get("parameters", ())}
        if "cursor" in names and "{" not in operation.path:
            answer = client.get(operation.path, params={"cursor": cursor})
            assert answer.status_code == 422, (operation.path, answer.text)


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e9", "NaN", "", "x", "9" * 5_000, "1.5", "%00"])
def test_a_page_has_a_size(server, limit):
    answer = server.with_key("root", Scope.ADMIN).get("/api/v1/users", params={"limit": limit})
    assert answer.status_code == 422


def test_a_forged_request_with_a_victims_cookie_changes_nothing(server, all_operations):
    victim = server.logged_in("ada")
    cookie = f"hindcast_session={victim.cookies['hindcast_session']}"
    forged: list[dict[str, str]] = [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": BASE_URL},
    ]
    client = server.anyone()
    for operation in all_operations:
        if operation.writes and (operation.method, operation.path) not in OPEN:
            for headers in forged:
                answer = ask(client, operation, Cookie=cookie, **headers)
                assert answer.status_code == 403, (operation.method, operation.path, headers, answer.text)
    assert victim.get("/api/v1/auth/me").status_code == 200


def test_no_answer_lets_pages_of_others_read_it(server, all_operations):
    client = server.logged_in("ada")
    for operation in all_operations:
        answer = client.request("OPTIONS", operation.url(), headers={"Access-Control-Request-Method": "POST"})
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_session_that_was_planted_is_not_the_one_that_a_log_in_opens(server):
    client = server.anyone(Origin=BASE_URL)
    client.cookies.set("hindcast_session", "A" * 43, domain="127.0.0.1")
    answer = client.post("/api/v1/auth/login", json={"name": "ada", "password": PASSWORDS["ada"]})
    given = re.search("hindcast_session=([^;]+)", answer.headers["set-cookie"])
    assert given is not None
    assert given[1] != "A" * 43
    assert server.anyone(Cookie="hindcast_session=" + "A" * 43).get("/api/v1/auth/me").status_code == 401


def test_a_name_that_was_rebound_to_this_machine_reaches_nothing(tmp_path):
    with running_app(home=tmp_path / "home") as client:
        for operation in operations(client):
            answer = ask(client, operation, Host="rebound.evil.example:8000")
            assert answer.status_code == 421, (operation.method, operation.path)


def test_a_server_that_knows_its_names_answers_to_no_other(tmp_path):
    with server_mode(home=tmp_path / "home", allowed_hosts="hindcast.example") as server:
        client = server.anyone()
        assert client.get("/health", headers={"Host": "hindcast.example"}).status_code == 200
        assert client.get("/health", headers={"Host": "evil.example"}).status_code == 421


def test_credentials_are_compared_in_time_that_tells_nothing():
    for compares in (local_token.LocalAccess.by_bearer, api_keys.ApiKeyService.find):
        assert "compare_digest" in inspect.getsource(compares)


def test_no_secret_reaches_the_log(server, caplog):
    caplog.set_level(logging.DEBUG)
    key = server.key("ada", Scope.WRITE)
    client = server.logged_in("ada")
    cookie = client.cookies["hindcast_session"]
    server.anyone(Authorization=f"Bearer {key}").get("/api/v1/auth/me", params={"token": key})
    server.anyone(Authorization=f"Bearer {key}x").get("/api/v1/auth/me")
    client.post("/api/v1/auth/login", json={"name": "ada", "password": "a wrong password"})
    client.patch("/api/v1/users/ada", json={"password": "another password", "current_password": "a wrong one"})
    client.post("/api/v1/auth/login", json={"password": "a password without a name"})
    written = "\n".join(str(vars(record)) for record in caplog.records if record.name != "httpx")
    assert "/api/v1/auth/me" in written
    for secret in (key, key.rpartition("_")[2], cookie, *PASSWORDS.values(), "a wrong password", "another password"):
        assert secret not in written
    assert "a password without a name" not in written


def test_a_body_says_nothing_of_what_the_service_decides(server):
    client = server.logged_in("ada")
    for extra in ("owner", "id", "revision", "scope", "__proto__"):
        body = {"name": "mine", "strategy_type": "sma_crossover", extra: "bob"}
        assert client.post("/api/v1/strategies", json=body).status_code == 422
