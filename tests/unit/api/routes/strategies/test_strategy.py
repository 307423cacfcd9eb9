from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.api.application import fresh_services, running_app
from tests.unit.services.strategy.inline_children import InlineChildren
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.domain.strategy import Strategy

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hindcast.bootstrap import ServiceFactory

PATH = "/api/v1/strategies"
BODY = {"name": "Averages", "strategy_type": "sma_crossover", "parameters": {"short_window": 5, "long_window": 20}}


@pytest.fixture
def services(tmp_path: Path) -> ServiceFactory:
    made = fresh_services(plugin_dir=tmp_path / "plugins")
    made.__dict__["children"] = InlineChildren()
    return made


@pytest.fixture
def client(services: ServiceFactory) -> Iterator[TestClient]:
    with running_app(services) as running:
        yield running


def made(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={**BODY, **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_made_strategy_is_where_location_says(client: TestClient) -> None:
    answer = client.post(PATH, json={**BODY, "description": "why"})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    strategy = answer.json()
    assert answer.headers["location"] == f"{PATH}/{strategy['id']}"
    assert {name: strategy[name] for name in BODY} == BODY
    assert "owner" not in strategy
    found = client.get(answer.headers["location"])
    assert (found.status_code, found.json(), found.headers["etag"]) == (200, strategy, '"1"')


def test_what_is_left_out_has_the_types_defaults(client: TestClient) -> None:
    assert made(client, parameters={})["parameters"] == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"strategy_type": "sma_crosover"}, "Did you mean 'sma_crossover'?"),
        ({"parameters": {"short_windw": 3}}, "Did you mean 'short_window'?"),
        ({"parameters": {"short_window": 30, "long_window": 10}}, "30"),
        ({"parameters": {"short_window": 0}}, "short_window = 0"),
    ],
)
def test_what_cannot_be_built_is_refused_and_not_kept(client: TestClient, fields: dict[str, Any], said: str) -> None:
    answer = client.post(PATH, json={**BODY, **fields})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert client.get(PATH).json() == {"items": [], "next_cursor": None, "damaged": []}


REFUSED = [
    {**BODY, "name": ""},
    {**BODY, "name": "x" * 201},
    {**BODY, "name": 5},
    {**BODY, "description": "x" * 10_001},
    {**BODY, "strategy_type": None},
    {**BODY, "parameters": [1]},
    {**BODY, "parameters": {"a": 2**63}},
    {**BODY, "parameters": {"a": "x" * 70_000}},
    {**BODY, "owner": "bob"},
    {**BODY, "id": "mine"},
    {"name": "Averages"},
    [],
]


def test_bodies_that_are_not_as_described_are_refused(client: TestClient) -> None:
    for body in REFUSED:
        answer = client.post(PATH, json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"]


UNKEEPABLE = [
    '{"a": NaN}',
    '{"a": [1e999]}',
    '{"a": "\\ud800"}',
    '{"\\udfff": 1}',
    '{"a": ' + "[" * 9 + "]" * 9 + "}",
    '{"a": -9223372036854775809}',
]


def test_parameters_that_no_store_could_keep_are_refused(client: TestClient) -> None:
    for parameters in UNKEEPABLE:
        text = f'{{"name": "x", "strategy_type": "sma_crossover", "parameters": {parameters}}}'
        answer = client.post(PATH, content=text, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, parameters
        assert answer.json()["errors"][0]["field"].startswith("parameters")


def test_half_a_surrogate_pair_is_no_text(client: TestClient) -> None:
    for field in ("name", "strategy_type", "description"):
        fields = {"name": '"x"', "strategy_type": '"momentum"', "description": '""', field: '"\\ud800"'}
        text = "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
        answer = client.post(PATH, content=text, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, field


def test_a_repeated_request_makes_one_strategy(client: TestClient) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = (client.post(PATH, json=BODY, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert len(client.get(PATH).json()["items"]) == 1
    other = client.post(PATH, json={**BODY, "name": "Another"}, headers=headers)
    assert other.status_code == 409


def test_without_a_key_each_request_makes_its_own(client: TestClient) -> None:
    assert made(client)["id"] != made(client)["id"]


def test_a_list_is_paged_and_filtered(client: TestClient) -> None:
    for number in range(5):
        made(client, name=str(number))
    made(client, name="held", strategy_type="buy_and_hold", parameters={})
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = client.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert sorted(seen) == sorted(["held", *"01234"])
    found = client.get(PATH, params={"strategy_type": "buy_and_hold"}).json()["items"]
    assert [each["name"] for each in found] == ["held"]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"cursor": ""}, {"strategy_type": ""}]
)
def test_a_question_that_cannot_be_is_refused(client: TestClient, query: dict[str, Any]) -> None:
    assert client.get(PATH, params=query).status_code == 422


def test_put_replaces_and_counts(client: TestClient) -> None:
    strategy = made(client, description="why")
    body = {"name": "Held", "strategy_type": "buy_and_hold"}
    answer = client.put(f"{PATH}/{strategy['id']}", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["name"], changed["parameters"], changed["description"], changed["revision"]) == ("Held", {}, "", 2)
    assert answer.headers["etag"] == '"2"'
    assert client.put(f"{PATH}/{strategy['id']}", json=body).json()["revision"] == 2, "the same again is no change"


def test_patch_changes_what_is_named(client: TestClient) -> None:
    strategy = made(client, description="why")
    answer = client.patch(f"{PATH}/{strategy['id']}", json={"name": "New"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["description"]) == ("New", "why")
    assert answer.json()["parameters"] == BODY["parameters"]


def test_a_patch_that_says_nothing_or_nonsense_is_refused(client: TestClient) -> None:
    strategy = made(client)
    for body in ({}, {"name": None}, {"parameters": None}, {"revision": 5}):
        assert client.patch(f"{PATH}/{strategy['id']}", json=body).status_code == 422, body


def test_a_patch_is_checked_with_what_stays(client: TestClient) -> None:
    strategy = made(client)
    answer = client.patch(f"{PATH}/{strategy['id']}", json={"strategy_type": "buy_and_hold"})
    assert answer.status_code == 422
    assert "short_window" in answer.json()["detail"]
    assert client.get(f"{PATH}/{strategy['id']}").json() == strategy


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_stale_revision_is_a_conflict(client: TestClient, method: str) -> None:
    strategy = made(client)
    client.patch(f"{PATH}/{strategy['id']}", json={"name": "Second"})
    body = None if method == "DELETE" else BODY
    answer = client.request(method, f"{PATH}/{strategy['id']}", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 409
    assert "revision 2" in answer.json()["detail"]
    assert client.get(f"{PATH}/{strategy['id']}").json()["name"] == "Second"


def test_any_revision_may_be_asked_for(client: TestClient) -> None:
    strategy = made(client)
    answer = client.patch(f"{PATH}/{strategy['id']}", json={"name": "New"}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    assert client.patch(f"{PATH}/{strategy['id']}", json={}, headers={"If-Match": "3"}).status_code == 422


def test_a_deleted_strategy_is_gone(client: TestClient) -> None:
    strategy = made(client)
    answer = client.delete(f"{PATH}/{strategy['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"{PATH}/{strategy['id']}").status_code == 404
    assert client.delete(f"{PATH}/{strategy['id']}").status_code == 404


@pytest.mark.parametrize(
    ("method", "end"),
    [("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/validate"), ("POST", "/clone")],
)
def test_anothers_strategy_is_not_there(client: TestClient, services: ServiceFactory, method: str, end: str) -> None:
    services.strategy_service.create(Strategy(id="theirs", owner="bob", name="Theirs", strategy_type="momentum"))
    body = {"name": "Taken", "strategy_type": "momentum"} if method in ("PUT", "PATCH") else None
    anothers = client.request(method, f"{PATH}/theirs{end}", json=body)
    nobodys = client.request(method, f"{PATH}/nobodys{end}", json=body)
    assert (anothers.status_code, nobodys.status_code) == (404, 404)
    assert anothers.json()["detail"].replace("theirs", "nobodys") == nobodys.json()["detail"]
    assert services.strategy_service.get("theirs", owner="bob").name == "Theirs"
    assert client.get(PATH).json()["items"] == []


def test_what_can_be_no_id_is_not_there(client: TestClient) -> None:
    for strategy_id in ("..%2f..%2fetc", "a b", "%00", "x" * 129, "-x"):
        assert client.get(f"{PATH}/{strategy_id}").status_code in (404, 422), strategy_id


def test_a_clone_is_a_strategy_of_its_own(client: TestClient) -> None:
    strategy = made(client, description="why")
    answer = client.post(f"{PATH}/{strategy['id']}/clone", json={"name": "Twin"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.text
    twin = answer.json()
    assert twin["id"] != strategy["id"]
    assert (twin["name"], twin["parameters"], twin["description"]) == ("Twin", strategy["parameters"], "why")
    assert answer.headers["location"] == f"{PATH}/{twin['id']}"
    again = client.post(f"{PATH}/{strategy['id']}/clone", json={"name": "Twin"}, headers={"Idempotency-Key": "k"})
    assert again.json() == twin
    assert client.post(f"{PATH}/{strategy['id']}/clone").json()["name"] == "Copy of Averages"


def test_a_stored_strategy_is_checked(client: TestClient) -> None:
    strategy = made(client)
    report = client.post(f"{PATH}/{strategy['id']}/validate")
    assert report.status_code == 200, report.text
    found = report.json()
    assert (found["valid"], found["bars"], found["symbols"], found["verdict"]) == (True, 300, ["SPX"], "passed")
    assert not math.isnan(found["seconds"])


def test_what_is_not_stored_is_checked_with_every_finding(client: TestClient) -> None:
    body = {"strategy_type": "sma_crossover", "parameters": {"short_windw": 3, "long_window": 0}}
    report = client.post(f"{PATH}/validate", json=body)
    assert report.status_code == 200, report.text
    found = report.json()
    assert found["valid"] is False
    fields = {finding["field"]: finding["code"] for finding in found["findings"]}
    assert fields == {"parameters.short_windw": "unknown_parameter", "parameters.long_window": "out_of_bounds"}
    assert all(finding["remedy"] for finding in found["findings"])
    unknown = client.post(f"{PATH}/validate", json={"strategy_type": "none"}).json()
    assert [finding["code"] for finding in unknown["findings"]] == ["unknown_type"]


def test_a_plugin_is_made_and_checked(client: TestClient, tmp_path: Path) -> None:
    write_plugin(tmp_path / "plugins", "mine", generate="return hc.Signals.from_targets(data.close.shift(-1) * 0 + 1)")
    strategy = made(client, strategy_type="mine", parameters={"window": 9})
    report = client.post(f"{PATH}/{strategy['id']}/validate").json()
    assert report["valid"] is False
    assert report["findings"][0]["code"] == "look_ahead"
    assert client.post(PATH, json={**BODY, "strategy_type": "mine", "parameters": {"windw": 9}}).status_code == 422


ROUTES = [
    ("GET", ""),
    ("POST", ""),
    ("POST", "/validate"),
    ("GET", "/x"),
    ("PUT", "/x"),
    ("PATCH", "/x"),
    ("DELETE", "/x"),
    ("POST", "/x/validate"),
    ("POST", "/x/clone"),
    ("GET", "/templates"),
    ("GET", "/templates/momentum"),
]


def test_nobody_comes_in_without_credentials(client: TestClient) -> None:
    for method, end in ROUTES:
        answer = client.request(method, f"{PATH}{end}", headers={"Authorization": ""})
        assert answer.status_code == 401, (method, end)
