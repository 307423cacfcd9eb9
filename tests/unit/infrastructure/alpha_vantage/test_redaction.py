from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from hindcast.infrastructure.alpha_vantage.redaction import Redactor, silent_about_the_key

KEY = "Ab/C+1='2"


@pytest.mark.parametrize(
    "text",
    [
        f"your API key as {KEY} and our limit",
        f"your API key is {KEY.upper()}",
        "https://vendor.example/query?apikey=Ab%2FC%2B1%3D%272&symbol=IBM",
        "https://vendor.example/query?symbol=IBM&APIKEY=anything",
        f"key {KEY!r} of {KEY}",
        "We have detected your API key as ZZZ9 here",
    ],
)
def test_a_key_is_taken_out_however_it_is_spelt(text):
    shown = Redactor(SecretStr(KEY))(text)
    assert "***" in shown
    for part in ("Ab", "C+1", "anything", "ZZZ9", "AB/C"):
        assert part not in shown


def test_a_text_without_a_key_stays():
    assert Redactor(SecretStr(KEY))("Invalid API call. See API keys") == "Invalid API call. See API keys"
    assert Redactor(None)("standard API rate limit") == "standard API rate limit"


def test_a_quoted_text_is_one_short_line():
    shown = Redactor(SecretStr(KEY)).quoted(f"{KEY}\n" + "x " * 1_000)
    assert "\n" not in shown
    assert shown.startswith("*** x")
    assert len(shown) < 250


def test_records_of_the_network_are_rewritten_only_meanwhile(caplog):
    caplog.set_level(logging.DEBUG, logger="httpcore.http11")
    logger = logging.getLogger("httpcore.http11")
    with silent_about_the_key(Redactor(SecretStr(KEY))):
        logger.debug("headers %r", [(b"Location", f"/?apikey={KEY}".encode())])
        logger.debug("nothing %s", "here")
    assert KEY not in caplog.text
    assert "nothing here" in caplog.text
    logger.debug("again %s", KEY)
    assert KEY in caplog.text
    assert logger.filters == []
