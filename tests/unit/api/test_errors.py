"""The one table from errors to statuses: every class has its place, and every answer its members."""

from __future__ import annotations

import gzip
import re

import pytest
from fastapi import FastAPI
from tests.unit.api.application import TestClient, running_app
from tests.unit.api.server_mode import server_mode

from hindcast.api.errors import headers_of, problem_of, status_of
from hindcast.domain import errors as known
from hindcast.domain.errors import HindcastError

CLASSES = sorted(
    {value for value in vars(known).values() if isinstance(value, type) and issubclass(value, HindcastError)},
    key=lambda each: each.__name__,
)
EXPECTED = {
    "InputError": 422,
    "ConfigError": 422,
    "ParameterError": 422,
    "UnknownStrategyError": 422,
    "SymbolError": 422,
    "DateRangeError": 422,
    "NotFoundError": 404,
    "ConflictError": 409,
    "AccessError": 403,
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "RateLimitError": 429,
    "DataError": 422,
    "BarsError": 422,
    "MissingDataError": 422,
    "ImportRefusedError": 422,
    "BenchmarkError": 422,
    "ProviderError": 502,
    "ProviderUnavailableError": 503,
    "ProviderResponseError": 502,
    "QuotaError": 503,
    "EntitlementError": 422,
    "CredentialError": 422,
    "UnknownSymbolError": 422,
    "StrategyError": 422,
    "PluginError": 422,
    "TimeLimitError": 422,
    "MemoryLimitError": 422,
    "StrategyExitError": 422,
    "SimulationError": 500,
    "WorkLostError": 503,
    "WorkNotBegunError": 503,
    "WorkStoppedError": 503,
    "StorageError": 500,
    "CorruptDataError": 500,
    "StoreUnavailableError": 503,
    "HindcastError": 500,
}


def made(error: type[HindcastError]) -> HindcastError:
    return error("it failed", retry_after=3.2) if error is known.RateLimitError else error("it failed")


def test_every_error_class_has_its_status():
    assert {error.__name__: status_of(error) for error in CLASSES} == EXPECTED


def test_a_class_of_a_user_has_its_bases_status():
    class OwnError(known.NotFoundError):
        pass

    assert status_of(OwnError) == 404


@pytest.mark.parametrize("error", CLASSES, ids=lambda each: each.__name__)
def test_a_problem_says_what_it_is_what_happened_and_what_to_do(error):
    problem = problem_of(made(error), path="/api/v1/x", request_id="abc")
    assert problem.type.startswith("urn:hindcast:error:")
    assert problem.type.rpartition(":")[2] == "".join(
        f"_{letter.lower()}" if letter.isupper() else letter for letter in error.__name__
    ).lstrip("_")
    assert problem.detail == "it failed"
    assert problem.remedy.endswith(".")
    assert "--help" not in problem.remedy
    assert (problem.instance, problem.request_id) == ("/api/v1/x", "abc")


def test_who_asks_over_http_is_sent_to_no_command_line():
    of_callers = [error for error in CLASSES if status_of(error) in (404, 409, 422)]
    assert len(of_callers) > 15
    for error in of_callers:
        assert "`hindcast " not in problem_of(made(error), path="/", request_id="").remedy, error


def test_a_class_with_a_remedy_of_its_own_keeps_it():
    class OwnError(known.NotFoundError):
        remedy = "Ask the keeper of the archive."

    assert problem_of(OwnError("gone"), path="/", request_id="").remedy == OwnError.remedy


def test_paths_in_remedies_are_there(local):
    paths = set(local.get("/api/v1/openapi.json").json()["paths"])
    told = " ".join(problem_of(made(error), path="/", request_id="").remedy for error in CLASSES)
    named = set(re.findall(r"/api/v1/[a-z/.-]+(?:TYPE)?", told)) - {"/api/v1/openapi.json"}
    assert len(named) > 3
    assert {path.rstrip(".").replace("TYPE", "{strategy_type}") for path in named} <= paths


def test_waiting_is_told_in_whole_seconds_and_credentials_are_asked_for():
    assert headers_of(known.RateLimitError("wait", retry_after=3.2)) == {"Retry-After": "4"}
    assert headers_of(known.RateLimitError("wait", retry_after=0.01)) == {"Retry-After": "1"}
    assert headers_of(known.StoreUnavailableError("gone")) == {"Retry-After": "2"}
    assert headers_of(known.QuotaError("enough")) == {"Retry-After": "2"}
    assert headers_of(known.QuotaError("enough", retry_after=1e12)) == {"Retry-After": "86400"}
    assert headers_of(known.AuthenticationError("who?")) == {"WWW-Authenticate": "Bearer"}
    assert headers_of(known.NotFoundError("gone")) == {}


def test_a_long_message_is_cut():
    assert len(problem_of(known.InputError("x" * 100_000), path="/" * 9_999, request_id="").detail) == 2_000


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """One application for what changes nothing."""
    with running_app(home=tmp_path_factory.mktemp("home")) as client:
        yield client


def failing(client: TestClient, error: Exception) -> None:
    """Let the application have a route that raises."""

    def fail() -> None:
        raise error

    assert isinstance(client.app, FastAPI)
    client.app.add_api_route("/fail", fail)


def test_an_error_becomes_a_problem_with_the_requests_id():
    with running_app() as client:
        failing(client, known.ConflictError("it changed meanwhile"))
        answer = client.get("/fail", headers={"X-Request-ID": "my-id_1"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:hindcast:error:conflict_error",
        "title": "Conflict",
        "status": 409,
        "detail": "it changed meanwhile",
        "instance": "/fail",
        "remedy": "Read it again, and decide by what it is now.",
        "request_id": "my-id_1",
    }


def test_an_unexpected_exception_shows_nothing_but_the_requests_id_and_is_logged(caplog):
    with running_app() as client:
        failing(client, RuntimeError("the secret is swordfish"))
        answer = client.get("/fail")
    assert answer.status_code == 500
    assert "swordfish" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "the secret is swordfish" in caplog.text


def test_what_stores_say_is_shown_in_local_mode_and_not_in_server_mode():
    error = known.StoreUnavailableError("mongodb://db.example:27017 is gone")
    with running_app() as client:
        failing(client, error)
        assert "db.example" in client.get("/fail").json()["detail"]
    with server_mode() as server:
        client = server.anyone()
        failing(client, error)
        answer = client.get("/fail")
    assert answer.status_code == 503
    assert "db.example" not in answer.text


def test_what_can_not_be_read_is_told_field_by_field_without_the_values(local):
    body = {"name": 7, "password": "a password of mine", "colour": "red"}
    answer = local.post("/api/v1/auth/login", json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert {found["field"] for found in problem["errors"]} == {"name", "colour"}
    assert all(found["message"] and found["remedy"] for found in problem["errors"])
    assert "a password of mine" not in answer.text


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b"", None, 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"name=ada&password=x", "application/x-www-form-urlencoded", 415),
        (b"<x/>", "text/xml", 415),
        (b'{"name": "ada", "password": "x"}', None, 415),
        (b'{"name": "\xc3("}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"9" * 10_000, "application/json", 400),
        (b'{"name": NaN, "password": "x"}', "application/json", 422),
        (b'{"name": "\\ud800", "password": "x"}', "application/json", 422),
        (b'{"name": "ada", "password": "x", "\\ud800": 1}', "application/json", 422),
        (b'{"name": "ada", "password": "x", "' + b"k" * 5_000 + b'": 1}', "application/json", 422),
    ],
)
def test_bodies_that_can_not_be_read_are_the_callers_failure(local, content, media_type, status):
    headers = {} if media_type is None else {"Content-Type": media_type}
    answer = local.post("/api/v1/auth/login", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 3_000


def test_a_body_that_can_not_be_read_is_told_with_what_may_be_wrong(local):
    json, packed = {"Content-Type": "application/json"}, {"Content-Encoding": "gzip"}
    deep = local.post("/api/v1/auth/login", content=b"[" * 100_000, headers=json).json()
    zipped = local.post("/api/v1/auth/login", content=gzip.compress(b"{}"), headers=json | packed).json()
    assert "nested too deep" in deep["detail"]
    assert (zipped["status"], zipped["detail"]) == (415, "the body is sent compressed; send it as it is")


def test_an_unknown_path_and_a_method_that_a_path_does_not_know_are_problems_too(local):
    gone, wrong = local.get("/api/v1/nothing"), local.put("/api/v1/auth/me")
    many = local.request("OPTIONS", "/api/v1/auth/keys/x")
    assert (gone.status_code, gone.json()["title"]) == (404, "Not found")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "GET, HEAD"
    assert many.headers["allow"] == "DELETE"


def test_a_trailing_slash_is_another_path(local):
    assert local.get("/api/v1/health/", follow_redirects=False).status_code == 404


def test_a_query_parameter_that_nobody_knows_is_refused_with_the_near_one(local):
    near = local.get("/api/v1/strategies", params={"limt": "3"})
    none = local.get("/api/v1/health", params={"x" * 500: "3"})
    assert near.status_code == 422
    assert "'limt' here. Did you mean 'limit'?" in near.json()["detail"]
    assert none.status_code == 422
    assert len(none.json()["detail"]) < 300
