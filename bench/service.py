"""The service: a backtest from POST to COMPLETED, reads over 100,000 stored backtests, a queue of 200 drained.

`python bench/service.py [--rounds 30] [--record]`. Each part starts a `hindcast serve` of its own on this machine, over
a folder of its own. Reads come from a second process, open loop, latencies from the planned moment: pages of the list,
single backtests, statuses, results (of which 10,000 are stored). The queue is drained by one worker with two slots,
once with a plug-in and once with a built-in strategy; each backtest runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from _timing import arguments, installed, report

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.jobs import Job
from hindcast.infrastructure.sqlite.tables import insert_of, row_of
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.documents.codec import encode
from hindcast.services.documents.kinds import BACKTESTS, RESULTS
from hindcast.settings import load_settings

API = "/api/v1"
TOKEN = "bench-token-0123456789abcdef0123456789"
HERE = Path(__file__).parent
STORED, WITH_RESULT, QUEUED = 100_000, 10_000, 200
RATES = (100, 150, 200, 250, 300, 400, 500)  # reads per second
PLUGIN = """
from hindcast import BaseStrategy, Field, Signals, StrategyConfig
from hindcast.engine.indicators import crossings, sma


class Crossing(BaseStrategy):
    STRATEGY_TYPE = "bench_crossing"

    class Config(StrategyConfig):
        short_window: int = Field(10, ge=1)
        long_window: int = Field(30, ge=2)

    def calculate_indicators(self, data):
        close = data.panel.close
        return {"short": sma(close, self.config.short_window), "long": sma(close, self.config.long_window)}

    def generate_signals(self, data):
        return Signals(side=crossings(data.indicators["short"], data.indicators["long"]))
"""


@contextmanager
def started(home: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A command of hindcast over a folder; it is ended with SIGTERM."""
    environment = os.environ | {
        "HINDCAST_TOKEN": TOKEN,
        "HINDCAST_REQUESTS_PER_SECOND": "0",
        "HINDCAST_PLUGIN_DIR": str(home / "plugins"),
    }
    with (home / f"{command[0]}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "hindcast", "--home", str(home), *command],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def served(home: Path, *flags: str) -> Iterator[httpx.Client]:
    """A client of a service that takes requests."""
    with started(home, "serve", "--port", "0", *flags) as process:
        assert process.stdout is not None
        url = next(line.split()[1] for line in process.stdout if line.startswith("ready "))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            yield client


def made(client: httpx.Client, path: str, **body: object) -> dict:
    answer = client.post(f"{API}/{path}", json=body)
    answer.raise_for_status()
    found: dict = answer.json()
    return found


def submitted(client: httpx.Client, strategy_id: str) -> str:
    """A daily backtest of one symbol over twenty years, queued."""
    backtest = made(client, "backtests", name="bench", strategy_id=strategy_id, symbols=["SPX"])
    client.post(f"{API}/backtests/{backtest['id']}/execute").raise_for_status()
    return str(backtest["id"])


def one_at_a_time(home: Path, rounds: int) -> dict[str, float]:
    """Seconds from the POST of a backtest until its status says COMPLETED, asked every 5 ms."""
    taken = []
    with served(home) as client:
        strategy = made(client, "strategies", name="bench", strategy_type="sma_crossover")
        for _ in range(rounds + 3):
            start = time.perf_counter()
            path = f"{API}/backtests/{submitted(client, strategy['id'])}/status"
            while client.get(path).json()["status"] not in ("COMPLETED", "FAILED"):
                time.sleep(0.005)
            taken.append((time.perf_counter() - start) * 1e3)
            assert client.get(path).json()["status"] == "COMPLETED"
    quiet = sorted(taken[3:])
    return {
        "POST to COMPLETED, median": statistics.median(quiet),
        "POST to COMPLETED, 95 of 100": quiet[int(len(quiet) * 0.95)],
    }


def fill(home: Path) -> list[str]:
    """Backtests of three owners, with the first one's results; gives the ids of the first owner's that have one."""
    services = ServiceFactory(load_settings({"home": home}))
    ran = services.run_backtest(BacktestRequest(strategy_type="sma_crossover", symbols=("SPX",)))
    backtest = services.backtests.get(ran.backtest_id)
    services.databases.documents.close()
    chance = random.Random(1)
    began = datetime(2024, 1, 1, tzinfo=UTC)
    statuses = [BacktestStatus.COMPLETED] * 8 + [BacktestStatus.FAILED, BacktestStatus.PENDING]
    backtests, results, known = [], [], []
    for number in range(STORED):
        at, owner = began + timedelta(minutes=number), ("local", "ann", "bob")[number % 3]
        status = BacktestStatus.COMPLETED if number < WITH_RESULT else chance.choice(statuses)
        name = f"{number:032x}"
        job = Job(fence=1, result_id=f"{name}.1" if status is BacktestStatus.COMPLETED else "")
        kept: Backtest = backtest.model_copy(
            update={"id": name, "owner": owner, "created_at": at, "status": status, "job": job}
        )
        backtests.append(row_of(BACKTESTS, encode(BACKTESTS, kept, version=1)))
        if number < WITH_RESULT:
            found: BacktestResult = ran.model_copy(
                update={"id": f"{name}.1", "backtest_id": name, "owner": owner, "created_at": at}
            )
            results.append(row_of(RESULTS, encode(RESULTS, found, version=1)))
            known += [name] if owner == "local" else []
    with sqlite3.connect(home / "documents.sqlite") as connection:
        connection.executemany(insert_of(BACKTESTS), backtests)
        connection.executemany(insert_of(RESULTS), results)
    connection.close()
    return known


def paths_of(client: httpx.Client, known: Sequence[str]) -> list[str]:
    """A mix of reads: list pages, single backtests, statuses, results."""
    chance, cursors, cursor = random.Random(3), [""], ""
    for _ in range(50):
        page = client.get(f"{API}/backtests", params={"limit": 50} | ({"cursor": cursor} if cursor else {})).json()
        cursor = page["next_cursor"]
        cursors.append(f"&cursor={cursor}")
    found = []
    for _ in range(500):
        name = chance.choice(known)
        found += [
            f"{API}/backtests?limit=50{chance.choice(cursors)}",
            f"{API}/backtests?limit=50&status=FAILED",
            f"{API}/backtests/{name}",
            f"{API}/backtests/{name}/status",
            f"{API}/backtests/{name}/result",
        ]
    chance.shuffle(found)
    return found


def loaded(client: httpx.Client, paths: Sequence[str], *plan: object) -> dict:
    """What a second process finds that asks so often."""
    out = subprocess.run(
        [sys.executable, str(HERE / "_http_load.py"), str(client.base_url), TOKEN, *map(str, plan)],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    found: dict = json.loads(out)
    print(f"  {plan}: {found}")
    if found["failed"]:
        raise SystemExit(f"{found['failed']} of {found['sent']} reads failed")
    return found


def reads(home: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Latencies at 100 reads a second for 30 s, of 1,000 clients, and the highest rate at p99 <= 100 ms for 10 s."""
    known = fill(home)
    with served(home, "--no-worker") as client:
        paths = paths_of(client, known)
        loaded(client, paths, 50, 5, 64)
        steady = loaded(client, paths, 100, 30, 64)
        clients = loaded(client, paths, "clients", 1_000, 30, 10)
        highest = 0
        for rate in RATES:
            if loaded(client, paths, rate, 10, 128)["p99"] > 100:
                break
            highest = rate
    latencies = {
        "100 reads/s, 99 of 100": steady["p99"],
        "100 reads/s, median": steady["p50"],
        "1,000 clients, one read in 10 s each, 99 of 100": clients["p99"],
    }
    return latencies, {"reads/s at 99 of 100 below 100 ms": float(highest)}


def drained(home: Path, strategy_type: str) -> float:
    """Backtests per second, from the first that is taken to the last that is done."""
    (home / "plugins").mkdir()
    (home / "plugins" / "bench_crossing.py").write_text(PLUGIN, encoding="utf-8")
    with served(home, "--no-worker") as client:
        strategy = made(client, "strategies", name="bench", strategy_type=strategy_type)
        for _ in range(QUEUED):
            submitted(client, strategy["id"])
        with started(home, "worker", "--slots", "2"):
            waiting = {"status": "QUEUED", "limit": 1}
            running = {"status": "RUNNING", "limit": 1}
            while any(client.get(f"{API}/backtests", params=each).json()["items"] for each in (waiting, running)):
                time.sleep(0.2)
        items: list[dict] = client.get(f"{API}/backtests", params={"limit": QUEUED}).json()["items"]
    bad = [each for each in items if each["status"] != "COMPLETED"]
    if bad or len(items) != QUEUED:
        raise SystemExit(f"{len(bad)} of {len(items)} are not COMPLETED: {bad[:1]}")
    begun = min(datetime.fromisoformat(each["start_time"]) for each in items)
    ended = max(datetime.fromisoformat(each["end_time"]) for each in items)
    return QUEUED / (ended - begun).total_seconds()


def main() -> None:
    options = arguments(__doc__, rounds=30)
    peers = {name: installed(name) for name in ("fastapi", "uvicorn")}
    with tempfile.TemporaryDirectory() as name:
        folders = {part: Path(name) / part for part in ("single", "reads", "built-in", "plug-in")}
        for folder in folders.values():
            folder.mkdir()
        report("service", one_at_a_time(folders["single"], options.rounds), peers, record=options.record)
        latencies, highest = reads(folders["reads"])
        report("service reads", latencies, peers, record=options.record)
        if any(highest.values()):
            report("service reads", highest, {}, record=options.record, unit="per_s")
        else:
            print(f"service reads  not even {RATES[0]} reads/s hold: this machine is busy with something else")
        queue = {
            "200 plug-in backtests, 2 slots": drained(folders["plug-in"], "bench_crossing"),
            "200 built-in backtests, 2 slots": drained(folders["built-in"], "sma_crossover"),
        }
        report("service queue", queue, {}, record=options.record, unit="per_s")


if __name__ == "__main__":
    main()
