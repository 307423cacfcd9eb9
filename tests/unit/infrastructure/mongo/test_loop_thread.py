"""The loop in a thread of its own: calls that wait, time limits, and an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress

import pytest

from hindcast.infrastructure.mongo.loop_thread import LoopThread


async def nothing() -> None:
    pass


async def fail() -> None:
    raise KeyError("this")


async def for_ever() -> None:
    await asyncio.Event().wait()


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    made = LoopThread("hindcast-test")
    yield made
    made.close(nothing, 1.0)
    assert "hindcast-test" not in [thread.name for thread in threading.enumerate()]


def test_all_work_is_done_on_one_thread(loop: LoopThread) -> None:
    async def name(number: int) -> tuple[int, str]:
        await asyncio.sleep(0.001)
        return number, threading.current_thread().name

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda number: loop.run(lambda: name(number), 30.0), range(100)))
    assert found == [(number, "hindcast-test") for number in range(100)]


def test_what_the_work_raises_is_raised(loop: LoopThread) -> None:
    with pytest.raises(KeyError, match="this"):
        loop.run(fail, 30.0)


def test_work_that_takes_too_long_is_cancelled(loop: LoopThread) -> None:
    cancelled = threading.Event()

    async def wait() -> None:
        try:
            await for_ever()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(TimeoutError):
        loop.run(wait, 0.05)
    assert cancelled.wait(10.0)


def test_the_end_cancels_what_is_under_way_and_refuses_what_comes_later(loop: LoopThread) -> None:
    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(loop.run, for_ever, 30.0) for _ in range(4)]
        time.sleep(0.05)
        loop.close(nothing, 1.0)
        for each in running:
            assert isinstance(each.exception(10.0), CancelledError)
    with pytest.raises(CancelledError):
        loop.run(nothing, 1.0)


def test_the_end_cancels_again_what_missed_it_once(loop: LoopThread) -> None:
    ended = threading.Event()

    async def deaf_once() -> None:
        with suppress(asyncio.CancelledError):
            await for_ever()
        try:
            await for_ever()
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(loop.run, deaf_once, 30.0)
        time.sleep(0.05)
        loop.close(nothing, 1.0)
        assert ended.is_set()
        assert isinstance(running.exception(10.0), CancelledError)


@pytest.mark.parametrize(("farewell", "error"), [(for_ever, TimeoutError), (fail, KeyError)])
def test_a_farewell_that_hangs_or_fails_does_not_hold_up_the_end(
    loop: LoopThread, farewell: Callable[[], Coroutine[None, None, None]], error: type[Exception]
) -> None:
    start = time.monotonic()
    with pytest.raises(error):
        loop.close(farewell, 0.05)
    assert time.monotonic() - start < 5.0
