from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.contracts.records import a_backtest, a_strategy
from tests.unit.api.application import fresh_services, running_app
from tests.unit.api.owners import READER, NamedOwners, sent_by

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.jobs import FailureKind
from hindcast.domain.model_choice import models_by_name

PATH = "/api/v1/backtests"
BODY = {"name": "Main", "strategy_id": "of-ann", "symbols": ["SPX"]}


def services_with_strategies(**settings):
    made = fresh_services(**settings)
    for owner in ("ann", "bob"):
        made.strategy_service.create(a_strategy(f"of-{owner}", owner=owner))
    return made


@pytest.fixture
def services():
    return services_with_strategies()


@pytest.fixture
def client(services):
    with running_app(services, access=NamedOwners(), headers=sent_by("ann")) as client:
        yield client


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """One application for all requests that leave nothing behind."""
    services = services_with_strategies(home=tmp_path_factory.mktemp("refusing"))
    with running_app(services, access=NamedOwners(), headers=sent_by("ann")) as client:
        yield client


def made(client, **changes) -> dict:
    answer = client.post(PATH, json=BODY | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


def field_errors(answer) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [found["field"] for found in answer.json()["errors"]]


def test_a_backtest_is_made_with_all_that_was_asked(client):
    asked = BODY | {
        "start_date": "2010-01-04",
        "end_date": "2012-12-31",
        "provider": "sample",
        "benchmark_symbol": "SPX",
        "interval": "1d",
        "adjusted": True,
        "data_versions": [],
        "config": {"initial_capital": 5000, "commission": {"rate": 0.001}, "slippage": {"bps": 1}},
    }
    answer = client.post(PATH, json=asked)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"{PATH}/{body['id']}"
    assert answer.headers["ETag"] == '"1"'
    config = body.pop("config")
    assert (config["initial_capital"], config["commission"]["rate"]) == (5000.0, 0.001)
    assert (config["slippage"], config["sizing"]) == ({"bps": 1.0}, {"kind": "target_weight", "weight": 1.0})
    assert {name: body[name] for name in asked if name != "config"} == {
        name: value for name, value in asked.items() if name != "config"
    }
    state = {"status": "PENDING", "progress": 0.0, "step": "", "attempt": 0, "revision": 1, "strategy": None}
    assert {name: body[name] for name in state} == state
    assert body["created_at"].endswith("Z")
    read = client.get(answer.headers["Location"])
    assert read.json() == answer.json()
    assert read.headers["ETag"] == '"1"'


def test_the_status_has_these_fields_and_no_other(client):
    answer = client.get(f"{PATH}/{made(client)['id']}/status")
    assert answer.json() == {
        "status": "PENDING",
        "progress": 0.0,
        "step": "",
        "attempt": 0,
        "start_time": None,
        "end_time": None,
        "duration_seconds": None,
        "error_message": None,
        "failure": None,
    }


def test_a_repeated_post_with_its_key_is_the_same_backtest(client, services):
    key = {"Idempotency-Key": "k-1"}
    first = client.post(PATH, json=BODY, headers=key)
    client.patch(f"{PATH}/{first.json()['id']}", json={"name": "Changed since"})
    services.strategy_service.delete("of-ann", owner="ann")
    again = client.post(PATH, json=dict(reversed(BODY.items())), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.json()["name"] == "Changed since"


def test_a_key_with_another_request_is_refused(client):
    key = {"Idempotency-Key": "k-1"}
    first = client.post(PATH, json=BODY, headers=key).json()
    assert client.post(PATH, json=BODY | {"name": "Other"}, headers=key).status_code == 409
    assert client.post(f"{PATH}/{first['id']}/execute", headers=key).status_code == 409
    assert [each["id"] for each in client.get(PATH).json()["items"]] == [first["id"]]


def test_the_key_of_another_user_is_another_key(client):
    first = client.post(PATH, json=BODY, headers={"Idempotency-Key": "k-1"}).json()
    theirs = client.post(
        PATH, json=BODY | {"strategy_id": "of-bob"}, headers={"Idempotency-Key": "k-1", **sent_by("bob")}
    )
    assert theirs.status_code == 201
    assert theirs.json()["id"] != first["id"]


def test_of_twenty_posts_at_once_with_one_key_one_backtest_and_one_job_come(client, services):
    def post(_: int) -> tuple[int, str, int]:
        first = client.post(PATH, json=BODY, headers={"Idempotency-Key": "create"})
        name = first.json()["id"]
        return (
            first.status_code,
            name,
            client.post(f"{PATH}/{name}/execute", headers={"Idempotency-Key": "execute"}).status_code,
        )

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(post, range(20)))
    assert len(answers) == 1
    ((created, _, executed),) = answers
    assert (created, executed) == (201, 202)
    assert len(client.get(PATH).json()["items"]) == 1
    assert services.jobs.claim("worker").fence == 1
    assert services.jobs.claim("worker") is None


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a\tb"])
def test_a_header_that_is_no_key_is_refused(refusing, key):
    listed = refusing.get(PATH, params={"limit": 200}).json()["items"]
    assert refusing.post(PATH, json=BODY, headers={"Idempotency-Key": key}).status_code == 422
    assert refusing.get(PATH, params={"limit": 200}).json()["items"] == listed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"name": None}, "name"),
        ({"symbols": []}, "symbols"),
        ({"symbols": "SPX"}, "symbols"),
        ({"symbols": ["x" * 41]}, "symbols.0"),
        ({"symbols": ["A\nB"]}, "symbols.0"),
        ({"symbols": [" "]}, "symbols.0"),
        ({"symbols": [f"S{number}" for number in range(1_001)]}, "symbols"),
        ({"symbols": {"SPX": 1}}, "symbols"),
        ({"start_date": "04.01.2010"}, "start_date"),
        ({"start_date": "2010-1-4"}, "start_date"),
        ({"start_date": "2010-01-04T00:00:00"}, "start_date"),
        ({"start_date": "2010-02-30"}, "start_date"),
        ({"start_date": "20100104"}, "start_date"),
        ({"start_date": 1262563200}, "start_date"),
        ({"start_date": "0001-01-01"}, "start_date"),
        ({"end_date": "9999-12-31"}, "end_date"),
        ({"adjusted": "true"}, "adjusted"),
        ({"adjusted": 1}, "adjusted"),
        ({"interval": 5}, "interval"),
        ({"benchmark_symbol": ""}, "benchmark_symbol"),
        ({"data_versions": ["x"] * 21}, "data_versions"),
        ({"config": {"initial_capital": "5"}}, "config.initial_capital"),
        ({"config": {"initial_capital": -1}}, "config.initial_capital"),
        ({"config": {"capital": 5}}, "config.capital"),
        ({"config": {"slippage": {"kind": "custom", "class": "spy:Spy"}}}, "config.slippage"),
        ({"config": []}, "config"),
        ({"owner": "bob"}, "owner"),
        ({"status": "COMPLETED"}, "status"),
        ({"id": "mine"}, "id"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_its_field(refusing, changes, field):
    listed = refusing.get(PATH, params={"limit": 200}).json()["items"]
    assert field_errors(refusing.post(PATH, json=BODY | changes)) == [field]
    assert refusing.get(PATH, params={"limit": 200}).json()["items"] == listed


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(refusing, text):
    content = json.dumps(BODY | {"config": {"initial_capital": "?"}}).replace('"?"', text)
    answer = refusing.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text


def test_a_model_of_ones_own_is_refused_before_anything_is_imported(client, tmp_path, monkeypatch):
    (tmp_path / "spy.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(tmp_path)
    for field in ("commission", "slippage", "sizing"):
        answer = client.post(PATH, json=BODY | {"config": {field: {"kind": "custom", "class": "spy:Spy"}}})
        assert "code does not come in over HTTP" in answer.json()["detail"]
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"strategy_id": "of-bob"}, 404, "no Strategy has the id 'of-bob'"),
        ({"strategy_id": "none"}, 404, "no Strategy has the id 'none'"),
        ({"provider": "sampl"}, 422, "Did you mean 'sample'"),
        ({"symbols": ["SPXX"]}, 422, "did you mean 'SPX'"),
        ({"symbols": ["SPX", "SPX"]}, 422, "each may be named once"),
        ({"start_date": "2050-01-01"}, 422, "from 1999-01-04 to 2018-12-31"),
        ({"start_date": "2012-01-01", "end_date": "2011-01-01"}, 422, "is after end_date"),
        ({"benchmark_symbol": "Moon index"}, 422, "no source has the benchmark"),
        ({"interval": "7min"}, 422, "interval='7min'"),
        ({"config": {"max_leverage": 3, "maintenance_margin": 0.9}}, 422, "would liquidate"),
    ],
)
def test_what_could_only_fail_is_refused_with_the_reason(refusing, changes, status, words):
    answer = refusing.post(PATH, json=BODY | changes)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_put_asks_something_else_and_patch_a_part_of_it(client):
    first = made(client, benchmark_symbol="SPX", config={"initial_capital": 5})
    place = f"{PATH}/{first['id']}"
    changed = client.patch(place, json={"name": "Part", "benchmark_symbol": None}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    assert changed.json() == first | {"name": "Part", "benchmark_symbol": None, "revision": 2}
    replaced = client.put(place, json=BODY, headers={"If-Match": '"2"'})
    assert replaced.status_code == 200
    assert replaced.json()["config"]["initial_capital"] == 100_000.0
    assert replaced.json()["revision"] == 3
    assert client.get(place).json() == replaced.json()


def test_a_change_needs_the_revision_that_it_names(client):
    place = f"{PATH}/{made(client)['id']}"
    for method, body in (("PATCH", {"name": "x"}), ("PUT", BODY), ("DELETE", None)):
        assert client.request(method, place, json=body, headers={"If-Match": '"9"'}).status_code == 409
        assert client.request(method, place, json=body, headers={"If-Match": "nonsense"}).status_code == 422
    assert client.patch(place, json={"name": "x"}, headers={"If-Match": "*"}).status_code == 200
    assert client.delete(place, headers={"If-Match": '"2"'}).status_code == 204


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"symbols": []}, {"name": None}, {"status": "COMPLETED"}, [], None])
def test_a_change_that_does_not_fit_changes_nothing(refusing, body):
    first = made(refusing)
    assert refusing.patch(f"{PATH}/{first['id']}", json=body).status_code == 422
    assert refusing.get(f"{PATH}/{first['id']}").json() == first


def test_execute_queues_and_says_where_to_look(client, services):
    place = f"{PATH}/{made(client)['id']}"
    answer = client.post(f"{place}/execute")
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"{place}/status"
    assert answer.json()["status"] == "QUEUED"
    assert answer.json()["strategy"]["strategy_type"] == "sma_crossover"
    assert client.get(answer.headers["Location"]).json()["status"] == "QUEUED"
    assert client.post(f"{place}/execute").status_code == 409
    assert client.patch(place, json={"name": "x"}).status_code == 409
    assert client.delete(place).status_code == 409
    assert services.jobs.claim("worker").backtest.id == answer.json()["id"]


def test_execute_with_its_key_again_answers_with_what_it_is_now(client, services):
    place, key = f"{PATH}/{made(client)['id']}", {"Idempotency-Key": "run"}
    assert client.post(f"{place}/execute", headers=key).json()["status"] == "QUEUED"
    claim = services.jobs.claim("worker")
    assert client.post(f"{place}/execute", headers=key).json()["status"] == "RUNNING"
    services.jobs.fail(claim, FailureKind.STRATEGY, "it raised")
    again = client.post(f"{place}/execute", headers=key)
    assert (again.status_code, again.json()["status"]) == (202, "FAILED")
    anew = client.post(f"{place}/execute", headers={"Idempotency-Key": "run again"})
    assert (anew.status_code, anew.json()["status"]) == (202, "QUEUED")


def test_cancel_stops_what_is_queued_and_refuses_what_is_not(client):
    place = f"{PATH}/{made(client)['id']}"
    assert client.post(f"{place}/cancel").status_code == 409
    client.post(f"{place}/execute")
    answer = client.post(f"{place}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    assert client.post(f"{place}/cancel").status_code == 409
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


def test_a_failure_is_told_with_its_kind(client, services):
    name = made(client)["id"]
    client.post(f"{PATH}/{name}/execute")
    services.jobs.fail(services.jobs.claim("worker"), FailureKind.STRATEGY, "ZeroDivisionError: division by zero")
    status = client.get(f"{PATH}/{name}/status").json()
    assert (status["status"], status["failure"], status["error_message"]) == (
        "FAILED",
        "strategy",
        "ZeroDivisionError: division by zero",
    )
    result = client.get(f"{PATH}/{name}/result")
    assert result.status_code == 409
    assert "is FAILED (strategy) and has no result: ZeroDivisionError" in result.json()["detail"]


ROUTES = [
    ("GET", ""),
    ("PUT", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/execute"),
    ("POST", "/cancel"),
    ("GET", "/status"),
    ("GET", "/events"),
    ("GET", "/result"),
    ("GET", "/trades"),
    ("GET", "/fills"),
    ("GET", "/orders"),
    ("GET", "/equity"),
    ("GET", "/report"),
]


@pytest.mark.parametrize(("method", "tail"), ROUTES)
def test_what_is_anothers_is_not_found_and_looks_like_what_is_not_there(refusing, method, tail):
    name = made(refusing)["id"]
    body = {"PUT": BODY | {"strategy_id": "of-bob"}, "PATCH": {"name": "Mine"}}.get(method)

    def ask(which: str) -> tuple[int, dict]:
        answer = refusing.request(method, f"{PATH}/{which}{tail}", json=body, headers=sent_by("bob"))
        problem = answer.json()
        problem.pop("request_id")
        return answer.status_code, json.loads(json.dumps(problem).replace(which, "X"))

    status, problem = ask(name)
    assert status == 404
    assert (status, problem) == ask("f" * 32)
    assert refusing.get(f"{PATH}/{name}").json()["name"] == "Main"


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "%00", "%20", "-x", "é", "x" * 500, "a b", "%F0%9F%98%80"])
def test_an_id_that_can_not_be_one_is_not_found(refusing, name):
    for tail in ("", "/status", "/result", "/trades", "/events"):
        assert refusing.get(f"{PATH}/{name}{tail}").status_code == 404


def test_who_only_reads_can_not_write(client):
    name, reader = made(client)["id"], sent_by(READER)
    assert client.get(f"{PATH}/{name}", headers=reader).status_code == 200
    assert client.post(PATH, json=BODY, headers=reader).status_code == 403
    for method, tail in [("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/execute"), ("POST", "/cancel")]:
        answer = client.request(method, f"{PATH}/{name}{tail}", json=BODY if method == "PUT" else None, headers=reader)
        assert answer.status_code == 403, (method, tail)


def test_lists_are_paged_filtered_and_the_owners(client, services):
    names = [made(client, name=f"n{number}")["id"] for number in range(5)]
    client.post(PATH, json=BODY | {"strategy_id": "of-bob"}, headers=sent_by("bob"))
    client.post(f"{PATH}/{names[2]}/execute")
    first = client.get(PATH, params={"limit": 3}).json()
    second = client.get(PATH, params={"limit": 3, "cursor": first["next_cursor"]}).json()
    listed = [each["id"] for each in first["items"] + second["items"]]
    assert sorted(listed) == sorted(names)
    assert second["next_cursor"] is None
    queued = client.get(PATH, params={"status": "QUEUED", "strategy_id": "of-ann"}).json()["items"]
    assert [each["id"] for each in queued] == [names[2]]
    assert client.get(PATH, params={"strategy_id": "of-bob"}).json()["items"] == []


def test_a_damaged_backtest_costs_its_list_nothing_and_can_be_deleted(client, services):
    kept, damaged = made(client)["id"], made(client)["id"]
    documents = services.databases.documents
    found = documents.get("backtests", damaged)
    assert documents.replace("backtests", replace(found, document="{}"), version=found.version)
    page = client.get(PATH)
    assert page.status_code == 200
    assert [each["id"] for each in page.json()["items"]] == [kept]
    assert page.json()["damaged"] == [damaged]
    assert client.get(f"{PATH}/{damaged}").json()["type"] == "urn:hindcast:error:corrupt_data_error"
    assert client.delete(f"{PATH}/{damaged}").status_code == 204
    assert client.get(PATH).json()["damaged"] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=x", f"cursor={'x' * 401}", "status=DONE", "stauts=QUEUED"]
)
def test_a_list_is_not_guessed_at(refusing, query):
    assert refusing.get(f"{PATH}?{query}").status_code == 422


def test_events_of_one_that_has_ended_come_and_end_and_are_not_sent_twice(client):
    name = made(client)["id"]
    client.post(f"{PATH}/{name}/execute")
    client.post(f"{PATH}/{name}/cancel")
    answer = client.get(f"{PATH}/{name}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    retry, event = answer.text.removesuffix("\n\n").split("\n\n")
    number, kind, data = event.split("\n")
    assert (retry, kind) == ("retry: 2000", "event: status")
    assert json.loads(data.removeprefix("data: ")) == client.get(f"{PATH}/{name}/status").json()
    again = client.get(f"{PATH}/{name}/events", headers={"Last-Event-ID": number.removeprefix("id: ")})
    assert (again.status_code, again.text) == (204, "")


def test_a_name_of_any_letters_comes_back_as_it_was(client):
    for name in (
        '<script>alert("x")</script>',
        "=SUM(A1)",
        "삼성전자 ✓ 😀",
        "'; DROP TABLE backtests;--",
    ):
        assert client.get(f"{PATH}/{made(client, name=name)['id']}").json()["name"] == name


@pytest.mark.parametrize("name", ["a\tb\nc", "\0", "  ", "\x1b[31mred", "a\u2028b"])
def test_a_name_is_one_line_that_can_be_printed(client, name):
    body = made(client)
    answer = client.patch(f"{PATH}/{body['id']}", json={"name": name})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


def test_a_backtest_with_a_model_that_is_not_here_is_listed_changed_and_queued(client, services):
    stored = {"kind": "custom", "class": "nowhere:Model", "rate": 0.1}
    with models_by_name():
        config = BacktestConfig(commission=stored)
    services.backtests.insert(a_backtest("from-python", owner="ann", strategy_id="of-ann", config=config))
    (listed,) = client.get(PATH).json()["items"]
    assert listed["config"]["commission"] == stored
    assert client.patch(f"{PATH}/from-python", json={"name": "Other"}).status_code == 200
    assert client.post(f"{PATH}/from-python/execute").json()["status"] == "QUEUED"
    claim = services.jobs.claim("worker")
    assert claim.backtest.config.model_dump(mode="json")["commission"] == stored
