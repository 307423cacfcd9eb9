"""A cache server that is gone, hangs, was flushed, holds garbage or speaks it: no errors, only slower."""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from tests.contracts.cache_server import CacheServer, running_server

from hindcast.domain.errors import ConfigError
from hindcast.infrastructure.redis.cache import RedisCache
from hindcast.services.market_data.cache_manager import CacheManager

TIMEOUT = 0.2
BOUND = 5 * TIMEOUT  # connecting, asking, and what a busy machine takes
KEY = b"a"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[CacheServer]:
    with running_server() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def cache_at(url: str, clock: Callable[[], float] = time.monotonic) -> Iterator[RedisCache]:
    cache = RedisCache(url, timeout=TIMEOUT, back_off=5.0, clock=clock)
    yield cache
    cache.close()


def seconds_of(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def all_calls(cache: RedisCache, times: int = 1) -> None:
    for _ in range(times):
        assert cache.get("a") is None
        cache.set("a", b"one", ttl_seconds=10.0)
        cache.delete("a")


def test_a_server_that_dies_midway_is_missed_and_found_again(
    server: CacheServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with cache_at(server.url, clock) as cache:
        cache.set("a", b"one")
        assert cache.get("a") == b"one"
        server.kill()
        all_calls(cache, 50)
        server.start()
        assert cache.get("a") is None  # still being left alone
        cache.set("a", b"two")
        clock.now += 5.0
        assert cache.get("a") is None
        cache.set("a", b"three")
        assert cache.get("a") == b"three"
    told = [record.getMessage() for record in caplog.records if record.name.startswith("hindcast")]
    assert told == [
        "the Redis cache does not answer (ConnectionError): going on without it, asking again every 5 s",
        "the Redis cache answers again",
    ]


def test_a_server_that_hangs_costs_a_timeout_and_then_nothing(server: CacheServer, clock: Clock) -> None:
    with cache_at(server.url, clock) as cache:
        cache.set("a", b"one")
        server.freeze()
        assert seconds_of(lambda: all_calls(cache)) < BOUND
        assert seconds_of(lambda: all_calls(cache, 1_000)) < BOUND
        clock.now += 5.0  # asked again, on a new connection
        assert seconds_of(lambda: all_calls(cache, 1_000)) < 2 * BOUND
        server.thaw()
        clock.now += 5.0
        assert cache.get("a") == b"one"


def test_a_flushed_server_has_nothing(server: CacheServer) -> None:
    with cache_at(server.url) as cache:
        cache.set("a", b"one")
        server.client.flushall()
        assert cache.get("a") is None
        cache.set("a", b"two")
        assert cache.get("a") == b"two"


def test_every_flipped_bit_is_a_miss(server: CacheServer) -> None:
    with cache_at(server.url) as cache:
        cache.set("a", b"what was kept")
        stored = server.client.get(KEY)
        for place in range(len(stored) * 8):
            damaged = bytearray(stored)
            damaged[place // 8] ^= 1 << place % 8
            server.client.set(KEY, bytes(damaged))
            assert cache.get("a") is None
        server.client.set(KEY, stored)
        assert cache.get("a") == b"what was kept"


@pytest.mark.parametrize("garbage", [b"", b"x", b"0" * 15, b"0" * 16, b"\xff" * 1_000, b"what another program keeps"])
def test_what_others_wrote_is_a_miss(server: CacheServer, garbage: bytes) -> None:
    with cache_at(server.url) as cache:
        server.client.set(KEY, garbage)
        assert cache.get("a") is None
        cache.set("a", b"one")
        assert cache.get("a") == b"one"


def test_the_value_of_another_key_and_a_cut_one_are_misses(server: CacheServer) -> None:
    with cache_at(server.url) as cache:
        cache.set("a", b"one")
        stored = server.client.get(KEY)
        server.client.set(b"b", stored)
        assert cache.get("b") is None
        for length in range(len(stored)):
            server.client.set(KEY, stored[:length])
            assert cache.get("a") is None


def test_a_key_of_another_type_is_a_miss_and_no_reason_to_rest(server: CacheServer) -> None:
    with cache_at(server.url) as cache:
        server.client.rpush(KEY, b"one", b"two")
        assert cache.get("a") is None
        cache.set("b", b"one")
        assert cache.get("b") == b"one"
        cache.set("a", b"mine")
        assert cache.get("a") == b"mine"


def test_a_server_without_memory_keeps_nothing_and_raises_nothing() -> None:
    small = {"maxmemory": "1mb", "maxmemory-policy": "noeviction"}
    with running_server(**small) as server, cache_at(server.url) as cache:
        for number in range(50):
            cache.set(f"k{number}", b"x" * 100_000)
        assert cache.get("k49") is None


@pytest.mark.parametrize("password", ["", ":wrong@"])
def test_a_wrong_password_is_a_miss_and_never_told(
    server: CacheServer, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.client.config_set("requirepass", "secret")
    with cache_at(server.url.replace("unix://", f"unix://{password}")) as cache:
        assert seconds_of(lambda: all_calls(cache, 100)) < BOUND
    with cache_at(server.url.replace("unix://", "unix://:secret@")) as entitled:
        entitled.set("a", b"one")
        assert entitled.get("a") == b"one"
    assert "going on without it" in caplog.text
    assert "wrong" not in caplog.text
    assert "secret" not in caplog.text


def test_nobody_at_all_is_a_miss() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with cache_at(f"redis://127.0.0.1:{port}/0") as cache:
        assert seconds_of(lambda: all_calls(cache, 1_000)) < BOUND
    with cache_at("unix:///nowhere/at.all") as cache:
        all_calls(cache)


@contextmanager
def speaking(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that treats each connection so; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_connections.append(connection)
            try:
                answer(connection)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5.0)
        for connection in open_connections:
            connection.close()


ANSWERS = {
    "nothing": lambda connection: None,
    "the end": lambda connection: connection.close(),
    "HTML": lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n<html></html>"),
    "a huge length": lambda connection: connection.sendall(b"$99999999999\r\n"),
    "a huge array": lambda connection: connection.sendall(b"*99999999999\r\n"),
    "deep arrays": lambda connection: connection.sendall(b"*1\r\n" * 5_000),
    "no number": lambda connection: connection.sendall(b"$five\r\n:x\r\n*y\r\n"),
    "an error": lambda connection: connection.sendall(b"-ERR no\r\n" * 20),
    "loading": lambda connection: connection.sendall(b"-LOADING Redis is loading\r\n" * 20),
    "the wrong type": lambda connection: connection.sendall(b":5\r\n*1\r\n$1\r\na\r\n+OK\r\n" * 20),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_server_that_speaks_nonsense_is_a_miss(kind: str) -> None:
    with speaking(ANSWERS[kind]) as url, cache_at(url) as cache:
        assert seconds_of(lambda: all_calls(cache)) < 2 * BOUND
        assert seconds_of(lambda: all_calls(cache, 200)) < 2 * BOUND


def test_a_server_that_answers_in_drops_is_left_alone_after_the_first() -> None:
    def answer(connection: socket.socket) -> None:
        for number in range(200):
            connection.sendall(b"-ERR a drop at a time\r\n"[number % 23 : number % 23 + 1])
            time.sleep(TIMEOUT / 4)

    with speaking(answer) as url, cache_at(url) as cache:
        assert seconds_of(lambda: all_calls(cache)) > 2 * TIMEOUT
        assert seconds_of(lambda: all_calls(cache, 1_000)) < BOUND


def test_random_bytes_are_a_miss() -> None:
    draw = random.Random(7)
    pieces = [b"\r\n", b"$", b"*", b":", b"+", b"-", b"3", b"-1", b"_", b"#t", b"%2", b"~", b"="]

    def answer(connection: socket.socket) -> None:
        parts = [draw.choice(pieces) if draw.random() < 0.7 else draw.randbytes(3) for _ in range(40)]
        connection.sendall(b"".join(parts))
        connection.close()

    with speaking(answer) as url:
        for _ in range(60):
            with cache_at(url) as cache:
                all_calls(cache)


def test_what_is_computed_is_the_same_with_a_dead_cache_only_slower(server: CacheServer) -> None:
    def squares(cache: CacheManager) -> list[object]:
        found: list[object] = []
        for number in range(20):
            value = cache.get(str(number))
            if value is None:
                value = number * number
                cache.set(str(number), value)
            found.append(value)
        return found

    with cache_at(server.url) as backend:
        cache = CacheManager(backend)
        fresh = squares(cache)
        assert squares(cache) == fresh
        assert cache.hits == 20
        server.kill()
        assert squares(cache) == fresh == [number * number for number in range(20)]


def test_threads_get_through_an_outage(server: CacheServer, clock: Clock) -> None:
    failures: list[BaseException] = []

    def work(cache: RedisCache) -> None:
        try:
            for number in range(200):
                cache.set(str(number), b"x")
                assert cache.get(str(number)) in (b"x", None)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test is to show it
            failures.append(error)

    with cache_at(server.url, clock) as cache:
        threads = [threading.Thread(target=work, args=(cache,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        server.kill()
        for thread in threads:
            thread.join(30.0)
    assert failures == []


def test_a_url_that_can_not_be_read_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError, match="redis_url can't be read; expected such as redis://localhost") as caught:
        RedisCache(SecretStr("nonsense://:secret@host"))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_making_a_cache_asks_nobody() -> None:
    with cache_at("redis://192.0.2.1:6379/0"):  # an address that no machine has
        pass
    assert logging.getLogger("hindcast.infrastructure.redis.cache").level == logging.NOTSET
