from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from tests.faults.alpha_vantage_book import Book
from tests.faults.alpha_vantage_server import alpha_vantage
from tests.unit.api.application import fresh_services, running_app
from tests.unit.api.owners import READER, NamedOwners, sent_by

import hindcast as hc
from hindcast.services.market_data.bars_request import BarsRequest

PATH = "/api/v1/market-data"
DAYS = pd.bdate_range("2020-01-01", periods=7)
KEY = "Sesam0Offne"


def frame(symbol: str, first: int = 0, base: float = 10.0) -> pd.DataFrame:
    """Seven days of a symbol; the first ones may be missing."""
    days = DAYS[first:]
    closes = [base + place for place in range(first, len(DAYS))]
    return pd.DataFrame(
        {
            "date": days,
            "symbol": symbol,
            "open": closes,
            "high": [close + 1 for close in closes],
            "low": [close - 1 for close in closes],
            "close": closes,
            "volume": 100,
        }
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """One application for all requests that leave nothing behind: an import of two symbols, one of them restated."""
    home = tmp_path_factory.mktemp("market-data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HINDCAST_HOME", str(home))
        rows = pd.concat([frame("AAA"), frame("=BBB", first=2)])
        hc.import_bars(rows, provider="mine", calendar="24/7", currency="USD")
        hc.import_bars(frame("AAA", base=11.0), provider="mine", calendar="24/7", currency="USD")
    with running_app(home=home) as client:
        yield client


def found(client, path: str, **query) -> dict:
    answer = client.get(f"{PATH}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything(client, path: str, limit: int, **query) -> list[dict]:
    """All items of a list, a page at a time."""
    items, cursor = [], None
    while True:
        page = found(client, path, **query, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def test_providers_say_what_is_here_of_them(client):
    providers = {each["name"]: each for each in everything(client, "providers", limit=1)}
    assert providers["sample"]["kind"] == "built-in"
    assert providers["mine"] == {"name": "mine", "kind": "import", "intervals": ["1d"], "symbols": 2}
    assert providers["alpha_vantage"] == {"name": "alpha_vantage", "kind": "vendor", "intervals": [], "symbols": 0}


def test_symbols_come_page_by_page_in_their_order(client):
    symbols = [each["symbol"] for each in everything(client, "symbols", limit=5, provider="sample")]
    assert symbols == sorted(symbols)
    assert len(symbols) == len(set(symbols)) == found(client, "providers")["items"][-1]["symbols"]


@pytest.mark.parametrize(
    ("search", "first"), [("s&p", "SPX"), ("apple", "AAPL"), ("aap", "AAPL"), ("500 S&P", "SPX"), ("zzz", None)]
)
def test_symbols_are_found_by_words_of_their_names(client, search: str, first: str | None):
    items = found(client, "symbols", provider="sample", search=search)["items"]
    assert [each["symbol"] for each in items][:1] == ([first] if first else [])


def test_coverage_tells_the_days_that_are_known(client):
    known = found(client, "coverage", provider="mine", symbol="=BBB")
    assert known["covered"] == [{"first": "2020-01-03", "last": "2020-01-09"}]
    assert (known["first"], known["last"], known["bars"], known["unavailable"]) == ("2020-01-03", "2020-01-09", 5, [])
    newest = found(client, "versions", provider="mine")["items"][0]
    assert known["version"] == newest["id"]
    assert found(client, "coverage", provider="sample", symbol="SPX")["version"] is None


def test_versions_are_told_newest_first_with_what_they_restated(client):
    versions = everything(client, "versions", limit=1, provider="mine")
    assert [each["restated"] for each in versions] == [["AAA"], []]
    assert versions[0]["parent"] == versions[1]["id"]
    assert versions[1]["changed"] == ["=BBB", "AAA"]


def test_bars_come_by_time_and_then_by_symbol_whatever_the_pages(client):
    query = {"provider": "mine", "symbols": ["AAA", "=BBB"]}
    whole = everything(client, "bars", limit=200, **query)
    assert [(each["timestamp"][:10], each["symbol"]) for each in whole[:4]] == [
        ("2020-01-01", "AAA"),
        ("2020-01-02", "AAA"),
        ("2020-01-03", "AAA"),
        ("2020-01-03", "=BBB"),
    ]
    assert len(whole) == 12
    for limit in (1, 5, 11, 12):
        assert everything(client, "bars", limit=limit, **query) == whole
    assert whole[0] == {
        "timestamp": "2020-01-01T00:00:00Z",
        "symbol": "AAA",
        "open": 11.0,
        "high": 12.0,
        "low": 10.0,
        "close": 11.0,
        "volume": 100.0,
        "split": 1.0,
        "dividend": 0.0,
    }


def test_bars_are_cut_to_their_days_and_of_the_version_that_was_asked_for(client):
    oldest = found(client, "versions", provider="mine")["items"][1]["id"]
    query = {"provider": "mine", "symbols": "AAA", "start": "2020-01-02", "end": "2020-01-03"}
    assert [each["close"] for each in found(client, "bars", **query)["items"]] == [12.0, 13.0]
    page = found(client, "bars", **query, version=oldest[:12])
    assert [each["close"] for each in page["items"]] == [11.0, 12.0]
    assert page["version"] == f"mine/1d@{oldest}"


def test_a_page_stays_with_the_version_that_the_first_page_was_of(client):
    """Somebody publishes between two pages."""
    oldest = found(client, "versions", provider="mine")["items"][1]["id"]
    first = found(client, "bars", provider="mine", symbols="AAA", version=oldest, limit=3)
    second = found(client, "bars", provider="mine", symbols="AAA", limit=3, cursor=first["next_cursor"])
    assert [each["close"] for each in second["items"]] == [13.0, 14.0, 15.0]
    assert second["version"] == first["version"]


def test_csv_has_the_same_bars_all_at_once_and_no_formula(client):
    query = {"provider": "mine", "symbols": ["AAA", "=BBB"]}
    answer = client.get(f"{PATH}/bars", params={**query, "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    bars = everything(client, "bars", limit=200, **query)
    assert [(row["timestamp"], float(row["close"])) for row in rows] == [
        (bar["timestamp"], bar["close"]) for bar in bars
    ]
    assert {row["symbol"] for row in rows} == {"AAA", "'=BBB"}


def test_volume_that_the_source_does_not_have_is_null(client):
    assert found(client, "bars", provider="sample", symbols="AAPL", limit=1)["items"][0]["volume"] is None


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("symbols", {"provider": "mime"}, "Did you mean 'mine'?"),
        ("symbols", {"provider": "../etc"}, "no provider '../etc'"),
        ("symbols", {"provider": "mine", "cursor": "x"}, "cursor"),
        ("symbols", {"provider": "mine", "limit": 201}, "limit"),
        ("versions", {"provider": "mine", "cursor": "WzAsImEiXQ"}, "the cursor is of other versions"),
        ("versions", {"provider": "mine", "interval": "7min"}, "interval='7min'"),
        ("coverage", {"provider": "mine", "symbol": "CCC"}, "no symbol 'CCC'"),
        ("bars", {"provider": "mine", "symbols": "CCC"}, "CCC"),
        ("bars", {"provider": "mine", "symbols": ["AAA", "AAA"]}, "named twice"),
        ("bars", {"provider": "mine", "symbols": "AAA", "start": "2020-02-01", "end": "2020-01-01"}, "swap them"),
        ("bars", {"provider": "mine", "symbols": "AAA", "start": "2031-01-01"}, "AAA"),
        ("bars", {"provider": "mine", "symbols": "AAA", "start": "1580000000"}, "expected a date"),
        ("bars", {"provider": "mine", "symbols": "AAA", "version": "0" * 64}, "version"),
        ("bars", {"provider": "mine", "symbols": "AAA", "cursor": "WzAsIkJAIl0"}, "the cursor is of other symbols"),
        ("bars", {"provider": "alpha_vantage", "symbols": "IBM"}, "import or fetch them first"),
        ("bars", {"provider": "sample", "symbols": "SPX", "interval": "5min"}, "daily bars only"),
        ("bars", {"provider": "mine", "symbols": "A\nB"}, "printable"),
    ],
)
def test_what_can_not_be_is_said(client, path: str, query: dict, words: str):
    answer = client.get(f"{PATH}/{path}", params=query)
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.text


def test_bars_that_would_not_fit_are_refused_before_they_are_read(tmp_path):
    minutes = pd.date_range("2020-01-01", periods=3_000, freq="1min", tz="UTC")
    rows = pd.DataFrame({f"{name}": 10.0 for name in ("open", "high", "low", "close")} | {"volume": 1.0}, index=minutes)
    hc.import_bars({f"S{number:03d}": rows for number in range(2)}, provider="mine", calendar="24/7")
    services = fresh_services()
    with running_app(services):
        browser = services.market_data_browser
        request = BarsRequest.of(
            [f"S{number:03d}" for number in range(2)], None, None, provider="mine", interval="1min"
        )
        assert browser.bars(request).close.shape == (3_000, 2)
        many = BarsRequest.of(
            [f"S{number:03d}" for number in range(1_000)], None, None, provider="mine", interval="1min"
        )
        with pytest.raises(hc.InputError, match="some 3,000,000 bars at once; at most 2,000,000"):
            browser.bars(many)
        day = BarsRequest.of(
            [f"S{number:03d}" for number in range(1_000)], "2020-01-02", "2020-01-02", provider="mine", interval="1min"
        )
        with pytest.raises(hc.SymbolError):  # small enough: then the missing symbols are told
            browser.bars(day)


@pytest.fixture
def vendor(monkeypatch):
    with alpha_vantage(Book(premium=True)) as server:
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_URL", server.url)
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_KEY", KEY)
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_PER_DAY", "0")
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_PER_SECOND", "0")
        yield server


def test_a_vendor_is_asked_once_and_its_bars_are_there_afterwards(vendor):
    body = {"provider": "alpha_vantage", "symbols": ["IBM"], "start_date": "2025-01-02", "end_date": "2026-02-27"}
    with running_app() as client:
        fetched = client.post(f"{PATH}/fetch", json=body)
        assert fetched.status_code == 200, fetched.text
        (report,) = fetched.json()["reports"]
        assert (report["symbol"], report["rows"], report["asked"][0]["first"]) == ("IBM", 289, "2025-01-02")
        asked = len(vendor.requests)
        again = client.post(f"{PATH}/fetch", json=body, headers={"Idempotency-Key": "one"})
        assert again.json()["reports"][0]["asked"] == []
        bars = found(client, "bars", provider="alpha_vantage", symbols="IBM", limit=1)
        assert bars["version"] == f"alpha_vantage/1d@{report['version']['id']}"
        known = found(client, "coverage", provider="alpha_vantage", symbol="IBM")
        assert known["covered"][0]["first"] == "2025-01-02"
        assert len(vendor.requests) == asked
        other = client.post(f"{PATH}/fetch", json=body | {"symbols": ["MSFT"]}, headers={"Idempotency-Key": "one"})
        assert other.status_code == 409


@pytest.mark.parametrize(
    ("part", "status", "retry"), [("error_503", 503, True), ("bad_key", 422, False), ("daily_limit", 503, True)]
)
def test_a_vendor_that_fails_is_told_without_its_key(vendor, part: str, status: int, retry: bool):
    vendor.play(part)
    with running_app() as client:
        answer = client.post(f"{PATH}/fetch", json={"symbols": ["IBM"], "start_date": "2025-01-02"})
    assert answer.status_code == status, answer.text
    assert ("retry-after" in answer.headers) is retry
    assert KEY not in answer.text


def test_without_a_key_the_answer_says_where_to_put_one():
    with running_app() as client:
        answer = client.post(f"{PATH}/fetch", json={"symbols": ["IBM"]})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:hindcast:error:credential_error"


@pytest.mark.parametrize(
    "body",
    [
        {"symbols": []},
        {"symbols": ["A"] * 21},
        {"symbols": "IBM"},
        {"symbols": ["IBM"], "again": "yes"},
        {"symbols": ["IBM"], "url": "http://example.com"},
        {"symbols": ["IBM"], "provider": "sample"},
        {"symbols": ["IBM"], "start_date": "2020-13-01"},
    ],
)
def test_a_fetch_that_can_not_be_is_refused(client, body: dict):
    assert client.post(f"{PATH}/fetch", json=body).status_code == 422


def test_who_only_reads_may_not_bring_anything_in(tmp_path):
    with running_app(access=NamedOwners(), headers=sent_by(READER)) as client:
        assert client.get(f"{PATH}/providers").status_code == 200
        assert client.post(f"{PATH}/fetch", json={"symbols": ["IBM"]}).status_code == 403
        sent = client.post(f"{PATH}/import?provider=mine", content=b"x", headers={"Content-Type": "text/csv"})
        assert sent.status_code == 403


def test_nobody_sees_market_data_without_credentials():
    with running_app(headers={}) as client:
        for path in ("providers", "symbols?provider=sample", "bars?provider=sample&symbols=SPX"):
            assert client.get(f"{PATH}/{path}").status_code == 401
