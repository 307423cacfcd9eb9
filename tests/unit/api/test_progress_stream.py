from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from contextlib import aclosing
from typing import Any

import pytest
from tests.contracts.records import a_backtest

from hindcast.api.progress_stream import MOST_OF_ONE_USER, EventStream, ProgressStreams, seen_version
from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.errors import NotFoundError, RateLimitError, StoreUnavailableError
from hindcast.domain.jobs import Job
from hindcast.services.backtest.service import Sighting

RETRY = b"retry: 2000\n\n"


class Board:
    """Backtests as a store shows them."""

    def __init__(self) -> None:
        self.sightings: dict[str, Sighting] = {}
        self.down = False
        self.gone: set[str] = set()
        self.looks = 0

    def put(self, status: str, *, progress: float = 0.0, name: str = "b1", lease_ms: int | None = None) -> Sighting:
        version = self.sightings[name].version + 1 if name in self.sightings else 1
        job = Job(progress=progress, lease_ms=lease_ms)
        backtest = a_backtest(name, status=BacktestStatus(status), job=job)
        self.sightings[name] = Sighting(version=version, backtest=backtest)
        return self.sightings[name]

    def look(self, name: str, version: int) -> Sighting | None:
        self.looks += 1
        if self.down:
            raise StoreUnavailableError("down")
        if name in self.gone:
            raise NotFoundError("gone")
        found = self.sightings[name]
        return None if found.version == version else found


@pytest.fixture
def board():
    return Board()


def streams_of(board: Board, **options) -> ProgressStreams:
    return ProgressStreams(board.look, **{"look_seconds": 0.005, "heartbeat": 30.0} | options)


async def told(events) -> tuple[int, dict]:
    """The next event: its id and its data."""
    async with asyncio.timeout(20):
        text = (await anext(events)).decode()
    lines = text.removesuffix("\n\n").split("\n")
    assert lines[1] == "event: status"
    return int(lines[0].removeprefix("id: ")), json.loads(lines[2].removeprefix("data: "))


async def ended(events) -> bool:
    async with asyncio.timeout(20):
        return await anext(events, None) is None


def test_the_present_state_comes_at_once_then_each_change_until_the_end(board):
    async def watch() -> None:
        events = streams_of(board).events(board.put("QUEUED"))
        assert await anext(events) == RETRY
        number, status = await told(events)
        assert (number, status["status"], status["progress"]) == (1, "QUEUED", 0.0)
        assert set(status) == {
            "status", "progress", "step", "attempt", "start_time", "end_time", "duration_seconds", "error_message",
            "failure",
        }  # fmt: skip
        for state, progress in (("RUNNING", 0.25), ("RUNNING", 0.5), ("COMPLETED", 1.0)):
            board.put(state, progress=progress)
            number, status = await told(events)
            assert (status["status"], status["progress"]) == (state, progress)
        assert number == 4
        assert await ended(events)

    asyncio.run(watch())


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED"])
def test_of_one_that_has_ended_the_state_comes_and_then_the_end(board, status):
    async def watch() -> None:
        events = streams_of(board).events(board.put(status))
        assert await anext(events) == RETRY
        assert (await told(events))[1]["status"] == status
        assert await ended(events)

    asyncio.run(watch())


def test_a_beat_that_changes_nothing_to_see_is_no_event(board):
    async def watch() -> None:
        streams = streams_of(board)
        events = streams.events(board.put("RUNNING", lease_ms=1))
        assert await anext(events) == RETRY
        assert (await told(events))[0] == 1
        following = asyncio.create_task(told(events))
        board.put("RUNNING", lease_ms=2)
        await asyncio.sleep(0.1)
        assert not following.done()
        board.put("RUNNING", progress=0.5, lease_ms=3)
        assert (await following)[0] == 3

    asyncio.run(watch())


def test_what_the_client_has_seen_is_not_sent_again(board):
    async def watch() -> None:
        board.put("QUEUED")
        events = streams_of(board).events(board.put("RUNNING"), seen=2)
        assert await anext(events) == RETRY
        following = asyncio.create_task(told(events))
        await asyncio.sleep(0.05)
        assert not following.done()
        board.put("COMPLETED")
        assert (await following)[1]["status"] == "COMPLETED"

    asyncio.run(watch())


def test_a_silent_backtest_is_kept_open_by_comments(board):
    async def watch() -> None:
        async with aclosing(streams_of(board, heartbeat=0.02).events(board.put("QUEUED"))) as events:
            assert await anext(events) == RETRY
            await told(events)
            for _ in range(3):
                async with asyncio.timeout(20):
                    assert await anext(events) == b": still here\n\n"

    asyncio.run(watch())


def test_who_may_listen_no_more_hears_no_more_however_much_happens(board):
    async def watch() -> None:
        asked: list[bool] = []

        def allowed() -> bool:
            asked.append(True)
            return len(asked) < 3

        events = streams_of(board, heartbeat=0.02).events(board.put("RUNNING"), allowed=allowed)
        assert await anext(events) == RETRY
        async with asyncio.timeout(20):
            async for _ in events:
                board.put("RUNNING", progress=len(asked) / 10 + 0.1)
        assert len(asked) == 3

    asyncio.run(watch())


def test_a_thousand_listeners_cost_as_many_looks_as_one(board):
    async def watch() -> None:
        streams = streams_of(board, look_seconds=0.05)
        first = board.put("QUEUED")
        open_events = [streams.events(first) for _ in range(1_000)]
        for events in open_events:
            assert await anext(events) == RETRY
            assert (await told(events))[1]["status"] == "QUEUED"
        endings = [asyncio.create_task(told(events)) for events in open_events]
        await asyncio.sleep(0.5)
        board.put("COMPLETED")
        assert {status["status"] for _, status in await asyncio.gather(*endings)} == {"COMPLETED"}
        assert 1 <= board.looks <= 400
        for events in open_events:
            assert await ended(events)
        looks = board.looks
        await asyncio.sleep(0.3)
        assert board.looks <= looks + 1

    asyncio.run(watch())


def test_listeners_of_several_backtests_each_hear_their_own(board):
    async def watch() -> None:
        streams = streams_of(board)
        names = [f"b{number}" for number in range(30)]
        listening = {name: streams.events(board.put("QUEUED", name=name)) for name in names}
        for events in listening.values():
            assert await anext(events) == RETRY
            await told(events)
        for number, name in enumerate(names):
            board.put("RUNNING", name=name, progress=number / 100)
        for number, name in enumerate(names):
            assert (await told(listening[name]))[1]["progress"] == number / 100
            await listening[name].aclose()

    asyncio.run(watch())


def test_a_store_that_does_not_answer_is_asked_again(board):
    async def watch() -> None:
        async with aclosing(streams_of(board).events(board.put("QUEUED"))) as events:
            assert await anext(events) == RETRY
            await told(events)
            board.down = True
            following = asyncio.create_task(told(events))
            await asyncio.sleep(0.1)
            assert not following.done()
            board.put("RUNNING")
            board.down = False
            assert (await following)[1]["status"] == "RUNNING"

    asyncio.run(watch())


def test_the_stream_of_a_deleted_backtest_ends(board):
    async def watch() -> None:
        events = streams_of(board).events(board.put("QUEUED"))
        assert await anext(events) == RETRY
        await told(events)
        board.gone.add("b1")
        assert await ended(events)

    asyncio.run(watch())


def test_closing_ends_every_stream_at_once(board):
    async def watch() -> None:
        streams = streams_of(board)
        both = [streams.events(board.put("QUEUED", name=name)) for name in ("b1", "b2")]
        for events in both:
            assert await anext(events) == RETRY
            await told(events)
        ends = [asyncio.create_task(ended(events)) for events in both]
        await asyncio.sleep(0.02)
        streams.close()
        assert await asyncio.gather(*ends) == [True, True]

    asyncio.run(watch())


def test_a_user_has_so_many_streams_and_others_have_theirs(board):
    streams = streams_of(board)
    for _ in range(MOST_OF_ONE_USER):
        streams.admit("ann")
    with pytest.raises(RateLimitError, match="20 streams of progress are open already"):
        streams.admit("ann")
    streams.admit("bob")
    streams.leave("ann")
    streams.admit("ann")


def test_a_client_that_goes_away_frees_its_place(board):
    left: list[bool] = []

    async def serve() -> None:
        streams = streams_of(board)
        response = EventStream(streams.events(board.put("QUEUED")), lambda: left.append(True))
        sent: list[MutableMapping[str, Any]] = []
        gone = asyncio.Event()

        async def receive() -> dict:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)
            if b"event: status" in message.get("body", b""):
                gone.set()

        scope = {"type": "http", "method": "GET", "asgi": {"version": "3.0", "spec_version": "2.3"}}
        async with asyncio.timeout(20):
            await response(scope, receive, send)
        assert sent[0]["status"] == 200
        assert (b"content-type", b"text/event-stream; charset=utf-8") in sent[0]["headers"]
        await asyncio.sleep(0.05)
        looks = board.looks
        await asyncio.sleep(0.1)
        assert board.looks == looks

    asyncio.run(serve())
    assert left == [True]


@pytest.mark.parametrize(
    ("header", "version"), [(None, 0), ("", 0), ("7", 7), ("-7", 0), ("7.0", 0), ("x", 0), ("\u0667", 0), ("9" * 40, 0)]
)
def test_a_last_event_id_that_is_none_counts_as_nothing_seen(header, version):
    assert seen_version(header) == version
