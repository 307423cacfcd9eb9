"""An open-loop load: requests go out when the plan says so, whether or not earlier ones are answered.

`python bench/_http_load.py URL TOKEN RATE SECONDS CONNECTIONS < paths` prints {"sent", "failed", "p50", "p99", "max"};
latencies in milliseconds, each from the moment that the plan had for its request.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from urllib.parse import urlsplit


class Connection:
    """One kept-alive connection."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> int:
        """The status of an answer whose body was read to its end."""
        kept = self._writer is not None
        try:
            return await self._ask(path)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            if not kept:  # else the server has closed what was idle for some seconds
                raise
            return await self._ask(path)

    async def _ask(self, path: str) -> int:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        assert self._reader is not None
        head = f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        self._writer.write(head.encode())
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(int(line.split(":")[1]) for line in answer.lower().split("\r\n") if line.startswith("content-le"))
        await self._reader.readexactly(length)
        return int(answer.split(" ", 2)[1])

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def load(url: str, token: str, paths: list[str], rate: float, seconds: float, connections: int) -> dict:
    """Send the plan, and tell what came of it."""
    split = urlsplit(url)
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    every = [Connection(str(split.hostname), int(split.port or 80), token) for _ in range(connections)]
    random.Random(2).shuffle(every)
    for connection in every:
        free.put_nowait(connection)
    latencies: list[float] = []
    failed = 0

    async def one(path: str, due: float) -> None:
        nonlocal failed
        connection = await free.get()
        try:
            status = await connection.get(path)
            failed += status != 200
        except (OSError, asyncio.IncompleteReadError):
            failed += 1
            connection.close()
        finally:
            latencies.append((time.perf_counter() - due) * 1e3)
            free.put_nowait(connection)

    start, tasks = time.perf_counter() + 0.1, []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(paths[number % len(paths)], due)))
    await asyncio.gather(*tasks)
    for connection in every:
        connection.close()
    latencies.sort()
    return {
        "sent": len(latencies),
        "failed": failed,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[int(len(latencies) * 0.99)],
        "max": latencies[-1],
    }


async def every_client(url: str, token: str, paths: list[str], clients: int, seconds: float, pause: float) -> dict:
    """So many clients, each with a connection of its own that it keeps, reading once in `pause` seconds."""
    split = urlsplit(url)
    latencies: list[float] = []
    failed = 0
    ends = time.perf_counter() + seconds

    async def client(number: int) -> None:
        nonlocal failed
        chance = random.Random(number)
        connection = Connection(str(split.hostname), int(split.port or 80), token)
        await asyncio.sleep(chance.uniform(0, pause))
        while time.perf_counter() < ends:
            due = time.perf_counter()
            try:
                failed += await connection.get(chance.choice(paths)) != 200
            except (OSError, asyncio.IncompleteReadError):
                failed += 1
                connection.close()
            latencies.append((time.perf_counter() - due) * 1e3)
            await asyncio.sleep(pause)
        connection.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    latencies.sort()
    return {
        "sent": len(latencies),
        "failed": failed,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[int(len(latencies) * 0.99)],
        "max": latencies[-1],
    }


if __name__ == "__main__":
    given = sys.argv[1:]
    targets = sys.stdin.read().split()
    if given[2] == "clients":
        work = every_client(given[0], given[1], targets, int(given[3]), float(given[4]), float(given[5]))
    else:
        work = load(given[0], given[1], targets, float(given[2]), float(given[3]), int(given[4]))
    print(json.dumps(asyncio.run(work)))
