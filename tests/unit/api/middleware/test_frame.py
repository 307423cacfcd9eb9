"""What every request and answer has: an id, careful headers, a line in the log, a meter; HEAD and hosts."""

from __future__ import annotations

import logging
import re

import pytest
from tests.unit.api.application import running_app

from hindcast.api.middleware.hosts import allowed_hosts, authority


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running_app(home=tmp_path_factory.mktemp("home")) as client:
        yield client


def test_every_answer_has_careful_headers_and_an_id(client):
    for answer in (client.get("/api/v1/health"), client.get("/nothing"), client.post("/api/v1/health")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
        assert "server" not in answer.headers


@pytest.mark.parametrize(("given", "kept"), [("abc_DEF-9", True), ("x" * 64, True), ("x" * 65, False), ("a b", False)])
def test_a_request_id_is_taken_over_if_it_is_a_plain_one(client, given, kept):
    assert (client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given) is kept


def test_the_log_has_a_line_for_each_request_without_its_query(client, caplog):
    caplog.set_level(logging.INFO)
    client.get("/api/v1/auth/me?token=hidden-one")
    line = next(record for record in caplog.records if record.name == "hindcast.requests")
    assert (line.method, line.path, line.status) == ("GET", "/api/v1/auth/me", 422)
    assert "hidden-one" not in str(vars(line))


def test_the_log_says_who_asked_and_is_quiet_about_health(client, caplog):
    caplog.set_level(logging.INFO)
    client.get("/api/v1/health")
    client.get("/api/v1/auth/me")
    lines = [record for record in caplog.records if record.name == "hindcast.requests"]
    caplog.clear()
    assert [(line.path, line.user) for line in lines] == [("/api/v1/auth/me", "local")]


def test_the_meters_know_templates_never_paths(client):
    for name in ("one", "two", "../../etc/passwd", "x" * 900):
        client.get(f"/api/v1/strategies/{name}")
        client.get(f"/api/v1/nothing/{name}")
        client.request("BREW", "/api/v1/health")
    text = client.get("/api/v1/metrics").text
    assert (
        'hindcast_request_seconds_count{method="GET",route="/api/v1/strategies/{strategy_id}",status="404"} 2.0' in text
    )
    assert 'method="other",route="/api/v1/health",status="405"' in text
    assert 'route="none",status="404"' in text
    assert "passwd" not in text
    assert 'hindcast_jobs{status="queued"} 0.0' in text


def test_head_answers_as_get_does_without_a_body(client):
    head, get = client.head("/api/v1/auth/me"), client.get("/api/v1/auth/me")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
    assert client.head("/api/v1/nothing").status_code == 404
    assert client.head("/api/v1/auth/login").status_code == 405
    assert client.head("/api/v1/auth/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:9", "localhost:8000", "LOCALHOST", "[::1]:8000", "localhost."]
)
def test_local_mode_answers_to_the_names_of_this_machine(client, host):
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:8000", 421),
        ("169.254.169.254", 421),
        ("0.0.0.0:8000", 421),
        ("", 400),
        ("127.0.0.1:port", 400),
        ("127.0.0.1:99999", 400),
        ("user@127.0.0.1", 400),
        ("127.0.0.1/x", 400),
        ("[::1", 400),
    ],
)
def test_local_mode_answers_to_no_other_name(client, host, status):
    answer = client.get("/health", headers={"Host": host})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8000", 200),
        ("https://127.0.0.1:8000", 200),
        ("http://127.0.0.1:8001", 403),
        ("http://127.0.0.1", 403),
        ("http://localhost:8000", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1:8000.evil.example", 403),
        ("null", 403),
        ("", 403),
        ("file://", 403),
        ("chrome-extension://127.0.0.1:8000", 403),
    ],
)
def test_pages_of_other_origins_are_refused(client, origin, status):
    assert client.get("/api/v1/auth/me", headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 409), ("none", 409)]
)
def test_other_sites_change_nothing(client, site, status):
    answer = client.post("/api/v1/auth/login", json={"name": "a", "password": "b"}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == status


def test_the_names_of_a_server_are_those_that_its_setting_lists():
    assert allowed_hosts("local", "*") == frozenset({"127.0.0.1", "localhost", "::1"})
    assert allowed_hosts("server", "*") is None
    listed = allowed_hosts("server", "Hindcast.Example, other.example")
    assert listed is not None
    assert listed >= {"hindcast.example", "other.example", "127.0.0.1"}


def test_an_authority_is_a_name_and_a_port():
    assert authority("a.example:80") == ("a.example", 80)
    assert authority("[::1]") == ("::1", None)
    assert authority("A.example") == ("a.example", None)
    assert authority("a b") is None
    assert authority("ä.example") is None
