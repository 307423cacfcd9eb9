from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hindcast.domain.errors import ConfigError
from hindcast.infrastructure.memory.cache import MemoryCache


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_least_used_value_is_forgotten_first() -> None:
    cache = MemoryCache(30)  # three entries of ten bytes, the key's one included
    for key in ("a", "b", "c"):
        cache.set(key, b"123456789")
    assert cache.get("a") is not None
    cache.set("d", b"123456789")
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]
    assert (len(cache), cache.size_bytes) == (3, 30)


def test_a_value_larger_than_the_cache_is_not_kept_and_takes_the_old_one_away() -> None:
    cache = MemoryCache(10)
    cache.set("a", b"1")
    cache.set("a", b"12345678901")
    assert cache.get("a") is None
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_no_room_at_all_keeps_nothing() -> None:
    cache = MemoryCache(0)
    cache.set("a", b"")
    assert cache.get("a") is None
    with pytest.raises(ConfigError, match="max_bytes = -1"):
        MemoryCache(-1)


def test_time_is_taken_from_the_clock_that_is_given() -> None:
    clock = Clock()
    cache = MemoryCache(clock=clock)
    cache.set("a", b"1", ttl_seconds=10.0)
    clock.now += 9.999
    assert cache.get("a") == b"1"
    clock.now += 0.001
    assert cache.get("a") is None
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_threads_share_it_and_its_books_stay_right() -> None:
    cache = MemoryCache(5 * 11)

    def work(number: int) -> None:
        key = str(number % 9)
        cache.set(key, key.encode() * 10)
        found = cache.get(str((number + 1) % 9))
        assert found is None or set(found.decode()) == {str((number + 1) % 9)}
        if number % 5 == 0:
            cache.delete(key)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(2_000)))
    assert cache.size_bytes == 11 * len(cache) <= 55
