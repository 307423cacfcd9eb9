"""A vendor on this machine that answers as Alpha Vantage does, and misbehaves as it and networks do."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.faults.alpha_vantage_book import Book

Query = Mapping[str, str]
DOCUMENTS = "https://www.alphavantage.co/documentation/"
PREMIUM = "You may subscribe to any of the premium plans at https://www.alphavantage.co/premium/"
INVALID_CALL = f"Invalid API call. Please retry or visit the documentation ({DOCUMENTS}) for TIME_SERIES_DAILY."
PACE = (
    "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly (1 request "
    f"per second). {PREMIUM} to lift the free key rate limit (25 requests per day), raise the per-second burst limit, "
    "and instantly remove all daily rate limits."
)
OLD_PACE = (
    "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 500 calls per day. "
    f"{PREMIUM} if you would like to target a higher API call frequency."
)
DAY = (
    "We have detected your API key as {key} and our standard API rate limit is 25 requests per day. "
    f"{PREMIUM} to instantly remove all daily rate limits."
)
PREMIUM_ENDPOINT = f"Thank you for using Alpha Vantage! This is a premium endpoint. {PREMIUM} to unlock all of them."
PREMIUM_SIZE = (
    "Thank you for using Alpha Vantage! The outputsize=full parameter value is a premium feature for the "
    f"TIME_SERIES_DAILY endpoint. {PREMIUM} to instantly unlock all premium features"
)
BAD_KEY = (
    "the parameter apikey is invalid or missing. Please claim your free API key on "
    "(https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds."
)
DEMO = (
    "The **demo** API key is for demo purposes only. Please claim your free API key at "
    "(https://www.alphavantage.co/support/#api-key) to explore our full API offerings."
)
TEXTS = {
    "daily_limit": ("Information", DAY),
    "note_daily_limit": ("Note", DAY),
    "pace": ("Information", PACE),
    "note_per_minute": ("Note", OLD_PACE),
    "premium_endpoint": ("Information", PREMIUM_ENDPOINT),
    "premium_size": ("Information", PREMIUM_SIZE),
    "bad_key": ("Error Message", BAD_KEY),
    "information_bad_key": ("Information", BAD_KEY),
    "demo": ("Information", DEMO),
    "invalid_call": ("Error Message", INVALID_CALL),
    "no_function": ("Error Message", "This API function (TIME_SERIES_DAILY) does not exist."),
    "unknown_error": ("Error Message", "Something new went wrong with your API key {key}."),
    "unknown_notice": ("Information", "Our premises move on Sunday; key {key} stays valid."),
}


class AlphaVantageServer:
    """Answers on 127.0.0.1 from a book of made-up prices; `play` has it misbehave."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.requests: list[dict[str, str]] = []
        self._parts: list[tuple[str, dict[str, str], int | None]] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:  # the name is http.server's
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # the name is http.server's
                """Stay silent."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are the point
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address to ask."""
        return f"http://127.0.0.1:{self._http.server_port}/query"

    def play(self, part: str, *, times: int | None = None, **query: str) -> None:
        """Misbehave in this way, for the next `times` requests (by default all) whose query holds these values."""
        if part not in TEXTS and part not in BODIES and part not in WIRES:
            raise ValueError(f"no part {part!r}")
        self._parts.insert(0, (part, query, times))

    def behave(self) -> None:
        """Answer honestly again."""
        self._parts.clear()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Note the request, and answer it."""
        query = dict(parse_qsl(urlsplit(handler.path).query))
        with self._lock:
            self.requests.append(query)
            part = self._part(query)
        key = query.get("apikey", "")
        if part in WIRES:
            WIRES[part](handler, self._stopped, key)
        elif part in TEXTS:
            name, text = TEXTS[part]
            _send(handler, json.dumps({name: text.replace("{key}", key)}).encode())
        elif part in BODIES:
            _send(handler, BODIES[part](self.book.answer(query)))
        else:
            _send(handler, json.dumps(self.book.answer(query)).encode())

    def asked(self) -> list[str]:
        """The functions that were asked for, in order, with their sizes and months."""
        return [
            " ".join(
                filter(None, (query["function"], query.get("outputsize") if "month" not in query else query["month"]))
            )
            for query in self.requests
        ]

    def stop(self) -> None:
        """End, slow answers too."""
        self._stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _part(self, query: Query) -> str:
        for place, (part, wanted, times) in enumerate(self._parts):
            if wanted.items() <= query.items():
                if times is not None:
                    self._parts[place : place + 1] = [(part, wanted, times - 1)] if times > 1 else []
                return part
        return "honest"


@contextmanager
def alpha_vantage(book: Book | None = None) -> Iterator[AlphaVantageServer]:
    """A server that runs for a while."""
    server = AlphaVantageServer(book or Book())
    try:
        yield server
    finally:
        server.stop()


def _series_key(answer: Mapping[str, object]) -> str:
    return next(key for key in answer if "Time Series" in key)


def _with_rows(change: Callable[[dict], object]) -> Callable[[dict], bytes]:
    """The honest answer with its rows changed."""

    def body(answer: dict) -> bytes:
        key = _series_key(answer)
        return json.dumps({**answer, key: change(answer[key])}).encode()

    return body


def _with_meta(**changes: str) -> Callable[[dict], bytes]:
    def body(answer: dict) -> bytes:
        meta = {
            name: changes.get(name.partition(". ")[2].replace(" ", "_").lower(), value)
            for name, value in answer["Meta Data"].items()
        }
        return json.dumps({**answer, "Meta Data": meta}).encode()

    return body


def _field(row: dict, name: str) -> str:
    return next(key for key in row if key.endswith(name))


def _text_in_a_number(rows: dict) -> dict:
    stamp = list(rows)[3]
    return {**rows, stamp: {**rows[stamp], _field(rows[stamp], "high"): "12,5O"}}


def _without_highs(rows: dict) -> dict:
    return {stamp: {key: value for key, value in row.items() if "high" not in key} for stamp, row in rows.items()}


def _twice(answer: dict) -> bytes:
    text = json.dumps(answer)
    key = _series_key(answer)
    stamp = next(iter(answer[key]))
    return text.replace(f'"{stamp}": ', f'"{stamp}": {{}}, "{stamp}": ', 1).encode()


BODIES: dict[str, Callable[[dict], bytes]] = {
    "html": lambda _: b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>",
    "nothing": lambda _: b"",
    "plain_text": lambda _: b"Service is busy",
    "empty_object": lambda _: b"{}",
    "list": lambda _: b"[]",
    "empty_series": _with_rows(lambda _: {}),
    "truncated_json": lambda answer: json.dumps(answer).encode()[:-30],
    "wrong_key": lambda answer: json.dumps({"Meta Data": answer["Meta Data"], "Time Series (Hourly)": {}}).encode(),
    "no_meta": lambda answer: json.dumps({_series_key(answer): answer[_series_key(answer)]}).encode(),
    "rows_as_list": _with_rows(lambda rows: list(rows.values())),
    "row_as_text": _with_rows(lambda rows: {**rows, next(iter(rows)): "1.5"}),
    "missing_field": _with_rows(_without_highs),
    "text_in_a_number": _with_rows(_text_in_a_number),
    "unreadable_stamp": _with_rows(
        lambda rows: {("yesterday" if i == 2 else k): v for i, (k, v) in enumerate(rows.items())}
    ),
    "oldest_first": _with_rows(lambda rows: dict(reversed(list(rows.items())))),
    "wrong_symbol": _with_meta(symbol="MSFT"),
    "unknown_zone": _with_meta(time_zone="US/Atlantis"),
    "stale": _with_rows(lambda rows: dict(list(rows.items())[60:])),
    "late": _with_rows(lambda rows: dict(list(rows.items())[2:])),
    "same_row_twice": _twice,
    "other_share": lambda answer: json.dumps({**answer, "symbol": "MSFT"}).encode(),
    "deep": lambda _: b'{"a":' * 100_000,
    "downgraded": lambda answer: _with_meta(output_size="Compact")(
        {**answer, _series_key(answer): dict(list(answer[_series_key(answer)].items())[:100])}
    ),
}


def _send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def _status(status: int, **headers: str) -> Callable[[BaseHTTPRequestHandler, threading.Event, str], None]:
    return lambda handler, _, key: _send(
        handler, b"<html>no</html>", status, **{name: value.replace("{key}", key) for name, value in headers.items()}
    )


def _reset(handler: BaseHTTPRequestHandler, _: threading.Event, __: str) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def _drip(handler: BaseHTTPRequestHandler, stopped: threading.Event, _: str) -> None:
    """A byte now and then: no read is ever late, only the whole."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not stopped.wait(0.02):
        handler.wfile.write(b"{")
        handler.wfile.flush()


def _silence(_: BaseHTTPRequestHandler, stopped: threading.Event, __: str) -> None:
    stopped.wait(30)


def _broken_off(handler: BaseHTTPRequestHandler, _: threading.Event, __: str) -> None:
    """Fewer bytes than announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b'{"Meta Data": {')
    handler.close_connection = True


def _flood(handler: BaseHTTPRequestHandler, stopped: threading.Event, _: str) -> None:
    """200 MB without an announced length."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    block = b'{"x": "' + b" " * (1 << 20)
    for _number in range(200):
        if stopped.is_set():
            return
        handler.wfile.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def _bad_gzip(handler: BaseHTTPRequestHandler, _: threading.Event, __: str) -> None:
    _send(handler, b"no gzip at all", Content_Encoding="gzip")


WIRES: dict[str, Callable[[BaseHTTPRequestHandler, threading.Event, str], None]] = {
    "redirect": _status(302, Location="http://127.0.0.1:9/query?apikey={key}"),
    "too_many": _status(429, Retry_After="3600"),
    "too_many_soon": _status(429, Retry_After="2"),
    "too_many_by_date": _status(429, Retry_After="Mon, 02 Mar 2026 22:00:00 GMT"),
    "too_many_unsaid": _status(429, Retry_After="soon"),
    "forbidden": _status(403),
    "error_500": _status(500),
    "error_503": _status(503, Retry_After="120"),
    "reset": _reset,
    "drip": _drip,
    "silence": _silence,
    "broken_off": _broken_off,
    "flood": _flood,
    "bad_gzip": _bad_gzip,
}
