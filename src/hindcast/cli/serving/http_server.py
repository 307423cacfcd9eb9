"""The HTTP server of the service: uvicorn over a socket that listens already."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Final

import uvicorn

Application = Callable[..., Awaitable[None]]

SECONDS_TO_FINISH: Final = 5  # for requests that are being answered when the service is asked to end
LARGEST_HEADERS: Final = 32 * 1024


class HttpServer(uvicorn.Server):
    """A server that tells when it is ready, and tells when it is asked to end."""

    def __init__(
        self, app: Application, *, behind_proxy: bool, ready: Callable[[], None], ending: Callable[[], None]
    ) -> None:
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
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell when requests are taken."""
        await super().startup(sockets=sockets)
        if self.started:
            gc.collect()
            gc.freeze()  # what is loaded stays: to look through it for garbage would hold up every request for 0.1 s
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell first: streams without an end would hold it up."""
        self._ending()
        await super().shutdown(sockets=sockets)


def serve(server: HttpServer, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; both end it in order."""
    # uvicorn sends itself the signal again when it has ended: here it has done its work by then.
    before = {number: signal.signal(number, _stay) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stay(number: int, frame: FrameType | None) -> None:
    """Do nothing."""
