"""A document server of a test's own: MongoDB where there is one, else FerretDB behind a turnstile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from pydantic import SecretStr
from tests.contracts.turnstile import Turnstile
from tests.faults.service_processes import free_port

from hindcast.domain.errors import StoreUnavailableError
from hindcast.infrastructure.mongo.store import MongoDocumentStore

ROOT = Path(__file__).parents[2]
URL_VARIABLE = "HINDCAST_TEST_MONGODB_URL"
FERRETDB_VARIABLE = "HINDCAST_TEST_FERRETDB"
START_SECONDS = 30.0


class DocumentServer:
    """A server that is there, and a database of this test's own on it."""

    kind = "MongoDB"

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = f"hindcast_test_{uuid4().hex}"
        self._stores: list[MongoDocumentStore] = []

    def store(self) -> MongoDocumentStore:
        """A new store over it that answers; it is closed when the server goes."""
        made = MongoDocumentStore(SecretStr(self.url), self.database)
        self._stores.append(made)
        wait_until_it_answers(made)
        return made

    def close(self) -> None:
        """Close the stores and drop the database."""
        for store in self._stores:
            store.close()
        with client_of(self.url) as client:
            client.drop_database(self.database)

    def kill(self) -> None:
        """End it at once."""
        pytest.skip(f"the server of {URL_VARIABLE} is not ours to stop")

    freeze = thaw = start = kill


class OwnServer(DocumentServer):
    """A process of the test's own, on a free port of loopback, with its data in a folder that goes with it."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        super().__init__(f"mongodb://127.0.0.1:{self._port}")

    def start(self) -> None:
        """Start it, on the data that it has, and wait until it answers."""
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder)}
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self._folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._await()

    def kill(self) -> None:
        """End it at once, as a power cut does; its data stay."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30.0)
            self._process = None

    def freeze(self) -> None:
        """Stop its clock: it takes connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Close the stores and end the process; its folder goes anyway."""
        for store in self._stores:
            store.close()
        self.kill()

    def _command(self) -> list[str]:
        place = ["--bind_ip", "127.0.0.1", "--port", str(self._port), "--nounixsocket"]
        return [str(self._program), "--dbpath", str(self._folder), *place]

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server was ended before"
        self._process.send_signal(number)

    def _await(self) -> None:
        assert self._process is not None
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with client_of(f"mongodb://127.0.0.1:{self._port}") as client:
                    client.admin.command("ping")
                return
            except Exception:  # noqa: BLE001  # whatever it is: it does not answer yet
                if self._process.poll() is not None or time.monotonic() > end:
                    log = (self._folder / "log").read_text(errors="replace")[-2_000:]
                    raise AssertionError(f"{self._program} does not answer:\n{log}") from None
                time.sleep(0.05)


class FerretServer(OwnServer):
    """FerretDB v1 with its SQLite backend, one command at a time: alone it does not change a document in one step."""

    kind = "FerretDB"

    def __init__(self, program: Path, folder: Path) -> None:
        super().__init__(program, folder)
        self._turnstile: Turnstile | None = None

    def start(self) -> None:
        super().start()
        self._turnstile = Turnstile(self._port, at=0 if self._turnstile is None else self._turnstile.port)
        self.url = f"mongodb://127.0.0.1:{self._turnstile.port}"

    def kill(self) -> None:
        super().kill()
        if self._turnstile is not None:
            self._turnstile.close()

    def _command(self) -> list[str]:
        return [
            str(self._program),
            "--handler=sqlite",
            f"--sqlite-url=file:{self._folder}/",
            f"--state-dir={self._folder}",
            f"--listen-addr=127.0.0.1:{self._port}",
            "--debug-addr=-",
            "--telemetry=disable",
            "--log-level=warn",
        ]


@contextmanager
def running_document_server() -> Iterator[DocumentServer]:
    """A running server; where none can be had, the test is skipped, and says why."""
    given = os.environ.get(URL_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="hc-documents-") as folder:
        server = DocumentServer(given) if given else _own_server(Path(folder))
        try:
            if not given:
                server.start()
            yield server
        finally:
            server.close()


def wait_until_it_answers(store: MongoDocumentStore) -> None:
    """Wait: on a busy machine the first calls may be over before an empty database has all its indexes."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            store.get("users", "nobody")
            return
        except StoreUnavailableError:
            if time.monotonic() > end:
                raise


@contextmanager
def client_of(url: str) -> Iterator[Any]:
    """A plain client, for what a test does behind a store's back."""
    from pymongo import MongoClient

    client: MongoClient[dict[str, Any]] = MongoClient(url, serverSelectionTimeoutMS=2_000, connectTimeoutMS=2_000)
    try:
        yield client
    finally:
        client.close()


def with_credentials(url: str, name: str, password: str) -> str:
    """The same URL for somebody."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{name}:{password}@{parts.netloc}"))


def _own_server(folder: Path) -> OwnServer:
    mongod = shutil.which("mongod")
    if mongod is not None:
        return OwnServer(Path(mongod), folder)
    named = os.environ.get(FERRETDB_VARIABLE)
    built = ROOT / ".tools" / "bin" / "ferretdb"
    found = named or shutil.which("ferretdb") or (str(built) if built.is_file() else None)
    if found is None:
        pytest.skip(f"no document server: set {URL_VARIABLE}, or install mongod, or run tools/install_ferretdb.sh")
    return FerretServer(Path(found), folder)
