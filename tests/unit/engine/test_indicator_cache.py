from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hindcast.domain.errors import ConfigError
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


def test_a_negative_size_is_refused():
    with pytest.raises(ConfigError, match="max_bytes = -1"):
        IndicatorCache(max_bytes=-1)
