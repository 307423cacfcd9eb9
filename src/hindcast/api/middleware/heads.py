"""HEAD: the answer of GET without its body."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _AnsweredError(OSError):
    """Nobody waits for the rest: to a stream it is as if the client had gone away."""


class HeadAsGet:
    """Lets routes answer HEAD as they answer GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b""})
            raise _AnsweredError

        # The route is found in this scope: the meters read it from there.
        scope["method"] = "GET"
        try:
            with suppress(_AnsweredError, ClientDisconnect):
                await self._app(scope, receive, without_body)
        finally:
            scope["method"] = "HEAD"
