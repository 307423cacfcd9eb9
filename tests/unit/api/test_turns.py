"""Heavy work has turns: a few at a time, a few of one user, and an end of waiting."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack, suppress
from typing import cast

import pytest
from fastapi import FastAPI
from tests.unit.api.application import running_app

from hindcast.api.turns import Turns
from hindcast.domain.errors import RateLimitError


class Kitchen:
    """Work that counts how much of it goes on at once, and ends when it is let go."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.may_end = threading.Event()
        self._lock = threading.Lock()

    def cook(self) -> str:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.may_end.wait(20)
        with self._lock:
            self.now -= 1
        return "done"


async def begun(kitchen: Kitchen, count: int) -> None:
    async with asyncio.timeout(20):
        while kitchen.now < count:  # threads say so, and no event of this loop
            await asyncio.sleep(0.005)


def test_a_few_work_at_once_and_all_get_their_turn():
    async def crowd() -> None:
        kitchen, turns = Kitchen(), Turns("reports", at_once=2, of_one_user=10, wait_seconds=20.0)
        asked = [asyncio.create_task(turns.take(kitchen.cook)) for _ in range(8)]
        await begun(kitchen, 2)
        await asyncio.sleep(0.05)
        kitchen.may_end.set()
        assert await asyncio.gather(*asked) == ["done"] * 8
        assert kitchen.most == 2

    asyncio.run(crowd())


def test_who_waits_too_long_is_told_to_come_back_and_the_turn_is_not_lost():
    async def crowd() -> None:
        kitchen, turns = Kitchen(), Turns("reports", at_once=1, of_one_user=10, wait_seconds=0.05)
        first = asyncio.create_task(turns.take(kitchen.cook))
        await begun(kitchen, 1)
        with pytest.raises(RateLimitError, match="1 reports are at work and others wait"):
            await turns.take(kitchen.cook)
        kitchen.may_end.set()
        assert await first == "done"
        assert await turns.take(kitchen.cook) == "done"

    asyncio.run(crowd())


def test_work_that_fails_gives_its_turn_back():
    def fail() -> None:
        raise ValueError("burnt")

    async def crowd() -> None:
        turns = Turns("reports", at_once=1, of_one_user=10, wait_seconds=0.05)
        for _ in range(3):
            with pytest.raises(ValueError, match="burnt"):
                await turns.take(fail)

    asyncio.run(crowd())


def test_one_user_has_so_many_and_others_have_theirs():
    turns = Turns("imports", at_once=1, of_one_user=2)
    with turns.admitted("ann"), turns.admitted("ann"):
        with pytest.raises(RateLimitError, match="2 imports are asked for already"), turns.admitted("ann"):
            pass
        with turns.admitted("bob"):
            pass
    with turns.admitted("ann"):
        pass


@pytest.mark.parametrize(
    ("turns", "method", "path", "sent"),
    [
        ("reports", "GET", "/backtests/any/report", {}),
        ("imports", "POST", "/market-data/import?provider=mine", {"headers": {"Content-Type": "text/csv"}}),
        ("fetches", "POST", "/market-data/fetch", {"json": {"provider": "alpha_vantage", "symbols": ["IBM"]}}),
    ],
)
def test_heavy_routes_have_turns(turns, method, path, sent):
    with running_app() as client, ExitStack() as asked:
        assert client.request(method, f"/api/v1{path}", **sent).status_code in (404, 422)
        for _ in range(10):
            with suppress(RateLimitError):
                asked.enter_context(getattr(cast(FastAPI, client.app).state, turns).admitted("local"))
        answer = client.request(method, f"/api/v1{path}", **sent)
        assert answer.status_code == 429
        assert turns in answer.json()["detail"]
        assert answer.headers["retry-after"] == "2"
        assert client.get("/api/v1/health").status_code == 200
