"""How large a body may be and how long it may take, counted while it comes in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from hindcast.api.errors import http_problem
from hindcast.api.middleware.requests import REQUEST_ID
from hindcast.api.problem import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY: Final = 1024**2
LARGEST_IMPORT: Final = 64 * 1024**2
IMPORT_PATH: Final = "/api/v1/market-data/import"
SECONDS_BETWEEN_PARTS: Final = 10.0
_CLOSE: Final = {"Connection": "close"}  # what is left of the body is not read: the connection can't be used again
_TWO_LENGTHS: Final = (  # a proxy that goes by the other one would take the rest for a request of its own
    "the request says both Content-Length and Transfer-Encoding: where it ends can't be known"
)
SLOWEST_BYTES_PER_SECOND: Final = 1_024  # below this, on the whole, a body takes too long


class BodyLimit:
    """Ends a body that is too large (413) or too slow (408), whatever its Content-Length says."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        largest: int = LARGEST_BODY,
        larger: Mapping[str, int] | None = None,
        patience: float = SECONDS_BETWEEN_PARTS,
    ) -> None:
        """`larger` has the limits of single paths."""
        self._app = app
        self._largest = largest
        self._larger = {IMPORT_PATH: LARGEST_IMPORT} if larger is None else larger
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._largest)
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        refused: tuple[int, str] | None = None
        if "transfer-encoding" in headers and "content-length" in headers:
            refused = 400, _TWO_LENGTHS
        elif declared.isdecimal() and int(declared[:20]) > limit:
            refused = 413, _too_large(limit)
        if refused is not None:
            problem = http_problem(*refused, path=scope["path"], request_id=scope[REQUEST_ID])
            answer = ProblemResponse(problem, status_code=problem.status, headers=_CLOSE)
            await answer(scope, receive, send)
            return
        await self._app(scope, _CountedBody(receive, limit=limit, patience=self._patience), send)


class _CountedBody:
    """A `receive` that knows how much came so far, and since when."""

    def __init__(self, receive: Receive, *, limit: int, patience: float) -> None:
        self._receive = receive
        self._limit = limit
        self._patience = patience
        self._bytes = 0
        self._ended = False
        self._began: float | None = None

    async def __call__(self) -> Message:
        if self._ended:  # whoever asks now waits for the client to go away
            return await self._receive()
        if self._began is None:
            self._began = time.monotonic()
        try:
            message = await asyncio.wait_for(self._receive(), self._patience)
        except TimeoutError:
            raise HTTPException(408, f"no part of the body came for {self._patience:g} s", headers=_CLOSE) from None
        if message["type"] != "http.request":
            self._ended = True
            return message
        self._bytes += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._bytes > self._limit:
            raise HTTPException(413, _too_large(self._limit), headers=_CLOSE)
        taken = time.monotonic() - self._began
        if not self._ended and taken > self._patience + self._bytes / SLOWEST_BYTES_PER_SECOND:
            raise HTTPException(408, f"the body took {taken:.0f} s for its first {self._bytes} bytes", headers=_CLOSE)
        return message


def _too_large(limit: int) -> str:
    return f"the body is larger than the {limit:,} bytes that are read here"
