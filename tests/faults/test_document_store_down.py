"""A document server that is gone, hangs, comes back, or speaks nonsense: an error within two seconds, nothing worse."""

from __future__ import annotations

import gc
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import bson
import pytest
from pydantic import SecretStr
from tests.contracts.document_server import DocumentServer, running_document_server, wait_until_it_answers
from tests.faults.service_processes import free_port
from tests.faults.speaking import speaking

from hindcast.domain.errors import StorageError, StoreUnavailableError
from hindcast.infrastructure.mongo.store import MongoDocumentStore
from hindcast.services.ports import DocumentStore, Find, StoredDocument

# Where a store is closed while the driver is connecting, the driver leaves that socket to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
BOUND = 2.0  # seconds: what the port promises
SLACK = 1.0  # of a busy machine
KIND = "sessions"
DOCUMENT = StoredDocument(
    id="one",
    version=1,
    schema_version=1,
    document="0",
    content_hash="0",
    index={"user_id": "ada", "expires_ms": 1_795_000_000_000},
)
CALLS: dict[str, Callable[[DocumentStore], object]] = {
    "now": lambda store: store.now(),
    "ping": lambda store: store.ping(),
    "insert": lambda store: store.insert(KIND, replace(DOCUMENT, id="two")),
    "get": lambda store: store.get(KIND, "one"),
    "replace": lambda store: store.replace(KIND, replace(DOCUMENT, version=2), version=1),
    "delete": lambda store: store.delete(KIND, "one", version=9),
    "find": lambda store: store.find(KIND, Find(order="expires_ms")),
}


@pytest.fixture(scope="module")
def server() -> Iterator[DocumentServer]:
    with running_document_server() as running:
        yield running


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.collect()
    assert "hindcast-mongo" not in [thread.name for thread in threading.enumerate()]


@contextmanager
def store_at(url: str, database: str = "hindcast") -> Iterator[MongoDocumentStore]:
    store = MongoDocumentStore(SecretStr(url), database)
    try:
        yield store
    finally:
        store.close()


def unavailable(store: DocumentStore, call: Callable[[DocumentStore], object]) -> float:
    """How long it takes until the store says that it can't."""
    start = time.monotonic()
    with pytest.raises(StoreUnavailableError) as caught:
        call(store)
    assert caught.value.retry_after > 0
    return time.monotonic() - start


def all_at_once(*stores: DocumentStore) -> None:
    """Every method of each store, three times, from threads of their own."""
    calls = [(store, call) for store in stores for call in [*CALLS.values()] * 3]
    with ThreadPoolExecutor(len(calls)) as threads:
        took = list(threads.map(lambda each: unavailable(*each), calls))
    assert max(took) < BOUND + SLACK


def test_every_method_says_so_in_time_while_the_server_is_gone_and_the_first_call_after_it_works(
    server: DocumentServer,
) -> None:
    with store_at(server.url, server.database) as store, store_at(server.url, server.database) as never_used:
        wait_until_it_answers(store)
        store.insert(KIND, DOCUMENT)
        server.kill()
        try:
            all_at_once(store, never_used)
        finally:
            server.start()
        assert store.get(KIND, "one") == DOCUMENT
        assert never_used.get(KIND, "one") == DOCUMENT
        assert store.replace(KIND, replace(DOCUMENT, version=2), version=1)
        assert store.delete(KIND, "one", version=2)


def test_every_method_says_so_in_time_while_the_server_hangs_and_the_first_call_after_it_works(
    server: DocumentServer,
) -> None:
    with store_at(server.url, server.database) as store, store_at(server.url, server.database) as never_used:
        store.insert(KIND, replace(DOCUMENT, id="three"))
        server.freeze()
        try:
            all_at_once(store, never_used)
        finally:
            server.thaw()
        for each in (store, never_used):
            assert each.get(KIND, "three") == replace(DOCUMENT, id="three")
            assert each.insert(KIND, replace(DOCUMENT, id="four"))
            assert each.delete(KIND, "four", version=1)


def test_closing_takes_no_longer_than_a_call_while_the_server_hangs(server: DocumentServer) -> None:
    with store_at(server.url, server.database) as store:
        store.ping()
        server.freeze()
        try:
            start = time.monotonic()
            store.close()
            assert time.monotonic() - start < BOUND + SLACK
        finally:
            server.thaw()


def test_a_counter_loses_and_doubles_nothing_while_the_server_dies_and_comes_back(server: DocumentServer) -> None:
    """Acknowledged changes are all there; of those that failed, nobody knows, and each counts at most once."""
    acknowledged, unknown = [0] * 6, [0] * 6
    stop = threading.Event()

    def count(place: int) -> None:
        with store_at(server.url, server.database) as store:
            while not stop.is_set():
                try:
                    found = store.get(KIND, "counter")
                    assert found is not None
                    made = replace(found, version=found.version + 1, document=str(int(found.document) + 1))
                except StoreUnavailableError:
                    continue
                try:
                    acknowledged[place] += store.replace(KIND, made, version=found.version)
                except StoreUnavailableError:
                    unknown[place] += 1

    def grown_to(goal: int) -> None:
        end = time.monotonic() + 60.0
        while sum(acknowledged) < goal:
            assert time.monotonic() < end, f"only {sum(acknowledged)} changes were acknowledged"
            time.sleep(0.02)

    with store_at(server.url, server.database) as store:
        assert store.insert(KIND, replace(DOCUMENT, id="counter"))
        with ThreadPoolExecutor(6) as threads:
            running = [threads.submit(count, place) for place in range(6)]
            try:
                for goal in (5, 10):
                    grown_to(goal)
                    server.kill()
                    server.start()
                grown_to(15)
            finally:
                stop.set()
            for each in running:
                each.result(30.0)
        found = store.get(KIND, "counter")
        assert found is not None
        assert sum(acknowledged) <= int(found.document) <= sum(acknowledged) + sum(unknown)
        assert found.version == int(found.document) + 1


def test_nobody_at_all_is_an_error_in_time() -> None:
    with store_at(f"mongodb://127.0.0.1:{free_port()}") as store:
        all_at_once(store)


def test_a_host_that_nobody_knows_is_an_error_in_time() -> None:
    with store_at("mongodb://nobody.invalid") as store:
        assert unavailable(store, CALLS["get"]) < BOUND + SLACK


def reply(document: dict[str, object]) -> Callable[[socket.socket], None]:
    """A server that gives every question this answer."""

    def answer(connection: socket.socket) -> None:
        body = b"\0" + bson.encode(document)
        while True:
            header = connection.recv(16, socket.MSG_WAITALL)
            length, request, _, operation = struct.unpack("<iiii", header)
            connection.recv(length - 16, socket.MSG_WAITALL)
            if operation == 2013:
                connection.sendall(struct.pack("<iiiiI", 20 + len(body), 1, request, 2013, 0) + body)
            else:  # the first greeting comes in the old form
                old = struct.pack("<iqii", 8, 0, 0, 1) + body[1:]
                connection.sendall(struct.pack("<iiii", 16 + len(old), 1, request, 1) + old)

    return answer


HELLO: dict[str, object] = {"ok": 1, "isWritablePrimary": True, "ismaster": True, "minWireVersion": 0}
HELLO |= {"maxWireVersion": 21, "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000}
HELLO |= {"maxWriteBatchSize": 100_000}
ANSWERS: dict[str, Callable[[socket.socket], None]] = {
    "nothing": lambda connection: None,
    "the end": lambda connection: connection.close(),
    "HTML": lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n<html></html>"),
    "a huge length": lambda connection: connection.sendall(struct.pack("<iiii", 2**31 - 1, 1, 1, 2013)),
    "a negative length": lambda connection: connection.sendall(struct.pack("<iiii", -1, 1, 1, 2013)),
    "a header alone": lambda connection: connection.sendall(struct.pack("<iiii", 16, 1, 1, 2013)),
    "an empty document": reply({}),
    "only ok": reply({"ok": 1}),
    "a failure": reply({"ok": 0, "errmsg": "no", "code": 1}),
    "a greeting to everything": reply(HELLO),
    "a greeting in odd types": reply({**HELLO, "version": 5, "n": "x", "cursor": {"firstBatch": 3, "id": "y"}}),
    "a version of text": reply({**HELLO, "version": "seven"}),
    "cursors of nothing": reply({**HELLO, "version": "7.0.0", "cursor": {}}),
    "cursors in odd types": reply({**HELLO, "version": "7.0.0", "cursor": {"id": "x", "ns": 5, "firstBatch": 3}}),
    "a server that is too old": reply({**HELLO, "maxWireVersion": 3}),
}


def test_a_server_that_speaks_nonsense_is_an_error_in_time() -> None:
    """Each kind of nonsense by a server of its own, all at once: most cost what a call may take."""

    def failures(answer: Callable[[socket.socket], None]) -> list[object]:
        found: list[object] = []
        with speaking(answer) as port, store_at(f"mongodb://127.0.0.1:{port}") as store:
            for call in (CALLS["insert"], CALLS["now"]):
                start = time.monotonic()
                try:
                    found.append(call(store))
                except StorageError as error:
                    found.append(type(error).__name__)
                if time.monotonic() - start > BOUND + SLACK:
                    found.append("too late")
        return found

    with ThreadPoolExecutor(len(ANSWERS)) as threads:
        found = dict(zip(ANSWERS, threads.map(failures, ANSWERS.values()), strict=True))
    assert found == {kind: ["StoreUnavailableError"] * 2 for kind in ANSWERS}


def test_random_bytes_are_an_error_in_time() -> None:
    draw = random.Random(7)

    def answer(connection: socket.socket) -> None:
        body = draw.randbytes(draw.randrange(60))
        connection.sendall(struct.pack("<iiii", 16 + len(body), 1, draw.randrange(3), draw.choice([1, 2013])) + body)
        connection.close()

    with speaking(answer) as port, store_at(f"mongodb://127.0.0.1:{port}") as store:
        assert unavailable(store, CALLS["get"]) < BOUND + SLACK
