"""`hindcast serve` as a user starts it, and a client that speaks to it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.faults.service_processes import TOKEN, ServiceProcess

LOCAL = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def serving(home: Path, *arguments: str, headers: Mapping[str, str] = LOCAL) -> Iterator[httpx.Client]:
    """A client of a service over a data folder; the service ends in order, and leaves no process behind."""
    home.mkdir(parents=True, exist_ok=True)
    process = ServiceProcess(
        ["hindcast", "serve", "--port", "0", "--data", str(home), *arguments],
        log=home.with_name(f"{home.name}.log"),
        environment={"HINDCAST_TOKEN": TOKEN, "HINDCAST_REQUESTS_PER_SECOND": "0"},
    )
    try:
        process.wait_until_ready()
        found = re.search(r"^ready (http://\S+)$", process.said, flags=re.MULTILINE)
        assert found, process.said
        with httpx.Client(base_url=found[1], headers=dict(headers), timeout=60, trust_env=False) as client:
            yield client
        process.children()
        process.signal(signal.SIGTERM)
        assert process.wait(30) == 0, process.said[-2_000:]
    finally:
        process.end()


def answered(response: httpx.Response, status: int = 200) -> dict:
    """The body of an answer that must have this status."""
    assert response.status_code == status, f"{response.status_code}: {response.text[:2_000]}"
    return response.json() if response.content else {}


def events(client: httpx.Client, path: str) -> Iterator[dict]:
    """The data of server-sent events, until the server ends the stream."""
    with client.stream("GET", path) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))
