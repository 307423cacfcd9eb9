"""Buckets of tokens: how many at once, how many a second, and for how many keys."""

from __future__ import annotations

import pytest
from tests.unit.api.application import running_app
from tests.unit.api.server_mode import PASSWORDS, server_mode

from hindcast.api.limits import LoginLimiter, RateLimiter, address_group
from hindcast.domain.errors import RateLimitError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_come_at_once_then_so_many_a_second():
    clock = Clock()
    limiter = RateLimiter(2.0, burst=4, clock=clock)
    assert [limiter.take("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 0.5]
    clock.now += 0.5
    assert limiter.take("a") == 0.0
    assert limiter.take("a") > 0
    clock.now += 1_000
    assert [limiter.take("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 0.5]


def test_each_key_has_a_bucket_of_its_own():
    limiter = RateLimiter(1.0, burst=1, clock=Clock())
    assert limiter.take("a") == 0.0
    assert limiter.take("b") == 0.0
    assert limiter.take("a") > 0


def test_refused_tries_cost_nothing_more():
    clock = Clock()
    limiter = RateLimiter(1.0, burst=1, clock=clock)
    for _ in range(100):
        limiter.take("a")
    clock.now += 1.0
    assert limiter.take("a") == 0.0


def test_a_rate_of_nothing_is_no_limit():
    limiter = RateLimiter(0, burst=0)
    assert {limiter.take("a") for _ in range(1_000)} == {0.0}


def test_memory_is_bounded_and_who_asked_longest_ago_is_forgotten():
    limiter = RateLimiter(0.001, burst=1, most_keys=100, clock=Clock())
    for number in range(1_000):
        limiter.take(str(number))
    assert len(limiter) == 100
    assert limiter.take("999") > 0
    assert limiter.take("0") == 0.0


def test_the_refusal_says_when_to_go_on():
    limiter = RateLimiter(0.5, burst=1, clock=Clock())
    limiter.require("a", "requests")
    with pytest.raises(RateLimitError, match="too many requests: there is room for another one in 2.0 s") as refused:
        limiter.require("a", "requests")
    assert refused.value.retry_after == pytest.approx(2.0)


def test_one_client_has_a_whole_network_of_ipv6():
    assert address_group("2001:db8:1:2::1") == address_group("2001:db8:1:2:ffff::9")
    assert address_group("2001:db8:1:2::1") != address_group("2001:db8:1:3::1")
    assert address_group("192.0.2.1") != address_group("192.0.2.2")
    assert address_group(None) == "unknown"


def test_a_user_who_asks_too_often_is_told_to_wait_and_others_are_not():
    with server_mode(requests_per_second=1) as server:
        ada, bob = server.with_key("ada"), server.with_key("bob")
        statuses = [ada.get("/api/v1/auth/me").status_code for _ in range(4)]
        assert bob.get("/api/v1/auth/me").status_code == 200
        refused = ada.get("/api/v1/auth/me")
    assert statuses[:2] == [200, 200]
    assert statuses[-1] == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"


def test_wrong_credentials_are_limited_by_address():
    with running_app(headers={"Authorization": "Bearer wrong"}, requests_per_second=1) as client:
        statuses = [client.get("/api/v1/auth/me").status_code for _ in range(4)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_one_address_tries_thirty_names_a_minute_and_no_more():
    limiter = LoginLimiter()
    for number in range(30):
        limiter.require(f"name{number}", "192.0.2.1")
    with pytest.raises(RateLimitError, match="tries to log in"):
        limiter.require("another", "192.0.2.1")
    limiter.require("another", "192.0.2.2")


def test_five_tries_a_minute_to_log_in_as_somebody_and_others_still_can():
    with server_mode() as server:
        client = server.anyone()

        def tries(name: str, password: str) -> int:
            return client.post("/api/v1/auth/login", json={"name": name, "password": password}).status_code

        assert [tries("ada", "wrong") for _ in range(5)] == [401] * 5
        assert tries("ADA", PASSWORDS["ada"]) == 429
        assert tries("nobody", "wrong") == 401
        assert tries("bob", PASSWORDS["bob"]) == 200
