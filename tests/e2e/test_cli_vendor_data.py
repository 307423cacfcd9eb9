"""`hindcast data fetch` and what follows from end to end, against a vendor on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.faults.alpha_vantage_book import Book
from tests.faults.alpha_vantage_server import AlphaVantageServer, alpha_vantage
from tests.unit.cli.invoking import hindcast

import hindcast as hc

KEY = "Sesam0Offne"
DAYS = ("--start", "2025-01-02", "--end", "2026-02-27")


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[AlphaVantageServer]:
    """A vendor that the settings name, with a key whose plan has everything."""
    with alpha_vantage(Book(premium=True)) as server:
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_URL", server.url)
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_KEY", KEY)
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_PER_DAY", "0")
        monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_PER_SECOND", "0")
        yield server


def test_a_share_is_fetched_once_listed_run_and_verified(vendor: AlphaVantageServer) -> None:
    fetched = hindcast("data", "fetch", "IBM", *DAYS)
    assert (fetched.code, fetched.err) == (0, "")
    assert fetched.out.startswith("IBM (1d): 289 bars for 2025-01-02 to 2026-02-27; version ")
    asked = len(vendor.requests)
    again = hindcast("data", "fetch", "IBM", *DAYS)
    assert "everything was known already, no request went out" in again.out
    listed = json.loads(hindcast("data", "list", "--provider", "alpha_vantage", "--json").out)
    (symbol,) = listed["alpha_vantage"]
    (version,) = json.loads(hindcast("data", "list", "--provider", "alpha_vantage", "--versions", "--json").out)[
        "alpha_vantage"
    ]
    assert (symbol["symbol"], symbol["bars"], symbol["currency"], symbol["exchange"]) == ("IBM", 289, "USD", "XNYS")
    run = hindcast("run", "sma_crossover", "--symbols", "IBM", "--provider", "alpha_vantage", *DAYS, "--quiet")
    assert (run.code, run.err) == (0, "")
    stored = hc.open_results().get(run.out.strip())
    assert stored.data_versions == (f"alpha_vantage/1d@{version['id']}",)
    assert len(vendor.requests) == asked
    vendor.play("error_503")
    assert hindcast("verify", run.out.strip()).code == 0
    assert len(vendor.requests) == asked


def test_a_result_is_verified_on_the_version_that_it_saw_after_a_restatement(vendor: AlphaVantageServer) -> None:
    hindcast("data", "fetch", "IBM", *DAYS)
    run = hindcast("run", "sma_crossover", "--symbols", "IBM", "--provider", "alpha_vantage", *DAYS, "--quiet")
    vendor.book.restated = 1.01
    told = hindcast("data", "fetch", "IBM", *DAYS, "--again")
    assert "the vendor restated bars or actions that were known" in told.out
    versions = hindcast("data", "list", "--provider", "alpha_vantage", "--versions").out
    assert versions.count("fetch") == 2
    verified = hindcast("verify", run.out.strip())
    assert (verified.code, "Identical, bit for bit" in verified.out) == (0, True)
    first = hc.load_bars("IBM", provider="alpha_vantage", version=hc.open_data().versions("alpha_vantage")[1].id)
    newest = hc.load_bars("IBM", provider="alpha_vantage", start="2025-01-02", end="2026-02-27")
    assert first.fingerprint != newest.fingerprint


def test_a_benchmark_that_is_fetched_after_the_bars_is_verified_on_its_own_version(vendor: AlphaVantageServer) -> None:
    hindcast("data", "fetch", "SPY", "--start", "2025-11-03", "--end", "2026-02-27")
    shares = ("--symbols", "IBM", "--provider", "alpha_vantage", *DAYS)
    run = hindcast("run", "sma_crossover", *shares, "--benchmark", "SPY", "--quiet")
    stored = hc.open_results().get(run.out.strip())
    assert len(stored.data_versions) == 2
    assert stored.performance.benchmark_dropped_dates == 0
    verified = hindcast("verify", run.out.strip())
    assert (verified.code, "Identical, bit for bit" in verified.out) == (0, True)


def test_a_benchmark_is_verified_on_its_provider_though_another_has_brought_the_same_name(
    vendor: AlphaVantageServer,
) -> None:
    days = pd.bdate_range("2025-01-02", periods=60)
    closes = {
        name: pd.DataFrame({"close": 100.0 + step * np.arange(60)}, index=days) for name, step in (("a", 1), ("b", 2))
    }
    hc.import_bars({"KOSPI": closes["a"]}, provider="indices", kind="index")
    hc.import_bars({"XYZ": closes["b"]}, provider="prices")
    run = hindcast("run", "buy_and_hold", "--symbols", "XYZ", "--provider", "prices", "--benchmark", "^KS11", "--quiet")
    hc.import_bars({"^KS11": closes["b"]}, provider="aaa", kind="index")
    hc.import_bars({"^KS11": closes["b"]}, provider="indices", kind="index")
    verified = hindcast("verify", run.out.strip())
    assert (verified.code, "Identical, bit for bit" in verified.out) == (0, True)


def test_a_run_needs_no_cache_and_no_settings_of_one(
    vendor: AlphaVantageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINDCAST_REDIS_URL", "redis://user:Geheim@host:port")
    hindcast("data", "fetch", "IBM", *DAYS)
    assert hindcast("run", "buy_and_hold", "--symbols", "IBM", "--provider", "alpha_vantage", *DAYS).code == 0
    searched = hindcast("data", "search", "IBM")
    assert (searched.code, "redis_url can't be read" in searched.err, "Geheim" in searched.err) == (2, True, False)


def test_a_holder_on_weekly_bars_has_what_one_on_daily_bars_has_over_a_split(vendor: AlphaVantageServer) -> None:
    ends = []
    for interval in ("1d", "1w"):
        told = hindcast("data", "fetch", "IBM", "--interval", interval, "--start", "2025-01-03", "--end", "2025-12-26")
        assert ("lies within" in told.out, "--interval 1w" in told.out) == ((interval == "1w"),) * 2
        bars = hc.load_bars("IBM", provider="alpha_vantage", interval=interval, start="2025-01-03", end="2025-12-26")
        config = hc.BacktestConfig(fill_on="close", proof="off")
        ends.append(float(hc.run_backtest("buy_and_hold", bars, config=config).equity.iloc[-1]))
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


def test_what_a_vendor_no_longer_tells_stays_and_the_reader_is_told(vendor: AlphaVantageServer) -> None:
    hindcast("data", "fetch", "IBM", *DAYS)
    vendor.play("premium_endpoint", function="DIVIDENDS")
    told = hindcast("data", "fetch", "IBM", *DAYS, "--again")
    assert "IBM: dividends are not known: the vendor does not give them for this key and symbol" in told.out
    assert "restated" not in told.out
    bars = hc.load_bars("IBM", provider="alpha_vantage", start="2025-01-02", end="2026-02-27")
    assert bars.panel.dividend is not None
    assert np.count_nonzero(bars.panel.dividend) == 5
    assert "IBM: dividends are not known: the vendor does not give them for this key and symbol" in bars.notes


def test_a_free_key_is_told_what_is_missing_and_what_to_do(
    vendor: AlphaVantageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.book.premium = False
    monkeypatch.setenv("HINDCAST_ALPHA_VANTAGE_PER_DAY", "25")
    fetched = hindcast("data", "fetch", "IBM", *DAYS)
    assert fetched.code == 0
    assert "not available: 2025-01-02 to 2025-10-0" in fetched.out
    assert "free plan" in fetched.out
    with pytest.warns(hc.PartialDataWarning, match="alpha_vantage IBM 2025-01-02 to"):
        bars = hc.load_bars("IBM", provider="alpha_vantage", start="2025-01-02", end="2026-02-27")
    assert len(bars) == 100
    assert any(note.startswith("Not in these bars: IBM 2025-01-02 to") for note in bars.notes)


def test_the_vendors_symbols_can_be_searched(vendor: AlphaVantageServer) -> None:
    found = hindcast("data", "search", "IBM")
    assert (found.code, "IBM" in found.out) == (0, True)


def test_without_a_key_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = hindcast("data", "fetch", "IBM")
    assert failed.code == 2
    assert "HINDCAST_ALPHA_VANTAGE_KEY" in failed.err
    assert "Traceback" not in failed.err


def test_a_vendor_that_fails_is_an_error_without_the_key(vendor: AlphaVantageServer, data_folder: Path) -> None:
    vendor.play("daily_limit")
    failed = hindcast("data", "fetch", "IBM", *DAYS)
    assert failed.code == 1
    assert KEY not in failed.out + failed.err
    kept = [file for file in data_folder.rglob("*") if file.is_file()]
    assert not [file for file in kept if KEY.encode() in file.read_bytes()]
    assert hindcast("config").out.count(KEY) == 0


def test_a_fetch_that_fails_halfway_says_what_it_stored(vendor: AlphaVantageServer) -> None:
    failed = hindcast("data", "fetch", "IBM", "NOPE", *DAYS)
    assert failed.code == 2
    assert "; before it, these were stored: IBM\n" in failed.err
    assert [symbol.symbol for symbol in hc.open_data().symbols("alpha_vantage")] == ["IBM"]


def test_what_is_stored_is_checked(vendor: AlphaVantageServer, data_folder: Path) -> None:
    hindcast("data", "fetch", "IBM", *DAYS)
    good = hindcast("data", "check")
    assert (good.code, "files and documents are what was written, 1 series looked at" in good.out) == (0, True)
    (file,) = (data_folder / "market" / "bars").rglob("*.parquet")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    bad = hindcast("data", "check")
    assert bad.code == 1
    assert file.name in bad.out
    run = hindcast("run", "sma_crossover", "--symbols", "IBM", "--provider", "alpha_vantage", *DAYS)
    assert run.code != 0
    assert file.name in run.err


def test_sql_answers_over_what_is_stored(vendor: AlphaVantageServer) -> None:
    hindcast("data", "fetch", "IBM", *DAYS)
    found = hc.open_data().query("SELECT symbol, count(*) AS bars FROM bars GROUP BY symbol")
    assert found.to_dict("records") == [{"symbol": "IBM", "bars": 289}]
