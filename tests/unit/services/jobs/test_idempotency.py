from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hindcast.domain.errors import ConflictError, InputError
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.jobs.idempotency import IdempotencyGuard, fingerprint

DAY_MS = 24 * 3_600_000
CREATE = fingerprint("POST", "/api/v1/backtests", {"name": "a"})


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def guard(request, tmp_path, clock):
    if request.param == "memory":
        yield IdempotencyGuard(MemoryDocumentStore(clock))
        return
    documents = SqliteDocumentStore(tmp_path / "documents.sqlite", clock)
    yield IdempotencyGuard(documents)
    documents.close()


def test_the_same_key_with_the_same_request_gives_the_same_name(guard):
    first = guard.claim("ann", "k1", CREATE)
    assert guard.claim("ann", "k1", CREATE) == first
    assert len(first) == 64
    assert int(first, 16)


def test_other_keys_and_other_owners_get_other_names(guard):
    names = {guard.claim(owner, key, CREATE) for owner in ("ann", "bob", "ann\0k") for key in ("k1", "k2")}
    assert len(names) == 6


def test_a_key_that_came_with_another_request_is_refused_and_stays_as_it_is(guard):
    first = guard.claim("ann", "k1", CREATE)
    with pytest.raises(ConflictError, match=r"'k1' came with another request"):
        guard.claim("ann", "k1", fingerprint("POST", "/api/v1/backtests", {"name": "b"}))
    assert guard.claim("ann", "k1", CREATE) == first


def test_a_key_is_forgotten_after_a_day(guard, clock):
    first = guard.claim("ann", "k1", CREATE)
    clock.now += DAY_MS
    assert guard.claim("ann", "k1", CREATE) == first
    clock.now += 1
    second = guard.claim("ann", "k1", fingerprint("POST", "/elsewhere"))
    assert second != first
    assert guard.claim("ann", "k1", fingerprint("POST", "/elsewhere")) == second


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "schlüssel", "a\0b", "\x7f"])
def test_a_text_that_can_not_be_a_key_is_refused(key):
    with pytest.raises(InputError, match="1 to 200 printable ASCII"):
        IdempotencyGuard(MemoryDocumentStore()).claim("ann", key, CREATE)


def test_of_many_at_once_with_one_key_all_get_the_same_name(guard):
    with ThreadPoolExecutor(20) as pool:
        names = set(pool.map(lambda _: guard.claim("ann", "k1", CREATE), range(60)))
    assert len(names) == 1


def test_of_two_requests_at_once_with_one_key_one_is_refused(guard):
    def ask(number: int) -> str:
        try:
            guard.claim("ann", "k1", fingerprint("POST", f"/{number % 2}"))
        except ConflictError:
            return f"refused {number % 2}"
        return f"taken {number % 2}"

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(ask, range(40)))
    assert answers in ({"taken 0", "refused 1"}, {"taken 1", "refused 0"})


def test_a_fingerprint_knows_no_order_of_fields_and_no_spelling_of_the_method():
    assert fingerprint("post", "/p", {"a": 1, "b": [1, 2]}) == fingerprint("POST", "/p", {"b": [1, 2], "a": 1})


def test_a_fingerprint_tells_methods_paths_and_bodies_apart():
    requests = [
        fingerprint("POST", "/p"),
        fingerprint("PUT", "/p"),
        fingerprint("POST", "/q"),
        fingerprint("POST", "/p", {}),
        fingerprint("POST", "/p", {"a": 1}),
        fingerprint("POST", "/p", {"a": "1"}),
        fingerprint("POST", "/p", {"a": 1.5}),
        fingerprint("POST", "/p", [1, 2]),
        fingerprint("POST", "/p", [2, 1]),
        fingerprint("POST", "/p", "\ud800"),
    ]
    assert len(set(requests)) == len(requests)
