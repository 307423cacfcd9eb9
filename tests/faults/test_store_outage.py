"""The document store is away for half a minute: 503 in time, no false acknowledgement, everything done soon after."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.contracts.document_server import running_document_server
from tests.faults.service_processes import TOKEN, ServiceProcess, free_port
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc as Linux has them"),
]
AWAY = 30.0  # seconds
BOUND = 2.0
SLACK = 1.0  # of a busy machine
DRAINED = 30.0  # seconds after its return


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request, and when."""

    begun: float
    ended: float
    status: int
    retry_after: str | None
    body: dict[str, Any]


class Store(Protocol):
    environment: dict[str, str]
    reads_go_on: bool

    def away(self) -> AbstractContextManager[None]:
        """Make it unusable, as long as the block lasts."""
        ...


class LockedFile:
    """The SQLite file, whose one writer's turn somebody else has."""

    environment: dict[str, str]
    reads_go_on = True  # readers never wait for a writer

    def __init__(self, home: Path) -> None:
        self.environment = {}
        self._file = home / "documents.sqlite"

    @contextmanager
    def away(self) -> Iterator[None]:
        connection = sqlite3.connect(self._file, isolation_level=None, timeout=30.0)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
        finally:
            connection.close()


class KilledServer:
    """The document server, killed and started again."""

    reads_go_on = False

    def __init__(self, ending: ExitStack) -> None:
        self._server = ending.enter_context(running_document_server())
        self.environment = {
            "HINDCAST_MONGODB_URL": self._server.url,
            "HINDCAST_MONGODB_DATABASE": self._server.database,
        }

    @contextmanager
    def away(self) -> Iterator[None]:
        self._server.kill()
        try:
            yield
        finally:
            self._server.start()


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(params=["sqlite", "mongo"])
def store(request: pytest.FixtureRequest, tmp_path: Path, ending: ExitStack) -> Store:
    return LockedFile(tmp_path) if request.param == "sqlite" else KilledServer(ending)


class Asking:
    """Requests to the service, each once: nothing is sent again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count()

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        begun = time.monotonic()
        line = HTTPConnection("127.0.0.1", self._port, timeout=30.0)
        try:
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
            if method == "POST":
                headers["Idempotency-Key"] = f"request-{next(self._numbers)}"
            line.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
            found = line.getresponse()
            answer = json.loads(found.read() or b"{}")
            ended = time.monotonic()
            return Answer(
                begun=begun,
                ended=ended,
                status=found.status,
                retry_after=found.headers.get("Retry-After"),
                body=answer,
            )
        finally:
            line.close()

    def submit(self, strategy: str) -> tuple[list[Answer], str | None]:
        """Make a backtest and execute it; its id where both were acknowledged."""
        asked = {
            "name": "through the outage",
            "strategy_id": strategy,
            "symbols": ["SPX"],
            "start_date": "2009-01-02",
            "end_date": "2012-12-31",
            "provider": "sample",
        }
        made = self.ask("POST", "/backtests", asked)
        if made.status != 201:
            return [made], None
        executed = self.ask("POST", f"/backtests/{made.body['id']}/execute")
        return [made, executed], made.body["id"] if executed.status == 202 else None


def test_half_a_minute_without_the_store_costs_time_and_nothing_else(
    tmp_path: Path, store: Store, ending: ExitStack
) -> None:
    port = free_port()
    environment = {"HINDCAST_TOKEN": TOKEN, "HINDCAST_REQUESTS_PER_SECOND": "0", **store.environment}
    command = ["hindcast", "serve", "--no-worker", "--port", str(port), "--data", str(tmp_path)]
    api = ServiceProcess(command, log=tmp_path / "api.log", environment=environment)
    ending.callback(api.end)
    command = ["hindcast", "--home", str(tmp_path), "worker", "--slots", "2"]
    worker = ServiceProcess(command, log=tmp_path / "worker.log", environment=store.environment)
    ending.callback(worker.end)
    api.wait_until_ready()
    worker.wait_until_ready()
    asking = Asking(port)
    crossing = {"name": "crossing", "strategy_type": "sma_crossover", "parameters": {}}
    strategy = asking.ask("POST", "/strategies", crossing).body["id"]

    accepted: list[str] = []
    writes: list[Answer] = []
    reads: list[Answer] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            answers, backtest_id = asking.submit(strategy)
            writes.extend(answers)
            if backtest_id is not None:
                accepted.append(backtest_id)
            over.wait(0.25)

    def read() -> None:
        while not over.is_set():
            reads.append(asking.ask("GET", "/backtests?limit=5"))
            over.wait(0.1)

    threads = [threading.Thread(target=work, daemon=True) for work in (write, read)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: len(accepted) >= 8)
        with store.away():
            gone = time.monotonic()
            time.sleep(AWAY)
            assert asking.ask("GET", "/health").status == 200
            assert store.reads_go_on or asking.ask("GET", "/ready").status == 503
            back = time.monotonic()
        returned = time.monotonic()
        wait_for(lambda: writes[-1].status == 202, BOUND + 10.0)
    finally:
        over.set()
        for thread in threads:
            thread.join(60.0)

    left = set(accepted)
    while left:
        assert time.monotonic() - returned < DRAINED, f"{len(left)} of {len(accepted)} are not done: {sorted(left)[:3]}"
        for backtest_id in sorted(left):
            answer = asking.ask("GET", f"/backtests/{backtest_id}/status")
            assert answer.status in (200, 503)
            if answer.body.get("status") == "COMPLETED":
                left.discard(backtest_id)
        time.sleep(0.1)

    everything = writes + reads
    assert {answer.status for answer in everything} <= {200, 201, 202, 503}
    assert all(answer.retry_after is not None for answer in everything if answer.status == 503)
    assert max(answer.ended - answer.begun for answer in everything) < BOUND + SLACK
    meanwhile = [answer for answer in writes if gone < answer.begun and answer.ended < back]
    assert len(meanwhile) > 5
    assert {answer.status for answer in meanwhile} == {503}  # nothing was acknowledged that could not be kept
    statuses = {answer.status for answer in reads if gone < answer.begun and answer.ended < back}
    assert statuses == ({200} if store.reads_go_on else {503})
