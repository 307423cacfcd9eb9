"""Health, readiness, metrics, and the document that describes it all."""

from __future__ import annotations

import pytest
from tests.unit.api.application import TestClient, fresh_services, running_app
from tests.unit.api.server_mode import server_mode

from hindcast.domain.errors import StoreUnavailableError
from hindcast.domain.users import Scope
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.infrastructure.memory.documents import MemoryDocumentStore


class GoneStore(MemoryDocumentStore):
    """A document store that does not answer."""

    def ping(self) -> None:
        raise StoreUnavailableError("mongodb://user:secret@db.example is gone")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running_app(home=tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.mark.parametrize("path", ["/health", "/ready", "/api/v1/health", "/api/v1/ready"])
def test_health_and_readiness_need_no_credentials(client, path):
    answer = client.get(path, headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json()["status"] in {"ok", "ready"}


def test_the_bare_address_says_where_to_go_on(client):
    assert client.get("/?token=any").status_code == 200
    assert client.get("/", headers={"Authorization": ""}).json()["openapi"] == "/api/v1/openapi.json"


def test_a_store_that_does_not_answer_is_named_without_its_address():
    services = fresh_services()
    services.databases.documents = GoneStore()
    with running_app(services) as client:
        answer, health = client.get("/ready"), client.get("/health")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json() == {
        "status": "not ready",
        "parts": {"documents": "does not answer", "data folder": "ok"},
    }
    assert health.status_code == 200


def test_a_data_folder_that_is_gone_is_told(tmp_path):
    services = fresh_services(home=tmp_path / "home")
    services.databases.documents = MemoryDocumentStore()
    with running_app(services) as client:
        (tmp_path / "home").rmdir()
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["data folder"] == "can't be written"
    assert str(tmp_path) not in answer.text


def test_a_cache_that_does_not_answer_makes_nothing_unready(tmp_path):
    with running_app(home=tmp_path / "home", redis_url="redis://127.0.0.1:1/0") as client:
        answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["parts"]["cache"] == "does not answer"


def test_metrics_are_for_admins_in_server_mode():
    with server_mode() as server:
        assert server.with_key("ada", Scope.WRITE).get("/api/v1/metrics").status_code == 403
        answer = server.with_key("root", Scope.ADMIN).get("/api/v1/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def operations(client: TestClient) -> dict[tuple[str, str], dict]:
    document = client.get("/api/v1/openapi.json").json()
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_is_described_tagged_named_once_and_tells_its_failures(client):
    found = operations(client)
    assert len(found) >= 12
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)
    for where, operation in found.items():
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        assert {"422", "429", "500", "503"} <= set(operation["responses"]), where
        if operation.get("security"):
            assert {"401", "403"} <= set(operation["responses"]), where
        if "requestBody" in operation:
            assert {"400", "408", "413", "415"} <= set(operation["responses"]), where
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and (where[1], status) != ("/api/v1/ready", "503"):
                assert list(answer["content"]) == ["application/problem+json"], (where, status)


def test_all_but_three_routes_need_credentials(client):
    unguarded = {where for where, operation in operations(client).items() if not operation.get("security")}
    assert unguarded == {("get", "/api/v1/health"), ("get", "/api/v1/ready"), ("post", "/api/v1/auth/login")}


def test_the_document_says_whose_it_is_and_keeps_nothing_of_the_framework(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["info"]["title"] == "Hindcast"
    assert set(document["components"]["securitySchemes"]) == {"bearer", "session"}
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document)
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for operation in operations(client).values() for tag in operation["tags"]} <= tags


def test_the_document_needs_credentials_and_there_are_no_pages_of_others(client):
    assert client.get("/api/v1/openapi.json", headers={"Authorization": ""}).status_code == 401
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


def test_the_document_says_of_every_metric_what_it_is(client):
    document = client.get("/api/v1/openapi.json").json()
    figures = document["components"]["schemas"]["PerformanceMetrics"]["properties"]
    assert len(CATALOGUE) > 40
    for metric in CATALOGUE:
        assert metric.definition in figures[metric.name]["description"]
