"""`hindcast serve` as a process: what it prints, what it refuses on the wire, how it ends, and that its worker does."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.faults.service_processes import is_alive
from tests.unit.cli.invoking import hindcast
from tests.waiting import wait_for

from hindcast.infrastructure.processes.process_tree import children_of

TWO_LENGTHS = (  # to a proxy that goes by the first one, what follows is another's request
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
)


@dataclass(frozen=True)
class Service:
    """A running service."""

    process: subprocess.Popen[bytes]
    out: Path
    log: Path

    @property
    def url(self) -> str:
        found = re.search(r"^ready (\S+)$", self.out.read_text(), flags=re.MULTILINE)
        assert found is not None
        return found[1]

    @property
    def token(self) -> str:
        found = re.search(r"/\?token=(\S+)$", self.out.read_text(), flags=re.MULTILINE)
        assert found is not None
        return found[1]

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, trust_env=False, timeout=30
        )

    def children(self) -> list[int]:
        return [pid for pid in children_of(self.process.pid) if is_alive(pid)]

    def say(self, text: bytes) -> bytes:
        """Bytes on the wire, and what comes back until the service closes."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as wire:
            answer = b""
            with suppress(ConnectionError):  # it does not read what it refuses
                wire.sendall(text)
                while part := wire.recv(65_536):
                    answer += part
        return answer


def started(folder: Path, *flags: str) -> Service:
    out, log = folder / "out.txt", folder / "log.txt"
    with out.open("wb") as printed, log.open("wb") as logged:
        process = subprocess.Popen(
            [sys.executable, "-m", "hindcast", "serve", "--port", "0", "--data", str(folder / "home"), *flags],
            stdout=printed,
            stderr=logged,
            stdin=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith("HINDCAST_")},
        )
    service = Service(process, out, log)
    wait_for(lambda: "ready http" in out.read_text() or process.poll() is not None)
    assert process.poll() is None, log.read_text()
    return service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = started(tmp_path_factory.mktemp("service"), "--no-worker")
    yield service
    service.process.terminate()
    assert service.process.wait(timeout=60) == 0, service.log.read_text()


def test_it_prints_the_address_with_its_token_and_is_ready(service):
    with service.client() as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/ready").json()["status"] == "ready"
        assert client.get("/api/v1/auth/me").json()["owner"] == "local"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", service.url)
    assert len(service.token) >= 43
    assert service.out.read_text().count(service.token) == 1


def test_its_log_is_json_and_has_no_token(service):
    with service.client() as client:
        client.get("/", params={"token": service.token})
        client.get("/api/v1/auth/me", headers={"X-Request-ID": "of-the-log-test"})
        client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {service.token}x"})
    wait_for(lambda: "of-the-log-test" in service.log.read_text())
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert any(line.get("request_id") == "of-the-log-test" and line["user"] == "local" for line in lines)
    assert service.token not in service.log.read_text()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.0\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", b"421"),
        (b"GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", b"421"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n{", b"413"),
        (TWO_LENGTHS, b"400"),
    ],
)
def test_what_is_no_proper_request_is_refused_on_the_wire(service, text, status):
    answer = service.say(text)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.split(b" ")[1] == status, answer[:200]
    assert b"Traceback" not in answer


@pytest.mark.parametrize("begun", [b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", b"GET /health?"])
def test_a_heading_without_end_is_cut_off(service, begun):
    answer = service.say(begun + b"x" * 1_000_000)
    assert answer == b"" or answer.split(b" ")[1] == b"400"
    with service.client() as client:
        assert client.get("/health").status_code == 200


def test_an_endless_body_is_cut_off_where_the_limit_is(service):
    host, _, port = service.url.removeprefix("http://").rpartition(":")
    head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = 0
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        wire.sendall(head)
        with suppress(OSError):
            while sent < 64 * 1024**2:
                wire.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                sent += 65_536
    assert sent < 32 * 1024**2
    with service.client() as client:
        assert client.get("/health").status_code == 200


def test_the_data_folder_serves_another_port_as_well_and_a_port_in_use_is_told(service):
    port = service.url.rpartition(":")[2]
    answer = hindcast("serve", "--port", port)
    assert answer.code == 2
    assert f"port {port} is in use" in answer.err


def test_local_mode_is_not_for_other_machines():
    answer = hindcast("serve", "--host", "0.0.0.0")
    assert answer.code == 2
    assert "--mode server" in answer.err


def test_a_store_whose_address_can_not_be_read_is_told_before_anything_starts(monkeypatch):
    monkeypatch.setenv("HINDCAST_MONGODB_URL", "http://ada:secret-of-ada@db.example")
    answer = hindcast("serve", "--port", "0")
    assert answer.code == 2
    assert "mongodb_url can't be read" in answer.err
    assert "secret-of-ada" not in answer.err
    assert "ready" not in answer.out


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@needs_proc
def test_a_dead_worker_is_replaced_and_all_end_in_order_with_streams_open(tmp_path):
    service = started(tmp_path)
    try:
        wait_for(lambda: bool(service.children()))
        (first,) = service.children()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: any(pid != first for pid in service.children()))
        (second,) = service.children()
        with service.client() as client:
            strategy = client.post("/api/v1/strategies", json={"name": "held", "strategy_type": "buy_and_hold"}).json()
            body = {"name": "waiting", "strategy_id": strategy["id"], "symbols": ["SPX"]}
            backtest = client.post("/api/v1/backtests", json=body).json()
            with client.stream("GET", f"/api/v1/backtests/{backtest['id']}/events") as stream:
                lines = stream.iter_lines()
                assert next(lines)
                service.process.send_signal(signal.SIGTERM)
                assert service.process.wait(timeout=60) == 0
        wait_for(lambda: not is_alive(second))
    finally:
        service.process.kill()
        service.process.wait()
