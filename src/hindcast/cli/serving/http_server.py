"""The HTTP server of the service: uvicorn over a socket that listens already."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from hindcast.api.app import end_streams

SECONDS_TO_FINISH: Final = 5  # for requests that are being answered when the service is asked to end
LARGEST_HEADERS: Final = 32 * 1024


class HttpServer(uvicorn.Server):
    """A server that tells when it is ready, and ends streams of progress when it is asked to end."""

    def __init__(self, app: FastAPI, *, behind_proxy: bool, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=behind_proxy,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
            h11_max_incomplete_event_size=LARGEST_HEADERS,
        )
        super().__init__(config)
        self._app = app
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell when requests are taken."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams, then all else."""
        end_streams(self._app)
        await super().shutdown(sockets=sockets)


def serve(app: FastAPI, listener: socket.socket, *, behind_proxy: bool, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; both end it in order."""
    # uvicorn sends itself the signal again when it has ended: here it has done its work by then.
    before = {number: signal.signal(number, _stay) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        HttpServer(app, behind_proxy=behind_proxy, ready=ready).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stay(number: int, frame: FrameType | None) -> None:
    """Do nothing."""
