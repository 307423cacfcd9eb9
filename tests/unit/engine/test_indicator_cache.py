from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hindcast.domain.errors import ConfigError, InputError
from hindcast.engine.indicator_cache import IndicatorCache
from hindcast.engine.indicators import sma


def counted(values):
    calls = []

    def compute():
        calls.append(1)
        return np.array(values, dtype=np.float64)

    return compute, calls


def test_a_second_request_is_answered_without_computing():
    cache = IndicatorCache()
    compute, calls = counted([1.0, 2.0])
    first = cache.get_or_compute("x", {"window": 3}, "data", compute)
    assert cache.get_or_compute("x", {"window": 3}, "data", compute) is first
    assert len(calls) == 1
    assert (cache.hits, cache.misses, cache.hit_rate) == (1, 1, 0.5)


def test_indicator_parameters_and_data_each_make_another_entry():
    cache = IndicatorCache()
    compute, calls = counted([1.0])
    for name, window, data in [("x", 3, "a"), ("y", 3, "a"), ("x", 4, "a"), ("x", 3, "b")]:
        cache.get_or_compute(name, {"window": window}, data, compute)
    assert len(calls) == len(cache) == 4


def test_the_least_used_array_is_forgotten_first():
    cache = IndicatorCache(max_bytes=160)
    compute, calls = counted(np.zeros(10))
    for name in ("a", "b", "a", "c", "a", "b"):
        cache.get_or_compute(name, {}, "data", compute)
    assert len(calls) == 4
    assert cache.size_bytes == 160


def test_an_array_larger_than_the_cache_is_given_but_not_kept():
    cache = IndicatorCache(max_bytes=8)
    compute, calls = counted(np.zeros(10))
    for _ in range(2):
        assert cache.get_or_compute("a", {}, "data", compute).shape == (10,)
    assert len(calls) == 2
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_what_is_shared_can_not_be_written_to():
    compute, _ = counted([1.0])
    array = IndicatorCache().get_or_compute("a", {}, "data", compute)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 2.0


def test_the_rate_before_the_first_request_is_not_a_number_and_clearing_resets_it():
    cache = IndicatorCache()
    assert math.isnan(cache.hit_rate)
    compute, _ = counted([1.0])
    cache.get_or_compute("a", {}, "data", compute)
    cache.clear()
    assert (len(cache), cache.size_bytes, cache.misses) == (0, 0, 0)


def test_a_cached_average_equals_a_fresh_one_and_is_found_by_its_prices():
    cache = IndicatorCache()
    prices = np.arange(1.0, 51.0)
    np.testing.assert_array_equal(cache.cached_sma(prices, 5), sma(prices, 5))
    cache.cached_sma(prices.copy(), 5)
    cache.cached_sma(prices + 1, 5)
    assert (cache.hits, cache.misses) == (1, 2)


def test_the_hash_of_prices_tells_shape_and_every_value():
    prices = np.arange(6.0)
    other = prices.copy()
    other[5] += 1e-12
    hashes = {IndicatorCache.hash_prices(each) for each in (prices, prices.reshape(2, 3), prices.reshape(3, 2), other)}
    assert len(hashes) == 4
    assert IndicatorCache.hash_prices(prices.copy()) in hashes


def test_threads_share_a_cache_and_its_books_stay_right():
    cache = IndicatorCache(max_bytes=5 * 80)

    def ask(number):
        return cache.get_or_compute("x", {"window": number % 7}, "d", lambda: np.full(10, float(number % 7)))[0]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(700)))
    assert answers == [float(number % 7) for number in range(700)]
    assert cache.hits + cache.misses == 700
    assert cache.size_bytes == 80 * len(cache) <= 400


def computed_for(*values):
    """How many arrays the values of one parameter make."""
    cache = IndicatorCache()
    compute, calls = counted([1.0])
    for value in values:
        cache.get_or_compute("x", {"p": value}, "data", compute)
    return len(calls)


@pytest.mark.parametrize(
    "values",
    [
        (1, 1.0, True, "1", b"1", None),
        (0.0, -0.0, 0, False),
        ([1, 2], (1, 2), [2, 1], [1, 2.0], "[1, 2]"),
        ({"a": 1}, {"a": 2}, {"b": 1}, {"a": True}),
        (np.array([1.0]), np.array([1]), np.array([[1.0]]), np.array([2.0])),
        (np.float64(1.5), np.int64(1), 1.0),
    ],
)
def test_parameters_that_say_different_things_never_meet(values):
    assert computed_for(*values) == len(values)


@pytest.mark.parametrize(
    "values",
    [
        (float("nan"), float("nan"), np.float64("nan")),
        (5, np.int64(5), np.int8(5)),
        (0.5, np.float64(0.5)),
        ([1, [2, 3]], [1, [2, 3]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.arange(3.0), np.arange(3.0)),
        (np.arange(6.0)[::2], np.array([0.0, 2.0, 4.0])),
    ],
)
def test_parameters_that_say_the_same_are_one(values):
    assert computed_for(*values) == 1


def test_the_order_of_parameters_does_not_matter():
    cache = IndicatorCache()
    compute, calls = counted([1.0])
    cache.get_or_compute("x", {"a": 1, "b": [2]}, "data", compute)
    cache.get_or_compute("x", {"b": [2], "a": 1}, "data", compute)
    assert len(calls) == 1


@pytest.mark.parametrize("value", [{1, 2}, bytearray(b"x"), np.array([object()])])
def test_a_parameter_that_can_change_is_refused(value):
    with pytest.raises(InputError, match="parameter 'p' is a"):
        computed_for(value)


def test_what_is_computed_may_be_a_list_or_hold_no_floats():
    cache = IndicatorCache()
    assert cache.get_or_compute("a", {}, "data", lambda: [1.0, 2.0]).tolist() == [1.0, 2.0]
    assert cache.get_or_compute("b", {}, "data", lambda: np.array([True, False])).dtype == np.bool_
    with pytest.raises(InputError, match="indicator 'c' gave an array of object"):
        cache.get_or_compute("c", {}, "data", lambda: np.array([None]))


def test_a_view_of_memory_that_others_write_to_is_copied():
    cache = IndicatorCache()
    prices = np.arange(10.0)
    array = cache.get_or_compute("a", {}, "data", lambda: prices[2:4])
    prices[:] = -1.0
    assert array.tolist() == [2.0, 3.0]
    assert prices.flags.writeable
    assert cache.size_bytes == array.nbytes == 16


def test_an_empty_array_takes_no_room():
    cache = IndicatorCache(max_bytes=10)
    for number in range(5):
        assert cache.get_or_compute("a", {"p": number}, "data", lambda: np.zeros((0, 3))).shape == (0, 3)
    assert len(cache) == 0


def test_one_fingerprint_for_two_columns_of_the_same_bars_does_not_mix_them_up():
    cache = IndicatorCache()
    opens, closes = np.arange(1.0, 51.0), np.arange(2.0, 52.0)
    np.testing.assert_array_equal(cache.cached_sma(opens, 5, fingerprint="bars"), sma(opens, 5))
    np.testing.assert_array_equal(cache.cached_sma(closes, 5, fingerprint="bars"), sma(closes, 5))
    cache.cached_sma(closes, 5, fingerprint="bars")
    assert (cache.hits, cache.misses) == (1, 2)
    wide = np.arange(1.0, 51.0).reshape(25, 2)
    assert cache.cached_sma(wide, 5, fingerprint="bars").shape == (25, 2)


def test_two_that_compute_at_once_get_one_array():
    cache = IndicatorCache()
    inner: list[object] = []

    def compute():
        if not inner:
            inner.append(None)
            inner[0] = cache.get_or_compute("a", {}, "data", compute)
        return np.array([1.0])

    assert cache.get_or_compute("a", {}, "data", compute) is inner[0]
    assert (len(cache), cache.size_bytes) == (1, 8)


def test_the_statistics_tell_what_was_done_and_what_is_kept():
    cache = IndicatorCache(max_bytes=160)
    compute, _ = counted(np.zeros(10))
    for name in ("a", "b", "a", "c"):
        cache.get_or_compute(name, {}, "data", compute)
    found = cache.stats()
    assert (found.hits, found.misses, found.evictions, found.arrays) == (1, 3, 1, 2)
    assert (found.size_bytes, found.max_bytes) == (160, 160)
    assert found.hit_rate == cache.hit_rate == 0.25
    assert str(found) == "1 of 4 from the cache; 2 arrays of 0.0 MiB (at most 0), 1 forgotten"
    cache.clear()
    assert cache.stats().evictions == 0


def test_a_negative_size_is_refused():
    with pytest.raises(ConfigError, match="max_bytes = -1"):
        IndicatorCache(max_bytes=-1)
