"""What every cache must do, on each of them; the Redis one on a real server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.cache_server import CacheServer, running_server

from hindcast.infrastructure.memory.cache import MemoryCache
from hindcast.infrastructure.redis.cache import RedisCache
from hindcast.services.ports import CacheBackend


@pytest.fixture(scope="module")
def server() -> Iterator[CacheServer]:
    with running_server() as running:
        yield running


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest) -> Iterator[CacheBackend]:
    if request.param == "memory":
        yield MemoryCache()
        return
    running: CacheServer = request.getfixturevalue("server")
    running.client.flushall()
    backend = RedisCache(running.url, timeout=2.0)
    yield backend
    backend.close()


def test_what_was_set_is_there(cache: CacheBackend) -> None:
    cache.set("a", b"one")
    assert cache.get("a") == b"one"


def test_what_was_never_set_is_not(cache: CacheBackend) -> None:
    assert cache.get("a") is None


def test_the_last_value_counts(cache: CacheBackend) -> None:
    cache.set("a", b"one")
    cache.set("a", b"two")
    assert cache.get("a") == b"two"


def test_a_deleted_key_is_gone_and_may_be_deleted_again(cache: CacheBackend) -> None:
    cache.set("a", b"one")
    cache.set("b", b"two")
    cache.delete("a")
    cache.delete("a")
    assert cache.get("a") is None
    assert cache.get("b") == b"two"


def test_a_value_is_gone_after_its_time(cache: CacheBackend) -> None:
    cache.set("short", b"one", ttl_seconds=0.05)
    cache.set("long", b"two", ttl_seconds=60.0)
    assert cache.get("short") == b"one"
    deadline = time.monotonic() + 5.0
    while cache.get("short") is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert cache.get("short") is None
    assert cache.get("long") == b"two"


@pytest.mark.parametrize("ttl", [0.0, -1.0])
def test_no_time_at_all_takes_the_value_away(cache: CacheBackend, ttl: float) -> None:
    cache.set("a", b"one")
    cache.set("a", b"two", ttl_seconds=ttl)
    assert cache.get("a") is None


def test_setting_without_a_time_lifts_the_old_one(cache: CacheBackend) -> None:
    cache.set("a", b"one", ttl_seconds=0.05)
    cache.set("a", b"two")
    time.sleep(0.1)
    assert cache.get("a") == b"two"


@pytest.mark.parametrize("ttl", [1e-9, 1e300, float("inf")])
def test_very_short_and_very_long_times_are_no_error(cache: CacheBackend, ttl: float) -> None:
    cache.set("a", b"one", ttl_seconds=ttl)
    assert cache.get("a") in (b"one", None)


@pytest.mark.parametrize("value", [b"", b"\x00", b"x" * 1_000_000])
def test_any_bytes_come_back_as_they_were(cache: CacheBackend, value: bytes) -> None:
    cache.set("a", value)
    assert cache.get("a") == value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.dictionaries(
        st.text(st.characters(exclude_categories=()), max_size=30), st.binary(max_size=50), max_size=6
    )
)
def test_keys_are_any_text_and_never_meet(cache: CacheBackend, entries: dict[str, bytes]) -> None:
    for key, value in entries.items():
        cache.set(key, value)
    assert {key: cache.get(key) for key in entries} == entries
    for key in entries:
        cache.delete(key)
    assert all(cache.get(key) is None for key in entries)
