from __future__ import annotations

import asyncio
import logging
import time
import traceback

import pytest
from tests.faults.alpha_vantage_asking import KEY, PREMIUM, Asker
from tests.faults.alpha_vantage_book import Book
from tests.faults.alpha_vantage_server import alpha_vantage

from hindcast.domain.errors import (
    CredentialError,
    EntitlementError,
    HindcastError,
    ProviderError,
    ProviderResponseError,
    ProviderUnavailableError,
    QuotaError,
    UnknownSymbolError,
)
from hindcast.infrastructure.alpha_vantage.client import Bounds

LOGGERS = ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "asyncio", "hindcast")


@pytest.fixture
def vendor():
    with alpha_vantage() as server:
        yield server


@pytest.fixture
def asker(vendor, tmp_path):
    return Asker(vendor, tmp_path)


@pytest.fixture(autouse=True)
def verbose(caplog):
    """Log everything that there is, so that a key in a record is seen."""
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)


def told(error: BaseException) -> str:
    """All that a reader of an error could see: the whole chain with its frames, and every attribute."""
    chain, found = [error], []
    while chain:
        one = chain.pop()
        found += ["".join(traceback.format_exception(one)), repr(one), repr(vars(one)), repr(one.args)]
        chain += [linked for linked in (one.__cause__, one.__context__) if linked is not None]
    return "\n".join(found)


def kept(folder) -> str:
    return "\n".join(f"{file} {file.read_text()}" for file in folder.rglob("*") if file.is_file())


def assert_key_unseen(texts: str) -> None:
    for spelling in (KEY, KEY.replace("/", "%2F").replace("+", "%2B"), KEY.casefold()):
        assert spelling not in texts
        assert spelling not in texts.casefold()


FAULTS = {
    # part: (error, words of its message, requests that went out)
    "html": (ProviderResponseError, "a web page", 1),
    "nothing": (ProviderResponseError, "is empty", 1),
    "plain_text": (ProviderResponseError, "no JSON object", 1),
    "list": (ProviderResponseError, "no JSON object", 1),
    "truncated_json": (ProviderResponseError, "cut short", 1),
    "same_row_twice": (ProviderResponseError, "twice", 1),
    "deep": (ProviderResponseError, "no JSON", 1),
    "wrong_key": (ProviderResponseError, r"no 'Time Series \(Daily\)'; it has 'Meta Data'", 1),
    "no_meta": (ProviderResponseError, "no 'Meta Data'", 1),
    "rows_as_list": (ProviderResponseError, "is a list; expected rows by date", 1),
    "row_as_text": (ProviderResponseError, "is a str; expected its fields", 1),
    "missing_field": (ProviderResponseError, "no row has a field 'high'", 1),
    "wrong_symbol": (ProviderResponseError, "symbol is 'MSFT'; expected 'IBM'", 1),
    "unknown_zone": (ProviderResponseError, "unknown time zone 'US/Atlantis'", 1),
    "no_function": (ProviderResponseError, "does not exist", 1),
    "unknown_error": (ProviderResponseError, r"Something new went wrong with your API key \*\*\*", 1),
    "unknown_notice": (ProviderResponseError, r"key \*\*\* stays valid", 1),
    "flood": (ProviderResponseError, "longer than 16,777,216 bytes", 1),
    "redirect": (ProviderResponseError, "status 302, a redirect", 1),
    "forbidden": (ProviderResponseError, "status 403", 1),
    "bad_gzip": (ProviderResponseError, "can't be read", 1),
    "empty_object": (UnknownSymbolError, "empty answer", 1),
    "empty_series": (UnknownSymbolError, "no bars", 1),
    "invalid_call": (UnknownSymbolError, "Invalid API call", 1),
    "bad_key": (CredentialError, "HINDCAST_ALPHA_VANTAGE_KEY", 1),
    "information_bad_key": (CredentialError, "refuses the key", 1),
    "demo": (CredentialError, "HINDCAST_ALPHA_VANTAGE_KEY", 1),
    "premium_endpoint": (EntitlementError, "premium endpoint", 1),
    "daily_limit": (QuotaError, r"API key as \*\*\* and our standard API rate limit is 25", 1),
    "note_daily_limit": (QuotaError, r"API key as \*\*\*", 1),
    "note_per_minute": (QuotaError, "5 calls per minute", 1),
    "pace": (QuotaError, "1 request per second", 3),
    "too_many": (QuotaError, "go on in 3600 s", 1),
    "too_many_soon": (QuotaError, "status 429", 3),
    "too_many_by_date": (QuotaError, "go on in 28800 s", 1),
    "too_many_unsaid": (QuotaError, "go on in 60 s", 1),
    "error_500": (ProviderUnavailableError, "status 500", 1),
    "error_503": (ProviderUnavailableError, "status 503", 1),
    "reset": (ProviderUnavailableError, "was not reached or broke off, twice", 2),
    "broken_off": (ProviderUnavailableError, "broke off, twice", 2),
}


@pytest.mark.parametrize("part", FAULTS)
def test_each_fault_is_its_own_error_and_the_key_is_nowhere(asker, vendor, part, caplog):
    kind, words, requests = FAULTS[part]
    vendor.play(part)
    began = time.monotonic()
    with pytest.raises(kind, match=words) as caught:
        asker.fetch()
    assert time.monotonic() - began < 5
    assert type(caught.value) is kind
    assert "IBM" in str(caught.value) or "HINDCAST_ALPHA_VANTAGE_KEY" in str(caught.value)
    assert vendor.asked() == ["TIME_SERIES_DAILY compact"] * requests
    assert asyncio.run(used(asker)) == requests
    assert_key_unseen(told(caught.value) + caplog.text + kept(asker.folder))
    assert all(query["apikey"] == KEY for query in vendor.requests)


async def used(asker) -> int:
    return asker.provider()._client.quotas.used()


@pytest.mark.parametrize(("part", "requests"), [("drip", 1), ("silence", 2)])
def test_a_slow_vendor_is_given_up_at_the_deadline(vendor, tmp_path, part, requests, caplog):
    asker = Asker(vendor, tmp_path, bounds=Bounds(deadline=0.5, connect=0.2, read=0.2))
    vendor.play(part)
    began = time.monotonic()
    with pytest.raises(ProviderUnavailableError) as caught:
        asker.fetch()
    assert time.monotonic() - began < 1.5
    assert len(vendor.requests) == asyncio.run(used(asker)) == requests
    assert_key_unseen(told(caught.value) + caplog.text + kept(tmp_path))


def test_the_deadlines_of_a_real_run_are_within_thirty_seconds():
    bounds = Bounds()
    assert bounds.deadline <= 30
    assert bounds.longest_wait + 2 * max(bounds.connect, bounds.read) <= bounds.deadline


def test_a_flood_is_broken_off_before_it_fills_the_memory(vendor, tmp_path):
    asker = Asker(vendor, tmp_path, bounds=Bounds(deadline=5, body=1_000_000))
    vendor.play("flood")
    began = time.monotonic()
    with pytest.raises(ProviderResponseError, match="longer than 1,000,000 bytes"):
        asker.fetch()
    assert time.monotonic() - began < 1


def test_a_vendor_that_is_not_there_costs_no_request(tmp_path, caplog):
    with alpha_vantage() as vendor:
        asker = Asker(vendor, tmp_path)
    with pytest.raises(ProviderUnavailableError, match="ConnectError") as caught:
        asker.fetch()
    assert asyncio.run(used(asker)) == 0
    assert_key_unseen(told(caught.value) + caplog.text + kept(tmp_path))


def test_a_connection_that_breaks_once_is_tried_again(asker, vendor):
    vendor.play("reset", times=1)
    assert len(asker.fetch().rows.timestamps) == 38
    assert vendor.asked() == ["TIME_SERIES_DAILY compact"] * 2 + ["SPLITS", "DIVIDENDS"]
    assert asyncio.run(used(asker)) == 4


def test_a_vendor_that_asks_for_a_slower_pace_gets_it(asker, vendor):
    vendor.play("pace", times=2)
    assert len(asker.fetch().rows.timestamps) == 38
    assert asker.clock.waits[:2] == [2.0, 2.0]
    assert len(vendor.requests) == 5


@pytest.mark.parametrize("part", ["daily_limit", "too_many", "note_per_minute"])
def test_after_a_refusal_for_a_while_no_request_goes_out(asker, vendor, part):
    vendor.play(part)
    with pytest.raises(QuotaError) as first:
        asker.fetch()
    assert first.value.retry_after is not None
    with pytest.raises(QuotaError, match="takes no requests of this key") as second:
        asker.fetch("SPY")
    assert len(vendor.requests) == 1
    assert second.value.retry_after == pytest.approx(first.value.retry_after)
    vendor.behave()
    asyncio.run(asker.clock.sleep(first.value.retry_after + 1))
    assert len(asker.fetch("SPY").rows.timestamps) == 38


def test_a_daily_limit_ends_at_midnight_in_new_york(asker, vendor):
    vendor.play("daily_limit")
    with pytest.raises(QuotaError) as caught:
        asker.fetch()
    assert caught.value.retry_after == 15 * 3600 + 60  # from 09:00


@pytest.mark.parametrize("part", ["html", "daily_limit", "list", "reset", "truncated_json", "bad_key", "other_share"])
@pytest.mark.parametrize("function", ["SPLITS", "DIVIDENDS"])
def test_a_fault_in_the_corporate_actions_gives_no_bars_either(asker, vendor, part, function):
    vendor.play(part, function=function)
    with pytest.raises(ProviderError):
        asker.fetch()


def test_a_premium_refusal_is_remembered_for_a_week_and_not_asked_again(asker, vendor):
    vendor.play("premium_endpoint", function="TIME_SERIES_WEEKLY")
    with pytest.raises(EntitlementError, match="premium endpoint"):
        asker.fetch(interval="1w")
    with pytest.raises(EntitlementError, match="said so on 2026-03-02"):
        asker.fetch(interval="1w")
    assert len(vendor.requests) == 1
    asyncio.run(asker.clock.sleep(7 * 86_400))
    with pytest.raises(EntitlementError, match="premium endpoint"):
        asker.fetch(interval="1w")
    assert len(vendor.requests) == 2
    asker.key = "Another0Key"
    with pytest.raises(EntitlementError, match="premium endpoint"):
        asker.fetch(interval="1w")
    assert len(vendor.requests) == 3


def test_text_in_a_number_comes_as_a_faulty_row(asker, vendor):
    vendor.play("text_in_a_number", function="TIME_SERIES_DAILY")
    rows = asker.fetch().rows
    assert rows.faults is not None
    assert rows.faults["text_in_number"].tolist() == [len(rows.timestamps) - 4]
    assert rows.high[-4] != rows.high[-4]
    assert rows.close[-4] == rows.close[-4]


def test_a_stamp_that_can_not_be_read_comes_as_a_faulty_row(asker, vendor):
    vendor.play("unreadable_stamp", function="TIME_SERIES_DAILY")
    rows = asker.fetch().rows
    assert rows.timestamps[0] == 0
    assert rows.faults is not None
    assert rows.faults["text_in_number"].tolist() == [0]
    assert len(rows.timestamps) == 38


def test_stale_bars_are_told_and_not_covered(asker, vendor):
    vendor.play("stale", function="TIME_SERIES_DAILY")
    found = asker.fetch()
    assert found.covered == ()
    assert len(found.rows.timestamps) == 0
    assert [str(entry.days) for entry in found.unavailable] == ["2026-01-05 to 2026-02-27"]
    assert "stale: the vendor's bars end by 2025-12-01" in found.unavailable[0].reason


def test_bars_that_are_a_little_late_are_asked_for_again(asker, vendor):
    vendor.play("late", function="TIME_SERIES_DAILY")
    found = asker.fetch()
    assert [str(days) for days in found.covered] == ["2026-01-05 to 2026-02-25"]
    assert [(str(entry.days), entry.reason) for entry in found.unavailable] == [
        ("2026-02-26 to 2026-02-27", "the vendor does not have these days yet")
    ]


def test_rows_in_another_order_give_the_same_bars(asker, vendor):
    straight = asker.fetch().rows
    vendor.play("oldest_first", function="TIME_SERIES_DAILY")
    turned = asker.fetch().rows
    assert turned.timestamps.tolist() == straight.timestamps.tolist() == sorted(straight.timestamps.tolist())
    assert turned.close.tolist() == straight.close.tolist()


def test_a_full_answer_that_was_cut_to_the_small_size_is_not_taken_for_all(tmp_path):
    with alpha_vantage(Book(premium=True)) as vendor:
        vendor.play("downgraded", outputsize="full")
        found = Asker(vendor, tmp_path, limits=PREMIUM).fetch(first="2024-06-03")
    assert [days.first.isoformat() for days in found.covered] == ["2025-10-06"]
    assert [str(entry.days) for entry in found.unavailable] == ["2024-06-03 to 2025-10-05"]


def test_an_address_without_encryption_gets_no_key(vendor, tmp_path):
    asker = Asker(vendor, tmp_path)
    asker.server = type("Elsewhere", (), {"url": "http://vendor.example/query"})()
    with pytest.raises(HindcastError, match="would send the key unencrypted"):
        asker.provider()
