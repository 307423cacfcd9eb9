"""What the store on a server promises beyond the port: when it asks, what it leaves behind, what it does not show."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from tests.contracts.document_server import (
    ROOT,
    DocumentServer,
    client_of,
    running_document_server,
    wait_until_it_answers,
)
from tests.contracts.turnstile import Turnstile

from hindcast.domain.errors import CorruptDataError, InputError, StoreUnavailableError
from hindcast.infrastructure.mongo.store import MongoDocumentStore
from hindcast.services.documents.kinds import KINDS
from hindcast.services.ports import StoredDocument

THREAD = "hindcast-mongo"
DOCUMENT = StoredDocument(
    id="one",
    version=1,
    schema_version=1,
    document='{"name": "one"}',
    content_hash="0",
    index={"user_id": "ada", "expires_ms": 1_795_000_000_000},
)


@pytest.fixture(scope="module")
def shared() -> Iterator[DocumentServer]:
    with running_document_server() as running:
        yield running


@pytest.fixture
def store(shared: DocumentServer) -> Iterator[MongoDocumentStore]:
    made = MongoDocumentStore(SecretStr(shared.url), shared.database)  # nobody has asked it yet
    yield made
    made.close()
    with client_of(shared.url) as client:
        client.drop_database(shared.database)


def threads_of_stores() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == THREAD]


def test_making_a_store_asks_nobody_and_starts_nothing() -> None:
    made = MongoDocumentStore(SecretStr("mongodb://192.0.2.1"), "hindcast")  # an address that no machine has
    assert threads_of_stores() == []
    made.close()
    assert repr(made) == "MongoDocumentStore(192.0.2.1:27017, hindcast)"


def test_a_closed_store_leaves_no_thread_and_opens_again(store: MongoDocumentStore) -> None:
    wait_until_it_answers(store)
    assert store.insert("sessions", DOCUMENT)
    assert threads_of_stores() == [THREAD]
    store.close()
    store.close()
    assert threads_of_stores() == []
    assert store.get("sessions", "one") == DOCUMENT


def test_the_first_calls_of_many_threads_prepare_the_database_once(
    shared: DocumentServer, store: MongoDocumentStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="hindcast")

    def patiently_insert(number: int) -> bool:
        wait_until_it_answers(store)
        return store.insert("sessions", replace(DOCUMENT, id=f"s{number}"))

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(patiently_insert, range(20))) == [True] * 20
    warned = [record for record in caplog.records if "does not change a document in one step" in record.getMessage()]
    with client_of(shared.url) as client:
        assert len(warned) == str(client.admin.command("buildInfo").get("ferretdbVersion", "")).startswith("v1.")


def test_every_kind_has_its_indexes_with_the_id_last(shared: DocumentServer, store: MongoDocumentStore) -> None:
    wait_until_it_answers(store)
    with client_of(shared.url) as client:
        for kind in KINDS.values():
            known = client[shared.database][kind.name].index_information()
            found = [tuple(name for name, _ in each["key"]) for name, each in known.items() if name != "_id_"]
            assert sorted(found) == sorted((*fields, "_id") for fields in kind.indexes)


def test_indexes_that_are_there_are_left_and_those_that_are_missing_made(
    shared: DocumentServer, store: MongoDocumentStore
) -> None:
    wait_until_it_answers(store)
    store.close()
    with client_of(shared.url) as client:
        collection = client[shared.database]["backtests"]
        before = set(collection.index_information())
        collection.drop_index("owner_1_created_ms_1__id_1")
        wait_until_it_answers(store)
        assert set(collection.index_information()) == before


def test_a_server_that_is_too_slow_for_one_call_is_made_ready_for_a_later_one(shared: DocumentServer) -> None:
    parts = urlsplit(shared.url)
    if parts.hostname != "127.0.0.1" or parts.username or parts.port is None:
        pytest.skip("the server is not on this machine")
    turnstile = Turnstile(parts.port, seconds=0.1)  # some 25 commands make an empty database ready
    slow = MongoDocumentStore(SecretStr(f"mongodb://127.0.0.1:{turnstile.port}"), shared.database + "_slow")
    failures = 0
    try:
        start = time.monotonic()
        while True:
            try:
                assert slow.get("sessions", "one") is None
                break
            except StoreUnavailableError:
                failures += 1
                assert time.monotonic() - start < 60.0
        assert failures >= 1
        assert slow.insert("sessions", DOCUMENT)
    finally:
        slow.close()
        turnstile.close()
        with client_of(shared.url) as client:
            client.drop_database(shared.database + "_slow")


def test_two_databases_at_once_are_kept_apart(shared: DocumentServer, store: MongoDocumentStore) -> None:
    other = MongoDocumentStore(SecretStr(shared.url), shared.database + "_b")
    try:
        wait_until_it_answers(store)
        wait_until_it_answers(other)
        assert store.insert("sessions", DOCUMENT)
        assert other.get("sessions", "one") is None
        assert other.insert("sessions", replace(DOCUMENT, content_hash="other"))
        assert store.get("sessions", "one") == DOCUMENT
    finally:
        other.close()
        with client_of(shared.url) as client:
            client.drop_database(shared.database + "_b")


def test_the_clock_is_the_servers(store: MongoDocumentStore) -> None:
    before = time.time_ns() // 1_000_000
    assert abs(store.now() - before) < 60_000
    assert isinstance(store.now(), int)


def test_the_url_decides_neither_how_surely_nor_from_whom(shared: DocumentServer) -> None:
    weak = MongoDocumentStore(SecretStr(f"{shared.url}/?w=0&readPreference=secondary&timeoutMS=1"), shared.database)
    try:
        wait_until_it_answers(weak)
        assert weak.insert("sessions", DOCUMENT)
        assert not weak.insert("sessions", DOCUMENT)  # with w=0 nobody would know
        assert weak.get("sessions", "one") == DOCUMENT
        assert weak.delete("sessions", "one", version=1)
    finally:
        weak.close()


def test_a_document_that_another_program_wrote_is_corrupt(shared: DocumentServer, store: MongoDocumentStore) -> None:
    wait_until_it_answers(store)
    with client_of(shared.url) as client:
        client[shared.database]["sessions"].insert_one({"_id": "one", "version": "hansel", "expires_ms": 5})
    with pytest.raises(CorruptDataError, match="is not as it was written: content_hash, document, schema_version") as e:
        store.get("sessions", "one")
    assert "hansel" not in str(e.value)


@pytest.mark.parametrize(
    "document",
    [
        replace(DOCUMENT, version=2**63),
        replace(DOCUMENT, document="\ud800"),
        replace(DOCUMENT, document="x" * 17_000_000),
    ],
    ids=["a number of nine bytes", "half a character", "17 MB"],
)
def test_what_mongodb_can_not_hold_is_refused(store: MongoDocumentStore, document: StoredDocument) -> None:
    wait_until_it_answers(store)
    with pytest.raises(InputError, match="this can't be kept in MongoDB"):
        store.insert("sessions", document)
    assert store.get("sessions", "one") is None


def test_wrong_credentials_are_told_without_them(shared: DocumentServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = shared.url.replace("mongodb://", "mongodb://hansel:gr3tel@")
    stranger = MongoDocumentStore(SecretStr(f"{url}/?authSource=admin"), shared.database)
    try:
        with pytest.raises(StoreUnavailableError) as caught:
            stranger.get("sessions", "one")
    finally:
        stranger.close()
    shown = f"{caught.value!r} {stranger!r} {vars(stranger)} {caplog.text}"
    assert "gr3tel" not in shown
    assert "hansel" not in f"{caught.value!r} {stranger!r}"


FORKING = """
import os, sys
from pydantic import SecretStr
from hindcast.infrastructure.mongo.store import MongoDocumentStore
from tests.contracts.document_server import wait_until_it_answers
from tests.unit.infrastructure.mongo.test_mongo_store import DOCUMENT

store = MongoDocumentStore(SecretStr(sys.argv[1]), sys.argv[2])
wait_until_it_answers(store)
assert store.insert("sessions", DOCUMENT)
child = os.fork()
if child == 0:
    wait_until_it_answers(store)
    found = store.get("sessions", "one") == DOCUMENT and store.delete("sessions", "one", version=1)
    store.close()
    os._exit(7 if found else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert store.get("sessions", "one") is None
assert store.insert("sessions", DOCUMENT)
print("done")
"""


def test_a_forked_process_speaks_for_itself_and_a_process_that_ends_says_nothing(shared: DocumentServer) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORKING, shared.url, shared.database + "_fork"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    with client_of(shared.url) as client:
        client.drop_database(shared.database + "_fork")
    assert (ran.returncode, ran.stdout) == (0, "done\n"), ran.stderr
    told = [line for line in ran.stderr.splitlines() if "does not change a document in one step" not in line]
    assert [line for line in told if "fork()" not in line and "os.fork" not in line] == []
