"""Progress as server-sent events: one look at the store for all who listen, and nothing when nobody does."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from anyio.to_thread import run_sync
from starlette.responses import StreamingResponse

from hindcast.api.schemas.backtests import StatusAnswer
from hindcast.domain.backtest import Backtest
from hindcast.domain.errors import HindcastError, RateLimitError, StoreUnavailableError
from hindcast.services.backtest.service import Sighting
from hindcast.services.jobs.transitions import ENDED

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

Look = Callable[[str, int], Sighting | None]  # (backtest id, version that is known) → what is newer
Allowed = Callable[[], bool]  # whether the client may go on listening; it may ask the store

MEDIA_TYPE: Final = "text/event-stream"
LOOK_SECONDS: Final = 0.25
HEARTBEAT_SECONDS: Final = 15.0  # credentials are looked at as often
LONGEST_SECONDS: Final = 3_600.0
MOST_OF_ONE_USER: Final = 20
_RETRY_MS: Final = 2_000


@dataclass(slots=True, kw_only=True, eq=False)
class _Watched:
    """What is known of a backtest that somebody listens to."""

    sighting: Sighting
    listeners: int = 0
    gone: bool = False  # deleted, or its document can't be read
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # a new one after each change

    def tell(self) -> None:
        """Wake all who listen."""
        self.changed.set()
        self.changed = asyncio.Event()


class ProgressStreams:
    """The streams of one application. All of it happens on the event loop, but for the looks into the store."""

    def __init__(self, look: Look, *, look_seconds: float = LOOK_SECONDS, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self._look = look
        self._look_seconds = look_seconds
        self._heartbeat = heartbeat
        self._watched: dict[str, _Watched] = {}
        self._open: Counter[str] = Counter()  # streams by owner
        self._looking: asyncio.Task[None] | None = None
        self._closed = False
        self.looks = 0

    def close(self) -> None:
        """End every stream now; call it on the loop when the server is asked to stop."""
        self._closed = True
        for watched in self._watched.values():
            watched.tell()

    def admit(self, owner: str) -> None:
        """Count a stream of this user, until `leave`. Raises RateLimitError where he has as many as one may."""
        if self._open[owner] >= MOST_OF_ONE_USER:
            raise RateLimitError(
                f"{MOST_OF_ONE_USER} streams of progress are open already, as many as one user may have: close some",
                retry_after=5.0,
            )
        self._open[owner] += 1

    def leave(self, owner: str) -> None:
        """A stream that was admitted has ended."""
        self._open[owner] -= 1
        if not self._open[owner]:
            del self._open[owner]

    async def events(
        self, sighting: Sighting, *, seen: int = 0, allowed: Allowed = lambda: True
    ) -> AsyncGenerator[bytes, None]:
        """The events of a backtest until it has ended, or its client may listen no more.

        `seen` is the version that the client knows already.
        """
        clock = asyncio.get_running_loop().time
        with self._listening(sighting) as watched:
            yield f"retry: {_RETRY_MS}\n\n".encode()
            told: StatusAnswer | None = None
            began = asked = clock()
            if watched.sighting.version == seen:
                told = StatusAnswer.of(watched.sighting.backtest)
            while not self._closed and not watched.gone:
                if clock() - asked >= self._heartbeat:
                    if not await run_sync(allowed):
                        return
                    asked = clock()
                changed, now = watched.changed, watched.sighting
                status = StatusAnswer.of(now.backtest)
                if status != told:
                    told = status
                    yield event("status", status.model_dump(mode="json"), now.version)
                if has_ended(now.backtest) or clock() - began > LONGEST_SECONDS:
                    return
                try:
                    await asyncio.wait_for(changed.wait(), self._heartbeat)
                except TimeoutError:
                    yield b": still here\n\n"

    @contextmanager
    def _listening(self, sighting: Sighting) -> Iterator[_Watched]:
        backtest_id = sighting.backtest.id
        watched = self._watched.setdefault(backtest_id, _Watched(sighting=sighting))
        if watched.sighting.version < sighting.version:
            watched.sighting = sighting
            watched.tell()
        watched.listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look_on())
        try:
            yield watched
        finally:
            watched.listeners -= 1
            if not watched.listeners:
                del self._watched[backtest_id]

    async def _look_on(self) -> None:
        """Look at all that is listened to, in one thread, until nobody listens."""
        while self._watched and not self._closed:
            await asyncio.sleep(self._look_seconds)
            known = {name: watched.sighting.version for name, watched in self._watched.items() if not watched.gone}
            for name, found in (await run_sync(partial(self._look_at, known))).items():
                if (watched := self._watched.get(name)) is not None:
                    watched.gone = found is None
                    watched.sighting = found or watched.sighting
                    watched.tell()

    def _look_at(self, known: Mapping[str, int]) -> dict[str, Sighting | None]:
        """What is new, by id; None where it is gone. A store that does not answer is asked again later."""
        found: dict[str, Sighting | None] = {}
        with suppress(StoreUnavailableError):
            for name, version in known.items():
                self.looks += 1
                try:
                    if (sighting := self._look(name, version)) is not None:
                        found[name] = sighting
                except StoreUnavailableError:
                    raise
                except HindcastError:
                    found[name] = None
        return found


def has_ended(backtest: Backtest) -> bool:
    """Whether nothing more happens to a backtest by itself."""
    return backtest.status in ENDED


def event(name: str, content: object, event_id: int) -> bytes:
    """A server-sent event."""
    return f"id: {event_id}\nevent: {name}\ndata: {json.dumps(content, allow_nan=False)}\n\n".encode()


def seen_version(last_event_id: str | None) -> int:
    """The version that `Last-Event-ID` names; 0 where it names none."""
    text = last_event_id or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


class EventStream(StreamingResponse):
    """Events as a response; `on_end` is called once nobody reads them any more."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[bytes, None], on_end: Callable[[], None]) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._events = events
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until they end or the client goes away."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._on_end()
            await self._events.aclose()
