"""Bodies: how large, whatever they say of themselves, and how slow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException
from tests.unit.api.application import running_app

from hindcast.api.middleware.bodies import LARGEST_BODY, BodyLimit


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running_app(home=tmp_path_factory.mktemp("home")) as client:
        yield client


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(0, size, 65_536):
        yield b" " * min(65_536, size)


def test_a_body_of_the_largest_size_is_read_and_a_byte_more_is_not(client):
    read = client.post("/api/v1/auth/login", content=b" " * LARGEST_BODY, headers={"Content-Type": "application/json"})
    refused = client.post("/api/v1/auth/login", content=b" " * (LARGEST_BODY + 1))
    assert read.status_code == 422
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    assert "1,048,576 bytes" in refused.json()["detail"]


def test_a_body_without_a_length_is_counted_while_it_comes(client):
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    answer = client.post("/api/v1/auth/login", content=chunks(LARGEST_BODY * 2), headers=headers)
    assert answer.status_code == 413


def test_a_body_that_lies_about_its_length_is_counted_all_the_same():
    assert asyncio.run(read(parts=[b"x" * 60, b"x" * 60], limit=100, declared="5")) == (413, 2)


def test_a_body_that_says_it_is_too_large_is_refused_unread():
    assert asyncio.run(read(parts=[b"x"], limit=100, declared="101")) == (0, 0)


def test_reading_stops_where_the_limit_is():
    parts = [b"x" * 10] * 1_000
    assert asyncio.run(read(parts=parts, limit=100)) == (413, 11)


def test_a_path_may_have_a_limit_of_its_own():
    parts = [b"x" * 150]
    assert asyncio.run(read(parts=parts, limit=100, larger={"/import": 200}, path="/import")) == (150, 1)
    assert asyncio.run(read(parts=parts, limit=100, larger={"/import": 200}, path="/other")) == (413, 1)


def test_a_body_that_stops_coming_is_given_up():
    assert asyncio.run(read(parts=[b"x"], limit=100, stalls=True, patience=0.05)) == (408, 1)


def test_a_body_that_drips_is_given_up():
    assert asyncio.run(read(parts=[b"x"] * 50, limit=100, pause=0.02, patience=0.1))[0] == 408


def test_waiting_for_the_client_to_go_away_takes_as_long_as_it_takes():
    async def wait() -> str:
        messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive():
            for message in messages:
                return message
            await asyncio.sleep(0.15)
            return {"type": "http.disconnect"}

        seen: list[str] = []

        async def app(scope, receive, send):
            seen.append((await receive())["type"])
            seen.append((await receive())["type"])

        await BodyLimit(app, patience=0.05)(scope("/x"), receive, nowhere)
        return seen[-1]

    assert asyncio.run(wait()) == "http.disconnect"


async def nowhere(message) -> None:
    """Where nothing is answered."""


def scope(path: str, declared: str | None = None) -> dict[str, object]:
    headers = [] if declared is None else [(b"content-length", declared.encode())]
    return {"type": "http", "method": "POST", "path": path, "headers": headers, "hindcast.request_id": "x"}


async def read(*, parts, limit, larger=None, path="/x", declared=None, stalls=False, pause=0.0, patience=5.0):
    """What reading a body gives, its size or the status of its refusal, and how many parts were taken."""
    taken = 0

    async def receive():
        nonlocal taken
        if taken == len(parts):
            await asyncio.sleep(3_600)
        await asyncio.sleep(pause)
        taken += 1
        return {"type": "http.request", "body": parts[taken - 1], "more_body": stalls or taken < len(parts)}

    size = 0

    async def app(scope, receive, send):
        nonlocal size
        while True:
            message = await receive()
            size += len(message["body"])
            if not message["more_body"]:
                return

    guarded = BodyLimit(app, largest=limit, larger=larger or {}, patience=patience)
    try:
        await guarded(scope(path, declared), receive, nowhere)
    except HTTPException as refused:
        return refused.status_code, taken
    return size, taken
