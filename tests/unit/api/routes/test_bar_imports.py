from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.unit.api.application import fresh_services, running_app
from tests.unit.api.routes.test_market_data import frame

from hindcast.domain.errors import TimeLimitError

PATH = "/api/v1/market-data"
CSV = {"Content-Type": "text/csv"}
PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


@pytest.fixture(scope="module")
def client(tmp_path_factory, shared_children):
    """One application for all imports: each brings its own provider."""
    services = fresh_services(home=tmp_path_factory.mktemp("imports"))
    vars(services)["children"] = shared_children
    with running_app(services) as client:
        yield client


def sent(client, content: str | bytes | Iterator[bytes], headers: dict, **query):
    return client.post(f"{PATH}/import", content=content, headers=headers, params=query)


def csv_of(rows: pd.DataFrame) -> str:
    return rows.to_csv(index=False)


def test_a_csv_becomes_bars_that_can_be_read_and_run(client):
    answer = sent(client, csv_of(frame("ACME")), CSV, provider="first", calendar="24/7", currency="USD")
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["rows_read"], report["rows_published"], report["rows_bad"], report["refused"]) == (7, 7, 0, False)
    assert report["symbols"][0]["symbol"] == "ACME"
    assert report["version"]["reason"] == "import"
    bars = client.get(f"{PATH}/bars", params={"provider": "first", "symbols": "ACME"}).json()
    assert [bar["close"] for bar in bars["items"]] == [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]
    assert bars["version"] == f"first/1d@{report['version']['id']}"


def test_parquet_is_read_as_well(client):
    written = io.BytesIO()
    frame("ACME").to_parquet(written)
    answer = sent(client, written.getvalue(), PARQUET, provider="columns")
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows_published"] == 7


def test_the_same_rows_once_more_change_nothing_and_others_make_a_version(client):
    first, same, other = (
        sent(client, csv_of(rows), CSV, provider="again").json()["version"]["id"]
        for rows in (frame("ACME"), frame("ACME"), frame("ACME", base=11.0))
    )
    assert first == same != other


def test_a_dry_run_checks_and_stores_nothing(client):
    answer = sent(client, csv_of(frame("ACME")), CSV, provider="dry", dry_run="true")
    assert (answer.json()["version"], answer.json()["rows_published"]) == (None, 0)
    assert "dry" not in [each["name"] for each in client.get(f"{PATH}/providers").json()["items"]]


def test_too_many_bad_rows_are_told_row_by_row_and_nothing_is_stored(client):
    rows = frame("ACME")
    rows.loc[3, "high"] = 1.0
    answer = sent(client, csv_of(rows), CSV, provider="broken")
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:hindcast:error:import_refused_error"
    assert "1 of 7 rows are bad" in problem["detail"]
    (found,) = problem["errors"]
    assert found["field"] == "row 4 (ACME 2020-01-06)"
    assert "high" in found["message"]
    assert "broken" not in [each["name"] for each in client.get(f"{PATH}/providers").json()["items"]]
    let_out = sent(client, csv_of(rows), CSV, provider="broken", max_bad_share=0.5)
    assert (let_out.status_code, let_out.json()["rows_published"], let_out.json()["rows_bad"]) == (200, 6, 1)
    assert let_out.json()["quarantine_id"]


def test_columns_decimal_and_time_zone_are_said_in_the_request(client):
    text = "when;ticker;Last\n2020-01-02 09:30;ACME;10,5\n2020-01-02 09:31;ACME;10,6\n"
    answer = sent(
        client,
        text,
        CSV,
        provider="words",
        interval="1min",
        timezone="America/New_York",
        decimal=",",
        column=["when=timestamp", "Last=close", "ticker=symbol"],
    )
    assert answer.status_code == 200, answer.text
    bars = client.get(f"{PATH}/bars", params={"provider": "words", "symbols": "ACME", "interval": "1min"}).json()
    assert [(bar["timestamp"], bar["close"]) for bar in bars["items"]] == [
        ("2020-01-02T14:30:00Z", 10.5),
        ("2020-01-02T14:31:00Z", 10.6),
    ]


@pytest.mark.parametrize(
    ("content", "query", "words"),
    [
        (csv_of(frame("ACME")), {"provider": "sample"}, "choose another name"),
        (csv_of(frame("ACME")), {"provider": "alpha_vantage"}, "choose another name"),
        (csv_of(frame("ACME").drop(columns="symbol")), {"provider": "nobody"}, "say symbol=NAME"),
        ("", {"provider": "nothing"}, "request-body.csv"),
        ("<html>not found</html>", {"provider": "page"}, "request-body.csv"),
        (b"\x00\xff\xfe", {"provider": "bytes"}, "request-body.csv"),
        (csv_of(frame("ACME")), {"provider": "odd", "calendar": "MOON"}, "MOON"),
        (csv_of(frame("ACME")), {"provider": "odd", "timezone": "Mars/Base"}, "Mars/Base"),
    ],
)
def test_what_can_not_be_imported_is_told(client, content, query: dict, words: str):
    answer = sent(client, content, CSV, **query)
    assert answer.status_code == 422, answer.text
    assert words in answer.text


def test_what_is_told_of_a_file_names_no_folder_of_this_machine(client):
    rows = frame("ACME")
    rows.loc[3, "high"] = 1.0
    for content in (b"", b"\x00" * 100, csv_of(rows)):
        answer = sent(client, content, CSV, provider="placeless")
        assert answer.status_code == 422
        assert "request-body.csv" in answer.json()["detail"]
        assert "/request-body.csv" not in answer.text
    rehearsed = sent(client, csv_of(rows), CSV, provider="placeless", dry_run="true")
    assert rehearsed.json()["refused"]
    assert "/request-body.csv" not in rehearsed.text


def test_bytes_that_are_no_parquet_are_refused(client):
    answer = sent(client, b"PAR1 and no more", PARQUET, provider="cut", symbol="ACME")
    assert answer.status_code == 422
    assert "request-body.parquet" in answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"provider": "../up"},
        {"provider": "Mine"},
        {"provider": "mine", "currency": "usd"},
        {"provider": "mine", "kind": "bond"},
        {"provider": "mine", "max_bad_share": 2},
        {"provider": "mine", "column": "close"},
        {"provider": "mine", "path": "/etc/passwd"},
        {"provider": "mine", "decimal": ";"},
    ],
)
def test_terms_that_can_not_be_are_refused_before_the_body_is_read(client, query: dict):
    answer = sent(client, csv_of(frame("ACME")), CSV, **query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:hindcast:error:input_error"


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "application/json"}, {"Content-Type": "text/html"}, {**CSV, "Content-Encoding": "gzip"}, {}],
)
def test_another_media_type_is_not_read(client, headers: dict):
    assert sent(client, b"x", headers, provider="mine").status_code == 415


def test_a_key_that_came_with_other_rows_is_refused(client):
    headers = {**CSV, "Idempotency-Key": "rows-1"}
    first = sent(client, csv_of(frame("ACME")), headers, provider="keyed")
    same = sent(client, csv_of(frame("ACME")), headers, provider="keyed")
    assert first.json() == same.json()
    assert sent(client, csv_of(frame("ACME", base=11.0)), headers, provider="keyed").status_code == 409
    assert sent(client, csv_of(frame("ACME")), headers, provider="keyed2").status_code == 409


def test_a_body_above_64_mebibytes_is_refused_while_it_comes(client):
    part = b"x" * (1 << 20)
    answer = sent(client, (part for _ in range(66)), CSV, provider="large")
    assert answer.status_code == 413


def test_no_file_stays_behind(client):
    before = set(Path(tempfile.gettempdir()).glob("hindcast-import-*"))
    sent(client, csv_of(frame("ACME")), CSV, provider="clean")
    sent(client, "nothing", CSV, provider="clean")
    assert set(Path(tempfile.gettempdir()).glob("hindcast-import-*")) <= before


class StalledChildren:
    """Children that take too long over everything."""

    def run(self, task, payload, *, limits=None, tell=None, stopped=None):
        raise TimeLimitError(f"'{task}' took more than {limits.seconds:g} s")

    def close(self) -> None:
        """Nothing is open."""


def test_a_file_that_takes_too_long_to_read_is_a_refused_import():
    services = fresh_services()
    vars(services)["children"] = StalledChildren()
    with running_app(services) as client:
        answer = sent(client, csv_of(frame("ACME")), CSV, provider="slow")
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:hindcast:error:import_refused_error"
    assert "took more than 300 s" in answer.json()["detail"]
