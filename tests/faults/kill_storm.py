"""A storm: submissions over HTTP while the server and the workers are killed at random instants."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.faults.service_processes import TOKEN, ServiceProcess, a_worker, an_api, free_port
from tests.waiting import wait_for

LEASE = 2.0
SYMBOL, FIRST_DAY, LAST_DAY = "SPX", "2009-01-02", "2018-12-31"
PARAMETERS: Sequence[dict[str, Any]] = (
    {"short_window": 5, "long_window": 20},
    {"short_window": 10, "long_window": 30},
    {"short_window": 20, "long_window": 100},
)
ENDED = ("COMPLETED", "FAILED", "CANCELLED")


class Client:
    """A program that uses the service as the documentation says: each write has a key, and is sent until answered."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.retries = 0
        self.sending = threading.Event()  # whether the server is at work for it

    def post(self, path: str, body: Any = None, *, key: str) -> dict[str, Any]:
        """Write; whatever happens to the server meanwhile. Gives the answer."""
        until = time.monotonic() + 120.0
        while True:
            try:
                status, answer = self._send("POST", path, body, {"Idempotency-Key": key})
            except (OSError, HTTPException, ValueError):
                status, answer = 0, {}
            if 200 <= status < 300:
                return answer
            assert status in (0, 503), f"POST {path}: {status} {answer}"
            assert time.monotonic() < until, f"POST {path} was not answered"
            self.retries += 1
            time.sleep(0.02)

    def get(self, path: str) -> dict[str, Any] | None:
        """Read; None where the server does not answer."""
        try:
            status, answer = self._send("GET", path, None, {})
        except (OSError, HTTPException, ValueError):
            return None
        assert status in (200, 503), f"GET {path}: {status} {answer}"
        return answer if status == 200 else None

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        line = HTTPConnection("127.0.0.1", self._port, timeout=10.0)
        try:
            sent = None if body is None else json.dumps(body)
            given = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
            self.sending.set()
            line.request(method, f"/api/v1{path}", sent, given)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            self.sending.clear()
            line.close()


class Storm:
    """A server, two workers, and someone who kills them; what was acknowledged is in `accepted`."""

    def __init__(self, home: Path, seed: int, ending: ExitStack) -> None:
        self._random = random.Random(seed)
        port = free_port()
        self.client = Client(port)
        self.processes: list[ServiceProcess] = []
        for started in (an_api(home, port), *(a_worker(home, f"worker-{name}", lease_seconds=LEASE) for name in "ab")):
            ending.callback(started.end)
            self.processes.append(started)
        self.accepted: dict[str, int] = {}  # backtest → which of the PARAMETERS
        self.lost: list[str] = []  # ended as LOST, after three workers were killed with it, and executed again
        self._over = threading.Event()
        self._planned = 0  # kills

    @property
    def kills(self) -> list[int]:
        """How often each was killed: the server, then the workers."""
        return [process.kills for process in self.processes]

    def submit(self, count: int) -> None:
        """Make and execute so many backtests, one after the other, at random instants."""
        strategies = [
            self.client.post(
                "/strategies",
                {"name": f"crossing {number}", "strategy_type": "sma_crossover", "parameters": parameters},
                key=f"strategy-{number}",
            )["id"]
            for number, parameters in enumerate(PARAMETERS)
        ]
        for number in range(count):
            which = number % len(PARAMETERS)
            asked = {
                "name": f"number {number}",
                "strategy_id": strategies[which],
                "symbols": [SYMBOL],
                "start_date": FIRST_DAY,
                "end_date": LAST_DAY,
                "provider": "sample",
            }
            made = self.client.post("/backtests", asked, key=f"create-{number}")["id"]
            self.client.post(f"/backtests/{made}/execute", key=f"execute-{number}")
            self.accepted[made] = which
            time.sleep(self._random.uniform(0.0, 0.1))
            self._wait_for_kills(number / count)

    def _wait_for_kills(self, share: float) -> None:
        """Let the storm be over all of the submissions, also where processes take long to start."""
        until = time.monotonic() + 10.0
        while sum(self.kills) < round(share * self._planned) - 1 and time.monotonic() < until:
            time.sleep(0.02)

    def wait_until_all_ended(self) -> None:
        """Wait; what was lost with three workers is executed again, as its message says."""
        waiting = dict.fromkeys(self.accepted)
        until = time.monotonic() + 60.0 + 2.0 * len(waiting)
        while waiting:
            assert time.monotonic() < until, f"{len(waiting)} never ended: {list(waiting)[:3]}"
            for backtest_id in list(waiting):
                status = self.client.get(f"/backtests/{backtest_id}/status")
                if status is None or status["status"] not in ENDED:
                    time.sleep(0.02)
                    break  # the others come after it, mostly
                if status["status"] == "FAILED" and status["failure"] == "lost":
                    self.lost.append(backtest_id)
                    self.client.post(f"/backtests/{backtest_id}/execute", key=f"again-{len(self.lost)}")
                    continue
                del waiting[backtest_id]

    @contextmanager
    def raging(self, kills: int) -> Iterator[None]:
        """Kill one of them now and then, so often in all, as long as the block lasts; each is started again."""
        for process in self.processes:
            process.wait_until_ready()
        rounds = [self._random.sample(self.processes, len(self.processes)) for _ in range(kills)]
        victims = [victim for each in rounds for victim in each][:kills]
        self._planned = kills
        thread = threading.Thread(target=self._rage, args=(victims,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(60.0)
        wait_for(lambda: all(process.is_ready for process in self.processes))

    def _rage(self, victims: Sequence[ServiceProcess]) -> None:
        pauses = random.Random(self._random.random())
        for victim in victims:
            while not victim.is_ready:  # on its way to its work
                if self._over.wait(0.02):
                    return
            if victim is self.processes[0]:
                self.client.sending.wait(1.0)
                time.sleep(pauses.uniform(0.0, 0.008))  # somewhere within a request
            else:
                _wait_until_at_work(victim)
                time.sleep(pauses.uniform(0.0, 1.5))  # within this backtest, or one of the next
            victim.kill()
            victim.start()


def _wait_until_at_work(worker: ServiceProcess) -> None:
    until = time.monotonic() + 2.0
    while time.monotonic() < until and '"claimed"' not in worker.said.rstrip().rpartition("\n")[2]:
        time.sleep(0.005)
