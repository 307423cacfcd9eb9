"""Connection: the client on one loop, and the Beanie classes that the first call makes ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import pymongo
from beanie import init_beanie
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from hindcast.infrastructure.mongo.address import Address
from hindcast.infrastructure.mongo.models import Model, document_models, index_models
from hindcast.services.documents.kinds import KINDS, Kind

Answer = TypeVar("Answer")
Raw = dict[str, Any]

SERVER_SECONDS: Final = 1.0  # for one command; the server is told, and gives up as well
ANSWER_SECONDS: Final = 1.5  # for all that a call asks
INDEX_SECONDS: Final = 60.0  # for indexes, where a new version of Hindcast finds a full database
_LOG: Final = logging.getLogger(__name__)


class Connection:
    """A client, used on one loop alone: so nothing here needs a lock."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._models = document_models()
        self._ready = False
        self._opening: asyncio.Task[None] | None = None
        self._client: AsyncMongoClient[Raw] | None = None

    async def answer(self, work: Callable[[Connection], Coroutine[Any, Any, Answer]]) -> Answer:
        """What a piece of work gives. Raises TimeoutError where that takes longer than a call may.

        What takes too long is left to end by the driver's own limits: cancelled while it connects, the driver loses
        the socket.
        """
        task = asyncio.create_task(work(self))
        task.add_done_callback(_seen)
        done, _ = await asyncio.wait({task}, timeout=ANSWER_SECONDS)
        if not done:
            raise TimeoutError
        return task.result()

    async def model(self, kind: str) -> Model:
        """The class of a kind. The first to ask makes all of them ready; who asks meanwhile waits for the same."""
        if not self._ready:
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open())
                self._opening.add_done_callback(_seen)
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.shield(self._opening)  # whoever waits no longer leaves it to the next
        return self._models[kind]

    async def command(self, name: str) -> Raw:
        """The server's answer to a command without arguments."""
        with pymongo.timeout(SERVER_SECONDS):
            return await self._admin().command(name)

    async def close(self) -> None:
        """Let go of the server."""
        if self._client is None:
            return
        try:
            with pymongo.timeout(SERVER_SECONDS / 2.0):
                await self._client.close()
        finally:
            await self._client.close()  # where the server did not hear of it; this time nobody is asked

    async def _open(self) -> None:
        server = await self.command("buildInfo")
        if str(server.get("ferretdbVersion", "")).startswith("v1."):
            _LOG.warning(
                "the server at %s is FerretDB %s, which does not change a document in one step: changes that come "
                "together get lost; use MongoDB for anything but trials",
                self._address.shown,
                server["ferretdbVersion"],
            )
        async with asyncio.timeout(INDEX_SECONDS):
            database = self._opened()[self._address.database]
            await init_beanie(database=database, document_models=list(self._models.values()), skip_indexes=True)
            for kind in KINDS.values():
                await _make_indexes(database, kind)
        self._ready = True

    def _admin(self) -> AsyncDatabase[Raw]:
        return self._opened()["admin"]

    def _opened(self) -> AsyncMongoClient[Raw]:
        """The client. What acknowledged and current mean is decided here, whatever the URL says."""
        if self._client is None:
            milliseconds = int(SERVER_SECONDS * 1000)
            self._client = AsyncMongoClient(
                self._address.url.get_secret_value(),
                appname="hindcast",
                connectTimeoutMS=milliseconds,
                serverSelectionTimeoutMS=milliseconds,
                timeoutMS=int(INDEX_SECONDS * 1000),  # of a command for which nothing shorter is said
                w="majority",
                journal=True,
                readPreference="primary",
                tz_aware=True,
            )
        return self._client


async def _make_indexes(database: AsyncDatabase[Raw], kind: Kind[Any]) -> None:
    """Make the indexes that are missing. One a command: FerretDB v1 fails over several that are there already."""
    collection = database[kind.name]
    known = await collection.index_information()
    for index in index_models(kind):
        if index.document["name"] not in known:
            await collection.create_indexes([index])


def _seen(task: asyncio.Task[Any]) -> None:
    """Take note of a failure that nobody may be waiting for any more."""
    if not task.cancelled():
        task.exception()
