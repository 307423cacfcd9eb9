from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.errors import ConfigError, InputError
from hindcast.infrastructure.memory.cache import MemoryCache
from hindcast.services.market_data.cache_manager import CacheManager, Value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class Recording:
    """A backend that notes what it is asked."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.times: list[float | None] = []

    def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    def set(self, key: str, value: bytes, *, ttl_seconds: float | None = None) -> None:
        self.values[key] = value
        self.times.append(ttl_seconds)

    def delete(self, key: str) -> None:
        self.values.pop(key, None)


@given(value=JSON | st.binary())
def test_json_and_bytes_come_back_as_they_were(value: Value) -> None:
    cache = CacheManager(MemoryCache())
    cache.set("key", value)
    found = cache.get("key", "nothing")
    assert found == value
    assert type(found) is type(value)


def test_what_is_not_there_is_the_default() -> None:
    cache = CacheManager(MemoryCache())
    assert cache.get("a") is None
    assert cache.get("a", 5) == 5
    cache.set("a", None)
    assert cache.get("a", 5) is None
    cache.delete("a")
    assert cache.get("a", 5) == 5


def test_hits_and_misses_are_counted() -> None:
    cache = CacheManager(MemoryCache())
    assert math.isnan(cache.hit_rate)
    cache.get("a")
    cache.set("a", 1)
    cache.get("a")
    cache.get("a")
    assert (cache.hits, cache.misses) == (2, 1)
    assert cache.hit_rate == pytest.approx(2 / 3)


def test_the_time_to_live_is_the_default_where_none_is_said() -> None:
    backend = Recording()
    cache = CacheManager(backend, default_ttl=7.0)
    cache.set("a", 1)
    cache.set("a", 1, ttl_seconds=2.5)
    cache.within("other").set("a", 1)
    cache.within("other", default_ttl=9.0).set("a", 1)
    assert backend.times == [7.0, 2.5, 7.0, 9.0]


def test_namespaces_and_versions_never_meet() -> None:
    backend = Recording()
    first = CacheManager(backend, namespace="search")
    others = [first.within("answers"), first.within("search", version=2)]
    first.set("a", "mine")
    assert [other.get("a") for other in others] == [None, None]
    assert first.within("search").get("a") == "mine"
    assert list(backend.values) == ["hindcast:1:search:1:a"]


def test_a_long_key_stands_under_its_hash() -> None:
    backend = Recording()
    cache = CacheManager(backend)
    cache.set("x" * 201, 1)
    cache.set("x" * 202, 2)
    assert cache.get("x" * 201) == 1
    assert all(len(key) < 120 for key in backend.values)
    cache.set("y" * 200, 3)
    assert f"hindcast:1:general:1:{'y' * 200}" in backend.values


@pytest.mark.parametrize("garbage", [b"", b"x", b"j", b"j{", b"j\xff", b"p\x80\x04.", b"jNaN", b"j" + b"[" * 100_000])
def test_garbage_is_a_miss(garbage: bytes) -> None:
    backend = Recording()
    cache = CacheManager(backend)
    backend.values["hindcast:1:general:1:a"] = garbage
    assert cache.get("a", "default") == "default"
    assert (cache.hits, cache.misses) == (0, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object(), {"a": b"bytes"}])
def test_what_json_can_not_hold_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="the value of 'a' can't be cached: .*; expected bytes or what JSON can hold"):
        CacheManager(MemoryCache()).set("a", value)  # type: ignore[arg-type]  # what a caller may hand in


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Value] = []
    value.append(value)
    with pytest.raises(InputError, match="can't be cached"):
        CacheManager(MemoryCache()).set("a", value)


@pytest.mark.parametrize("ttl", [0.0, -1.0, float("nan"), float("inf")])
def test_a_default_time_that_is_none_is_refused(ttl: float) -> None:
    with pytest.raises(ConfigError, match="default_ttl"):
        CacheManager(MemoryCache(), default_ttl=ttl)


def test_a_time_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="ttl_seconds = nan"):
        CacheManager(MemoryCache()).set("a", 1, ttl_seconds=float("nan"))
