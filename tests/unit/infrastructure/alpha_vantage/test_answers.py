from __future__ import annotations

import json

import pytest
from tests.faults import alpha_vantage_server as vendor

from hindcast.domain.errors import ProviderResponseError
from hindcast.infrastructure.alpha_vantage.answers import Refusal, read_answer

PREMIUM = "You may subscribe to any of the premium plans at https://www.alphavantage.co/premium/"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (vendor.PACE, "pace"),
        ("Please consider spreading out your free API requests more sparingly (1 request per second).", "pace"),
        (vendor.DAY, "day"),
        ("You have reached the daily limit of your plan", "day"),
        ("Thank you for using Alpha Vantage! Our standard API rate limit is 1,000 requests per day.", "day"),
        (vendor.OLD_PACE, "minute"),
        ("Our standard API call frequency is 75 calls per minute.", "minute"),
        ("Thank you for using Alpha Vantage! Please visit … if you would like a higher API call frequency.", "minute"),
        (vendor.PREMIUM_SIZE, "premium"),
        (vendor.PREMIUM_ENDPOINT, "premium"),
        (f"Thank you! This is a premium endpoint. {PREMIUM}", "premium"),
        ("Your key is not entitled to realtime US market data.", "premium"),
        (vendor.BAD_KEY, "credential"),
        ("The parameter apikey is invalid or missing.", "credential"),
        ("Invalid API key.", "credential"),
        (vendor.DEMO, "demo"),
        ("The demo API key is for demo purposes only.", "demo"),
        (vendor.INVALID_CALL, "unknown"),
        ("This API function (TIME_SERIES_DALY) does not exist.", "function"),
        ("Happy new year", "other"),
    ],
)
@pytest.mark.parametrize("name", ["Error Message", "Information", "Note", "information"])
def test_the_vendor_s_words_are_told_apart_wherever_they_stand(name, text, reason):
    assert read_answer(json.dumps({name: text}).encode()) == Refusal(reason=reason, text=text)


def test_a_word_that_is_no_text_is_a_refusal_all_the_same():
    refusal = read_answer(b'{"Note": {"limit": "25 requests per day"}}')
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "day"


def test_an_error_goes_before_a_note():
    refusal = read_answer(json.dumps({"Note": vendor.PACE, "Error Message": vendor.INVALID_CALL}).encode())
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "unknown"


def test_a_notice_beside_data_is_a_refusal():
    assert isinstance(read_answer(json.dumps({"Note": vendor.PACE, "Meta Data": {}}).encode()), Refusal)


def test_data_come_as_they_are():
    assert read_answer(b' {"bestMatches": []}') == {"bestMatches": []}
    assert read_answer(b"{}") == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\n <html>", "a web page"),
        (b"timestamp,open\n", "no JSON object"),
        (b'"text"', "no JSON object"),
        (b'{"a": 1', "cut short"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": ' + b"1" * 5000 + b"}", "no JSON"),
        (b'{"a": \xff}', "no JSON"),
        (b'{"a":' * 50_000, "no JSON"),
    ],
)
def test_what_is_no_json_object_is_refused(body, words):
    with pytest.raises(ProviderResponseError, match=words):
        read_answer(body)
