"""MongoDocumentStore: documents on a MongoDB server, for any number of machines at once."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar
from weakref import WeakSet

import pymongo
from beanie.exceptions import DocumentNotFound
from pydantic import SecretStr
from pymongo.errors import DuplicateKeyError

from hindcast.domain.errors import StorageError, StoreUnavailableError
from hindcast.infrastructure.mongo.address import Address, read_address
from hindcast.infrastructure.mongo.connection import SERVER_SECONDS, Connection
from hindcast.infrastructure.mongo.failures import told
from hindcast.infrastructure.mongo.loop_thread import LoopThread
from hindcast.infrastructure.mongo.models import from_model, to_model
from hindcast.infrastructure.mongo.questions import filter_of, sort_of
from hindcast.services.documents.questions import checked_question
from hindcast.services.ports import Find, StoredDocument

Answer = TypeVar("Answer")
WAIT_SECONDS: Final = 1.8  # for a call in all: less than the two seconds that the port promises
_FAREWELL_SECONDS: Final = 1.0


class MongoDocumentStore:
    """A document store on a MongoDB server, one atomic change of one document at a time.

    Acknowledged is what a majority of the servers has in its journal; what is read is what the primary has. One thread
    of its own speaks to the server; it starts with the first call, ends with `close`, and a process that is forked
    starts one anew. Every call ends within two seconds, and the next one asks again.

    Parameters
    ----------
    url : SecretStr
        Such as "mongodb://localhost:27017" or "mongodb+srv://user:password@host"; it is never shown.
    database : str
        The database on that server; it is made with the first call.

    Raises
    ------
    ConfigError
        The URL can't be read, or the database can't have this name.
    """

    def __init__(self, url: SecretStr, database: str) -> None:
        self._address = read_address(url, database)
        self._lock = threading.Lock()
        self._room: _Room | None = None
        _STORES.add(self)

    def __repr__(self) -> str:
        return f"MongoDocumentStore({self._address.shown}, {self._address.database})"

    def now(self) -> int:
        """Epoch milliseconds by the server's clock. Raises StoreUnavailableError."""

        async def work(connection: Connection) -> object:
            return (await connection.command("hello")).get("localTime")

        moment = self._ask(work)
        if not isinstance(moment, datetime):
            raise StoreUnavailableError(f"MongoDB at {self._address.shown} does not tell the time")
        return round(moment.timestamp() * 1000)

    def insert(self, kind: str, document: StoredDocument) -> bool:
        """Keep a new document; False where the id is taken. Raises StoreUnavailableError."""

        async def work(connection: Connection) -> bool:
            made = to_model(await connection.model(kind), document)
            try:
                with pymongo.timeout(SERVER_SECONDS):
                    await made.insert()
            except DuplicateKeyError:
                return False
            return True

        return self._ask(work)

    def get(self, kind: str, document_id: str) -> StoredDocument | None:
        """The document of this id. Raises StoreUnavailableError, CorruptDataError."""

        async def work(connection: Connection) -> StoredDocument | None:
            model = await connection.model(kind)
            with pymongo.timeout(SERVER_SECONDS):
                found = await model.find_one({"_id": document_id})
            return None if found is None else from_model(kind, found)

        return self._ask(work)

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        """Put it in the place of the one with its id and this version. Raises StoreUnavailableError."""

        async def work(connection: Connection) -> bool:
            model = await connection.model(kind)
            made = to_model(model, document)
            try:
                with pymongo.timeout(SERVER_SECONDS):
                    await model.find_one({"_id": document.id, "version": version}).replace_one(made)
            except DocumentNotFound:
                return False
            return True

        return self._ask(work)

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        """Take away the one of this id and version. Raises StoreUnavailableError."""

        async def work(connection: Connection) -> bool:
            model = await connection.model(kind)
            with pymongo.timeout(SERVER_SECONDS):
                result = await model.find_one({"_id": document_id, "version": version}).delete_one()
            return result is not None and result.deleted_count == 1

        return self._ask(work)

    def find(self, kind: str, wanted: Find) -> tuple[StoredDocument, ...]:
        """The documents that a question asks for, in its order. Raises StoreUnavailableError, CorruptDataError."""
        checked_question(kind, wanted)

        async def work(connection: Connection) -> tuple[StoredDocument, ...]:
            model = await connection.model(kind)
            with pymongo.timeout(SERVER_SECONDS):
                found = await model.find(filter_of(wanted)).sort(sort_of(wanted)).limit(wanted.limit).to_list()
            return tuple(from_model(kind, each) for each in found)

        return self._ask(work)

    def ping(self) -> None:
        """Ask whether the server answers. Raises StoreUnavailableError."""

        async def work(connection: Connection) -> object:
            return await connection.command("ping")

        self._ask(work)

    def close(self) -> None:
        """Let go of the server and end the thread; a later call starts both again."""
        with self._lock:
            room, self._room = self._room, None
        if room is not None:
            with suppress(StorageError), told(self._address):  # a server that does not take the farewell
                room.thread.close(room.connection.close, _FAREWELL_SECONDS)

    def forget(self) -> _Room | None:
        """In a process that was just forked: the thread did not come along. Gives what must not be closed here."""
        self._lock = threading.Lock()
        room, self._room = self._room, None
        return room

    def _ask(self, work: Callable[[Connection], Coroutine[Any, Any, Answer]]) -> Answer:
        with self._lock:
            if self._room is None:
                self._room = _Room(self._address)
            room = self._room
        with told(self._address):
            return room.thread.run(lambda: room.connection.answer(work), WAIT_SECONDS)


class _Room:
    """A thread with its connection."""

    def __init__(self, address: Address) -> None:
        self.connection = Connection(address)
        self.thread = LoopThread("hindcast-mongo")


_STORES: Final[WeakSet[MongoDocumentStore]] = WeakSet()
_OF_THE_PARENT: Final[list[_Room | None]] = []  # sockets that the parent process still speaks over


def _after_fork() -> None:
    _OF_THE_PARENT.extend(store.forget() for store in _STORES)


def _at_exit() -> None:
    for store in list(_STORES):
        store.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
