from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.contracts.records import a_result, a_strategy, some_tables
from tests.unit.api.application import fresh_services, running_app
from tests.unit.api.owners import NamedOwners, sent_by

from hindcast.bootstrap.tasks.run_backtest import run_backtest
from hindcast.domain.backtest import BacktestResult

PATH = "/api/v1/backtests"
NAME = '</title><script>alert("x")</script>'
TABLES = ("trades", "fills", "orders", "equity")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Finished:
    """An application with a backtest that has run."""

    client: Any
    services: Any
    name: str

    def get(self, tail: str, **options):
        return self.client.get(f"{PATH}/{self.name}{tail}", **options)


def run_one(services) -> None:
    """What a worker does, without its processes."""
    claim = services.jobs.claim("worker")
    answer = run_backtest(
        {
            "backtest": claim.backtest.model_dump(mode="json"),
            "home": str(services.settings.home),
            "plugin_dir": str(services.settings.plugin_dir),
            "result_id": claim.result_id,
        },
        lambda step, share: None,
    )
    assert isinstance(answer, dict)
    assert services.jobs.commit(claim, BacktestResult.model_validate(answer["result"]))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    services = fresh_services(home=tmp_path_factory.mktemp("results"))
    services.strategy_service.create(a_strategy("crossing", owner="ann"))
    body = {
        "name": NAME,
        "strategy_id": "crossing",
        "symbols": ["SPX"],
        "start_date": "2000-01-03",
        "end_date": "2009-12-31",
        "benchmark_symbol": "SPX",
    }
    with running_app(services, access=NamedOwners(), headers=sent_by("ann")) as client:
        name = client.post(PATH, json=body).json()["id"]
        assert client.post(f"{PATH}/{name}/execute").status_code == 202
        run_one(services)
        yield Finished(client, services, name)


def stored_table(finished, name: str) -> dict[str, list]:
    service = finished.services.backtest_service
    columns = service.table(service.result(finished.name, owner="ann"), name)
    return {column: values.tolist() for column, values in columns.items()}


def walked(finished, name: str, limit: int) -> list[dict]:
    rows: list[dict] = []
    cursor = None
    while True:
        page = finished.get(f"/{name}", params={"limit": limit} | ({"cursor": cursor} if cursor else {})).json()
        rows += page["items"]
        assert page["total"] >= len(rows)
        if (cursor := page["next_cursor"]) is None:
            assert page["total"] == len(rows)
            return rows


def test_the_result_has_the_figures_the_proofs_and_the_manifest(finished):
    body = finished.get("/result").json()
    stored = finished.services.backtest_service.result(finished.name, owner="ann")
    assert body["performance"] == stored.performance.model_dump(mode="json")
    assert body["manifest"] == stored.manifest.model_dump(mode="json")
    assert (body["final_portfolio_value"], body["total_trades"]) == (stored.final_portfolio_value, stored.total_trades)
    assert (body["verdict"], body["certificate"]["verdict"]) == ("passed", "passed")
    assert (body["ruined"], body["lane"], body["backtest_id"], body["name"]) == (
        False,
        "vectorised",
        finished.name,
        NAME,
    )
    assert body["books_deviation"] < 1e-9
    assert body["tables"]["trades"] == body["total_trades"] > 20
    assert "path" not in str(body["tables"])


def test_a_completed_backtest_is_done_to_the_last_percent(finished):
    status = finished.get("/status").json()
    assert (status["status"], status["progress"], status["attempt"]) == ("COMPLETED", 1.0, 1)
    assert status["duration_seconds"] >= 0
    assert finished.client.post(f"{PATH}/{finished.name}/execute").status_code == 409


@pytest.mark.parametrize("name", TABLES)
def test_a_walk_over_a_table_gives_all_its_rows_in_order(finished, name):
    columns = stored_table(finished, name)
    rows = walked(finished, name, 200)
    assert walked(finished, name, 83)[:200] == rows[:200]
    assert list(rows[0]) == list(columns)
    for column, values in columns.items():
        told = [row[column] for row in rows]
        if isinstance(values[0], float):
            assert told == [None if math.isnan(value) else value for value in values]
        elif column in ("timestamp", "entry_time", "exit_time", "created_at", "closed_at"):
            assert all(text is None or re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", text) for text in told)
        else:
            assert told == values


@pytest.mark.parametrize("name", TABLES)
def test_the_csv_has_the_same_rows(finished, name):
    answer = finished.get(f"/{name}", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{finished.name}-{name}.csv"'
    head, *lines = csv.reader(io.StringIO(answer.text, newline=""))
    rows = walked(finished, name, 200)
    assert head == list(rows[0])
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        for cell, value in zip(line, row.values(), strict=True):
            if isinstance(value, bool):
                assert cell == str(value).lower()
            elif isinstance(value, int | float):
                assert float(cell) == value
            else:
                assert cell == (value or "")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("application/json, text/csv;q=0.5", "application/json"),
        ("*/*", "application/json"),
        ("text/html, */*", "application/json"),
    ],
)
def test_accept_chooses_how_a_table_is_written(finished, accept, kind):
    assert finished.get("/trades", headers={"Accept": accept}).headers["content-type"].startswith(kind)
    asked = finished.get("/trades", params={"format": "json"}, headers={"Accept": accept})
    assert asked.headers["content-type"] == "application/json"


def test_a_cursor_belongs_to_its_table(finished):
    cursor = finished.get("/fills", params={"limit": 1}).json()["next_cursor"]
    assert finished.get("/fills", params={"limit": 1, "cursor": cursor}).status_code == 200
    for tail in ("/orders", "/equity"):
        assert finished.get(tail, params={"cursor": cursor}).status_code == 422
    assert finished.get("/fills", params={"cursor": "x"}).status_code == 422


def test_the_report_can_not_act_in_the_services_name(finished):
    answer = finished.get("/report")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    assert "content-disposition" not in answer.headers
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_the_report_is_saved_under_a_name_made_of_the_id(finished):
    answer = finished.get("/report", params={"download": "1"})
    assert answer.headers["content-disposition"] == f'attachment; filename="hindcast-report-{finished.name}.html"'


@pytest.mark.parametrize("tail", ["/result", "/report", *(f"/{name}" for name in TABLES)])
def test_without_a_result_the_answer_is_a_conflict_that_names_the_state(finished, tail):
    body = {"name": "Other", "strategy_id": "crossing", "symbols": ["SPX"]}
    name = finished.client.post(PATH, json=body, headers={"Idempotency-Key": "pending"}).json()["id"]
    answer = finished.client.get(f"{PATH}/{name}{tail}")
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"backtest {name} is PENDING: execute it first"


def test_text_that_a_spreadsheet_would_run_is_quoted(finished):
    services = finished.services
    odd = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a"b,c', "ok"]
    name = finished.client.post(PATH, json={"name": "Odd", "strategy_id": "crossing", "symbols": ["SPX"]}).json()["id"]
    finished.client.post(f"{PATH}/{name}/execute")
    claim = services.jobs.claim("worker")
    tables = some_tables()
    tables["fills"] = {
        "timestamp": np.full(len(odd), np.datetime64("2020-01-01", "ns")),
        "symbol": np.array(odd, dtype=object),
        "quantity": np.full(len(odd), -1.5),
    }
    stored = services.results.save(a_result(name, owner="ann", id=claim.result_id), tables)
    assert services.jobs.commit(claim, stored)
    answer = finished.client.get(f"{PATH}/{name}/fills", params={"format": "csv"})
    cells = [line[1] for line in csv.reader(io.StringIO(answer.text, newline=""))][1:]
    assert cells == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'\rx", 'a"b,c', "ok"]
    assert not any(cell.startswith(FORMULA) for cell in cells)


def test_a_table_whose_bytes_have_changed_is_not_shown(finished):
    result = finished.services.backtest_service.result(finished.name, owner="ann")
    file = finished.services.settings.home / next(each.path for each in result.artefacts if each.name == "trades")
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    try:
        for params in ({}, {"format": "csv"}):
            answer = finished.get("/trades", params=params)
            assert answer.status_code == 500
            assert answer.json()["type"] == "urn:hindcast:error:corrupt_data_error"
    finally:
        file.write_bytes(whole)
    assert finished.get("/trades").status_code == 200
