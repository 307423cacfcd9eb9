"""LoopThread: an event loop in a thread of its own, for callers that wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class LoopThread:
    """One event loop in one daemon thread. Any number of threads may call at once."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], Coroutine[Any, Any, Answer]], seconds: float) -> Answer:
        """What the work gives, done on the loop.

        Raises TimeoutError where that takes longer, and concurrent.futures.CancelledError where the loop is closed.
        """
        with self._lock:
            if self._closed:
                cancelled: Future[Answer] = Future()
                cancelled.cancel()
                return cancelled.result()
            future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        try:
            return future.result(seconds)
        finally:
            future.cancel()  # nothing where it is done

    def close(self, last: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> None:
        """Cancel what is under way, do a last work, and end the thread, whatever the last work raises."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            ending = asyncio.run_coroutine_threadsafe(self._end(last, seconds), self._loop)
        try:
            ending.result(4.0 * seconds)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _end(self, last: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> None:
        await _cancel_others(seconds)
        try:
            async with asyncio.timeout(seconds):
                await last()
        finally:
            await _cancel_others(seconds)
            await self._loop.shutdown_default_executor()


async def _cancel_others(seconds: float) -> None:
    """Cancel every other task until it has ended: one whose wait is over in the same moment may miss it once."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (others := asyncio.all_tasks() - {asyncio.current_task()}) and loop.time() < end:
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=seconds / 20.0)
