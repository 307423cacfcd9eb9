"""Heavy work a few at a time, so that it takes neither the memory nor the threads that all other requests need."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from hindcast.domain.errors import RateLimitError

T = TypeVar("T")
WAIT_SECONDS: Final = 10.0


class Turns:
    """So many at once. Who waits for a turn holds no thread; who waits too long is told to come back.

    All of it happens on the event loop, but for the work.
    """

    def __init__(self, doing: str, *, at_once: int, of_one_user: int, wait_seconds: float = WAIT_SECONDS) -> None:
        """`doing` is what they do, as a plural; `of_one_user`: how many of his may wait or be at work."""
        self._doing = doing
        self._at_once = at_once
        self._of_one_user = of_one_user
        self._wait = wait_seconds
        self._free = asyncio.Semaphore(at_once)
        self._asked: Counter[str] = Counter()  # by owner

    @contextmanager
    def admitted(self, owner: str) -> Iterator[None]:
        """Count this user in, while it lasts. Raises RateLimitError where he has as many as one may."""
        if self._asked[owner] >= self._of_one_user:
            raise RateLimitError(
                f"{self._of_one_user} {self._doing} are asked for already, as many as one user may have: wait for one "
                "to end",
                retry_after=2.0,
            )
        self._asked[owner] += 1
        try:
            yield
        finally:
            self._asked[owner] -= 1
            if not self._asked[owner]:
                del self._asked[owner]

    async def take(self, work: Callable[[], T]) -> T:
        """Do the work in a thread, when there is a turn. Raises RateLimitError where there is none in time."""
        try:
            await asyncio.wait_for(self._free.acquire(), self._wait)
        except TimeoutError:
            raise RateLimitError(
                f"{self._at_once} {self._doing} are at work and others wait: try again later", retry_after=self._wait
            ) from None
        try:
            return await run_in_threadpool(work)
        finally:
            self._free.release()


def set_up_turns(app: FastAPI) -> None:
    """Give an application its turns."""
    app.state.reports = Turns("reports", at_once=2, of_one_user=10)
    app.state.imports = Turns("imports", at_once=2, of_one_user=4, wait_seconds=60.0)
    app.state.fetches = Turns("fetches", at_once=4, of_one_user=8)
