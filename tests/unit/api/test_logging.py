"""Logs: one JSON object a line, all loggers, and never a secret."""

from __future__ import annotations

import io
import json
import logging

import pytest

from hindcast.api.logging import request_context, set_up_logs

TOKEN = "local-token-of-this-start"
KEY = "hck_0123456789abcdef_" + "a1" * 32


@pytest.fixture
def written():
    """The log's stream, and the loggers as they were afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    others = {name: logging.getLogger(name) for name in ("httpx", "httpcore", "pymongo", "asyncio", "uvicorn.access")}
    levels = {name: logger.level for name, logger in others.items()}
    stream = io.StringIO()
    set_up_logs(secrets=(TOKEN,), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, logger in others.items():
        logger.setLevel(levels[name])


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_level_logger_time_and_what_was_said(written):
    logging.getLogger("hindcast.x").info("it %s", "happened", extra={"status": 200})
    (line,) = lines(written)
    assert (line["event"], line["level"], line["logger"], line["status"]) == ("it happened", "info", "hindcast.x", 200)
    assert line["timestamp"].endswith("Z")


def test_what_is_logged_within_a_request_carries_its_id(written):
    with request_context("abc"):
        logging.getLogger("hindcast.x").info("inside")
    logging.getLogger("hindcast.x").info("outside")
    assert [line.get("request_id") for line in lines(written)] == ["abc", None]


def test_the_servers_own_logs_come_the_same_way_and_its_access_log_does_not(written):
    logging.getLogger("uvicorn.error").info("started", extra={"color_message": "started in colours"})
    logging.getLogger("uvicorn.access").info("GET /?token=x")
    logging.getLogger("httpx").info("GET https://vendor.example/?apikey=x")
    assert [line["event"] for line in lines(written)] == ["started"]
    assert "colours" not in written.getvalue()


@pytest.mark.parametrize(
    "said",
    [
        f"the token {TOKEN} came",
        f"key {KEY}!",
        f"Authorization: Bearer {KEY}",
        "Authorization: bearer of-something-else",
        "GET /?token=of-something-else&x=1",
        "Cookie: hindcast_session=of-something-else; a=b",
        "password=of-something-else",
        "mongodb://user:of-something-else@db.example/x",
        "https://vendor.example/query?apikey=of-something-else",
    ],
)
def test_secrets_in_texts_are_hidden(written, said):
    logging.getLogger("hindcast.x").warning(said)
    logging.getLogger("hindcast.x").warning("%s", {"nested": [said]}, extra={"note": said, "deep": {"a": (said,)}})
    try:
        raise RuntimeError(said)
    except RuntimeError:
        logging.getLogger("hindcast.x").exception("it failed")
    text = written.getvalue()
    assert TOKEN not in text
    assert KEY not in text
    assert "of-something-else" not in text
    assert "RuntimeError" in text
    assert "[hidden]" in text


@pytest.mark.parametrize(
    "name", ["token", "password", "Authorization", "set-cookie", "api_key", "client_secret", "key"]
)
def test_values_of_telling_names_are_hidden(written, name):
    logging.getLogger("hindcast.x").info("said", extra={"headers": {name: "plain-value"}, f"x_{name}": "plain-value"})
    assert "plain-value" not in written.getvalue()


def test_on_a_terminal_it_is_words():
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up_logs(stream=stream, plain=True)
        logging.getLogger("hindcast.x").warning("it happened", extra={"token": "plain-value"})
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert "it happened" in stream.getvalue()
    assert "plain-value" not in stream.getvalue()
    assert not stream.getvalue().startswith("{")
